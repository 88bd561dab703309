"""Changes between versions of a form are named, and graver the more they harm comparison."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impacteval.survey.form_versions import CHANGE_COLUMNS, changes_table, compare_forms
from impacteval.survey.wording import likeness, means_another_thing, plain_text
from support.forms import CHOICES, SURVEY, make_form, with_row

NAMES = [row[1] for row in SURVEY]


@pytest.fixture
def old(tmp_path):
    return make_form(tmp_path, version="1")


def changed_survey(name, heading, cell):
    at = NAMES.index(name)
    column = SURVEY[0].index(heading)
    row = SURVEY[at]
    return with_row(SURVEY, at, (*row[:column], cell, *row[column + 1 :]))


def changed_choices(position, *cells):
    return with_row(CHOICES, position, cells)


def compared(old, tmp_path, survey=SURVEY, choices=CHOICES):
    return [(c.kind, c.severity) for c in compare_forms(old, make_form(tmp_path, survey, choices))]


def test_a_form_does_not_differ_from_itself(old, tmp_path):
    assert compare_forms(old, make_form(tmp_path)) == []


@pytest.mark.parametrize(
    ("edit", "kind", "severity"),
    [
        (("workers", "type", "decimal"), "type_changed", "error"),
        (("workers", "label::English (en)", "How many, apprentices included?"), "wording_changed", "warning"),
        (("workers", "constraint", ". > 0"), "constraint_changed", "warning"),
        (("export_share", "relevant", "${workers} > 5"), "relevant_changed", "warning"),
        (("workers", "required", ""), "required_changed", "info"),
    ],
)
def test_a_changed_question_is_said_with_its_gravity(old, tmp_path, edit, kind, severity):
    assert compared(old, tmp_path, changed_survey(*edit)) == [(kind, severity)]


def test_wording_is_compared_language_by_language(old, tmp_path):
    survey = changed_survey("workers", "label::Bahasa Indonesia (id)", "Berapa karyawan?")
    (change,) = compare_forms(old, make_form(tmp_path, survey))
    assert (change.language, change.old, change.new) == (
        "Bahasa Indonesia (id)",
        "Berapa pekerja?",
        "Berapa karyawan?",
    )


@pytest.mark.parametrize("label", ["<b>How many</b> workers?", "How many  workers", "HOW MANY WORKERS?"])
def test_tags_case_and_punctuation_are_no_change_of_wording(old, tmp_path, label):
    assert compared(old, tmp_path, changed_survey("workers", "label::English (en)", label)) == []


def test_questions_that_come_and_go_are_listed(old, tmp_path):
    added = (
        *SURVEY[:3],
        ("integer", "shifts", "How many shifts?", "Berapa sif?", "", "", "", "", ""),
        *SURVEY[3:],
    )
    assert compared(old, tmp_path, added) == [("question_added", "info")]
    assert compared(old, tmp_path, tuple(r for r in SURVEY if r[1] != "export_country")) == [
        ("question_removed", "warning")
    ]


def test_a_question_with_another_name_and_the_same_wording_was_renamed(old, tmp_path):
    (change,) = compare_forms(old, make_form(tmp_path, changed_survey("export_country", "name", "country")))
    assert (change.kind, change.old, change.new) == ("question_renamed", "export_country", "country")


def test_a_group_s_condition_is_part_of_that_of_its_questions(old, tmp_path):
    kinds = {c.kind for c in compare_forms(old, make_form(tmp_path, changed_survey("main", "relevant", "")))}
    assert kinds == {"relevant_changed"}


def test_a_question_that_moves_into_a_repeat_is_another_one(old, tmp_path):
    row = SURVEY[NAMES.index("workers")]
    rest = [r for r in SURVEY if r[1] != "workers"]
    at = [r[1] for r in rest].index("age")
    found = compared(old, tmp_path, (*rest[:at], row, *rest[at:]))
    assert found[0] == ("repeat_changed", "error")


@pytest.mark.parametrize(
    ("cells", "kind", "severity"),
    [
        (("inputs", "rubber", "Copper", "Tembaga"), "code_reused", "error"),
        (("inputs", "rubber", "Steel", "Baja"), "code_reused", "error"),
        (("inputs", "rubber", "Rubbber", "Karet"), "choice_relabelled", "info"),
        (("inputs", "rubber", "Natural rubber", "Karet"), "choice_relabelled", "info"),
        (("inputs", "rubber", "Rubber", "Tembaga"), "code_reused", "warning"),
    ],
)
def test_a_code_is_used_again_where_its_meaning_changed(old, tmp_path, cells, kind, severity):
    found = compared(old, tmp_path, choices=changed_choices(5, *cells))
    assert found[0] == (kind, severity)
    assert all(k == kind for k, _ in found if severity == "error")


def test_choices_that_come_and_go_are_listed_with_the_questions_that_have_them(old, tmp_path):
    gone = tuple(r for r in CHOICES if r[1] != "steel")
    (change,) = compare_forms(old, make_form(tmp_path, choices=gone))
    assert (change.kind, change.question, change.choice) == ("choice_removed", "inputs", "steel")
    (change,) = compare_forms(
        old, make_form(tmp_path, choices=(*CHOICES, ("yesno", "2", "Maybe", "Mungkin")))
    )
    assert (change.kind, change.question) == ("choice_added", "consent exports")


def test_a_list_with_another_name_is_compared_choice_by_choice(old, tmp_path):
    survey = changed_survey("inputs", "type", "select_multiple materials")
    choices = tuple(("materials", *r[1:]) if r[0] == "inputs" else r for r in CHOICES)
    assert compared(old, tmp_path, survey, choices) == [("list_changed", "info")]


def test_errors_come_first(old, tmp_path):
    survey = changed_survey("workers", "type", "decimal")
    found = [s for _, s in compared(old, tmp_path, survey, (*CHOICES, ("yesno", "2", "Maybe", "Mungkin")))]
    assert found == ["error", "info"]


def test_table_compares_each_version_with_the_one_before(old, tmp_path):
    second = make_form(tmp_path, changed_survey("workers", "type", "decimal"), version="2")
    table = changes_table([old, second, replace(second, settings=replace(second.settings, version="3"))])
    assert list(table.columns) == list(CHANGE_COLUMNS)
    assert table[["old_version", "new_version", "kind"]].to_numpy().tolist() == [["1", "2", "type_changed"]]
    empty = changes_table([old])
    assert list(empty.columns) == list(CHANGE_COLUMNS)
    assert len(empty) == 0


@pytest.mark.parametrize(
    ("first", "second", "differ"),
    [
        ("Male", "Female", True),
        ("Agree", "Disagree", True),
        ("Yes", "No", True),
        ("1-5 workers", "1-10 workers", True),
        ("Puas", "Tidak puas", True),
        ("Satisfied", "Very satisfied", True),
        ("Own business", "Own house", True),
        ("Remittences", "Remittances", False),
        ("Don't know", "Don\u2019t know", False),
        ("Rented", "Rented with contract", False),
        ("Garment", "Garments", False),
        ("", "Anything", False),
    ],
)
def test_meaning_is_judged_by_words_numbers_and_negations(first, second, differ):
    assert means_another_thing(first, second) is differ


@given(st.text(max_size=30), st.text(max_size=30))
def test_meaning_and_likeness_do_not_depend_on_direction_or_crash(a, b):
    assert means_another_thing(a, a) is False
    assert 0 <= likeness(a, b) <= 1
    assert plain_text(a) == " ".join(plain_text(a).split())
