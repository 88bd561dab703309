"""True values of what designs estimate, from what training changed in each enterprise."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from impacteval.design import Outcome
from impacteval.simulation.recovery.studies import DrawnStudy


@dataclass(frozen=True, slots=True, kw_only=True)
class TrueEffect:
    """What designs should find in one study.

    ``simple`` is the mean true effect over treated cohorts and periods, weighted as group-time averages
    are; designs that give one coefficient are held against it too. ``last`` is that of the last period:
    what a change from before to after claims.
    """

    simple: float
    last: float


def true_effects(study: DrawnStudy, outcomes: tuple[Outcome, ...]) -> dict[str, TrueEffect]:
    """True effects of a study by outcome.

    The effect of a cohort in a period is the mean over all its enterprises, reached or not, trained
    at all or not. Cohorts count by their enterprises whose outcome was ever observed.
    """
    cohort = study.panel.drop_duplicates("unit").set_index("unit")["first_treat"].astype("float64")
    own = cohort.reindex(study.gains["unit"]).to_numpy()
    treated = study.gains["period"].to_numpy(dtype=np.float64) >= own
    gains = study.gains[treated].assign(cohort=own[treated])
    found = {}
    for outcome in outcomes:
        cells = _cells(gains, outcome.name).assign(share=0.0)
        cells["share"] = cells["cohort"].map(_sizes(study.panel, outcome.name)).fillna(0.0)
        last = cells["period"] == cells["period"].max()
        found[outcome.name] = TrueEffect(simple=_mean(cells), last=_mean(cells[last]))
    return found


def _cells(gains: pd.DataFrame, name: str) -> pd.DataFrame:
    """Mean gain by cohort and period: columns cohort, period, effect."""
    means = gains.groupby(["cohort", "period"])[name].mean().dropna()
    return means.rename("effect").reset_index()


def _sizes(panel: pd.DataFrame, name: str) -> pd.Series:
    """Enterprises of each cohort whose outcome was ever observed."""
    observed = panel[panel[name].notna()].drop_duplicates("unit")
    return observed["first_treat"].astype("float64").value_counts()


def _mean(cells: pd.DataFrame) -> float:
    return float(np.average(cells["effect"], weights=cells["share"]))
