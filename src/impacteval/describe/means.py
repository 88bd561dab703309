"""Observed levels: means by arm and period, exposure to treatment, and what the design could see."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from impacteval.describe.intervals import mean_with_interval
from impacteval.design import Plan
from impacteval.power import SampleSize, minimum_detectable_effect, standard_error_of_difference

MEANS_COLUMNS = ("outcome", "arm", "period", "n_units", "mean", "std_error", "conf_low", "conf_high")
EXPOSURE_COLUMNS = ("arm", "first_treat", "n_units", "n_periods_treated")
POWER_COLUMNS = (
    "outcome",
    "arm",
    "n_treated",
    "n_comparison",
    "sd_baseline",
    "autocorrelation",
    "n_before",
    "n_after",
    "mde_post",
    "mde_did",
    "mde_ancova",
)
POWER_METHODS = ("post", "did", "ancova")


def means(
    panel: pd.DataFrame, outcomes: Sequence[str], arms: Sequence[str], periods: Sequence[int], *, level: float
) -> pd.DataFrame:
    """Mean of each outcome by arm and period, with a t interval for a mean of independent units.

    Returns
    -------
    DataFrame
        ``MEANS_COLUMNS``, in the unit of the outcome; no error for fewer than two units.
    """
    rows = []
    for outcome in outcomes:
        for arm in arms:
            for period in periods:
                values = panel.loc[(panel["arm"] == arm) & (panel["period"] == period), outcome].dropna()
                rows.append(
                    {
                        "outcome": outcome,
                        "arm": arm,
                        "period": period,
                        **mean_with_interval(values, level=level),
                    }
                )
    return pd.DataFrame(rows, columns=list(MEANS_COLUMNS))


def exposure(panel: pd.DataFrame, periods: Sequence[int]) -> pd.DataFrame:
    """Enterprises by arm and first treated period, and in how many periods they are treated."""
    units = panel.drop_duplicates("unit")
    counted = units.groupby(["arm", "first_treat"], dropna=False).size().reset_index(name="n_units")
    counted["n_periods_treated"] = [
        0 if pd.isna(first) else sum(period >= first for period in periods)
        for first in counted["first_treat"]
    ]
    return counted[list(EXPOSURE_COLUMNS)]


def design_power(panel: pd.DataFrame, outcomes: Sequence[str], plan: Plan) -> pd.DataFrame:
    """Minimum detectable effects of the design, from variances and correlations before results.

    The spread is that of the period before anyone was treated; the autocorrelation is the mean
    correlation between periods within comparison enterprises, which treatment did not touch.
    Enterprises are taken as independent; periods without any value do not count.

    Returns
    -------
    DataFrame
        ``POWER_COLUMNS``; effects in the unit of the outcome.
    """
    first = int(panel["first_treat"].min())
    last_before = max(p for p in plan.panel.periods if p < first)
    comparison = panel[panel["arm"] == plan.treatment.comparison.name]
    rows = []
    for outcome in outcomes:
        sd = float(panel.loc[panel["period"] == last_before, outcome].std(ddof=1))
        asked = panel.loc[panel[outcome].notna(), "period"].unique()
        autocorrelation = _autocorrelation(comparison, outcome)
        for arm in plan.treatment.arms:
            size = SampleSize(
                n_treated=_n_observed(panel[panel["arm"] == arm.name], outcome),
                n_comparison=_n_observed(comparison, outcome),
                n_before=int((asked < first).sum()),
                n_after=int((asked >= first).sum()),
            )
            rows.append(
                {
                    "outcome": outcome,
                    "arm": arm.name,
                    "n_treated": size.n_treated,
                    "n_comparison": size.n_comparison,
                    "sd_baseline": sd,
                    "autocorrelation": autocorrelation,
                    "n_before": size.n_before,
                    "n_after": size.n_after,
                    **{
                        f"mde_{method}": _detectable(size, sd, autocorrelation, method, plan)
                        for method in POWER_METHODS
                    },
                }
            )
    return pd.DataFrame(rows, columns=list(POWER_COLUMNS))


def _n_observed(panel: pd.DataFrame, outcome: str) -> int:
    return int(panel.loc[panel[outcome].notna(), "unit"].nunique())


def _detectable(size: SampleSize, sd: float, autocorrelation: float, method: str, plan: Plan) -> float:
    """Minimum detectable effect; NaN where a side has one unit or the outcome's spread is not known."""
    spread_is_known = bool(np.isfinite([sd, autocorrelation]).all()) and sd > 0
    has_sample = min(size.n_treated, size.n_comparison) > 1 and min(size.n_before, size.n_after) > 0
    if not (has_sample and spread_is_known):
        return float("nan")
    error = standard_error_of_difference(size, sd=sd, autocorrelation=autocorrelation, method=method)
    df = np.array([size.n_treated + size.n_comparison - 2.0])
    return float(minimum_detectable_effect(np.array([error]), df, level=plan.level, power=plan.power)[0])


def _autocorrelation(comparison: pd.DataFrame, outcome: str) -> float:
    """Mean correlation between pairs of periods that share at least ten enterprises."""
    wide = comparison.pivot(index="unit", columns="period", values=outcome)
    correlation = wide.corr(min_periods=10).to_numpy()
    pairs = correlation[np.triu_indices_from(correlation, k=1)]
    known = pairs[~np.isnan(pairs)]
    return float(known.mean()) if len(known) else float("nan")
