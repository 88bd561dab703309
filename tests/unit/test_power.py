"""Minimum detectable effects by hand."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import stats

from impacteval.power import SampleSize, minimum_detectable_effect, standard_error_of_difference


def test_detectable_effect_is_two_quantiles_times_the_error():
    found = minimum_detectable_effect(np.array([2.0, 1.0]), np.array([10.0, 1e9]), level=0.95, power=0.8)
    assert_allclose(found[0], 2 * (stats.t.ppf(0.975, 10) + stats.t.ppf(0.8, 10)), rtol=1e-10)
    # With many degrees of freedom it is the 2.8 of the textbooks.
    assert round(float(found[1]), 3) == 2.802


def test_unknown_error_has_no_detectable_effect():
    found = minimum_detectable_effect(
        np.array([np.nan, 1.0]), np.array([10.0, np.nan]), level=0.95, power=0.8
    )
    assert np.isnan(found).all()


@pytest.mark.parametrize(
    ("method", "n_before", "n_after", "factor"),
    [
        ("post", 1, 1, 1.0),
        ("did", 1, 1, 2 * (1 - 0.4)),
        ("ancova", 1, 1, 1 - 0.4**2),
        ("post", 1, 3, (1 + 2 * 0.4) / 3),
        ("did", 2, 3, (1 + 2 * 0.4) / 3 + (1 + 0.4) / 2 - 2 * 0.4),
        ("ancova", 2, 3, (1 + 2 * 0.4) / 3 - 2 * 0.4**2 / (1 + 0.4)),
    ],
)
def test_design_error_by_hand(method, n_before, n_after, factor):
    size = SampleSize(n_treated=20, n_comparison=30, n_before=n_before, n_after=n_after)
    found = standard_error_of_difference(size, sd=5.0, autocorrelation=0.4, method=method)
    assert_allclose(found, 5 * np.sqrt(factor) * np.sqrt(1 / 20 + 1 / 30), rtol=1e-12)


def test_ancova_never_has_the_larger_error():
    size = SampleSize(n_treated=10, n_comparison=10, n_before=1, n_after=2)
    for rho in np.linspace(0, 0.95, 20):
        errors = {
            m: standard_error_of_difference(size, sd=1.0, autocorrelation=float(rho), method=m)
            for m in ("post", "did", "ancova")
        }
        assert errors["ancova"] <= min(errors["post"], errors["did"]) + 1e-15
