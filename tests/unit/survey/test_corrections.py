"""What a line of the log must say, and what it must not touch."""

from __future__ import annotations

import pytest

from impacteval.delivery import Roles
from impacteval.errors import DataError
from impacteval.survey.corrections import CORRECTION_COLUMNS, forbidden, is_day, parse_corrections
from support.study import correction_rows
from support.tables import codebook, variable

ROW = {"table": "firms", "source_file": "firms.csv", "source_row": "3", "column": "wage", "old_value": "1000", "new_value": "100"}  # fmt: skip
DROP = {"table": "firms", "source_file": "firms.csv", "source_row": "3", "action": "drop"}
OKAY = {**ROW, "new_value": "", "action": "okay", "check_id": "firms-wage-plausible"}
COLUMNS = ("firm", "worker", "round", "arm", "weight", "key", "consent", "wage", "profit")
BOOK = codebook(*[variable(column) for column in COLUMNS])
ROLES = {"firms": Roles(unit="firm", period="round", arm="arm", weight="weight", submission="key", consent="consent", consent_given=("yes",))}  # fmt: skip


def refusal(*rows, unblinded_on=""):
    with pytest.raises(DataError) as caught:
        parse_corrections(correction_rows(*rows), unblinded_on=unblinded_on)
    return str(caught.value)


def said(row, roles=ROLES, protected=()):
    (correction,) = parse_corrections(correction_rows(row))
    return forbidden(correction, codebook=BOOK, roles=roles, protected=protected)


@pytest.mark.parametrize("row", [ROW, DROP, OKAY, {**ROW, "column": "firm", "action": "newid"}, {**ROW, "action": "recode"}, {**ROW, "new_value": ""}])  # fmt: skip
def test_sound_lines_of_every_action_are_read(row):
    (correction,) = parse_corrections(correction_rows(row))
    assert correction.action == row.get("action", "replace")
    assert (correction.correction_id, correction.line, correction.source_row) == (1, 2, 3)


def test_log_without_lines_is_no_correction():
    assert parse_corrections({}) == ()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"correction_id": "one"}, "correction_id 'one' is not a number from 1 on"),
        ({"correction_id": "01"}, "correction_id '01' is not a number from 1 on"),
        ({"source_row": "-3"}, "source_row '-3' is not a row number"),
        ({"source_row": "3.0"}, "source_row '3.0' is not a row number"),
        ({"source_row": "²"}, "source_row '²' is not a row number"),
        ({"source_row": ""}, "source_file and source_row go together"),
        ({"source_file": ""}, "source_file and source_row go together"),
        ({"source_file": "", "source_row": ""}, "no row is named"),
        ({"source_row": "0"}, "source_row 0 is the table as a whole, which can only be okay"),
        ({"action": "fix"}, "action 'fix': allowed: replace, drop, newid, okay, recode"),
        ({"action": "drop"}, "column is not empty; drop is about a row, so leave it empty"),
        ({"action": "drop"}, "old_value is not empty; drop is about a row"),
        ({"action": "drop"}, "new_value is not empty; drop is about a row"),
        ({"action": "okay", "check_id": "c"}, "new_value is not empty; okay keeps the value"),
        ({"action": "okay", "new_value": ""}, "check_id is empty; okay says which check it accepts"),
        ({"column": ""}, "column is empty; replace says which cell of the row changes"),
        ({"new_value": "1000"}, "new_value is the same as old_value"),
        ({"action": "recode", "new_value": "1000"}, "new_value is the same as old_value"),
        ({"new_value": "1\x000"}, "new_value holds a control character"),
        ({"action": "newid", "new_value": " "}, "new_value is empty or begins or ends with white space"),
        ({"action": "newid", "new_value": "F1 "}, "new_value is empty or begins or ends with white space"),
        ({"reason": " "}, "reason is empty; a correction says why"),
        ({"decided_by": ""}, "decided_by is empty; a correction says why"),
        ({"decided_on": "31.3.2026"}, "decided_on '31.3.2026' is not a day such as 2026-03-31"),
        ({"decided_on": "2026-02-30"}, "decided_on '2026-02-30' is not a day"),
        ({"decided_on": ""}, "decided_on '' is not a day"),
        ({"source": ""}, "source '': how it was found out; allowed: call-back, re-interview, photo, logic, form"),
        ({"source": "phone"}, "source 'phone'"),
        ({"blind": ""}, "blind '': yes if who decided did not know the row's arm"),
    ],
)  # fmt: skip
def test_every_fault_of_a_line_is_named_with_what_to_do(changes, message):
    assert f"line 2: {message}" in refusal({**ROW, **changes})


def test_line_that_was_taken_out_leaves_a_gap():
    message = refusal({**ROW, "correction_id": "1"}, {**ROW, "correction_id": "4"})
    assert "correction_id 2, 3: missing; lines are added and never removed" in message


def test_id_that_stands_twice_is_named_with_both_lines():
    assert "line 3: correction_id 1 already stands on line 2" in refusal(ROW, {**ROW, "correction_id": "1"})


def test_lines_may_stand_in_any_order():
    rows = [{**ROW, "correction_id": "2"}, {**ROW, "correction_id": "1"}]
    assert [c.correction_id for c in parse_corrections(correction_rows(*rows))] == [2, 1]


def test_line_of_a_log_without_the_column_has_no_partner():
    rows = {
        line: {k: v for k, v in row.items() if k != "partner"}
        for line, row in correction_rows(ROW, OKAY).items()
    }
    assert [c.partner for c in parse_corrections(rows)] == ["", ""]


