"""Least squares with absorbed unit effects."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import statsmodels.api as sm
from numpy.testing import assert_allclose

from impacteval.errors import IdentificationError
from impacteval.estimators.least_squares import Regression, fit_regression
from impacteval.estimators.patterns import patterns_of
from impacteval.estimators.streamed_qr import independent_columns, inverse_of, triangular_factor
from impacteval.inference.errors import with_errors
from support.effects import make_effects
from support.rows import Rows, least_squares


def rows_of(y, x, unit, terms=None):
    x = np.array(x, dtype=np.float64)
    return Rows(
        outcome=np.array(y, dtype=np.float64),
        regressors=x,
        terms=tuple(terms or (f"x{j}" for j in range(x.shape[1]))),
        unit=np.array(unit, dtype=np.int64),
    )


def random_rows(seed, *, n_units=9, n_terms=2):
    """Between two and five rows a unit, with effects of units that are correlated with regressors."""
    rng = np.random.default_rng(seed)
    unit = np.repeat(np.arange(n_units), rng.integers(2, 6, size=n_units))
    level = rng.normal(size=n_units)[unit]
    x = rng.normal(size=(len(unit), n_terms)) + level[:, None]
    y = x @ np.arange(1, n_terms + 1) + 3 * level + rng.normal(size=len(unit))
    return rows_of(y, x, unit), n_units


def with_dummies(rows, n_units):
    """Regressors and an indicator of every unit that has rows."""
    return np.hstack([rows.regressors, (rows.unit[:, None] == np.unique(rows.unit)[None, :]).astype(float)])


def test_difference_of_two_means_by_hand():
    # Means 2 and 4; residuals -1 1 -2 2; s2 = 10/2; (X'X)^-1 = 1/2 + 1/2 for the difference.
    fit = least_squares(
        rows_of([1, 3, 2, 6], [[0, 1], [0, 1], [1, 1], [1, 1]], [0, 1, 2, 3]),
        n_units=4,
        n_reported=1,
        absorb_units=False,
    )
    assert_allclose(fit.coefficient, [2.0], rtol=1e-12)
    assert_allclose(fit.facts[0].classical_variance, 5.0, rtol=1e-12)
    assert_allclose(fit.facts[0].hc1_variance, (1 + 1 + 4 + 4) / 4 * 4 / 2, rtol=1e-12)
    assert_allclose(fit.influence[:, 0], [2.0, -2.0, -4.0, 4.0], rtol=1e-12)
    assert (fit.n_obs, fit.facts[0].n_parameters, fit.facts[0].n_absorbed) == (4, 2, 0)


def test_within_slope_by_hand():
    # Within units x is -1 0 1 and -1 0 1, y is -2 1 1 and -1 -1 2: slope (3 + 3) / 4.
    fit = least_squares(
        rows_of([0, 3, 3, 9, 9, 12], [[0], [1], [2], [5], [6], [7]], [0, 0, 0, 1, 1, 1]),
        n_units=2,
        n_reported=1,
        absorb_units=True,
    )
    residual = np.array([-0.5, 1.0, -0.5, 0.5, -1.0, 0.5])
    assert_allclose(fit.coefficient, [1.5], rtol=1e-12)
    assert_allclose(fit.facts[0].classical_variance, residual @ residual / (6 - 3) / 4, rtol=1e-12)
    assert fit.facts[0].n_counted == 3


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_absorbed_effects_equal_explicit_dummies(seed):
    rows, n_units = random_rows(seed)
    fit = least_squares(rows, n_units=n_units, n_reported=2, absorb_units=True)
    explicit = sm.OLS(rows.outcome, with_dummies(rows, n_units)).fit()
    assert_allclose(fit.coefficient, explicit.params[:2], rtol=1e-8)
    assert_allclose([f.classical_variance for f in fit.facts], np.diag(explicit.cov_params())[:2], rtol=1e-8)
    hc1 = explicit.get_robustcov_results("HC1")
    assert_allclose([f.hc1_variance for f in fit.facts], hc1.bse[:2] ** 2, rtol=1e-8)
    assert fit.facts[0].n_counted == explicit.params.size


@pytest.mark.parametrize("seed", [4, 5])
def test_influence_gives_the_clustered_errors_of_statsmodels(seed):
    rows, n_units = random_rows(seed)
    fit = least_squares(rows, n_units=n_units, n_reported=2, absorb_units=True)
    effects = make_effects(fit.influence, fit.coefficient, facts=fit.facts, n_obs=fit.n_obs)
    explicit = sm.OLS(rows.outcome, with_dummies(rows, n_units)).fit(
        cov_type="cluster", cov_kwds={"groups": rows.unit}
    )
    ours = with_errors(effects, "cr1_counted", np.arange(n_units))
    assert_allclose(ours.std_error, explicit.bse[:2], rtol=1e-8)


def test_influence_sums_to_zero_without_and_with_absorbed_effects():
    rows, n_units = random_rows(6)
    with_constant = rows_of(
        rows.outcome, np.column_stack([rows.regressors, np.ones(len(rows.unit))]), rows.unit
    )
    for case, absorb in ((rows, True), (with_constant, False)):
        fit = least_squares(case, n_units=n_units, n_reported=2, absorb_units=absorb)
        # Sums of rounded scores: zero to machine precision of their size.
        assert_allclose(fit.influence.sum(axis=0), 0, atol=1e-12 * np.abs(fit.influence).sum())


def test_a_unit_with_one_row_changes_no_coefficient_and_has_no_influence():
    rows, n_units = random_rows(7)
    longer = rows_of(
        np.append(rows.outcome, 50.0), np.vstack([rows.regressors, [9.0, 9.0]]), np.append(rows.unit, n_units)
    )
    fit = least_squares(rows, n_units=n_units, n_reported=2, absorb_units=True)
    with_single = least_squares(longer, n_units=n_units + 1, n_reported=2, absorb_units=True)
    assert_allclose(with_single.coefficient, fit.coefficient, rtol=1e-10)
    assert (with_single.influence[-1] == 0).all()
    assert_allclose(with_single.facts[0].classical_variance, fit.facts[0].classical_variance, rtol=1e-10)


def test_units_without_rows_have_zero_influence():
    rows, n_units = random_rows(8)
    fit = least_squares(rows, n_units=n_units + 3, n_reported=2, absorb_units=True)
    assert fit.influence.shape == (n_units + 3, 2)
    assert (fit.influence[n_units:] == 0).all()


def test_collinear_regressor_is_named():
    rows, n_units = random_rows(9)
    doubled = rows_of(
        rows.outcome,
        np.column_stack([rows.regressors, rows.regressors @ [1.0, -2.0]]),
        rows.unit,
        ("hours", "wage", "hours_less_wages"),
    )
    with pytest.raises(
        IdentificationError, match=r"regressor hours_less_wages: explained entirely by the terms before it"
    ):
        least_squares(doubled, n_units=n_units, n_reported=3, absorb_units=True)


def test_regressor_that_does_not_vary_within_units_is_named():
    rows, n_units = random_rows(10)
    fixed = rows_of(
        rows.outcome,
        np.column_stack([rows.regressors[:, 0], rows.unit % 2]),
        rows.unit,
        ("hours", "is_large"),
    )
    with pytest.raises(
        IdentificationError, match=r"regressor is_large: explained entirely .* the unit effects"
    ):
        least_squares(fixed, n_units=n_units, n_reported=2, absorb_units=True)


def test_no_degree_of_freedom_left_is_refused():
    with pytest.raises(IdentificationError, match="3 rows for 3 parameters"):
        least_squares(
            rows_of([1, 2, 4], [[0.0, 1, 1], [1, 0, 1], [0, 3, 1]], [0, 1, 2], ("a", "b", "constant")),
            n_units=3,
            n_reported=2,
            absorb_units=False,
        )


def test_fewer_rows_than_terms_is_refused():
    with pytest.raises(IdentificationError, match="regressor a, b, constant"):
        least_squares(
            rows_of([1, 2], [[0.0, 1, 1], [1, 0, 1]], [0, 1], ("a", "b", "constant")),
            n_units=2,
            n_reported=2,
            absorb_units=False,
        )


def test_exact_fit_leaves_no_error_rather_than_rounding():
    """An outcome without noise once had errors of 1e-17 and p-values of 1e-78; it must have none."""
    rows = rows_of([0.1, 0.4, 0.1, 0.4, 0.2, 0.3, 0.2, 0.3], [[0, 0], [1, 1], [0, 0], [1, 1], [0, 0], [0, 1], [0, 0], [0, 1]],
                   [0, 0, 1, 1, 2, 2, 3, 3])  # fmt: skip
    fit = least_squares(rows, n_units=4, n_reported=1, absorb_units=True)
    assert_allclose(fit.coefficient, [0.2], rtol=1e-12)
    estimates = with_errors(
        make_effects(fit.influence, fit.coefficient, facts=fit.facts, n_obs=8), "classical", np.arange(4)
    )
    assert np.isnan(estimates.std_error[0]) and np.isnan(estimates.p_value[0])


def wide_regression(seed, *, share_missing=0.2, varying=True, n_groups=3):
    """Units of three groups in five periods: two shared regressors, two own ones, weights."""
    rng = np.random.default_rng(seed)
    shape = (24, 5)
    group = rng.integers(0, n_groups, shape[0])
    weight = rng.uniform(0.5, 2, (shape[0], 5 if varying else 1)) * (rng.random(shape) >= share_missing)
    shared = rng.integers(0, 2, (n_groups, 5, 2)).astype(float)
    own = [1e6 + 1e3 * rng.normal(size=shape), 1e-5 * rng.normal(size=shape)]
    return Regression(
        outcome=rng.normal(size=shape) + shared[group].sum(axis=2),
        weight=weight,
        patterns=patterns_of(group, weight),
        shared=shared,
        own=own,
        terms=("a", "b", "c", "d"),
    ), group


def explicit_model(r, group):
    """statsmodels on the rows that are used, with an indicator of every unit, and each row's unit."""
    used = r.weight > 0
    unit, period = np.nonzero(used)
    dummies = (unit[:, None] == np.unique(unit)[None, :]).astype(float)
    x = np.column_stack([r.shared[group[unit], period], *(v[used] for v in r.own), dummies])
    return sm.WLS(r.outcome[used], x, weights=r.weight[used]), unit


