"""Training grants in Michigan: the R packages did2s and didimputation.

Both predict from unit and period effects that fixest found by iteration, which leaves an error of
up to 1e-7 in their estimates and of 1e-8 of their standard errors. Ours are exact: they equal a
regression on explicit dummies. Estimates before treatment are a plain regression: they agree to 1e-10,
their errors, from regressors demeaned by iteration, to 3e-8.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from numpy.testing import assert_allclose

from impacteval.designs import Imputation, TwoStage
from impacteval.estimators.imputation import imputation
from impacteval.estimators.two_stage import two_stage
from impacteval.inference.errors import with_errors
from support.dummies import dummies
from support.golden import options_of, read_rows
from support.michigan import michigan_panel

ROWS = [row for row in read_rows("michigan_fixest.csv") if row["estimator"] in {"did2s", "did_imputation"}]
OUTCOMES = ("lscrap", "lemploy", "lsales")


@cache
def estimates_of(estimator, y):
    panel = michigan_panel(y)
    effects = two_stage(panel, TwoStage()) if estimator == "did2s" else imputation(panel, Imputation())
    return with_errors(effects, "cr0", panel.cluster)


def position_of(row, estimates):
    event_time = int(row["event_time"]) if row["event_time"] else None
    return next(j for j, key in enumerate(estimates.effects.keys) if key.event_time == event_time)


def fixest_factor(panel, *, n_parameters):
    """Small-sample factor of fixest: firms seen once count; firm effects, nested in clusters, do not."""
    untreated = ~np.isnan(panel.outcome) & ~panel.is_treated
    n_clusters, n_obs = untreated.any(axis=1).sum(), untreated.sum()
    return np.sqrt(n_clusters / (n_clusters - 1) * (n_obs - 1) / (n_obs - n_parameters))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"line{row['line']}")
def test_imputation_and_two_stage_agree(row):
    options = options_of(row)
    assert (options["weights"], options["cluster"]) == ("none", "fcode")
    estimates = estimates_of(row["estimator"], options["y"])
    j = position_of(row, estimates)
    estimate, error = estimates.effects.estimate[j], estimates.std_error[j]
    assert estimates.notes[j] == ""
    if row["estimator"] == "did_imputation" and row["event_time"].startswith("-"):
        # One event time and three years.
        error = error * fixest_factor(michigan_panel(options["y"]), n_parameters=4)
        assert_allclose(estimate, float(row["estimate"]), rtol=1e-10)
        assert_allclose(error, float(row["std_error"]), rtol=3e-8)
    else:
        assert_allclose(estimate, float(row["estimate"]), rtol=0, atol=1e-7)
        assert_allclose(error, float(row["std_error"]), rtol=1e-8)
    quantile = float(row["crit_val"])
    assert_allclose(estimate - quantile * error, float(row["ci_low"]), rtol=0, atol=1e-7)
    assert_allclose(estimate + quantile * error, float(row["ci_high"]), rtol=0, atol=1e-7)


def test_every_golden_row_is_compared():
    assert len(ROWS) == 24
    assert {options_of(row)["y"] for row in ROWS} == set(OUTCOMES)


@pytest.mark.parametrize("y", OUTCOMES)
def test_estimates_are_those_of_explicit_dummies(y):
    panel = michigan_panel(y)
    d = dummies(panel)
    identified = np.bincount(d.unit[d.untreated], minlength=d.n_units)[d.unit] > 0
    residual, event_time = d.residual, d.period + panel.periods[0] - panel.cohort[d.unit]
    estimates = estimates_of("did2s", y)
    for j, key in enumerate(estimates.effects.keys):
        rows = identified & (~d.untreated if key.event_time is None else event_time == key.event_time)
        assert_allclose(estimates.effects.estimate[j], residual[rows].mean(), rtol=1e-10, atol=1e-13)
