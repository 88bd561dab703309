"""The codebook: what each column of the raw tables is, and the text it may hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from impacteval.closed import Closed

MASKED = "[confidential]"
REASONS = ("dont_know", "refused", "not_applicable", "coded")
VariableType: TypeAlias = Literal["integer", "decimal", "text", "category", "multiple", "date", "datetime"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable(Closed):
    """A row of ``codebook.csv``.

    ``allowed`` and ``missing_codes`` are lists separated by ``|``; a code may say its reason, as in
    ``-98=refused``. ``minimum`` and ``maximum`` are in the variable's unit, inclusive, and mark what
    is implausible (a warning); a value outside ``hard_minimum`` and ``hard_maximum``, not ``allowed``
    or missing though ``required`` is an error. ``format`` says how numbers (``id``: ``1.234,5``;
    ``en``: ``1,234.5``; empty: ``1234.5``) and dates (as ``strptime``; ``%B`` also in Indonesian) are
    written. ``relevant`` and ``constraint`` are expressions as in an XLSForm; ``question`` identifies
    the question's wording. ``label`` is in ``language``, ``label_id`` in Bahasa Indonesia and ``label_2``
    in ``language_2``; languages are named as a form names them, say ``Arabic (ar)``.
    """

    table: str
    column: str
    type: VariableType
    unit: str
    required: Literal["yes", "no"]
    confidential: Literal["yes", "no"]
    minimum: float | None
    maximum: float | None
    allowed: tuple[str, ...]
    missing_codes: tuple[str, ...]
    label: str
    format: str = ""
    hard_minimum: float | None = None
    hard_maximum: float | None = None
    relevant: str = ""
    constraint: str = ""
    question: str = ""
    label_id: str = ""
    choice_labels: tuple[str, ...] = ()
    choice_labels_id: tuple[str, ...] = ()
    language: str = ""
    label_2: str = ""
    choice_labels_2: tuple[str, ...] = ()
    language_2: str = ""

    @property
    def reasons(self) -> dict[str, str]:
        """Missing codes and the reason that each stands for; ``coded`` where none is said."""
        pairs = (code.partition("=") for code in self.missing_codes)
        return {code.strip(): reason.strip() or "coded" for code, _, reason in pairs}

    @property
    def labels_of_choices(self) -> tuple[tuple[str, ...], ...]:
        """Labels of ``allowed`` in each language; empty for a language that has none."""
        return self.choice_labels, self.choice_labels_id, self.choice_labels_2


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
