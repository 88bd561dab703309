"""Detectable effects, power and what significance does to estimates: by hand, in closed form, by drawing."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import stats

from impacteval.power import (
    SampleSize,
    exaggeration,
    minimum_detectable_effect,
    power_of_test,
    standard_error_of_difference,
    wrong_sign,
)

NAN, INFINITY = float("nan"), float("inf")


def power_at(effect, error, df):
    return float(power_of_test(np.array([effect]), np.array([error]), np.array([df]), level=0.95)[0])


def type_m(effect, error):
    return float(exaggeration(np.array([effect]), np.array([error]), level=0.95)[0])


def type_s(effect, error):
    return float(wrong_sign(np.array([effect]), np.array([error]), level=0.95)[0])


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


def test_power_at_the_detectable_effect_is_what_was_asked():
    error, df = np.array([2.0, 0.3]), np.array([20.0, 133.0])
    mde = minimum_detectable_effect(error, df, level=0.95, power=0.8)
    # The far tail adds what a test of the other side would find.
    far = stats.t.cdf(-2 * stats.t.ppf(0.975, df) - stats.t.ppf(0.8, df), df)
    assert_allclose(power_of_test(mde, error, df, level=0.95), 0.8 + far, rtol=1e-10)


def test_power_by_hand_does_not_depend_on_the_sign_of_the_effect():
    critical = stats.t.ppf(0.975, 30)
    expected = stats.t.cdf(1.5 - critical, 30) + stats.t.cdf(-1.5 - critical, 30)
    assert_allclose([power_at(3.0, 2.0, 30.0), power_at(-3.0, 2.0, 30.0)], expected, rtol=1e-12)


def test_power_of_no_effect_is_the_size_of_the_test_and_of_an_exact_one_is_one():
    assert_allclose(power_at(0.0, 2.0, 30.0), 0.05, rtol=1e-10)
    assert power_at(1.0, 0.0, 30.0) == 1
    assert np.isnan([power_at(1.0, NAN, 30.0), power_at(0.0, 0.0, 30.0)]).all()


@pytest.mark.parametrize("shift", [0.2, 0.6, 1.0, 2.0, 4.0])
def test_exaggeration_and_wrong_sign_are_those_of_drawn_estimates(shift):
    drawn = np.random.default_rng(19).normal(shift, 1.0, 2_000_000)
    significant = drawn[np.abs(drawn) > stats.norm.ppf(0.975)]
    assert_allclose(type_m(shift, 1.0), np.abs(significant).mean() / shift, rtol=0.01)
    assert type_s(shift, 1.0) == pytest.approx((significant < 0).mean(), abs=0.003)


def test_exaggeration_is_the_integral_of_what_is_significant():
    critical, shift = stats.norm.ppf(0.975), 0.7
    z = np.linspace(-12, 14, 2_600_001)
    density = np.where(np.abs(z) > critical, stats.norm.pdf(z - shift), 0.0)
    expected = np.trapezoid(np.abs(z) * density, z) / np.trapezoid(density, z) / shift
    assert_allclose(type_m(-1.4, 2.0), expected, rtol=1e-5)
    assert_allclose(
        type_s(-1.4, 2.0), np.trapezoid(density[z < 0], z[z < 0]) / np.trapezoid(density, z), rtol=1e-4
    )


def test_exaggeration_at_the_limits():
    assert type_m(0.0, 1.0) == INFINITY
    assert type_s(0.0, 1.0) == 0.5
    assert_allclose([type_m(10.0, 1.0), type_m(1.0, 0.0)], 1.0, rtol=1e-12)
    assert type_s(1.0, 0.0) == 0
    assert np.isnan([type_m(NAN, 1.0), type_s(NAN, 1.0), type_m(0.0, 0.0)]).all()


def test_exaggeration_falls_as_power_rises():
    shifts = np.linspace(0.05, 6, 200)
    found = exaggeration(shifts, np.ones(200), level=0.95)
    assert (np.diff(found) < 0).all()
    assert (found >= 1).all()
