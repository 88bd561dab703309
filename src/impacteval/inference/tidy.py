"""Estimates as a data frame, one row an effect."""

from __future__ import annotations

import pandas as pd

from impacteval.effects import Estimates

KEYS = ("estimand", "arm", "term", "subgroup", "cohort", "period", "event_time")
WHOLE = ("cohort", "period", "event_time", "n_units", "n_treated", "n_comparison", "n_obs", "n_clusters")


def tidy(estimates: Estimates) -> pd.DataFrame:
    """Put estimates, their errors and counts into a data frame.

    Returns
    -------
    DataFrame
        One row an effect, in their order: ``estimator, outcome, estimand, arm, term, subgroup, cohort,
        period, event_time, estimate, std_error, statistic, df, p_value, conf_low, conf_high,
        n_units, n_treated, n_comparison, n_obs, n_clusters, vcov, note``; missing where a key is averaged
        over or an error is not known. ``n_clusters`` is missing for errors that are not by cluster.
    """
    effects = estimates.effects
    frame = pd.DataFrame(
        {
            "estimator": effects.estimator,
            "outcome": effects.outcome,
            **{name: [getattr(key, name) for key in effects.keys] for name in KEYS},
            "estimate": effects.estimate,
            **{
                name: getattr(estimates, name)
                for name in ("std_error", "statistic", "df", "p_value", "conf_low", "conf_high")
            },
            "n_units": effects.in_sample.sum(axis=0),
            "n_treated": effects.n_treated,
            "n_comparison": effects.n_comparison,
            "n_obs": effects.n_obs,
            "n_clusters": [n if n >= 0 else None for n in estimates.n_clusters],
            "vcov": estimates.vcov,
            "note": list(estimates.notes),
        }
    )
    return frame.astype(dict.fromkeys(WHOLE, "Int64"))
