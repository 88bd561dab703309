"""Shares by enumerator, batteries without listening, enumerator effects and the dashboard."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.anova import anova_lm

from impacteval.checks.enumerators import BackCheck, EnumeratorEffect, Gate, Heaping, StraightLine
from impacteval.checks.fieldwork import Duration, Overlap
from impacteval.closed import OptionError
from impacteval.validation.durations import check_duration
from impacteval.validation.enumerator_dashboard import DASHBOARD, enumerator_dashboard
from impacteval.validation.enumerator_effects import (
    Answers,
    check_enumerator_effect,
    cramers_v,
    enumerator_effects,
    intraclass_correlation,
    permutation_p,
)
from impacteval.validation.enumerators import (
    FUNCTIONS,
    check_gate,
    check_heaping,
    check_straight_line,
    is_round,
    shares_by,
)
from impacteval.validation.finding import findings_of
from impacteval.validation.labels import enumerators_of, labels_of
from impacteval.validation.overlaps import check_overlap
from impacteval.validation.seeds import rng_of
from support.interviews import in_other_order, interviews, rows_said, said, with_back_checks

ITEMS = tuple(f"q{i}" for i in range(8))
LINE = StraightLine(kind="straight_line", id="s", table="firms", items=ITEMS, reversed=("q7",))
HEAPING = Heaping(kind="heaping", id="h", table="firms", columns=("sales",))
GATE = Gate(kind="gate", id="g", table="firms", column="loans", skipping=("no",))
EFFECT = EnumeratorEffect(kind="enumerator_effect", id="e", table="firms", outcome="sales")
NUMBERS = {"sales": "decimal", "costs": "decimal", **dict.fromkeys(ITEMS, "integer")}


def battery(*rows: str) -> dict[str, list[str]]:
    """Answers of one digit to the items, a row a text; a dot is no answer."""
    return {item: [row[i].replace(".", "") for row in rows] for i, item in enumerate(ITEMS)}


def by_enumerator(**answers: str) -> dict[str, list[str]]:
    """Enumerators E1, E2 ... and the answers of each, a word an interview."""
    who = [name for name, words in answers.items() for _ in words.split()]
    return {"enumerator": who, "sales": [word for words in answers.values() for word in words.split()]}


def test_the_same_answer_to_all_items_is_found_and_one_other_answer_is_enough_to_pass():
    found = said(
        check_straight_line, interviews(3, battery("44444444", "44444445", "33333333"), types=NUMBERS), LINE
    )
    assert found["source_row"].tolist() == [2, 4]
    assert "all 8 answers are the same" in found["message"][0]


@pytest.mark.parametrize(("row", "is_found"), [("4444444.", False), ("444444.4", False), ("........", False)])
def test_too_few_answers_or_none_to_a_reversed_item_are_no_straight_line(row, is_found):
    assert bool(rows_said(check_straight_line, interviews(1, battery(row), types=NUMBERS), LINE)) is is_found


def test_nine_items_of_which_one_is_not_answered_are_enough():
    columns = {**battery("44444444"), "q8": [""]}
    check = replace(LINE, items=(*ITEMS, "q8"))
    assert rows_said(
        check_straight_line, interviews(1, columns, types={**NUMBERS, "q8": "integer"}), check
    ) == [2]


def test_choices_in_words_can_be_a_straight_line():
    columns = {item: ["agree", "agree"] for item in ITEMS} | {"q3": ["agree", "no"]}
    assert rows_said(check_straight_line, interviews(2, columns), LINE) == [2]


def test_pairs_contradict_after_reversing_when_they_differ_by_more_than_the_limit():
    check = replace(LINE, pairs=(("q0", "q7"), ("q0", "q1")), lowest=1.0, highest=5.0, limit=2.0)
    survey = interviews(4, battery("52345615", "13345613", "1.34561.", "15345615"), types=NUMBERS)
    found = said(check_straight_line, survey, check)
    assert found["source_row"].tolist() == [2, 5], "5 and 6-5 differ by 4; 1 and 6-3 by 2; 1 and 5 by 4"
    assert "2 pairs of items contradict" in found["message"][0]
    assert "a pair of items contradicts" in found["message"][1]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"items": ITEMS[:7], "reversed": ("q0",)}, "at least 8"),
        ({"reversed": ()}, "at least one"),
        ({"reversed": ("q9",)}, "one of the items"),
        ({"pairs": (("q0", "q1"),)}, "lowest, highest and limit"),
        ({"pairs": (("q0", "z"),), "lowest": 1.0, "highest": 5.0, "limit": 2.0}, "both must be items"),
    ],
)
def test_a_battery_that_cannot_be_judged_is_refused(change, words):
    with pytest.raises(OptionError, match=words):
        replace(LINE, **change)


def test_numbers_with_one_significant_digit_are_round_and_no_others():
    amounts = np.array([3e6, 1, 0.3, -700, 9e15, 0.004, 3.2e6, 11, 0.25, 101, 999_999_999])
    assert is_round(amounts).tolist() == [True] * 6 + [False] * 5


def test_an_enumerator_with_rounder_amounts_is_named_and_others_are_not():
    columns = by_enumerator(E1="1234 " * 40, E2="1234 " * 30 + "1000 " * 10, E3="2000 " * 20)
    found = said(check_heaping, interviews(100, columns, types=NUMBERS), HEAPING)
    # Survey share .3; errors sqrt(.3 * .7 / n); E3: (1 - .3) / .1025 = 6.8; E2 (.25 - .3) below.
    assert found["value_shown"].tolist() == [
        "enumerator E3: 100% of 20 amounts have one significant digit, in the survey 30% (z = 6.8)"
    ]
    assert found[["source_row", "severity", "column"]].to_numpy().tolist() == [[0, "info", "sales"]]


def test_zeros_and_missing_amounts_are_not_amounts_and_fourteen_are_too_few():
    columns = by_enumerator(E1="1234 " * 100, E2="1000 " * 14 + "0 0 0")
    survey = interviews(117, columns, types=NUMBERS)
    assert said(check_heaping, survey, HEAPING).empty
    assert len(said(check_heaping, survey, replace(HEAPING, least=14))) == 1


def test_a_confidential_enumerator_is_a_running_number():
    columns = by_enumerator(Ani="1234 " * 40, Budi="2000 " * 20)
    survey = interviews(60, columns, types=NUMBERS, hidden=("enumerator",))
    found = said(check_heaping, survey, HEAPING)
    assert found["value_shown"][0].startswith("enumerator [confidential] 2: 100% of 20")
    assert not any(name in found.to_string() for name in ("Ani", "Budi"))
    assert set(enumerators_of(survey.tables["firms"])) == {"[confidential] 1", "[confidential] 2"}


def test_share_error_and_z_are_binomial_under_the_survey_share():
    who = pd.Series(["a"] * 25 + ["b"] * 75, dtype="str")
    hits = np.array([True] * 15 + [False] * 10 + [True] * 5 + [False] * 70)
    found = shares_by(who, hits)
    assert found.loc["a"].tolist() == pytest.approx([25, 15, 0.6, np.sqrt(0.2 * 0.8 / 25), 5.0])


def test_an_enumerator_who_skips_a_module_more_than_others_is_named():
    columns = {
        "enumerator": ["E1"] * 50 + ["E2"] * 50,
        "loans": ["no"] * 49 + [""] + ["no"] * 25 + ["yes"] * 25,
    }
    found = said(check_gate, interviews(100, columns), GATE)
    assert found["value_shown"].tolist() == [
        "enumerator E1: 100% of 49 answers skip the module, in the survey 75% (z = 4.1)"
    ]


def test_gate_answers_that_are_numbers_are_compared_as_numbers():
    columns = {"enumerator": ["E1"] * 50 + ["E2"] * 50, "loans": ["0"] * 50 + ["0.0"] * 20 + ["1"] * 30}
    for kind in ("integer", "decimal"):
        survey = interviews(100, columns, types={"loans": kind})
        assert len(said(check_gate, survey, replace(GATE, skipping=(0,)))) == 1


def test_nobody_stands_out_where_all_or_none_skip():
    for answer in ("no", "yes"):
        survey = interviews(40, {"enumerator": ["E1", "E2"] * 20, "loans": [answer] * 40})
        assert said(check_gate, survey, GATE).empty


def draw_sales(rng, sizes, effects, *, noise=1.0):
    who = np.repeat(np.arange(len(sizes)), sizes)
    return who, rng.normal(size=len(who)) * noise + np.asarray(effects)[who]


def effect_survey(who, sales, **columns):
    cells = {"enumerator": [f"E{w:02d}" for w in who], "sales": [repr(float(v)) for v in sales]}
    return interviews(
        len(who), {**cells, **columns}, types=NUMBERS, arm_labels={"0": "control", "1": "treated"}
    )


def test_correlation_is_that_of_the_analysis_of_variance_of_statsmodels():
    who, sales = draw_sales(np.random.default_rng(3), [5, 9, 12, 4], [0, 1, -1, 2])
    table = anova_lm(smf.ols("y ~ C(e)", pd.DataFrame({"y": sales, "e": who})).fit())
    between, within = table["mean_sq"]
    n0 = (30 - (25 + 81 + 144 + 16) / 30) / 3
    found = enumerator_effects(effect_survey(who, sales), EFFECT)
    assert found["icc"][0] == pytest.approx((between - within) / (between + (n0 - 1) * within), rel=1e-9)


def test_net_of_balanced_cells_it_is_that_of_the_two_way_analysis_of_variance():
    rng = np.random.default_rng(4)
    who, cell = np.repeat(np.arange(5), 12), np.tile(np.repeat([0, 1, 2], 4), 5)
    sales = rng.normal(size=60) + 3 * cell + 0.8 * who
    table = anova_lm(smf.ols("y ~ C(c) + C(e)", pd.DataFrame({"y": sales, "e": who, "c": cell})).fit())
    between, within = table.loc["C(e)", "mean_sq"], table.loc["Residual", "mean_sq"]
    survey = effect_survey(who, sales, stratum=[f"s{c}" for c in cell])
    found = enumerator_effects(survey, EFFECT)
    assert found["icc"][0] == pytest.approx((between - within) / (between + 11 * within), rel=1e-9)


def test_correlation_of_a_textbook_table():
    """Six targets by four judges, one-way: Shrout and Fleiss (1979) print 0.17 for ICC(1,1)."""
    ratings = [9, 2, 5, 8, 6, 1, 3, 2, 8, 4, 6, 8, 7, 1, 2, 6, 10, 5, 6, 9, 6, 2, 4, 7]
    found = enumerator_effects(effect_survey(np.repeat(np.arange(6), 4), ratings), EFFECT)
    assert round(found["icc"][0], 2) == 0.17


def test_standard_error_of_a_mean_is_exact_under_independence():
    """The share of an enumerator's variance that cell means take off, against the residual maker itself."""
    who = np.array([0, 0, 0, 1, 1, 1, 1, 2, 2, 2])
    cell = np.array([0, 0, 1, 0, 1, 1, 1, 0, 1, 1])
    sales = np.random.default_rng(5).normal(size=10)
    found = enumerator_effects(
        effect_survey(who, sales, stratum=[f"s{c}" for c in cell]), replace(EFFECT, least=1)
    )
    cells = np.eye(2)[cell]
    maker = np.eye(10) - cells @ np.linalg.inv(cells.T @ cells) @ cells.T
    means = np.eye(3)[who].T / np.bincount(who)[:, None] @ maker
    both = np.hstack([cells, np.eye(3)[who]])
    within = np.sum((sales - both @ np.linalg.pinv(both) @ sales) ** 2)
    assert found["mean"].to_numpy() == pytest.approx(means @ sales, rel=1e-9)
    expected = np.sqrt(np.diag(means @ means.T) * within / (10 - 3 - 1))
    assert found["std_error"].to_numpy() == pytest.approx(expected, rel=1e-9)


