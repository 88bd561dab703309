"""Labels stand in the column of their language, and a language without a column is said."""

from __future__ import annotations

import csv
import io

import pytest

from impacteval.config import CORRECTION_COLUMNS, load_survey
from impacteval.reporting.codebook_page import codebook_page
from impacteval.survey.data_files import DataFile
from impacteval.survey.draft_languages import languages_of
from impacteval.survey.drafts import draft_study
from impacteval.survey.form_versions import CHANGE_COLUMNS
from impacteval.tables import table_of
from support.forms import make_form

ARABIC = "Arabic (ar)"


def sheets(*languages):
    """A form with one question of each kind that labels, with a label in each language."""
    names = [f"label::{name}" if name else "label" for name in languages]
    marks = [name[:2].lower() for name in languages]
    survey = [
        ("type", "name", *names),
        ("select_one yesno", "exports", *(f"{m} exports" for m in marks)),
        ("select_multiple yesno or_other", "inputs", *(f"{m} inputs" for m in marks)),
        ("geopoint", "place", *(f"{m} place" for m in marks)),
    ]
    choices = [("list_name", "name", *names), ("yesno", "1", *(f"{m} yes" for m in marks))]
    return survey, choices


def form_in(folder, *languages):
    return make_form(folder, *sheets(*languages))


def drafted(form):
    drafts = draft_study(form, DataFile(table="firms"), correction_columns=CORRECTION_COLUMNS)
    rows = {row["column"]: row for row in csv.DictReader(io.StringIO(drafts.codebook))}
    return drafts, rows


def test_another_language_than_indonesian_has_its_own_column_and_name(tmp_path):
    drafts, rows = drafted(form_in(tmp_path, "English (en)", ARABIC))
    exports = rows["exports"]
    assert (exports["label"], exports["label_id"], exports["label_2"]) == ("en exports", "", "ar exports")
    assert (exports["language"], exports["language_2"]) == ("English (en)", ARABIC)
    labels = (exports["choice_labels"], exports["choice_labels_id"], exports["choice_labels_2"])
    assert labels == ("en yes", "", "ar yes")
    note = "label_id is empty: the form has no labels in Bahasa Indonesia; label_2 holds Arabic (ar)"
    assert note in drafts.notes


def test_indonesian_stays_where_it_was(tmp_path):
    _, rows = drafted(form_in(tmp_path, "English (en)", "Bahasa Indonesia (id)"))
    assert rows["exports"]["label_id"] == "ba exports"
    assert rows["exports"]["choice_labels_id"] == "ba yes"
    assert {row["label_2"] for row in rows.values()} == {row["language_2"] for row in rows.values()} == {""}


def test_three_languages_are_kept_and_a_fourth_is_said(tmp_path):
    form = form_in(tmp_path, "English (en)", ARABIC, "Bahasa Indonesia (id)", "Swahili (sw)")
    drafts, rows = drafted(form)
    exports = rows["exports"]
    assert [exports[c] for c in ("label", "label_id", "label_2")] == [
        "en exports",
        "ba exports",
        "ar exports",
    ]
    assert [n for n in drafts.notes if "not in the codebook" in n] == [
        "labels in Swahili (sw) are not in the codebook: it holds those of three languages"
    ]


def test_parts_of_a_question_are_labelled_in_its_languages(tmp_path):
    _, rows = drafted(form_in(tmp_path, "English (en)", ARABIC))
    assert rows["place-Latitude"]["label_2"] == "ar place: latitude"
    assert rows["inputs_other"]["label_2"] == "ar inputs: other, as written"
    assert rows["inputs"]["choice_labels_2"] == "ar yes|Other"


def test_labels_that_name_no_language_claim_none(tmp_path):
    _, rows = drafted(form_in(tmp_path, ""))
    assert {row["language"] for row in rows.values()} == {""}


@pytest.mark.parametrize(
    ("languages", "columns"),
    [
        (("English", "French"), {"label": "English", "label_2": "French"}),
        (("French", "id"), {"label": "French", "label_id": "id"}),
        (("bahasa",), {"label": "bahasa", "label_id": "bahasa"}),
        (("Swahili",), {"label": "Swahili"}),
    ],
)
def test_each_language_has_its_column(tmp_path, languages, columns):
    assert languages_of(form_in(tmp_path, *languages)).by_column == columns


def test_a_draft_in_two_languages_loads_and_its_page_names_them(tmp_path):
    drafts, _ = drafted(form_in(tmp_path, "English (en)", ARABIC))
    folder = tmp_path / "config" / "study"
    folder.mkdir(parents=True)
    for name, text in drafts.files.items():
        (folder / name).write_text(text, encoding="utf-8")
    page = codebook_page(load_survey(tmp_path, "study").codebook, "A study", table_of([], CHANGE_COLUMNS))
    assert '<th scope="col" dir="auto">Arabic (ar)</th>' in page
    assert "Bahasa Indonesia" not in page
    assert '<td class="label" lang="ar" dir="auto">ar exports</td>' in page
