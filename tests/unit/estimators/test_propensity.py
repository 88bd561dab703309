"""The logit and the tilted propensity score."""

from __future__ import annotations

import re

import numpy as np
import pytest
import statsmodels.api as sm
from numpy.testing import assert_allclose, assert_array_equal

from impacteval.errors import DataError, IdentificationError
from impacteval.estimators.propensity import (
    CERTAIN,
    CollinearError,
    Sample,
    fit_propensity,
    tilt_propensity,
)
from impacteval.estimators.two_period import compare_changes

FITS = {"logit": fit_propensity, "tilted": tilt_propensity}
every_fit = pytest.mark.parametrize("fit", FITS.values(), ids=FITS.keys())


def sample_of(seed, n=80, k=3, weighted=True):
    rng = np.random.default_rng(seed)
    x = np.column_stack([np.ones(n), rng.normal(size=(n, k - 1))])
    treated = rng.random(n) < 1 / (1 + np.exp(0.5 - 0.7 * x[:, 1]))
    return Sample(treated=treated, x=x, weight=rng.uniform(0.5, 2, n) if weighted else np.ones(n))


def coefficients(propensity, sample):
    """Coefficients behind scores that are all below the cap."""
    score = propensity.score
    return np.linalg.lstsq(sample.x, np.log(score / (1 - score)), rcond=None)[0]


def test_one_binary_covariate_gives_the_shares_of_treated_units():
    group = np.repeat([0.0, 1.0], [5, 4])
    treated = np.array([1, 1, 0, 0, 0, 1, 1, 1, 0], dtype=bool)
    sample = Sample(treated=treated, x=np.column_stack([np.ones(9), group]), weight=np.ones(9))
    for fit in FITS.values():
        assert_allclose(fit(sample, highest_score=0.995).score, np.where(group == 0, 0.4, 0.75), rtol=1e-14)


def test_logit_agrees_with_statsmodels():
    sample = sample_of(1)
    found = fit_propensity(sample, highest_score=0.995)
    weight = sample.weight / sample.weight.mean()
    theirs = sm.GLM(
        sample.treated.astype(float), sample.x, family=sm.families.Binomial(), freq_weights=weight
    ).fit(tol=1e-14)
    assert_allclose(found.score, theirs.fittedvalues, rtol=1e-10)
    score = weight * (sample.treated - theirs.fittedvalues)
    expected = (score[:, None] * sample.x) @ theirs.cov_params() * len(weight)
    assert_allclose(found.influence, expected, rtol=1e-6, atol=1e-8)


def test_logit_agrees_with_least_likelihood_of_statsmodels_without_weights():
    sample = sample_of(2, weighted=False)
    theirs = sm.Logit(sample.treated.astype(float), sample.x).fit(disp=False, tol=1e-14)
    assert_allclose(fit_propensity(sample, highest_score=0.995).score, theirs.predict(), rtol=1e-9)


def test_tilted_odds_give_comparison_units_the_sums_of_the_treated():
    sample = sample_of(3)
    odds = tilt_propensity(sample, highest_score=1).odds
    d, w = sample.treated, sample.weight
    assert_allclose((w * odds * ~d) @ sample.x, (w * d) @ sample.x, rtol=1e-12)


@every_fit
def test_influence_is_the_derivative_of_the_coefficients(fit):
    sample = sample_of(4, n=40)
    n = len(sample.weight)
    influence = fit(sample, highest_score=1).influence
    assert_allclose(influence.sum(axis=0), 0, atol=1e-11)

    def at(unit, step):
        weight = sample.weight.copy()
        weight[unit] *= 1 + step
        other = Sample(treated=sample.treated, x=sample.x, weight=weight)
        return coefficients(fit(other, highest_score=1), other)

    for unit in range(0, n, 5):
        coarse, fine = ((at(unit, h) - at(unit, -h)) / (2 * h) * n for h in (2e-3, 1e-3))
        assert_allclose((4 * fine - coarse) / 3, influence[unit], rtol=1e-7, atol=1e-7)


@every_fit
def test_only_ratios_of_weights_and_the_span_of_covariates_matter(fit):
    sample = sample_of(5)
    mixed = sample.x @ np.array([[1.0, 50, 3], [0, 1, 2], [0, 0, 1e4]])
    other = Sample(treated=sample.treated, x=mixed, weight=7 * sample.weight)
    assert_allclose(fit(other, highest_score=1).score, fit(sample, highest_score=1).score, rtol=1e-9)


@every_fit
def test_covariates_far_from_zero_do_not_harm_the_fit(fit):
    sample = sample_of(6)
    far = sample.x.copy()
    far[:, 1] = 2e6 + 10 * far[:, 1]
    other = Sample(treated=sample.treated, x=far, weight=sample.weight)
    assert_allclose(fit(other, highest_score=1).score, fit(sample, highest_score=1).score, rtol=1e-7)


def test_comparison_units_with_a_high_score_are_not_kept_and_treated_ones_are():
    sample = sample_of(7)
    everyone = fit_propensity(sample, highest_score=1)
    cut = np.median(everyone.score[~sample.treated])
    found = fit_propensity(sample, highest_score=cut)
    assert_array_equal(found.kept, sample.treated | (everyone.score < cut))
    assert 0 < np.sum(~found.kept) < np.sum(~sample.treated)
    assert_array_equal(found.score, everyone.score)


def test_scores_are_capped_just_below_one():
    rng = np.random.default_rng(8)
    x = np.column_stack([np.ones(400), rng.normal(size=400) * 12])
    treated = rng.random(400) < 1 / (1 + np.exp(-x[:, 1]))
    found = fit_propensity(Sample(treated=treated, x=x, weight=np.ones(400)), highest_score=0.995)
    assert found.score.max() == 1 - CERTAIN
    assert np.isfinite(found.influence).all() and np.isfinite(found.odds).all()


