"""What a study and its plan may say."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from impacteval.closed import Closed
from impacteval.delivery import Fieldwork, FormFile, PackagedSource, RawFileNote, SourceTable
from impacteval.designs import Design

CLUSTER_BY_UNIT = "unit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Statements(Closed):
    """What a report must declare about itself; an empty one is printed as open."""

    commissioner: str = ""
    authors: str = ""
    funding: str = ""
    conflicts_of_interest: str = ""
    ethics: str = ""
    data_source: str = ""
    data_licence: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Study(Closed):
    """``study.yaml``: what is studied, where its files come from, what the report says of it.

    Days are ``YYYY-MM-DD``; interviews happened in ``time_zone``. Corrections decided after
    ``unblinded_on`` are marked; after ``retention_until`` personal data should be gone.
    """

    schema_version: Literal[1]
    title: str
    question: str
    programme: str
    setting: str
    synthetic: bool
    seed: int
    tables: tuple[SourceTable, ...]
    source: PackagedSource | None = None
    raw_files: tuple[RawFileNote, ...] = ()
    forms: tuple[FormFile, ...] = ()
    fieldwork: tuple[Fieldwork, ...] = ()
    exported_on: str = ""
    time_zone: str = ""
    unblinded_on: str = ""
    retention_until: str = ""
    statements: Statements = field(default_factory=Statements)
    limitations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelRule(Closed):
    """Which table is the panel, who is followed, and the analysis clock in order.

    ``days`` gives a day, ``YYYY-MM-DD``, for each period: parameters are read and entry is compared on
    it. ``baseline`` is the period that derivations refer to (none: the last before anyone is treated).
    ``place`` names the column that says for which place a row reads parameters.
    """

    table: str
    unit: str
    period: str
    periods: tuple[int, ...]
    period_name: str
    period_labels: tuple[str, ...] = ()
    days: tuple[str, ...] = ()
    baseline: int | None = None
    place: str = ""

    def label_of(self, period: int) -> str:
        """Label of a period as the report prints it."""
        labels = self.period_labels or tuple(str(p) for p in self.periods)
        return labels[self.periods.index(period)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm(Closed):
    """A treatment arm: its name in results, its label, and its value in the arm column."""

    name: str
    label: str
    value: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstSwitch(Closed):
    """Treated from the first period in which a 0/1 column is 1; later zeros do not undo it."""

    rule: Literal["first_switch"]
    column: str
    arm: Arm
    comparison: Arm

    @property
    def arms(self) -> tuple[Arm, ...]:
        """The treatment arms: one."""
        return (self.arm,)


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmColumn(Closed):
    """Assigned to arms once, recorded in a column that is constant within units."""

    rule: Literal["arm_column"]
    column: str
    arms: tuple[Arm, ...]
    comparison: Arm
    first_period: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryDay(Closed):
    """Treated from the first period whose day is on or after the unit's day in ``column``.

    The column holds days since 1970-01-01 and is constant within units; units without a day are the
    comparison.
    """

    rule: Literal["entry_day"]
    column: str
    arm: Arm
    comparison: Arm

    @property
    def arms(self) -> tuple[Arm, ...]:
        """The treatment arms: one."""
        return (self.arm,)


TreatmentRule: TypeAlias = FirstSwitch | ArmColumn | EntryDay


@dataclass(frozen=True, slots=True, kw_only=True)
class Group(Closed):
    """A named slice of enterprises: those with this value in the subgroup's column."""

    name: str
    label: str
    value: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Subgroups(Closed):
    """A column, read in each unit's first period, by which effects are told apart.

    Effects of ``designs`` (empty: the primary one) are estimated in each group and compared with
    those of the first.
    """

    name: str
    label: str
    column: str
    groups: tuple[Group, ...]
    designs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan(Closed):
    """``plan.yaml``: what was decided about the analysis, and when.

    ``weight`` names the column of sampling weights; every design uses them. ``dose`` names the outcome
    that holds the share of a full dose each unit has received. ``bands`` are
    simultaneous: the critical value is computed (``quantile``) or drawn with ``draws`` multipliers.
    """

    written: Literal["before_outcomes", "after_outcomes"]
    assignment: Literal["random", "voluntary", "administrative"]
    assignment_note: str
    identification: str
    panel: PanelRule
    treatment: TreatmentRule
    primary: str
    designs: tuple[Design, ...]
    cluster: str = CLUSTER_BY_UNIT
    weight: str = ""
    dose: str = ""
    level: float = 0.95
    power: float = 0.8
    balance: tuple[str, ...] = ()
    subgroups: tuple[Subgroups, ...] = ()
    bands: Literal["quantile", "draws"] = "quantile"
    draws: int = 999


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome(Closed):
    """A row of ``outcomes.csv``: a measured result, how it is made from columns, its unit.

    ``periods`` lists, separated by ``|``, the periods in which it was asked (empty: all); what the
    file holds for others is no value. ``design`` names the design of its headline where that is
    not the plan's primary one. A ``descriptive`` outcome is described and not estimated.

    ``formula`` takes the place of ``column`` and ``divide_by``. ``minimum`` and ``maximum`` bound what
    is plausible, in its unit before the transformation. ``winsorise`` is the share, in percent, cut at
    each end within a period over all arms; ``level`` says whose answers it is made from.
    """

    name: str
    label: str
    family: str
    role: Literal["primary", "secondary", "descriptive"]
    column: str
    divide_by: str
    transform: Literal["none", "log", "recorded"]
    unit: str
    direction: Literal["higher", "lower", "neutral"]
    baseline_column: str
    periods: tuple[str, ...]
    design: str
    formula: str = ""
    label_id: str = ""
    level: Literal["", "enterprise", "worker"] = ""
    minimum: float | None = None
    maximum: float | None = None
    winsorise: float | None = None
    sdg: str = ""
    source: str = ""
    note: str = ""

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns that the outcome is made from."""
        return tuple(c for c in (self.column, self.divide_by, self.baseline_column) if c)

    @property
    def is_estimated(self) -> bool:
        """Whether effects on it are estimated, or it is described only."""
        return self.role != "descriptive"


def estimated(outcomes: tuple[Outcome, ...]) -> tuple[Outcome, ...]:
    """Outcomes whose effects are estimated."""
    return tuple(outcome for outcome in outcomes if outcome.is_estimated)


def unwinsorised(outcome: str) -> str:
    """The panel's column of an outcome as it was before extreme values were cut."""
    return f"{outcome}__unwinsorised"


def columns_of(plan: Plan, outcomes: tuple[Outcome, ...]) -> tuple[str, ...]:
    """Columns of the panel table that the analysis needs, in sorted order."""
    named = {plan.panel.unit, plan.panel.period, plan.treatment.column, *plan.balance}
    if plan.cluster != CLUSTER_BY_UNIT:
        named.add(plan.cluster)
    if plan.weight:
        named.add(plan.weight)
    named.update(s.column for s in plan.subgroups)
    for design in plan.designs:
        named.update(design.columns)
    for outcome in outcomes:
        named.update(outcome.columns)
    return tuple(sorted(named))


def carried_columns(plan: Plan, outcomes: tuple[Outcome, ...]) -> tuple[str, ...]:
    """Columns that the enterprise panel carries beside outcomes: covariates, balance, baselines."""
    named = set(plan.balance) | {o.baseline_column for o in outcomes if o.baseline_column}
    if plan.weight:
        named.add(plan.weight)
    named.update(s.column for s in plan.subgroups)
    for design in plan.designs:
        named.update(design.columns)
    return tuple(sorted(named))
