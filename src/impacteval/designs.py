"""What an estimator may be asked: every option of every estimator is defined here, once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from impacteval.closed import Closed, OptionError, refuse_wrong_choices

Vcov: TypeAlias = Literal["classical", "hc1", "cr0", "cr1_groups", "cr1_nested", "cr1_counted"]
ResampledVcov: TypeAlias = Literal["jackknife", "placebo", "bootstrap"]
AnyVcov: TypeAlias = Vcov | ResampledVcov
InfluenceVcov: TypeAlias = Literal["cr0", "cr1_groups"]
VCOV_LABELS: dict[str, str] = {
    "classical": "classical errors (independent rows of equal variance)",
    "hc1": "heteroskedasticity-robust errors (HC1)",
    "cr0": "cluster-robust errors without small-sample factor (CR0)",
    "cr1_groups": "cluster-robust errors, factor G/(G-1)",
    "cr1_nested": "cluster-robust errors (CR1), absorbed effects nested in clusters not counted",
    "cr1_counted": "cluster-robust errors (CR1), absorbed effects counted",
    "jackknife": "jackknife over units, weights held fixed",
    "placebo": "placebo treatment of comparison units",
    "bootstrap": "bootstrap of units",
}
ControlGroup: TypeAlias = Literal["never_treated", "not_yet_treated"]
# What becomes of units that are not observed in every period: pairs of rounds use whoever has both;
# complete_units drops them; rows takes the rounds as repeated cross-sections.
Missing: TypeAlias = Literal["pairs", "complete_units", "rows"]
Average: TypeAlias = Literal["simple", "event_time", "dynamic", "cohort", "calendar"]
# Event studies by regression are relative to the period before treatment.
REFERENCE_EVENT_TIME = -1
# Estimators whose effects by event time show trends before treatment, best first.
EVENT_STUDIES = (
    "callaway_santanna",
    "sun_abraham",
    "imputation",
    "two_stage",
    "etwfe",
    "stacked",
    "event_study_twfe",
)
# Residuals of the rows that gave unit and period effects show no trend.
TESTS_TRENDS = tuple(name for name in EVENT_STUDIES if name != "two_stage")
# A comparison unit with this propensity score or a higher one gets no weight, as in DRDID.
HIGHEST_SCORE = 0.995


@dataclass(frozen=True, slots=True, kw_only=True)
class Named(Closed):
    """What every design of a plan has: name in results, label in the report, outcomes (empty: all)."""

    name: str = ""
    label: str = ""
    outcomes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        refuse_wrong_choices(self)
        problem = self.wrong_number()
        if problem:
            raise OptionError(f"{type(self).__name__}: {problem}")

    def wrong_number(self) -> str:
        """What is wrong with the numbers and columns of the design; empty when nothing is."""
        return ""

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of the panel that the design needs beside the outcome."""
        return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WithCovariates(Named):
    """A design with covariates.

    ``covariates`` enter as they are; in group-time designs with their value in the earlier of the
    two periods. ``covariates_by_period`` enter with a coefficient for each period, from the value
    each unit has in its first observed period, since unit effects take up what does not change.
    """

    covariates: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of the panel that the design needs beside the outcome."""
        return self.covariates


def _wrong_group_time(anticipation: int, highest_score: float) -> str:
    if anticipation < 0:
        return f"anticipation {anticipation}: 0 or more"
    return "" if 0 < highest_score <= 1 else f"highest_score {highest_score}: above 0 and at most 1"


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoByTwo(WithCovariates):
    """Change since the base period, treated against comparison, one pair of periods at a time.

    The base period of a cohort is its last period before ``cohort - anticipation``. ``method``:
    outcome regression (``reg``), inverse probability weights normalised to one (``ipw``, Hajek) or
    not (``ipw_ht``, Horvitz and Thompson), doubly robust (``dr``, the traditional one) and doubly
    robust improved and locally efficient (``dr_improved``). Without covariates they agree.
    """

    estimator: Literal["drdid"] = "drdid"
    vcov: tuple[InfluenceVcov, ...] = ()
    control_group: ControlGroup = "never_treated"
    anticipation: int = 0
    method: Literal["reg", "ipw", "ipw_ht", "dr", "dr_improved"] = "dr"
    highest_score: float = HIGHEST_SCORE
    missing: Missing = "pairs"
    averages: tuple[Average, ...] = ("simple", "event_time")

    def wrong_number(self) -> str:
        """What is wrong with the numbers of the design; empty when nothing is."""
        return _wrong_group_time(self.anticipation, self.highest_score)

    @property
    def base_period(self) -> Literal["varying", "universal"]:
        """Every period is compared with the one base period."""
        return "universal"

    @property
    def balance_event_time(self) -> int | None:
        """Averages by event time use all cohorts."""
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallawaySantAnna(WithCovariates):
    """Average effect on each cohort in each period, and averages of these.

    ``base_period: varying`` compares periods before treatment with the period before each, which
    shows where trends part; ``universal`` compares all with the last period before treatment.
    ``balance_event_time``: averages by event time use only cohorts observed so many periods after
    treatment.
    """

    estimator: Literal["callaway_santanna"] = "callaway_santanna"
    vcov: tuple[InfluenceVcov, ...] = ()
    control_group: ControlGroup = "never_treated"
    base_period: Literal["varying", "universal"] = "varying"
    anticipation: int = 0
    method: Literal["reg", "ipw", "dr"] = "dr"
    highest_score: float = HIGHEST_SCORE
    missing: Missing = "pairs"
    averages: tuple[Average, ...] = ("simple", "event_time", "dynamic", "cohort", "calendar")
    balance_event_time: int | None = None

    def wrong_number(self) -> str:
        """What is wrong with the numbers of the design; empty when nothing is."""
        if (self.balance_event_time or 0) < 0:
            return f"balance_event_time {self.balance_event_time}: 0 or more"
        return _wrong_group_time(self.anticipation, self.highest_score)


@dataclass(frozen=True, slots=True, kw_only=True)
class WithRegression(WithCovariates):
    """A regression design: covariates also by period, and effects beside those of unit and period.

    ``effects_by_period`` names columns, constant within units, whose groups get their own period
    effects, for instance lead buyer or estate.
    """

    covariates_by_period: tuple[str, ...] = ()
    effects_by_period: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of the panel that the design needs beside the outcome."""
        return (*self.covariates, *self.covariates_by_period, *self.effects_by_period)


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoWayFixedEffects(WithRegression):
    """Regression on unit effects, period effects and treatment.

    Without ``regressors`` the regressors are arm times treated-by-now, one a treatment arm; with
    them, the named columns and nothing else; with ``dose``, the named column times treated-by-now,
    one an arm. ``period_effects: false`` leaves out period effects, for studies whose
    ``regressors`` hold period dummies that are to be reported.
    """

    estimator: Literal["twfe"] = "twfe"
    vcov: tuple[Vcov, ...] = ()
    regressors: tuple[str, ...] = ()
    dose: str = ""
    period_effects: bool = True

    def wrong_number(self) -> str:
        """What contradicts itself in the design; empty when nothing does."""
        if self.regressors and self.dose:
            return "either `regressors` or `dose`, not both"
        if not (self.period_effects or self.regressors):
            return "period_effects is false only where `regressors` are named"
        return ""

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of the panel that the design needs beside the outcome."""
        dose = (self.dose,) if self.dose else ()
        by_period = (*self.covariates_by_period, *self.effects_by_period)
        return (*self.regressors, *dose, *self.covariates, *by_period)


@dataclass(frozen=True, slots=True, kw_only=True)
class EventStudy(WithRegression):
    """Two-way fixed effects with a coefficient for each event time but -1, for each arm."""

    estimator: Literal["event_study_twfe"] = "event_study_twfe"
    vcov: tuple[Vcov, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SunAbraham(WithRegression):
    """Regression on cohort times event time, averaged by cohort shares.

    ``control_group``: never-treated units, or the cohort treated last, whose treated periods are
    then left out.
    """

    estimator: Literal["sun_abraham"] = "sun_abraham"
    vcov: tuple[Vcov, ...] = ()
    control_group: Literal["never_treated", "last_treated"] = "never_treated"
    averages: tuple[Literal["simple", "event_time", "cohort"], ...] = ("simple", "event_time", "cohort")


@dataclass(frozen=True, slots=True, kw_only=True)
class Imputation(WithRegression):
    """Untreated outcomes imputed from a two-way model of untreated rows (Borusyak, Jaravel, Spiess).

    ``pretrend_periods`` event times before treatment are tested by regression on untreated rows;
    0 tests all that are observed.
    """

    estimator: Literal["imputation"] = "imputation"
    vcov: tuple[InfluenceVcov, ...] = ()
    averages: tuple[Literal["simple", "event_time", "cohort"], ...] = ("simple", "event_time")
    pretrend_periods: int = 0

    def wrong_number(self) -> str:
        """What is wrong with the numbers of the design; empty when nothing is."""
        return (
            f"pretrend_periods {self.pretrend_periods}: 0 (all) or more" if self.pretrend_periods < 0 else ""
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoStage(WithRegression):
    """Untreated rows give unit and period effects; outcomes without them are regressed on treatment."""

    estimator: Literal["two_stage"] = "two_stage"
    vcov: tuple[InfluenceVcov, ...] = ()
    averages: tuple[Literal["simple", "event_time"], ...] = ("simple", "event_time")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtendedTwoWay(WithCovariates):
    """Two-way regression with a coefficient for each treated cohort and period (Wooldridge).

    ``model: poisson`` is for counts, with ``exposure`` (a column, say hours worked) entering with
    coefficient one; effects are then a difference in the outcome and, as ``rate_ratio``, in logs.
    ``control_group: never_treated`` adds coefficients for periods before treatment.
    ``unit_effects: false`` has cohort effects instead, which gives the same in a balanced panel.
    """

    estimator: Literal["etwfe"] = "etwfe"
    vcov: tuple[Vcov, ...] = ()
    model: Literal["linear", "poisson"] = "linear"
    exposure: str = ""
    control_group: ControlGroup = "not_yet_treated"
    unit_effects: bool = True
    averages: tuple[Literal["simple", "event_time", "cohort", "calendar"], ...] = ("simple", "event_time")

    def wrong_number(self) -> str:
        """What contradicts itself in the design; empty when nothing does."""
        if self.exposure and self.model != "poisson":
            return "exposure goes with `model: poisson` only"
        unfit = sorted(set(self.vcov) - {"cr0", "cr1_groups"})
        if self.model == "poisson" and unfit:
            return f"vcov {', '.join(unfit)}: a Poisson model has cr0 and cr1_groups"
        return ""

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of the panel that the design needs beside the outcome."""
        return (*self.covariates, self.exposure) if self.exposure else self.covariates


