"""Questions that are not answered, often or not alike in both arms, are found."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from impacteval.checks.response import ItemNonResponse
from impacteval.delivery import Roles
from impacteval.validation.non_response import check_item_non_response
from support.statistics import about, firms_survey, notes_on_whole, rows_of, shown
from support.surveys import in_table
from support.tables import variable

PROFIT = variable(
    "profit", "decimal", missing_codes=("-99=dont_know", "-98=refused", "-97=not_applicable", "-96")
)
VARIABLES = (PROFIT, variable("exports", "category"), variable("agreed", "category"))
CHECK = ItemNonResponse(**about("item_non_response"), columns=("profit",))


def notes_of(profit, check=CHECK, variables=VARIABLES, roles=None, **columns):
    n = len(profit)
    whole = {"exports": ["yes"] * n, "agreed": ["1"] * n, "profit": profit, **columns}
    said = roles or Roles(unit="firm", period="round", arm="arm")
    failures = check_item_non_response(firms_survey(whole, variables, said), check)
    assert rows_of(failures) == []
    return notes_on_whole(failures)


def test_more_than_a_tenth_of_answers_missing_is_found_and_a_tenth_is_not():
    assert notes_of([None] + [1] * 9) == []
    assert notes_of([None, -99, -98, -96] + [1] * 16) == [
        "period 1: 20.0% of 20 rows without an answer (1 empty, 1 do not know, 1 refused, 1 another code)"
    ]


def test_cells_that_cannot_be_read_are_counted_apart():
    """Bug: a cell that could not be read was counted as empty."""
    told = "period 1: 2 cells cannot be read and count as answered"
    assert notes_of(["many", "few"] + [1] * 18) == [told]
    assert notes_of(["many", "few", None] + [1] * 7) == [told]
    assert notes_of(["many", "few", None] + [1] * 6) == [
        "period 1: 11.1% of 9 rows without an answer (1 empty)",
        told,
    ]


def test_arms_are_not_compared_on_cells_that_cannot_be_read():
    profit = ["?"] * 30 + [1] * 30 + [1] * 60
    notes = notes_of(profit, arm=["t"] * 60 + ["c"] * 60)
    assert notes == ["period 1: 30 cells cannot be read and count as answered"]


def test_words_and_dashes_for_nothing_are_empty_and_not_unreadable():
    written = (replace(PROFIT, format="id"), *VARIABLES[1:])
    assert notes_of(["-", "tidak tahu"] + [1] * 8, variables=written) == [
        "period 1: 20.0% of 10 rows without an answer (1 empty, 1 do not know)"
    ]


def test_each_round_is_judged_by_itself():
    profit = [None] * 2 + [1] * 8 + [1] * 10 + [None] * 3 + [1] * 7
    notes = notes_of(profit, round=[1] * 10 + [2] * 10 + [3] * 10)
    assert len(notes) == 1
    assert notes[0].startswith("period 1: 20.0%") and "; period 3: 30.0% of 10" in notes[0]


def test_rows_in_which_the_question_did_not_apply_are_not_counted():
    """One of nine that remain is more than a tenth, one of ten is not."""
    assert notes_of([None] + [1] * 9) == []
    assert len(notes_of([None, -97] + [1] * 8)) == 1
    relevant = (replace(PROFIT, relevant="${exports} = 'yes'"), *VARIABLES[1:])
    assert notes_of([None] * 5 + [1] * 9, exports=["no"] * 5 + ["yes"] * 9, variables=relevant) == []
    assert len(notes_of([None] * 5 + [1] * 9, variables=relevant)) == 1


def test_a_condition_that_cannot_be_evaluated_holds_everywhere():
    odd = (replace(PROFIT, relevant="pulldata('x', 'y')"), *VARIABLES[1:])
    assert len(notes_of([None] * 5 + [1] * 5, variables=odd)) == 1


def test_rows_without_consent_are_not_counted():
    roles = Roles(unit="firm", period="round", consent="agreed", consent_given=("1",))
    assert notes_of([None] * 5 + [1] * 9, agreed=["0"] * 5 + ["1"] * 9, roles=roles) == []
    assert len(notes_of([None] * 5 + [1] * 9, roles=roles)) == 1


def arms_of(treated, control, n=60):
    """Answers of two arms of n rows each, so many of them missing."""
    profit = [None] * treated + [1] * (n - treated) + [None] * control + [1] * (n - control)
    return {"profit": profit, "arm": ["t"] * n + ["c"] * n}


def test_arms_that_differ_are_found_with_their_shares():
    check = replace(CHECK, threshold=1.0)
    notes = notes_of(**arms_of(20, 5), check=check)
    assert notes == [
        "period 1: 33.3% in training and 8.3% in control without an answer, p = 0.00075 after Holm over 1 comparisons"
    ]
    assert notes_of(**arms_of(8, 5), check=check) == []


def test_differences_are_judged_for_how_many_columns_are_compared():
    """A p-value of 0.03 alone is 0.12 among four columns."""
    check = replace(CHECK, threshold=1.0)
    assert len(notes_of(**arms_of(14, 5), check=check)) == 1
    names = ("profit", "a", "b", "d")
    others = {name: [1] * 120 for name in names[1:]}
    more = (*VARIABLES, *(variable(name, "decimal") for name in others))
    assert notes_of(**arms_of(14, 5), **others, check=replace(check, columns=names), variables=more) == []


def test_several_rows_of_an_enterprise_are_not_independent():
    """The same 120 rows, all of an enterprise alike: 6 and 2 of 12 enterprises do not answer."""
    check = replace(CHECK, threshold=1.0)
    assert len(notes_of(**arms_of(30, 10), check=check)) == 1
    rows = arms_of(30, 10)
    assert notes_of(**rows, firm=[f"f{i // 5}" for i in range(120)], check=check) == []


def test_findings_stand_on_the_column():
    survey = firms_survey({"profit": [None, 1], "exports": ["yes"] * 2, "agreed": ["1"] * 2}, VARIABLES)
    found = shown(survey, check_item_non_response(survey, CHECK))
    assert found[["column", "source_row", "severity"]].values.tolist() == [["profit", 0, "warning"]]


@pytest.mark.parametrize("roles", [Roles(), Roles(unit="firm"), None])
@pytest.mark.parametrize("profit", [[], [1], [-97, -97]])
def test_it_never_raises(profit, roles):
    assert notes_of(profit, roles=roles) == []


@settings(max_examples=8, deadline=None)
@given(st.randoms(use_true_random=False))
def test_the_order_of_rows_is_no_matter(random):
    rows = arms_of(20, 5)
    firm = [f"f{i // 2}" for i in range(120)]
    order = list(range(120))
    random.shuffle(order)
    shuffled = {c: [v[i] for i in order] for c, v in {**rows, "firm": firm}.items()}
    assert notes_of(**rows, firm=firm) == notes_of(**shuffled)
    assert notes_of(**rows, firm=firm) != []


def test_arms_of_the_enterprise_hold_for_its_workers():
    wage = variable("wage", "decimal")
    survey = firms_survey(
        {"exports": ["yes"] * 40, "arm": ["t", "c"] * 20},
        (variable("exports"), *in_table("workers", variable("firm"), variable("round", "integer"), wage)),
        workers={
            "firm": [f"f{i % 40}" for i in range(120)],
            "round": [1] * 120,
            "wage": [None if i % 2 == 0 and i % 3 else 5 for i in range(120)],
        },
    )
    check = replace(CHECK, table="workers", columns=("wage",), threshold=1.0)
    notes = notes_on_whole(check_item_non_response(survey, check))
    assert len(notes) == 1 and "66.7% in training and 0.0% in control" in notes[0]
