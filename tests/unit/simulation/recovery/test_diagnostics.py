"""Contrasts of means, against scipy and by hand."""

from __future__ import annotations

import numpy as np
import pytest

from impacteval.simulation.recovery.contrasts import difference, double_difference

rng = np.random.default_rng(5)
VALUES = rng.normal(size=60) * np.repeat([1.0, 3.0, 0.5, 2.0], 15) + np.repeat([0.0, 1.0, 2.0, 5.0], 15)
GROUP = np.repeat([0, 1, 2, 3], 15)


def test_a_difference_of_means_is_that_of_welch():
    from scipy.stats import ttest_ind

    found = difference(VALUES, GROUP == 0, GROUP == 1)
    expected = ttest_ind(VALUES[GROUP == 0], VALUES[GROUP == 1], equal_var=False)
    assert found["p_value"] == pytest.approx(expected.pvalue, rel=1e-8)
    assert found["df"] == pytest.approx(expected.df, rel=1e-8)
    assert found["estimate"] / found["std_error"] == pytest.approx(expected.statistic, rel=1e-8)


def test_a_double_difference_adds_the_variances_of_four_means():
    found = double_difference(VALUES, [k == GROUP for k in range(4)])
    means = [VALUES[k == GROUP].mean() for k in range(4)]
    assert found["estimate"] == pytest.approx(means[0] - means[1] - means[2] + means[3])
    variance = sum(VALUES[k == GROUP].var(ddof=1) / 15 for k in range(4))
    assert found["std_error"] == pytest.approx(np.sqrt(variance))


def test_values_that_are_missing_do_not_count():
    holed = np.append(VALUES, [np.nan, np.nan])
    group = np.append(GROUP, [0, 1])
    assert difference(holed, group == 0, group == 1) == difference(VALUES, GROUP == 0, GROUP == 1)


@pytest.mark.parametrize("n", [0, 1])
def test_a_group_of_fewer_than_two_gives_no_number(n):
    small = np.arange(60) < n
    assert set(difference(VALUES, small, GROUP == 1)) == {"note"}


def test_equal_values_have_no_test():
    found = difference(np.ones(60), GROUP == 0, GROUP == 1)
    assert found["estimate"] == 0
    assert "p_value" not in found
