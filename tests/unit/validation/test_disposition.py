"""Every sampled enterprise has one final code in every round."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from impacteval.checks.rounds import Disposition
from impacteval.closed import OptionError
from impacteval.delivery import Roles
from impacteval.validation.disposition import check_disposition
from support.linked import linked, places, said, shuffled, told

CHECK = Disposition(
    kind="disposition", id="d", table="frame", contacts="visits", final=("complete", "closed", "refused"),
    interim=("call back",), closed=("closed",), outcomes=("sales",), interviews="firms",
)  # fmt: skip
ROLES = {
    "frame": Roles(unit="firm"),
    "visits": Roles(unit="firm", period="round", status="result"),
    "firms": Roles(unit="firm", period="round"),
}
COLUMNS = {"frame": ("firm",), "visits": ("firm", "round", "result"), "firms": ("firm", "round", "sales")}
VARIABLES = {"round": {"type": "integer"}, "sales": {"type": "decimal"}}


def visit(unit="F1", period="1", result="complete"):
    return {"firm": unit, "round": period, "result": result}


def answer(unit="F1", period="1", sales=""):
    return {"firm": unit, "round": period, "sales": sales}


def survey_of(frame, visits, firms=()):
    rows = {"frame": [{"firm": unit} for unit in frame], "visits": list(visits), "firms": list(firms)}
    return linked(rows, ROLES, columns=COLUMNS, variables=VARIABLES)


def places_of(frame, visits, firms=(), check=CHECK):
    survey = survey_of(frame, visits, firms)
    return places(survey, check_disposition(survey, check))


def test_one_final_code_a_round_passes():
    visits = [visit(result="call back"), visit(), visit(period="2", result="refused")]
    assert places_of(["F1"], visits) == []


def test_a_round_without_a_final_code_stands_with_the_frame():
    survey = survey_of(["F1", "F2"], [visit(), visit(period="2"), visit("F2", result="call back")])
    failures = check_disposition(survey, CHECK)
    assert places(survey, failures) == [("frame", 3, "error")]
    assert "no final code in round 1, 2" in said(survey, failures)[0]


def test_rounds_that_nobody_was_visited_in_may_be_declared():
    check = replace(CHECK, periods=(1, 2, 3))
    survey = survey_of(["F1"], [visit()])
    assert "no final code in round 2, 3" in said(survey, check_disposition(survey, check))[0]


def test_a_frame_with_rounds_expects_its_own():
    roles = {**ROLES, "frame": Roles(unit="firm", period="round")}
    rows = {
        "frame": [{"firm": "F1", "round": "1"}, {"firm": "F2", "round": "2"}],
        "visits": [visit(), visit("F2", "1")],
    }
    survey = linked(rows, roles, variables=VARIABLES)
    assert places(survey, check_disposition(survey, replace(CHECK, outcomes=(), interviews=""))) == [
        ("frame", 3, "error")
    ]


def test_two_final_codes_are_listed_both():
    assert places_of(["F1"], [visit(), visit(result="refused")]) == [
        ("visits", 2, "error"),
        ("visits", 3, "error"),
    ]


@pytest.mark.parametrize(
    ("result", "why"), [("", "no code"), ("lost", "neither a final nor an interim code")]
)
def test_an_unknown_code_is_an_error(result, why):
    survey = survey_of(["F1"], [visit(), visit(result=result)])
    failures = check_disposition(survey, CHECK)
    assert places(survey, failures) == [("visits", 3, "error")]
    assert why in said(survey, failures)[0]


@pytest.mark.parametrize(
    ("rule", "sales", "n"),
    [("missing", "", 0), ("missing", "0", 1), ("zero", "0", 0), ("zero", "", 1), ("zero", "7", 1)],
)
def test_outcomes_of_closed_enterprises_are_as_declared(rule, sales, n):
    check = replace(CHECK, closed_outcomes=rule)
    found = places_of(["F1"], [visit(result="closed")], [answer(sales=sales), answer("F2", sales="5")], check)
    assert found == [("firms", 2, "error")] * n


def test_zeros_of_closed_enterprises_must_stand_somewhere():
    check = replace(CHECK, closed_outcomes="zero")
    assert places_of(["F1"], [visit(result="closed")], [], check) == [("visits", 2, "error")]
    assert places_of(["F1"], [visit(result="closed")], []) == []


def test_outcomes_may_stand_with_the_visits():
    roles = {"frame": Roles(unit="firm"), "visits": ROLES["visits"]}
    rows = {"frame": [{"firm": "F1"}], "visits": [{**visit(result="closed"), "sales": "3"}]}
    survey = linked(rows, roles, variables=VARIABLES)
    assert places(survey, check_disposition(survey, replace(CHECK, interviews=""))) == [
        ("visits", 2, "error")
    ]


def test_interviews_may_be_their_own_frame():
    roles = {"firms": Roles(unit="firm", period="round", status="result")}
    rows = {"firms": [visit(), visit(period="2"), visit("F2")]}
    survey = linked(rows, roles, variables=VARIABLES)
    check = Disposition(
        kind="disposition", id="d", table="firms", contacts="firms", final=("complete",), periods=(1, 2)
    )
    assert places(survey, check_disposition(survey, check)) == [("firms", 4, "error")]


@pytest.mark.parametrize(
    ("frame", "visits", "n"),
    [
        ([], [], 0),
        (["F1"], [], 0),
        ([], [visit()], 0),
        ([""], [visit("", "")], 0),
        (["F1"], [visit("F2")], 1),
    ],
)
def test_it_does_not_raise_on_poor_data(frame, visits, n):
    assert len(places_of(frame, visits)) == n


def test_options_that_do_not_fit_are_refused():
    with pytest.raises(OptionError, match="final is empty"):
        replace(CHECK, final=(), closed=())
    with pytest.raises(OptionError, match="'gone' of closed is not in final"):
        replace(CHECK, closed=("gone",))
    with pytest.raises(OptionError, match="'closed' is final and interim"):
        replace(CHECK, interim=("closed",))
    with pytest.raises(OptionError, match="outcomes without closed"):
        replace(CHECK, closed=())


VISITS = st.lists(
    st.builds(
        visit,
        st.sampled_from(["F1", "F2", ""]),
        st.sampled_from(["1", "2", ""]),
        st.sampled_from(["complete", "closed", "call back", "", "x"]),
    ),
    max_size=15,
)
ANSWERS = st.lists(
    st.builds(answer, st.sampled_from(["F1", "F2"]), st.sampled_from("12"), st.sampled_from(["", "0", "4"])),
    max_size=15,
)


@settings(max_examples=8, deadline=None)
@given(st.lists(st.sampled_from(["F1", "F2", "F3", ""]), max_size=15), VISITS, ANSWERS, st.integers(0, 99))
def test_row_order_changes_nothing(frame, visits, firms, seed):
    survey = survey_of(frame, visits, firms)
    mixed = shuffled(survey, seed)
    check = replace(CHECK, closed_outcomes="zero")
    assert told(survey, check_disposition(survey, check)) == told(mixed, check_disposition(mixed, check))