def test_a_strong_effect_is_found_with_the_smallest_p():
    who, sales = draw_sales(np.random.default_rng(6), [20] * 6, [0, 0, 0, 0, 0, 4])
    found = said(check_enumerator_effect, effect_survey(who, sales), EFFECT)
    assert any("p = 0.001; 6 enumerators, 120 answers" in v for v in found["value_shown"])
    assert any(v.startswith("enumerator E05: the mean is +") for v in found["value_shown"])
    assert set(found["column"]) == {"sales"}


def test_effects_of_strata_are_not_those_of_enumerators():
    who, noise = draw_sales(np.random.default_rng(7), [20] * 6, [0] * 6)
    survey = effect_survey(who, noise + 10 * (who % 3), stratum=[f"s{w % 3}" for w in who])
    assert said(check_enumerator_effect, survey, EFFECT).empty
    assert not said(check_enumerator_effect, effect_survey(who, noise + 10 * (who % 3)), EFFECT).empty


def test_an_enumerator_alone_in_a_stratum_has_no_error_and_is_not_judged():
    who, sales = draw_sales(np.random.default_rng(8), [10, 10, 10], [0, 0, 50])
    survey = effect_survey(who, sales, stratum=["a"] * 20 + ["b"] * 10)
    found = enumerator_effects(survey, EFFECT)
    assert np.isnan(found["z"][2]) and np.isnan(found["std_error"][2])
    assert np.isfinite(found["z"][:2]).all()


