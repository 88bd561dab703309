"""Differential attrition, and stayers who differ by arm, are found."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from statsmodels.stats.proportion import proportion_confint

from impacteval.checks.response import Attrition
from impacteval.delivery import Roles
from impacteval.validation.attrition import attrition, check_attrition
from impacteval.validation.joint_test import joint_test
from support.statistics import about, firms_survey, notes_on_whole, shown
from support.tables import variable

CHECK = Attrition(**about("attrition"))
VARIABLES = (
    variable("size", "decimal"),
    variable("sector", "category"),
    variable("status", "category"),
    variable("agreed", "category"),
)
ROLES = Roles(unit="firm", period="round", arm="arm", status="status", consent="agreed", consent_given=("1",))


def survey_of(rows, roles=ROLES, **columns):
    """Rows as (enterprise, arm, round)."""
    n = len(rows)
    keys = {name: [row[i] for row in rows] for i, name in enumerate(("firm", "arm", "round"))}
    whole = {"size": [1.0] * n, "sector": ["a"] * n, "status": ["done"] * n, "agreed": ["1"] * n}
    return firms_survey({**keys, **whole, **columns}, VARIABLES, roles)


def two_rounds(lost_treated, lost_control, n=50):
    """n enterprises an arm in round 1, some of which are not in round 2."""
    base = [(f"{arm}{i}", arm, 1) for arm in "tc" for i in range(n)]
    lost = {"t": lost_treated, "c": lost_control}
    return base + [(firm, arm, 2) for firm, arm, _ in base if int(firm[1:]) >= lost[arm]]


def notes_of(rows, check=CHECK, **columns):
    return notes_on_whole(check_attrition(survey_of(rows, **columns), check))


def test_arms_that_lost_differently_many_are_found_with_rates_difference_and_interval():
    notes = notes_of(two_rounds(4, 12))
    assert notes == [
        "period 2: 16.0% of 100 left; 8.0% in training and 24.0% in control, a difference of -16.0 points "
        "(95% interval -30.3 to -1.5, p = 0.029)"
    ]


def test_five_points_are_no_difference_and_more_are_whatever_their_p_value():
    assert notes_of(two_rounds(5, 10, n=100)) == []
    assert len(notes_of(two_rounds(5, 11, n=100))) == 1
    assert notes_of(two_rounds(5, 11, n=100), replace(CHECK, maximum_difference=0.1)) == []


def test_a_small_difference_that_is_certain_is_found():
    assert len(notes_of(two_rounds(20, 60, n=1000))) == 1


def test_only_those_of_the_base_period_are_followed():
    late = [(f"t{i}", "t", 2) for i in range(100, 150)]
    assert notes_of([*two_rounds(2, 2), *late]) == []
    table = attrition(survey_of([*two_rounds(2, 2), *late]), CHECK)
    assert table.loc[table["arm"] == "", "n_expected"].tolist() == [100]


def test_the_base_period_can_be_named():
    rows = [*two_rounds(25, 0), *((f"{arm}{i}", arm, 3) for arm in "tc" for i in range(25, 50))]
    assert [note[:9] for note in notes_of(rows)] == ["period 2:"]
    assert [note[:9] for note in notes_of(rows, replace(CHECK, base_period="2"))] == ["period 3:"]
    assert notes_of(rows, replace(CHECK, base_period="9")) == []


def test_a_visit_without_interview_or_consent_is_not_staying():
    rows = two_rounds(0, 0)
    is_lost = [arm == "t" and period == 2 and int(firm[1:]) < 10 for firm, arm, period in rows]
    status = ["closed" if lost else "done" for lost in is_lost]
    assert notes_of(rows, status=status) == []
    assert len(notes_of(rows, replace(CHECK, completed=("done",)), status=status)) == 1
    assert len(notes_of(rows, agreed=["0" if lost else "1" for lost in is_lost])) == 1


def test_those_without_an_interview_at_the_base_are_not_followed():
    rows = two_rounds(10, 0)
    status = ["refused" if arm == "t" and int(firm[1:]) < 10 else "done" for firm, arm, _ in rows]
    assert len(notes_of(rows, status=status)) == 1
    assert notes_of(rows, replace(CHECK, completed=("done",)), status=status) == []


def test_two_rows_of_an_enterprise_in_a_round_are_one():
    rows = two_rounds(4, 4)
    table = attrition(survey_of([*rows, *rows[:30]]), CHECK)
    assert table.loc[table["arm"] == "", ["n_expected", "n_left"]].values.tolist() == [[100, 8]]


def test_the_table_has_all_arms_and_each_with_its_interval():
    table = attrition(survey_of(two_rounds(4, 12)), CHECK)
    assert table["arm"].tolist() == ["", "control", "training"]
    assert table["n_left"].tolist() == [16, 12, 4]
    assert table["compared_with"].tolist() == ["", "", "control"]
    assert_allclose(table["difference"], [np.nan, np.nan, -0.16])
    expected = [proportion_confint(lost, n, 0.05, "wilson") for lost, n in ((16, 100), (12, 50), (4, 50))]
    assert_allclose(table[["share_low", "share_high"]], expected)


def test_arms_are_compared_with_the_comparison_where_it_is_named():
    rows = [*two_rounds(4, 12), *((f"a{i}", "all", p) for i in range(50) for p in (1, 2))]
    every = attrition(survey_of(rows), CHECK)
    named = attrition(survey_of(rows), replace(CHECK, comparison="training"))
    assert every["compared_with"].tolist() == ["", "", "all", "all", "control"]
    assert named["compared_with"].tolist() == ["", "training", "training", ""]


def covariates_of(rows, shift):
    """Size as of the first round; stayers of the training arm are larger by ``shift``."""
    rng = np.random.default_rng(5)
    size = {firm: rng.normal(10, 1) + shift * (arm == "t") for firm, arm, period in rows if period == 1}
    return [size[firm] for firm, _, _ in rows]


def test_stayers_who_differ_in_baseline_covariates_are_found():
    rows = two_rounds(5, 5)
    check = replace(CHECK, covariates=("size", "sector"))
    sector = [f"s{int(firm[1:]) % 3}" for firm, _, _ in rows]
    notes = notes_of(rows, check, size=covariates_of(rows, 1.0), sector=sector)
    assert len(notes) == 1
    assert notes[0].startswith(
        "period 2: of those who stayed, training and control differ in size, sector as of the base period (F(3, 86)"
    )
    assert notes_of(rows, check, size=covariates_of(rows, 0.0), sector=sector) == []


def test_the_note_counts_stayers_without_a_covariate():
    rows = two_rounds(5, 5)
    size = covariates_of(rows, 1.0)
    is_missing = [firm in {"t20", "t0"} for firm, _, _ in rows]
    size = [np.nan if gone else s for s, gone in zip(size, is_missing, strict=True)]
    (note,) = notes_of(rows, replace(CHECK, covariates=("size",)), size=size)
    assert note.endswith("; 1 of 90 rows left out for missing values)")


def test_a_joint_test_that_nobody_is_left_for_is_told():
    rows = two_rounds(5, 5)
    survey = survey_of(rows, size=[np.nan] * len(rows))
    found = shown(survey, check_attrition(survey, replace(CHECK, covariates=("size",))))
    assert found[["severity", "value_shown"]].values.tolist() == [
        [
            "info",
            "period 2: whether those who stayed in training and control differ in size as of the base period "
            "could not be tested (90 of 90 rows left out for missing values)",
        ]
    ]


@pytest.mark.parametrize("arm", ["", "t"])
def test_without_two_arms_the_overall_rate_is_told_and_accuses_nobody(arm):
    rows = [(firm, arm, period) for firm, _, period in two_rounds(4, 12)]
    survey = survey_of(rows)
    found = shown(survey, check_attrition(survey, replace(CHECK, covariates=("size",))))
    assert found[["severity", "value_shown", "message"]].values.tolist() == [
        [
            "info",
            "period 2: 16.0% of 100 left (95% interval 10.1% to 24.4%); fewer than two arms are known, so none "
            "were compared",
            "for information",
        ]
    ]


def test_covariates_are_those_of_the_base_period():
    rows = two_rounds(5, 5)
    size = [
        s + 50 * (arm == "t" and period == 2)
        for s, (_, arm, period) in zip(covariates_of(rows, 0.0), rows, strict=True)
    ]
    assert notes_of(rows, replace(CHECK, covariates=("size",)), size=size) == []


def test_the_joint_test_is_that_of_least_squares():
    rng = np.random.default_rng(0)
    covariates = rng.normal([0, 5, 100], size=(80, 3))
    arm = rng.random(80) < 0.4
    fit = sm.OLS(arm.astype(float), sm.add_constant(covariates)).fit()
    found = joint_test(covariates, arm, np.arange(80).astype(str), ("a", "b"))
    assert_allclose([found.statistic, found.p_value], [fit.fvalue, fit.f_pvalue], rtol=1e-10)
    assert (found.df, found.df_residual) == (3, 76)


def test_covariates_that_say_the_same_count_once_and_constant_ones_not_at_all():
    rng = np.random.default_rng(1)
    one, arm, unit = rng.normal(size=(40, 1)), rng.random(40) < 0.5, np.arange(40).astype(str)
    more = np.column_stack([one, 3 * one + 1, np.ones(40)])
    first, second = (joint_test(c, arm, unit, ("a", "b")) for c in (one, more))
    assert (first.df, second.df) == (1, 1)
    assert_allclose(first.p_value, second.p_value, rtol=1e-8)
    for covariates, is_second in ((np.ones((40, 1)), arm), (one, np.ones(40, dtype=bool))):
        assert np.isnan(joint_test(covariates, is_second, unit, ("a", "b")).p_value)


def test_rows_without_a_covariate_are_left_out_of_the_joint_test_and_counted():
    rng = np.random.default_rng(3)
    covariates, arm, unit = rng.normal(size=(60, 2)), rng.random(60) < 0.5, np.arange(60).astype(str)
    covariates[:7, 1] = np.nan
    found = joint_test(covariates, arm, unit, ("a", "b"))
    whole = joint_test(covariates[7:], arm[7:], unit[7:], ("a", "b"))
    assert (found.n_rows, found.n_left_out, whole.n_left_out) == (60, 7, 0)
    assert (found.statistic, found.df_residual) == (whole.statistic, whole.df_residual)


def test_the_joint_test_keeps_its_size_with_skewed_covariates():
    """Where the arm is drawn by lot; sandwich variances reject about four times as often here."""
    rng = np.random.default_rng(2)
    n_draws, rejected = 800, 0
    unit = np.arange(90).astype(str)
    for _ in range(n_draws):
        arm = rng.permutation(90) < 30
        rejected += joint_test(np.exp(rng.normal(size=(90, 4))), arm, unit, ("a", "b")).p_value < 0.05
    assert abs(rejected / n_draws - 0.05) < 4 * np.sqrt(0.05 * 0.95 / n_draws)


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [("t1", "t", 1)],
        [(None, "t", 1), ("c1", None, 2)],
        [("t1", "", 1), ("t1", "", None)],
    ],
)
def test_it_never_raises(rows):
    check = replace(CHECK, covariates=("size", "sector"))
    assert notes_of(rows, check) == []
    assert set(attrition(survey_of(rows), check)["n_left"]) <= {0}


def test_findings_stand_on_the_table():
    survey = survey_of(two_rounds(4, 12))
    found = shown(survey, check_attrition(survey, CHECK))
    assert found[["source_row", "unit_id", "column", "severity"]].values.tolist() == [[0, "", "", "warning"]]


@settings(max_examples=8, deadline=None)
@given(st.randoms(use_true_random=False))
def test_the_order_of_rows_is_no_matter(random):
    rows = two_rounds(4, 12)
    size = covariates_of(rows, 1.0)
    order = list(range(len(rows)))
    random.shuffle(order)
    check = replace(CHECK, covariates=("size",))
    found = notes_of(rows, check, size=size)
    assert len(found) == 2
    assert found == notes_of([rows[i] for i in order], check, size=[size[i] for i in order])
