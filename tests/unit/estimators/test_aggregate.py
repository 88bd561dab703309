"""Averages of group-time effects."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from impacteval.errors import IdentificationError
from impacteval.estimators.aggregate import aggregate, by_event_time, overall
from impacteval.estimators.two_by_two import att_group_time
from impacteval.inference.errors import with_errors
from support.designs import two_by_two
from support.panels import NEVER_TREATED, make_panel, random_panel


def staggered():
    """Cohort 1: three units, effects 6 and 8; cohort 2: two units, effect 1; no trend in the comparison."""
    return make_panel(
        [
            [0, 5, 8], [0, 6, 8], [0, 7, 8],
            [0, 0, 0], [0, 0, 2],
            [0, -1, 1], [0, 1, -1], [0, 0, 0],
        ],
        [1, 1, 1, 2, 2, *[NEVER_TREATED] * 3],
    )  # fmt: skip


def test_overall_weights_each_treated_cell_by_the_size_of_its_cohort():
    panel = staggered()
    effects = aggregate(att_group_time(panel, two_by_two()), panel, overall)
    assert len(effects.keys) == 1
    assert_allclose(effects.estimate, [(3 * 6 + 3 * 8 + 2 * 1) / 8], rtol=1e-12)
    assert (effects.n_treated[0], effects.n_comparison[0]) == (5, 3)


def test_event_times_average_cohorts_by_size():
    panel = staggered()
    effects = aggregate(att_group_time(panel, two_by_two()), panel, by_event_time)
    found = {k.event_time: e for k, e in zip(effects.keys, effects.estimate, strict=True)}
    assert found.keys() == {-2, 0, 1}
    assert_allclose([found[0], found[1]], [(3 * 6 + 2 * 1) / 5, 8], rtol=1e-12)
    assert_allclose(found[-2], 0, atol=1e-14)


def test_influence_has_a_part_for_estimated_shares():
    panel = staggered()
    cells = att_group_time(panel, two_by_two())
    effects = aggregate(cells, panel, overall)
    post = [j for j, k in enumerate(cells.keys) if k.event_time >= 0]
    att, weight = cells.estimate[post], np.array([3, 3, 2]) / 8
    member = np.array([[panel.cohort[i] == cells.keys[j].cohort for j in post] for i in range(8)])
    share = member.mean(axis=0)
    by_hand = cells.influence[:, post] @ weight
    by_hand += ((member - share) * (att - weight @ att)).sum(axis=1) / share.sum()
    assert_allclose(effects.influence[:, 0], by_hand, rtol=1e-10, atol=1e-12)


def test_average_of_one_cohort_has_the_error_of_its_cell():
    panel = random_panel(cohorts={2: 6, NEVER_TREATED: 8}, n_periods=4, seed=31)
    cells = att_group_time(panel, two_by_two())
    averaged = aggregate(cells, panel, by_event_time)
    assert_allclose(averaged.estimate, cells.estimate, rtol=1e-12)
    # With one cohort its share cancels out of the average.
    assert_allclose(averaged.influence, cells.influence, rtol=1e-10, atol=1e-12)


def test_cells_without_an_estimate_take_no_part():
    nan = float("nan")
    panel = make_panel(
        [[0, 5, nan], [0, 7, nan], [0, 0, 0], [0, 0, 2], [0, 1, 1], [0, 0, 0]],
        [1, 1, 2, 2, NEVER_TREATED, NEVER_TREATED],
    )
    effects = aggregate(att_group_time(panel, two_by_two()), panel, overall)
    # ATT(1,1) = 6 - .5; ATT(2,2) = 1 - 0; ATT(1,2) cannot be estimated.
    assert_allclose(effects.estimate, [(2 * 5.5 + 2 * 1) / 4], rtol=1e-12)


def test_average_over_a_cell_of_one_unit_says_that_its_error_is_not_known():
    panel = make_panel(
        [[0, 5, 8], [0, 0, 0], [0, 0, 2], [0, 1, 1], [0, 0, 0]], [1, 2, 2, NEVER_TREATED, NEVER_TREATED]
    )
    effects = aggregate(att_group_time(panel, two_by_two()), panel, overall)
    estimates = with_errors(effects, "cr0", panel.cluster)
    assert np.isfinite(effects.estimate[0]) and np.isnan(estimates.std_error[0])
    assert estimates.notes == ("2 of 3 averaged effects rest on one unit: the error is not known",)


def test_arms_are_averaged_apart():
    panel = make_panel(
        [[0, 5], [0, 7], [0, 1], [0, 2], [0, 0], [0, 1]],
        [1, 1, 1, 1, NEVER_TREATED, NEVER_TREATED],
        arm=["class", "class", "mentor", "mentor", "control", "control"],
    )
    effects = aggregate(att_group_time(panel, two_by_two()), panel, overall)
    assert [k.arm for k in effects.keys] == ["class", "mentor"]
    assert_allclose(effects.estimate, [5.5, 1.0], rtol=1e-12)


def test_average_says_how_many_effects_it_leaves_out():
    """An average over fewer periods than the plan's once said nothing of it."""
    nan = float("nan")
    panel = make_panel([[0, 2, nan], [0, 4, nan], [0, 1, 1], [0, 0, 2]], [1, 1, *[NEVER_TREATED] * 2])
    effects = aggregate(att_group_time(panel, two_by_two()), panel, overall)
    assert_allclose(effects.estimate, [2.5], rtol=1e-12)
    assert effects.keys[0].note == "1 of 2 effects could not be estimated and are left out"


def test_nothing_after_treatment_to_average_is_refused():
    """It once ended in an IndexError."""
    nan = float("nan")
    panel = make_panel([[0, 1, nan], [1, 3, nan], [0, 1, 1], [0, 2, 2]], [2, 2, *[NEVER_TREATED] * 2])
    with pytest.raises(IdentificationError, match="no effect after treatment could be estimated"):
        aggregate(att_group_time(panel, two_by_two()), panel, overall)


def test_units_that_are_compared_with_are_not_counted_as_treated():
    """Not-yet-treated units of the same arm once counted as treated in averages."""
    panel = random_panel(cohorts={2: 6, 4: 5, NEVER_TREATED: 8}, n_periods=5, seed=33)
    cells = att_group_time(panel, two_by_two(control_group="not_yet_treated"))
    effects = aggregate(cells, panel, by_event_time)
    counts = {
        k.event_time: pair
        for k, *pair in zip(effects.keys, effects.n_treated, effects.n_comparison, strict=True)
    }
    assert counts[0] == [11, 13]
    assert counts[2] == [6, 8]
