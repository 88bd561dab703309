"""Rows behind a finding of many: they have a sheet of their own, and answers there come back."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from impacteval.checks import InSet
from impacteval.delivery import Roles
from impacteval.errors import DataError
from impacteval.reporting import workbook
from impacteval.reporting.workbook import FieldTables, first_of_each, write_workbook
from impacteval.survey.answers import ROWS_SHEET, corrections_from_answers, read_answers
from impacteval.validation.checked import Log, check_survey
from impacteval.validation.grouped import Grouped
from impacteval.validation.grouped_answers import answers_by_row
from impacteval.validation.rules import Rules
from support.tables import codebook, text_table, variable
from support.workbooks import fill, sheet_names, sheet_records, sheet_rows

pytestmark = pytest.mark.usefixtures("great_expectations")
SECTOR = InSet(
    kind="in_set", id="sector", table="firms", column="sector", allowed=("food", "metal"),
    severity="error", message="not listed", suggestion="look",
)  # fmt: skip
FIRMS = {
    "firm": [f"F{n}" for n in range(60)],
    "asker": ["Ann"] * 40 + ["Ben"] * 20,
    "sector": ["Food"] * 25 + ["Metal"] * 22 + ["fod"] + ["food"] * 12,
}
GROUP, ROW, OTHER = "sector:firms.csv:rows", "sector:firms.csv:5", "sector:firms.csv:30"
WHO = {"reason": "asked", "source": "call-back", "decided_by": "field team", "decided_on": "2026-03-31"}


@pytest.fixture(scope="module")
def survey():
    rules = Rules(
        codebook=codebook(*(variable(c, "text") for c in FIRMS)),
        roles={"firms": Roles(unit="firm", enumerator="asker")},
        checks=(SECTOR,),
    )
    text = {"firms": text_table(FIRMS)}
    return check_survey(text, rules, Log()), text, rules


def tables(survey):
    found = survey[0]
    return FieldTables(
        title="t", findings=found.findings, rows=found.tables["finding_rows"], by_check=pd.DataFrame()
    )


def answered(path, survey, answers):
    """New lines for answers by finding id, through the workbook and back."""
    found, text, rules = survey
    write_workbook(path, tables(survey))
    fill(path, {name: {**WHO, **answer} for name, answer in answers.items()})
    told = Grouped(findings=found.findings, rows=found.tables["finding_rows"])
    by_row = answers_by_row(read_answers(path), told)
    return corrections_from_answers(by_row.answers, by_row.findings, text=text, rules=rules.log)


def test_sheet_lists_each_row_with_the_finding_that_tells_of_it(tmp_path, survey):
    write_workbook(tmp_path / "f.xlsx", tables(survey))
    rows = sheet_records(tmp_path / "f.xlsx", ROWS_SHEET)
    assert len(rows) == 47
    assert {(r["of finding"], r["value shown"]) for r in rows} == {(GROUP, "Food"), (f"{GROUP}:2", "Metal")}
    assert rows[3]["finding_id"] == ROW
    assert (rows[3]["enterprise"], rows[3]["row"], rows[3]["action"]) == ("F3", 5.0, "")


def test_one_row_is_answered_on_its_own(tmp_path, survey):
    (line,) = answered(tmp_path / "f.xlsx", survey, {ROW: {"action": "replace", "new_value": "metal"}})
    assert (line.source_row, line.old_value, line.new_value) == (5, "Food", "metal")


def test_an_answer_for_a_row_goes_before_the_answer_for_all(tmp_path, survey):
    all_ = {"action": "recode", "new_value": "food"}
    lines = answered(tmp_path / "f.xlsx", survey, {GROUP: all_, ROW: {"action": "okay"}})
    assert len(lines) == 25
    by_row = {line.source_row: (line.action, line.new_value) for line in lines}
    assert by_row.pop(5) == ("okay", "")
    assert set(by_row.values()) == {("recode", "food")}


def test_what_does_not_fit_is_told_with_its_sheet(tmp_path, survey):
    wrong = {ROW: {"action": "repair"}, OTHER: {"action": "replace"}}
    with pytest.raises(DataError) as caught:
        answered(tmp_path / "f.xlsx", survey, wrong)
    message = str(caught.value)
    assert f"row 5 of sheet 'Rows of one cause', finding {ROW}: action 'repair'" in message
    assert f"row 30 of sheet 'Rows of one cause', finding {OTHER}: new_value is empty" in message


def test_a_workbook_without_the_sheet_is_read(tmp_path, survey):
    write_workbook(tmp_path / "f.xlsx", replace(tables(survey), rows=None))
    assert ROWS_SHEET not in sheet_names(tmp_path / "f.xlsx")
    fill(tmp_path / "f.xlsx", {GROUP: {"action": "okay", **WHO}})
    assert [a.where for a in read_answers(tmp_path / "f.xlsx")] == ["row 2"]


def test_rows_are_counted_for_enterprises_and_enumerators(tmp_path, survey):
    write_workbook(tmp_path / "f.xlsx", tables(survey))
    counted = sheet_records(tmp_path / "f.xlsx", "By enumerator")
    assert [(r["enumerator"], r["open_error"]) for r in counted] == [("Ann", 40.0), ("Ben", 8.0)]


def test_of_many_rows_the_first_of_every_cause_are_shown_and_the_rest_is_told(tmp_path, survey, monkeypatch):
    monkeypatch.setattr(workbook, "MOST_CAUSE_ROWS", 10)
    write_workbook(tmp_path / "f.xlsx", tables(survey))
    rows = sheet_records(tmp_path / "f.xlsx", ROWS_SHEET)
    assert [r["of finding"] for r in rows] == [GROUP] * 5 + [f"{GROUP}:2"] * 5
    said = [str(cell) for (cell,) in sheet_rows(tmp_path / "f.xlsx", "Read me")]
    assert "37 more rows of one cause are in validation/finding_rows.csv." in said


def test_a_small_cause_leaves_its_room_to_others():
    rows = pd.DataFrame({"group": ["a"] * 5 + ["b"] * 2 + ["c"] * 5, "n": range(12)})
    assert first_of_each(rows, "group", 8)["n"].tolist() == [0, 1, 2, 5, 6, 7, 8, 9]
    assert first_of_each(rows, "group", 99)["n"].tolist() == list(range(12))
    assert first_of_each(rows.iloc[:0], "group", 8).empty


def test_no_row_shows_what_names_its_arm(tmp_path, survey):
    write_workbook(tmp_path / "f.xlsx", replace(tables(survey), arm_columns=("firms.sector",)))
    rows = sheet_records(tmp_path / "f.xlsx", ROWS_SHEET)
    assert {r["value shown"] for r in rows} == {workbook.WITHHELD}
