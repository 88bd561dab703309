"""The codebook: what each column of the raw tables is, and the text it may hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from impacteval.closed import Closed

MASKED = "[confidential]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable(Closed):
    """A row of ``codebook.csv``.

    ``allowed`` and ``missing_codes`` are lists separated by ``|``; ``minimum`` and ``maximum`` are
    in the variable's unit, inclusive, and mark what is implausible (a warning); a value that is
    not ``allowed`` or missing though ``required`` is an error.
    """

    table: str
    column: str
    type: Literal["integer", "decimal", "text", "category"]
    unit: str
    required: Literal["yes", "no"]
    confidential: Literal["yes", "no"]
    minimum: float | None
    maximum: float | None
    allowed: tuple[str, ...]
    missing_codes: tuple[str, ...]
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Codebook:
    """All variables of a study, by table and column."""

    variables: tuple[Variable, ...]

    def of_table(self, table: str) -> tuple[Variable, ...]:
        """Variables of one table in the order of the codebook."""
        return tuple(v for v in self.variables if v.table == table)

    def find(self, table: str, column: str) -> Variable:
        """The variable of a column; KeyError where the codebook has none."""
        for variable in self.variables:
            if (variable.table, variable.column) == (table, column):
                return variable
        raise KeyError((table, column))

    def shown(self, table: str, column: str, value: str) -> str:
        """A value as results and messages may show it: masked where its column is confidential."""
        return MASKED if self.find(table, column).confidential == "yes" else value

    def columns(self, table: str) -> tuple[str, ...]:
        """Column names of one table."""
        return tuple(v.column for v in self.of_table(table))