def net_of(groups, values, n_cells=1):
    cell = np.arange(len(values)) * n_cells // len(values)
    order = np.lexsort((groups, cell))
    cell, groups, values = cell[order], groups[order], values[order]
    mean = np.bincount(cell, weights=values) / np.bincount(cell)
    names = tuple(f"E{i}" for i in range(groups.max() + 1))
    return Answers(residual=values - mean[cell], cell=cell, who=groups, names=names)


def test_p_is_uniform_where_nothing_depends_on_the_enumerator():
    """Rejections at 5, 20 and 50% within four Monte Carlo errors of their level."""
    rng = np.random.default_rng(9)
    n = 400
    p = []
    for _ in range(n):
        groups = rng.integers(0, 4, 24)
        groups[:4] = np.arange(4)
        p.append(permutation_p(net_of(groups, rng.exponential(size=24), n_cells=2), 199, rng))
    for level in (0.05, 0.2, 0.5):
        error = np.sqrt(level * (1 - level) / n)
        assert abs(np.mean(np.array(p) <= level) - level) < 4 * error


def test_p_is_that_of_all_permutations_up_to_its_monte_carlo_error():
    """Two enumerators of two answers each: of the three splits of 1 2 5 9 one has the largest statistic."""
    answers = net_of(np.array([0, 0, 1, 1]), np.array([1.0, 2.0, 5.0, 9.0]))
    draws = 4999
    assert abs(permutation_p(answers, draws, np.random.default_rng(10)) - 1 / 3) < 4 * np.sqrt(2 / 9 / draws)