@pytest.mark.parametrize("row", [ROW, DROP])
def test_only_okay_is_about_two_rows(row):
    assert "line 2: partner is not empty; only okay is about two rows" in refusal({**row, "partner": "u2"})
    assert parse_corrections(correction_rows({**OKAY, "partner": "u2"}))[0].partner == "u2"


def test_all_faults_of_all_lines_are_listed_at_once():
    message = refusal({**ROW, "reason": "", "blind": "?"}, {**ROW, "action": "fix"})
    assert "3 problems" in message


@pytest.mark.parametrize(("day", "blind", "is_refused"), [("2026-04-01", "yes", False), ("2026-04-02", "yes", True), ("2026-04-02", "no", False), ("2026-01-01", "no", False)])  # fmt: skip
def test_decision_after_unblinding_says_that_it_was_not_blind(day, blind, is_refused):
    row = {**ROW, "decided_on": day, "blind": blind}
    if is_refused:
        assert "line 2: blind is yes, but arms have been known since 2026-04-01; write no" in refusal(
            row, unblinded_on="2026-04-01"
        )
    else:
        (correction,) = parse_corrections(correction_rows(row), unblinded_on="2026-04-01")
        assert correction.blind == blind


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"table": "firm"}, "table 'firm' does not exist; allowed: firms; did you mean 'firms'?"),
        ({"column": "wages"}, "column 'wages' is not in the codebook"),
        ({"column": "source_row"}, "column 'source_row' is not in the codebook"),
        ({"column": "arm"}, "column 'arm' is the arm, which no correction may change"),
        ({"column": "round"}, "column 'round' is the period, which no correction may change"),
        ({"column": "weight"}, "column 'weight' is the weight, which no correction may change"),
        ({"column": "key"}, "column 'key' is the key of the submission, which no correction may change"),
        ({"column": "consent"}, "column 'consent' is consent, which no correction may change"),
        ({"column": "firm"}, "column 'firm' is an id; use the action newid"),
        ({"column": "firm", "action": "recode"}, "column 'firm' is an id; use the action newid"),
        ({"column": "wage", "action": "newid"}, "newid is for ids, and column 'wage' is none; allowed: firm"),
        ({"column": "round", "action": "newid"}, "column 'round' is the period"),
    ],
)  # fmt: skip
def test_what_decides_who_is_compared_with_whom_cannot_be_corrected(changes, message):
    found = said({**ROW, "submission": "u1", **changes})
    assert len(found) == 1
    assert message in found[0]


def test_values_and_ids_can_be_corrected():
    row = {**ROW, "submission": "u1"}
    assert said(row) == []
    assert said({**row, "column": "firm", "action": "newid"}) == []


def test_id_of_a_worker_is_an_id():
    roles = {"firms": Roles(unit="firm", member="worker")}
    assert said({**ROW, "column": "worker", "action": "newid"}, roles) == []
    assert "is an id; use the action newid" in said({**ROW, "column": "worker"}, roles)[0]


@pytest.mark.parametrize("row", [ROW, DROP, {**ROW, "column": "firm", "action": "newid"}])
def test_assignment_cannot_be_corrected_but_a_finding_in_it_accepted(row):
    (message,) = said(row, {"firms": Roles(unit="firm")}, protected=("firms",))
    assert "table 'firms' is the assignment as it was drawn; amend its file" in message
    assert said(OKAY, {"firms": Roles(unit="firm")}, protected=("firms",)) == []


def test_column_that_says_who_is_treated_cannot_be_corrected():
    (message,) = said(ROW, {}, protected=("firms.wage",))
    assert message == "column 'wage' is the treatment, which no correction may change"
    assert said({**ROW, "column": "profit"}, {}, protected=("firms.wage",)) == []


def test_submission_is_a_key_only_where_the_table_has_one():
    (message,) = said({**ROW, "submission": "u1"}, {})
    assert "table 'firms' has no roles.submission in study.yaml" in message


def test_finding_on_a_whole_table_is_accepted_by_row_0_without_a_submission():
    okay = {**OKAY, "source_row": "0"}
    assert said(okay) == []
    assert said({**okay, "submission": "u1"}) == ["row 0 is the table as a whole; leave submission empty"]
    assert said({**okay, "column": ""}) == []


@pytest.mark.parametrize("number", ["0", "000"])
def test_row_0_of_a_table_of_several_files_needs_no_file_and_is_only_accepted(number):
    whole = {**OKAY, "source_file": "", "source_row": number}
    (okay,) = parse_corrections(correction_rows(whole))
    assert (okay.is_whole_table, okay.source_file, okay.source_row) == (True, "", 0)
    for row in ({**ROW, "source_file": ""}, {**DROP, "source_file": ""}):
        message = refusal({**row, "source_row": number})
        assert "source_row 0 is the table as a whole, which can only be okay" in message


def test_okay_may_be_about_columns_that_cannot_be_corrected_and_about_several():
    assert said({**OKAY, "column": "arm"}) == []
    assert said({**OKAY, "column": "firm+round"}) == []
    assert "column 'rund' is not in the codebook" in said({**OKAY, "column": "firm+rund"})[0]


@pytest.mark.parametrize(("text", "is_one"), [("2026-03-31", True), ("2026-3-31", False), ("20260331", False), ("2026-13-01", False), ("", False), ("२०२६-०३-३१", False)])  # fmt: skip
def test_days_are_written_one_way(text, is_one):
    assert is_day(text) == is_one


def test_columns_of_the_log_are_those_of_a_correction():
    assert len(set(CORRECTION_COLUMNS)) == len(CORRECTION_COLUMNS) == 18
