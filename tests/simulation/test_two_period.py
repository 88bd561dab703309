"""Bias, error and coverage in the designs of Sant'Anna and Zhao (2020), section 4.

The expected values are those of 10,000 replications of independent code, rounded as the table is;
tolerances are 4 Monte Carlo standard errors of the difference, and half a unit of the last digit.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from impacteval.estimators.propensity import Sample
from impacteval.estimators.two_period import compare_changes
from impacteval.estimators.two_sections import compare_sections

N_UNITS, N_REPLICATIONS, N_EXPECTED = 1000, 400, 10_000
# Design: does the regression use the covariates that the analyst sees, does the propensity score.
SEEN = {1: (True, True), 2: (True, False), 3: (False, True), 4: (False, False)}
# Bias, root mean squared error, coverage of 95% intervals; and the rounding of the first two.
EXPECTED = {
    ("reg", 1): (0.001, 0.101, 0.949, 0.0005),
    ("reg", 2): (0.000, 0.101, 0.949, 0.0005),
    ("reg", 3): (-1.35, 1.83, 0.811, 0.005),
    ("reg", 4): (-5.16, 5.32, 0.017, 0.005),
    ("ipw_ht", 1): (-0.04, 2.84, 0.953, 0.005),
    ("ipw_ht", 2): (1.98, 3.31, 0.835, 0.005),
    ("ipw_ht", 3): (-0.03, 3.14, 0.954, 0.005),
    ("ipw_ht", 4): (-1.06, 2.63, 0.953, 0.005),
    ("ipw", 1): (0.004, 1.144, 0.950, 0.0005),
    ("ipw", 2): (-0.805, 1.243, 0.850, 0.0005),
    ("ipw", 3): (-0.005, 1.423, 0.947, 0.0005),
    ("ipw", 4): (-3.92, 4.19, 0.237, 0.005),
    ("dr", 1): (0.000, 0.106, 0.948, 0.0005),
    ("dr", 2): (0.000, 0.105, 0.946, 0.0005),
    ("dr", 3): (-0.018, 1.207, 0.947, 0.0005),
    ("dr", 4): (-3.15, 3.43, 0.313, 0.005),
    ("dr_improved", 1): (0.000, 0.106, 0.946, 0.0005),
    ("dr_improved", 2): (0.000, 0.105, 0.945, 0.0005),
    ("dr_improved", 3): (-0.041, 1.006, 0.945, 0.0005),
    ("dr_improved", 4): (-2.51, 2.70, 0.279, 0.005),
}
METHODS = ("reg", "ipw_ht", "ipw", "dr", "dr_improved")


def seen_covariates(x):
    """What the analyst sees of four independent normal covariates, standardised."""
    z = np.column_stack(
        [
            np.exp(x[:, 0] / 2),
            10 + x[:, 1] / (1 + np.exp(x[:, 0])),
            (0.6 + x[:, 0] * x[:, 2] / 25) ** 3,
            (20 + x[:, 0] + x[:, 3]) ** 2,
        ]
    )
    mean = np.array([np.exp(0.125), 10, 0.21887, 402])
    spread = np.array([np.sqrt((np.exp(0.25) - 1) * np.exp(0.25)), 0.54164, 0.04453, 56.63891])
    return (z - mean) / spread


def draw_units(design, rng):
    """1,000 units with their regression on covariates; the effect on them is zero."""
    x = rng.normal(size=(N_UNITS, 4))
    z = seen_covariates(x)
    in_regression, in_score = ((z if seen else x) for seen in SEEN[design])
    regression = 210 + in_regression @ [27.4, 13.7, 13.7, 13.7]
    score = 1 / (1 + np.exp(-0.75 * (in_score @ [-1, 0.5, -0.25, -0.1])))
    treated = rng.random(N_UNITS) <= score
    return regression, Sample(
        treated=treated, x=np.column_stack([np.ones(N_UNITS), z]), weight=np.ones(N_UNITS)
    )


def draw_changes(design, rng):
    """Changes between two periods, in which the effect of the unit drops out."""
    regression, sample = draw_units(design, rng)
    noise = rng.normal(size=(2, N_UNITS))
    return (regression + noise[1] - noise[0])[:, None], sample


def draw_sections(design, rng):
    """Outcomes of one of two periods."""
    regression, sample = draw_units(design, rng)
    after = rng.random(N_UNITS) < 0.5
    unit_effect = sample.treated * regression + rng.normal(size=N_UNITS)
    outcome = (1 + after) * regression + unit_effect + rng.normal(size=N_UNITS)
    return outcome[:, None], sample, after


def summary(contrast):
    """Estimate and standard error."""
    return contrast.estimate[0], np.sqrt(np.sum(np.square(contrast.influence))) / N_UNITS


@cache
def replications(design):
    """Estimate and standard error of each method in each replication, (n_replications, 2, n_methods)."""
    rng = np.random.default_rng([20201, design])
    found = np.empty((N_REPLICATIONS, 2, len(METHODS)))
    for r in range(N_REPLICATIONS):
        change, sample = draw_changes(design, rng)
        for j, method in enumerate(METHODS):
            found[r, :, j] = summary(compare_changes(change, sample, method=method))
    return found


@pytest.mark.slow
@pytest.mark.parametrize(("method", "design"), EXPECTED)
def test_bias_error_and_coverage_are_those_of_the_published_design(method, design):
    bias, rmse, coverage, rounding = EXPECTED[method, design]
    estimate, error = replications(design)[:, :, METHODS.index(method)].T
    both = np.sqrt(1 / N_REPLICATIONS + 1 / N_EXPECTED)
    assert abs(estimate.mean() - bias) <= 4 * estimate.std() * both + rounding
    found = np.sqrt(np.mean(np.square(estimate)))
    assert abs(found - rmse) <= 4 * np.square(estimate).std() / (2 * found) * both + rounding
    covered = np.mean(np.abs(estimate) <= 1.96 * error)
    assert abs(covered - coverage) <= 4 * np.sqrt(coverage * (1 - coverage)) * both + 0.0005


@pytest.mark.slow
def test_no_method_hides_that_both_models_are_wrong():
    estimate, error = replications(4)[:, :, METHODS.index("dr")].T
    assert np.mean(np.abs(estimate) <= 1.96 * error) < 0.4


N_SECTIONS = 250
# Method, and whether the outcomes of treated rows are regressed.
KINDS = (
    ("reg", True),
    ("ipw", True),
    ("ipw_ht", True),
    ("dr", True),
    ("dr", False),
    ("dr_improved", True),
    ("dr_improved", False),
)
DOUBLY_ROBUST = KINDS[3:]
# Where the regression or the propensity score that a method rests on uses the right covariates.
VALID = [
    *((kind, 1) for kind in KINDS),
    *((kind, 2) for kind in (("reg", True), *DOUBLY_ROBUST)),
    *((kind, 3) for kind in (("ipw", True), ("ipw_ht", True), *DOUBLY_ROBUST)),
]


@cache
def section_replications(design):
    """As ``replications``, (n_sections, 2, n_kinds)."""
    rng = np.random.default_rng([20202, design])
    found = np.empty((N_SECTIONS, 2, len(KINDS)))
    for r in range(N_SECTIONS):
        outcome, sample, after = draw_sections(design, rng)
        for j, (method, efficient) in enumerate(KINDS):
            contrast = compare_sections(outcome, sample, after, method=method, locally_efficient=efficient)
            found[r, :, j] = summary(contrast)
    return found


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "design"), VALID)
def test_estimates_from_cross_sections_are_unbiased_and_intervals_cover(kind, design):
    estimate, error = section_replications(design)[:, :, KINDS.index(kind)].T
    assert abs(estimate.mean()) <= 4 * estimate.std() / np.sqrt(N_SECTIONS)
    assert abs(error.mean() / estimate.std() - 1) <= 4 / np.sqrt(2 * N_SECTIONS)
    covered = np.mean(np.abs(estimate) <= 1.96 * error)
    assert abs(covered - 0.95) <= 4 * np.sqrt(0.95 * 0.05 / N_SECTIONS)


@pytest.mark.slow
def test_regressing_treated_rows_too_is_more_precise():
    spread = dict(zip(KINDS, section_replications(1)[:, 0].std(axis=0), strict=True))
    for method in ("dr", "dr_improved"):
        assert spread[method, True] < 0.1 * spread[method, False] < spread["reg", True]
