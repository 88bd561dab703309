"""Values far from those of similar rows are found, alone and together."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from impacteval.checks.statistics import MultivariateOutlier, Outlier
from impacteval.delivery import Roles
from impacteval.validation.outliers import check_multivariate_outlier, check_outlier
from impacteval.validation.robust_distances import robust_distances
from support.statistics import about, firms_survey, notes_on_whole, rows_of, shown
from support.tables import variable

CHECK = Outlier(**about("outlier"), columns=("sales",))
TOGETHER = MultivariateOutlier(**about("multivariate_outlier"), columns=("sales", "workers", "wages"))
NUMBERS = ("sales", "workers", "wages")
VARIABLES = (*(variable(c, "decimal") for c in NUMBERS), variable("sector", "category"))


def survey_of(roles=Roles(unit="firm", period="round"), **columns):  # noqa: B008
    n = len(columns["sales"])
    whole = {"workers": [1.0] * n, "wages": [1.0] * n, "sector": ["a"] * n}
    return firms_survey({**whole, **columns}, VARIABLES, roles)


def found_in(check=CHECK, **columns):
    return rows_of(check_outlier(survey_of(**columns), check))


PLAIN = [float(v) for v in range(10, 30)]


def test_modified_z_beyond_the_limit_is_far():
    """Median 19.75 and MAD 5: 0.6745 x 27.25 / 5 = 3.68 for 47, 3.47 for 45.5."""
    raw = replace(CHECK, scale="raw")
    found = check_outlier(survey_of(sales=[*PLAIN, 19.5, 47.0]), raw)
    assert rows_of(found) == [21]
    assert found[0].notes == ("3.7 robust standard deviations above the median of its round (22 rows)",)
    assert found_in(raw, sales=[*PLAIN, 19.5, 45.5]) == []


@pytest.mark.parametrize(
    ("method", "high", "low"),
    [("mad", 47.0, -8.0), ("iqr", 40.0, -1.0), ("sd", 60.0, -22.0)],
)
def test_each_method_finds_both_sides(method, high, low):
    check = replace(CHECK, method=method, scale="raw")
    assert found_in(check, sales=[*PLAIN, 19.5, high]) == [21]
    assert found_in(check, sales=[*PLAIN, 19.5, low]) == [21]
    assert found_in(check, sales=PLAIN) == []


@pytest.mark.parametrize("method", ["mad", "iqr", "sd"])
def test_the_multiplier_is_that_of_the_check(method):
    values = [*PLAIN, 19.5, 60.0]
    assert found_in(replace(CHECK, method=method, scale="raw"), sales=values) == [21]
    assert found_in(replace(CHECK, method=method, scale="raw", multiplier=50.0), sales=values) == []


def test_amounts_are_judged_by_their_logarithm_unless_said_otherwise():
    """In logarithms 100 times the median is far and a hundredth of it as well."""
    values = [float(v) for v in np.exp(np.linspace(6, 8, 21))]
    assert found_in(sales=[*values, 1e5, 10.0]) == [21, 22]
    assert found_in(replace(CHECK, scale="raw"), sales=[*values, 1e5, 10.0]) == [21]


def test_losses_are_judged_by_the_logarithm_of_their_size():
    values = [-float(v) for v in np.exp(np.linspace(6, 8, 21))]
    assert found_in(sales=[*values, -1e5]) == [21]


def test_without_spread_around_the_median_the_interquartile_range_decides():
    """12 of 20 values are alike, so the MAD is 0; quartiles are 5 and 6."""
    values = [5.0] * 12 + [6.0] * 7 + [7.6]
    found = check_outlier(survey_of(sales=values), replace(CHECK, scale="raw"))
    assert rows_of(found) == [19]
    assert "1.6 interquartile ranges above the quartile of" in found[0].notes[0]
    assert found_in(replace(CHECK, scale="raw"), sales=[*values[:-1], 7.4]) == []


def test_values_that_differ_from_a_group_without_any_spread_are_counted_not_found():
    survey = survey_of(sales=[0.0] * 30 + [5.0, 9.0])
    failures = check_outlier(survey, CHECK)
    assert rows_of(failures) == []
    assert notes_on_whole(failures)[0].startswith("2 values could not be judged")
    assert shown(survey, failures)["severity"].tolist() == ["info"]
    assert check_outlier(survey_of(sales=[0.0] * 30), CHECK) == []


def test_a_fallback_that_finds_more_than_its_share_is_told_in_number_only():
    """MAD 0, quartiles 5 and 6: with ten of 100 values beyond 7.5 they are listed, with eleven counted."""
    raw = replace(CHECK, scale="raw")
    few = [5.0] * 60 + [6.0] * 30 + [100.0] * 10
    assert len(found_in(raw, sales=few)) == 10
    many = check_outlier(survey_of(sales=[5.0] * 60 + [6.0] * 29 + [100.0] * 11), raw)
    assert rows_of(many) == []
    assert notes_on_whole(many)[0].startswith("11 values are far from the others but not listed")
    assert many[0].severities == ("info",)
    assert len(found_in(replace(raw, most_share=0.2), sales=[5.0] * 60 + [6.0] * 29 + [100.0] * 11)) == 11


def test_values_of_a_table_that_is_too_small_are_told_in_number_only():
    few = check_outlier(survey_of(sales=[*PLAIN[:18], 5e6]), CHECK)
    assert rows_of(few) == []
    assert notes_on_whole(few)[0].startswith("1 value is far from the others but not listed")
    assert found_in(sales=[*PLAIN[:19], 5e6]) == [19]


def test_values_are_compared_within_their_group_and_round_where_these_have_enough():
    sales = [*PLAIN, *[v * 1000 for v in PLAIN], 15_000.0]
    sector = ["a"] * 20 + ["b"] * 20 + ["a"]
    grouped = replace(CHECK, groups=("sector",), scale="raw")
    assert found_in(grouped, sales=sales, sector=sector) == [40]
    assert found_in(replace(grouped, minimum_group=21), sales=sales, sector=sector) == [40]
    assert found_in(grouped, sales=sales, sector=sector, round=[1] * 20 + [2] * 20 + [2]) == []
    assert found_in(replace(grouped, minimum_group=22), sales=sales, sector=sector) == []


def test_a_small_group_is_compared_with_its_round_and_a_small_round_with_all():
    grouped = replace(CHECK, groups=("sector",), scale="raw")
    sales, sector = [*PLAIN, 90.0], ["a"] * 20 + ["b"]
    found = check_outlier(survey_of(sales=sales, sector=sector), grouped)
    assert rows_of(found) == [20]
    assert found[0].notes[0].endswith("the median of its round (21 rows)")
    found = check_outlier(survey_of(sales=sales, sector=sector, round=[1] * 20 + [2]), grouped)
    assert rows_of(found) == [20]
    assert "the median of all rows" in found[0].notes[0]


def test_a_row_without_a_group_is_compared_with_its_round():
    grouped = replace(CHECK, groups=("sector",), scale="raw")
    assert found_in(grouped, sales=[*PLAIN, 90.0], sector=["a"] * 20 + [None]) == [20]


def test_listed_values_are_neither_judged_nor_counted():
    values = [*PLAIN, 999.0, 19.0]
    assert found_in(replace(CHECK, scale="raw"), sales=values) == [20]
    assert found_in(replace(CHECK, scale="raw", ignore=(999.0,)), sales=values) == []


def test_each_of_several_columns_has_its_own_findings():
    survey = survey_of(sales=[*PLAIN, 900.0], workers=[*PLAIN, 19.0], wages=[900.0, *PLAIN])
    found = shown(survey, check_outlier(survey, replace(CHECK, columns=("sales", "workers", "wages"))))
    assert list(zip(found["column"], found["source_row"], strict=True)) == [("sales", 22), ("wages", 2)]


def test_columns_taken_together_are_judged_by_all_of_their_values():
    columns = {"sales": [*PLAIN, 60.0], "workers": [50.0] * 21}
    apart = replace(CHECK, columns=("sales", "workers"), scale="raw", method="sd")
    assert found_in(apart, **columns) == [20]
    assert found_in(replace(apart, together=True), **columns) == []


@pytest.mark.parametrize("method", ["mad", "iqr", "sd"])
@pytest.mark.parametrize("sales", [[], [None] * 4, [3.0], [3.0, None], [3.0] * 5, [0.1] * 31])
@pytest.mark.parametrize("groups", [(), ("sector",)])
def test_it_never_raises(method, sales, groups):
    assert check_outlier(survey_of(sales=sales), replace(CHECK, method=method, groups=groups)) == []


@settings(max_examples=10, deadline=None)
@given(st.lists(st.floats(0, 1e9), min_size=1, max_size=30), st.randoms(use_true_random=False))
def test_the_order_of_rows_is_no_matter(values, random):
    order = list(range(len(values)))
    random.shuffle(order)
    for method in ("mad", "sd"):
        check = replace(CHECK, method=method, multiplier=1.0)
        found, again = found_in(check, sales=values), found_in(check, sales=[values[i] for i in order])
        assert sorted(found) == sorted(order[i] for i in again)


def amounts(n, seed=0):
    """Sales, employment and wage bill of enterprises that go together."""
    rng = np.random.default_rng(seed)
    size = rng.normal(3, 0.7, n)
    return {
        "sales": np.exp(5 + size + rng.normal(0, 0.3, n)),
        "workers": np.exp(size),
        "wages": np.exp(2 + size + rng.normal(0, 0.2, n)),
    }


def together_in(check=TOGETHER, **columns):
    return check_multivariate_outlier(survey_of(**{c: list(v) for c, v in columns.items()}), check)


def test_a_row_whose_amounts_do_not_go_together_is_found_though_each_is_usual():
    columns = amounts(60)
    columns["workers"][7] = np.quantile(columns["workers"], 0.9)
    columns["wages"][7] = np.quantile(columns["wages"], 0.1)
    assert 7 not in found_in(replace(CHECK, columns=("sales", "workers", "wages")), **columns)
    found = together_in(**columns)
    assert rows_of(found) == [7]
    assert found[0].columns == TOGETHER.columns
    assert together_in(**amounts(60)) == []


def test_many_outliers_do_not_hide_one_another():
    columns = amounts(100)
    columns["wages"][:15] /= 300
    assert rows_of(together_in(**columns)) == list(range(15))


def ties(n=300, seed=3):
    """Counts of households: their logarithms have few values and no ellipse around them."""
    rng = np.random.default_rng(seed)
    return {
        "sales": np.round(np.exp(rng.normal(2, 0.3, n))),
        "workers": np.round(np.exp(rng.standard_t(2, n) * 0.2 + 2)) + 1,
        "wages": np.round(np.exp(rng.standard_t(2, n) * 0.2 + 2)) + 1,
    }


def test_a_cloud_with_tails_of_its_own_has_no_list_of_rows():
    """A tenth of the rows lie in a tail that goes on without a gap."""
    rng = np.random.default_rng(0)
    n = 400
    spread = np.where(np.arange(n) % 5 == 0, np.exp(rng.uniform(1.6, 3.2, n)), 1.0)
    columns = {c: np.exp(rng.normal(size=n) * spread * 0.3 + 5) for c in NUMBERS}
    found = together_in(**columns)
    assert rows_of(found) == []
    assert "not of one elliptical cloud" in notes_on_whole(found)[0]
    assert found[0].severities == ("info",)
    assert len(rows_of(together_in(replace(TOGETHER, most_share=1.0), **columns))) > 0.1 * n


def test_ties_at_the_median_are_no_matter():
    """Several rows that are the median in every column have no direction from it."""
    assert len(rows_of(together_in(**ties()))) <= 0.1 * 300


def test_columns_of_few_values_are_left_out_and_told():
    columns = amounts(60)
    columns["sales"][7], columns["wages"][7] = np.quantile(columns["sales"], 0.9), columns["wages"][7] / 100
    columns["workers"] = np.tile([1.0, 2.0, 3.0], 20)
    found = together_in(**columns)
    assert rows_of(found) == [7]
    assert notes_on_whole(found) == ["period 1: workers left out: fewer than 10 different values"]
    assert found[-1].columns == ("sales", "wages")
    columns["wages"] = np.tile([1.0, 2.0], 30)
    assert "fewer than two columns" in notes_on_whole(together_in(**columns))[0]


def test_a_round_that_is_too_small_is_said_not_to_be_judged():
    columns = amounts(60)
    columns["wages"][3] /= 1000
    survey = survey_of(**columns, round=[1] * 40 + [2] * 20)
    failures = check_multivariate_outlier(survey, TOGETHER)
    assert rows_of(failures) == [3]
    assert notes_on_whole(failures) == ["period 2: not judged: 20 complete rows, 30 are needed"]
    assert shown(survey, failures)["severity"].tolist() == ["info", "warning"]


def test_columns_that_say_the_same_are_said_not_to_be_judged():
    columns = amounts(60)
    columns["wages"] = columns["workers"] * 12
    assert "linear in one another" in notes_on_whole(together_in(**columns))[0]
    columns["wages"] = [5.0] * 40 + [float(v) for v in range(10, 30)]
    assert "hardly varies" in notes_on_whole(together_in(**columns))[0]
    assert (
        "two columns or more"
        in notes_on_whole(together_in(replace(TOGETHER, columns=("sales",)), **columns))[0]
    )


@pytest.mark.parametrize("sales", [[], [None] * 50, [0.0] * 50, [5.0] * 50])
def test_rows_without_amounts_above_zero_are_left_out(sales):
    assert rows_of(together_in(sales=sales)) == []


@settings(max_examples=8, deadline=None)
@given(st.randoms(use_true_random=False))
def test_the_order_of_rows_is_no_matter_for_amounts_together(random):
    columns = amounts(50, seed=2)
    columns["wages"][:4] /= 50
    order = list(range(50))
    random.shuffle(order)
    names = [f"f{i:02d}" for i in range(50)]
    shuffled = {c: v[order] for c, v in columns.items()}
    found = rows_of(together_in(**columns, firm=names))
    again = rows_of(together_in(**shuffled, firm=[names[i] for i in order]))
    assert found and found == sorted(order[i] for i in again)


def test_normal_rows_are_seldom_called_outliers():
    """At 5% a row, in samples of 60 in three columns; a chi-square reference has about twice as many."""
    rates = []
    for seed in range(15):
        values = np.random.default_rng(seed).normal(size=(60, 3))
        rates.append(float((robust_distances(values).p_values < 0.05).mean()))
    error = np.std(rates, ddof=1) / np.sqrt(len(rates))
    assert abs(np.mean(rates) - 0.05) < 4 * error + 0.02


def test_p_values_do_not_depend_on_the_units_of_columns():
    values = np.random.default_rng(3).normal(size=(50, 3))
    scaled = values * [1.0, 1e6, 1e-6] + [0.0, 5e6, 1.0]
    assert_allclose(robust_distances(values).p_values, robust_distances(scaled).p_values, rtol=1e-6)
