"""Least squares with absorbed unit effects."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from numpy.testing import assert_allclose

from impacteval.errors import IdentificationError
from impacteval.estimators.least_squares import Rows, least_squares
from impacteval.inference.errors import with_errors
from support.effects import make_effects


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
