"""Decisions on pairs: what is refused, and what several say together."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impacteval.errors import DataError
from impacteval.survey.decisions import Decision, read_decisions, verdicts_of

LINE = {"verdict": "same", "reason": "one owner", "decided_by": "AB", "decided_on": "2024-03-31"}


def rows_of(*pairs):
    """Lines from 2 on, each given as first, second, verdict."""
    return {n: {**LINE, "first": a, "second": b, "verdict": v} for n, (a, b, v) in enumerate(pairs, start=2)}


def refused(rows):
    with pytest.raises(DataError) as error:
        read_decisions(rows)
    return str(error.value)


def test_decisions_are_read_and_which_stands_first_says_nothing():
    one, other = read_decisions(rows_of(("F2", "F1", "same"))), read_decisions(rows_of(("F1", "F2", "same")))
    assert one[0].pair == other[0].pair == ("F1", "F2")
    assert one[0].reason == "one owner"
    assert read_decisions({}) == ()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"verdict": "Same"},
            "line 2: verdict 'Same' is unknown; allowed: same, different; did you mean 'same'?",
        ),
        ({"second": "F1"}, "line 2: first and second are one enterprise"),
        ({"second": ""}, "line 2: second is empty"),
        ({"first": "F1 "}, "line 2: first begins or ends with white space"),
        ({"reason": " "}, "line 2: reason is empty"),
        ({"decided_by": ""}, "line 2: decided_by is empty"),
        ({"decided_on": "31/03/2024"}, "line 2: decided_on '31/03/2024' is not a day"),
        ({"decided_on": "2024-02-30"}, "line 2: decided_on '2024-02-30' is not a day"),
    ],
)
def test_a_wrong_line_is_refused(changes, said):
    assert said in refused({2: {**LINE, "first": "F1", "second": "F2", **changes}})


def test_everything_wrong_is_said_at_once():
    said = refused({2: {**LINE, "first": "", "second": "", "reason": "", "verdict": "maybe"}})
    assert "4 problems" in said


@pytest.mark.parametrize(("verdict", "said"), [("same", "says the same"), ("different", "says the opposite")])
def test_a_pair_is_decided_once(verdict, said):
    assert f"line 3: line 2 {said} of these two" in refused(rows_of(("A", "B", "same"), ("B", "A", verdict)))


def test_lines_that_contradict_each_other_are_refused():
    said = refused(
        rows_of(("A", "B", "same"), ("A", "C", "different"), ("C", "B", "same"), ("X", "Y", "same"))
    )
    assert "line 3: different, but lines 2, 4 together say that these two are the same" in said
    assert "1 problem" in said


def test_the_same_contradiction_over_more_enterprises():
    chain = [("A", "B", "same"), ("B", "C", "same"), ("C", "D", "same"), ("D", "A", "different")]
    assert "lines 2, 3, 4" in refused(rows_of(*chain))


def test_messages_name_no_enterprise():
    said = refused(
        rows_of(
            ("secret1", "secret2", "same"),
            ("secret2", "secret3", "same"),
            ("secret1", "secret3", "different"),
            ("secret4", "secret4", "what"),
        )
    )
    assert "secret" not in said


def test_what_is_the_same_as_the_same_is_the_same():
    verdicts = verdicts_of(
        read_decisions(rows_of(("C", "B", "same"), ("B", "A", "same"), ("A", "X", "different")))
    )
    assert {verdicts.group(unit) for unit in "ABC"} == {"A"}
    assert verdicts.group("Z") == "Z"
    assert verdicts.is_settled("A", "C")
    assert verdicts.is_settled("X", "C")
    assert not verdicts.is_settled("X", "Z")


@given(st.lists(st.tuples(st.sampled_from("ABCDEF"), st.sampled_from("ABCDEF")), max_size=8), st.randoms())
def test_groups_do_not_depend_on_the_order_of_lines(pairs, random):
    decisions = [Decision(first=a, second=b, verdict="same") for a, b in pairs]
    mixed = [Decision(first=d.second, second=d.first, verdict="same") for d in decisions]
    random.shuffle(mixed)
    assert verdicts_of(decisions) == verdicts_of(mixed)


@given(
    st.lists(
        st.tuples(
            st.sampled_from("ABCDEF"), st.sampled_from("ABCDEF"), st.sampled_from(["same", "different"])
        ),
        max_size=8,
    )
)
def test_what_is_read_never_contradicts_itself(pairs):
    try:
        decisions = read_decisions(rows_of(*pairs))
    except DataError:
        return
    verdicts = verdicts_of(decisions)
    for d in decisions:
        assert (verdicts.group(d.first) == verdicts.group(d.second)) == (d.verdict == "same")
