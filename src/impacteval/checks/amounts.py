"""Checks of amounts that belong together: sums, accounts and shares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from impacteval.checks.base import Check, Severity, named
from impacteval.checks.thresholds import NOT_NEGATIVE, SHARE, refuse, refuse_numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class AddsUp(Check):
    """A whole is the sum of its parts, in rows where all of them are there.

    ``tolerance`` is in the unit of the columns.
    """

    catalogue: ClassVar[str] = "C20"
    rule: ClassVar[str] = "{whole} differs from the sum of {parts} by more than {tolerance:g}"

    kind: Literal["adds_up"]
    whole: str
    parts: tuple[str, ...]
    tolerance: float = 0.0
    severity: Severity = "error"
    message: str = "the parts do not add up to the whole"
    suggestion: str = "call back; correct the one that is wrong, never the difference"

    def __post_init__(self) -> None:
        """Refuse a sum of nothing and a tolerance below zero."""
        refuse(self, [] if self.parts else ["parts is empty; name the columns that make up the whole"])
        refuse_numbers(self, {"tolerance": NOT_NEGATIVE})

    @property
    def columns_read(self) -> tuple[str, ...]:
        """Columns of its table that the check reads."""
        return (self.whole, *self.parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance(Check):
    """A result is what comes in less what goes out, as far as rounding allows.

    ``base`` is the amount of which ``relative`` is a share (empty: the first of ``plus``); ``absolute``
    is in the unit of the columns. The two tolerances stand beside each other: the larger one counts.
    """

    catalogue: ClassVar[str] = "C22"
    rule: ClassVar[str] = (
        "{result} differs from {plus} less {minus} by more than {relative:.1%} of the base "
        "and by more than {absolute:,.0f}"
    )

    kind: Literal["balance"]
    result: str
    plus: tuple[str, ...]
    minus: tuple[str, ...]
    base: str = ""
    relative: float = 0.01
    absolute: float = 1_000_000.0
    severity: Severity = "warning"
    message: str = "the accounts do not balance"
    suggestion: str = "ask for the accounts and correct the amount that is wrong"

    def __post_init__(self) -> None:
        """Refuse accounts in which nothing comes in and tolerances below zero."""
        refuse(self, [] if self.plus else ["plus is empty; name what comes in"])
        refuse_numbers(self, {"relative": SHARE, "absolute": NOT_NEGATIVE})

    @property
    def columns_read(self) -> tuple[str, ...]:
        """Columns of its table that the check reads."""
        return tuple(dict.fromkeys((self.result, *self.plus, *self.minus, *named(self.base))))


@dataclass(frozen=True, slots=True, kw_only=True)
class Components(Check):
    """Components, none of which is negative, come to no more than their total.

    A component that is missing counts as nothing, so that the others are still compared.
    """

    catalogue: ClassVar[str] = "C22"
    rule: ClassVar[str] = "{components} sum to more than {at_most:.0%} of {total}"

    kind: Literal["components"]
    total: str
    components: tuple[str, ...]
    at_most: float = 1.01
    severity: Severity = "warning"
    message: str = "the components come to more than their total"
    suggestion: str = "ask for the accounts and correct the amount that is wrong"

    def __post_init__(self) -> None:
        """Refuse a total of nothing."""
        refuse(self, [] if self.components else ["components is empty; name the columns to add"])
        refuse_numbers(self, {"at_most": NOT_NEGATIVE})

    @property
    def columns_read(self) -> tuple[str, ...]:
        """Columns of its table that the check reads."""
        return (self.total, *self.components)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares(Check):
    """Shares in per cent lie between 0 and 100 and, where they are a whole, sum to 100.

    A column is on the scale from 0 to 1 in a round where at least ``fraction`` of its values that are
    not zero, ten or more, are 1 or less; its rows are then judged on that scale. ``whole: false``
    is for percentages that are not parts of one whole.
    """

    catalogue: ClassVar[str] = "C23"
    rule: ClassVar[str] = "{columns} do not sum to 100 within {tolerance:g}, or one is not in 0 to 100"

    kind: Literal["shares"]
    columns: tuple[str, ...]
    whole: bool = True
    tolerance: float = 1.0
    fraction: float = 0.95
    severity: Severity = "warning"
    message: str = "the shares are not shares of a hundred"
    suggestion: str = "correct the share that is wrong, or convert all of the round to per cent"

    def __post_init__(self) -> None:
        """Refuse no columns, and thresholds that fail every row or none."""
        refuse(self, [] if self.columns else ["columns is empty; name the shares"])
        refuse_numbers(self, {"tolerance": (0.0, 100.0), "fraction": SHARE})

    @property
    def columns_read(self) -> tuple[str, ...]:
        """Columns of its table that the check reads."""
        return self.columns


@dataclass(frozen=True, slots=True, kw_only=True)
class CopiedAmounts(Check):
    """No block of amounts is that of another enterprise, or of the same one in an earlier round.

    Blocks are the same where every amount is, to the last digit, and the same ones are missing. A block
    with fewer than ``least`` different amounts other than zero says too little to be compared. ``among``
    says with whom: other ``enterprises`` in any round, the own earlier ``rounds``, or both.
    """

    catalogue: ClassVar[str] = "C42"
    rule: ClassVar[str] = (
        "all of {columns}, {least} or more different amounts that are not zero among them, are those of "
        "another row ({among}) to the last digit"
    )

    kind: Literal["copied_amounts"]
    columns: tuple[str, ...]
    least: int = 3
    among: tuple[Literal["enterprises", "rounds"], ...] = ("enterprises", "rounds")
    severity: Severity = "warning"
    message: str = "the amounts are those of another interview"
    suggestion: str = "ask for the amounts again; never drop the interview without"

    def __post_init__(self) -> None:
        """Refuse blocks that are too small to be judged, and a comparison with nobody."""
        refuse_numbers(self, {"least": (1, float("inf"))})
        twice = sorted({c for c in self.columns if self.columns.count(c) > 1})
        wrong = [f"{c!r} stands twice" for c in twice]
        if len(self.columns) < self.least:
            wrong.append(f"{len(self.columns)} columns: at least {self.least} are needed")
        refuse(self, [*wrong, *([] if self.among else ["among is empty; name enterprises, rounds or both"])])

    @property
    def roles_needed(self) -> tuple[str, ...]:
        """Roles that the table must have."""
        return ("unit", "period") if "rounds" in self.among else ("unit",)

    @property
    def columns_read(self) -> tuple[str, ...]:
        """Columns of its table that the check reads."""
        return self.columns


KINDS = (AddsUp, Balance, Components, Shares, CopiedAmounts)
