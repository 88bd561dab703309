"""Multiplier draws: their spread is the error by clusters, their signs are fair."""

from __future__ import annotations

import numpy as np
from numpy.testing import assert_allclose, assert_array_equal
from scipy import stats

from impacteval.inference import multiplier
from impacteval.inference.errors import cluster_covariance
from impacteval.inference.multiplier import multiplier_draws

CLUSTER = np.repeat(np.arange(300), 2)


def influence(seed=1, n_effects=3):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(600, n_effects)) + np.repeat(rng.normal(size=(300, n_effects)), 2, axis=0)


def test_covariance_of_the_draws_is_that_by_clusters():
    values = influence()
    draws = multiplier_draws(values, CLUSTER, 20_000, np.random.default_rng(2))
    expected = cluster_covariance(values, CLUSTER)
    size = np.sqrt(np.diag(expected))
    # A correlation of 20,000 draws has a standard error of at most .007, a variance one of 1%.
    assert_allclose(np.cov(draws.error.T) / np.outer(size, size), expected / np.outer(size, size), atol=0.04)
    assert_allclose(draws.std_error, size, rtol=0.04)


def test_draws_with_one_cluster_are_its_influence_with_either_sign():
    draws = multiplier_draws(
        np.array([[2.0], [4.0]]), np.zeros(2, dtype=np.int64), 64, np.random.default_rng(3)
    )
    assert_allclose(np.unique(draws.error), [-3.0, 3.0], rtol=1e-6)


def test_block_size_does_not_change_the_spread(monkeypatch):
    whole = multiplier_draws(influence(), CLUSTER, 999, np.random.default_rng(4))
    monkeypatch.setattr(multiplier, "BLOCK", 64)
    parts = multiplier_draws(influence(), CLUSTER, 999, np.random.default_rng(4))
    assert_allclose(parts.std_error, whole.std_error, rtol=0.2)


def test_critical_value_of_many_independent_effects():
    values = np.random.default_rng(5).normal(size=(600, 10))
    draws = multiplier_draws(values, np.arange(600), 20_000, np.random.default_rng(6))
    known = stats.norm.ppf((1 + 0.95 ** (1 / 10)) / 2)
    assert_allclose(draws.critical_value(), known, rtol=0.03)


def test_effect_without_influence_takes_no_part():
    values = np.column_stack([influence(n_effects=1), np.zeros(600), np.full(600, np.nan)])
    draws = multiplier_draws(values, CLUSTER, 99, np.random.default_rng(7))
    assert_array_equal(np.isnan(draws.std_error), [False, True, True])
    assert np.isfinite(draws.critical_value())
    nothing = multiplier_draws(values[:, 1:], CLUSTER, 99, np.random.default_rng(7))
    assert np.isnan(nothing.critical_value())


def test_critical_value_belongs_to_the_error_that_it_multiplies():
    """Bug: a quantile of draws over their quartiles was multiplied with the error by clusters. One
    dominating cluster an effect makes these differ; the band must hold for the share of draws it says.
    """
    rng = np.random.default_rng(8)
    values = rng.normal(size=(40, 10)) * 0.2
    values[np.arange(10), np.arange(10)] = 3.0
    draws = multiplier_draws(values, np.arange(40), 9_999, np.random.default_rng(9))
    for error in (draws.cluster_error, draws.std_error):
        held = (np.abs(draws.error) <= draws.critical_value(error=error) * error).all(axis=1).mean()
        assert abs(held - 0.95) < 0.005
    assert_allclose(draws.critical_value(), draws.critical_value(error=draws.cluster_error))
