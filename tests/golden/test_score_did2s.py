"""Two-stage estimates of the simulated firm panel: the R package did2s.

did2s 1.2.1 predicts from unit and period effects that fixest found by iteration, which leaves an
error of up to 1e-7 in its estimates and of 2e-8 of its standard errors. Ours are exact: they equal
a regression on explicit dummies to 1e-11.
"""

from __future__ import annotations

import re
from functools import cache

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import stats

from impacteval.designs import Imputation, TwoStage
from impacteval.estimators.imputation import imputation
from impacteval.estimators.two_stage import two_stage
from impacteval.inference.errors import with_errors
from support.dummies import dummies
from support.golden import golden_panel, options_of, read_rows, score_frame

ROWS = read_rows("score_did2s.csv")
CASES = {
    "D_unbalanced": (False, ""),
    "D_unbalanced_weighted": (False, "w"),
    "D_balanced": (True, ""),
}


@cache
def panel_of_case(case, cluster="firm"):
    complete_only, weight = CASES[case]
    frame = score_frame(complete_only=complete_only)
    return golden_panel(
        frame,
        "lvapw",
        covariates=("lemp0",),
        weight=weight,
        cluster={"firm": "unit", "estate": "estate"}[cluster],
    )


def covariates_by_period(row):
    return tuple(re.findall(r"i\(year, (\w+), ref = 2010\)", options_of(row)["first_stage"]))


@cache
def effects_of(case, covariates, cluster):
    panel = panel_of_case(case, cluster)
    estimates = with_errors(two_stage(panel, TwoStage(covariates_by_period=covariates)), "cr0", panel.cluster)
    return {
        key.event_time: (estimates.effects.estimate[j], estimates.std_error[j], estimates.effects.n_obs[j])
        for j, key in enumerate(estimates.effects.keys)
    }


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"line{row['line']}")
def test_two_stage_agrees_with_did2s(row):
    options = options_of(row)
    assert options["weights"] == (CASES[row["case"]][1] or "none")
    found = effects_of(row["case"], covariates_by_period(row), options["cluster"])
    estimate, error, _ = found[int(row["event_time"]) if row["event_time"] else None]
    assert_allclose(estimate, float(row["estimate"]), rtol=0, atol=5e-8)
    assert_allclose(error, float(row["std_error"]), rtol=2e-8)
    quantile = stats.norm.ppf(0.975)
    assert quantile == pytest.approx(float(row["crit_val"]), rel=1e-12)
    assert_allclose(estimate - quantile * error, float(row["ci_low"]), rtol=0, atol=5e-8)
    assert_allclose(estimate + quantile * error, float(row["ci_high"]), rtol=0, atol=5e-8)


def test_every_golden_row_is_compared():
    assert len(ROWS) == 56
    assert {row["estimator"] for row in ROWS} == {"did2s"}
    for case in CASES:
        terms = {row["event_time"] for row in ROWS if row["case"] == case}
        assert terms == {"", "-3", "-2", "0", "1", "2", "3"}


@pytest.mark.parametrize("case", CASES)
def test_estimates_are_those_of_explicit_dummies(case):
    panel = panel_of_case(case)
    d = dummies(panel, by_period=("lemp0",))
    identified = np.bincount(d.unit[d.untreated], minlength=d.n_units)[d.unit] > 0
    residual, event_time = d.residual, d.period + panel.periods[0] - panel.cohort[d.unit]
    found = effects_of(case, ("lemp0",), "firm")
    for e, (estimate, _, _) in found.items():
        rows = identified & (~d.untreated if e is None else event_time == e)
        expected = np.average(residual[rows], weights=d.weight[rows])
        assert_allclose(estimate, expected, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("case", CASES)
def test_imputation_has_the_same_estimates(case):
    effects = imputation(panel_of_case(case), Imputation(covariates_by_period=("lemp0",)))
    found = effects_of(case, ("lemp0",), "firm")
    compared = [j for j, key in enumerate(effects.keys) if key.event_time is None or key.event_time >= 0]
    assert len(compared) == 5
    for j in compared:
        assert_allclose(effects.estimate[j], found[effects.keys[j].event_time][0], rtol=1e-11)