@pytest.mark.parametrize("varying", [True, False])
@pytest.mark.parametrize("share_missing", [0.0, 0.3])
def test_weighted_regression_equals_explicit_dummies(varying, share_missing):
    r, group = wide_regression(11, varying=varying, share_missing=share_missing)
    fit = fit_regression(r, np.eye(4), absorb_units=True)
    model, unit = explicit_model(r, group)
    plain = model.fit(method="qr")
    # Columns differ in length by 1e11: agreement to 1e-10 is what a backward stable solution gives.
    assert_allclose(fit.coefficient, plain.params[:4], rtol=1e-10)
    assert_allclose([f.classical_variance for f in fit.facts], np.diag(plain.cov_params())[:4], rtol=1e-8)
    assert_allclose([f.hc1_variance for f in fit.facts], model.fit(cov_type="HC1").bse[:4] ** 2, rtol=1e-8)
    clustered = model.fit(cov_type="cluster", cov_kwds={"groups": unit})
    effects = make_effects(fit.influence, fit.coefficient, facts=fit.facts, n_obs=fit.n_obs)
    ours = with_errors(effects, "cr1_counted", np.arange(24))
    assert_allclose(ours.std_error, clustered.bse[:4], rtol=1e-8)


def test_shared_regressors_equal_the_same_ones_unit_by_unit():
    r, group = wide_regression(12)
    apart = Regression(
        outcome=r.outcome,
        weight=r.weight,
        patterns=r.patterns,
        shared=r.shared[:, :, :0],
        own=[r.shared[group, :, 0], r.shared[group, :, 1], *r.own],
        terms=r.terms,
    )
    one, other = (fit_regression(x, np.eye(4), absorb_units=True) for x in (r, apart))
    assert_allclose(one.coefficient, other.coefficient, rtol=1e-10)
    assert_allclose(one.influence, other.influence, rtol=1e-8, atol=1e-10 * np.abs(one.influence).max())
    for mine, theirs in zip(one.facts, other.facts, strict=True):
        assert_allclose(mine.hc1_variance, theirs.hc1_variance, rtol=1e-9)
        assert_allclose(mine.classical_variance, theirs.classical_variance, rtol=1e-9)


