"""Rows of the R package did: the design that each asks for, and where its number is found here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.testing import assert_allclose
from scipy import stats

from impacteval.arrays import Int1D
from impacteval.designs import CallawaySantAnna
from impacteval.effects import Effects
from impacteval.estimators.aggregate import averages
from impacteval.estimators.group_time import att_group_time
from impacteval.estimators.sections_group_time import att_group_time_sections
from impacteval.inference.errors import cluster_covariance, with_errors
from impacteval.panel import Panel
from impacteval.sections import Sections, sections_of
from support.golden import options_of

KINDS = ("simple", "event_time", "dynamic", "cohort", "calendar")
CONTROL_GROUP = {"nevertreated": "never_treated", "notyettreated": "not_yet_treated"}
# Wald statistics of did are rounded nowhere, its p-values to five decimals.
P_VALUE = 0.51e-5


@dataclass(frozen=True, slots=True, kw_only=True)
class DidResults:
    """Estimates and errors by estimand, cohort, period and event time, and the pre-trend test."""

    found: Mapping[tuple[str, int | None, int | None, int | None], tuple[float, float]]
    wald: tuple[float, float]
    n_units: int


def covariates_of(options: Mapping[str, str]) -> tuple[str, ...]:
    """Names on the right of the formula ``x``."""
    names = (name.strip() for name in options["x"].removeprefix("~").split("+"))
    return tuple(name for name in names if name != "1")


def design_of(options: Mapping[str, str], missing: str) -> CallawaySantAnna:
    """The design that a row of did asks for."""
    return CallawaySantAnna(
        name="did",
        control_group=CONTROL_GROUP[options["control"]],
        base_period=options["base_period"],
        anticipation=int(options["anticipation"]),
        method=options["est_method"],
        covariates=covariates_of(options),
        missing=missing,
        balance_event_time=int(options["balance_e"]) if "balance_e" in options else None,
    )


def effects_of(population: Panel | Sections, design: CallawaySantAnna) -> tuple[Effects, ...]:
    """Group-time effects and all their averages."""
    estimate = att_group_time_sections if isinstance(population, Sections) else att_group_time
    cells = estimate(population, design)
    balance = design.balance_event_time
    return cells, *averages(cells, population, KINDS, balance_event_time=balance)


def without_clusters(population: Panel | Sections) -> Panel | Sections:
    """The population with each unit a cluster of its own."""
    return replace(population, cluster=np.arange(len(population.cluster)))


def did_results(population: Panel | Sections, design: CallawaySantAnna, n_units: int) -> DidResults:
    """All numbers of a design.

    Errors are by clusters without factor; ``with_errors`` must agree wherever it gives one: it does
    not where a side of a comparison, or of one that an average holds, lies in one cluster, which did
    takes no notice of. There the influence is that of units which are clusters of their own.
    """
    parts = effects_of(population, design)
    found = {}
    for part, unclustered in zip(parts, effects_of(without_clusters(population), design), strict=True):
        errors = np.sqrt(np.diag(cluster_covariance(unclustered.influence, population.cluster)))
        estimates = with_errors(part, "cr0", population.cluster)
        is_known = ~np.array(["one cluster" in note for note in estimates.notes])
        assert np.isnan(estimates.std_error[~is_known]).all()
        assert_allclose(estimates.std_error[is_known], errors[is_known], rtol=1e-12)
        for j, key in enumerate(part.keys):
            place = (key.estimand, key.cohort, key.period, key.event_time)
            found[place] = float(part.estimate[j]), float(errors[j])
    return DidResults(found=found, wald=_pretest(parts[0], population.cluster), n_units=n_units)


def _pretest(cells: Effects, cluster: Int1D) -> tuple[float, float]:
    """Wald test that effects before treatment are zero."""
    before = [j for j, key in enumerate(cells.keys) if key.event_time < 0 and np.isfinite(cells.estimate[j])]
    if not before:
        return np.nan, np.nan
    estimate = cells.estimate[before]
    covariance = cluster_covariance(cells.influence[:, before], cluster)
    statistic = float(estimate @ np.linalg.solve(covariance, estimate))
    return statistic, float(stats.chi2.sf(statistic, len(before)))


def place_of(row: Mapping[str, str]) -> tuple[str, int | None, int | None, int | None]:
    """Where a row of an estimate is found in ``DidResults``."""
    group, time, event_time = (int(row[c]) if row[c] else None for c in ("group", "time", "event_time"))
    match row["estimator"], row["term"]:
        case "att_gt", _:
            return "att_gt", group, time, event_time
        case "aggte_simple", _:
            return "simple", None, None, None
        case "aggte_dynamic", "overall":
            return "dynamic", None, None, None
        case "aggte_dynamic", _:
            return "event_time", None, None, event_time
        case "aggte_group", _:
            return "cohort", group, None, None
        case _:
            return "calendar", None, time, None


def why_left_out(row: Mapping[str, str]) -> str:
    """Why a row has no counterpart here; empty where it is compared."""
    options = options_of(row)
    if row["term"] == "ERROR":
        return "the reference package failed"
    if "STOCHASTIC" in row["note"]:
        return "a bootstrap with its Monte-Carlo error"
    if options.get("fix_weights") == "varying":
        return "each row keeps its own weight, which turns a panel into cross-sections: not offered"
    if options.get("fix_weights") == "base_period" and _is_before(row):
        return "weights of the cohort's base period; ours are of the earlier period, the same after treatment"
    is_test = row["term"] in {"n_units", "wald_pretest"}
    if not is_test and row["std_error"] == "" and options["base_period"] == "universal":
        return "the base period: zero by definition, no row here"
    return ""


def _is_before(row: Mapping[str, str]) -> bool:
    return row["term"] == "wald_pretest" or row["event_time"].startswith("-")


def by_options(rows: Sequence[Mapping[str, str]]) -> dict[str, list[Mapping[str, str]]]:
    """Rows that are compared, by the call they come from."""
    found: dict[str, list[Mapping[str, str]]] = {}
    for row in rows:
        if not why_left_out(row):
            found.setdefault(row["options"], []).append(row)
    return found


def reasons_of(rows: Sequence[Mapping[str, str]]) -> Counter[str]:
    """How many rows are left out for each reason; the empty reason counts those compared."""
    return Counter(why_left_out(row) for row in rows)


def assert_agrees(rows: Sequence[Mapping[str, str]], results: DidResults, *, atol: float = 1e-12) -> None:
    """Compare rows of did with our results, to a relative 1e-8."""
    for row in rows:
        where = f"line {row['line']}"
        if row["term"] == "n_units":
            assert results.n_units == int(row["estimate"]), where
        elif row["term"] == "wald_pretest":
            if row["estimate"]:
                assert_allclose(results.wald[0], float(row["estimate"]), rtol=1e-8, err_msg=where)
                assert_allclose(results.wald[1], float(row["p_value"]), rtol=0, atol=P_VALUE, err_msg=where)
        else:
            estimate, error = results.found[place_of(row)]
            assert_allclose(estimate, float(row["estimate"]), rtol=1e-8, atol=atol, err_msg=where)
            assert_allclose(error, float(row["std_error"]), rtol=1e-8, atol=atol, err_msg=where)


def population_of(panel: Panel, options: Mapping[str, str]) -> tuple[Panel | Sections, str, int]:
    """What did makes of a panel: the population, how missing cells are treated, the units it counts.

    ``panel=FALSE`` takes rows as different people; ``allow_unbalanced`` does so only where some unit
    is observed in some periods and not in others.
    """
    cells = ~np.isnan(panel.outcome) & ~np.isnan(panel.weight)
    for values in panel.covariates.values():
        cells = cells & ~np.isnan(values)
    if options["panel"] == "FALSE":
        rows, _ = sections_of(panel)
        own = np.arange(rows.n_rows)
        rows = rows if options["cluster"] != "none" else replace(rows, cluster=own)
        return rows, "rows", rows.n_rows
    n_complete, n_any = int(cells.all(axis=1).sum()), int(cells.any(axis=1).sum())
    if options["allow_unbalanced"] == "TRUE" and n_complete < n_any:
        return panel, "rows", n_any
    return panel, "complete_units", n_complete


def without_early(frame: pd.DataFrame, anticipation: int) -> pd.DataFrame:
    """Leave out units treated (or anticipating) from the first period on, as did does."""
    return frame[~(frame["first_treat"] <= frame["period"].min() + anticipation).fillna(False)]
