"""Minimum wages and teen employment: the R packages did2s and didimputation.

Both predict from unit and period effects that fixest found by iteration, which leaves an error of
up to 5e-9 in their estimates and of 1.5e-8 of their standard errors; ours equal explicit dummies.
Estimates before treatment are a plain regression: they agree to 1e-9, their errors to 2e-8.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from numpy.testing import assert_allclose

from impacteval.designs import Imputation, TwoStage
from impacteval.estimators.imputation import imputation
from impacteval.estimators.two_stage import two_stage
from impacteval.inference.errors import cluster_covariance, with_errors
from support.dummies import dummies
from support.golden import golden_panel, mpdta_frame, options_of, read_rows

pytestmark = pytest.mark.reference
N_YEARS = 5


@cache
def panel_of_case(path, case, cluster):
    frame = mpdta_frame(path)
    if case == "A_mpdta_unbalanced":
        frame = frame[frame["drop5"] == 0]
    weight = "w" if case == "A_mpdta_weighted" else ""
    return golden_panel(
        frame,
        "lemp",
        covariates=("lpop",),
        weight=weight,
        cluster={"countyreal": "unit", "state": "state"}[cluster],
    )


@cache
def estimates_of(path, case, cluster, estimator, covariates):
    panel = panel_of_case(path, case, cluster)
    if estimator == "did2s":
        effects = two_stage(panel, TwoStage(covariates_by_period=covariates))
    else:
        effects = imputation(panel, Imputation(covariates_by_period=covariates))
    return with_errors(effects, "cr0", panel.cluster)


@cache
def influence_of(path, case, cluster, estimator, covariates):
    """Influence of counties as clusters of their own, which averages with a cohort in one state have not."""
    panel = panel_of_case(path, case, cluster)
    panel = replace(panel, cluster=np.arange(panel.n_units))
    if estimator == "did2s":
        return two_stage(panel, TwoStage(covariates_by_period=covariates)).influence
    return imputation(panel, Imputation(covariates_by_period=covariates)).influence


def compare(row, path):
    """One row against ours; what was compared besides the estimate."""
    options = options_of(row)
    covariates = tuple(re.findall(r"i\(year, (\w+), ref = 2003\)", options["first_stage"]))
    case, cluster = row["case"], options["cluster"]
    panel = panel_of_case(path, case, cluster)
    estimates = estimates_of(path, case, cluster, row["estimator"], covariates)
    effects = estimates.effects
    event_time = int(row["event_time"]) if row["event_time"] else None
    j = next(j for j, key in enumerate(effects.keys) if key.event_time == event_time)
    influence = influence_of(path, case, cluster, row["estimator"], covariates)
    error = np.sqrt(np.diag(cluster_covariance(influence, panel.cluster)))[j]
    if row["estimator"] == "did_imputation" and row["event_time"].startswith("-"):
        untreated = ~np.isnan(panel.outcome) & ~panel.is_treated
        # fixest counts counties seen once as well.
        n_clusters, n_obs = len(np.unique(panel.cluster[untreated.any(axis=1)])), untreated.sum()
        # Three event times, the years, and the covariate in all years but the first.
        n_parameters = 3 + N_YEARS + (N_YEARS - 1) * len(covariates)
        factor = n_clusters / (n_clusters - 1) * (n_obs - 1) / (n_obs - n_parameters)
        assert_allclose(effects.estimate[j], float(row["estimate"]), rtol=1e-9)
        assert_allclose(error * np.sqrt(factor), float(row["std_error"]), rtol=2e-8)
        return "regression"
    assert_allclose(effects.estimate[j], float(row["estimate"]), rtol=0, atol=5e-9)
    if row["estimator"] == "did_imputation" and case == "A_mpdta_weighted":
        return "weights squared"
    assert_allclose(error, float(row["std_error"]), rtol=1.5e-8)
    # All counties of the cohort of 2004 lie in one state: the error that R gives leaves out its part.
    # By imputation its effects have a part of their own in averages.
    in_one_state = {2, 3} if row["estimator"] == "did2s" else {None, 0, 1, 2, 3}
    if cluster == "state" and event_time in in_one_state:
        assert np.isnan(estimates.std_error[j])
        return "one state"
    assert estimates.std_error[j] == pytest.approx(error, rel=1e-12)
    return "error"


def test_every_row_agrees(reference):
    path = reference.path("golden", "A_mpdta.csv")
    rows = read_rows(reference.path("golden", "A_imputation.csv"))
    outcomes = [compare(row, path) for row in rows]
    assert {row["estimator"] for row in rows} == {"did2s", "did_imputation"}
    counts = {kind: outcomes.count(kind) for kind in sorted(set(outcomes))}
    assert counts == {"error": 59, "one state": 14, "regression": 18, "weights squared": 5}


def test_weighted_errors_of_didimputation_have_the_weights_squared(reference):
    # It finds the weights of rows from regressors times the weight: theirs are no longer the rows'
    # weights in the estimate. With that formula its rows are met, so that this is the only difference.
    panel = panel_of_case(reference.path("golden", "A_mpdta.csv"), "A_mpdta_weighted", "countyreal")
    d = dummies(panel)
    residual, z = d.residual, d.z * d.weight[:, None]
    inverse = np.linalg.pinv(z[d.untreated].T @ z[d.untreated])
    event_time = d.period + panel.periods[0] - panel.cohort[d.unit]
    cell = np.where(d.untreated, -1, panel.cohort[d.unit] * 10 + d.period)
    rows = [
        row
        for row in read_rows(reference.path("golden", "A_imputation.csv"))
        if row["case"] == "A_mpdta_weighted"
        and row["estimator"] == "did_imputation"
        and not row["event_time"].startswith("-")
    ]
    assert len(rows) == 5
    for row in rows:
        target = event_time == int(row["event_time"]) if row["event_time"] else ~d.untreated
        u = np.where(target, d.weight, 0) / d.weight[target].sum()
        v = np.where(d.untreated, -z @ (inverse @ (z.T @ u)), u)
        average = np.zeros(len(v))
        for number in np.unique(cell[target]):
            here = target & (cell == number)
            average[here] = (v[here] ** 2 @ residual[here]) / (v[here] ** 2).sum()
        error = np.sqrt(np.sum(np.square(d.by_unit(v * (residual - average)))))
        assert_allclose(error, float(row["std_error"]), rtol=1e-8)