def test_combinations_of_coefficients_have_the_errors_of_linear_tests():
    r, group = wide_regression(13)
    report = np.array([[1.0, -1.0, 0, 0], [0.25, 0.75, 1e-3, 0]])
    fit = fit_regression(r, report, absorb_units=True)
    model, _ = explicit_model(r, group)
    padded = np.hstack([report, np.zeros((2, model.exog.shape[1] - 4))])
    expected = [model.fit(cov_type=kind, method="qr").t_test(padded) for kind in ("nonrobust", "HC1")]
    assert_allclose(fit.coefficient, expected[0].effect, rtol=1e-10)
    assert_allclose([f.classical_variance for f in fit.facts], expected[0].sd ** 2, rtol=1e-8)
    assert_allclose([f.hc1_variance for f in fit.facts], expected[1].sd ** 2, rtol=1e-8)


def test_redundant_effects_are_left_out_and_not_counted():
    r, _ = wide_regression(14)
    doubled = Regression(
        outcome=r.outcome,
        weight=r.weight,
        patterns=r.patterns,
        shared=np.concatenate([r.shared[:, :, :1]] * 2 + [r.shared], axis=2)[:, :, [0, 1, 3]],
        own=r.own,
        terms=("effect", "the same effect", "b", "c", "d"),
        n_effects=2,
        n_effects_counted=2,
    )
    fit = fit_regression(r, np.eye(4)[1:], absorb_units=True)
    with_effects = fit_regression(doubled, np.eye(5)[2:], absorb_units=True)
    assert_allclose(with_effects.coefficient, fit.coefficient, rtol=1e-10)
    assert with_effects.facts[0].n_counted == fit.facts[0].n_counted
    assert with_effects.facts[0].n_parameters == 3 + 2


