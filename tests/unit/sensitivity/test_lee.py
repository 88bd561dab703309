"""Lee bounds by hand."""

import numpy as np
import pytest

from impacteval.sensitivity.lee import lee_bounds, trimmed_means


def test_equal_observation_gives_the_difference_of_means() -> None:
    bounds = lee_bounds(np.array([1.0, 3.0]), np.array([0.0, 1.0]), 4, 4)
    assert (bounds.lower, bounds.upper, bounds.trimmed_share) == (1.5, 1.5, 0.0)


def test_the_side_observed_more_often_is_trimmed_from_both_ends() -> None:
    bounds = lee_bounds(np.array([1.0, 2.0, 3.0, 10.0]), np.array([1.0, 1.0]), 4, 4)
    assert bounds.trimmed_side == "treated"
    assert bounds.trimmed_share == 0.5
    assert (bounds.lower, bounds.upper) == (0.5, 5.5)


def test_trimming_the_comparison_turns_the_bounds_round() -> None:
    bounds = lee_bounds(np.array([2.0, 2.0]), np.array([0.0, 1.0, 2.0, 5.0]), 4, 4)
    assert bounds.trimmed_side == "comparison"
    assert (bounds.lower, bounds.upper) == (-1.5, 1.5)


def test_a_value_at_the_cut_counts_in_part() -> None:
    low, high = trimmed_means(np.array([1.0, 2.0, 4.0]), 0.5)
    assert low == pytest.approx((1 + 0.5 * 2) / 1.5, rel=1e-15)
    assert high == pytest.approx((4 + 0.5 * 2) / 1.5, rel=1e-15)