def test_permutations_stay_within_cells():
    """Each enumerator has a cell of her own: every permutation is the observed one."""
    answers = net_of(np.array([0, 0, 1, 1]), np.array([1.0, 2.0, 5.0, 9.0]), n_cells=2)
    assert permutation_p(answers, 99, np.random.default_rng(11)) == 1


@pytest.mark.parametrize(
    ("who", "sales"),
    [([0] * 6, [1, 2, 3, 4, 5, 6]), ([0, 1, 2], [1, 2, 3]), ([0, 0, 1, 1], [0.1, 0.1, 0.1, 0.1]), ([], [])],
)
def test_an_undefined_correlation_is_missing_and_no_finding(who, sales):
    survey = effect_survey(who, sales)
    found = enumerator_effects(survey, EFFECT)
    assert found["icc"].isna().all() and found["p_value"].isna().all()
    assert said(check_enumerator_effect, survey, EFFECT).empty


def test_answers_without_value_or_enumerator_are_left_out():
    columns = {"enumerator": ["E1", "E1", "", "E2", "E2"], "sales": ["1", "", "3", "4", "6"]}
    assert enumerator_effects(interviews(5, columns, types=NUMBERS), EFFECT)["n_interviews"].tolist() == [
        1,
        2,
    ]


def test_a_mean_of_few_answers_is_not_shown():
    who, sales = draw_sales(np.random.default_rng(12), [4, 20, 20], [9, 0, 0])
    found = enumerator_effects(effect_survey(who, sales), EFFECT)
    assert found[["mean", "std_error", "z"]].isna().all(axis=1).tolist() == [True, False, False]


