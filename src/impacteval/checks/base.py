"""What every check says of itself."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import ClassVar, Literal, TypeAlias

from impacteval.closed import Closed

Severity: TypeAlias = Literal["error", "warning", "info"]
NOT_SET = "not set"
MOST_LISTED = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Check(Closed):
    """A check of a table: its id, how grave a failure is, and what to do about it.

    A kind of check has a place in the catalogue (``catalogue``, C01 to C50) and says in ``rule`` when
    a row fails, with its thresholds in braces. An error stops the run unless it is corrected or accepted, a
    warning is for review, an info is only reported.
    """

    catalogue: ClassVar[str] = ""
    rule: ClassVar[str] = ""

    id: str
    table: str
    severity: Severity
    message: str
    suggestion: str

    @property
    def roles_needed(self) -> tuple[str, ...]:
        """Roles that the table must have for the check to say anything."""
        return ()

    @property
    def code(self) -> str:
        """Place in the catalogue of checks."""
        return self.catalogue

    @property
    def columns_read(self) -> tuple[str, ...]:
        """Columns of its table that the check reads."""
        raise NotImplementedError

    @property
    def defined(self) -> str:
        """The check's definition with its thresholds filled in."""
        return self.rule.format(**{f.name: in_words(getattr(self, f.name)) for f in fields(self)})


def in_words(value: object) -> object:
    """A list as a definition names it, a long one by its first members; what is not set as such."""
    if value is None:
        return NOT_SET
    if not isinstance(value, tuple):
        return value
    words = [f"{v:,.10g}" if isinstance(v, int | float) else str(v) for v in value[:MOST_LISTED]]
    more = [f"and {len(value) - MOST_LISTED} more"] if len(value) > MOST_LISTED else []
    return ", ".join([*words, *more]) or "no columns"


def named(*columns: str) -> tuple[str, ...]:
    """Columns that were given, without those left empty."""
    return tuple(column for column in columns if column)
