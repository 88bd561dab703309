"""Survey, assignment and training register agree."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from impacteval.checks.links import AssignmentFrozen, ExposureOrder, RegisterLink
from impacteval.closed import OptionError
from impacteval.delivery import Roles
from impacteval.validation.register import (
    check_assignment_frozen,
    check_exposure_order,
    check_register_link,
)
from support.linked import found, linked, places, said, shuffled, told

FROZEN = AssignmentFrozen(
    kind="assignment_frozen",
    id="a",
    table="firms",
    other="assigned",
    columns=("cohort",),
    other_columns=("wave",),
)
REGISTER = RegisterLink(
    kind="register_link", id="r", table="register", other="assigned", treated=("training",)
)
ORDER = ExposureOrder(
    kind="exposure_order", id="x", table="firms", last_baseline=1, training="register", trained_on="day",
    start_used="start", attended="came", offered="held", participants="people", employment="employed",
)  # fmt: skip
ROLES = {
    "firms": Roles(unit="firm", period="round", arm="arm", stratum="stratum", start="visited"),
    "assigned": Roles(unit="firm", arm="group", stratum="stratum"),
    "register": Roles(unit="firm"),
}
DAY = {"type": "date", "format": "%Y-%m-%d"}
VARIABLES = {
    "round": {"type": "integer"}, "employed": {"type": "integer"}, "came": {"type": "integer"},
    "held": {"type": "integer"}, "people": {"type": "integer"}, "visited": DAY, "start": DAY, "day": DAY,
}  # fmt: skip
COLUMNS = {
    "firms": ("firm", "round", "arm", "stratum", "cohort", "visited", "start", "employed"),
    "assigned": ("firm", "group", "stratum", "wave"),
    "register": ("firm", "day", "came", "held", "people"),
}
LABELS = {"1": "training", "0": "control"}


def firm(unit="F1", period="1", **changes):
    days = {"visited": "2024-01-10" if period == "1" else "2024-06-10", "start": "2024-03-01"}
    return {
        "firm": unit,
        "round": period,
        "arm": "1",
        "stratum": "s",
        "cohort": "2",
        **days,
        "employed": "10",
        **changes,
    }


def assigned(unit="F1", **changes):
    return {"firm": unit, "group": "1", "stratum": "s", "wave": "2", **changes}


def came(unit="F1", **changes):
    return {"firm": unit, "day": "2024-02-20", "came": "3", "held": "4", "people": "2", **changes}


def survey_of(firms=(), plan=(), register=(), **options):
    tables = {"firms": list(firms), "assigned": list(plan), "register": list(register)}
    variables = {**VARIABLES, **options.pop("variables", {})}
    return linked(tables, ROLES, columns=COLUMNS, variables=variables, arm_labels=LABELS, **options)


def frozen(firms, plan, check=FROZEN):
    survey = survey_of(firms, plan)
    return places(survey, check_assignment_frozen(survey, check))


def test_rows_as_assigned_pass_in_every_round():
    assert frozen([firm(), firm(period="2")], [assigned()]) == []


def test_arms_are_compared_by_name():
    assert frozen([firm(arm="training")], [assigned()]) == []


@pytest.mark.parametrize(
    "changes", [{"arm": "0"}, {"arm": ""}, {"stratum": "t"}, {"cohort": "3"}, {"cohort": ""}]
)
def test_a_row_that_is_not_as_assigned_is_an_error(changes):
    assert frozen([firm(), firm(period="2", **changes)], [assigned()]) == [("firms", 3, "error")]


def test_an_enterprise_that_was_not_assigned_is_an_error():
    survey = survey_of([firm(), firm("F9")], [assigned()])
    failures = check_assignment_frozen(survey, FROZEN)
    assert places(survey, failures) == [("firms", 3, "error")]
    assert "not in assigned" in said(survey, failures)[0]


def test_an_enterprise_has_exactly_one_arm_in_the_assignment():
    assert frozen([firm()], [assigned(), assigned(group="0")]) == [("assigned", 3, "error")]
    assert frozen([], [assigned(), assigned()]) == []
    assert frozen([], [assigned(group="")]) == [("assigned", 2, "error")]


def test_rows_without_a_unit_are_left_to_other_checks():
    assert frozen([firm("")], [assigned("", group="")]) == []


def test_what_was_assigned_is_not_told():
    survey = survey_of([firm(stratum="t")], [assigned(stratum="secret")])
    assert "secret" not in repr(found(survey, check_assignment_frozen(survey, FROZEN)))


def registered(plan, register, check=REGISTER):
    survey = survey_of((), plan, register)
    return places(survey, check_register_link(survey, check))


def test_register_and_assignment_that_agree_pass():
    assert registered([assigned(), assigned("F2", group="0")], [came(), came()]) == []


def test_a_register_row_of_an_unknown_enterprise_is_an_error():
    assert registered([assigned()], [came(), came("F9")]) == [("register", 3, "error")]


def test_those_who_never_came_are_listed_and_change_no_arm():
    survey = survey_of((), [assigned(), assigned("F2"), assigned("F3")], [came()])
    failures = check_register_link(survey, REGISTER)
    assert places(survey, failures) == [("assigned", 3, "info"), ("assigned", 4, "info")]
    assert "no-show: 2 of 3 assigned to training never attended" in said(survey, failures)[0]
    assert {f.suggestion for f in found(survey, failures)} == {
        "keep the arm that was assigned; the report gives the number"
    }


def test_those_who_came_without_being_assigned_are_a_warning():
    survey = survey_of((), [assigned(), assigned("F2", group="0")], [came(), came("F2")])
    failures = check_register_link(survey, REGISTER)
    assert places(survey, failures) == [("assigned", 3, "warning")]
    assert "contamination: 1 of 1 not assigned to training attended" in said(survey, failures)[0]


def test_severities_of_both_may_be_chosen():
    check = replace(REGISTER, no_show="warning", contamination="error")
    plan = [assigned(), assigned("F2", group="0")]
    assert registered(plan, [came("F2")], check) == [("assigned", 2, "warning"), ("assigned", 3, "error")]


@pytest.mark.parametrize(("number", "n"), [("0", 1), ("", 1), ("1", 0)])
def test_attendance_may_be_a_number(number, n):
    check = replace(REGISTER, attended="came")
    assert len(registered([assigned()], [came(came=number)], check)) == n


def test_attendance_may_be_a_word():
    check = replace(REGISTER, attended="day", attended_values=("yes",))
    survey = survey_of(
        (),
        [assigned(), assigned("F2")],
        [came(day="yes"), came("F2", day="no")],
        variables={"day": {"type": "text"}},
    )
    assert places(survey, check_register_link(survey, check)) == [("assigned", 3, "info")]


def test_an_enterprise_without_an_arm_is_neither_no_show_nor_contamination():
    assert registered([assigned(group=""), assigned("F2", group="")], [came()]) == []


def test_an_enterprise_stands_once_though_it_has_many_rows():
    assert registered([assigned(), assigned()], []) == [("assigned", 2, "info")]


def ordered(firms, register=(), check=ORDER):
    survey = survey_of(firms or [firm(), firm(period="2")], (), register or [came()])
    return places(survey, check_exposure_order(survey, check))


def test_interviews_and_training_in_order_pass():
    assert ordered([firm(), firm(period="2"), firm("F2")]) == []


@pytest.mark.parametrize(("day", "n"), [("2024-02-19", 0), ("2024-02-20", 1), ("2024-02-21", 1)])
def test_the_baseline_lies_before_the_first_training(day, n):
    register = [came(day="2024-02-25"), came(), came(day="")]
    assert ordered([firm(visited=day), firm(period="2")], register) == [("firms", 2, "error")] * n


@pytest.mark.parametrize(("day", "n"), [("2024-03-02", 0), ("2024-03-01", 1), ("2024-02-01", 1)])
def test_later_interviews_lie_after_the_start(day, n):
    assert ordered([firm(), firm(period="2", visited=day)]) == [("firms", 3, "error")] * n


def test_without_a_start_the_first_training_is_the_start():
    check = replace(ORDER, start_used="")
    assert ordered([firm(), firm(period="2", visited="2024-02-21")], check=check) == []
    assert ordered([firm(), firm(period="2", visited="2024-02-20")], check=check) == [("firms", 3, "error")]


@pytest.mark.parametrize(("day", "n"), [("2024-02-20", 0), ("2024-02-19", 1)])
def test_training_begins_by_the_start_used_and_is_said_once_an_enterprise(day, n):
    rows = [firm(start=day), firm(period="2", start=day)]
    assert ordered(rows) == [("firms", 2, "error")] * n


def test_the_finding_says_by_how_many_days():
    survey = survey_of([firm(visited="2024-02-23")], (), [came()])
    assert (
        "baseline interview 3 days after the first training"
        in said(survey, check_exposure_order(survey, ORDER))[0]
    )


def test_untrained_enterprises_and_unknown_days_are_not_compared():
    assert ordered([firm("F2", visited="2024-12-31", start=""), firm(visited="")]) == []
    assert ordered([firm("", visited="2024-12-31")], [came("")]) == []


def test_hours_do_not_count_and_days_are_those_of_the_place():
    times = {"type": "datetime", "format": "%Y-%m-%dT%H:%M:%S"}
    survey = survey_of([firm(visited="2024-02-19T23:59:00")], (), [came()], variables={"visited": times})
    assert places(survey, check_exposure_order(survey, ORDER)) == []


def test_no_more_modules_than_held_and_participants_than_employed():
    register = [
        came(came="4", people="10"),
        came(came="5"),
        came(people="11"),
        came("F9", people="99"),
        came(held=""),
    ]
    assert ordered([], register) == [("register", 3, "error"), ("register", 4, "error")]


def test_the_largest_employment_of_any_round_counts():
    assert ordered([firm(), firm(period="2", employed="30")], [came(people="30")]) == []


def test_options_without_their_other_half_are_refused():
    with pytest.raises(OptionError, match="attended needs offered"):
        replace(ORDER, offered="")
    with pytest.raises(OptionError, match="participants needs employment"):
        replace(ORDER, employment="")
    with pytest.raises(OptionError, match="treated is empty"):
        replace(REGISTER, treated=())
    with pytest.raises(OptionError, match="attended_values without attended"):
        replace(REGISTER, attended_values=("yes",))


UNITS = st.sampled_from(["F1", "F2", "F3", ""])
ARMS = st.sampled_from(["1", "0", ""])
DAYS = st.sampled_from(["2024-01-01", "2024-03-01", "2024-06-01", ""])
FIRMS = st.lists(
    st.builds(lambda u, p, a, d: firm(u, p, arm=a, visited=d), UNITS, st.sampled_from("12"), ARMS, DAYS),
    max_size=15,
)
PLANS = st.lists(st.builds(lambda u, a: assigned(u, group=a), UNITS, ARMS), max_size=15)
REGISTERS = st.lists(st.builds(lambda u, d: came(u, day=d), UNITS, DAYS), max_size=15)


@settings(max_examples=8, deadline=None)
@given(FIRMS, PLANS, REGISTERS, st.integers(0, 99))
def test_row_order_changes_nothing_and_nothing_raises(firms, plan, register, seed):
    survey = survey_of(firms, plan, register)
    mixed = shuffled(survey, seed)
    for function, check in (
        (check_assignment_frozen, FROZEN),
        (check_register_link, REGISTER),
        (check_exposure_order, ORDER),
    ):
        assert told(survey, function(survey, check)) == told(mixed, function(mixed, check))
