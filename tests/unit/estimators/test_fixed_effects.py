"""Two-way fixed effects and the event study."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from numpy.testing import assert_allclose

from impacteval.errors import IdentificationError
from impacteval.estimators.fixed_effects import event_study, two_way_fixed_effects
from impacteval.estimators.two_by_two import att_group_time
from impacteval.inference.errors import with_errors
from support import designs
from support.panels import NEVER_TREATED, make_panel, random_panel

NAN = float("nan")


def dummies_of(panel, cells):
    """Indicators of units and of periods but the first, for observed cells."""
    unit, period = np.nonzero(cells)
    units = (unit[:, None] == np.unique(unit)[None, :]).astype(float)
    periods = (period[:, None] == np.unique(period)[None, 1:]).astype(float)
    return unit, np.hstack([units, periods])


def test_with_two_periods_the_coefficient_is_the_two_by_two_difference():
    panel = random_panel(cohorts={1: 6, NEVER_TREATED: 8}, n_periods=2, seed=21)
    twfe = two_way_fixed_effects(panel, designs.twfe())
    cells = att_group_time(panel, designs.two_by_two())
    assert_allclose(twfe.estimate, cells.estimate, rtol=1e-10)
    # A change is two deviations from its mean of opposite sign: influences agree unit by unit.
    assert_allclose(twfe.influence, cells.influence, rtol=1e-8, atol=1e-12)


def test_with_one_cohort_the_event_study_is_the_two_by_two_difference_of_each_period():
    panel = random_panel(cohorts={2: 6, NEVER_TREATED: 8}, n_periods=5, seed=22)
    study = event_study(panel, designs.event_study())
    cells = att_group_time(panel, designs.two_by_two())
    assert [k.event_time for k in study.keys] == [-2, 0, 1, 2] == [k.event_time for k in cells.keys]
    assert_allclose(study.estimate, cells.estimate, rtol=1e-9)
    assert_allclose(study.influence, cells.influence, rtol=1e-8, atol=1e-11)


def test_with_one_cohort_the_coefficient_is_the_difference_of_mean_changes():
    panel = random_panel(cohorts={2: 6, NEVER_TREATED: 8}, n_periods=5, seed=23)
    change = panel.outcome[:, 2:].mean(axis=1) - panel.outcome[:, :2].mean(axis=1)
    expected = change[:6].mean() - change[6:].mean()
    assert_allclose(two_way_fixed_effects(panel, designs.twfe()).estimate, [expected], rtol=1e-10)


def test_staggered_unbalanced_panel_equals_explicit_dummies():
    panel = random_panel(
        cohorts={1: 5, 3: 6, NEVER_TREATED: 7}, n_periods=5, seed=24, share_missing=0.2, covariate="z"
    )
    cells = ~np.isnan(panel.outcome)
    cells &= (cells.sum(axis=1) > 1)[:, None]
    unit, dummies = dummies_of(panel, cells)
    x = np.column_stack([panel.is_treated[cells], panel.covariates["z"][cells], dummies]).astype(float)
    explicit = sm.OLS(panel.outcome[cells], x).fit(cov_type="cluster", cov_kwds={"groups": unit})
    effects = two_way_fixed_effects(panel, designs.twfe(covariates=("z",)))
    assert_allclose(effects.estimate, explicit.params[:1], rtol=1e-8)
    assert_allclose(with_errors(effects, "cr1_counted", panel.cluster).std_error, explicit.bse[:1], rtol=1e-8)
    assert effects.n_obs[0] == cells.sum()


def test_event_study_equals_explicit_dummies():
    panel = random_panel(cohorts={1: 5, 3: 6, NEVER_TREATED: 7}, n_periods=5, seed=25, share_missing=0.1)
    effects = event_study(panel, designs.event_study())
    event_time = panel.periods[None, :] - panel.cohort[:, None]
    cells = ~np.isnan(panel.outcome)
    cells &= (cells.sum(axis=1) > 1)[:, None]
    unit, dummies = dummies_of(panel, cells)
    at = [(event_time == k.event_time)[cells] for k in effects.keys]
    explicit = sm.OLS(panel.outcome[cells], np.column_stack([*at, dummies]).astype(float)).fit(
        cov_type="cluster", cov_kwds={"groups": unit}
    )
    assert [k.event_time for k in effects.keys] == [-3, -2, 0, 1, 2, 3]
    assert_allclose(effects.estimate, explicit.params[:6], rtol=1e-8)
    assert_allclose(with_errors(effects, "cr1_counted", panel.cluster).std_error, explicit.bse[:6], rtol=1e-8)


def test_units_seen_once_are_not_in_the_sample():
    panel = make_panel(
        [[0, 5, 4], [1, 4, 6], [0, 1, 1], [2, 3, 1], [NAN, 9, NAN]],
        [1, 1, NEVER_TREATED, NEVER_TREATED, NEVER_TREATED],
    )
    effects = two_way_fixed_effects(panel, designs.twfe())
    assert effects.n_obs[0] == 12
    assert not effects.in_sample[4, 0]
    assert (effects.n_treated[0], effects.n_comparison[0]) == (2, 2)


def test_own_regressors_replace_the_arms_and_leave_out_period_effects():
    panel = random_panel(cohorts={1: 5, NEVER_TREATED: 7}, n_periods=3, seed=26, covariate="z")
    effects = two_way_fixed_effects(panel, designs.twfe(regressors=("z",), period_effects=False))
    x = panel.covariates["z"] - panel.covariates["z"].mean(axis=1, keepdims=True)
    assert_allclose(effects.estimate, [(x * panel.outcome).sum() / (x * x).sum()], rtol=1e-10)
    assert [(k.term, k.arm) for k in effects.keys] == [("z", None)]
    assert effects.regression[0].n_parameters == 2


def test_baseline_mean_is_the_mean_of_the_treated_before_treatment():
    panel = make_panel(
        [[1, 9, 9, 9], [9, 4, 9, 9], [0, 1, 1, 2], [2, 3, 1, 2]], [1, 2, NEVER_TREATED, NEVER_TREATED]
    )
    assert_allclose(two_way_fixed_effects(panel, designs.twfe()).baseline_mean, [2.5], rtol=1e-12)


def test_no_comparison_unit_seen_twice_is_refused():
    panel = make_panel([[0, 5, 4], [1, 4, 6], [0, 1, 2], [2, NAN, NAN]], [1, 2, 2, NEVER_TREATED])
    with pytest.raises(
        IdentificationError, match="no unit of the comparison group 'control' is observed twice"
    ):
        two_way_fixed_effects(panel, designs.twfe())


def test_arm_whose_baseline_is_never_seen_is_named():
    panel = make_panel([[NAN, 5, 4], [NAN, 4, 6], [0, 1, 2], [2, 2, 1]], [1, 1, NEVER_TREATED, NEVER_TREATED])
    with pytest.raises(IdentificationError, match="regressor treated, arm trained"):
        two_way_fixed_effects(panel, designs.twfe())


def test_event_study_without_the_period_before_treatment_says_so():
    """Periods with gaps once ended in a message about collinear terms."""
    panel = make_panel(
        [[0.0, 1.0, 3.0], [1.0, 2.0, 5.0], [0.0, 1.0, 1.0], [0.0, 0.0, 2.0]],
        [2014.0, 2014.0, NEVER_TREATED, NEVER_TREATED],
        periods=[2010, 2014, 2018],
    )
    with pytest.raises(IdentificationError, match="cohort 2014 has no period one before its treatment"):
        event_study(panel, designs.event_study())


def test_outcome_that_no_treated_unit_has_is_refused():
    """It once ended in a ValueError about an empty list."""
    panel = make_panel([[0.0, 1.0], [1.0, 1.0], [0.0, 2.0]], [NEVER_TREATED] * 3)
    with pytest.raises(IdentificationError, match="no treated unit has a value"):
        two_way_fixed_effects(panel, designs.twfe())
