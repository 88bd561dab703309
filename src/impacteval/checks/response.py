"""Checks of who answers what: missing answers, answers under ``other``, who left, what is recorded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from impacteval.checks.base import Check, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemNonResponse(Check):
    """Questions are answered, and as often in one arm as in another.

    No answer is an empty cell, ``dont_know``, ``refused`` or another missing code. Rows without
    consent, and those in which the question did not apply, are not counted; cells that cannot be read
    count as answered.
    """

    catalogue: ClassVar[str] = "C38"
    rule: ClassVar[str] = (
        "more than {threshold:.0%} of eligible rows of a round have no answer to {columns}, or arms differ "
        "in it at {alpha:.0%} after Holm"
    )
    roles_needed: ClassVar[tuple[str, ...]] = ()

    kind: Literal["item_non_response"]
    severity: Severity = "warning"
    message: str = "the question is often not answered, or not alike in both arms"
    suggestion: str = "report it; compare arms on this question with care"
    columns: tuple[str, ...]
    threshold: float = 0.10
    alpha: float = 0.05

    @property
    def columns_read(self) -> tuple[str, ...]:
        """Columns of its table that the check reads."""
        return self.columns


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherSpecify(Check):
    """``other`` is rare, and what is typed under it is not an option of the list.

    ``other`` is the option of ``column`` that stands for anything else, ``text`` the column in which
    it was typed. ``similarity`` is 100 times rapidfuzz's ratio of the normalised texts, at least.
    """

    catalogue: ClassVar[str] = "C39"
    rule: ClassVar[str] = (
        "at least {threshold:.0%} of the answers to {column} are {other}, or {text} is at least "
        "{similarity:g}% like an option of {column}"
    )
    roles_needed: ClassVar[tuple[str, ...]] = ()

    kind: Literal["other_specify"]
    severity: Severity = "warning"
    message: str = "`other` is used for what the list has, or very often"
    suggestion: str = "add the frequent answers to the list, and recode"
    column: str
    other: str
    text: str
    threshold: float = 0.10
    similarity: float = 90.0

    @property
    def columns_read(self) -> tuple[str, ...]:
        """Columns of its table that the check reads."""
        return (self.column, self.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attrition(Check):
    """As many leave in one arm as in another, and those who stay are alike.

    Those of ``base_period`` (empty: the first) are followed. A visit counts where its status is one of
    ``completed`` (empty: where there is a row) and consent was given. ``covariates`` are columns as
    of the base period; ``comparison`` is the arm that the others are compared with (empty: all pairs).
    """

    catalogue: ClassVar[str] = "C48"
    rule: ClassVar[str] = (
        "shares that left by a round differ between arms by more than {maximum_difference:.0%} of an arm or "
        "with p < {alpha:g}, or {covariates} of those who stayed differ jointly by arm with p < {alpha:g}"
    )
    roles_needed: ClassVar[tuple[str, ...]] = ("unit", "period")

    kind: Literal["attrition"]
    severity: Severity = "warning"
    message: str = "attrition differs between arms"
    suggestion: str = "report it beside the headline, with bounds and weights"
    covariates: tuple[str, ...] = ()
    completed: tuple[str, ...] = ()
    base_period: str = ""
    comparison: str = ""
    maximum_difference: float = 0.05
    alpha: float = 0.05
    level: float = 0.95

    @property
    def columns_read(self) -> tuple[str, ...]:
        """Columns of its table that the check reads."""
        return self.covariates


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage(Check):
    """Enterprises of all arms began to record their indicators alike.

    An enterprise records an indicator where it gives a value; ``base_period`` empty is the first.
    """

    catalogue: ClassVar[str] = "C38"
    rule: ClassVar[str] = (
        "the change since baseline of the share of enterprises that record {columns} differs between arms at "
        "{alpha:.0%} after Holm"
    )
    roles_needed: ClassVar[tuple[str, ...]] = ("unit", "period")

    kind: Literal["coverage"]
    severity: Severity = "info"
    message: str = "recording of the indicator changed differently between arms"
    suggestion: str = "treat recording as an outcome of its own; read effects on its values with care"
    columns: tuple[str, ...]
    base_period: str = ""
    alpha: float = 0.05

    @property
    def columns_read(self) -> tuple[str, ...]:
        """Columns of its table that the check reads."""
        return self.columns


KINDS = (ItemNonResponse, OtherSpecify, Attrition, Coverage)


KINDS = (ItemNonResponse, OtherSpecify, Attrition, Coverage)