def test_term_that_effects_explain_is_named():
    r, _ = wide_regression(15)
    same = Regression(
        outcome=r.outcome,
        weight=r.weight,
        patterns=r.patterns,
        shared=r.shared[:, :, [0, 0]],
        own=r.own,
        terms=("effect", "treated", "c", "d"),
        n_effects=1,
    )
    with pytest.raises(IdentificationError, match="regressor treated: explained entirely"):
        fit_regression(same, np.eye(4)[1:], absorb_units=True)


@pytest.mark.parametrize("share", [1e-7, 1e-11])
def test_nearly_collinear_regressor_is_kept_down_to_rounding(share):
    rng = np.random.default_rng(16)
    rows, n_units = random_rows(16)
    near = rows.regressors[:, 0] + share * rng.normal(size=len(rows.unit))
    doubled = rows_of(rows.outcome, np.column_stack([rows.regressors, near]), rows.unit, ("a", "b", "near"))
    if share < 1e-9:
        with pytest.raises(IdentificationError, match="regressor near: "):
            least_squares(doubled, n_units=n_units, n_reported=3, absorb_units=True)
    else:
        fit = least_squares(doubled, n_units=n_units, n_reported=3, absorb_units=True)
        expected = sm.OLS(rows.outcome, with_dummies(doubled, n_units)).fit(method="qr")
        # The condition of 1e7 costs seven digits, whatever the method.
        assert_allclose(fit.coefficient[1], expected.params[1], rtol=1e-8)
        assert_allclose(fit.coefficient[2], expected.params[2], rtol=1e-6)


def test_triangular_factor_of_blocks_is_that_of_the_whole():
    rows = np.random.default_rng(17).normal(size=(50, 4)) * [1, 1e3, 1e-4, 1]
    r = triangular_factor([rows[:3], rows[3:20], rows[20:]], 4)
    assert_allclose(np.abs(r), np.abs(np.linalg.qr(rows, mode="r")), rtol=1e-10, atol=1e-9)
    assert_allclose(inverse_of(r) @ r, np.eye(4), atol=1e-9)


