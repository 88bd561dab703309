"""What is usual among rows is said by most of them, and not by the few that are not."""

from __future__ import annotations

import numpy as np
import pytest

from impacteval.validation.usual import own_p_values, strongest, usual_limit


def test_limit_is_the_median_and_deviations_of_logits():
    """Logits -1 to 1 in steps of 0.1: median 0, median absolute deviation 0.5."""
    shares = 1 / (1 + np.exp(-np.linspace(-1, 1, 21)))
    expected = 1 / (1 + np.exp(-3.5 * 1.4826 * 0.5))
    assert usual_limit(shares, 3.5) == pytest.approx(expected, rel=1e-12)
    assert usual_limit(shares, 0.0) == pytest.approx(0.5)


def test_few_that_are_far_move_the_limit_little():
    rng = np.random.default_rng(1)
    shares = rng.beta(60, 20, 200)
    spoilt = shares.copy()
    spoilt[:20] = 0.99
    assert usual_limit(shares, 3.5) < usual_limit(spoilt, 3.5) < 0.97


def test_too_few_shares_say_nothing_and_shares_of_one_leave_nothing_above():
    assert usual_limit(np.full(19, 0.5), 3.5) == -1
    assert usual_limit(np.ones(30), 3.5) == 1
    assert usual_limit(np.zeros(30), 3.5) == 0


def test_the_strongest_are_as_many_as_said_and_ties():
    size = np.arange(40, dtype=float)
    at = np.array([3, 10, 38, 39, 5])
    assert strongest(at, size, 2).tolist() == [38, 39]
    assert strongest(at, size, 5).tolist() == at.tolist()
    size[[10, 38]] = 39
    assert strongest(at, size, 1).tolist() == [10, 38, 39]
    assert strongest(at, size[:0], 1).tolist() == at.tolist()


def test_own_p_values_of_normal_rows_are_those_of_a_chi_square():
    """At 5%, in 2,000 rows of three columns: within four standard errors and what the transform costs."""
    squared = (np.random.default_rng(2).standard_normal((2000, 3)) ** 2).sum(axis=1)
    rate = float((own_p_values(squared, 3) < 0.05).mean())
    assert rate == pytest.approx(0.05, abs=4 * np.sqrt(0.05 * 0.95 / 2000) + 0.005)


def test_rows_with_longer_tails_are_their_own_measure():
    tails = np.random.default_rng(3).standard_t(3, 2000) ** 2
    own = own_p_values(tails, 1)
    plain = (np.random.default_rng(3).standard_normal(2000)) ** 2
    assert own[np.argmax(tails)] < 1e-6
    assert (own < 1e-6).sum() < 0.05 * 2000
    assert own_p_values(plain, 1).min() > 1e-9


def test_equal_distances_are_all_usual():
    assert own_p_values(np.full(50, 4.0), 2) == pytest.approx(np.full(50, 0.5))
