"""How far findings of growth move the difference between arms, without saying which way."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from numpy.testing import assert_allclose

from impacteval.checks.rounds import Growth
from impacteval.validation.growth_influence import INFLUENCE_COLUMNS, dfbetas, growth_influence
from support.interviews import in_other_order, interviews

CHECK = Growth(kind="growth", id="g", table="firms", sales="sales")
TYPES = {"sales": "decimal", "staff": "decimal"}
N = 24


def survey_of(factors, **columns):
    """Enterprises of two arms in turn whose sales in round 2 are so many times those of round 1."""
    n = len(factors)
    sales = np.linspace(90, 110, n)
    cells = {
        "firm": [f"F{i:02d}" for i in range(n)] * 2,
        "round": ["1"] * n + ["2"] * n,
        "arm": [str(i % 2) for i in range(n)] * 2,
        "sales": [*map(str, sales), *map(str, sales * factors)],
    }
    return interviews(2 * n, {**cells, **columns}, types=TYPES)


def usual(seed=4, n=N):
    return np.exp(np.random.default_rng(seed).normal(0.1, 0.2, n))


def only(table):
    assert len(table) == 1
    return table.iloc[0]


def test_dfbetas_are_those_of_statsmodels():
    rng = np.random.default_rng(8)
    change, is_second = rng.normal(size=15), np.arange(15) % 3 == 0
    fitted = sm.OLS(change, sm.add_constant(is_second.astype(float))).fit()
    expected = fitted.get_influence().dfbetas[:, 1]
    ratio, is_influential = dfbetas(change, is_second)
    assert_allclose(ratio, expected, rtol=1e-8)
    assert is_influential.tolist() == (np.abs(expected) > 2 / np.sqrt(15)).tolist()


@pytest.mark.parametrize(("n", "n_second"), [(0, 0), (3, 1), (6, 1), (6, 6)])
def test_dfbetas_are_not_defined_where_an_arm_cannot_do_without_a_unit(n, n_second):
    ratio, is_influential = dfbetas(np.arange(float(n)), np.arange(n) < n_second)
    assert np.isnan(ratio).all() and not is_influential.any()


def test_a_unit_among_others_that_are_all_alike_is_influential_though_its_ratio_is_not_defined():
    ratio, is_influential = dfbetas(np.array([5.0, *[0.1] * 7]), np.arange(8) % 2 == 0)
    assert np.isnan(ratio[0])
    assert is_influential.tolist() == [True, *[False] * 7]


def test_findings_are_counted_with_their_influence():
    factors = usual()
    factors[[3, 4]] = 12.0, 0.1
    row = only(growth_influence(survey_of(factors), CHECK))
    keys = ["column", "period", "base_period", "comparison", "arm", "n_units", "n_flagged", "n_influential"]
    assert row[keys].tolist() == ["sales", "2", "1", "control", "treated", N, 2, 2]
    ratio, _ = dfbetas(np.log(factors), np.arange(N) % 2 == 1)
    assert row["largest_dfbetas"] == pytest.approx(np.abs(ratio[[3, 4]]).max(), rel=1e-9)


def test_joint_influence_is_the_change_without_all_that_were_found():
    factors = usual()
    factors[[1, 3]] = 12.0, 9.0
    row = only(growth_influence(survey_of(factors), CHECK))
    change, treated = np.log(factors), np.arange(N) % 2 == 1
    design = sm.add_constant(treated.astype(float))
    kept = ~np.isin(np.arange(N), [1, 3])
    whole, without = sm.OLS(change, design).fit(), sm.OLS(change[kept], design[kept]).fit()
    expected = abs(whole.params[1] - without.params[1]) / whole.bse[1]
    assert row["joint_dfbetas"] == pytest.approx(expected, rel=1e-9)


def test_where_nobody_is_found_there_is_no_influence():
    row = only(growth_influence(survey_of(usual()), CHECK))
    assert (row["n_flagged"], row["n_influential"]) == (0, 0)
    assert np.isnan(row["largest_dfbetas"]) and np.isnan(row["joint_dfbetas"])


def test_no_number_tells_the_direction_or_the_enterprise():
    up, down = usual(), usual()
    up[3], down[3] = 12.0, 1 / 12
    for factors in (up, down):
        row = only(growth_influence(survey_of(factors), CHECK))
        assert row["largest_dfbetas"] > 0 and row["joint_dfbetas"] > 0
    assert not {"firm", "unit", "estimate", "difference"} & set(INFLUENCE_COLUMNS)


def test_enterprises_without_a_positive_value_in_both_rounds_are_not_compared():
    survey = survey_of(usual())
    sales = survey.tables["firms"].text["sales"].tolist()
    sales[0], sales[N + 1] = "", "0"
    table = growth_influence(survey_of(usual(), sales=sales), CHECK)
    assert only(table)["n_units"] == N - 2


def test_both_columns_are_compared_where_both_are_named():
    staff = {"staff": ["10"] * N + ["11", "10"] * (N // 2)}
    check = Growth(kind="growth", id="g", table="firms", sales="sales", employment="staff")
    assert growth_influence(survey_of(usual(), **staff), check)["column"].tolist() == ["sales", "staff"]


@pytest.mark.parametrize(
    "columns", [{"arm": [""] * 2 * N}, {"round": ["1"] * 2 * N}, {"round": [""] * 2 * N}]
)
def test_without_arms_or_rounds_there_is_nothing_to_compare(columns):
    table = growth_influence(survey_of(usual(), **columns), CHECK)
    assert table.empty and tuple(table.columns) == INFLUENCE_COLUMNS


def test_no_rows_are_no_comparison():
    assert growth_influence(interviews(0, {"sales": []}, types=TYPES), CHECK).empty


def test_order_of_rows_changes_nothing():
    factors = usual()
    factors[3] = 12.0
    survey = survey_of(factors)
    mixed = in_other_order(survey, np.random.default_rng(1).permutation(2 * N))
    assert growth_influence(mixed, CHECK).equals(growth_influence(survey, CHECK))
