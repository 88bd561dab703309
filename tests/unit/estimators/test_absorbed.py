"""Weighted least squares with absorbed effects: statsmodels with explicit dummies."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from numpy.testing import assert_allclose

from impacteval.errors import IdentificationError
from impacteval.estimators.absorbed import AbsorbedRows, absorbed_fit
from support.regressors import plain_regressors

N_UNITS = 12


def rows_of(seed, *, is_nested=True, weighted=True):
    rng = np.random.default_rng(seed)
    unit = np.sort(rng.integers(0, N_UNITS, size=60))
    group = unit if is_nested else unit // 4
    weight = rng.uniform(0.5, 2, 60) if weighted else np.ones(60)
    rows = AbsorbedRows(
        regressors=plain_regressors(rng.normal(size=(60, 3)), ("a", "b", "c")),
        weight=weight,
        group=group,
        unit=unit,
        is_nested=is_nested,
    )
    return rows, rng.normal(size=60) + group


def with_dummies(rows, y):
    dummies = rows.group[:, None] == np.arange(rows.n_groups)
    x = np.hstack([rows.regressors.dense(), dummies]).astype(float)
    return sm.WLS(y, x, weights=rows.weight).fit(), x


@pytest.mark.parametrize("is_nested", [True, False])
def test_coefficients_and_facts_are_those_of_dummies(is_nested):
    rows, y = rows_of(1, is_nested=is_nested)
    fit = absorbed_fit(y, rows, n_units=N_UNITS)
    full, _ = with_dummies(rows, y)
    assert_allclose(fit.coefficient, full.params[:3], rtol=1e-8)
    facts = fit.facts(np.eye(3))
    assert_allclose([f.classical_variance for f in facts], full.bse[:3] ** 2, rtol=1e-8)
    hc1 = full.get_robustcov_results("HC1").bse[:3] ** 2
    assert_allclose([f.hc1_variance for f in facts], hc1, rtol=1e-8)
    assert {f.n_counted for f in facts} == {3 + rows.n_groups}
    assert {f.n_parameters for f in facts} == {4 if is_nested else 6}


def test_influence_gives_the_cluster_covariance_of_statsmodels():
    rows, y = rows_of(2)
    fit = absorbed_fit(y, rows, n_units=N_UNITS)
    full, _ = with_dummies(rows, y)
    robust = full.get_robustcov_results("cluster", groups=rows.unit, use_correction=False)
    combinations = np.array([[1.0, 0, 0], [0.5, -1, 2]])
    influence = fit.influence(combinations)
    expected = combinations @ robust.cov_params()[:3, :3] @ combinations.T
    assert_allclose(influence.T @ influence / N_UNITS**2, expected, rtol=1e-8)
    assert_allclose(fit.by_stratum(combinations), 0, atol=1e-14)


def test_a_collinear_regressor_is_named():
    rows, y = rows_of(3)
    doubled = np.column_stack([rows.regressors.dense()[:, :2], rows.unit.astype(float)])
    wrong = AbsorbedRows(
        regressors=plain_regressors(doubled, ("a", "b", "level")),
        weight=rows.weight,
        group=rows.group,
        unit=rows.unit,
        is_nested=True,
    )
    with pytest.raises(IdentificationError, match="regressor level: explained entirely by the unit effects"):
        absorbed_fit(y, wrong, n_units=N_UNITS)


def test_no_degree_of_freedom_is_refused():
    rows = AbsorbedRows(
        regressors=plain_regressors([[0.0], [1.0], [0.0], [0.5]], ("a",)),
        weight=np.ones(4),
        group=np.array([0, 0, 1, 2]),
        unit=np.array([0, 0, 1, 2]),
        is_nested=True,
    )
    with pytest.raises(IdentificationError, match="4 rows for 4 parameters"):
        absorbed_fit(np.arange(4.0), rows, n_units=3)


def test_an_exact_fit_has_no_residual():
    rows, _ = rows_of(4)
    fit = absorbed_fit(rows.regressors.dense() @ [1.0, 2.0, 3.0] + rows.unit, rows, n_units=N_UNITS)
    assert_allclose(fit.coefficient, [1, 2, 3], rtol=1e-10)
    assert fit.spread == 0 and (fit.score == 0).all()
