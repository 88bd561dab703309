"""Randomisation inference: exact p-values by hand, size under no effect, and whole clusters."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from impacteval.errors import IdentificationError
from impacteval.inference.randomisation import randomisation_test
from support.panels import make_panel


def difference(panel):
    """Mean change of the treated minus mean change of the others."""
    change = panel.outcome[:, 1] - panel.outcome[:, 0]
    treated = np.isfinite(panel.cohort)
    return float(change[treated].mean() - change[~treated].mean())


def panel_of(change, n_treated, cluster=None):
    outcome = np.column_stack([np.zeros(len(change)), change])
    cohort = [1.0] * n_treated + [np.inf] * (len(change) - n_treated)
    return make_panel(outcome=outcome, cohort=cohort, cluster=cluster)


def test_p_value_is_near_the_share_of_all_assignments():
    change = np.array([3.0, 2.5, 0.1, -0.4, 0.3, 1.1, -0.7, 0.2])
    everything = [
        abs(change[list(c)].mean() - np.delete(change, list(c)).mean()) for c in combinations(range(8), 2)
    ]
    exact = np.mean(np.array(everything) >= everything[0] - 1e-12)
    found = randomisation_test(panel_of(change, 2), difference, n_draws=4000, rng=np.random.default_rng(1))
    # Four standard errors of a share of 4,000 draws.
    assert abs(found.p_value - exact) < 4 * np.sqrt(exact * (1 - exact) / 4000) + 1 / 4000
    assert found.n_draws == 4000


def test_one_treated_unit_with_the_largest_change_has_p_one_over_n():
    change = np.array([9.0, *np.linspace(-1, 1, 19)])
    found = randomisation_test(panel_of(change, 1), difference, n_draws=4000, rng=np.random.default_rng(2))
    assert abs(found.p_value - 1 / 20) < 4 * np.sqrt(0.05 * 0.95 / 4000)


def test_clusters_move_as_one():
    """Four clusters of two, one treated: the p-value cannot be below a quarter."""
    change = np.array([5.0, 6.0, 0.0, 0.1, 0.2, -0.1, 0.3, -0.2])
    panel = panel_of(change, 2, cluster=[0, 0, 1, 1, 2, 2, 3, 3])
    found = randomisation_test(panel, difference, n_draws=999, rng=np.random.default_rng(3))
    assert abs(found.p_value - 0.25) < 4 * np.sqrt(0.25 * 0.75 / 999)


def test_size_is_nominal_without_an_effect():
    rng = np.random.default_rng(4)
    rejected = [
        randomisation_test(panel_of(rng.normal(size=12), 2), difference, n_draws=99, rng=rng).p_value <= 0.1
        for _ in range(300)
    ]
    assert abs(np.mean(rejected) - 0.1) < 4 * np.sqrt(0.1 * 0.9 / 300)


def test_undefined_statistic_is_refused():
    with pytest.raises(IdentificationError, match="actual assignment"):
        randomisation_test(
            panel_of([1.0, 2.0, 3.0], 1), lambda _: np.nan, n_draws=9, rng=np.random.default_rng(5)
        )


def test_a_treated_cluster_without_one_of_its_size_is_refused():
    """Bug: every draw was the actual assignment, and p = 1 was printed for the largest effect."""
    panel = panel_of(
        [10.0] * 4 + [0.0, 0.1, 0.2] * 2 + [0.3, 0.4], 4, cluster=[0] * 4 + [1] * 3 + [2] * 3 + [3] * 2
    )
    with pytest.raises(IdentificationError, match="no cluster has another of its size"):
        randomisation_test(panel, difference, n_draws=9, rng=np.random.default_rng(6))


def test_number_of_assignments_is_that_of_combinations():
    by_unit = randomisation_test(
        panel_of(np.arange(8.0), 2), difference, n_draws=9, rng=np.random.default_rng(7)
    )
    assert round(by_unit.n_assignments) == 28
    by_cluster = panel_of(np.arange(8.0), 2, cluster=[0, 0, 1, 1, 2, 2, 3, 3])
    test = randomisation_test(by_cluster, difference, n_draws=9, rng=np.random.default_rng(7))
    assert round(test.n_assignments) == 4
