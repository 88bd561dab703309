"""Types that values prove, and drafts of files that come without a form."""

from __future__ import annotations

import pandas as pd
import pytest

from impacteval.config import CORRECTION_COLUMNS
from impacteval.survey.data_files import look_at
from impacteval.survey.draft_values import looks_personal, type_of
from impacteval.survey.drafts import draft_from_data
from impacteval.survey.read import read_tables
from impacteval.survey.types import type_columns
from support.drafts import loaded, variables
from support.forms import CHOICES, write_workbook


@pytest.mark.parametrize(
    ("cells", "type_", "format_"),
    [
        (["1", "-20"], "integer", ""),
        (["1.0", "20"], "integer", ""),
        (["1.5", "2"], "decimal", ""),
        (["1.234.567,5", "2"], "decimal", "id"),
        (["1,234,567.5", "2"], "decimal", "en"),
        (["2024-01-31"], "date", ""),
        (["31/01/2024", "01/02/2024"], "date", "%d/%m/%Y"),
        (["2024-01-31T08:00:00.000+07:00"], "datetime", ""),
        (["Jan 31, 2024 8:00:00 AM"], "datetime", "%b %d, %Y %I:%M:%S %p"),
        (["0012", "0034"], "text", ""),
        (["1", "two"], "text", ""),
        (["1.500", "2.500"], "text", ""),
        (["01/02/2024"], "text", ""),
        ([], "text", ""),
    ],
)
def test_a_type_is_proposed_only_where_every_cell_fits_it_and_no_other(cells, type_, format_):
    found = type_of(pd.Series(cells, dtype="str"))
    assert (found.type, found.format) == (type_, format_)


@pytest.mark.parametrize(
    ("cells", "said"),
    [(["1.500"], "1.500 and 1,500"), (["01/02/2024"], "cannot be told apart"), ([], "no row")],
)
def test_what_keeps_a_type_from_being_sure_is_said(cells, said):
    assert said in type_of(pd.Series(cells, dtype="str")).doubt


@pytest.mark.parametrize(
    ("cell", "personal"),
    [("ani@example.org", True), ("0812345678901", True), ("3175012345678901", True), ("12345", False)],
)
def test_personal_values_are_noticed(cell, personal):
    assert looks_personal(pd.Series([cell, "x"], dtype="str")) is personal


def test_a_file_without_a_form_becomes_a_study(tmp_path):
    rows = [
        ("firm_id", "round", "sales", "remark"),
        ("001", "1", "1.234,5", "ok"),
        ("002", "1", "2.500", "0812345678901"),
    ]
    path = tmp_path / "firms.csv"
    path.write_text("\n".join(";".join(r) for r in rows) + "\n", encoding="utf-8")
    drafts = draft_from_data(path, "firms", correction_columns=CORRECTION_COLUMNS)
    survey = loaded(drafts, tmp_path)
    assert survey.study.tables[0].delimiter == ";"
    assert survey.roles["firms"].unit == "firm_id"
    found = {v.column: (v.type, v.format, v.confidential) for v in survey.codebook.variables}
    assert found == {
        "firm_id": ("text", "", "no"),
        "round": ("integer", "", "no"),
        "sales": ("decimal", "id", "no"),
        "remark": ("text", "", "yes"),
    }
    assert read_tables(tmp_path, survey.study.tables, survey.codebook)["firms"]["sales"].tolist() == [
        "1.234,5",
        "2.500",
    ]


def test_labels_of_a_stata_file_become_choices(tmp_path):
    import pyreadstat

    frame = pd.DataFrame({"firm": [1.0, 2.0, 3.0], "sector": [1.0, 2.0, 9.0]})
    pyreadstat.write_dta(
        frame,
        str(tmp_path / "firms.dta"),
        column_labels=["Firm", "Sector of the firm"],
        variable_value_labels={"sector": {1: "Metal", 2: "Rubber", 9: "Don't know"}},
    )
    drafts = draft_from_data(tmp_path / "firms.dta", "firms", correction_columns=CORRECTION_COLUMNS)
    sector = variables(drafts)["sector"]
    assert (sector["type"], sector["allowed"], sector["missing_codes"]) == (
        "category",
        "Metal|Rubber",
        "Don't know=dont_know",
    )
    assert sector["label"] == "Sector of the firm"
    survey = loaded(drafts, tmp_path)
    text = read_tables(tmp_path, survey.study.tables, survey.codebook)["firms"]
    typed = type_columns(text, survey.codebook.of_table("firms"))
    assert typed.frame["sector"].isna().tolist() == [False, False, True]


def test_values_that_an_spss_file_holds_as_missing_become_codes(tmp_path):
    import pyreadstat

    frame = pd.DataFrame({"sector": [1.0, 2.0, 9.0], "sales": [5.0, 7.5, -99.0]})
    pyreadstat.write_sav(
        frame,
        str(tmp_path / "firms.sav"),
        variable_value_labels={"sector": {1: "Metal", 2: "Rubber", 9: "Refused"}},
        missing_ranges={"sector": [9], "sales": [-99]},
    )
    drafts = draft_from_data(tmp_path / "firms.sav", "firms", correction_columns=CORRECTION_COLUMNS)
    found = variables(drafts)
    assert (found["sector"]["allowed"], found["sector"]["missing_codes"]) == ("Metal|Rubber", "9=refused")
    assert (found["sales"]["type"], found["sales"]["missing_codes"]) == ("decimal", "-99")
    survey = loaded(drafts, tmp_path)
    text = read_tables(tmp_path, survey.study.tables, survey.codebook)["firms"]
    typed = type_columns(text, survey.codebook.of_table("firms"))
    assert typed.unreadable == ()
    assert typed.frame.isna().sum().to_dict() == {"source_file": 0, "source_row": 0, "sector": 1, "sales": 1}


def test_a_sheet_of_a_workbook_is_looked_at(tmp_path):
    book = write_workbook(tmp_path / "f.xlsx", data=(("firm_id", "sales"), ("a", 5.5)), other=CHOICES)
    found = look_at(book, "firms", sheet="data")
    assert found.header == ("firm_id", "sales")
    assert found.text["sales"].tolist() == ["5.5"]


def test_a_file_in_another_encoding_is_read(tmp_path):
    (tmp_path / "f.csv").write_bytes("firm,owner\n1,Andr\xe9\n".encode("cp1252"))
    found = look_at(tmp_path / "f.csv", "firms")
    assert (found.encoding, found.text["owner"].tolist()) == ("cp1252", ["Andr\xe9"])
