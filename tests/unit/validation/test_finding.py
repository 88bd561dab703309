"""The table of findings, and the stop."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from impacteval.checks import OfType
from impacteval.errors import DataError
from impacteval.tables import FINDING_COLUMNS, table_of
from impacteval.validation.finding import findings_table, stop_on_open_errors
from impacteval.validation.run import summary

SHOWN = Path("findings.csv")


def finding(row, *, severity="error", check="firms-wage-type"):
    return {
        "check_id": check, "severity": severity, "table": "firms", "source_file": "firms.csv", "source_row": row, "unit_id": "a", "period": 1,
        "column": "wage", "value_shown": "abc", "message": "not a number", "suggestion": "correct it", "raw_value": "abc",
    }  # fmt: skip


def table_of_findings(before, after, accepted=()):
    kinds = {
        **{c: k for c, k in FINDING_COLUMNS.items() if c not in {"finding_id", "status"}},
        "raw_value": "str",
    }
    left = table_of(after, kinds)
    kept = pd.Series([row["source_row"] in accepted for row in after], index=left.index, dtype="bool")
    return findings_table(table_of(before, kinds), left, kept)


def test_findings_that_corrections_cured_stay_on_record():
    table = table_of_findings([finding(2), finding(3)], [finding(3)])
    assert list(table.columns) == list(FINDING_COLUMNS)
    assert dict(zip(table["source_row"], table["status"], strict=True)) == {2: "corrected", 3: "open"}
    assert table["finding_id"].is_unique


def test_finding_that_a_correction_made_is_open():
    table = table_of_findings([], [finding(5)])
    assert table["status"].tolist() == ["open"]


def test_no_finding_is_a_table_with_all_columns():
    table = table_of_findings([], [])
    assert list(table.columns) == list(FINDING_COLUMNS)
    assert len(table) == 0
    stop_on_open_errors(table, SHOWN)


def test_order_of_findings_does_not_change_the_table():
    one = table_of_findings([finding(2), finding(3)], [finding(2), finding(3)])
    other = table_of_findings([finding(3), finding(2)], [finding(3), finding(2)])
    assert one.equals(other)


def test_accepted_finding_stays_on_record_and_does_not_stop():
    table = table_of_findings([finding(2)], [finding(2)], accepted={2})
    assert table["status"].tolist() == ["accepted"]
    stop_on_open_errors(table, SHOWN)


def test_run_stops_once_and_lists_every_open_error():
    with pytest.raises(DataError) as caught:
        stop_on_open_errors(table_of_findings([finding(2), finding(3)], [finding(2), finding(3)]), SHOWN)
    message = str(caught.value)
    assert "2 problems" in message and "findings.csv" in message
    assert "firms.csv, row 2, column wage: found 'abc'; not a number: correct it [firms-wage-type]" in message
    assert "row 3" in message


def test_warnings_and_cured_errors_do_not_stop():
    warned = finding(2, severity="warning")
    stop_on_open_errors(table_of_findings([warned, finding(3)], [warned]), SHOWN)


def test_checks_that_found_nothing_are_counted_as_zero():
    checks = [
        OfType(kind="of_type", id=f"firms-{c}-type", table="firms", severity="error", message="", suggestion="", column=c, type="decimal")
        for c in ("wage", "hours")
    ]  # fmt: skip
    counted = summary(table_of_findings([finding(2), finding(3)], [finding(3)]), checks).set_index("check_id")
    assert counted.loc["firms-wage-type", ["n_open", "n_corrected"]].tolist() == [1, 1]
    assert counted.loc["firms-hours-type", ["n_open", "n_corrected"]].tolist() == [0, 0]


@pytest.mark.parametrize(("column", "value"), [("status", ""), ("status", "Open"), ("severity", "eror")])
def test_finding_of_an_unknown_status_or_severity_stops_the_run(column, value):
    """Bug: a torn or edited table let an open error pass; what is not known to be harmless stops."""
    table = table_of_findings([finding(2)], [finding(2)]).assign(**{column: value})
    with pytest.raises(DataError, match=r"findings\.csv is not as it was written"):
        stop_on_open_errors(table, SHOWN)
