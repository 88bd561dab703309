"""The drafted codebook says what the form says, of every column that the file has."""

from __future__ import annotations

from impacteval.survey.data_files import DataFile, look_at, with_header
from support.drafts import KOBO, drafted, loaded, variables
from support.forms import SURVEY, make_form


def test_codebook_says_what_the_form_says(kobo):
    found = variables(kobo)
    workers = found["workers"]
    assert (workers["type"], workers["hard_minimum"], workers["hard_maximum"], workers["constraint"]) == (
        "integer",
        "1",
        "499",
        "",
    )
    assert (workers["label"], workers["label_id"]) == ("How many workers?", "Berapa pekerja?")
    assert workers["relevant"] == "${consent} = '1'"
    assert workers["required"] == "yes"
    sales = found["sales"]
    assert (sales["type"], sales["hard_minimum"], sales["hard_maximum"]) == ("decimal", "0", "1000000000")
    assert sales["missing_codes"] == "-99=dont_know"
    inputs = found["inputs"]
    assert (inputs["type"], inputs["allowed"], inputs["missing_codes"]) == (
        "multiple",
        "steel|rubber|other",
        "none=refused",
    )
    assert (inputs["choice_labels"], inputs["choice_labels_id"]) == (
        "Steel|Rubber|Other",
        "Baja|Karet|Lainnya",
    )
    consent = found["consent"]
    assert (consent["type"], consent["allowed"], consent["missing_codes"]) == (
        "category",
        "1|0",
        "-99=dont_know",
    )


def test_answers_of_a_multiple_question_have_columns_of_their_own_and_a_text_named_like_one_has_not(kobo):
    found = variables(kobo)
    steel = found["inputs/steel"]
    assert (steel["type"], steel["allowed"], steel["label"]) == ("integer", "0|1", "Which inputs?: Steel")
    assert steel["label_id"] == "Bahan apa?: Baja"
    assert (found["inputs/other"]["type"], found["inputs_other"]["type"]) == ("integer", "text")


def test_personal_questions_are_confidential(kobo):
    found = variables(kobo)
    hidden = {name for name, row in found.items() if row["confidential"] == "yes"}
    assert hidden == {"owner_name", "place", *(name for name in found if "_place_" in name)}


def test_a_position_has_bounds_of_degrees(kobo):
    latitude = next(row for name, row in variables(kobo).items() if name.endswith("_place_latitude"))
    assert (latitude["type"], latitude["hard_minimum"], latitude["hard_maximum"], latitude["unit"]) == (
        "decimal",
        "-90",
        "90",
        "degrees",
    )


def test_wording_has_another_name_once_it_changes(form, tmp_path):
    first = variables(drafted(form, DataFile(table="firms")))
    other = make_form(
        tmp_path, [tuple(c.replace("How many workers", "How many people") for c in r) for r in SURVEY]
    )
    second = variables(drafted(other, DataFile(table="firms")))
    differ = {name for name in first if first[name]["question"] != second[name]["question"]}
    assert differ == {"workers"}


def test_conditions_that_cannot_be_evaluated_are_left_out_and_said(form, tmp_path):
    survey = [
        tuple("pulldata('a', 'b', 'c', ${firm_id}) = 1" if c == "${exports} = '1'" else c for c in r)
        for r in SURVEY
    ]
    drafts = drafted(make_form(tmp_path, survey), with_header("firms", KOBO))
    assert variables(drafts)["export_share"]["relevant"] == ""
    assert any("export_share" in note and "pulldata" in note for note in drafts.notes)
    loaded(drafts, tmp_path)


def test_labels_in_place_of_values_are_noticed(form, kobo_file, tmp_path):
    text = kobo_file.read_text(encoding="utf-8").replace(",1,Ani,", ",Yes,Ani,")
    kobo_file.write_text(text, encoding="utf-8")
    drafts = drafted(form, look_at(kobo_file, "firms"))
    assert variables(drafts)["consent"]["allowed"] == "Yes|No"
    assert any("consent: the file holds labels and not values" in note for note in drafts.notes)
    assert loaded(drafts, tmp_path).roles["firms"].consent_given == ("Yes",)
