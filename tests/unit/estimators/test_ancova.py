"""Analysis of covariance."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import statsmodels.api as sm
from numpy.testing import assert_allclose

from impacteval.errors import IdentificationError
from impacteval.estimators.ancova import ancova
from impacteval.inference.errors import with_errors
from support import designs
from support.panels import NEVER_TREATED, make_panel, random_panel

NAN = float("nan")
GROUPS = {1: 8, NEVER_TREATED: 9}


def explicit(panel, periods, *, baseline=True, covariates=()):
    """statsmodels on the rows of some periods: treatment, baseline, covariates, period effects, constant."""
    keep = np.broadcast_to(np.isin(panel.periods, periods), panel.outcome.shape) & ~np.isnan(panel.outcome)
    base = np.repeat(panel.outcome[:, :1], len(panel.periods), axis=1)
    columns = [panel.is_treated]
    if baseline:
        columns.append(base)
        keep = keep & ~np.isnan(base)
    columns += [panel.covariates[name] for name in covariates]
    unit, period = np.nonzero(keep)
    x = np.column_stack([c[keep].astype(float) for c in columns])
    dummies = (period[:, None] == np.array(periods)[None, 1:]).astype(float)
    return sm.OLS(panel.outcome[keep], np.hstack([x, dummies, np.ones((len(unit), 1))])), unit


@pytest.mark.parametrize(("vcov", "kind"), [("classical", "nonrobust"), ("hc1", "HC1")])
def test_pooled_ancova_equals_statsmodels(vcov, kind):
    panel = random_panel(cohorts=GROUPS, n_periods=4, seed=41, share_missing=0.1, covariate="z")
    effects = ancova(panel, designs.ancova(covariates=("z",)))
    model, _ = explicit(panel, [1, 2, 3], covariates=("z",))
    expected = model.fit(cov_type=kind)
    assert_allclose(effects.estimate, expected.params[:1], rtol=1e-8)
    assert_allclose(with_errors(effects, vcov, panel.cluster).std_error, expected.bse[:1], rtol=1e-8)
    assert effects.n_obs[0] == expected.nobs


def test_pooled_ancova_clustered_equals_statsmodels():
    panel = random_panel(cohorts=GROUPS, n_periods=4, seed=42, share_missing=0.1)
    effects = ancova(panel, designs.ancova())
    model, unit = explicit(panel, [1, 2, 3])
    expected = model.fit(cov_type="cluster", cov_kwds={"groups": unit})
    assert_allclose(with_errors(effects, "cr1_nested", panel.cluster).std_error, expected.bse[:1], rtol=1e-8)
    # Nothing is absorbed, so that both conventions count the same parameters.
    assert_allclose(with_errors(effects, "cr1_counted", panel.cluster).std_error, expected.bse[:1], rtol=1e-8)


def test_each_period_on_its_own():
    panel = random_panel(cohorts=GROUPS, n_periods=3, seed=43)
    effects = ancova(panel, designs.ancova(by_period=True))
    assert [k.period for k in effects.keys] == [1, 2]
    for j, period in enumerate((1, 2)):
        assert_allclose(effects.estimate[j], explicit(panel, [period])[0].fit().params[0], rtol=1e-8)


def test_base_period_rows_can_be_kept():
    panel = random_panel(cohorts=GROUPS, n_periods=3, seed=44)
    effects = ancova(panel, designs.ancova(include_base_period=True))
    assert_allclose(effects.estimate, explicit(panel, [0, 1, 2])[0].fit().params[:1], rtol=1e-8)
    assert effects.n_obs[0] == panel.outcome.size


def test_without_baseline_it_is_the_difference_of_means_by_hand():
    panel = make_panel([[9, 3], [1, 5], [7, 1], [2, 2]], [1, 1, NEVER_TREATED, NEVER_TREATED])
    effects = ancova(panel, designs.ancova(baseline="none"))
    assert_allclose(effects.estimate, [2.5], rtol=1e-12)


def test_baseline_column_takes_the_place_of_the_first_value():
    panel = random_panel(cohorts=GROUPS, n_periods=3, seed=45)
    own = np.repeat(panel.outcome[:, :1], 3, axis=1)
    late = make_panel(
        np.column_stack([np.full(panel.n_units, NAN), panel.outcome[:, 1:]]),
        panel.cohort,
        covariates={"baseline": own},
    )
    assert_allclose(
        ancova(late, designs.ancova()).estimate, ancova(panel, designs.ancova()).estimate, rtol=1e-10
    )


def test_baseline_that_does_not_vary_is_left_out():
    values = random_panel(cohorts=GROUPS, n_periods=2, seed=46).outcome.copy()
    values[:, 0] = 0.0
    panel = make_panel(values, [1] * 8 + [NEVER_TREATED] * 9)
    with_own = ancova(panel, designs.ancova())
    without = ancova(panel, designs.ancova(baseline="none"))
    assert_allclose(with_own.estimate, without.estimate, rtol=0)
    assert with_own.regression == without.regression


def test_no_baseline_value_at_all_is_refused():
    panel = make_panel([[NAN, 3], [NAN, 5], [NAN, 1], [NAN, 2]], [1, 1, NEVER_TREATED, NEVER_TREATED])
    with pytest.raises(IdentificationError, match="no unit has a baseline value, which 'ancova' needs"):
        ancova(panel, designs.ancova())


def test_period_without_comparison_units_is_refused():
    panel = make_panel([[1, 3], [2, 5], [0, 9], [4, NAN], [3, NAN]], [1, 1, 1, NEVER_TREATED, NEVER_TREATED])
    with pytest.raises(IdentificationError, match="no comparison unit in period 1"):
        ancova(panel, designs.ancova())


def test_baseline_of_all_cohorts_is_that_before_anybodys_treatment():
    """Later cohorts once took a round of the regression itself as their baseline; none may."""
    panel = random_panel(cohorts={1: 8, 2: 8, NEVER_TREATED: 9}, n_periods=4, seed=47)
    effects = ancova(panel, designs.ancova())
    assert_allclose(effects.estimate, explicit(panel, [1, 2, 3])[0].fit().params[:1], rtol=1e-8)


def test_one_round_after_treatment_gives_the_pooled_effect():
    """Baseline and endline once gave an effect of the period, which no headline can be."""
    panel = random_panel(cohorts=GROUPS, n_periods=2, seed=47)
    assert [k.period for k in ancova(panel, designs.ancova()).keys] == [None]
    assert [k.period for k in ancova(panel, designs.ancova(by_period=True)).keys] == [1]


@pytest.mark.parametrize(("vcov", "kind"), [("classical", "nonrobust"), ("hc1", "HC1")])
def test_weighted_ancova_equals_weighted_statsmodels(vcov, kind):
    panel = random_panel(cohorts=GROUPS, n_periods=4, seed=48, share_missing=0.1, covariate="z")
    panel = replace(panel, weight=np.random.default_rng(48).uniform(0.5, 2, panel.outcome.shape))
    effects = ancova(panel, designs.ancova(covariates=("z",)))
    model, _ = explicit(panel, [1, 2, 3], covariates=("z",))
    keep = np.isin(panel.periods, [1, 2, 3]) & ~np.isnan(panel.outcome)
    weight = panel.weight[keep & ~np.isnan(panel.outcome[:, :1])]
    expected = sm.WLS(model.endog, model.exog, weights=weight).fit(cov_type=kind)
    assert_allclose(effects.estimate, expected.params[:1], rtol=1e-8)
    assert_allclose(with_errors(effects, vcov, panel.cluster).std_error, expected.bse[:1], rtol=1e-8)


def test_covariate_that_changes_after_treatment_is_noted():
    panel = random_panel(cohorts=GROUPS, n_periods=3, seed=49, covariate="z")
    assert ancova(panel, designs.ancova(covariates=("z",))).keys[0].note == (
        "covariate z changes after treatment in 8 treated units; the coefficient may absorb part of the effect"
    )
    assert ancova(panel, designs.ancova()).keys[0].note == ""


def test_arm_is_left_out_of_periods_before_its_treatment():
    """With arms that start at different times, periods on their own were always refused as collinear.

    An arm has an effect in each period from its first treatment on; before, its units take no part.
    """
    panel = random_panel(cohorts={1: 8, 2: 7, NEVER_TREATED: 9}, n_periods=3, seed=50)
    panel = replace(panel, arm=np.repeat(["a", "b", "control"], [8, 7, 9]))
    effects = ancova(panel, designs.ancova(by_period=True))
    assert [(k.arm, k.period) for k in effects.keys] == [("a", 1), ("a", 2), ("b", 2)]
    assert effects.keys[0].note == "arm b is left out of this period: 7 units are treated later"
    assert effects.keys[1].note == ""
    early = panel.arm != "b"
    alone = make_panel(panel.outcome[early], panel.cohort[early], arm=list(panel.arm[early]))
    expected = explicit(alone, [1])[0].fit().params[0]
    assert_allclose(effects.estimate[0], expected, rtol=1e-8)
    assert effects.n_obs[0] == 17


def test_rows_that_cannot_be_used_are_counted():
    """Rows without baseline, covariate or weight were left out without a word."""
    panel = random_panel(cohorts=GROUPS, n_periods=3, seed=51, covariate="z")
    z, outcome, weight = panel.covariates["z"].copy(), panel.outcome.copy(), np.ones(panel.outcome.shape)
    z[0, 1], outcome[1, 0], weight[2], weight[9, 2] = NAN, NAN, 0.0, 0.0
    panel = replace(panel, covariates={"z": z}, outcome=outcome, weight=weight)
    assert (
        ancova(panel, designs.ancova(covariates=("z",)))
        .keys[0]
        .note.startswith(
            "1 treated unit with weight zero takes no part; 1 cell of 1 unit is left out: weight zero or "
            "missing; 1 cell of 1 unit is left out: covariate z is missing; 2 cells of 1 unit are left out: the "
            "baseline value is not known; covariate z changes"
        )
    )


@pytest.mark.parametrize("vcov", ["cr0", "hc1"])
def test_one_treated_unit_has_no_robust_error(vcov):
    """HC1 errors once were finite, of the comparison alone."""
    panel = random_panel(cohorts={1: 1, NEVER_TREATED: 9}, n_periods=3, seed=52)
    found = with_errors(ancova(panel, designs.ancova()), vcov, panel.cluster)
    assert np.isnan(found.std_error[0])
    assert found.notes[0] == "one treated unit: its error is not known"
