"""Averages of group-time effects."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose

from impacteval.designs import CallawaySantAnna
from impacteval.errors import IdentificationError
from impacteval.estimators.aggregate import (
    aggregate,
    averages,
    by_cohort,
    by_event_time,
    by_period,
    overall,
)
from impacteval.estimators.group_time import att_group_time
from impacteval.estimators.sections_group_time import att_group_time_sections
from impacteval.inference.errors import with_errors
from impacteval.sections import sections_of
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


@pytest.mark.parametrize("missing", ["pairs", "rows"])
def test_average_over_a_cell_of_one_cluster_says_that_its_error_is_not_known(missing):
    """Averages of cohorts that each lie in one cluster once had errors, far too small.

    Where an effect has no error since a side lies in one cluster, an average over it has none
    either; the influence of effects themselves stays.
    """
    panel = random_panel(cohorts={1: 6, 2: 6, NEVER_TREATED: 15}, n_periods=4, seed=7)
    cluster = np.concatenate([[0] * 6, [1, 2] * 3, 3 + np.arange(15)])
    panel = replace(panel, cluster=cluster)
    cells = att_group_time(panel, CallawaySantAnna(name="cs", missing="pairs"))
    assert np.isfinite(cells.influence).all()
    cells = att_group_time(panel, CallawaySantAnna(name="cs", missing=missing))
    for label in (overall, by_cohort, by_event_time):
        effects = aggregate(cells, panel, label)
        estimates = with_errors(effects, "cr0", cluster)
        for key, error in zip(effects.keys, estimates.std_error, strict=True):
            assert np.isnan(error) == (key.cohort != 2 and key.event_time != -1)
    assert aggregate(cells, panel, overall).keys[0].note == (
        "3 of 5 averaged effects rest on one cluster: the error is not known"
    )


def test_average_over_cells_of_one_unit_and_of_one_cluster_counts_both():
    panel = random_panel(cohorts={1: 1, 2: 6, NEVER_TREATED: 15}, n_periods=3, seed=7)
    panel = replace(panel, cluster=np.concatenate([[0], [1] * 6, 2 + np.arange(15)]))
    note = aggregate(att_group_time(panel, two_by_two()), panel, overall).keys[0].note
    assert note == (
        "3 of 3 averaged effects rest on one cluster, 2 of them on one unit: the error is not known"
    )


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
    rows = [*[[0, 2, nan], [0, 4, nan]] * 5, [0, 1, 1], [0, 0, 2]]
    panel = make_panel(rows, [*[1] * 10, *[NEVER_TREATED] * 2])
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


def found(effects):
    """Estimates by cohort, period and event time."""
    return {
        (k.cohort, k.period, k.event_time): float(e)
        for k, e in zip(effects.keys, effects.estimate, strict=True)
    }


def test_every_kind_of_average_by_hand():
    panel = staggered()
    simple, event_time, dynamic, cohort, calendar = averages(
        att_group_time(panel, two_by_two()),
        panel,
        ("simple", "event_time", "dynamic", "cohort", "calendar"),
    )
    at_0 = (3 * 6 + 2 * 1) / 5
    assert found(simple) == pytest.approx({(None, None, None): (3 * 6 + 3 * 8 + 2) / 8})
    assert found(event_time) == pytest.approx(
        {(None, None, -2): 0, (None, None, 0): at_0, (None, None, 1): 8}, abs=1e-12
    )
    assert found(dynamic) == pytest.approx({(None, None, None): (at_0 + 8) / 2})
    assert found(cohort) == pytest.approx(
        {(1, None, None): 7, (2, None, None): 1, (None, None, None): (3 * 7 + 2 * 1) / 5}
    )
    at_2 = (3 * 8 + 2 * 1) / 5
    assert found(calendar) == pytest.approx(
        {(None, 1, None): 6, (None, 2, None): at_2, (None, None, None): (6 + at_2) / 2}
    )
    for part, estimand in zip(
        (simple, event_time, dynamic, cohort, calendar),
        ("simple", "event_time", "dynamic", "cohort", "calendar"),
        strict=True,
    ):
        assert {(k.estimand, k.arm) for k in part.keys} == {(estimand, "trained")}


def test_overall_averages_are_means_of_averages_with_the_error_of_shares_where_they_weigh():
    panel = random_panel(cohorts={1: 5, 2: 6, 4: 7, NEVER_TREATED: 9}, n_periods=6, seed=34)
    cells = att_group_time(panel, CallawaySantAnna(name="cs"))
    event_time, dynamic, cohort, calendar = averages(
        cells, panel, ("event_time", "dynamic", "cohort", "calendar")
    )
    after = [j for j, k in enumerate(event_time.keys) if k.event_time >= 0]
    assert_allclose(dynamic.influence[:, 0], event_time.influence[:, after].mean(axis=1), atol=1e-12)
    assert_allclose(calendar.influence[:, -1], calendar.influence[:, :-1].mean(axis=1), atol=1e-12)
    share = np.array([5, 6, 7]) / panel.n_units
    member = np.array([panel.cohort == g for g in (1, 2, 4)]).T
    weight, theta = share / share.sum(), cohort.estimate[:-1]
    by_hand = cohort.influence[:, :-1] @ weight
    by_hand += (member - share) @ (theta - weight @ theta) / share.sum()
    assert_allclose(cohort.influence[:, -1], by_hand, atol=1e-12)
    for j, key in enumerate(cohort.keys[:-1]):
        own = [i for i, k in enumerate(cells.keys) if k.cohort == key.cohort and k.event_time >= 0]
        assert_allclose(cohort.influence[:, j], cells.influence[:, own].mean(axis=1), atol=1e-12)


def test_labels_by_cohort_and_period_are_averages_by_size():
    panel = staggered()
    cells = att_group_time(panel, two_by_two())
    assert found(aggregate(cells, panel, by_cohort)) == pytest.approx(
        {(1, None, None): 7, (2, None, None): 1}
    )
    assert found(aggregate(cells, panel, by_period)) == pytest.approx(
        {(None, 1, None): 6, (None, 2, None): 26 / 5}
    )


def test_balanced_event_times_are_about_cohorts_observed_long_enough():
    panel = random_panel(cohorts={2: 6, 4: 7, NEVER_TREATED: 9}, n_periods=6, seed=35)
    cells = att_group_time(panel, CallawaySantAnna(name="cs", base_period="universal"))
    event_time, dynamic = averages(cells, panel, ("event_time", "dynamic"), balance_event_time=2)
    # Cohort 4 has two periods from treatment on, cohort 2 four: only that is observed two periods later.
    own = {k.event_time: e for k, e in zip(cells.keys, cells.estimate, strict=True) if k.cohort == 2}
    assert found(event_time) == pytest.approx({(None, None, e): own[e] for e in (-2, 0, 1, 2)})
    assert found(dynamic) == pytest.approx({(None, None, None): (own[0] + own[1] + own[2]) / 3})
    both, _ = averages(cells, panel, ("event_time", "dynamic"), balance_event_time=1)
    assert {k.event_time for k in both.keys} == {-4, -3, -2, 0, 1}
    assert set(both.n_treated[[j for j, k in enumerate(both.keys) if k.event_time >= 0]]) == {13}


def test_shares_are_weighted():
    panel = staggered()
    weight = np.where(panel.cohort == 2, 3.0, 1.0)[:, None] * np.array([1.0, 5, 7])
    effects = averages(att_group_time(replace(panel, weight=weight), two_by_two()), panel, ("event_time",))[0]
    assert found(effects)[None, None, 0] == pytest.approx((3 * 6 + 2 * 3 * 1) / (3 + 6))


def test_shares_count_only_complete_units_where_only_these_are_used():
    """Averages once needed to be told so by their caller."""
    panel = staggered()
    outcome = panel.outcome.copy()
    outcome[0, 2] = np.nan
    gaps = make_panel(outcome, panel.cohort)
    design = CallawaySantAnna(name="cs", base_period="universal")
    at_0 = (2 * 6.5 + 2 * 1) / 4
    cells = att_group_time(gaps, replace(design, missing="complete_units"))
    assert found(averages(cells, gaps, ("event_time",))[0])[None, None, 0] == pytest.approx(at_0)
    pairs = att_group_time(gaps, design)
    assert found(averages(pairs, gaps, ("event_time",))[0])[None, None, 0] == pytest.approx((3 * 6 + 2) / 5)


def test_shares_of_cross_sections_count_rows():
    panel = staggered()
    outcome = panel.outcome.copy()
    outcome[0, 0] = np.nan
    sections, _ = sections_of(make_panel(outcome, panel.cohort))
    cells = att_group_time_sections(sections, CallawaySantAnna(name="cs"))
    effects = averages(cells, sections, ("event_time",))[0]
    assert found(effects)[None, None, 0] == pytest.approx((8 * 6 + 6 * 1) / 14)


def test_effects_and_population_must_hold_the_same_units():
    panel = staggered()
    with pytest.raises(ValueError, match="different units"):
        aggregate(att_group_time(panel, two_by_two()), replace(panel, unit_ids=panel.unit_ids + "x"), overall)
