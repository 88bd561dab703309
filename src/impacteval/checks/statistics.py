"""Checks of amounts against an enterprise's other rounds, similar rows and wages known otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal, TypeAlias

from impacteval.checks.base import Check, Severity, in_words, named
from impacteval.checks.thresholds import SHARE, refuse_numbers

OutlierMethod: TypeAlias = Literal["mad", "iqr", "sd"]
MULTIPLIERS: dict[OutlierMethod, float] = {"mad": 3.5, "iqr": 1.5, "sd": 3.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitSlip(Check):
    """An amount is in the unit of the enterprise's other rounds and of its group.

    ``groups`` are columns such as sector and size band whose medians say what is usual; rounds are
    always told apart. ``per`` is a second column (employees, kWh): the amount per unit of it must
    show the same slip. ``months`` also looks for a month's amount among years' (12 times).

    A logarithm to base 10 counts as that of a factor within ``tolerance`` of it, or within
    ``spreads`` robust standard deviations where enterprises vary more. ``expected_share`` is the
    share of values thought to be in a wrong unit before looking.
    """

    catalogue: ClassVar[str] = "C24"
    rule: ClassVar[str] = (
        "{column} is too large or too small by a factor of {factors} for the enterprise's other rounds and "
        "the median of its group: log10 within {tolerance}, or {spreads:g} robust standard deviations, of it"
    )
    roles_needed: ClassVar[tuple[str, ...]] = ()

    kind: Literal["unit_slip"]
    severity: Severity = "warning"
    message: str = "the amount seems to be in another unit"
    suggestion: str = "ask in which unit the amount was given, then correct it or keep it and say why"
    column: str
    groups: tuple[str, ...] = ()
    per: str = ""
    factors: tuple[float, ...] = (1_000.0, 1_000_000.0)
    months: bool = False
    tolerance: float = 0.15
    spreads: float = 4.0
    expected_share: float = 0.01
    minimum_group: int = 10

    @property
    def columns_read(self) -> tuple[str, ...]:
        """Columns of its table that the check reads."""
        return named(self.column, self.per, *self.groups)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImpliedWage(Check):
    """The mean wage that wage bill and employment imply is near the minimum wage.

    ``reference`` is a table of minimum wages a month: a row for each ``reference_province`` and
    ``reference_year`` with its ``reference_amount``. ``year`` is the year of a row of the checked
    table (empty: its period); ``months`` says how many months the wage bill covers.
    """

    catalogue: ClassVar[str] = "C25"
    rule: ClassVar[str] = (
        "{wage_bill} / ({months:g} x {employment}) is below {minimum:g} or above {maximum:g} times the "
        "minimum wage of the province and year in {reference}"
    )
    kind: Literal["implied_wage"]
    severity: Severity = "warning"
    message: str = "the wage that wage bill and employment imply is not one that is paid"
    suggestion: str = "check the months and the unit of the wage bill, and who was counted as employed"
    wage_bill: str
    employment: str
    province: str
    year: str = ""
    reference: str
    reference_province: str
    reference_year: str
    reference_amount: str
    minimum: float = 0.3
    maximum: float = 5.0
    months: float = 12.0

    @property
    def columns_read(self) -> tuple[str, ...]:
        """Columns of its table that the check reads."""
        return named(self.wage_bill, self.employment, self.province, self.year)

    @property
    def roles_needed(self) -> tuple[str, ...]:
        """Roles that the table needs: the year of a row is its period where no column says it."""
        return () if self.year else ("period",)

    @property
    def columns_elsewhere(self) -> tuple[tuple[str, str], ...]:
        """Columns of other tables that the check reads, as table and column."""
        columns = (self.reference_province, self.reference_year, self.reference_amount)
        return tuple((self.reference, column) for column in columns)


@dataclass(frozen=True, slots=True, kw_only=True)
class WageAgreement(Check):
    """Workers' mean monthly wage agrees with the wage bill a head of their enterprise.

    ``table`` is that of the enterprises; ``workers`` that of the workers, which names the enterprise
    by the same unit and period.
    """

    catalogue: ClassVar[str] = "C26"
    rule: ClassVar[str] = (
        "the mean of {worker_wage} of at least {minimum_workers} workers is below {minimum:g} or above "
        "{maximum:g} times {wage_bill} / ({months:g} x {employment})"
    )
    roles_needed: ClassVar[tuple[str, ...]] = ("unit",)

    kind: Literal["wage_agreement"]
    severity: Severity = "warning"
    message: str = "workers and employer do not report the same wages"
    suggestion: str = "check which pay and which months both meant; correct it, or keep it and say why"
    wage_bill: str
    employment: str
    workers: str
    worker_wage: str
    minimum: float = 0.5
    maximum: float = 2.0
    minimum_workers: int = 5
    months: float = 12.0

    @property
    def columns_read(self) -> tuple[str, ...]:
        """Columns of its table that the check reads."""
        return (self.wage_bill, self.employment)

    @property
    def columns_elsewhere(self) -> tuple[tuple[str, str], ...]:
        """Columns of other tables that the check reads, as table and column."""
        return ((self.workers, self.worker_wage),)

    @property
    def roles_elsewhere(self) -> tuple[tuple[str, str], ...]:
        """Roles that other tables need, as table and role."""
        return ((self.workers, "unit"),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlier(Check):
    """Values lie near those of similar rows.

    ``method`` measures distance by the median absolute deviation (``mad``; by the interquartile range
    where that is 0), the interquartile range beyond the quartiles (``iqr``), or the standard deviation
    (``sd``); ``multiplier`` is how many of it are too many (empty: 3.5, 1.5 and 3). ``scale`` is
    ``log1p``, of the size where a value is negative, or ``raw``. ``together`` takes the columns as
    repeats of one question. ``ignore`` lists values that are neither judged nor counted.

    Two kinds of values are counted for the column and not listed: those far by the interquartile range
    where the median absolute deviation is 0 if they are more than ``most_share`` of their cell, and
    those of a table with fewer than ``minimum_group`` values.
    """

    catalogue: ClassVar[str] = "C35"
    rule: ClassVar[str] = (
        "a value of {columns} lies more than {limit:g} x {method} ({scale}) from the middle of its round and "
        "{groups}, or of all rows where these have fewer than {minimum_group}; where half of a cell has one "
        "value and more than {most_share:.0%} of it would be found, or all rows are fewer than "
        "{minimum_group}, only their number is told"
    )
    roles_needed: ClassVar[tuple[str, ...]] = ()

    kind: Literal["outlier"]
    severity: Severity = "warning"
    message: str = "the value is far from those of similar rows"
    suggestion: str = "ask the enterprise; correct it, or keep it and say why"
    columns: tuple[str, ...]
    groups: tuple[str, ...] = ()
    method: OutlierMethod = "mad"
    multiplier: float | None = None
    scale: Literal["log1p", "raw"] = "log1p"
    together: bool = False
    minimum_group: int = 20
    ignore: tuple[float, ...] = ()
    most_share: float = 0.1

    def __post_init__(self) -> None:
        """Refuse a share that is none."""
        refuse_numbers(self, {"most_share": SHARE})

    @property
    def limit(self) -> float:
        """The multiplier that is used."""
        return MULTIPLIERS[self.method] if self.multiplier is None else self.multiplier

    @property
    def defined(self) -> str:
        """The check's definition with its thresholds filled in."""
        return self.rule.format(
            columns=in_words(self.columns),
            limit=self.limit,
            method=self.method,
            scale=self.scale,
            groups=" x ".join(self.groups) or "nothing else",
            minimum_group=self.minimum_group,
            most_share=self.most_share,
        )

    @property
    def columns_read(self) -> tuple[str, ...]:
        """Columns of its table that the check reads."""
        return (*self.columns, *self.groups)


