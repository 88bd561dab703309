"""Checks of who asks, and of answers that nobody gave."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Literal

from impacteval.checks.base import Check, Severity
from impacteval.checks.thresholds import NOT_NEGATIVE, SHARE, refuse, refuse_numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class StraightLine(Check):
    """Items of a battery are answered one by one.

    ``reversed`` names those items of which a high answer means a low one of the others; ``pairs``
    are items that ask for the same. An answer to a reversed item counts as ``lowest + highest``
    minus the answer when a pair is compared.
    """

    catalogue: ClassVar[str] = "C29"
    rule: ClassVar[str] = (
        "{least_items} or more answers of a battery, a reversed item among them, are all the same, or the "
        "two items of a pair differ by more than limit ({limit})"
    )

    kind: Literal["straight_line"]
    severity: Severity = "warning"
    message: str = "answers to a battery of items that nobody gives who listens"
    suggestion: str = "back-check the interview; estimate without it as a sensitivity analysis"
    items: tuple[str, ...]
    reversed: tuple[str, ...]
    least_items: int = 8
    pairs: tuple[tuple[str, str], ...] = ()
    lowest: float | None = None
    highest: float | None = None
    limit: float | None = None

    def __post_init__(self) -> None:
        refuse_numbers(self, {"least_items": (2, float("inf")), "limit": NOT_NEGATIVE})
        refuse(self, [*self._wrong_items(), *self._wrong_pairs()])

    def _wrong_items(self) -> Sequence[str]:
        wrong = []
        if len(self.items) < self.least_items:
            wrong.append(f"{len(self.items)} items: at least {self.least_items} are needed")
        if not self.reversed or not set(self.reversed) <= set(self.items):
            wrong.append("reversed: name at least one, each of them one of the items")
        return wrong

    def _wrong_pairs(self) -> Sequence[str]:
        wrong = []
        if self.pairs and None in (self.lowest, self.highest, self.limit):
            wrong.append("pairs: give lowest, highest and limit, too")
        if not {item for pair in self.pairs for item in pair} <= set(self.items):
            wrong.append("pairs: both must be items")
        return wrong

    @property
    def columns_read(self) -> tuple[str, ...]:
        """Columns of its table that the check reads."""
        return self.items


@dataclass(frozen=True, slots=True, kw_only=True)
class Heaping(Check):
    """An enumerator's amounts are as rounded as those of the others."""

    catalogue: ClassVar[str] = "C37"
    rule: ClassVar[str] = (
        "an enumerator's share of non-zero amounts with one significant digit, of {least} or more, is above "
        "that of the survey by more than {standard_errors:g} standard errors, which allow amounts of one "
        "interview to be alike"
    )
    roles_needed: ClassVar[tuple[str, ...]] = ("enumerator",)

    kind: Literal["heaping"]
    severity: Severity = "info"
    message: str = "an enumerator records rounder amounts than others"
    suggestion: str = "train the enumerator to ask for records; rows stay as they are"
    columns: tuple[str, ...]
    least: int = 15
    standard_errors: float = 3.0

    def __post_init__(self) -> None:
        refuse_numbers(self, {"least": (1, float("inf")), "standard_errors": NOT_NEGATIVE})
        refuse(self, [] if self.columns else ["columns is empty; name at least one"])

    @property
    def columns_read(self) -> tuple[str, ...]:
        """Columns of its table that the check reads."""
        return self.columns


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate(Check):
    """An enumerator records answers that skip a module as often as the others."""

    catalogue: ClassVar[str] = "C41"
    rule: ClassVar[str] = (
        "an enumerator's share of answers to {column} that skip a module, of {least} or more, is above that "
        "of the survey by more than {standard_errors:g} standard errors"
    )
    roles_needed: ClassVar[tuple[str, ...]] = ("enumerator",)

    kind: Literal["gate"]
    severity: Severity = "warning"
    message: str = "an enumerator skips a module more often than others"
    suggestion: str = "back-check interviews of the enumerator"
    column: str
    skipping: tuple[int | float | str, ...]
    least: int = 15
    standard_errors: float = 3.0

    def __post_init__(self) -> None:
        refuse_numbers(self, {"least": (1, float("inf")), "standard_errors": NOT_NEGATIVE})
        refuse(self, [] if self.skipping else ["skipping is empty; name the answers that skip the module"])

    @property
    def columns_read(self) -> tuple[str, ...]:
        """Columns of its table that the check reads."""
        return (self.column,)


