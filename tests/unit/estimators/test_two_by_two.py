"""Two-by-two differences."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from impacteval.errors import IdentificationError
from impacteval.estimators.two_by_two import att_group_time
from impacteval.inference.errors import with_errors
from support.designs import two_by_two
from support.panels import NEVER_TREATED, make_panel, random_panel

NAN = float("nan")


def effect(effects, *, cohort, period, arm="trained"):
    """Position of one group-time effect."""
    return next(j for j, k in enumerate(effects.keys) if (k.arm, k.cohort, k.period) == (arm, cohort, period))


def test_two_by_two_by_hand():
    # Changes of the treated 5 and 3 (mean 4), of the comparison 1 and 2 (mean 1.5).
    panel = make_panel([[1, 6], [2, 5], [0, 1], [4, 6]], [1, 1, NEVER_TREATED, NEVER_TREATED])
    effects = att_group_time(panel, two_by_two())
    assert len(effects.keys) == 1
    assert (effects.keys[0].estimand, effects.keys[0].event_time) == ("att_gt", 0)
    assert_allclose(effects.estimate, [2.5], rtol=1e-12)
    # Deviations +-1 and -+.5 over the size of each group, times the four units.
    assert_allclose(effects.influence[:, 0], [2, -2, 1, -1], rtol=1e-12)
    assert_allclose(
        with_errors(effects, "cr0", panel.cluster).std_error, [np.sqrt(4 + 4 + 1 + 1) / 4], rtol=1e-12
    )
    assert_allclose(effects.baseline_mean, [1.5], rtol=1e-12)
    assert (effects.n_treated[0], effects.n_comparison[0], effects.n_obs[0]) == (2, 2, 8)


def test_every_effect_is_the_difference_of_mean_changes():
    panel = random_panel(cohorts={2: 7, 3: 6, NEVER_TREATED: 9}, n_periods=5, seed=11, share_missing=0.15)
    effects = att_group_time(panel, two_by_two())
    assert len(effects.keys) == 2 * 4
    for j, key in enumerate(effects.keys):
        change = panel.outcome[:, key.period] - panel.outcome[:, key.cohort - 1]
        treated, comparison = panel.cohort == key.cohort, np.isinf(panel.cohort)
        assert_allclose(
            effects.estimate[j], np.nanmean(change[treated]) - np.nanmean(change[comparison]), rtol=1e-10
        )
        assert effects.n_treated[j] == np.isfinite(change[treated]).sum()
        assert effects.n_comparison[j] == np.isfinite(change[comparison]).sum()
        assert key.event_time == key.period - key.cohort


def test_arms_are_compared_one_at_a_time_with_the_same_comparison():
    panel = make_panel(
        [[0, 5], [0, 7], [0, 1], [0, 2], [0, 0], [0, 1]],
        [1, 1, 1, 1, NEVER_TREATED, NEVER_TREATED],
        arm=["class", "class", "mentor", "mentor", "control", "control"],
    )
    effects = att_group_time(panel, two_by_two())
    assert [k.arm for k in effects.keys] == ["class", "mentor"]
    assert_allclose(effects.estimate, [5.5, 1.0], rtol=1e-12)


def test_not_yet_treated_units_are_compared_until_they_are_treated():
    panel = random_panel(cohorts={1: 3, 2: 4, 3: 5}, n_periods=4, seed=12)
    effects = att_group_time(panel, two_by_two(control_group="not_yet_treated"))
    change = panel.outcome[:, 1] - panel.outcome[:, 0]
    at_1 = effect(effects, cohort=1, period=1)
    assert_allclose(effects.estimate[at_1], change[:3].mean() - change[3:].mean(), rtol=1e-10)
    change = panel.outcome[:, 2] - panel.outcome[:, 0]
    at_2 = effect(effects, cohort=1, period=2)
    assert_allclose(effects.estimate[at_2], change[:3].mean() - change[7:].mean(), rtol=1e-10)
    last = effect(effects, cohort=1, period=3)
    assert np.isnan(effects.estimate[last])
    assert effects.keys[last].note == "no comparison unit is observed in both periods"


def test_before_treatment_the_comparison_must_be_untreated_until_the_base_period():
    panel = random_panel(cohorts={1: 3, 3: 4, NEVER_TREATED: 5}, n_periods=4, seed=13)
    effects = att_group_time(panel, two_by_two(control_group="not_yet_treated"))
    j = effect(effects, cohort=3, period=0)
    change = panel.outcome[:, 0] - panel.outcome[:, 2]
    assert_allclose(effects.estimate[j], change[3:7].mean() - change[7:].mean(), rtol=1e-10)


def test_anticipation_moves_the_base_period_and_the_comparison():
    panel = random_panel(cohorts={2: 4, 3: 4, NEVER_TREATED: 4}, n_periods=4, seed=14)
    effects = att_group_time(panel, two_by_two(control_group="not_yet_treated", anticipation=1))
    j = effect(effects, cohort=2, period=2)
    change = panel.outcome[:, 2] - panel.outcome[:, 0]
    assert_allclose(effects.estimate[j], change[:4].mean() - change[8:].mean(), rtol=1e-10)
    assert (2, 0) not in {(k.cohort, k.period) for k in effects.keys}
    assert (2, 1) in {(k.cohort, k.period) for k in effects.keys}


def test_one_treated_unit_has_an_estimate_but_no_error():
    panel = make_panel([[0, 5], [0, 1], [0, 3]], [1, NEVER_TREATED, NEVER_TREATED])
    effects = att_group_time(panel, two_by_two())
    assert_allclose(effects.estimate, [3.0], rtol=1e-12)
    estimates = with_errors(effects, "cr0", panel.cluster)
    assert (
        np.isnan(estimates.std_error[0])
        and np.isnan(estimates.p_value[0])
        and np.isnan(estimates.conf_low[0])
    )
    assert estimates.notes == ("one treated unit: its error is not known",)


def test_one_comparison_unit_has_an_estimate_but_no_error():
    panel = make_panel([[0, 5], [0, 1], [0, 3]], [1, 1, NEVER_TREATED])
    estimates = with_errors(att_group_time(panel, two_by_two()), "cr0", panel.cluster)
    assert_allclose(estimates.effects.estimate, [0.0], atol=1e-14)
    assert np.isnan(estimates.std_error[0])
    assert estimates.notes == ("one comparison unit: its error is not known",)


def test_cell_that_nobody_was_observed_in_is_nan_with_a_note():
    panel = make_panel([[0, 5, NAN], [0, 4, NAN], [0, 1, 1], [0, 3, 2]], [1, 1, NEVER_TREATED, NEVER_TREATED])
    effects = att_group_time(panel, two_by_two())
    j = effect(effects, cohort=1, period=2)
    assert np.isnan(effects.estimate[j])
    assert effects.keys[j].note == "no treated unit is observed in both periods"
    assert np.isnan(with_errors(effects, "cr0", panel.cluster).std_error[j])


def test_cohort_without_a_period_before_treatment_is_refused():
    panel = make_panel([[0, 5], [0, 4], [0, 1]], [0, 1, NEVER_TREATED])
    with pytest.raises(
        IdentificationError, match=r"cohort 0 of arm 'trained' has no period before its treatment"
    ):
        att_group_time(panel, two_by_two())


def test_anticipation_that_leaves_no_base_period_is_refused():
    panel = make_panel([[0, 5], [0, 4], [0, 1]], [1, 1, NEVER_TREATED])
    with pytest.raises(IdentificationError, match="cohort 1"):
        att_group_time(panel, two_by_two(anticipation=1))


def test_nothing_to_compare_with_is_refused():
    panel = make_panel([[0, 5], [0, 4], [0, NAN]], [1, 1, NEVER_TREATED])
    with pytest.raises(IdentificationError, match="no cohort can be compared with never_treated units"):
        att_group_time(panel, two_by_two())
