"""Regressors as tables, against the same numbers row by row."""

from __future__ import annotations

import numpy as np
from numpy.testing import assert_allclose, assert_array_equal

from impacteval.estimators.table_regressors import TableColumn, table_regressors

N_ROWS = 40


def regressors_of(seed=1):
    """Two strata in three places, columns of two covariates and the constant in mixed order."""
    rng = np.random.default_rng(seed)
    tables = rng.normal(size=(5, 2, 3))
    tables[1, 0] = tables[4, 1] = 0
    columns = [
        TableColumn(name=f"c{j}", table=table, factor=factor, centre=rng.normal(size=2) * (factor > 0))
        for j, (table, factor) in enumerate(zip(tables, (2, 0, 1, 0, 2), strict=True))
    ]
    stratum, place = rng.integers(0, 2, N_ROWS), rng.integers(0, 3, N_ROWS)
    return columns, table_regressors(columns, stratum, place, list(rng.normal(size=(2, N_ROWS))))


def by_row(columns, x):
    return np.column_stack(
        [c.table[x.stratum, x.place] * (x.factors[:, c.factor] - c.centre[x.stratum]) for c in columns]
    )


def test_dense_regressors_are_table_times_factor():
    columns, x = regressors_of()
    assert_allclose(x.dense(), by_row(columns, x), rtol=1e-14)
    assert_allclose(x.at(x.stratum, x.place, x.factors), x.dense(), rtol=1e-14)
    assert x.n_columns == 5


def test_a_stratum_leaves_out_what_is_zero_in_it():
    _, x = regressors_of()
    assert_array_equal(np.sort(x.columns_of(0)), [0, 2, 3, 4])
    assert_array_equal(np.sort(x.columns_of(1)), [0, 1, 2, 3])
    assert_array_equal(x.factor_of[x.columns_of(1)], [0, 0, 1, 2])


def test_sums_of_regressors_follow_from_sums_of_factors():
    columns, x = regressors_of()
    weight, group = np.arange(1.0, N_ROWS + 1), np.arange(N_ROWS) % 4
    for stratum in (0, 1):
        mine = x.stratum == stratum
        factor_sums = np.zeros((4, 3, 3))
        np.add.at(factor_sums, (group[mine], x.place[mine]), weight[mine, None] * x.factors[mine])
        expected = np.zeros((4, 5))
        np.add.at(expected, group[mine], weight[mine, None] * by_row(columns, x)[mine])
        chosen = x.columns_of(stratum)
        assert_allclose(x.sums(stratum, factor_sums, chosen), expected[:, chosen], rtol=1e-12)