def test_cramers_v_is_that_of_scipy_and_its_correction_that_of_bergsma():
    counts = np.array([[10.0, 20.0, 5.0], [15.0, 8.0, 12.0]])
    plain, corrected = cramers_v(counts)
    assert plain == pytest.approx(
        stats.contingency.association(counts.astype(int), method="cramer"), rel=1e-12
    )
    less = plain**2 - 2 / 69
    assert corrected == pytest.approx(np.sqrt(less / (2 - 1 / 69 - 1)), rel=1e-12)


def test_arms_given_to_one_enumerator_each_are_found_and_crossed_ones_are_not():
    who = np.repeat(np.arange(4), 10)
    sales = np.random.default_rng(13).normal(size=40)
    crossed = effect_survey(who, sales, arm=["0", "1"] * 20)
    assert said(check_enumerator_effect, crossed, EFFECT).empty
    apart = effect_survey(who, sales, arm=[str(w % 2) for w in who])
    found = said(check_enumerator_effect, apart, EFFECT)
    assert found[["column", "value_shown"]].to_numpy().tolist() == [
        ["enumerator", "Cramer's V of arm and enumerator is 1.00, corrected for chance 0.97"]
    ]


def test_many_enumerators_with_few_interviews_each_are_not_found_by_chance_alone():
    """Plain V is .5 on average here: 50 enumerators of 4 interviews, arms drawn by lot."""
    rng = np.random.default_rng(14)
    drawn = [cramers_v(np.array([k, 4 - k], dtype=float)) for k in rng.binomial(4, 0.5, (40, 50))]
    plain, corrected = np.array(drawn).T
    assert plain.mean() > 0.4
    assert np.mean(corrected >= EFFECT.cramers_v) < 0.1


@pytest.mark.parametrize("counts", [np.zeros((0, 0)), np.ones((1, 5)), np.ones((5, 1))])
def test_cramers_v_of_one_arm_or_one_enumerator_is_missing(counts):
    assert np.isnan(cramers_v(counts)).all()


def test_draws_that_cannot_reach_the_level_are_refused():
    with pytest.raises(OptionError, match=r"cannot fall below 0\.0101"):
        replace(EFFECT, draws=98)


def test_random_numbers_depend_on_names_only():
    assert rng_of("a", "b").random() == rng_of("a", "b").random()
    assert len({rng_of(*names).random() for names in (("a", "b"), ("b", "a"), ("ab",), ("a",))}) == 4


@pytest.mark.parametrize(
    ("kind", "cells", "labels"),
    [
        ("integer", ["7", "007", "", "123456789012345"], ["7", "7", "", "123456789012345"]),
        ("decimal", ["7.0", "0.10", "", "1e20"], ["7", "0.1", "", "1" + 20 * "0"]),
        ("text", [" a", "a ", "", "7.0"], ["a", "a", "", "7.0"]),
    ],
)
def test_labels_are_the_same_wherever_values_mean_the_same(kind, cells, labels):
    survey = interviews(4, {"loans": cells}, types={"loans": kind})
    assert labels_of(survey.tables["firms"], "loans").tolist() == labels


SHARE_CHECKS = {StraightLine: LINE, Heaping: HEAPING, Gate: GATE, EnumeratorEffect: replace(EFFECT, draws=99)}


def one_of_each(n_rows, **columns):
    blank = {name: [""] * n_rows for name in ("sales", "loans", *ITEMS)}
    return interviews(n_rows, {**blank, **columns}, types=NUMBERS)


@pytest.mark.parametrize("kind", SHARE_CHECKS)
@pytest.mark.parametrize("n_rows", [0, 1, 3])
def test_tables_without_values_have_no_findings(kind, n_rows):
    assert said(FUNCTIONS[kind], one_of_each(n_rows), SHARE_CHECKS[kind]).empty


