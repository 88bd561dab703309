"""Answers of a synthetic field team: only of what was found, and as the ledger knows it."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pandas as pd
import pytest

from impacteval.survey.corrections import parse_corrections
from impacteval.tables import FINDING_COLUMNS, table_of
from support.study import correction_rows

TOOL = Path(__file__).resolve().parents[2] / "tools" / "synthetic_answers.py"


@pytest.fixture(scope="module")
def tool():
    spec = importlib.util.spec_from_file_location("synthetic_answers", TOOL)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def finding(submission, column, **changes):
    found = {
        "check_id": "firms-high",
        "table": "firms",
        "source_file": "firms.csv",
        "source_row": 2,
        "column": column,
    }
    found |= {"submission": submission, "severity": "warning", "status": "open", "value_shown": "shown"}
    return {**found, **changes}


def planted(error, submission, column, wrong, clean):
    return {"error": error, "table": "firms", "file": "firms.csv", "submission": submission, "column": column, "clean": clean, "planted": wrong}  # fmt: skip


def answered(tool, findings, ledger):
    columns = ["error", "table", "file", "submission", "column", "clean", "planted"]
    lines = tool.answers(table_of(findings, FINDING_COLUMNS), pd.DataFrame(ledger, columns=columns))
    # Every line is one that the log can hold.
    parse_corrections(correction_rows(*[{k: v for k, v in a.items() if k != "correction_id"} for a in lines]))
    return lines


SALES = planted("money_unit_1e3_1e6", "u1", "sales", "5", "5000000")


def test_a_cell_that_a_check_found_is_answered_from_the_ledger(tool):
    (line,) = answered(tool, [finding("u1", "sales+costs")], [SALES])
    assert (line["action"], line["old_value"], line["new_value"]) == ("replace", "5", "5000000")
    assert line["reason"] and line["blind"] == "yes"


@pytest.mark.parametrize(
    ("findings", "ledger"),
    [
        ([], [SALES]),
        ([finding("u2", "sales")], [SALES]),
        ([finding("u1", "costs")], [SALES]),
        ([finding("u1", "sales", status="corrected")], [SALES]),
        ([finding("u1", "sales")], []),
        ([finding("u1", "sales")], [planted("heaping_money", "u1", "sales", "5000", "5012")]),
    ],
)
def test_what_nobody_would_be_asked_is_not_answered(tool, findings, ledger):
    assert answered(tool, findings, ledger) == []


@pytest.mark.parametrize("error", ["skip_violation", "pii_in_text"])
def test_what_should_not_be_there_is_taken_out(tool, error):
    (line,) = answered(tool, [finding("u1", "note")], [planted(error, "u1", "note", "call Ann", "clean")])
    assert line["new_value"] == ""


def test_a_mistyped_number_gets_a_new_id(tool):
    (line,) = answered(tool, [finding("u1", "firm")], [planted("id_changed", "u1", "firm", "F12", "F21")])
    assert (line["action"], line["new_value"]) == ("newid", "F21")


def test_of_two_copies_one_leaves_and_one_is_kept_however_often_it_was_found(tool):
    keys = [finding(u, "firm+round", check_id="firms-key", severity="error") for u in ("u1", "u9", "u1")]
    lines = answered(tool, keys, [planted("dup", "u9", "", "", "u1")])
    assert [(a["submission"], a["action"], a["column"]) for a in lines] == [
        ("u9", "drop", ""),
        ("u1", "okay", "firm+round"),
    ]
    assert lines[1]["old_value"] == "shown"


def test_a_copy_whose_first_was_not_found_waits(tool):
    keys = [finding("u9", "firm+round", check_id="firms-key")]
    assert answered(tool, keys, [planted("dup", "u9", "", "", "u1")]) == []


def test_broken_off_interviews_are_accepted_when_no_row_is_left_to_correct(tool):
    share = finding("", "sales", check_id="firms-answered", severity="error", source_row=0, source_file="")
    (line,) = answered(tool, [share], [])
    assert (line["action"], line["source_row"], line["source_file"]) == ("okay", "0", "")
    assert answered(tool, [share, finding("u1", "sales", severity="error")], []) == []
