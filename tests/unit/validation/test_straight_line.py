"""Batteries of items that are answered without listening."""

from __future__ import annotations

from dataclasses import replace

import pytest

from impacteval.closed import OptionError
from impacteval.validation.enumerators import check_straight_line
from support.enumerators import ITEMS, LINE, NUMBERS, battery
from support.interviews import interviews, rows_said, said


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
