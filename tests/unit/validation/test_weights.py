"""Weights are whole and add up to the frame."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from impacteval.checks.frame import Weights
from impacteval.closed import OptionError
from impacteval.delivery import Roles
from impacteval.validation.weights import check_weights, kish_design_effect
from support.linked import linked, places, said, shuffled, told

CHECK = Weights(kind="weights", id="w", table="firms", frame="totals", total="n")
ROLES = {
    "firms": Roles(unit="firm", period="round", stratum="stratum", weight="weight", consent="agreed", consent_given=("yes",), status="result"),
    "totals": Roles(stratum="part"),
}  # fmt: skip
VARIABLES = {
    "round": {"type": "integer"},
    "weight": {"type": "decimal"},
    "panel": {"type": "decimal"},
    "n": {"type": "decimal"},
}
COLUMNS = {
    "firms": ("firm", "round", "stratum", "weight", "panel", "agreed", "result"),
    "totals": ("part", "round", "n"),
}
TOTALS = ({"part": "a", "n": "10"}, {"part": "b", "n": "20"})


def firm(unit, stratum="a", weight="5", period="1", **changes):
    row = {
        "firm": unit,
        "round": period,
        "stratum": stratum,
        "weight": weight,
        "panel": "",
        "agreed": "yes",
        "result": "complete",
    }
    return {**row, **changes}


SOUND = (firm("F1"), firm("F2"), firm("F3", "b", "20"))


def survey_of(rows, totals=TOTALS, roles=None, **changes):
    variables = {**VARIABLES, **changes}
    return linked({"firms": rows, "totals": totals}, roles or ROLES, columns=COLUMNS, variables=variables)


def found_in(rows, check=CHECK, totals=TOTALS, roles=None):
    survey = survey_of(rows, totals, roles)
    failures = check_weights(survey, check)
    return places(survey, failures), said(survey, failures)


def test_weights_that_add_up_pass():
    assert found_in(SOUND) == ([], [])


@pytest.mark.parametrize("weight", ["", "0", "-5"])
def test_an_interview_has_a_positive_weight(weight):
    where, messages = found_in((*SOUND, firm("F4", weight=weight)))
    assert where == [("firms", 5, "error")]
    assert ("no weight" if weight == "" else "not positive") in messages[0]


def test_who_was_not_interviewed_needs_none_and_does_not_count():
    assert (
        found_in((*SOUND, firm("F4", weight="", agreed="no"), firm("F5", weight="7", agreed="no")))[0] == []
    )
    refused = (*SOUND, firm("F4", weight="7", result="refused"))
    assert found_in(refused, replace(CHECK, completed=("complete",)))[0] == []
    assert found_in(refused)[0] == [("firms", 0, "error")]


@pytest.mark.parametrize(("weight", "n"), [("5.009", 0), ("5.02", 1), ("4.991", 0), ("4.98", 1)])
def test_sums_are_compared_within_a_thousandth(weight, n):
    assert len(found_in((firm("F1"), firm("F2", weight=weight), SOUND[2]))[0]) == n


def test_the_finding_says_stratum_round_and_ratio():
    messages = found_in((firm("F1", weight="14"), SOUND[2]))[1]
    assert "stratum a, round 1: weights add up to 1.4 times the frame" in messages[0]


def test_each_round_adds_up_by_itself():
    rows = (*SOUND, firm("F1", period="2", weight="9"), firm("F3", "b", "20", "2"))
    where, messages = found_in(rows)
    assert where == [("firms", 0, "error")]
    assert "stratum a, round 2: weights add up to 0.9 times the frame" in messages[0]


def test_a_stratum_of_only_one_side_is_an_error():
    assert "stratum b, round 1: no weighted interview" in found_in(SOUND[:2])[1][0]
    assert "stratum c, round 1: totals has no total above zero" in found_in((*SOUND, firm("F4", "c")))[1][0]


def test_totals_may_differ_between_rounds():
    roles = {**ROLES, "totals": Roles(stratum="part", period="round")}
    totals = [{"part": "a", "round": r, "n": n} for r, n in (("1", "10"), ("2", "12"))]
    rows = (firm("F1", weight="10"), firm("F1", period="2", weight="12"))
    assert found_in(rows, totals=totals, roles=roles)[0] == []
    assert found_in((*rows[:1], firm("F1", period="2", weight="10")), totals=totals, roles=roles)[0] == [
        ("firms", 0, "error")
    ]


def test_without_a_total_the_rows_of_the_frame_are_counted():
    frame = [{"part": "a"}] * 10 + [{"part": "b"}] * 20
    assert found_in(SOUND, replace(CHECK, total=""), frame)[0] == []


def test_without_strata_everything_adds_up_to_one_total():
    roles = {**ROLES, "totals": Roles()}
    assert found_in(SOUND, totals=({"n": "30"},), roles=roles)[0] == []
    assert (
        "round 1: weights add up to 0.5 times the frame"
        in found_in(SOUND, totals=({"n": "60"},), roles=roles)[1][0]
    )


def test_a_confidential_stratum_is_not_told():
    survey = survey_of((firm("F1", stratum="SECRET"), *SOUND), stratum={"confidential": "yes"})
    messages = said(survey, check_weights(survey, CHECK))
    assert messages
    assert "SECRET" not in repr(messages)


def test_design_effect_is_that_of_kish():
    weights = np.array([1.0, 1.0, 2.0, 4.0])
    assert kish_design_effect(weights) == pytest.approx(4 * 22 / 64, rel=1e-14)
    assert kish_design_effect(np.full(7, 3.0)) == pytest.approx(1 + 0.0, rel=1e-14)
    assert kish_design_effect(weights) == pytest.approx(1 + weights.var() / weights.mean() ** 2, rel=1e-14)


def test_unequal_weights_are_a_warning():
    rows = (*(firm(f"F{k}", weight="0.1") for k in range(10)), firm("G", weight="9"), SOUND[2])
    where, messages = found_in(rows, replace(CHECK, most_design_effect=5.0))
    assert where == [("firms", 0, "warning")]
    assert "design effect 6.41 in round 1" in messages[0]
    assert found_in(rows, replace(CHECK, most_design_effect=6.5))[0] == []


PANEL = replace(CHECK, panel_weight="panel")
MEMBERS = (*SOUND, *(firm(r["firm"], r["stratum"], r["weight"], "2", panel="3") for r in SOUND))


def test_panel_weights_of_members_pass_though_they_stand_in_one_round():
    assert found_in(MEMBERS, PANEL)[0] == []


def test_a_panel_weight_outside_the_panel_is_an_error():
    rows = (*MEMBERS, firm("F9", agreed="no", panel="3"))
    where, messages = found_in(rows, PANEL)
    assert where == [("firms", 8, "error")]
    assert "not interviewed in every round of the panel" in messages[0]


def test_a_member_without_a_panel_weight_is_an_error_once():
    rows = (*MEMBERS[:3], {**MEMBERS[3], "panel": ""}, *MEMBERS[4:])
    assert found_in(rows, PANEL)[0] == [("firms", 2, "error")]


def test_panel_weights_are_positive():
    rows = (*MEMBERS[:3], {**MEMBERS[3], "panel": "0"}, *MEMBERS[4:])
    assert found_in(rows, PANEL)[0] == [("firms", 5, "error")]


def test_the_panel_may_be_of_some_rounds():
    rows = tuple({**r, "panel": "3"} for r in SOUND)
    assert found_in(rows, replace(PANEL, panel_periods=(1,)))[0] == []
    assert len(found_in(rows, replace(PANEL, panel_periods=(1, 2)))[0]) == 3


def test_poor_data_do_not_raise():
    none = [("firms", 0, "error")] * 2
    assert found_in(())[0] == none
    assert found_in((), totals=())[0] == []
    assert found_in((firm("", "", "", ""),), PANEL)[0] == [
        ("firms", 0, "error"),
        *none,
        ("firms", 2, "error"),
    ]


def test_thresholds_that_cannot_be_are_refused():
    for name, value in (("tolerance", -0.1), ("most_design_effect", 0.5)):
        with pytest.raises(OptionError, match=name):
            replace(CHECK, **{name: value})
    with pytest.raises(OptionError, match="panel_periods without panel_weight"):
        replace(CHECK, panel_periods=(1,))


ROWS = st.lists(
    st.builds(
        firm,
        st.sampled_from(["F1", "F2", ""]),
        st.sampled_from(["a", "b", ""]),
        st.sampled_from(["", "0.1", "5", "9.7", "0"]),
        st.sampled_from(["1", "2", ""]),
        panel=st.sampled_from(["", "2"]),
    ),
    max_size=15,
)


@settings(max_examples=8, deadline=None)
@given(ROWS, st.integers(0, 99))
def test_row_order_changes_nothing(rows, seed):
    survey = survey_of(rows)
    mixed = shuffled(survey, seed)
    assert told(survey, check_weights(survey, PANEL)) == told(mixed, check_weights(mixed, PANEL))