def test_columns_that_others_explain_are_left_out_in_turn():
    rng = np.random.default_rng(18)
    x = rng.normal(size=(30, 2))
    columns = np.column_stack([x[:, 0], 2 * x[:, 0], x[:, 1], x.sum(axis=1)])
    r = triangular_factor([columns], 4)
    kept, left = independent_columns(r, np.linalg.norm(columns, axis=0))
    assert kept.tolist() == [0, 2]
    assert_allclose(np.abs(left), np.abs(np.linalg.qr(x, mode="r")), rtol=1e-12, atol=1e-12)


def test_patterns_are_of_group_observed_periods_and_changing_weights():
    weight = np.array([[1, 1, 0], [2, 2, 0], [1, 1, 1], [1, 2, 0], [3, 3, 0]], dtype=float)
    patterns = patterns_of(np.array([0, 0, 0, 0, 1]), weight)
    same = [[int(a == b) for a in patterns.code] for b in patterns.code]
    assert same == [[1, 1, 0, 0, 0], [1, 1, 0, 0, 0], [0, 0, 1, 0, 0], [0, 0, 0, 1, 0], [0, 0, 0, 0, 1]]
    assert_allclose(patterns.weight[patterns.code[0]], [3, 3, 0])
    assert patterns.group[patterns.code].tolist() == [0, 0, 0, 0, 1]


def test_patterns_of_more_periods_than_a_number_has_bits():
    seen = np.random.default_rng(19).random((40, 130)) < 0.5
    seen[20:] = seen[:20]
    seen[25, 129] = ~seen[25, 129]
    patterns = patterns_of(np.zeros(40, dtype=np.int64), seen.astype(float))
    expected = np.unique(seen, axis=0, return_inverse=True)[1].ravel()
    assert (
        (patterns.code[:, None] == patterns.code[None, :]) == (expected[:, None] == expected[None, :])
    ).all()


@pytest.mark.parametrize("share_missing", [0.0, 0.5])
def test_absorbed_period_effects_of_strata_equal_indicators(share_missing):
    """With half the cells missing some periods of a stratum have no cell, or no unit that links them."""
    r, _ = wide_regression(20, share_missing=share_missing, n_groups=6)
    stratum = np.array([0, 0, 1, 1, 2, 2])
    absorbed = replace(r, stratum=stratum, n_effects_counted=15)
    indicators = [
        np.outer(stratum == level, np.arange(5) == t).astype(float) for level in range(3) for t in range(5)
    ]
    explicit = replace(
        r,
        shared=np.concatenate([np.stack(indicators, axis=-1), r.shared], axis=-1),
        terms=(*(f"effect {j}" for j in range(15)), *r.terms),
        n_effects=15,
        n_effects_counted=15,
    )
    one = fit_regression(absorbed, np.eye(4), absorb_units=True)
    other = fit_regression(explicit, np.eye(19)[15:], absorb_units=True)
    assert_allclose(one.coefficient, other.coefficient, rtol=1e-10)
    assert_allclose(one.influence, other.influence, rtol=1e-8, atol=1e-9 * np.abs(one.influence).max())
    for mine, theirs in zip(one.facts, other.facts, strict=True):
        assert (mine.n_parameters, mine.n_counted) == (theirs.n_parameters, theirs.n_counted)
        assert_allclose(mine.hc1_variance, theirs.hc1_variance, rtol=1e-9)


def test_term_that_absorbed_period_effects_explain_is_named():
    r, _ = wide_regression(21)
    table = np.broadcast_to(np.arange(5.0)[:, None], (3, 5, 1))
    trend = replace(r, shared=table, terms=("trend", "c", "d"), stratum=np.zeros(3, dtype=np.int64))
    with pytest.raises(
        IdentificationError, match=r"regressor trend: .*the unit effects and the period effects"
    ):
        fit_regression(trend, np.eye(3), absorb_units=True)