ROW = st.tuples(
    st.sampled_from(["E1", "E2", "E3"]),
    st.sampled_from(["100", "123", "7", ""]),
    st.sampled_from(["no", "yes"]),
)


@settings(max_examples=6, deadline=None)
@given(
    st.lists(ROW, min_size=2, max_size=12).flatmap(
        lambda rows: st.tuples(st.just(rows), st.permutations(range(len(rows))))
    )
)
def test_findings_do_not_depend_on_the_order_of_rows(drawn):
    rows, order = drawn
    columns = {
        "enumerator": [r[0] for r in rows],
        "sales": [r[1] for r in rows],
        "loans": [r[2] for r in rows],
    }
    survey = one_of_each(len(rows), **columns, **{item: [str(len(r[1])) for r in rows] for item in ITEMS})
    loose = {
        StraightLine: LINE,
        Heaping: replace(HEAPING, least=1, standard_errors=0.0),
        Gate: replace(GATE, least=1, standard_errors=0.0),
        EnumeratorEffect: replace(EFFECT, draws=99, icc=0.0, p=1.0, least=1, standard_errors=0.0),
    }
    for kind, check in loose.items():
        moved = in_other_order(survey, order)
        pd.testing.assert_frame_equal(
            said(FUNCTIONS[kind], survey, check), said(FUNCTIONS[kind], moved, check)
        )


def dashboard_survey():
    start = ["2023-05-02T09:00:00", "2023-05-02T09:30:00", "2023-05-03T09:00:00", "2023-05-04T09:00:00", ""]
    end = ["2023-05-02T10:00:00", "2023-05-02T10:30:00", "2023-05-03T10:00:00", "2023-05-04T09:10:00", ""]
    columns = {
        "enumerator": ["E2", "E2", "E1", "E1", ""],
        "start": start,
        "end": end,
        "sales": ["1000", "2345", "-98", "", "5"],
        "founded": ["1998", "1999", "2000", "2001", "2002"],
        **battery("44444444", "12345123", "12345123", "1234512.", "44444444"),
    }
    survey = interviews(5, columns, types={**NUMBERS, "founded": "integer"})
    again = {"firm": ["F000", "F001", "F002"], "founded": ["1998", "1990", "2000"]}
    return with_back_checks(survey, again, {"founded": "integer"})


CHECKS = (
    Duration(kind="duration", id="d", table="firms"),
    HEAPING,
    LINE,
    Overlap(kind="overlap", id="o", table="firms"),
    BackCheck(kind="back_check", id="b", table="firms", back_checks="again", stable=("founded",)),
)


def dashboard_findings(survey):
    failures = [
        *check_overlap(survey, CHECKS[3]),
        *check_straight_line(survey, LINE),
        *check_duration(survey, CHECKS[0]),
    ]
    return findings_of(survey, failures)


def test_dashboard_has_a_row_for_each_enumerator_with_what_was_found():
    survey = dashboard_survey()
    found = enumerator_dashboard(survey, "firms", dashboard_findings(survey), checks=CHECKS)
    assert tuple(found.columns) == DASHBOARD
    one, two = found.to_dict("records")
    assert (one["enumerator"], two["enumerator"]) == ("E1", "E2")
    assert (two["n_interviews"], two["first_day"], two["last_day"]) == (2, "2023-05-02", "2023-05-02")
    assert (one["first_day"], one["last_day"], one["median_minutes"]) == ("2023-05-03", "2023-05-04", 35)
    assert (one["short_share"], two["short_share"]) == (0.5, 0)
    assert (one["n_overlaps"], two["n_overlaps"]) == (0, 2)
    assert (one["straight_line_share"], two["straight_line_share"]) == (0, 0.5)
    assert two["round_share"] == 0.5
    assert (one["n_findings"], two["n_findings"]) == (1, 3)
    assert (one["back_check_error_rate"], two["back_check_error_rate"]) == (0, 0.5)
    assert two["missing_share"] == 0
    assert one["missing_share"] == pytest.approx((0 + 2 / 10) / 2)


