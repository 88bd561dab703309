"""Parameters of what enterprises and workers answer, of what is missing, and of costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from impacteval.closed import Closed, OptionError
from impacteval.simulation.programme_study.limits import (
    refuse_unless_keys,
    refuse_unless_probabilities,
    refuse_unless_shares,
)
from impacteval.simulation.programme_study.study_shape import KPIS, N_ROUNDS


@dataclass(frozen=True, slots=True, kw_only=True)
class LogNormal(Closed):
    """A quantity by its median and the standard deviation of its logarithm."""

    median: float
    sd_ln: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Economy(Closed):
    """Prices, exchange rates and minimum wages by year."""

    years: tuple[int, ...]
    wpi: tuple[float, ...]
    cpi: tuple[float, ...]
    idr_per_usd: tuple[float, ...]
    minimum_wage: Mapping[str, tuple[float, ...]]
    price: Mapping[str, float]

    def __post_init__(self) -> None:
        series = {"wpi": self.wpi, "cpi": self.cpi, "idr_per_usd": self.idr_per_usd, **self.minimum_wage}
        wrong = [name for name, values in series.items() if len(values) != len(self.years)]
        if wrong or len(self.years) != N_ROUNDS:
            raise OptionError(
                f"{', '.join(wrong) or 'years'}: one value is expected for each of {N_ROUNDS} rounds"
            )
        refuse_unless_keys("price", self.price, ("kwh", "diesel_l", "lpg_kg", "gas_nm3", "petrol_l"))


@dataclass(frozen=True, slots=True, kw_only=True)
class EnterpriseHabits(Closed):
    """Levels of what enterprises report beside the main outcomes."""

    contracts: Mapping[str, float]
    contract_concentration: float
    casual_share: float
    women_by_process: Mapping[str, float]
    women_concentration: float
    supervisor_share: float
    hours_per_worker: float
    labour_on_costs: float
    services_share: float
    d_inventory_sd: float
    inventory_days: LogNormal
    capital_per_worker_m: LogNormal
    rework: LogNormal
    customer_ppm: LogNormal
    scrap: LogNormal
    downtime: LogNormal
    lead_time_days: LogNormal
    suggestions_per_worker: LogNormal
    near_misses_per_100: LogNormal
    grievances_per_100: LogNormal
    training_hours: LogNormal
    jamsostek_share: float
    disputes: tuple[float, ...]
    union_density: float

    def __post_init__(self) -> None:
        refuse_unless_shares("contracts", self.contracts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Workers(Closed):
    """Workers drawn at each enterprise, and how alike they are within it."""

    per_firm: int
    icc: float
    male_wage_premium: float
    sd_ln_wage_within: float
    tenure_return: float
    sd_hours_within: float
    allowance_share: float
    non_compliant: float
    item_loading: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Injuries(Closed):
    """Rates of injuries: a gamma-Poisson count, of which a share is reported."""

    ltifr: float
    gamma_alpha: float
    report_prob: float
    minor_per_lost_time: float
    fatal_per_lost_time: float
    days_per_lost_time: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportingRule(Closed):
    """How far reports are from what is true: variance of true over variance of reported values."""

    reliability: Mapping[str, float]
    recall_noise: float
    money_correlation: float
    enumerator_sd: float
    negative_value_added: float

    def __post_init__(self) -> None:
        if "default" not in self.reliability:
            raise OptionError("reliability: the key 'default' is missing")
        wrong = [f"{k}={v:g}" for k, v in self.reliability.items() if not 0 < v <= 1]
        if wrong:
            raise OptionError(f"reliability: {', '.join(wrong)}: above 0 and at most 1 is expected")

    def of(self, outcome: str) -> float:
        """Reliability of an outcome."""
        return self.reliability.get(outcome, self.reliability["default"])


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingRule(Closed):
    """Why answers are missing, and how often."""

    financial_refusal: float
    kpi_unrecorded_baseline: float
    kpi_trend_pp: tuple[float, ...]
    kpi_offset_pp: Mapping[str, float]
    kpi_document: float
    item: float
    partial: float

    def __post_init__(self) -> None:
        refuse_unless_keys("kpi_offset_pp", self.kpi_offset_pp, KPIS)
        names = ("financial_refusal", "kpi_unrecorded_baseline", "kpi_document", "item", "partial")
        refuse_unless_probabilities(self, names)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attrition(Closed):
    """Shares of enterprises not interviewed in the last round, of which ``exit`` no longer exist."""

    treated: float
    comparison: float
    exit: float
    by_second_round: float
    away_one_round: float
    on_size: float
    on_mgmt: float

    def __post_init__(self) -> None:
        names = ("treated", "comparison", "exit", "by_second_round", "away_one_round")
        refuse_unless_probabilities(self, names)


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs(Closed):
    """What the programme cost, by component, and who paid."""

    total_usd: float
    share: Mapping[str, float]
    enterprise_fee: float
    partner: float
    in_rupiah: float

    def __post_init__(self) -> None:
        refuse_unless_shares("share", self.share)
