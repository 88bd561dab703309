"""Checks of single rows and columns."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar, Literal

from impacteval.checks.base import Check, Severity
from impacteval.checks.thresholds import refuse
from impacteval.codebook import VariableType

# No count or amount of an enterprise is as large; 2**53 is larger, so that floats hold integers exactly.
LARGEST = 1e15


@dataclass(frozen=True, slots=True, kw_only=True)
class NotMissing(Check):
    """Every row has a value."""

    catalogue: ClassVar[str] = "C18"
    rule: ClassVar[str] = "{column} has no value"

    kind: Literal["not_missing"]
    column: str

    @property
    def columns_read(self) -> tuple[str, ...]:
        """Columns of its table that the check reads."""
        return (self.column,)


@dataclass(frozen=True, slots=True, kw_only=True)
class InRange(Check):
    """Values lie between two bounds, inclusive, in the unit of the column.

    A value of ``LARGEST`` or beyond lies outside whatever the bounds. ``when`` is an expression as in an
    XLSForm: the rows to which the check applies (empty: all).
    """

    catalogue: ClassVar[str] = "C08"
    rule: ClassVar[str] = "{column} lies outside {minimum} to {maximum}"

    kind: Literal["in_range"]
    column: str
    minimum: float | None = None
    maximum: float | None = None
    when: str = ""

    @property
    def code(self) -> str:
        """A bound that stops the run is a hard one."""
        return "C07" if self.severity == "error" else "C08"

    @property
    def defined(self) -> str:
        """The check's definition with its bounds filled in."""
        low, high = (None if bound is None else f"{bound:g}" for bound in (self.minimum, self.maximum))
        outside = {
            (False, False): f"lies outside {low} to {high}",
            (False, True): f"is below {low}",
            (True, False): f"is above {high}",
            (True, True): "is too large to be an amount",
        }[low is None, high is None]
        return f"{self.column} {outside}{_applies(self.when)}"

    @property
    def columns_read(self) -> tuple[str, ...]:
        """Columns of its table that the check reads."""
        return (self.column,)


@dataclass(frozen=True, slots=True, kw_only=True)
class InSet(Check):
    """Values are among those listed."""

    catalogue: ClassVar[str] = "C05"
    rule: ClassVar[str] = "{column} is none of the listed values"

    kind: Literal["in_set"]
    column: str
    allowed: tuple[int | float | str, ...]

    @property
    def columns_read(self) -> tuple[str, ...]:
        """Columns of its table that the check reads."""
        return (self.column,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unique(Check):
    """No two rows agree in all these columns."""

    catalogue: ClassVar[str] = "C09"
    rule: ClassVar[str] = "two rows agree in {columns}"

    kind: Literal["unique"]
    columns: tuple[str, ...]

    @property
    def columns_read(self) -> tuple[str, ...]:
        """Columns of its table that the check reads."""
        return self.columns


@dataclass(frozen=True, slots=True, kw_only=True)
class AtMost(Check):
    """In each row the first column is no larger than the second.

    ``when`` is an expression as in an XLSForm: the rows to which the check applies (empty: all).
    """

    catalogue: ClassVar[str] = "C21"
    rule: ClassVar[str] = "{column} is larger than {other}"

    kind: Literal["at_most"]
    column: str
    other: str
    when: str = ""

    @property
    def defined(self) -> str:
        """The check's definition, with the rows to which it applies."""
        return f"{self.column} is larger than {self.other}{_applies(self.when)}"

    @property
    def columns_read(self) -> tuple[str, ...]:
        """Columns of its table that the check reads."""
        return (self.column, self.other)


@dataclass(frozen=True, slots=True, kw_only=True)
class MostlyPresent(Check):
    """The share of rows with a value is at least ``share``."""

    catalogue: ClassVar[str] = "C38"
    rule: ClassVar[str] = "fewer than {share:.0%} of rows have a value of {column}"

    kind: Literal["mostly_present"]
    column: str
    share: float

    @property
    def columns_read(self) -> tuple[str, ...]:
        """Columns of its table that the check reads."""
        return (self.column,)


@dataclass(frozen=True, slots=True, kw_only=True)
class OfType(Check):
    """The column was read as the type that the codebook declares."""

    catalogue: ClassVar[str] = "C04"
    rule: ClassVar[str] = "{column} cannot be read as {type}"

    kind: Literal["of_type"]
    column: str
    type: VariableType

    @property
    def columns_read(self) -> tuple[str, ...]:
        """Columns of its table that the check reads."""
        return (self.column,)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoOuterBlanks(Check):
    """Values neither begin nor end with white space."""

    catalogue: ClassVar[str] = "C09"
    rule: ClassVar[str] = "{column} begins or ends with white space"

    kind: Literal["no_outer_blanks"]
    column: str

    @property
    def columns_read(self) -> tuple[str, ...]:
        """Columns of its table that the check reads."""
        return (self.column,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Matches(Check):
    """Values are written as a regular expression says, from their first character to their last.

    ``check_digit: mod97`` asks besides that the digits of a value, read as one number, leave the
    remainder 1 when divided by 97 (ISO 7064); ``luhn`` that their weighted sum is a multiple of ten.
    """

    catalogue: ClassVar[str] = "C09"
    rule: ClassVar[str] = "{column} is not written as {pattern}"

    kind: Literal["matches"]
    column: str
    pattern: str
    check_digit: Literal["none", "mod97", "luhn"] = "none"
    severity: Severity = "error"
    message: str = "not written as it should be"
    suggestion: str = "compare with the list of enterprises and correct it"

    def __post_init__(self) -> None:
        """Refuse what is no regular expression."""
        try:
            re.compile(self.pattern)
        except re.error as error:
            refuse(self, [f"pattern {self.pattern!r} is no regular expression: {error}"])

    @property
    def columns_read(self) -> tuple[str, ...]:
        """Columns of its table that the check reads."""
        return (self.column,)


def _applies(when: str) -> str:
    return f", where {when}" if when else ""


KINDS = (NotMissing, InRange, InSet, Unique, AtMost, MostlyPresent, OfType, NoOuterBlanks, Matches)
