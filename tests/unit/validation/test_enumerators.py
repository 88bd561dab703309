"""Shares by enumerator: rounded amounts and skipped modules, and what checks of enumerators share."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from impacteval.checks.enumerators import EnumeratorEffect, Gate, Heaping, StraightLine
from impacteval.validation.enumerators import (
    FUNCTIONS,
    check_gate,
    check_heaping,
    is_round,
    shares_by,
)
from impacteval.validation.labels import enumerators_of
from support.enumerators import EFFECT, GATE, HEAPING, ITEMS, LINE, NUMBERS, by_enumerator
from support.interviews import in_other_order, interviews, said


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


def clustered(n_enumerators=20, n_interviews=15, n_amounts=5, *, seed):
    """Amounts of interviews in which some round all and others none, whoever asks."""
    rng = np.random.default_rng(seed)
    style = rng.beta(0.5, 0.5, (n_enumerators, n_interviews, 1))
    hits = rng.random((n_enumerators, n_interviews, n_amounts)) < style
    who = np.repeat([f"e{i:02d}" for i in range(n_enumerators)], n_interviews * n_amounts)
    interview = np.repeat(np.arange(n_enumerators * n_interviews), n_amounts)
    return pd.Series(who, dtype="str"), hits.ravel(), interview


def test_amounts_of_one_interview_that_are_alike_count_as_less_than_as_many():
    """Enumerators who differ by chance alone vary as their error says, and more than amounts by themselves do."""
    naive, clustered_z = [], []
    for seed in range(60):
        who, hits, interview = clustered(seed=seed)
        naive.append(shares_by(who, hits)["z"])
        clustered_z.append(shares_by(who, hits, interview=interview)["z"])
    sd, naive_sd = np.std(np.concatenate(clustered_z)), np.std(np.concatenate(naive))
    # Of 1,200 z scores: four standard errors of a standard deviation are 4 / sqrt(2 * 1,200).
    assert sd == pytest.approx(np.sqrt(19 / 20), abs=4 / np.sqrt(2400))
    assert naive_sd > 1.6


def test_the_error_of_clustered_amounts_is_that_of_interviews_when_all_of_one_are_alike():
    """With amounts of an interview all the same, 10 interviews of 4 amounts are 10 answers."""
    hits = np.repeat([True, False] * 10, 4)
    who = pd.Series(["a"] * 40 + ["b"] * 40, dtype="str")
    found = shares_by(who, hits, interview=np.repeat(np.arange(20), 4))
    assert found["std_error"].tolist() == pytest.approx([np.sqrt(0.25 / 10)] * 2)
    assert found["n"].tolist() == [40, 40]


def test_amounts_that_are_no_more_alike_within_interviews_keep_the_binomial_error():
    hits = np.tile([True, False], 40)
    who = pd.Series(["a"] * 40 + ["b"] * 40, dtype="str")
    found = shares_by(who, hits, interview=np.repeat(np.arange(20), 4))
    assert found["std_error"].tolist() == pytest.approx([np.sqrt(0.25 / 40)] * 2)


def test_an_interview_an_enumerator_counts_as_one_answer_of_each():
    who = pd.Series(["a"] * 4 + ["b"] * 4, dtype="str")
    hits = np.array([True, False] * 4)
    found = shares_by(who, hits, interview=np.repeat([0, 1], 4))
    assert found["std_error"].tolist() == pytest.approx([0.5, 0.5])


def test_amounts_of_several_columns_are_of_their_interview():
    """20 interviews of E2 are all round in all three columns: 60 amounts, but no more than 20 answers."""
    one = by_enumerator(E1="1234 1000 " * 20, E2="1000 " * 20)
    columns = {**one, "profit": one["sales"], "costs": one["sales"]}
    types = {**NUMBERS, "profit": "decimal", "costs": "decimal"}
    check = replace(HEAPING, columns=("sales", "profit", "costs"))
    found = said(check_heaping, interviews(60, columns, types=types), check)
    assert found["value_shown"].tolist() == [
        "enumerator E2: 100% of 60 amounts have one significant digit, in the survey 67% (z = 3.2)"
    ]


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
