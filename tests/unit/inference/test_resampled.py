"""Errors that an estimator found by resampling."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import stats

from impacteval.effects import EffectKey, joint
from impacteval.errors import ConfigError
from impacteval.inference.errors import NOT_CLUSTERED, with_errors
from support.effects import make_effects

SCHEMES = ("jackknife", "placebo", "bootstrap")
OWN = np.arange(4)


def resampled(errors, estimate=(1.5,)):
    influence = np.tile([[3.0], [-1.0], [2.0], [-4.0]], len(estimate))
    return replace(make_effects(influence, estimate), resampled={name: np.array(errors) for name in SCHEMES})


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("level", [0.9, 0.95])
def test_intervals_are_those_of_the_normal_distribution(scheme, level):
    estimates = with_errors(resampled([0.6]), scheme, OWN, level=level)
    assert_allclose(estimates.std_error, [0.6], rtol=1e-15)
    assert_allclose(estimates.statistic, [2.5], rtol=1e-15)
    assert_allclose(estimates.p_value, [2 * stats.norm.sf(2.5)], rtol=1e-12)
    margin = stats.norm.ppf(0.5 + level / 2) * 0.6
    assert_allclose([estimates.conf_low[0], estimates.conf_high[0]], [1.5 - margin, 1.5 + margin], rtol=1e-12)
    assert np.isposinf(estimates.df).all()


@pytest.mark.parametrize("scheme", SCHEMES)
def test_no_clusters_are_counted_and_the_name_is_the_scheme(scheme):
    estimates = with_errors(resampled([0.6]), scheme, np.zeros(4, dtype=np.int64), cluster_name="estate")
    assert estimates.n_clusters.tolist() == [NOT_CLUSTERED]
    assert estimates.vcov == scheme
    assert estimates.notes == ("",)


@pytest.mark.parametrize("error", [np.nan, 0.0])
def test_undefined_errors_are_nan_with_a_note_never_zero(error):
    estimates = with_errors(resampled([error, 0.6], (1.5, 2.0)), "placebo", OWN)
    for column in ("std_error", "statistic", "p_value", "conf_low", "conf_high"):
        assert np.isnan(getattr(estimates, column)).tolist() == [True, False], column
    assert estimates.notes[0].endswith("the error is not known") and estimates.notes[1] == ""


def test_the_reason_in_the_key_is_kept():
    effects = replace(
        resampled([np.nan]), keys=(EffectKey(estimand="simple", note="placebo: one comparison unit"),)
    )
    assert with_errors(effects, "placebo", OWN).notes == ("placebo: one comparison unit",)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_scheme_that_was_not_run_is_refused(scheme):
    plain = make_effects([[1.0], [-1.0]], [1.5])
    with pytest.raises(ConfigError, match=f"vcov '{scheme}' needs resampling by the estimator"):
        with_errors(plain, scheme, np.arange(2))


def test_effects_side_by_side_keep_the_schemes_of_all():
    both = joint([resampled([0.6]), resampled([0.7])])
    assert_allclose(with_errors(both, "bootstrap", OWN).std_error, [0.6, 0.7])
