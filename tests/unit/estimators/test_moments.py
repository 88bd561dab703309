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
    assert_array_equal(moments.shift, [4])
    assert_array_equal(moments.first, [3])
    assert_array_equal(moments.sums, [[2, 0]])
    assert_array_equal(moments.products, [[[2, 0], [0, 8]]])
    assert_array_equal(moments.around(np.array([2.0])).products, [[[2, 4], [4, 16]]])


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


def test_a_cohort_without_weight_is_refused():
    chunk = moments_of(np.eye(3), np.array([1.0, 1, np.inf]), np.arange(3), weight=np.array([0.0, 0, 1]))
    with pytest.raises(IdentificationError, match="no weight in cohort 1"):
        att_group_time_of_moments(chunk, CallawaySantAnna(name="cs"))
