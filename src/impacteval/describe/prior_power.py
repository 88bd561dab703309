"""What the design could find, from what was expected before its data."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from impacteval.derivation import Prior
from impacteval.design import Plan
from impacteval.power import (
    SampleSize,
    exaggeration,
    minimum_detectable_effect,
    power_of_test,
    standard_error_of_difference,
    wrong_sign,
)

PRIOR_POWER_COLUMNS = (
    "outcome",
    "arm",
    "method",
    "dose",
    "dose_share",
    "effect",
    "n_treated",
    "n_comparison",
    "std_error",
    "mde",
    "power",
    "exaggeration",
    "wrong_sign",
    "source",
)
METHODS = ("did", "ancova")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """An arm at a dose: enterprises enrolled and the share of the full dose."""

    arm: str
    n_treated: int
    dose: str
    share: float


def prior_power(panel: pd.DataFrame, plan: Plan, priors: tuple[Prior, ...]) -> pd.DataFrame:
    """Power of the design by outcome, at the full dose and at the dose that was received.

    Enterprises enrolled are reduced by the attrition and coverage that were expected, comparison
    enterprises also by overlap; effects are proportional to the dose. The received dose is the mean
    over treated enterprises in the last period that the plan's ``dose`` outcome has a value for.

    Parameters
    ----------
    panel : DataFrame
        The enterprise panel.

    Returns
    -------
    DataFrame
        ``PRIOR_POWER_COLUMNS``; ``dose`` is ``full`` or ``received``, ``exaggeration`` the ratio of
        significant estimates to the true effect, ``wrong_sign`` the chance that these have the other sign.

    References
    ----------
    McKenzie (2012), Journal of Development Economics 99(2), equations 5 to 9.
    """
    enrolled = panel.drop_duplicates("unit")["arm"].value_counts()
    n_comparison = int(enrolled.get(plan.treatment.comparison.name, 0))
    cases = [
        _Case(arm=arm.name, n_treated=int(enrolled.get(arm.name, 0)), dose=dose, share=share)
        for arm in plan.treatment.arms
        for dose, share in _doses(panel, plan, arm.name).items()
    ]
    rows = [
        _row(prior, plan, method, case, n_comparison)
        for prior in priors
        for method in METHODS
        for case in cases
    ]
    return pd.DataFrame(rows, columns=list(PRIOR_POWER_COLUMNS))


def _doses(panel: pd.DataFrame, plan: Plan, arm: str) -> dict[str, float]:
    """Shares of the full dose: all of it and, where the plan names a dose, the mean received."""
    if not plan.dose:
        return {"full": 1.0}
    received = panel.loc[panel["arm"] == arm, ["period", plan.dose]].dropna()
    last = received.loc[received["period"] == received["period"].max(), plan.dose]
    return {"full": 1.0, "received": float(last.mean())}


def _row(prior: Prior, plan: Plan, method: str, case: _Case, n_comparison: int) -> dict[str, object]:
    followed = (1 - prior.attrition) * prior.coverage
    size = SampleSize(
        n_treated=round(case.n_treated * followed),
        n_comparison=round(n_comparison * followed * prior.overlap),
        n_before=prior.n_before,
        n_after=prior.n_after,
    )
    effect = np.array([prior.effect_full_dose * case.share])
    error = np.array([_error(size, prior, method)])
    df = np.array([size.n_treated + size.n_comparison - 2.0])
    level = plan.level
    return {
        "outcome": prior.outcome,
        "arm": case.arm,
        "method": method,
        "dose": case.dose,
        "dose_share": case.share,
        "effect": effect[0],
        "n_treated": size.n_treated,
        "n_comparison": size.n_comparison,
        "std_error": error[0],
        "mde": minimum_detectable_effect(error, df, level=level, power=plan.power)[0],
        "power": power_of_test(effect, error, df, level=level)[0],
        "exaggeration": exaggeration(effect, error, level=level)[0],
        "wrong_sign": wrong_sign(effect, error, level=level)[0],
        "source": prior.source,
    }


def _error(size: SampleSize, prior: Prior, method: str) -> float:
    if min(size.n_treated, size.n_comparison) < 2:
        return float("nan")
    error = standard_error_of_difference(
        size, sd=prior.sd, autocorrelation=prior.autocorrelation, method=method
    )
    return error * float(np.sqrt(prior.variance_inflation))