@dataclass(frozen=True, slots=True, kw_only=True)
class Stacked(WithCovariates):
    """One small experiment a cohort, stacked, with the weights of Wing, Freedman and Hollingsworth.

    Each holds the periods from ``periods_before`` before to ``periods_after`` after (0: the period
    of treatment) and the units untreated throughout; cohorts without the whole window are left out.
    """

    estimator: Literal["stacked"] = "stacked"
    vcov: tuple[Vcov, ...] = ()
    periods_before: int = 2
    periods_after: int = 1
    control_group: ControlGroup = "not_yet_treated"

    def wrong_number(self) -> str:
        """What is wrong with the window of the design; empty when nothing is."""
        if self.periods_before < 1 or self.periods_after < 0:
            return "periods_before is 1 or more, periods_after 0 or more"
        return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Synthetic(Named):
    """Synthetic difference-in-differences: comparison units and periods weighted to look alike.

    ``kind``: ``sdid`` weighs units and periods, ``sc`` units only and without intercept, ``did``
    neither. Errors by jackknife with fixed weights, by placebo treatment of comparison units, or by
    bootstrap of units, the latter two with ``replications`` draws from the study's seed.
    """

    estimator: Literal["synthetic"] = "synthetic"
    vcov: tuple[ResampledVcov, ...] = ()
    kind: Literal["sdid", "sc", "did"] = "sdid"
    replications: int = 200

    def wrong_number(self) -> str:
        """What is wrong with the numbers of the design; empty when nothing is."""
        return f"replications {self.replications}: 2 or more" if self.replications < 2 else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dose(WithCovariates):
    """Effect by how much treatment a unit got, against units that got none.

    ``dose`` is a column, constant within units, for instance modules completed. ``cuts`` cuts it
    into groups (a dose belongs to the last cut not above it); empty: one group a distinct dose.
    ``slope`` adds the average slope in dose, which needs the stronger assumption that units of
    different dose would have gained as much from the same dose.
    """

    estimator: Literal["dose"] = "dose"
    vcov: tuple[InfluenceVcov, ...] = ()
    dose: str = ""
    cuts: tuple[float, ...] = ()
    slope: bool = False
    control_group: ControlGroup = "never_treated"
    anticipation: int = 0
    method: Literal["reg", "ipw", "dr"] = "dr"

    def wrong_number(self) -> str:
        """What is wrong with the numbers and columns of the design; empty when nothing is."""
        if not self.dose:
            return "dose: name the column"
        if list(self.cuts) != sorted({cut for cut in self.cuts if cut > 0}):
            return f"cuts {list(self.cuts)}: above 0, rising, none twice"
        return _wrong_group_time(self.anticipation, HIGHEST_SCORE)

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of the panel that the design needs beside the outcome."""
        return (self.dose, *self.covariates)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ancova(WithCovariates):
    """Level after treatment on arm, period effects, the outcome's baseline value and covariates.

    ``baseline: none`` leaves the baseline value out, for outcomes first asked after treatment.
    ``include_base_period`` keeps the rows of the base period, as some published analyses do;
    treatment is zero in them.
    """

    estimator: Literal["ancova"] = "ancova"
    vcov: tuple[Vcov, ...] = ()
    baseline: Literal["own", "none"] = "own"
    by_period: bool = False
    include_base_period: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TripleDifference(WithRegression):
    """Treated times subgroup, given cohort by period, subgroup by period and unit effects.

    ``subgroup`` is a 0/1 column, constant within units: the effect on those with 1 beyond the
    effect on those with 0.
    """

    estimator: Literal["triple_difference"] = "triple_difference"
    vcov: tuple[Vcov, ...] = ()
    subgroup: str = ""

    def wrong_number(self) -> str:
        """What is missing in the design; empty when nothing is."""
        return "" if self.subgroup else "subgroup: name the column"

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of the panel that the design needs beside the outcome."""
        by_period = (*self.covariates_by_period, *self.effects_by_period)
        return (self.subgroup, *self.covariates, *by_period)


GroupTimeDesign: TypeAlias = TwoByTwo | CallawaySantAnna
Design: TypeAlias = (
    TwoByTwo
    | CallawaySantAnna
    | TwoWayFixedEffects
    | EventStudy
    | SunAbraham
    | Imputation
    | TwoStage
    | ExtendedTwoWay
    | Stacked
    | Synthetic
    | Dose
    | Ancova
    | TripleDifference
)
