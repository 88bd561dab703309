"""Simultaneous bands: critical values that are known, and the families they hold for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import stats

from impacteval.effects import EffectKey
from impacteval.inference.bands import Computed, Drawn, critical_values, event_study_family, sup_t
from impacteval.inference.errors import with_errors
from support.effects import make_effects


def effects_of(influence, keys):
    return replace(make_effects(influence, np.zeros(len(keys))), keys=keys)


@pytest.mark.parametrize("n", [2, 5, 14, 50])
def test_independent_estimates_have_the_sidak_value(n):
    known = stats.norm.ppf((1 + 0.95 ** (1 / n)) / 2)
    assert_allclose(sup_t(np.eye(n)), known, rtol=3e-3)


@pytest.mark.parametrize("df", [4.0, 30.0, np.inf])
def test_one_estimate_has_the_pointwise_value(df):
    assert_allclose(sup_t(np.array([[4.0]]), df=df), stats.t.ppf(0.975, df), rtol=1e-12)


def test_estimates_that_move_as_one_have_the_pointwise_value():
    assert_allclose(sup_t(np.full((3, 3), 2.0)), stats.norm.ppf(0.975), rtol=1e-6)


def test_more_estimates_than_dimensions_of_their_errors():
    """A singular covariance, as with fewer clusters than effects, beside draws of it."""
    rng = np.random.default_rng(3)
    factor = rng.normal(size=(14, 6))
    t = rng.normal(size=(400_000, 6)) @ (factor / np.linalg.norm(factor, axis=1)[:, None]).T
    largest = np.abs(t).max(axis=1)
    share_below = (largest <= sup_t(factor @ factor.T)).mean()
    # Four standard errors of a share from the draws, and the stated error of the quadrature.
    assert abs(share_below - 0.95) < 4 * np.sqrt(0.95 * 0.05 / 400_000) + 3e-3


def test_few_degrees_of_freedom_beside_draws():
    correlation = 0.5 ** np.abs(np.subtract.outer(np.arange(8), np.arange(8)))
    rng = np.random.default_rng(4)
    scale = np.sqrt(rng.chisquare(6, size=200_000) / 6)
    t = rng.multivariate_normal(np.zeros(8), correlation, size=200_000) / scale[:, None]
    share_below = (np.abs(t).max(axis=1) <= sup_t(correlation, df=6)).mean()
    assert abs(share_below - 0.95) < 4 * np.sqrt(0.95 * 0.05 / 200_000) + 1e-3


def test_order_and_scale_of_estimates_do_not_matter():
    rng = np.random.default_rng(5)
    factor = rng.normal(size=(6, 9))
    covariance = factor @ factor.T
    order = rng.permutation(6)
    scale = np.diag([1e-6, 1.0, 10.0, 1e4, 2.0, 1e-3])
    found = sup_t(scale @ covariance @ scale)
    assert_allclose(sup_t(covariance), found, rtol=1e-9)
    assert_allclose(sup_t(covariance[np.ix_(order, order)]), found, rtol=2e-3)


def test_no_variance_no_band():
    assert np.isnan(sup_t(np.zeros((2, 2))))
    assert_allclose(sup_t(np.diag([0.0, 1.0])), stats.norm.ppf(0.975), rtol=1e-12)


def test_bands_hold_for_families_and_not_for_averages():
    rng = np.random.default_rng(6)
    keys = (
        EffectKey(estimand="event_time", arm="a", event_time=0),
        EffectKey(estimand="event_time", arm="a", event_time=1),
        EffectKey(estimand="simple", arm="a"),
        EffectKey(estimand="cohort", arm="a", cohort=1),
        EffectKey(estimand="cohort", arm="a"),
    )
    effects = effects_of(rng.normal(size=(40, 5)), keys)
    estimates = with_errors(effects, "cr0", np.arange(40))
    found = critical_values(estimates, np.arange(40), event_study_family, Computed())
    pointwise = stats.t.ppf(0.975, 39)
    assert_allclose(found[3], pointwise)
    assert found[0] == found[1] > pointwise
    assert np.isnan(found[[2, 4]]).all()


def test_drawn_values_are_near_computed_ones_and_never_below_pointwise():
    rng = np.random.default_rng(7)
    keys = tuple(EffectKey(estimand="event_time", arm="a", event_time=e) for e in range(4))
    effects = effects_of(rng.normal(size=(400, 4)), keys)
    estimates = with_errors(effects, "cr0", np.arange(400))
    computed = critical_values(estimates, np.arange(400), event_study_family, Computed())
    drawn = critical_values(
        estimates, np.arange(400), event_study_family, Drawn(4999, np.random.default_rng(8))
    )
    # A quantile of 4,999 draws has a standard error of .02 here; the draws' own errors vary by 1%.
    assert_allclose(drawn, computed, atol=4 * 0.03)
    single = replace(effects, keys=tuple(replace(k, arm=f"a{e}") for e, k in enumerate(keys)))
    alone = critical_values(
        with_errors(single, "cr0", np.arange(400)),
        np.arange(400),
        event_study_family,
        Drawn(99, np.random.default_rng(9)),
    )
    assert (alone >= stats.t.ppf(0.975, 399)).all()
