"""Frequent answers under ``other``, and those that the list has, are found and proposed for recoding."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impacteval.checks.response import OtherSpecify
from impacteval.codebook import MASKED
from impacteval.validation.other_specify import RECODE_COLUMNS, check_other_specify, normalised, recode_sheet
from support.statistics import about, firms_survey, notes_on_whole, rows_of, shown
from support.tables import variable

SECTOR = variable(
    "sector",
    "category",
    allowed=("1", "2", "3", "96"),
    choice_labels=("Garment", "Food and drink", "Metal", "Other"),
    choice_labels_id=("Pakaian jadi", "Makanan", "Logam", "Lainnya"),
)
TYPED = variable("sector_other")
CHECK = OtherSpecify(**about("other_specify"), column="sector", other="96", text="sector_other")
RARE = replace(CHECK, threshold=1.1)


def survey_of(sector, typed, variables=(SECTOR, TYPED)):
    return firms_survey({"sector": sector, "sector_other": typed}, variables)


def proposals(*typed, check=RARE):
    survey = survey_of(["96"] * len(typed), typed)
    return recode_sheet(survey, check).set_index("value")["proposed_code"].to_dict()


def test_other_in_a_tenth_of_the_answers_is_found():
    answers = ["96"] + ["1"] * 9
    notes = notes_on_whole(check_other_specify(survey_of(answers, [None] * 10), CHECK))
    assert notes == ["10.0% of 10 answers are `96`"]
    assert check_other_specify(survey_of([*answers, "2"], [None] * 11), CHECK) == []
    assert len(check_other_specify(survey_of([*answers, None], [None] * 11), CHECK)) == 1


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("garmen", "1"),
        ("  GARMENT. ", "1"),
        ("food & drink", ""),
        ("Food - and drink", "2"),
        ("makanan", "2"),
        ("logám", "3"),
        ("3", "3"),
        ("31", ""),
        ("furniture", ""),
        ("other", ""),
        ("lainnya", ""),
        ("!!", ""),
    ],
)
def test_a_text_that_the_list_has_is_proposed_for_recoding(typed, code):
    assert proposals(typed) == {typed.strip(): code}
    failures = check_other_specify(survey_of(["96"], [typed]), RARE)
    assert rows_of(failures) == ([0] if code else [])


def test_a_finding_names_the_option_and_what_to_do():
    survey = survey_of(["1", "96"], [None, "garmen"])
    found = shown(survey, check_other_specify(survey, RARE))
    assert found["value_shown"].tolist() == ["96 | garmen"]
    assert found["message"][0].endswith("it is option 1 of the list (Garment) (92% alike)")
    assert found["suggestion"].tolist() == ["recode sector to option 1 of the list (Garment)"]


def test_text_beside_another_option_is_left_alone():
    assert rows_of(check_other_specify(survey_of(["1", "96"], ["garment", "garment"]), RARE)) == [1]


def test_a_question_of_several_answers_has_other_among_its_choices():
    several = (replace(SECTOR, type="multiple"), TYPED)
    survey = survey_of(["1 96", "1 2", "196"], ["metal", "metal", "metal"], several)
    assert rows_of(check_other_specify(survey, RARE)) == [0]


def test_less_alike_texts_are_found_where_that_is_asked_for():
    assert proposals("garm") == {"garm": ""}
    assert proposals("garm", check=replace(RARE, similarity=70.0)) == {"garm": "1"}


def test_the_sheet_lists_each_text_once_the_frequent_ones_first():
    survey = survey_of(["96", "96", "1", "96", "96"], ["toys", "metall", "x", "toys ", None])
    sheet = recode_sheet(survey, RARE)
    assert tuple(sheet.columns) == RECODE_COLUMNS
    assert sheet[["value", "n_rows", "first_row", "proposed_code", "proposed_label"]].values.tolist() == [
        ["toys", 2, 2, "", ""],
        ["metall", 1, 3, "3", "Metal"],
    ]
    assert sheet["table"].tolist() == ["firms"] * 2


@pytest.mark.parametrize("column", ["sector", "sector_other"])
def test_what_is_confidential_shows_in_neither_finding_nor_sheet(column):
    hidden = tuple(replace(v, confidential="yes") if v.column == column else v for v in (SECTOR, TYPED))
    survey = survey_of(["96"], ["garmen"], hidden)
    failures = check_other_specify(survey, RARE)
    assert rows_of(failures) == [0]
    assert "Garment" not in failures[0].notes[0] + failures[0].suggestions[0]
    sheet = recode_sheet(survey, RARE)
    assert sheet["value"].tolist() == [MASKED]
    assert sheet["proposed_code"].tolist() == [""] and sheet["first_row"].tolist() == [2]


@pytest.mark.parametrize(("sector", "typed"), [([], []), ([None], [None]), (["96"], [None]), (["1"], ["x"])])
def test_it_never_raises(sector, typed):
    survey = survey_of(sector, typed)
    assert rows_of(check_other_specify(survey, CHECK)) == []
    assert len(recode_sheet(survey, CHECK)) == 0


def test_a_list_without_labels_is_compared_by_its_codes():
    plain = replace(SECTOR, allowed=("garment", "food", "96"), choice_labels=(), choice_labels_id=())
    assert rows_of(check_other_specify(survey_of(["96"], ["Garmen"], (plain, TYPED)), RARE)) == [0]


def test_a_text_with_a_digit_has_to_be_the_same():
    zones = replace(
        SECTOR, allowed=("a", "96"), choice_labels=("Zone 2024 east", "Other"), choice_labels_id=()
    )
    found = check_other_specify(
        survey_of(["96"] * 2, ["zone 2025 east", "zone 2024 east"], (zones, TYPED)), RARE
    )
    assert rows_of(found) == [1]


@given(st.text())
def test_normalising_twice_changes_nothing(text):
    assert normalised(normalised(text)) == normalised(text)
