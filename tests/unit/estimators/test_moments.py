"""Effects from sums by cohort: those of the microdata, whatever the chunks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from impacteval.designs import CallawaySantAnna, TwoByTwo
from impacteval.errors import ConfigError, DataError, IdentificationError
from impacteval.estimators.aggregate import averages
from impacteval.estimators.group_time import att_group_time
from impacteval.estimators.moments import att_group_time_of_moments, moments_of
from support.panels import ARM, COMPARISON, NEVER_TREATED, random_panel

KINDS = ("simple", "event_time", "dynamic", "cohort", "calendar")
COHORTS = {2: 7, 3: 1, 4: 8, NEVER_TREATED: 12}
DESIGNS = {
    "varying": CallawaySantAnna(name="cs"),
    "universal": CallawaySantAnna(name="cs", base_period="universal", balance_event_time=1),
    "not_yet": CallawaySantAnna(name="cs", control_group="not_yet_treated", anticipation=1),
    "two_by_two": TwoByTwo(name="d"),
}


def summed(panel, chunks, weight=None):
    """Moments of a panel, summed by chunk of units."""
    parts = [
        moments_of(
            panel.outcome[rows],
            panel.cohort[rows],
            panel.periods,
            weight=None if weight is None else weight[rows],
            arm=ARM,
            comparison_arm=COMPARISON,
        )
        for rows in np.array_split(np.random.default_rng(2).permutation(panel.n_units), chunks)
    ]
    total = parts[0]
    for part in parts[1:]:
        total = total + part
    return total


def microdata(panel, design):
    """Estimates, covariance, keys, base means and counts from unit influence."""
    cells = att_group_time(panel, design)
    parts = (cells, *averages(cells, panel, KINDS, balance_event_time=design.balance_event_time))
    influence = np.hstack([p.influence for p in parts])
    return (
        np.concatenate([p.estimate for p in parts]),
        influence.T @ influence / panel.n_units**2,
        tuple(k for p in parts for k in p.keys),
        np.concatenate([p.baseline_mean for p in parts]),
        np.concatenate([p.n_treated for p in parts]),
        np.concatenate([p.n_comparison for p in parts]),
    )


@pytest.mark.parametrize("name", DESIGNS)
@pytest.mark.parametrize("is_weighted", [False, True])
@pytest.mark.parametrize("level", [0.0, 1e6])
def test_moments_give_the_answer_of_the_microdata(name, is_weighted, level):
    panel = random_panel(cohorts=COHORTS, n_periods=6, seed=41)
    weight = np.random.default_rng(3).uniform(0.5, 2, panel.n_units) if is_weighted else None
    panel = replace(panel, outcome=panel.outcome + level)
    weighted = panel if weight is None else replace(panel, weight=np.repeat(weight[:, None], 6, axis=1))
    estimate, covariance, keys, base, n_treated, n_comparison = microdata(weighted, DESIGNS[name])
    found = att_group_time_of_moments(summed(panel, 3, weight), DESIGNS[name], KINDS)
    assert found.keys == keys
    assert_allclose(found.estimate, estimate, rtol=1e-12, atol=1e-12)
    known = np.isfinite(covariance)
    assert_array_equal(np.isfinite(found.covariance), known)
    assert_allclose(found.covariance[known], covariance[known], rtol=0, atol=1e-12 * covariance[known].max())
    assert_allclose(found.std_error, np.sqrt(np.diag(covariance)), rtol=1e-12)
    assert_allclose(found.baseline_mean, base, rtol=1e-12)
    assert_array_equal(found.n_treated, n_treated)
    assert_array_equal(found.n_comparison, n_comparison)


def test_chunks_and_their_order_change_nothing():
    panel = random_panel(cohorts=COHORTS, n_periods=5, seed=42)
    one = att_group_time_of_moments(summed(panel, 1), DESIGNS["varying"])
    for chunks in (2, 7, panel.n_units):
        other = att_group_time_of_moments(summed(panel, chunks), DESIGNS["varying"])
        assert_allclose(other.estimate, one.estimate, rtol=1e-12)
        assert_allclose(other.covariance, one.covariance, rtol=0, atol=1e-12 * np.nanmax(one.covariance))


def test_sums_by_hand():
    moments = moments_of(np.array([[1.0, 3.0], [2.0, 8.0]]), np.array([1.0, 1.0]), np.array([0, 1]))
    assert moments.n_units == 2 and moments.cohorts[0].n_units == 2
    # Changes 2 and 6 around their mean 4.
    assert_array_equal(moments.shift, [[4]])
    assert_array_equal(moments.first, [3])
    assert_array_equal(moments.sums, [[2, 0]])
    assert_array_equal(moments.products, [[[2, 0], [0, 8]]])
    assert_array_equal(moments.around(np.array([[2.0]])).products, [[[2, 4], [4, 16]]])


def test_arms_are_chunks_of_their_own():
    panel = random_panel(cohorts={1: 6, NEVER_TREATED: 8}, n_periods=3, seed=43)
    other = random_panel(cohorts={1: 5}, n_periods=3, seed=44)
    total = summed(panel, 1) + moments_of(other.outcome, other.cohort, other.periods, arm="mentored")
    found = att_group_time_of_moments(total, DESIGNS["varying"], ("simple",))
    assert [k.arm for k in found.keys] == ["mentored", "mentored", ARM, ARM, "mentored", ARM]
    change = other.outcome[:, 1] - other.outcome[:, 0]
    comparison = (panel.outcome[:, 1] - panel.outcome[:, 0])[6:]
    assert_allclose(found.estimate[0], change.mean() - comparison.mean(), rtol=1e-10)


def test_units_that_lack_a_period_are_refused():
    with pytest.raises(DataError, match="missing or infinite"):
        moments_of(np.array([[1.0, np.nan], [2.0, 8.0]]), np.array([1.0, np.inf]), np.array([0, 1]))


def test_chunks_of_other_periods_are_refused():
    chunk = moments_of(np.eye(3), np.array([1.0, 1.0, np.inf]), np.arange(3))
    with pytest.raises(DataError, match="different periods"):
        chunk + moments_of(np.eye(3), np.array([1.0, 1.0, np.inf]), np.arange(1, 4))


def test_covariates_are_refused():
    chunk = moments_of(np.eye(3), np.array([1.0, 1.0, np.inf]), np.arange(3))
    with pytest.raises(ConfigError, match="has covariates"):
        att_group_time_of_moments(chunk, CallawaySantAnna(name="cs", covariates=("z",)))


def test_a_cohort_without_weight_cannot_be_compared():
    chunk = moments_of(np.eye(3), np.array([1.0, 1, np.inf]), np.arange(3), weight=np.array([0.0, 0, 1]))
    with pytest.raises(
        IdentificationError, match=r"cohort 1 in 1 2: no treated unit with a positive weight; .*; 2 treated"
    ):
        att_group_time_of_moments(chunk, CallawaySantAnna(name="cs"))


@pytest.mark.parametrize("name", DESIGNS)
def test_units_without_weight_take_no_part(name):
    """They once counted as units: cohort 2 has one unit with weight, whose error is not known.

    Moments and microdata leave out, count and note the same units.
    """
    panel = random_panel(cohorts={2: 3, 3: 11, 4: 2, NEVER_TREATED: 14}, n_periods=6, seed=45)
    weight = np.where(np.isin(np.arange(30), (0, 1, 5, 14, 15, 20)), 0.0, 1.5)
    weighted = replace(panel, weight=np.repeat(weight[:, None], 6, axis=1))
    estimate, covariance, keys, base, n_treated, n_comparison = microdata(weighted, DESIGNS[name])
    found = att_group_time_of_moments(summed(panel, 4, weight), DESIGNS[name], KINDS)
    assert_allclose(found.estimate, estimate, rtol=1e-12, atol=1e-12)
    expected = np.where(np.isnan(estimate), np.nan, np.sqrt(np.diag(covariance)))
    assert_allclose(found.std_error, expected, rtol=1e-12)
    assert_allclose(found.baseline_mean, base, rtol=1e-12)
    assert_array_equal(found.n_treated, n_treated)
    assert_array_equal(found.n_comparison, n_comparison)
    assert found.keys == keys
    assert any("2 treated units with weight zero take no part" in k.note for k in keys)


@pytest.mark.parametrize("chunks", [1, 3, 12])
def test_cohorts_may_grow_apart_without_loss_of_digits(chunks):
    """One shift for all cohorts lost them: at trends of 1e7 errors were wrong by a fifth.

    Adding to each cohort its own trend changes estimates by known amounts and no error of a cell.
    """
    panel = random_panel(cohorts={2: 50, 3: 50, NEVER_TREATED: 100}, n_periods=5, seed=2)
    slope = np.repeat([1.0, -2.0, 0.0], [50, 50, 100])
    grown = replace(panel, outcome=panel.outcome + 1e7 * slope[:, None] * np.arange(5))
    found, plain = (att_group_time_of_moments(summed(p, chunks), DESIGNS["varying"]) for p in (grown, panel))
    # Outcomes of 4e7 carry 7e-9 in their last digit, errors are of about .2.
    assert_allclose(found.std_error, plain.std_error, rtol=1e-8)
    of_cohort = np.array([1.0 if k.cohort == 2 else -2.0 for k in found.keys])
    n_periods = np.array([max(k.event_time, 0) + 1 for k in found.keys])
    assert_allclose(found.estimate - plain.estimate, 1e7 * of_cohort * n_periods, rtol=1e-12)


def test_chunks_are_centred_again_exactly():
    """Whole numbers: sums of the parts around their common mean are those of the whole, to the bit."""
    outcome = np.array([[0.0, 2, 4], [0, 6, 8], [1, 9, 1], [1, 5, 11]])
    start, periods = np.ones(4), np.arange(3)
    whole = moments_of(outcome, start, periods)
    parts = moments_of(outcome[:2], start[:2], periods) + moments_of(outcome[2:], start[2:], periods)
    for name in ("shift", "first", "sums", "products"):
        assert_array_equal(getattr(parts, name), getattr(whole, name))


def test_weights_below_zero_are_refused():
    with pytest.raises(DataError, match="1 weights are negative"):
        moments_of(np.eye(3), np.array([1.0, 1, np.inf]), np.arange(3), weight=np.array([1.0, -1, 1]))


def test_averages_say_what_those_of_the_microdata_say():
    """Late cohorts, arms without any effect and effects left out were once not said in averages."""
    panel = random_panel(cohorts={1: 12, 2: 12, 4: 12}, n_periods=5, seed=46)
    late = random_panel(cohorts={1: 12, 9: 12}, n_periods=4, seed=47)
    design = CallawaySantAnna(name="cs", control_group="not_yet_treated")
    for p in (panel, late):
        estimate, _, keys, *_ = microdata(p, design)
        found = att_group_time_of_moments(summed(p, 2), design, KINDS)
        assert found.keys == keys
        assert_allclose(found.estimate, estimate, rtol=1e-11, atol=1e-12)
    arms = summed(late, 1) + moments_of(
        np.eye(4)[:2], np.array([1.0, 1]), np.arange(4), arm="none", weight=np.zeros(2)
    )
    found = att_group_time_of_moments(arms, design, ("simple",))
    assert found.keys[-1].arm == "none" and found.keys[-1].note.startswith("none of 3 effects could be")
    assert np.isnan(found.estimate[-1]) and np.isnan(found.std_error[-1])
