"""Sums, accounts and shares: rows that pass, rows that fail, and what is said of them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from impacteval.checks.amounts import AddsUp, Balance, Components, Shares
from impacteval.closed import OptionError
from impacteval.delivery import Roles
from impacteval.validation.amounts import adds_up_fails, balance_fails, components_fails, shares_fail
from support.surveys import findings_in, make_survey, rows_found
from support.tables import variable

pytestmark = pytest.mark.usefixtures("great_expectations")
SUM = AddsUp(kind="adds_up", id="sum", table="firms", whole="workers", parts=("women", "men"))
ACCOUNTS = Balance(
    kind="balance", id="profit", table="firms", result="profit", plus=("sales",), minus=("costs",)
)
COSTS = Components(
    kind="components", id="costs", table="firms", total="costs", components=("wages", "energy")
)
BLOCK = Shares(kind="shares", id="shares", table="firms", columns=("local", "export"))


def survey_of(columns, *, roles=None, confidential=(), type_="decimal"):
    variables = [
        variable(c, "integer" if c == "round" else type_, confidential="yes" if c in confidential else "no")
        for c in columns
    ]
    return make_survey({"firms": columns}, variables, {"firms": roles or Roles()})


def said_of(survey, check):
    return findings_in(survey, check)["message"].tolist()


# -- adds_up ------------------------------------------------------------------------------------------
def test_parts_must_sum_to_the_whole_where_all_are_given():
    columns = {"workers": ["10", "10", "10", ""], "women": ["4", "4", "", "4"], "men": ["6", "2", "2", "2"]}
    assert rows_found(survey_of(columns), SUM) == [3]


def test_how_far_a_sum_is_off_is_said_unless_a_part_is_confidential():
    columns = {"workers": ["50", "50"], "women": ["30", "30"], "men": ["2", "29"]}
    said = said_of(survey_of(columns), SUM)
    assert said == [
        "the parts do not add up to the whole: the parts sum to 18 too little",
        "the parts do not add up to the whole: the parts sum to 9 too much",
    ]
    hidden = said_of(survey_of(columns, confidential={"men"}), SUM)
    assert hidden == ["the parts do not add up to the whole"] * 2


def test_tolerance_of_a_sum_is_inclusive():
    columns = {"workers": ["10", "10"], "women": ["4", "4"], "men": ["5", "3.5"]}
    tolerant = AddsUp(
        kind="adds_up", id="sum", table="firms", whole="workers", parts=("women", "men"), tolerance=1
    )
    assert rows_found(survey_of(columns), tolerant) == [3]


def test_decimals_that_sum_as_decimals_do_pass():
    columns = {"workers": ["0.3"], "women": ["0.1"], "men": ["0.2"]}
    assert rows_found(survey_of(columns), SUM) == []


@given(
    parts=st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)), min_size=1, max_size=20),
    off=st.integers(1, 10**6),
    seed=st.integers(0, 2**32 - 1),
)
def test_verdict_on_a_row_does_not_depend_on_other_rows(parts, off, seed):
    women, men = np.array(parts, dtype=float).T
    wrong = np.random.default_rng(seed).random(len(parts)) < 0.5
    frame = pd.DataFrame({"workers": women + men + off * wrong, "women": women, "men": men})
    order = np.random.default_rng(seed).permutation(len(parts))
    assert adds_up_fails(frame, SUM, Roles()).tolist() == wrong.tolist()
    assert adds_up_fails(frame.iloc[order], SUM, Roles()).tolist() == wrong[order].tolist()


# -- balance and components ---------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("sales", "profit", "fails"),
    [
        ("1000e6", "200e6", False),
        ("1000e6", "210e6", False),  # one per cent of sales
        ("1000e6", "210.1e6", True),
        ("1000e6", "900e6", True),
        ("801e6", "2e6", False),  # a million is allowed even where it is much of the profit
        ("801e6", "10e6", True),
        ("", "900e6", False),
    ],
)
def test_result_must_be_what_the_accounts_give_within_the_larger_tolerance(sales, profit, fails):
    columns = {"sales": [sales], "costs": ["800e6"], "profit": [profit]}
    assert rows_found(survey_of(columns), ACCOUNTS) == ([2] if fails else [])


def test_accounts_are_a_warning_that_says_by_how_much():
    columns = {"sales": ["1000e6"], "costs": ["800e6"], "profit": ["900e6"]}
    found = findings_in(survey_of(columns), ACCOUNTS).iloc[0]
    assert found["severity"] == "warning"
    assert found["code"] == "C22"
    assert (
        found["message"]
        == "the accounts do not balance: the accounts give a profit of 700,000,000 too little"
    )
    assert found["column"] == "profit+sales+costs"


def test_tolerance_of_accounts_is_a_share_of_the_declared_base():
    frame = pd.DataFrame({"sales": [1e9], "costs": [8e8], "profit": [2.2e8], "assets": [5e9]})
    by_assets = Balance(
        kind="balance",
        id="b",
        table="firms",
        result="profit",
        plus=("sales",),
        minus=("costs",),
        base="assets",
    )
    assert balance_fails(frame, ACCOUNTS, Roles()).tolist() == [True]
    assert balance_fails(frame, by_assets, Roles()).tolist() == [False]


def test_components_may_come_to_little_more_than_their_total_and_missing_ones_count_as_nothing():
    columns = {
        "costs": ["100", "100", "100", "", "100"],
        "wages": ["61", "62", "", "70", "102"],
        "energy": ["40", "40", "90", "70", ""],
    }
    assert rows_found(survey_of(columns), COSTS) == [3, 6]


# -- shares -------------------------------------------------------------------------------------------
def test_shares_of_a_whole_sum_to_a_hundred_and_lie_within_it():
    columns = {
        "local": ["60", "60", "110", "60", "100.5", ""],
        "export": ["40", "38.9", "-10", "41", "0", "20"],
    }
    assert rows_found(survey_of(columns), BLOCK) == [3, 4, 6]


def test_percentages_that_are_no_whole_need_not_sum_to_a_hundred():
    check = Shares(kind="shares", id="s", table="firms", columns=("local", "export"), whole=False)
    columns = {"local": ["60", "101"], "export": ["60", "2"]}
    assert rows_found(survey_of(columns), check) == [3]


def test_block_written_from_0_to_1_is_one_finding_and_no_finding_a_row():
    columns = {"local": ["0.6"] * 20, "export": ["0.4"] * 20}
    found = findings_in(survey_of(columns), BLOCK)
    assert found["value_shown"].tolist() == ["local, export: written from 0 to 1"]
    assert found["severity"].tolist() == ["warning"]


def test_rounds_that_disagree_about_the_scale_are_an_error():
    columns = {
        "round": ["1"] * 10 + ["2"] * 11,
        "local": ["0.6"] * 10 + ["60"] * 10 + ["70"],
        "export": ["0.4"] * 9 + ["0.3"] + ["40"] * 11,
    }
    found = findings_in(survey_of(columns, roles=Roles(period="round")), BLOCK)
    whole = found[found["source_row"] == 0]
    assert whole["value_shown"].tolist() == [
        "local, export: written from 0 to 1 in round 1, from 0 to 100 in 2"
    ]
    assert whole["severity"].tolist() == ["error"]
    rows = found[found["source_row"] > 0]
    assert rows["source_row"].tolist() == [11, 22], "each row is judged on the scale of its round"


def test_a_few_small_shares_are_not_another_scale():
    columns = {"local": ["99.5"] * 9, "export": ["0.5"] * 9}
    check = Shares(kind="shares", id="s", table="firms", columns=("export",), whole=False)
    assert len(findings_in(survey_of(columns), check)) == 0


def test_share_of_small_values_that_makes_a_scale_can_be_set():
    values = np.array([0.5] * 9 + [50.0])
    frame = pd.DataFrame({"export": values})
    loose = Shares(kind="shares", id="s", table="firms", columns=("export",), whole=False, fraction=0.9)
    strict = Shares(kind="shares", id="s", table="firms", columns=("export",), whole=False)
    assert shares_fail(frame, loose, Roles()).tolist() == [False] * 9 + [True]
    assert not shares_fail(frame, strict, Roles()).any()


# -- edges --------------------------------------------------------------------------------------------
@pytest.mark.parametrize("n", [0, 1, 3])
def test_no_check_of_amounts_fails_where_nothing_is_given(n):
    columns = ("workers", "women", "men", "sales", "costs", "profit", "wages", "energy", "local", "export")
    survey = survey_of({c: [""] * n for c in (*columns, "round")}, roles=Roles(period="round"))
    assert len(findings_in(survey, SUM, ACCOUNTS, COSTS, BLOCK)) == 0


def test_columns_that_are_no_numbers_are_left_to_the_check_of_their_type():
    frame = pd.DataFrame(
        {c: ["x"] for c in ("workers", "women", "men", "costs", "wages", "energy")}, dtype="str"
    )
    assert not adds_up_fails(frame, SUM, Roles()).any()
    assert not components_fails(frame, COSTS, Roles()).any()


@pytest.mark.parametrize(
    ("type_", "changes", "message"),
    [
        (AddsUp, {"kind": "adds_up", "whole": "a", "parts": ()}, "parts is empty"),
        (AddsUp, {"kind": "adds_up", "whole": "a", "parts": ("b",), "tolerance": -1.0}, "tolerance -1: 0 or more"),
        (Balance, {"kind": "balance", "result": "a", "plus": (), "minus": ("b",)}, "plus is empty"),
        (Balance, {"kind": "balance", "result": "a", "plus": ("c",), "minus": (), "relative": 2.0}, "relative 2: between 0 and 1"),
        (Components, {"kind": "components", "total": "a", "components": ()}, "components is empty"),
        (Shares, {"kind": "shares", "columns": ()}, "columns is empty"),
        (Shares, {"kind": "shares", "columns": ("a",), "fraction": 1.5}, "fraction 1.5: between 0 and 1"),
    ],
)  # fmt: skip
def test_checks_that_judge_nothing_are_refused(type_, changes, message):
    with pytest.raises(OptionError, match=message):
        type_(id="c", table="firms", **changes)