@dataclass(frozen=True, slots=True, kw_only=True)
class EnumeratorEffect(Check):
    """Answers do not depend on who asks, and enumerators work in all arms.

    Outcomes are taken net of the mean of their arm and stratum. ``draws`` permutations of
    enumerators within arm and stratum give the p-value; an enumerator with fewer than ``least``
    answers has no mean of its own.
    """

    catalogue: ClassVar[str] = "C40"
    rule: ClassVar[str] = (
        "the correlation of {outcome} within enumerators is above {icc:g} with a permutation p below {p:g}, "
        "or an enumerator's mean is more than {standard_errors:g} standard errors from the survey's, or "
        "Cramer's V of arm and enumerator, corrected for chance, is {cramers_v:g} or more"
    )
    roles_needed: ClassVar[tuple[str, ...]] = ("enumerator",)

    kind: Literal["enumerator_effect"]
    severity: Severity = "warning"
    message: str = "answers depend on who asked, or arms on who was sent"
    suggestion: str = "estimate with enumerator effects as a sensitivity analysis"
    outcome: str
    icc: float = 0.1
    p: float = 0.01
    draws: int = 999
    least: int = 5
    standard_errors: float = 3.0
    cramers_v: float = 0.3

    def __post_init__(self) -> None:
        shares = dict.fromkeys(("icc", "p", "cramers_v"), SHARE)
        counts = {"draws": (1.0, 1e6), "least": (1, float("inf")), "standard_errors": NOT_NEGATIVE}
        refuse_numbers(self, {**shares, **counts})
        if self.p * (self.draws + 1) < 1:
            refuse(self, [f"draws {self.draws}: p cannot fall below {1 / (self.draws + 1):.3g}"])

    @property
    def columns_read(self) -> tuple[str, ...]:
        """Columns of its table that the check reads."""
        return (self.outcome,)


@dataclass(frozen=True, slots=True, kw_only=True)
class NearDuplicates(Check):
    """No interview shares more answers with another one than chance and the other interviews explain.

    The reference permutes the answers to each item within strata. As real answers depend on each other,
    the share must also stand out from those of other interviews by ``deviations``, but in rounds of
    fewer than 20. If more than ``most_share`` of a round do, those that share most are listed and the
    number is told. ``items`` may be empty: all columns of numbers and choices that have no role. Of a
    round with more than ``most_compared`` interviews only those of the same enumerator are compared,
    and of an enumerator with more, runs of that many.
    """

    catalogue: ClassVar[str] = "C42"
    rule: ClassVar[str] = (
        "an interview's largest share of identical answers with any other one of its round, over "
        "{least_items} or more items, is above the percentile {percentile:g} of what permuted answers give "
        "and, unless all are identical, more than {deviations:g} robust standard deviations above the median "
        "of interviews; about {most_share:.0%} of a round are listed at most"
    )

    kind: Literal["near_duplicates"]
    severity: Severity = "warning"
    message: str = "two interviews are nearly the same"
    suggestion: str = "back-check both interviews; never drop one without"
    items: tuple[str, ...] = ()
    least_items: int = 30
    percentile: float = 99.9
    most_compared: int = 10_000
    deviations: float = 3.5
    most_share: float = 0.05

    def __post_init__(self) -> None:
        bounds = {"percentile": (0.0, 100.0), "most_compared": (2, 100_000), "least_items": (1, 250)}
        bounds |= {"deviations": NOT_NEGATIVE, "most_share": SHARE}
        refuse_numbers(self, bounds)
        n = len(self.items)
        if n and not self.least_items <= n <= 250:
            refuse(self, [f"{n} items: between least_items {self.least_items} and 250, or none for all"])

    @property
    def columns_read(self) -> tuple[str, ...]:
        """Columns of its table that the check reads."""
        return self.items


@dataclass(frozen=True, slots=True, kw_only=True)
class BackCheck(Check):
    """A second visit gives the answers of the first.

    ``back_checks`` is the table of second visits, with the same columns and the roles ``unit`` and,
    where rounds are told apart, ``period``. ``stable`` answers cannot change (type 1), ``hard`` ones
    are difficult to ask for (type 2), ``volatile`` ones may change (type 3). Numbers that differ by
    no more than ``allowed_differences`` says for their column agree.
    """

    catalogue: ClassVar[str] = "C43"
    rule: ClassVar[str] = (
        "more than {limit:.0%} of an enumerator's stable answers differ in the back-check, or the mean of a "
        "hard or volatile answer does (paired t test, p below {p:g})"
    )
    roles_needed: ClassVar[tuple[str, ...]] = ("unit", "enumerator")

    kind: Literal["back_check"]
    severity: Severity = "warning"
    message: str = "back-checks give other answers"
    suggestion: str = "retrain the enumerator, or interview again"
    back_checks: str
    stable: tuple[str, ...] = ()
    hard: tuple[str, ...] = ()
    volatile: tuple[str, ...] = ()
    limit: float = 0.1
    p: float = 0.05
    allowed_differences: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        refuse_numbers(self, {"limit": SHARE, "p": SHARE})
        columns = self.columns_read
        wrong = [] if columns else ["name columns in stable, hard or volatile"]
        wrong += [f"{c!r} stands twice" for c in sorted(set(columns)) if columns.count(c) > 1]
        unknown = sorted(set(self.allowed_differences) - set(columns))
        refuse(self, [*wrong, *(f"allowed_differences: {c!r} is not compared" for c in unknown)])

    @property
    def columns_read(self) -> tuple[str, ...]:
        """Columns of its table that the check reads; the table of back-checks has them, too."""
        return (*self.stable, *self.hard, *self.volatile)


KINDS = (StraightLine, Heaping, Gate, EnumeratorEffect, NearDuplicates, BackCheck)
