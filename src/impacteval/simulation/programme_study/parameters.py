"""Parameters of the survey of a training programme, as ``generator.yaml`` gives them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from impacteval.closed import Closed, OptionError
from impacteval.simulation.programme_study.answer_parameters import (
    Attrition,
    Costs,
    Economy,
    EnterpriseHabits,
    Injuries,
    MissingRule,
    ReportingRule,
    Workers,
)
from impacteval.simulation.programme_study.limits import (
    refuse_unless_keys,
    refuse_unless_probabilities,
    refuse_unless_shares,
)
from impacteval.simulation.programme_study.study_shape import COHORTS, MODULES, N_ROUNDS

Shape = Literal["normal", "lognormal", "share", "skewed_low"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Employees(Closed):
    """Size of enterprises: log-normal between two bounds, some of them wrongly listed inside."""

    median: float
    sd_ln: float
    minimum: float
    maximum: float
    misreport_outside: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Normal(Closed):
    """A quantity by its mean and standard deviation."""

    mean: float
    sd: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame(Closed):
    """The list of enterprises from which the programme and the study draw."""

    n: int
    employees: Employees
    tier: Mapping[str, float]
    process: Mapping[str, float]
    ownership: Mapping[str, float]
    lead_buyer: Mapping[str, float]
    legal_form: Mapping[str, float]
    zone_estates: Mapping[str, Mapping[str, float]]
    estate_places: Mapping[str, tuple[float, float]]
    union: float
    bipartite: float
    past_growth: Normal

    def __post_init__(self) -> None:
        for name in ("tier", "process", "ownership", "lead_buyer", "legal_form"):
            refuse_unless_shares(name, getattr(self, name))
        refuse_unless_shares("zone_estates", self.estates)
        refuse_unless_keys("estate_places", self.estate_places, tuple(self.estates))
        refuse_unless_probabilities(self, ("union", "bipartite"))

    @property
    def estates(self) -> dict[str, float]:
        """Weight of each estate over all zones."""
        return {estate: w for weights in self.zone_estates.values() for estate, w in weights.items()}

    @property
    def zone_of(self) -> dict[str, str]:
        """Zone of each estate."""
        return {estate: zone for zone, weights in self.zone_estates.items() for estate in weights}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rounds(Closed):
    """When enterprises are interviewed: the day that stands for a round, its window, days without."""

    days: tuple[str, ...]
    windows: tuple[tuple[str, str], ...]
    closed: tuple[tuple[str, str], ...]
    enumerators: int

    def __post_init__(self) -> None:
        if len(self.days) != N_ROUNDS or len(self.windows) != N_ROUNDS:
            raise OptionError(f"days and windows: {N_ROUNDS} rounds are expected")
        if list(self.days) != sorted(self.days):
            raise OptionError("days: rounds must follow each other")


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyDesign(Closed):
    """How many enterprises take part and are compared, and when participants enter."""

    treated: int
    comparison: int
    cohorts: Mapping[str, int]
    entry_months: Mapping[str, Mapping[str, float]]
    replaced: float
    no_show: float
    contaminated: float

    def __post_init__(self) -> None:
        refuse_unless_keys("cohorts", self.cohorts, COHORTS)
        refuse_unless_keys("entry_months", self.entry_months, COHORTS)
        if sum(self.cohorts.values()) != self.treated:
            raise OptionError(f"cohorts add up to {sum(self.cohorts.values())}, treated is {self.treated}")
        for cohort, months in self.entry_months.items():
            refuse_unless_shares(f"entry_months.{cohort}", months)
        refuse_unless_probabilities(self, ("replaced", "no_show", "contaminated"))


@dataclass(frozen=True, slots=True, kw_only=True)
class ModulesTaken(Closed):
    """Which modules participants take, how far apart, with how many people of which kind."""

    taken: Mapping[str, float]
    weeks_between: tuple[int, int]
    short_version: float
    participants: tuple[int, int]
    returning: float
    managers: float
    women: float
    satisfied: float
    trainers: int
    payer: Mapping[str, float]

    def __post_init__(self) -> None:
        refuse_unless_keys("taken", self.taken, MODULES)
        refuse_unless_shares("payer", self.payer)


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection(Closed):
    """Log odds of taking part: coefficients of fixed traits, and the spread of zones."""

    astra: float
    mgmt_z: float
    ln_emp_z: float
    union: float
    foreign: float
    past_growth_z: float
    zone_sd: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LatentOutcome(Closed):
    """Distribution of an outcome over enterprises, and its correlation two years apart."""

    level: float
    sd: float
    rho_2y: float
    shape: Shape

    def __post_init__(self) -> None:
        if self.sd <= 0:
            raise OptionError(f"sd={self.sd:g}: a standard deviation is above 0")
        if not 0 < self.rho_2y < 1:
            raise OptionError(f"rho_2y={self.rho_2y:g}: a correlation between 0 and 1 is expected")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dose(Closed):
    """Share of the full effect by modules taken and months since entry."""

    modules_cap: float
    months_half_below: float
    months_full: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FullDose(Closed):
    """Effects of the full dose: in units of the outcome, rate ratios (``irr``), shares of a SD (``sd``)."""

    mgmt: float
    fives: float
    ln_va: float
    ln_sales: float
    ln_defect: float
    otd: float
    absence: float
    turnover: float
    lti_irr: float
    near_miss_irr: float
    minor_injury_reporting: float
    ln_wage: float
    satisfaction_sd: float
    voice_sd: float
    ln_kwh: float
    ln_water: float
    ln_waste: float
    kpi_recording_pp: float
    jobs: float
    female_share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectRule(Closed):
    """Effects, what they depend on, and how much they vary between participants."""

    full_dose: FullDose
    dose: Dose
    sd_share: float
    multipliers: Mapping[str, float]

    def __post_init__(self) -> None:
        refuse_unless_keys("multipliers", self.multipliers, ("low_baseline_mgmt", "union", "astra"))


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorRates(Closed):
    """How often each kind of error is planted into the export."""

    dup: float
    money_unit_1e3_1e6: float
    month_vs_year: float
    decimal_comma_text: float
    id_changed: float
    negative: float
    emp_total_mismatch: float
    skip_violation: float
    heaping_money: float
    straightline_workers: float
    gps_out: float
    kwh_mwh: float
    missing_code_numeric: float
    pii_in_text: float
    bad_enumerators: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario(Closed):
    """A change of the central study; ``breaks`` says in one sentence what no longer holds.

    ``effect_scale`` multiplies all effects. ``treated_trend_per_year`` adds a trend to log value added
    and log sales of participants. ``selection_on_shock`` is the coefficient, in log odds, of the
    baseline's passing shock to sales. ``attrition_on_fall`` is the coefficient of the fall in log value
    added since the baseline, in standard deviations, in the log odds that a participant leaves.
    ``spillover_mgmt_pp`` is what comparison enterprises of the estate and lead buyer of a trained one
    gain in practices. ``cohort_effects`` multiply effects by cohort, ``growth_per_year`` adds to the
    multiplier for each year since entry beyond the first. ``kpi_on_defects`` moves recording, in
    standard deviations, down with defects, and makes the effect on recording larger where there are many.
    """

    breaks: str
    effect_scale: float = 1.0
    treated_trend_per_year: float = 0.0
    selection_on_shock: float = 0.0
    attrition_on_fall: float = 0.0
    spillover_mgmt_pp: float = 0.0
    cohort_effects: Mapping[str, float] | None = None
    growth_per_year: float = 0.0
    kpi_on_defects: float = 0.0

    def __post_init__(self) -> None:
        if self.cohort_effects is not None:
            refuse_unless_keys("cohort_effects", self.cohort_effects, COHORTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Generator(Closed):
    """All parameters, each with its source."""

    frame: Frame
    rounds: Rounds
    design: StudyDesign
    modules: ModulesTaken
    selection: Selection
    outcomes: Mapping[str, LatentOutcome]
    decay_per_year: float
    correlated_with: Mapping[str, Mapping[str, float]]
    trends: Mapping[str, tuple[float, ...]]
    buyer_shock: Mapping[str, float]
    estate_round_sd: float
    effects: EffectRule
    economy: Economy
    enterprise: EnterpriseHabits
    workers: Workers
    injuries: Injuries
    reporting: ReportingRule
    missing: MissingRule
    attrition: Attrition
    costs: Costs
    errors: ErrorRates
    scenarios: Mapping[str, Scenario]
    sources: Mapping[str, str]
