"""Shares, their intervals and differences."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import (
    confint_proportions_2indep,
    proportion_confint,
    proportions_ztest,
)

from impacteval.validation.shares import (
    compare_shares,
    holm,
    newcombe,
    pairs_of,
    share_of,
    two_share_p,
    wilson,
)


def flags(count, n):
    return np.arange(n) < count


def two_arms(first, second):
    """Flags, arms and an enterprise for each row of two arms given as (count, n)."""
    flag = np.concatenate([flags(*first), flags(*second)])
    arm = np.repeat(["a", "b"], [first[1], second[1]])
    return flag, arm, np.arange(len(flag)).astype(np.str_)


@pytest.mark.parametrize(("count", "n"), [(0, 10), (3, 10), (10, 10), (81, 263)])
def test_wilson_is_that_of_statsmodels(count, n):
    assert_allclose(wilson(count, n, 0.95), proportion_confint(count, n, 0.05, "wilson"), atol=1e-12)


def test_newcombe_is_that_of_his_first_example():
    """Newcombe (1998), table II, case a, method 10: 56 of 70 less 48 of 80, 0.0524 to 0.3339."""
    assert_allclose(newcombe(share_of(flags(48, 80)), share_of(flags(56, 70))), (0.0524, 0.3339), atol=5e-5)


@pytest.mark.parametrize(("first", "second"), [((5, 40), (13, 51)), ((0, 30), (4, 20)), ((9, 9), (3, 8))])
def test_newcombe_is_that_of_statsmodels(first, second):
    expected = confint_proportions_2indep(*second, *first, compare="diff", method="newcomb")
    assert_allclose(newcombe(share_of(flags(*first)), share_of(flags(*second))), expected, atol=1e-12)


def test_large_counts_are_compared_by_the_pooled_normal_test():
    p = two_share_p(share_of(flags(20, 100)), share_of(flags(35, 110)))
    assert_allclose(p, proportions_ztest([20, 35], [100, 110])[1], rtol=1e-10)


def test_small_counts_are_compared_exactly():
    """3 of 3 against 0 of 3: two of the 20 tables are as extreme."""
    assert_allclose(two_share_p(share_of(flags(3, 3)), share_of(flags(0, 3))), 0.1)


def test_nothing_to_compare_has_no_p_value_and_equal_shares_have_one_of_one():
    assert np.isnan(two_share_p(share_of(flags(0, 0)), share_of(flags(1, 3))))
    assert two_share_p(share_of(flags(0, 4)), share_of(flags(0, 9))) == 1.0
    assert np.isnan(share_of(flags(0, 0)).share)


def test_rows_of_one_enterprise_count_once():
    """Each row doubled: the interval stays about the same, where independent rows would have a narrower one."""
    flag, arm, unit = two_arms((8, 40), (20, 40))
    once = compare_shares(flag, arm, unit, ("a", "b"))
    twice = compare_shares(np.tile(flag, 2), np.tile(arm, 2), np.tile(unit, 2), ("a", "b"))
    alone = compare_shares(np.tile(flag, 2), np.tile(arm, 2), np.arange(160).astype(np.str_), ("a", "b"))
    assert twice.difference == once.difference == pytest.approx(0.3)
    assert_allclose([twice.low, twice.high], [once.low, once.high], atol=0.03)
    assert twice.high - twice.low > 1.3 * (alone.high - alone.low)
    assert twice.p_value > 10 * alone.p_value


def test_enterprises_that_are_all_alike_within_arms_are_counted():
    """3 enterprises of an arm have two rows of which one is flagged, 3 of the other none: 2 tables of 20."""
    flag, arm = np.array([True, False] * 3 + [False] * 6), np.repeat(["a", "b"], 6)
    unit = np.repeat([str(i) for i in range(6)], 2)
    found = compare_shares(flag, arm, unit, ("a", "b"))
    assert_allclose(found.p_value, 0.1)
    assert np.isnan([found.low, found.high]).all()
    assert compare_shares(np.zeros(12, dtype=bool), arm, unit, ("a", "b")).p_value == 1.0


def test_the_difference_is_the_second_arm_less_the_first():
    flag, arm, unit = two_arms((1, 10), (4, 10))
    forward, back = (compare_shares(flag, arm, unit, pair) for pair in (("a", "b"), ("b", "a")))
    assert forward.difference == pytest.approx(0.3)
    assert_allclose([forward.low, forward.high], [-back.high, -back.low])


@pytest.mark.parametrize(
    "p_values", [[0.2], [0.01, 0.04, 0.03], [0.5, 0.5, 0.001, 0.9], [0.02, 0.02, 0.0, 1.0]]
)
def test_holm_is_that_of_statsmodels(p_values):
    assert_allclose(holm(p_values), multipletests(p_values, method="holm")[1], rtol=1e-12)


def test_p_values_that_are_not_known_do_not_count():
    assert_allclose(holm([0.02, np.nan, 0.5]), [0.04, np.nan, 0.5])
    assert len(holm([])) == 0


def test_arms_are_compared_with_one_named_or_all_with_each_other():
    assert pairs_of(["b", "a", "c", ""], "c") == [("c", "a"), ("c", "b")]
    assert pairs_of(["b", "a", "c"]) == [("a", "b"), ("a", "c"), ("b", "c")]
    assert pairs_of(["a", ""]) == []