def test_no_comparison_unit_left():
    with pytest.raises(
        IdentificationError, match=r"all \d+ comparison units have a propensity score of 0.01"
    ):
        fit_propensity(sample_of(9), highest_score=0.01)


def told_apart(fit):
    """What a fit without finite coefficients says."""
    if fit is fit_propensity:
        return r"(\d+) of (\d+) treated units .* (\d+) of (\d+) comparison units"
    return r"no weights give the (\d+) comparison units the covariate means of the (\d+) treated ones"


@every_fit
def test_perfect_separation_is_refused_with_counts(fit):
    x = np.column_stack([np.ones(30), np.arange(30)])
    sample = Sample(treated=np.arange(30) >= 18, x=x, weight=np.ones(30))
    with pytest.raises(IdentificationError, match=told_apart(fit)) as raised:
        fit(sample, highest_score=0.995)
    assert {"12", "18"} <= set(re.findall(r"\d+", str(raised.value)))


@every_fit
def test_a_category_of_treated_units_only_is_refused(fit):
    sample = sample_of(10)
    only = sample.treated & (np.arange(80) % 3 == 0)
    x = np.column_stack([sample.x, only])
    with pytest.raises(IdentificationError, match=told_apart(fit)) as raised:
        fit(Sample(treated=sample.treated, x=x, weight=sample.weight), highest_score=0.995)
    if fit is fit_propensity:
        assert f"{only.sum()} of {sample.treated.sum()} treated" in str(raised.value)


@every_fit
def test_a_category_of_comparison_units_only_gets_no_weight(fit):
    sample = sample_of(11)
    only = ~sample.treated & (np.arange(80) % 3 == 0)
    found = fit(
        Sample(treated=sample.treated, x=np.column_stack([sample.x, only]), weight=sample.weight),
        highest_score=0.995,
    )
    without = Sample(treated=sample.treated[~only], x=sample.x[~only], weight=sample.weight[~only])
    assert_allclose(found.score[~only], fit(without, highest_score=0.995).score, rtol=1e-9)
    assert found.score[only].max() < 1e-9


def test_a_comparison_has_a_limit_without_units_that_are_unlike_all_treated_ones():
    sample = sample_of(12)
    change = np.random.default_rng(12).normal(size=(80, 2)) + sample.x[:, [1]]
    only = ~sample.treated & (np.arange(80) % 3 == 0)
    full = Sample(treated=sample.treated, x=np.column_stack([sample.x, only]), weight=sample.weight)
    without = Sample(treated=sample.treated[~only], x=sample.x[~only], weight=sample.weight[~only])
    found = compare_changes(change, full, method="ipw")
    expected = compare_changes(change[~only], without, method="ipw")
    assert_allclose(found.estimate, expected.estimate, rtol=1e-9)
    assert_allclose(found.influence[~only] / 80, expected.influence / np.sum(~only), rtol=1e-6, atol=1e-9)
    assert_allclose(found.influence[only], 0, atol=1e-6)


def test_collinear_covariates_are_named_by_column():
    sample = sample_of(13)
    x = np.column_stack([sample.x, sample.x[:, 1] - 2 * sample.x[:, 2]])
    with pytest.raises(CollinearError, match=r"covariate column 3: .* among 80 units") as raised:
        fit_propensity(Sample(treated=sample.treated, x=x, weight=sample.weight), highest_score=1)
    assert raised.value.columns == (3,)


def test_more_covariates_than_units_are_collinear():
    rng = np.random.default_rng(14)
    x = np.column_stack([np.ones(3), rng.normal(size=(3, 4))])
    sample = Sample(treated=np.array([True, False, False]), x=x, weight=np.ones(3))
    with pytest.raises(CollinearError) as raised:
        fit_propensity(sample, highest_score=1)
    assert raised.value.columns == (3, 4)


def test_tilting_refuses_treated_means_that_no_weighting_reaches():
    # Treated and comparison units overlap, but the treated mean of the covariate is beyond all of the latter.
    z = np.array([0.0, 1, 2, 3, 4, 3.5, 9, 9])
    sample = Sample(treated=np.arange(8) >= 5, x=np.column_stack([np.ones(8), z]), weight=np.ones(8))
    fit_propensity(sample, highest_score=0.995)
    with pytest.raises(IdentificationError, match=told_apart(tilt_propensity)):
        tilt_propensity(sample, highest_score=0.995)


@pytest.mark.parametrize(("side", "name"), [(False, "treated"), (True, "comparison")])
def test_an_empty_side_is_refused(side, name):
    with pytest.raises(IdentificationError, match=f"no {name} unit with a positive weight"):
        Sample(treated=np.full(4, side), x=np.ones((4, 1)), weight=np.ones(4))


def test_units_without_weight_do_not_count():
    with pytest.raises(IdentificationError, match="no treated unit with a positive weight"):
        Sample(treated=np.array([True, False]), x=np.ones((2, 1)), weight=np.array([0.0, 1.0]))


@pytest.mark.parametrize(
    ("x", "weight", "message"),
    [
        (np.ones((3, 1)), np.ones(2), "do not have one row a unit"),
        (np.ones(2), np.ones(2), "do not have one row a unit"),
        (np.array([[1.0], [np.nan]]), np.ones(2), "must be finite"),
        (np.ones((2, 1)), np.array([1.0, -1.0]), "weights 0 or more"),
        (np.array([[1.0], [2.0]]), np.ones(2), "no column of the covariates is constant"),
    ],
)
def test_malformed_samples_are_refused(x, weight, message):
    with pytest.raises(DataError, match=message):
        Sample(treated=np.array([True, False]), x=x, weight=weight)
