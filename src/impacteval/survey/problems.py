"""What is wrong with raw files: each problem by file and place, and one error that lists them all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from impacteval.errors import DataError

ProblemCode: TypeAlias = Literal["C01", "C02", "C03", "C05", "C10"]
ProblemSeverity: TypeAlias = Literal["error", "warning", "info"]
N_LISTED = 50
N_PLACES = 20
UNKNOWN_COLUMN = "this column is neither in the codebook nor `ignored`; it is left behind"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where in a file a problem is: ``words`` say it to people, as in ``line 3`` or ``cell B7``."""

    row: int | None = None
    column: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileProblem:
    """One thing that is wrong with a raw file, or, below ``error``, worth knowing about it.

    ``code`` is the number of the catalogue's check; ``row`` is as ``source_row`` and None where the
    problem is not about a row. Messages hold names and places and no values of cells.
    """

    code: ProblemCode
    table: str
    file: str
    message: str
    suggestion: str = ""
    place: Place = Place()
    severity: ProblemSeverity = "error"

    @property
    def row(self) -> int | None:
        """Row of the file, as ``source_row``."""
        return self.place.row

    @property
    def column(self) -> str:
        """Column of the file; empty where the problem is not about one."""
        return self.place.column

    def __str__(self) -> str:
        subject = self.file or f"table {self.table}"
        where = f"{subject}, {self.place.words}" if self.place.words else subject
        return f"{where}: {self.message}" + (f"; {self.suggestion}" if self.suggestion else "")


class RawFileError(DataError):
    """Raw files that cannot be used, with everything that is wrong with them."""

    def __init__(self, problems: Sequence[FileProblem]) -> None:
        self.problems = tuple(problems)
        count = "1 problem" if len(self.problems) == 1 else f"{len(self.problems)} problems"
        lines = [f"raw files: {count}", *(f"  - {p}" for p in self.problems[:N_LISTED])]
        if len(self.problems) > N_LISTED:
            lines.append(f"  and {len(self.problems) - N_LISTED} more")
        super().__init__("\n".join(lines))


def errors_among(problems: Iterable[FileProblem]) -> tuple[FileProblem, ...]:
    """The problems that stop a run."""
    return tuple(p for p in problems if p.severity == "error")


def raise_errors(problems: Iterable[FileProblem]) -> None:
    """Raise ``RawFileError`` with the problems that are errors; return where there are none."""
    found = errors_among(problems)
    if found:
        raise RawFileError(found)


def unknown_columns(problems: Iterable[FileProblem], table: str) -> list[tuple[str, str]]:
    """Files and columns of a table that neither its codebook nor ``ignored`` names."""
    return [(p.file, p.column) for p in problems if p.table == table and p.message == UNKNOWN_COLUMN]


def listed(places: Sequence[object], noun: str) -> str:
    """Name the first places: ``line 3``, ``lines 3, 4``, ``lines 3, 4, ... and 7 more``."""
    if len(places) == 1:
        return f"{noun} {places[0]}"
    first = ", ".join(str(place) for place in places[:N_PLACES])
    more = f" and {len(places) - N_PLACES} more" if len(places) > N_PLACES else ""
    return f"{noun}s {first}{more}"
