"""Checks that rounds measured one thing, and that weights add up to the frame."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal, TypeAlias

from impacteval.checks.base import Severity, named
from impacteval.checks.links import LinkedCheck
from impacteval.checks.thresholds import SHARE, refuse, refuse_numbers
from impacteval.closed import Closed

Aspect: TypeAlias = Literal["question", "unit", "format", "reference"]
ASPECTS: tuple[Aspect, ...] = ("question", "unit", "format", "reference")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked(Closed):
    """How a column was asked in a round; what is empty is as the codebook has it.

    ``reference`` is the time that an answer is about, say ``last month``; the codebook does not have
    it. ``elsewhere`` and ``column_elsewhere`` name the table and column that hold the answers of that
    round where it is not the check's own table (an empty column has the same name there).
    """

    column: str
    period: int
    question: str = ""
    unit: str = ""
    format: str = ""
    reference: str = ""
    elsewhere: str = ""
    column_elsewhere: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversion(Closed):
    """How answers of a round were brought to what the other rounds asked: times ``factor``, and why.

    It says what was done before the values came into the table; a check changes no value.
    """

    column: str
    period: int
    factor: float
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparable(LinkedCheck):
    """Outcomes were asked in the same way in every round, or a declared conversion makes them alike.

    The codebook says how a column was asked; ``asked`` lists rounds in which it was otherwise.
    ``compared`` are the aspects that count. ``deflator`` is a table with a price index
    ``deflator_index`` by year ``deflator_year`` for amounts, whose year stands in ``year`` (a number,
    or a day) of the check's table.
    """

    catalogue: ClassVar[str] = "C49"
    rule: ClassVar[str] = (
        "{columns}: {compared} differ between rounds without a conversion, a round has no answer, "
        "or the year of an amount has no price index"
    )
    roles_needed: ClassVar[tuple[str, ...]] = ("period",)

    kind: Literal["comparable"]
    columns: tuple[str, ...]
    asked: tuple[Asked, ...] = ()
    conversions: tuple[Conversion, ...] = ()
    compared: tuple[Aspect, ...] = ASPECTS
    year: str = ""
    deflator: str = ""
    deflator_year: str = ""
    deflator_index: str = ""
    severity: Severity = "error"
    message: str = "rounds are not comparable"
    suggestion: str = "declare a conversion with its reason, or leave the round out for this outcome"

    def __post_init__(self) -> None:
        wrong = [] if self.columns else ["columns is empty; name at least one outcome"]
        for key, said in (("asked", self.asked), ("conversions", self.conversions)):
            columns = sorted({item.column for item in said} - set(self.columns))
            wrong += [f"{key}: {column!r} is not in columns" for column in columns]
        for c in self.conversions:
            if not 0 < c.factor < float("inf"):
                wrong.append(f"conversions: factor {c.factor:g} of {c.column!r} is not positive")
            if not c.reason.strip():
                wrong.append(f"conversions: no reason for {c.column!r}")
        prices = (self.deflator, self.deflator_year, self.deflator_index, self.year)
        if any(prices) and not all(prices):
            wrong.append("deflator, deflator_year, deflator_index and year are given together")
        refuse(self, wrong)

    @property
    def columns_read(self) -> tuple[str, ...]:
        """Columns of its table that the check reads."""
        return (*self.columns, *named(self.year))

    @property
    def columns_elsewhere(self) -> tuple[tuple[str, str], ...]:
        """Columns of other tables that the check reads, as table and column."""
        other = [(a.elsewhere, a.column_elsewhere or a.column) for a in self.asked if a.elsewhere]
        prices = [(self.deflator, c) for c in (self.deflator_year, self.deflator_index) if self.deflator]
        return (*other, *prices)


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights(LinkedCheck):
    """Weights are there, positive, and add up to the frame.

    ``frame`` is the table of totals, by its roles ``stratum`` and ``period`` where it has them, in
    column ``total``; without ``total`` its rows are counted. ``completed`` lists values of
    ``roles.status`` that count as an interview (empty: every row with consent). ``panel_weight``
    may stand only in rows of units interviewed in each of ``panel_periods`` (empty: in all).
    """

    catalogue: ClassVar[str] = "C50"
    rule: ClassVar[str] = (
        "a weight is missing or not positive, weights differ from the total of {frame} by more than "
        "{tolerance:.3g} of it, their design effect is above {most_design_effect:g}, or a panel weight "
        "stands with an enterprise that is not in the panel"
    )
    roles_needed: ClassVar[tuple[str, ...]] = ("unit", "weight")

    kind: Literal["weights"]
    frame: str
    total: str = ""
    tolerance: float = 0.001
    most_design_effect: float = 3.0
    completed: tuple[str, ...] = ()
    panel_weight: str = ""
    panel_periods: tuple[int, ...] = ()
    severity: Severity = "error"
    message: str = "weights do not add up to the frame"
    suggestion: str = "compute the weights again from the frame and the interviews"

    def __post_init__(self) -> None:
        alone = bool(self.panel_periods) and not self.panel_weight
        refuse(self, ["panel_periods without panel_weight"] if alone else [])
        refuse_numbers(self, {"tolerance": SHARE, "most_design_effect": (1, float("inf"))})

    @property
    def columns_read(self) -> tuple[str, ...]:
        """Columns of its table that the check reads."""
        return named(self.panel_weight)

    @property
    def columns_elsewhere(self) -> tuple[tuple[str, str], ...]:
        """Columns of other tables that the check reads, as table and column."""
        return tuple((self.frame, column) for column in named(self.total))


KINDS = (Comparable, Weights)
