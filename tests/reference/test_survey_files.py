"""Real survey files, read without hand work: rows and columns as those who published them count."""

from __future__ import annotations

import pytest

from impacteval.codebook import Codebook
from impacteval.delivery import SourceTable
from impacteval.survey.labels import labels_of
from impacteval.survey.problems import errors_among, unknown_columns
from impacteval.survey.read import read_all, read_table

pytestmark = pytest.mark.reference


def all_columns(reference, file, format_, **options):
    """A file with every column that it has, and what is said of it."""
    folder = reference.path("data", "survey", file).parent
    table = SourceTable(name="rows", files=(file,), format=format_, **options)
    _, problems = read_all(folder, [table], Codebook(variables=()))
    assert errors_among(problems) == ()
    columns = [column for _, column in unknown_columns(problems, "rows")]
    return read_table(folder, table, columns)[columns], problems


@pytest.mark.parametrize(
    ("file", "format_", "shape"),
    [
        ("kobo_raw_data.csv", "csv", (632, 348)),
        ("kobo_survey.csv", "csv", (235, 14)),
        ("kobo_choices.csv", "csv", (970, 5)),
        ("LWH_FUP2_raw_data.csv", "csv", (1206, 46)),
        ("garments_worker_productivity_excel_mangled.csv", "csv", (1197, 15)),
        ("electric.sav", "spss", (240, 13)),
        ("ipa_household_backcheck.dta", "stata", (185, 54)),
        ("ipa_household_preloads.xlsx", "xlsx", (923, 13)),
        ("ipa_respondent_targets.xlsx", "xlsx", (80, 5)),
    ],
)
def test_rows_and_columns_are_those_of_the_manifest(reference, file, format_, shape):
    frame, _ = all_columns(reference, file, format_)
    assert frame.shape == shape
    assert (frame.dtypes == "str").all()


@pytest.mark.parametrize(
    ("sheet", "shape"), [("survey", (348, 24)), ("choices", (509, 7)), ("settings", (1, 7))]
)
def test_sheets_of_a_form_have_the_rows_of_the_manifest_with_blank_ones(reference, sheet, shape):
    folder = reference.path("data", "survey", "ipa_Household_Survey.xlsx").parent
    table = SourceTable(name="rows", files=("ipa_Household_Survey.xlsx",), format="xlsx", sheet=sheet)
    frame, problems = all_columns(reference, "ipa_Household_Survey.xlsx", "xlsx", sheet=sheet)
    assert frame.shape[1] == shape[1]
    assert read_table(folder, table, [])["source_row"].max() == shape[0] + 1
    n_blank = sum(int(p.message.split()[0]) for p in problems if "blank" in p.message)
    assert len(frame) + n_blank == shape[0]


def test_damage_that_excel_did_to_the_garments_file_is_kept_for_the_checks(reference):
    frame, problems = all_columns(reference, "garments_worker_productivity_excel_mangled.csv", "csv")
    assert any("byte order mark" in p.message for p in problems)
    assert frame["year"].iloc[0] == "7/12/1905"
    assert {"sweing", "finishing "} <= set(frame["department"])
    assert (frame["wip"] == "").sum() == 506


def test_codes_and_answers_of_the_rwandan_survey_stay_as_typed(reference):
    frame, _ = all_columns(reference, "LWH_FUP2_raw_data.csv", "csv")
    assert int(frame["hhid"].duplicated().sum()) == 3
    assert {"-88", "-66"} <= set(frame.to_numpy().ravel())


def test_labels_of_the_spss_study_are_resolved_and_listed(reference):
    frame, _ = all_columns(reference, "electric.sav", "spss")
    assert set(frame["VITAL10"]) == {"ALIVE", "DEAD"}
    assert set(frame["FAMHXCVR"]) == {"YES", "NO"}
    labels = labels_of(reference.path("data", "survey", "electric.sav"))
    assert labels.n_rows == 240
    assert {v.name: v.choices for v in labels.variables}["VITAL10"] == {0: "ALIVE", 1: "DEAD"}
