"""Observed levels: means by arm and period, exposure to treatment, and what the design could see."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from impacteval.power import minimum_detectable_effect, standard_error_of_difference

MEANS_COLUMNS = ("outcome", "arm", "period", "n_units", "mean", "std_error")
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


def means(panel: pd.DataFrame, outcomes: Sequence[str], arms: Sequence[str], periods: Sequence[int]) -> pd.DataFrame:
    """Mean of each outcome by arm and period, with the error of a mean of independent units."""
    rows = []
    for outcome in outcomes:
        for arm in arms:
            for period in periods:
                values = panel.loc[(panel["arm"] == arm) & (panel["period"] == period), outcome].dropna()
                n = len(values)
                rows.append(
                    {
                        "outcome": outcome,
                        "arm": arm,
                        "period": period,
                        "n_units": n,
                        "mean": float(values.mean()) if n else float("nan"),
                        "std_error": float(values.std(ddof=1) / np.sqrt(n)) if n > 1 else float("nan"),
                    }
                )
    return pd.DataFrame(rows, columns=list(MEANS_COLUMNS))


def exposure(panel: pd.DataFrame, periods: Sequence[int]) -> pd.DataFrame:
    """Enterprises by arm and first treated period, and in how many periods they are treated."""
    units = panel.drop_duplicates("unit")
    counted = units.groupby(["arm", "first_treat"], dropna=False).size().reset_index(name="n_units")
    last = max(periods)
    counted["n_periods_treated"] = [
        0 if pd.isna(first) else sum(1 for p in periods if first <= p <= last) for first in counted["first_treat"]
    ]
    return counted[list(EXPOSURE_COLUMNS)]


def design_power(
    panel: pd.DataFrame,
    outcomes: Sequence[str],
    arms: Sequence[str],
    comparison: str,
    periods: Sequence[int],
    *,
    level: float,
    power: float,
) -> pd.DataFrame:
    """Minimum detectable effects of the design, from variances and correlations before results.

    The spread is that of the period before anyone was treated; the autocorrelation is the mean
    correlation between periods within comparison enterprises, which treatment did not touch.

    Returns
    -------
    DataFrame
        ``POWER_COLUMNS``; effects in the unit of the outcome.
    """
    first = int(panel["first_treat"].min())
    before = [p for p in periods if p < first]
    after = [p for p in periods if p >= first]
    rows = []
    for outcome in outcomes:
        base = panel[panel["period"] == before[-1]]
        sd = float(base[outcome].std(ddof=1))
        rho = _autocorrelation(panel[panel["arm"] == comparison], outcome)
        n_comparison = int(panel.loc[(panel["arm"] == comparison) & panel[outcome].notna(), "unit"].nunique())
        for arm in arms:
            n_treated = int(panel.loc[(panel["arm"] == arm) & panel[outcome].notna(), "unit"].nunique())
            row: dict[str, object] = {
                "outcome": outcome,
                "arm": arm,
                "n_treated": n_treated,
                "n_comparison": n_comparison,
                "sd_baseline": sd,
                "autocorrelation": rho,
                "n_before": len(before),
                "n_after": len(after),
            }
            for method in ("post", "did", "ancova"):
                row[f"mde_{method}"] = float("nan")
                if min(n_treated, n_comparison) > 1 and np.isfinite([sd, rho]).all() and sd > 0:
                    error = standard_error_of_difference(
                        sd=sd,
                        n_treated=n_treated,
                        n_comparison=n_comparison,
                        autocorrelation=rho,
                        n_before=len(before),
                        n_after=len(after),
                        method=method,
                    )
                    df = np.array([n_treated + n_comparison - 2.0])
                    row[f"mde_{method}"] = float(
                        minimum_detectable_effect(np.array([error]), df, level=level, power=power)[0]
                    )
            rows.append(row)
    return pd.DataFrame(rows, columns=list(POWER_COLUMNS))


def _autocorrelation(comparison: pd.DataFrame, outcome: str) -> float:
    """Mean correlation between pairs of periods that share at least ten enterprises."""
    wide = comparison.pivot(index="unit", columns="period", values=outcome)
    correlation = wide.corr(min_periods=10).to_numpy()
    pairs = correlation[np.triu_indices_from(correlation, k=1)]
    known = pairs[~np.isnan(pairs)]
    return float(known.mean()) if len(known) else float("nan")
