"""The saturated model for counts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import statsmodels.api as sm
from numpy.testing import assert_allclose, assert_array_equal

from impacteval.designs import ExtendedTwoWay
from impacteval.errors import ConfigError, DataError, IdentificationError
from impacteval.estimators.absorbed import AbsorbedRows
from impacteval.estimators.etwfe import extended_two_way
from impacteval.estimators.poisson_fit import Counts, _ascend, _likelihood, poisson_fit
from impacteval.estimators.saturated import saturate
from impacteval.inference.errors import with_errors
from support.panels import NEVER_TREATED, copies, make_panel
from support.regressors import plain_regressors

ALL = ("simple", "event_time", "cohort", "calendar")
K = 64
both_levels = pytest.mark.parametrize("unit_effects", [True, False], ids=["units", "cohorts"])


def design(**options):
    return ExtendedTwoWay(**{"name": "counts", "model": "poisson", "averages": ALL, **options})


def count_panel(seed=3, *, n_each=(5, 4, 6), share_missing=0.0, rate=4.0):
    """Accidents of firms with different hours, a covariate, and a fall by a third once treated."""
    rng = np.random.default_rng(seed)
    cohort = np.repeat([2, 3, NEVER_TREATED], n_each)
    n_units, n_periods = len(cohort), 5
    x = np.repeat(rng.normal(size=(n_units, 1)), n_periods, axis=1)
    hours = rng.uniform(0.5, 2, size=(n_units, n_periods))
    treated = np.arange(n_periods)[None, :] >= cohort[:, None]
    log_rate = 0.3 * rng.normal(size=(n_units, 1)) + 0.1 * np.arange(n_periods) + 0.2 * x - 0.4 * treated
    y = rng.poisson(rate * hours * np.exp(log_rate)).astype(np.float64)
    y[rng.random(y.shape) < share_missing] = np.nan
    return make_panel(y, cohort, covariates={"x": x, "hours": hours})


def by_key(effects):
    """Position of each effect by estimand, cohort, period and event time."""
    return {(k.estimand, k.cohort, k.period, k.event_time): j for j, k in enumerate(effects.keys)}


@both_levels
def test_two_by_two_by_hand(unit_effects):
    # Events before and after: treated 4 -> 3, comparison 2 -> 6; untreated they would have had 12.
    panel = make_panel([[4, 3], [0, 0], [2, 6], [0, 0]], [1, 1, NEVER_TREATED, NEVER_TREATED])
    effects = extended_two_way(panel, design(unit_effects=unit_effects))
    at = by_key(effects)
    # Two treated firms: (3 - 12) / 2 each.
    assert_allclose(effects.estimate[at[("simple", None, None, None)]], -4.5)
    assert_allclose(effects.estimate[at[("rate_ratio", None, None, None)]], np.log(3 / 12))
    key = effects.keys[at[("rate_ratio", None, None, None)]]
    assert key.term == "log rate ratio"
    assert effects.estimator == "poisson"
    assert ("2 units without any event" in key.note) is unit_effects


def test_exposure_by_hand():
    # Rates a thousand hours: 4 -> 1.5 and 2 -> 6; expected untreated 2 * 12 = 24.
    panel = make_panel([[4, 3], [2, 6]], [1, NEVER_TREATED], covariates={"hours": [[1.0, 2.0], [1.0, 1.0]]})
    effects = extended_two_way(panel, design(exposure="hours", averages=("simple",)))
    assert_allclose(effects.estimate, [3 - 24, 3 - 24, np.log(3 / 24)])


def by_statsmodels(panel, chosen):
    """The same likelihood with explicit indicators, clustered by unit without factor."""
    model = saturate(panel, chosen)
    groups = model.rows.group[:, None] == np.arange(model.rows.n_groups)
    hours = panel.covariates["hours"][model.unit, model.column]
    x = np.hstack([model.rows.regressors.dense(), groups]).astype(np.float64)
    regression = sm.GLM(
        panel.outcome[model.unit, model.column],
        x,
        family=sm.families.Poisson(),
        offset=np.log(hours),
        var_weights=model.rows.weight if panel.is_weighted else None,
    )
    steps = {"tol": 1e-12, "tol_criterion": "params", "maxiter": 100}
    if panel.is_weighted:
        # Its clustered errors are for equal weights.
        fitted = regression.fit(**steps)
    else:
        kinds = {"groups": model.unit, "use_correction": False}
        fitted = regression.fit(**steps, cov_type="cluster", cov_kwds=kinds)
    untreated = x.copy()
    untreated[:, : model.n_treatment] = 0
    expected = (hours * np.exp(x @ fitted.params), hours * np.exp(untreated @ fitted.params))
    slopes = (expected[0][:, None] * x, expected[1][:, None] * untreated)
    return model, fitted, expected, slopes


def weighted(panel):
    """The panel with weights that vary by cell."""
    return replace(panel, weight=np.random.default_rng(2).uniform(0.5, 2, panel.outcome.shape))


@both_levels
@pytest.mark.parametrize("covariates", [(), ("x",)])
@pytest.mark.parametrize("control_group", ["never_treated", "not_yet_treated"])
@pytest.mark.parametrize("is_weighted", [True, False])
def test_effects_are_those_of_statsmodels_with_indicators(
    unit_effects, covariates, control_group, is_weighted
):
    panel = count_panel(share_missing=0.1)
    panel = weighted(panel) if is_weighted else panel
    options = {"covariates": covariates, "control_group": control_group, "exposure": "hours"}
    chosen = design(unit_effects=unit_effects, **options)
    effects = extended_two_way(panel, chosen)
    errors = with_errors(effects, "cr0", panel.cluster).std_error
    model, fitted, (treated, without), (treated_slope, without_slope) = by_statsmodels(panel, chosen)
    at = by_key(effects)
    after = panel.is_treated[model.unit, model.column]
    rows = {("simple", None, None, None): after}
    rows |= {
        ("att_gt", key.cohort, key.period, key.event_time): model.cell == j
        for j, key in enumerate(model.keys)
    }
    for key, inside in rows.items():
        assert_allclose(effects.estimate[at[key]], np.mean((treated - without)[inside]), rtol=1e-8)
        slope = (treated_slope - without_slope)[inside].mean(axis=0)
        if not unit_effects and not is_weighted:
            error = np.sqrt(slope @ fitted.cov_params() @ slope)
            assert_allclose(errors[at[key]], error, rtol=1e-7)
    ratio = at[("rate_ratio", None, None, None)]
    assert_allclose(effects.estimate[ratio], np.log(treated[after].sum() / without[after].sum()), rtol=1e-8)
    if not unit_effects and not is_weighted:
        slope = treated_slope[after].sum(axis=0) / treated[after].sum()
        slope = slope - without_slope[after].sum(axis=0) / without[after].sum()
        assert_allclose(errors[ratio], np.sqrt(slope @ fitted.cov_params() @ slope), rtol=1e-7)


@both_levels
def test_coefficients_and_their_covariance_are_those_of_statsmodels(unit_effects):
    panel = count_panel(share_missing=0.1)
    chosen = design(unit_effects=unit_effects, covariates=("x",), exposure="hours")
    model, fitted, _, _ = by_statsmodels(panel, chosen)
    n_columns = model.rows.regressors.n_columns
    fit = poisson_fit(
        Counts(
            outcome=panel.outcome[model.unit, model.column],
            exposure=panel.covariates["hours"][model.unit, model.column],
            rows=model.rows,
            regressors=model.rows.regressors.dense(),
            in_fit=np.ones(len(model.unit), dtype=bool),
        ),
        n_units=panel.n_units,
    )
    assert_allclose(fit.coefficient, fitted.params[:n_columns], rtol=1e-8, atol=1e-10)
    covariance = fit.influence.T @ fit.influence / panel.n_units**2
    expected = np.asarray(fitted.cov_params())[:n_columns, :n_columns]
    assert_allclose(covariance, expected, rtol=1e-6, atol=1e-8 * np.abs(expected).max())


def test_cohort_effects_give_the_same_as_unit_effects_in_a_balanced_panel_without_exposure():
    panel = count_panel()
    one = extended_two_way(panel, design())
    other = extended_two_way(panel, design(unit_effects=False))
    assert_allclose(one.estimate, other.estimate, rtol=1e-8)
    assert_allclose(one.influence, other.influence, rtol=1e-7, atol=1e-8)


def test_steps_that_gain_less_than_rounding_takes_are_made():
    """Halved instead, they would go on for ever: a study of 100,000 units had no best fit."""
    rng = np.random.default_rng(0)
    n_rows = 20_000
    x = rng.normal(size=(n_rows, 2))
    y = rng.poisson(np.exp(1 + 0.1 * x[:, 0])).astype(np.float64)
    # Without regressors the likelihood is zero in this unit of measure, which leaves rounding alone.
    y /= y.mean()
    rows = AbsorbedRows(
        regressors=plain_regressors(x, ("a", "b")),
        weight=np.ones(n_rows),
        group=np.zeros(n_rows, dtype=np.int64),
        unit=np.arange(n_rows),
        is_nested=False,
    )
    counts = Counts(
        outcome=y, exposure=np.ones(n_rows), rows=rows, regressors=x, in_fit=np.ones(n_rows, dtype=bool)
    )
    best = poisson_fit(counts, n_units=n_rows).coefficient
    likelihood, _ = _likelihood(counts)
    for step in rng.normal(size=(20, 2)) * 3e-8:
        assert_array_equal(_ascend(likelihood, best - step, step), best - step + step)


def test_whole_numbers_are_not_needed():
    panel = count_panel()
    halved = extended_two_way(replace(panel, outcome=panel.outcome / 2), design())
    effects = extended_two_way(panel, design())
    counts = np.array([k.estimand != "rate_ratio" for k in effects.keys])
    assert_allclose(halved.estimate[counts], effects.estimate[counts] / 2, rtol=1e-8)
    assert_allclose(halved.estimate[~counts], effects.estimate[~counts], rtol=1e-8)
    assert_allclose(halved.influence[:, ~counts], effects.influence[:, ~counts], rtol=1e-7, atol=1e-8)


@pytest.mark.parametrize("covariates", [(), ("x",)])
@pytest.mark.parametrize("exposure", ["", "hours"])
def test_influence_with_unit_effects_is_the_derivative_in_copies_of_a_unit(covariates, exposure):
    panel = count_panel(share_missing=0.1)
    chosen = design(covariates=covariates, exposure=exposure, averages=())

    def central(unit, k):
        times, step = np.full(panel.n_units, k), np.arange(panel.n_units) == unit
        more = extended_two_way(copies(panel, times + step), chosen).estimate
        less = extended_two_way(copies(panel, times - step), chosen).estimate
        return (more - less) * k / 2 * panel.n_units

    influence = extended_two_way(panel, chosen).influence
    for unit in (0, 6, 12):
        derivative = (4 * central(unit, 2 * K) - central(unit, K)) / 3
        # K^-4 is 6e-8; constants of a few times the influence give 1e-6.
        assert_allclose(derivative, influence[unit], rtol=1e-6, atol=1e-6 * np.abs(influence).max())


@pytest.mark.parametrize("covariates", [(), ("x",)])
def test_influence_with_cohort_effects_is_the_derivative_in_regression_weights(covariates):
    """Weights move the fit and leave the treated rows that averages are taken over."""
    panel = count_panel(share_missing=0.1)
    chosen = design(covariates=covariates, exposure="hours", unit_effects=False)
    effects = extended_two_way(panel, chosen)

    def shifted(unit, step):
        weight = np.ones(panel.outcome.shape)
        weight[unit] += step
        return extended_two_way(replace(panel, weight=weight), chosen).estimate

    for unit in range(0, panel.n_units, 4):
        wide, narrow = ((shifted(unit, h) - shifted(unit, -h)) / (2 * h) for h in (2e-2, 1e-2))
        derivative = panel.n_units * (4 * narrow - wide) / 3
        # The extrapolated central difference has an error of order 1e-2 to the fourth.
        scale = np.abs(effects.influence).max(axis=0)
        assert (np.abs(derivative - effects.influence[unit]) <= 1e-5 * scale).all()


@both_levels
def test_a_cell_without_events_counts_as_such(unit_effects):
    panel = count_panel()
    outcome = panel.outcome.copy()
    outcome[panel.cohort == 3, 3] = 0
    effects = extended_two_way(replace(panel, outcome=outcome), design(unit_effects=unit_effects))
    at = by_key(effects)
    cell = at[("att_gt", 3, 3, 0)]
    assert effects.estimate[cell] < 0
    # With as good as no event the limit is the same.
    outcome = outcome.copy()
    outcome[panel.cohort == 3, 3] = 1e-9
    close = extended_two_way(replace(panel, outcome=outcome), design(unit_effects=unit_effects))
    assert_allclose(close.estimate, effects.estimate, rtol=1e-6)
    assert_allclose(close.influence, effects.influence, rtol=1e-5, atol=1e-6)


def test_an_arm_without_events_under_treatment_has_no_logarithm():
    panel = count_panel(n_each=(5, 0, 6))
    outcome = np.where(panel.is_treated, 0, panel.outcome)
    effects = extended_two_way(replace(panel, outcome=outcome), design(averages=("simple",)))
    assert effects.estimate[-2] < 0
    assert np.isnan(effects.estimate[-1])
    assert "nothing happened under treatment" in effects.keys[-1].note
    estimates = with_errors(effects, "cr0", panel.cluster)
    assert np.isnan(estimates.std_error[-1]) and estimates.std_error[-2] > 0


def test_units_without_events_are_counted():
    panel = count_panel()
    outcome = panel.outcome.copy()
    outcome[[0, 12]] = 0
    effects = extended_two_way(replace(panel, outcome=outcome), design())
    assert all("2 units without any event have no part in the coefficients" in k.note for k in effects.keys)
    assert set(effects.n_obs) == {75}


def test_negative_values_are_counted_in_the_error():
    panel = count_panel()
    outcome = panel.outcome.copy()
    outcome[0, :2] = -1
    with pytest.raises(DataError, match="y: 2 negative values"):
        extended_two_way(replace(panel, outcome=outcome), design())


def test_an_exposure_of_zero_is_counted_in_the_error():
    panel = count_panel()
    hours = panel.covariates["hours"].copy()
    hours[3, 1] = 0
    with pytest.raises(DataError, match="hours: 1 of 75 cells with y have exposure 0 or less"):
        extended_two_way(replace(panel, covariates={"hours": hours}), design(exposure="hours"))


def test_nothing_before_treatment_is_refused():
    panel = count_panel()
    outcome = panel.outcome.copy()
    outcome[panel.cohort == 2, :2] = 0
    with pytest.raises(IdentificationError, match="nothing happened before treatment in cohort 2"):
        extended_two_way(replace(panel, outcome=outcome), design())


def test_nothing_among_the_untreated_of_a_period_is_refused():
    panel = count_panel()
    outcome = panel.outcome.copy()
    outcome[np.isinf(panel.cohort), 4] = 0
    with pytest.raises(IdentificationError, match="nothing happened to not_yet_treated units in period 4"):
        extended_two_way(replace(panel, outcome=outcome), design())


@both_levels
def test_a_covariate_that_singles_out_zeros_is_refused(unit_effects):
    panel = count_panel(n_each=(6, 0, 8))
    x = np.repeat((np.arange(14) % 2).astype(float)[:, None], 5, axis=1)
    outcome = np.where((x == 1) & (np.arange(5) == 3) & np.isinf(panel.cohort)[:, None], 0, panel.outcome)
    wrong = replace(panel, outcome=outcome, covariates={"x": x})
    with pytest.raises(IdentificationError, match="the expected counts have no best fit"):
        extended_two_way(wrong, design(covariates=("x",), unit_effects=unit_effects))


def test_units_seen_only_where_nothing_happened_are_refused():
    panel = count_panel()
    outcome = panel.outcome.copy()
    outcome[panel.cohort == 3, 3:] = 0
    outcome[5, :3] = np.nan
    with pytest.raises(IdentificationError, match="1 unit is only observed where nothing happened"):
        extended_two_way(replace(panel, outcome=outcome), design())


def test_errors_of_one_regression_are_refused():
    panel = count_panel()
    with pytest.raises(ConfigError, match="poisson averages: use cr0 or cr1_groups"):
        with_errors(extended_two_way(panel, design()), "hc1", panel.cluster)
