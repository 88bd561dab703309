"""Blocks of amounts that another enterprise, or an earlier round, has too."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from impacteval.checks.amounts import CopiedAmounts
from impacteval.closed import OptionError
from impacteval.delivery import Roles
from impacteval.validation.copied_amounts import check_copied_amounts
from support.interviews import in_other_order, rows_said, said
from support.surveys import make_survey
from support.tables import variable

AMOUNTS = ("sales", "costs", "wages")
CHECK = CopiedAmounts(kind="copied_amounts", id="copied", table="firms", columns=AMOUNTS)
KEY = {"unit": "firm", "period": "round"}
OTHER = ["1", "2", "3"]
BLOCK = ["1234", "567.8", "90"]


def survey_of(rows, *, confidential="no", roles=None):
    """A survey of rows, each an enterprise, a round and the three amounts."""
    names = ("firm", "round", *AMOUNTS)
    columns = {name: [row[i] for row in rows] for i, name in enumerate(names)}
    book = [variable("firm"), variable("round", "integer")]
    book += [variable(a, "decimal", confidential=confidential) for a in AMOUNTS]
    return make_survey({"firms": columns}, book, {"firms": roles or Roles(**KEY)})[0]


def test_amounts_of_their_own_pass():
    survey = survey_of([["F1", "1", *BLOCK], ["F2", "1", *OTHER], ["F1", "2", "1235", "567.8", "90"]])
    assert said(check_copied_amounts, survey, CHECK).empty


def test_amounts_of_another_enterprise_are_found_in_both():
    survey = survey_of([["F1", "1", *BLOCK], ["F2", "1", *OTHER], ["F3", "2", *BLOCK]])
    found = said(check_copied_amounts, survey, CHECK)
    assert found[["source_row", "severity", "column"]].to_numpy().tolist() == [
        [2, "warning", "sales+costs+wages"],
        [4, "warning", "sales+costs+wages"],
    ]
    assert "all 3 amounts are those of another enterprise: firms.csv, row 4" in found.loc[0, "message"]
    assert "firms.csv, row 2" in found.loc[1, "message"]


def test_each_finding_names_the_rows_that_it_is_about():
    rows = [["F1", "1", *BLOCK], ["F1", "2", *BLOCK], ["F2", "1", *OTHER], ["F3", "1", *OTHER]]
    (found,) = check_copied_amounts(survey_of(rows), CHECK)
    assert dict(zip(found.rows.tolist(), found.partners, strict=True)) == {1: (0,), 2: (3,), 3: (2,)}


def test_amounts_of_an_earlier_round_are_found_in_the_later_one():
    rows = [["F1", "3", *BLOCK], ["F1", "1", *BLOCK], ["F1", "2", *BLOCK], ["F2", "1", *OTHER]]
    found = said(check_copied_amounts, survey_of(rows), CHECK)
    assert found["source_row"].tolist() == [2, 4]
    assert "the same enterprise in an earlier round: firms.csv, row 4" in found.loc[0, "message"]
    assert "the same enterprise in an earlier round: firms.csv, row 3" in found.loc[1, "message"]


def test_two_rows_of_an_enterprise_in_one_round_are_left_to_the_check_of_keys():
    assert said(check_copied_amounts, survey_of([["F1", "1", *BLOCK]] * 2), CHECK).empty


def test_rows_without_an_enterprise_are_enterprises_of_their_own():
    survey = survey_of([["", "1", *BLOCK], ["", "1", *BLOCK]])
    assert rows_said(check_copied_amounts, survey, CHECK) == [2, 3]


def test_the_last_digit_counts():
    rows = [["F1", "1", "1234567890123.1", "2", "3"], ["F2", "1", "1234567890123.2", "2", "3"]]
    assert said(check_copied_amounts, survey_of(rows), CHECK).empty
    rows[1][2] = "1234567890123.10"
    assert rows_said(check_copied_amounts, survey_of(rows), CHECK) == [2, 3]


@pytest.mark.parametrize(
    "block", [["5", "5", "7"], ["0", "5", "7"], ["", "5", "7"], ["0", "0", "0"], ["", "", ""]]
)
def test_blocks_with_too_few_different_amounts_say_nothing(block):
    survey = survey_of([["F1", "1", *block], ["F2", "1", *block]])
    assert said(check_copied_amounts, survey, CHECK).empty


def test_missing_amounts_are_missing_in_both_and_fewer_amounts_may_be_asked_for():
    check = replace(CHECK, least=2)
    survey = survey_of([["F1", "1", "", "5", "7"], ["F2", "1", "", "5", "7"], ["F3", "1", "0", "5", "7"]])
    assert rows_said(check_copied_amounts, survey, check) == [2, 3]


def test_only_those_named_in_among_are_compared():
    rows = [["F1", "1", *BLOCK], ["F1", "2", *BLOCK], ["F2", "1", *OTHER], ["F3", "1", *OTHER]]
    survey = survey_of(rows)
    assert rows_said(check_copied_amounts, survey, replace(CHECK, least=3, among=("rounds",))) == [3]
    assert rows_said(check_copied_amounts, survey, replace(CHECK, among=("enterprises",))) == [4, 5]


def test_without_rounds_enterprises_are_compared():
    survey = survey_of([["F1", "", *BLOCK], ["F2", "", *BLOCK]], roles=Roles(unit="firm"))
    assert rows_said(check_copied_amounts, survey, replace(CHECK, among=("enterprises",))) == [2, 3]
    assert replace(CHECK, among=("enterprises",)).roles_needed == ("unit",)
    assert CHECK.roles_needed == ("unit", "period")


def test_rows_of_which_the_round_is_not_known_copy_no_earlier_round():
    survey = survey_of([["F1", "1", *BLOCK], ["F1", "", *BLOCK]])
    assert said(check_copied_amounts, survey, CHECK).empty


def test_interviews_without_consent_are_not_compared():
    names = ("firm", "round", "agreed", *AMOUNTS)
    rows = [["F1", "1", "no", *BLOCK], ["F2", "1", "yes", *BLOCK]]
    columns = {name: [row[i] for row in rows] for i, name in enumerate(names)}
    book = [variable("firm"), variable("round", "integer"), variable("agreed")]
    book += [variable(a, "decimal") for a in AMOUNTS]
    roles = {"firms": Roles(**KEY, consent="agreed", consent_given=("yes",))}
    survey = make_survey({"firms": columns}, book, roles)[0]
    assert said(check_copied_amounts, survey, CHECK).empty


def test_confidential_amounts_are_masked():
    survey = survey_of([["F1", "1", *BLOCK], ["F2", "1", *BLOCK]], confidential="yes")
    shown = said(check_copied_amounts, survey, CHECK)[["value_shown", "message", "suggestion"]]
    assert len(shown) == 2
    assert not shown.apply(lambda column: column.str.contains("567")).to_numpy().any()


def test_no_rows_are_no_findings():
    assert said(check_copied_amounts, survey_of([]), CHECK).empty


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"columns": ("sales", "costs")}, "2 columns: at least 3 are needed"),
        ({"columns": ("sales", "sales", "costs")}, "'sales' stands twice"),
        ({"least": 0}, "least 0: 1 or more"),
        ({"among": ()}, "among is empty"),
    ],
)
def test_checks_that_can_find_nothing_are_refused(options, message):
    with pytest.raises(OptionError, match=message):
        replace(CHECK, **options)


def by_loops(rows):
    """Rows found by comparing all pairs."""
    found = set()
    for i, one in enumerate(rows):
        for j, other in enumerate(rows):
            if i == j or one[2:] != other[2:] or len(set(one[2:]) - {"0", ""}) < 3:
                continue
            if one[0] != other[0] or one[1] > other[1]:
                found.add(i + 2)
    return sorted(found)


CELLS = st.tuples(st.sampled_from(["F1", "F2", "F3"]), st.sampled_from(["1", "2"])).flatmap(
    lambda key: st.lists(st.sampled_from(["0", "1", "2", "3"]), min_size=3, max_size=3).map(
        lambda b: [*key, *b]
    )
)


@settings(max_examples=40)
@given(rows=st.lists(CELLS, min_size=1, max_size=10), seed=st.integers(0, 99))
def test_findings_are_those_of_all_pairs_in_any_order(rows, seed):
    survey = survey_of(rows)
    found = said(check_copied_amounts, survey, CHECK)
    assert found["source_row"].tolist() == by_loops(rows)
    mixed = in_other_order(survey, np.random.default_rng(seed).permutation(len(rows)))
    assert said(check_copied_amounts, mixed, CHECK).equals(found)