def test_dashboard_counts_open_findings_only():
    survey = dashboard_survey()
    findings = dashboard_findings(survey)
    findings["status"] = "accepted"
    found = enumerator_dashboard(survey, "firms", findings, checks=CHECKS)
    assert found["n_findings"].tolist() == [0, 0]


def test_dashboard_leaves_open_what_no_check_asks_for():
    survey = dashboard_survey()
    found = enumerator_dashboard(survey, "firms", findings_of(survey, []))
    assert found[["short_share", "round_share", "back_check_error_rate"]].isna().all(axis=None)
    assert found["median_minutes"].tolist() == [35, 60]


def test_dashboard_of_a_table_without_enumerators_or_rows_is_empty():
    survey = interviews(0, {"sales": []}, types=NUMBERS)
    found = enumerator_dashboard(survey, "firms", findings_of(survey, []))
    assert found.empty and tuple(found.columns) == DASHBOARD
    blank = interviews(2, {"enumerator": ["", ""]})
    assert enumerator_dashboard(blank, "firms", findings_of(blank, [])).empty


def test_dashboard_masks_confidential_enumerators():
    survey = interviews(3, {"enumerator": ["Citra", "Ani", "Ani"]}, hidden=("enumerator",))
    found = enumerator_dashboard(survey, "firms", findings_of(survey, []))
    assert found[["enumerator", "n_interviews"]].to_numpy().tolist() == [
        ["[confidential] 1", 2],
        ["[confidential] 2", 1],
    ]


def test_dashboard_does_not_depend_on_the_order_of_rows():
    survey = dashboard_survey()
    wanted = enumerator_dashboard(survey, "firms", dashboard_findings(survey), checks=CHECKS)
    moved = in_other_order(survey, [3, 1, 4, 0, 2])
    pd.testing.assert_frame_equal(
        wanted, enumerator_dashboard(moved, "firms", dashboard_findings(moved), checks=CHECKS)
    )


def test_correlation_ignores_the_scale_of_the_outcome():
    who, sales = draw_sales(np.random.default_rng(15), [6, 6, 6], [0, 1, 2])
    assert intraclass_correlation(net_of(who, sales)) == pytest.approx(
        intraclass_correlation(net_of(who, sales * 1e6)), rel=1e-12
    )


def nested_answers(n_strata, rng, icc=0.2, n_each=20):
    """Two enumerators in each stratum, who work nowhere else."""
    who = np.repeat(np.arange(2 * n_strata), n_each)
    cell = who // 2
    value = np.sqrt(icc) * rng.normal(size=2 * n_strata)[who] + np.sqrt(1 - icc) * rng.normal(size=len(who))
    residual = value - pd.Series(value).groupby(cell).transform("mean").to_numpy()
    names = tuple(f"E{i:02}" for i in range(2 * n_strata))
    return value, Answers(residual=residual, cell=cell, who=who, names=names)


def test_correlation_of_enumerators_nested_in_strata_is_that_of_the_analysis_of_variance():
    """Bug: enumerators of one stratum were given degrees of freedom that the stratum's mean had taken."""
    value, answers = nested_answers(6, np.random.default_rng(3))
    frame = pd.DataFrame({"y": value, "cell": answers.cell, "who": answers.who})
    cells, both = (smf.ols(f"y ~ {terms}", frame).fit() for terms in ("C(cell)", "C(who)"))
    df = cells.df_resid - both.df_resid
    between, within = (cells.ssr - both.ssr) / df, both.ssr / both.df_resid
    n0 = 20 * 0.5 * 12 / df  # Two of 20 in a stratum of 40: each keeps 20 - 20 * 20 / 40.
    assert intraclass_correlation(answers) == pytest.approx(
        (between - within) / (between + (n0 - 1) * within)
    )


def test_correlation_of_nested_enumerators_is_right_on_average():
    rng = np.random.default_rng(8)
    found = [intraclass_correlation(nested_answers(10, rng)[1]) for _ in range(200)]
    assert (
        abs(np.mean(found) - 0.2) < 4 * np.std(found) / np.sqrt(200) + 0.02
    )  # A ratio of variances is biased by about -.015.