@dataclass(frozen=True, slots=True, kw_only=True)
class MultivariateOutlier(Check):
    """Amounts are not unusual together, though each may be usual alone.

    A round with fewer than ``rows_per_column`` complete rows for each column is not judged, and of its
    columns those with fewer than ``least_values`` different values are left out. Where more than
    ``most_share`` of a round would be found, its rows are no single cloud with a few far from it: their
    number is told, and no row.
    """

    catalogue: ClassVar[str] = "C36"
    rule: ClassVar[str] = (
        "the robust Mahalanobis distance of the logarithms of {columns} within the round has p < {alpha:g} "
        "after Holm, both for a normal row and among the distances of the round; rows are listed where these "
        "are no more than {most_share:.0%} of the round"
    )
    roles_needed: ClassVar[tuple[str, ...]] = ()

    kind: Literal["multivariate_outlier"]
    severity: Severity = "warning"
    message: str = "the amounts are unusual together"
    suggestion: str = "ask the enterprise; correct what is wrong, or keep it and say why"
    columns: tuple[str, ...]
    alpha: float = 0.001
    rows_per_column: int = 10
    least_values: int = 10
    most_share: float = 0.1

    def __post_init__(self) -> None:
        """Refuse a share that is none, and a number of values that says nothing."""
        refuse_numbers(self, {"most_share": SHARE, "least_values": (1, float("inf"))})

    @property
    def columns_read(self) -> tuple[str, ...]:
        """Columns of its table that the check reads."""
        return self.columns


KINDS = (UnitSlip, ImpliedWage, WageAgreement, Outlier, MultivariateOutlier)
