"""Changes between two periods, compared for units with like covariates."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from impacteval.errors import ConfigError, DataError, IdentificationError
from impacteval.estimators.propensity import CollinearError, Sample
from impacteval.estimators.two_period import compare_changes, regress

METHODS = ("reg", "ipw", "ipw_ht", "dr", "dr_improved")
every_method = pytest.mark.parametrize("method", METHODS)
SMALL = settings(derandomize=True, deadline=None, max_examples=15)
seeds = st.integers(min_value=0, max_value=10_000)


def case_of(seed, n=60, m=2):
    """Changes that depend on two covariates, as does treatment; weights that differ."""
    rng = np.random.default_rng(seed)
    x = np.column_stack([np.ones(n), rng.normal(size=n), rng.integers(0, 2, n)])
    treated = rng.random(n) < 1 / (1 + np.exp(0.4 - 0.6 * x[:, 1]))
    treated[:6], treated[6:12] = True, False
    change = x @ rng.normal(size=(3, m)) + treated[:, None] + rng.normal(size=(n, m))
    return change, Sample(treated=treated, x=x, weight=rng.uniform(0.5, 2, n))


def with_weight(sample, weight):
    return Sample(treated=sample.treated, x=sample.x, weight=weight)


def rows_of(sample, rows):
    return Sample(treated=sample.treated[rows], x=sample.x[rows], weight=sample.weight[rows])


def test_by_hand_with_one_binary_covariate():
    # Treated changes 5 and 7 where z = 0, 9 where z = 1; comparison 1 and 3, and 4, 5 and 6.
    change = np.array([5.0, 7, 9, 1, 3, 4, 5, 6])[:, None]
    z = np.array([0, 0, 1, 0, 0, 1, 1, 1])
    sample = Sample(
        treated=np.arange(8) < 3, x=np.column_stack([np.ones(8), z]).astype(float), weight=np.ones(8)
    )
    # Within z: (6 - 2) and (9 - 5), both 4, for two and one treated units.
    for method in METHODS:
        assert_allclose(compare_changes(change, sample, method=method).estimate, [4], rtol=1e-12)
    # The treated side's spread is -1, 1, 0 about its mean of 4; each comparison unit counts with its
    # odds, 1 where z = 0 and 1/3 where z = 1, and by how far it is from its own mean. Over three
    # treated units of eight: 8/3.
    expected = 8 / 3 * np.array([-1, 1, 0, 1, -1, 1 / 3, 0, -1 / 3])
    for method in METHODS:
        assert_allclose(compare_changes(change, sample, method=method).influence[:, 0], expected, atol=1e-10)


@every_method
def test_without_covariates_it_is_the_difference_of_mean_changes(method):
    change, sample = case_of(1)
    d, w = sample.treated, sample.weight
    found = compare_changes(change, Sample(treated=d, x=np.ones((60, 1)), weight=w), method=method)
    mean = [np.average(change[side], axis=0, weights=w[side]) for side in (d, ~d)]
    assert_allclose(found.estimate, mean[0] - mean[1], rtol=1e-12)
    expected = np.where(d[:, None], (change - mean[0]) / w[d].sum(), (mean[1] - change) / w[~d].sum())
    assert_allclose(found.influence, 60 * w[:, None] * expected, rtol=1e-8, atol=1e-12)


def test_saturated_covariates_make_all_methods_one():
    change, sample = case_of(2)
    cell = sample.x[:, 2] + 2 * (sample.x[:, 1] > 0)
    x = np.column_stack([np.ones(60), *(cell == c for c in (1, 2, 3))]).astype(float)
    d, w = sample.treated, sample.weight
    effect, size = [], []
    for c in range(4):
        mean = [np.average(change[s & (cell == c)], axis=0, weights=w[s & (cell == c)]) for s in (d, ~d)]
        effect.append(mean[0] - mean[1])
        size.append(w[d & (cell == c)].sum())
    expected = np.average(effect, axis=0, weights=size)
    found = {m: compare_changes(change, Sample(treated=d, x=x, weight=w), method=m) for m in METHODS}
    for method in METHODS:
        assert_allclose(found[method].estimate, expected, rtol=1e-10)
        assert_allclose(found[method].influence, found["reg"].influence, rtol=1e-8, atol=1e-9)


@every_method
def test_influence_is_the_derivative_of_the_estimate(method):
    change, sample = case_of(3)
    influence = compare_changes(change, sample, method=method, highest_score=1).influence

    def at(unit, step):
        weight = sample.weight.copy()
        weight[unit] *= 1 + step
        return compare_changes(change, with_weight(sample, weight), method=method, highest_score=1).estimate

    for unit in range(0, 60, 4):
        coarse, fine = ((at(unit, h) - at(unit, -h)) / (2 * h) * 60 for h in (2e-3, 1e-3))
        # The extrapolated error is of order h^4; rounding over h is 1e-11.
        assert_allclose((4 * fine - coarse) / 3, influence[unit], rtol=1e-7, atol=1e-8)


@pytest.mark.parametrize("method", ["ipw", "ipw_ht", "dr"])
def test_influence_is_the_derivative_where_units_are_left_out_for_their_score(method):
    change, sample = case_of(4)
    score = compare_changes(change, sample, method=method).propensity.score
    ordered = np.sort(score[~sample.treated])
    cut = ordered[-4:-2].mean()
    found = compare_changes(change, sample, method=method, highest_score=cut)
    assert np.sum(~found.propensity.kept) == 3

    def at(unit, step):
        weight = sample.weight.copy()
        weight[unit] *= 1 + step
        return compare_changes(change, with_weight(sample, weight), method=method, highest_score=cut).estimate

    for unit in range(0, 60, 7):
        coarse, fine = ((at(unit, h) - at(unit, -h)) / (2 * h) * 60 for h in (2e-4, 1e-4))
        assert_allclose((4 * fine - coarse) / 3, found.influence[unit], rtol=1e-6, atol=1e-7)


def test_regression_agrees_with_statsmodels():
    change, sample = case_of(5)
    fit = regress(change, sample.x, sample.weight, "units")
    for j in range(2):
        theirs = sm.WLS(change[:, j], sample.x, weights=sample.weight).fit()
        assert_allclose(fit.coefficient[:, j], theirs.params, rtol=1e-11)
    assert_allclose(fit.root @ fit.root.T, theirs.normalized_cov_params, rtol=1e-10)
    residual = sample.weight[:, None] * (change - sample.x @ fit.coefficient)
    assert_allclose(sample.x.T @ residual, 0, atol=1e-12)


def test_improved_estimate_is_that_of_its_regression_at_the_treated_means():
    # Both first-order conditions hold exactly: the comparison residuals have mean zero.
    change, sample = case_of(6)
    found = compare_changes(change, sample, method="dr_improved")
    d, w = sample.treated, sample.weight
    fit = regress(change[~d], sample.x[~d], (w * found.propensity.odds)[~d], "comparison units")
    treated_mean = np.average(change[d], axis=0, weights=w[d])
    expected = treated_mean - np.average(sample.x[d], axis=0, weights=w[d]) @ fit.coefficient
    assert_allclose(found.estimate, expected, rtol=1e-10)


@every_method
@given(seed=seeds)
@SMALL
def test_invariances(method, seed):
    change, sample = case_of(seed)
    found = compare_changes(change, sample, method=method)
    assert_allclose(found.influence.mean(axis=0), 0, atol=1e-9)

    order = np.random.default_rng(seed).permutation(60)
    shuffled = compare_changes(change[order], rows_of(sample, order), method=method)
    assert_allclose(shuffled.estimate, found.estimate, rtol=1e-9, atol=1e-9)
    assert_allclose(shuffled.influence, found.influence[order], rtol=1e-7, atol=1e-8)

    one = compare_changes(change[:, [1]], sample, method=method)
    assert_allclose(one.influence[:, 0], found.influence[:, 1], rtol=1e-9, atol=1e-9)

    # Odds that are not divided by their own mean do not cancel a constant.
    constant = 0 if method == "ipw_ht" else 3
    moved = compare_changes(constant - 2 * change, with_weight(sample, 5 * sample.weight), method=method)
    assert_allclose(moved.estimate, -2 * found.estimate, rtol=1e-8, atol=1e-8)
    assert_allclose(moved.influence, -2 * found.influence, rtol=1e-6, atol=1e-7)

    mixed = Sample(
        treated=sample.treated,
        x=sample.x @ np.array([[1.0, 3, -2], [0, 10, 1], [0, 0, 0.1]]),
        weight=sample.weight,
    )
    assert_allclose(compare_changes(change, mixed, method=method).influence, found.influence, atol=1e-7)


@every_method
@given(seed=seeds)
@SMALL
def test_a_unit_that_stands_twice_at_half_weight_counts_once(method, seed):
    change, sample = case_of(seed)
    found = compare_changes(change, sample, method=method)
    twice = np.repeat(np.arange(60), 2)
    doubled = compare_changes(change[twice], rows_of(sample, twice), method=method)
    assert_allclose(doubled.estimate, found.estimate, rtol=1e-9, atol=1e-9)
    assert_allclose(doubled.influence.reshape(60, 2, 2).sum(axis=1) / 2, found.influence, atol=1e-7)


@every_method
def test_order_of_memory_does_not_matter(method):
    change, sample = case_of(7)
    assert_allclose(
        compare_changes(np.asfortranarray(change), sample, method=method).influence,
        compare_changes(change, sample, method=method).influence,
        rtol=1e-12,
        atol=1e-13,
    )


@every_method
def test_arguments_are_not_changed(method):
    change, sample = case_of(8)
    before = change.copy()
    compare_changes(change, sample, method=method)
    assert (change == before).all()


def test_only_methods_with_a_score_return_one():
    change, sample = case_of(9)
    has_score = {m: compare_changes(change, sample, method=m).propensity is not None for m in METHODS}
    assert has_score == {"reg": False, "ipw": True, "ipw_ht": True, "dr": True, "dr_improved": True}


@pytest.mark.parametrize("method", ["reg", "dr", "dr_improved"])
def test_covariates_that_do_not_vary_among_comparison_units_are_named(method):
    change, sample = case_of(10)
    x = np.column_stack([sample.x, sample.treated * (np.arange(60) % 2)]).astype(float)
    lost = Sample(treated=sample.treated, x=x, weight=sample.weight)
    # The logit finds it first: treated units of this category have no comparison.
    error = CollinearError if method == "reg" else IdentificationError
    with pytest.raises(error):
        compare_changes(change, lost, method=method)


def test_fewer_comparison_units_than_covariates():
    change, sample = case_of(11)
    few = np.concatenate([np.nonzero(sample.treated)[0], np.nonzero(~sample.treated)[0][:2]])
    with pytest.raises(IdentificationError, match="2 comparison units for 3 coefficients"):
        compare_changes(change[few], rows_of(sample, few), method="reg")


def test_missing_changes_and_wrong_shapes_are_refused():
    change, sample = case_of(12)
    with pytest.raises(DataError, match="missing or infinite"):
        compare_changes(np.where(change > 0, change, np.nan), sample, method="dr")
    with pytest.raises(DataError, match="one row for each of 60 units"):
        compare_changes(change[:5], sample, method="dr")


def test_as_many_comparison_units_as_coefficients_leave_the_error_unknown():
    """Their residuals are zero, and so was their part of the error: intervals covered a quarter.

    A regression that fits exactly says nothing of its error; one unit more does.
    """
    change, sample = case_of(13)
    treated, comparison = (np.nonzero(side)[0] for side in (sample.treated, ~sample.treated))
    exact = np.concatenate([treated, comparison[:3]])
    found = compare_changes(change[exact], rows_of(sample, exact), method="reg")
    coefficient = np.linalg.solve(sample.x[comparison[:3]], change[comparison[:3]])
    fitted = sample.x[treated] @ coefficient
    expected = np.average(change[treated] - fitted, axis=0, weights=sample.weight[treated])
    assert_allclose(found.estimate, expected, rtol=1e-9)
    assert np.isnan(found.influence).all()
    assert (
        found.note == "as many comparison units as coefficients: their fit is exact and the error not known"
    )
    more = np.concatenate([treated, comparison[:4]])
    found = compare_changes(change[more], rows_of(sample, more), method="reg")
    assert np.isfinite(found.influence).all() and found.note == ""
    weightless = with_weight(rows_of(sample, more), np.r_[np.ones(len(treated) + 3), 0.0])
    assert np.isnan(compare_changes(change[more], weightless, method="reg").influence).all()


@pytest.mark.parametrize("method", ["ipw", "ipw_ht", "dr", "dr_improved"])
def test_one_comparison_unit_that_is_kept_leaves_the_error_unknown(method):
    """A mean of one unit fits it, and the error once was that of the treated side alone.

    Two that are kept are enough, unless one of them has no weight.
    """
    change, sample = case_of(14)
    score = compare_changes(change, sample, method=method).propensity.score
    _, second, third = np.sort(score[~sample.treated])[:3]
    found = compare_changes(change, sample, method=method, highest_score=second)
    assert np.isfinite(found.estimate).all() and np.isnan(found.influence).all()
    assert found.note == "one comparison unit is left or carries all weight: its error is not known"
    two = compare_changes(change, sample, method=method, highest_score=third)
    assert np.isfinite(two.influence).all() and two.note == ""

    one_weight = with_weight(sample, np.where(score == second, 0.0, sample.weight))
    score = compare_changes(change, one_weight, method=method).propensity.score
    cut = np.sort(score[~sample.treated & (one_weight.weight > 0)])[1]
    alone = compare_changes(change, one_weight, method=method, highest_score=cut)
    assert np.isnan(alone.influence).all() and alone.note == found.note


def test_a_comparison_unit_beside_others_whose_scores_go_to_zero_carries_all_weight():
    """Units unlike all treated ones lose their weight in the limit; the one that stays is alone."""
    rng = np.random.default_rng(15)
    treated = np.arange(20) < 8
    group = (np.arange(20) > 8).astype(float)
    sample = Sample(treated=treated, x=np.column_stack([np.ones(20), group]), weight=np.ones(20))
    found = compare_changes(rng.normal(size=(20, 1)), sample, method="ipw")
    assert np.isfinite(found.estimate).all() and np.isnan(found.influence).all()
    assert found.note.startswith("one comparison unit")


def test_an_unknown_method_is_refused():
    """Any other word once meant ``dr``."""
    change, sample = case_of(16)
    with pytest.raises(ConfigError, match=r"method 'dr_improve': .* did you mean 'dr_improved'"):
        compare_changes(change, sample, method="dr_improve")
