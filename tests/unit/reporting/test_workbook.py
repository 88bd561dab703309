"""The workbook of the field team: what it shows, what it hides, and that text stays text."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace

import pandas as pd
import pytest

from impacteval.delivery import Roles
from impacteval.reporting.workbook import MOST_ROWS, FieldTables, counts_by, write_workbook
from impacteval.reporting.workbook_words import READ_ME
from impacteval.survey.answers import ANSWER_COLUMNS
from impacteval.survey.corrections import ACTIONS, SOURCES
from impacteval.survey.recode_answers import RECODE_ANSWER_COLUMNS
from impacteval.survey.sheet_text import sheet_text
from impacteval.tables import FINDING_COLUMNS, table_of
from support.workbooks import parts_of, sheet_records, sheet_rows

FINDING = {
    "finding_id": "firms-wage-odd:firms.csv:3", "check_id": "firms-wage-odd", "severity": "error", "table": "firms",
    "source_file": "firms.csv", "source_row": 3, "unit_id": "F1", "period": 1, "column": "wage", "value_shown": "1000",
    "message": "odd", "suggestion": "call back", "status": "open", "code": "C08", "submission": "u1", "enumerator": "Ann",
}  # fmt: skip
CHECKS = pd.DataFrame({"check_id": ["firms-wage-odd"], "message": ["odd"], "n_open": [1]})
PAYLOADS = (
    "=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1+1", "\r=1+1", "\n=1+1", "\uff1d1+1", '=HYPERLINK("http://x.test","y")',
    "=cmd|' /C calc'!A0", "=DDE(\"cmd\";\"/C calc\")", "http://x.test/a", "mailto:a@x.test", "{=1+1}", "<f>1+1</f>",
    "_x003D_1", "internal:Sheet1!A1", "00123", "1e5", "TRUE",
)  # fmt: skip


def findings(*changes):
    rows = [{**FINDING, "finding_id": f"f{i}", **change} for i, change in enumerate(changes or ({},))]
    return table_of(rows, FINDING_COLUMNS)


def written(path, *changes, **facts):
    tables = FieldTables(title="A made-up study", findings=findings(*changes), by_check=CHECKS)
    write_workbook(path / "findings.xlsx", replace(tables, **facts))
    return path / "findings.xlsx"


def all_text(path):
    return "".join(parts_of(path).values())


def test_open_findings_are_to_do_and_others_on_record(tmp_path):
    path = written(tmp_path, {}, {"status": "corrected"}, {"status": "accepted"})
    assert [row["finding_id"] for row in sheet_records(path)] == ["f0"]
    done = sheet_records(path, "Accepted and corrected")
    assert [(row["finding_id"], row["status"]) for row in done] == [("f1", "corrected"), ("f2", "accepted")]


def test_row_says_what_where_and_what_to_do_and_leaves_room_for_the_answer(tmp_path):
    (row,) = sheet_records(written(tmp_path))
    assert {name: row[name] for name in ("check", "table", "file", "row", "submission", "enterprise", "period")} == {
        "check": "firms-wage-odd", "table": "firms", "file": "firms.csv", "row": 3.0, "submission": "u1",
        "enterprise": "F1", "period": 1.0,
    }  # fmt: skip
    assert (row["value shown"], row["what is wrong"], row["suggestion"]) == ("1000", "odd", "call back")
    assert list(row)[-8:] == list(ANSWER_COLUMNS)
    assert {row[name] for name in ANSWER_COLUMNS} == {""}


def test_errors_come_first_and_severity_has_a_sign_and_a_word(tmp_path):
    path = written(tmp_path, {"severity": "info"}, {"severity": "error"}, {"severity": "warning"})
    assert [row["severity"] for row in sheet_records(path)] == ["■ error", "▲ warning", "○ info"]


def test_choices_are_offered_where_only_these_are_allowed(tmp_path):
    parts = parts_of(written(tmp_path))
    lists = re.findall(r"<formula1>(.*?)</formula1>", "".join(parts.values()))
    assert lists == [f'"{",".join(ACTIONS)}"', f'"{",".join(SOURCES)}"']


def test_header_stays_in_view_and_columns_can_be_filtered(tmp_path):
    parts = parts_of(written(tmp_path, {}, {"status": "accepted"}))
    sheets = [text for name, text in parts.items() if name.startswith("xl/worksheets/")][1:]
    assert len(sheets) == 5
    for text in sheets:
        assert '<pane xSplit="1" ySplit="1"' in text and 'state="frozen"' in text
        assert "<autoFilter" in text


def test_instructions_are_in_both_languages(tmp_path):
    text = [row[0] for row in sheet_rows(written(tmp_path), "Read me")]
    assert text[0] == "A made-up study"
    assert {"What to do", "Yang harus dilakukan"} <= set(text)
    assert [heading for heading, _ in READ_ME] == [line for line in text if line in dict(READ_ME)]


def test_recode_sheet_is_there_only_when_there_are_answers_to_code(tmp_path):
    recode = pd.DataFrame({"value": ["garmen", "=1+1"], "n": [3, 1]})
    path = written(tmp_path, recode=recode)
    empty = dict.fromkeys(RECODE_ANSWER_COLUMNS, "")
    assert sheet_records(path, "Recode sheet") == [
        {"value": "garmen", "n": 3.0, **empty},
        {"value": "=1+1", "n": 1.0, **empty},
    ]
    assert "Recode sheet" not in parts_of(written(tmp_path))["xl/workbook.xml"]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_text_becomes_a_formula_a_link_or_a_number(tmp_path, payload):
    """Whatever was typed in an interview, in any column and any sheet."""
    texts = {name: payload for name, kind in FINDING_COLUMNS.items() if kind == "str" and name != "status"}
    table = pd.DataFrame({payload: [payload]})
    path = written(
        tmp_path, texts, {**texts, "status": "accepted"}, title=payload, by_check=table, recode=table
    )
    parts = parts_of(path)
    sheets = "".join(text for name, text in parts.items() if name.startswith("xl/worksheets/"))
    assert "<f>" not in sheets and "<f " not in sheets
    assert "hyperlink" not in sheets.lower()
    assert not any("external" in name.lower() or "TargetMode" in text for name, text in parts.items())
    assert "ddeLink" not in "".join(parts.values())
    (row,) = sheet_records(path)
    assert (row["value shown"], row["enterprise"], row["what is wrong"]) == (payload, payload, payload)
    assert sheet_rows(path, "By check") == [[payload], [payload]]


@pytest.mark.parametrize(
    ("text", "shown"),
    [("a\x00b", "a␀b"), ("\x1b[0m", "␛[0m"), ("a\x85b", "a�b"), ("x" * 40_000, "x" * 32_000 + " [cut]")],
)  # fmt: skip
def test_text_that_no_cell_can_hold_is_shown_as_far_as_it_can_be(tmp_path, text, shown):
    (row,) = sheet_records(written(tmp_path, {"value_shown": text}))
    assert row["value shown"] == shown


def test_half_a_character_is_shown_as_none():
    assert sheet_text("a\ud800b\uffff") == "a\ufffdb\ufffd"


def test_equal_findings_give_equal_bytes(tmp_path):
    hashes = set()
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        path = written(tmp_path / name, {}, {"status": "accepted"})
        hashes.add(hashlib.sha256(path.read_bytes()).hexdigest())
    assert len(hashes) == 1


ARMS = {
    "roles": {"firms": Roles(arm="arm")},
    "arm_columns": ("firms.grant",),
    "arm_words": ("Mentor", "control"),
}


@pytest.mark.parametrize("column", ["arm", "firm+arm", "grant"])
def test_arm_of_a_row_is_not_shown(tmp_path, column):
    path = written(tmp_path, {"column": column, "value_shown": "secret1"}, **ARMS)
    assert sheet_records(path)[0]["value shown"] == "[not shown: it names an arm]"
    assert "secret1" not in all_text(path)


def test_same_column_of_another_table_is_shown(tmp_path):
    path = written(tmp_path, {"table": "workers", "column": "arm"}, **ARMS)
    assert sheet_records(path)[0]["value shown"] == "1000"


@pytest.mark.parametrize("name", ["value_shown", "message", "suggestion"])
def test_what_is_said_of_arms_as_a_whole_is_not_shown(tmp_path, name):
    path = written(tmp_path, {"source_row": 0, name: "20% in MENTOR, 8% in Control"}, **ARMS)
    assert not re.search("mentor|control", all_text(path), re.IGNORECASE)


def test_words_that_only_contain_the_name_of_an_arm_or_stand_in_a_row_are_shown(tmp_path):
    path = written(
        tmp_path, {"source_row": 0, "message": "controlled"}, {"message": "the control room"}, **ARMS
    )
    assert [row["what is wrong"] for row in sheet_records(path)] == ["controlled", "the control room"]


def test_findings_are_counted_by_enterprise_and_enumerator(tmp_path):
    path = written(
        tmp_path, {}, {"severity": "warning"}, {"status": "accepted"}, {"unit_id": "F2", "enumerator": ""},
        {"unit_id": "F2", "enumerator": ""}, {"unit_id": ""},
    )  # fmt: skip
    rows = sheet_records(path, "By enterprise")
    assert [(r["unit_id"], r["open_error"], r["open_warning"], r["accepted"]) for r in rows] == [
        ("F2", 2.0, 0.0, 0.0),
        ("F1", 1.0, 1.0, 1.0),
    ]
    assert [(r["enumerator"], r["open_error"]) for r in sheet_records(path, "By enumerator")] == [
        ("Ann", 2.0)
    ]


def test_workbook_without_findings_is_whole(tmp_path):
    path = written(tmp_path, findings=table_of([], FINDING_COLUMNS), by_check=CHECKS.iloc[:0])
    assert sheet_records(path) == []
    assert len(counts_by(table_of([], FINDING_COLUMNS), ["table", "enumerator"])) == 0


def test_findings_that_do_not_fit_are_counted_in_the_instructions(tmp_path, monkeypatch):
    monkeypatch.setattr("impacteval.reporting.workbook.MOST_ROWS", 2)
    path = written(tmp_path, {}, {}, {})
    assert len(sheet_records(path)) == 2
    assert sheet_rows(path, "Read me")[-1] == [
        "1 more findings are in validation/findings.csv; answer these first."
    ]
    assert MOST_ROWS < 1_048_576


def test_failed_writing_leaves_no_file(tmp_path):
    with pytest.raises(AttributeError):
        written(tmp_path, by_check=None)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("synthetic", [True, False])
def test_simulated_data_are_declared_first_and_at_the_foot_of_each_printed_sheet(tmp_path, synthetic):
    parts = parts_of(written(tmp_path, is_synthetic=synthetic))
    sheets = [text for name, text in parts.items() if name.startswith("xl/worksheets/sheet")]
    assert len(sheets) >= 5
    assert {"<oddFooter>Synthetic data</oddFooter>" in text for text in sheets} == {synthetic}
    assert ("Data sintetis" in "".join(parts.values())) is synthetic
