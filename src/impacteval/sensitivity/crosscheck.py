"""Do other estimators, and other software, say the same? One row a comparison."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from impacteval.analysis import panel_for
from impacteval.arrays import Float1D, Float2D, Int1D, codes_of
from impacteval.design import Outcome, Plan
from impacteval.errors import ImpactEvalError
from impacteval.inference.errors import cluster_covariance
from impacteval.panel import Panel
from impacteval.result_rows import HEADLINE_ESTIMANDS, HEADLINE_TERMS, effect_id
from impacteval.sensitivity.influence import joint_test
from impacteval.sensitivity.second_engine import ENGINE, second_engine
from impacteval.sensitivity.stored import StoredInfluence, design_of, without_vcov

CROSSCHECK_COLUMNS = (
    "outcome",
    "arm",
    "kind",
    "effects",
    "design",
    "against",
    "n_effects",
    "estimate",
    "estimate_against",
    "difference",
    "std_error_difference",
    "largest_relative_difference",
    "statistic",
    "df",
    "df_error",
    "p_value",
    "note",
)
# Differences of this share of an estimate's error are rounding: both computed the same thing.
SAME = 1e-9
IDENTICAL = "the same estimate, by another route"
NO_JOINT_TEST = "no joint test: more differences than clusters allow, or an error is not known"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pair:
    """Two estimates of the same effects, (n_effects,), and the influence of their difference."""

    first: Float1D
    second: Float1D
    influence: Float2D


def crosscheck_rows(
    estimates: pd.DataFrame, stored: StoredInfluence, cluster_of: pd.Series, plan: Plan
) -> Iterator[dict[str, object]]:
    """Compare the headline of each outcome and arm with every other design of the plan.

    The test is that of Hausman (1978, Econometrica 46(6)) with the variance of the difference itself,
    from joint influence, so that neither estimator need be efficient. The designs may answer
    slightly different questions; a difference says so, not which is right.

    Parameters
    ----------
    estimates : DataFrame
        Estimates of one family.
    stored : StoredInfluence
        Their influence.
    cluster_of : Series
        Cluster of each unit, by unit id.
    plan : Plan
    """
    cluster = codes_of(cluster_of.loc[list(stored.unit_ids)].to_numpy(dtype=np.str_))[0]
    whole = estimates[estimates["subgroup"] == ""].copy()
    whole["design"] = whole["estimate_id"].map(design_of)
    whole["effect"] = whole["estimate_id"].map(without_vcov)
    whole = whole.drop_duplicates("effect")
    headline = estimates.loc[estimates["role"] != "supporting", "estimate_id"].map(without_vcov)
    for _, first in whole[whole["effect"].isin(set(headline))].iterrows():
        mine = whole[(whole["outcome"] == first["outcome"]) & (whole["arm"] == first["arm"])]
        for design in plan.designs:
            if design.name != first["design"]:
                yield from _against(first, mine, design.name, stored, cluster)


def _against(
    first: pd.Series, mine: pd.DataFrame, design: str, stored: StoredInfluence, cluster: Int1D
) -> Iterator[dict[str, object]]:
    row = {"outcome": first["outcome"], "arm": first["arm"], "kind": "estimator"}
    named = {"design": first["design"], "against": design}
    other = mine[mine["design"] == design]
    whole = other[other["estimand"].isin(HEADLINE_ESTIMANDS) & other["period"].isna()]
    whole = whole[whole["term"].isin([term or "" for term in HEADLINE_TERMS])]
    if len(whole) == 1:
        pair = _pair(mine[mine["effect"] == first["effect"]], whole, stored)
        yield {**row, "effects": "average", **named, **_compared(pair, cluster)}
    after = mine[(mine["estimand"] == "event_time") & (mine["event_time"] >= 0) & mine["estimate"].notna()]
    ours = after[after["design"] == first["design"]].set_index("event_time")
    theirs = after[after["design"] == design].set_index("event_time")
    shared = ours.index.intersection(theirs.index)
    if len(shared):
        pair = _pair(ours.loc[shared], theirs.loc[shared], stored)
        yield {**row, "effects": "event times from 0", **named, **_compared(pair, cluster)}


def _pair(first: pd.DataFrame, second: pd.DataFrame, stored: StoredInfluence) -> _Pair:
    influence = stored.of(list(first["effect"])) - stored.of(list(second["effect"]))
    return _Pair(
        first=first["estimate"].to_numpy(dtype=np.float64),
        second=second["estimate"].to_numpy(dtype=np.float64),
        influence=influence,
    )


def _compared(pair: _Pair, cluster: Int1D) -> dict[str, object]:
    difference = pair.first - pair.second
    size = np.maximum(np.abs(pair.first), np.abs(pair.second))
    error = np.sqrt(np.diag(cluster_covariance(pair.influence, cluster)))
    differ = ~(np.abs(difference) <= SAME * np.maximum(size, error))
    found: dict[str, object] = {
        "n_effects": len(difference),
        "largest_relative_difference": float(np.max(np.abs(difference) / np.where(size > 0, size, 1.0))),
    }
    if len(difference) == 1:
        found |= {
            "estimate": float(pair.first[0]),
            "estimate_against": float(pair.second[0]),
            "difference": float(difference[0]),
            "std_error_difference": float(error[0]) if differ[0] else np.nan,
        }
    if not differ.any():
        return {**found, "note": IDENTICAL}
    test = joint_test(difference[differ], pair.influence[:, differ], cluster)
    return {
        **found,
        "statistic": test.statistic,
        "df": test.df,
        "df_error": test.df_error,
        "p_value": test.p_value,
        "note": NO_JOINT_TEST if np.isnan(test.p_value) else "",
    }


def engine_rows(
    frame: pd.DataFrame,
    estimates: pd.DataFrame,
    stored: StoredInfluence,
    outcome: Outcome,
    plan: Plan,
) -> Iterator[dict[str, object]]:
    """Compare the estimates and errors (cr0) of each design with those of the second engine.

    Parameters
    ----------
    frame : DataFrame
        The panel: a row a unit and period.
    estimates : DataFrame
        Estimates of the outcome's family.
    stored : StoredInfluence
        Their influence.
    """
    value = dict(zip(estimates["estimate_id"].map(without_vcov), estimates["estimate"], strict=True))
    for design in plan.designs:
        row: dict[str, object] = {
            "outcome": outcome.name,
            "kind": "engine",
            "effects": "estimates and cr0 errors",
            "design": design.name,
            "against": ENGINE,
        }
        try:
            theirs = {
                effect_id(outcome.name, design.name, key): pair
                for key, pair in second_engine(panel_for(frame, outcome, design, plan), design).items()
            }
        except ImpactEvalError as error:
            yield {**row, "n_effects": 0, "note": str(error)}
            continue
        shared = [name for name in theirs if np.isfinite(value.get(name, np.nan))]
        if shared:
            panel = panel_for(frame, outcome, design, plan)
            ours = np.array([[value[name] for name in shared], _errors(stored.of(shared), panel, stored)])
            other = np.array([theirs[name] for name in shared]).T
            yield {**row, "n_effects": len(shared), "largest_relative_difference": _largest(ours, other)}


def _errors(influence: Float2D, panel: Panel, stored: StoredInfluence) -> Float1D:
    """Errors by cluster without factor, of influence on all stored units."""
    position = np.searchsorted(stored.unit_ids, panel.unit_ids)
    own = influence[position] * (panel.n_units / len(stored.unit_ids))
    return np.asarray(np.sqrt(np.diag(cluster_covariance(own, panel.cluster))))


def _largest(ours: Float2D, other: Float2D) -> float:
    """Largest difference of estimates and of errors, each relative to its size or the error."""
    known = np.isfinite(ours).all(axis=0) & np.isfinite(other).all(axis=0)
    scale = np.maximum(np.abs(other), ours[1])[:, known]
    return float(np.max(np.abs(ours - other)[:, known] / scale, initial=0.0))
