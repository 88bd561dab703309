"""What Stata and SPSS files say of themselves, and the values of their rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

Value: TypeAlias = str | float | None
StatisticalFormat: TypeAlias = Literal["stata", "spss"]
CELLS_IN_BATCH = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class FileVariable:
    """A variable: its label, the format it is shown in, its value labels and its missing ranges."""

    name: str
    label: str
    shown_as: str
    is_text: bool
    choices: Mapping[str | float, str]
    missing: Sequence[tuple[str | float, str | float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileMeta:
    """A file: its title, notes, variables in their order, and how many rows it announces, if it does."""

    title: str
    notes: tuple[str, ...]
    variables: tuple[FileVariable, ...]
    n_rows: int | None

    @property
    def names(self) -> list[str]:
        """Names of the variables."""
        return [v.name for v in self.variables]


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Values of some columns of consecutive rows, the first being ``first_row``, from 1."""

    columns: Mapping[str, Sequence[Value]]
    first_row: int
    n_rows: int
