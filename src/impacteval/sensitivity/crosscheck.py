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
from impacteval.sensitivity.second_engine import engine_of, reason_not_compared, second_engine
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
OTHER_TIMES = "averages cover other event times"
OWN_WEIGHTS = "a regression's own average: other weights"
NOTHING_SHARED = "not compared: no average and no event times in common"
NO_ESTIMATE = "not compared: the design gives no such estimate"
COEFFICIENT = "coefficient"
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
    slightly different questions; a difference says so, not which is right. Averages are compared
    where both cover the same event times from 0, or where one is a regression's coefficient, whose
    weights are its own; otherwise only the event times that both have.

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
            is_asked = not design.outcomes or first["outcome"] in design.outcomes
            if is_asked and design.name != first["design"]:
                yield from _against(first, mine, design.name, stored, cluster)


def _against(
    first: pd.Series, mine: pd.DataFrame, design: str, stored: StoredInfluence, cluster: Int1D
) -> Iterator[dict[str, object]]:
    row = {"outcome": first["outcome"], "arm": first["arm"], "kind": "estimator"}
    named = {"design": first["design"], "against": design}
    average = _average(mine[mine["design"] == design])
    ours, theirs = _from_start(mine, first["design"]), _from_start(mine, design)
    shared = ours.index.intersection(theirs.index)
    is_regression = COEFFICIENT in {first["estimand"], *average["estimand"]}
    has_same_times = len(ours) > 0 and set(ours.index) == set(theirs.index)
    is_compared = len(average) == 1 and (is_regression or has_same_times)
    if is_compared:
        pair = _pair(mine[mine["effect"] == first["effect"]], average, stored)
        found = _compared(pair, cluster)
        yield {**row, "effects": "average", **named, **_noted(found, OWN_WEIGHTS if is_regression else "")}
    if len(shared):
        pair = _pair(ours.loc[shared], theirs.loc[shared], stored)
        said = OTHER_TIMES if len(average) == 1 and not is_compared else ""
        yield {**row, "effects": "event times from 0", **named, **_noted(_compared(pair, cluster), said)}
    elif not is_compared:
        yield {**row, "effects": "average", **named, "n_effects": 0, "note": NOTHING_SHARED}


def _average(estimates: pd.DataFrame) -> pd.DataFrame:
    """The estimate of a design over all cohorts and periods; no row where it has none."""
    whole = estimates[estimates["estimand"].isin(HEADLINE_ESTIMANDS) & estimates["period"].isna()]
    is_headline = whole["term"].isin([term or "" for term in HEADLINE_TERMS])
    return whole[is_headline & whole["estimate"].notna()]


def _from_start(estimates: pd.DataFrame, design: str) -> pd.DataFrame:
    """Estimates of a design by event time from 0, indexed by event time."""
    mine = estimates[(estimates["design"] == design) & (estimates["estimand"] == "event_time")]
    # A dose group has its own effects by event time.
    mine = mine[mine["term"].isin([term or "" for term in HEADLINE_TERMS])]
    return mine[(mine["event_time"] >= 0) & mine["estimate"].notna()].set_index("event_time")


def _noted(found: dict[str, object], said: str) -> dict[str, object]:
    """Add a note; what holds of unequal averages need not be said of equal ones."""
    if said == OWN_WEIGHTS and found["note"] == IDENTICAL:
        return found
    return {**found, "note": "; ".join(filter(None, [str(found["note"]), said]))}


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
    found: dict[str, object] = {"n_effects": len(difference)}
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

    A design that is not compared has a row with the reason, so that its absence is no agreement.

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
        if design.outcomes and outcome.name not in design.outcomes:
            continue
        row: dict[str, object] = {
            "outcome": outcome.name,
            "kind": "engine",
            "effects": "estimates and cr0 errors",
            "design": design.name,
            "against": engine_of(design),
        }
        reason = reason_not_compared(design)
        if reason:
            yield {**row, "n_effects": 0, "note": reason}
            continue
        try:
            panel = panel_for(frame, outcome, design, plan)
            theirs = {
                effect_id(outcome.name, design.name, key): pair
                for key, pair in second_engine(panel, design).items()
            }
        except ImpactEvalError as error:
            yield {**row, "n_effects": 0, "note": f"not compared: {error}"}
            continue
        yield {**row, **_beside_engine(value, theirs, panel, stored)}


def _beside_engine(
    value: dict[str, float], theirs: dict[str, tuple[float, float]], panel: Panel, stored: StoredInfluence
) -> dict[str, object]:
    shared = [name for name in theirs if np.isfinite(value.get(name, np.nan))]
    if not shared:
        return {"n_effects": 0, "note": NO_ESTIMATE}
    ours = np.array([[value[name] for name in shared], _errors(stored.of(shared), panel, stored)])
    other = np.array([theirs[name] for name in shared]).T
    return {"n_effects": len(shared), "largest_relative_difference": _largest(ours, other)}


def _errors(influence: Float2D, panel: Panel, stored: StoredInfluence) -> Float1D:
    """Errors by cluster without factor, of influence on all stored units."""
    position = np.searchsorted(stored.unit_ids, panel.unit_ids)
    own = influence[position] * (panel.n_units / len(stored.unit_ids))
    return np.asarray(np.sqrt(np.diag(cluster_covariance(own, panel.cluster))))


def _largest(ours: Float2D, other: Float2D) -> float:
    """Largest difference of estimates and of errors, each relative to its size or the error.

    An estimate whose error one of the two does not know is compared all the same.
    """
    scale = np.fmax(np.abs(other), ours[1])
    known = np.isfinite(ours) & np.isfinite(other) & (scale > 0)
    return float(np.max((np.abs(ours - other) / np.where(known, scale, 1.0))[known], initial=0.0))
