"""From the filled workbook to the log: every answer fits, and does what it says."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from impacteval.checks import InRange, Unique
from impacteval.config import CORRECTION_COLUMNS, read_rows
from impacteval.delivery import Roles
from impacteval.errors import DataError
from impacteval.reporting.workbook import FieldTables, write_workbook
from impacteval.survey.answers import append_corrections, corrections_from_answers, read_answers
from impacteval.survey.applied import accepted_findings, unused_okays
from impacteval.survey.corrections import parse_corrections
from impacteval.survey.log_rules import LogRules
from impacteval.survey.replay import replay
from impacteval.validation.finding import findings_of, findings_table
from impacteval.validation.run import with_text
from impacteval.validation.survey import Survey, failing, failing_whole
from support.study import correction_rows, correction_text
from support.tables import codebook, text_table, variable
from support.workbooks import fill, save, sheet_records

ABOUT = {"table": "firms", "severity": "error", "message": "odd", "suggestion": "ask"}
HIGH = InRange(kind="in_range", id="high", column="wage", maximum=100.0, **ABOUT)
PAIR = Unique(kind="unique", id="pair", columns=("wage", "cost"), **ABOUT)
KEY = Unique(kind="unique", id="key", columns=("firm", "round"), **ABOUT)
BOOK = codebook(
    variable("firm"), variable("round", "integer"), variable("wage", "decimal"), variable("cost", "decimal", confidential="yes"), variable("key"),
)  # fmt: skip
RULES = LogRules(codebook=BOOK, roles={"firms": Roles(unit="firm", period="round", submission="key")})
PLACED = replace(RULES, roles={"firms": Roles(unit="firm", period="round")})
CELLS = {
    "firm": ["a", "b", "c", "d"],
    "round": ["1", "1", "1", "1"],
    "wage": ["90", "1000", "70", "=1+1"],
    "cost": ["1", "2", "300", "4"],
    "key": ["u1", "u2", "u3", "u4"],
}
WHO = {"reason": "asked", "source": "call-back", "decided_by": "field team", "decided_on": "2026-03-31"}


def raw(**changes):
    return {"firms": text_table({**CELLS, **changes})}


def checked(text, rules, applied=()):
    """Findings of a few checks on text, and which of them the log accepts."""
    survey, _ = with_text(Survey(tables={}), text, rules.codebook, rules.roles)
    frame = survey.tables["firms"].frame
    wage, cost = frame["wage"], frame["cost"]
    failures = [
        *failing(HIGH, (wage.gt(100) | (wage.isna() & text["firms"]["wage"].ne(""))).to_numpy(dtype=bool)),
        *failing(PAIR, cost.gt(wage).to_numpy(dtype=bool)),
        *failing(KEY, frame.duplicated(["firm", "round"], keep=False).to_numpy(dtype=bool)),
    ]
    if len(frame) and float(np.mean(wage.isna())) > 0.2:
        failures += failing_whole(HIGH, "wage", "few values")
    found = findings_of(survey, failures)
    return found, accepted_findings(found, applied)


def state(text, existing, rules):
    """The findings table after a log, and what the log left."""
    replayed = replay(text, existing, rules)
    before, _ = checked(text, rules)
    after, accepted = checked(replayed.text, rules, replayed.applied)
    return findings_table(before, after, accepted), after, replayed


def workbook(path, findings):
    write_workbook(path, FieldTables(title="t", findings=findings, by_check=pd.DataFrame()))
    return path


def answered(tmp_path, answers, *, text=None, rules=RULES, existing=()):
    """New lines for answers by finding id, each with who and why unless it says otherwise."""
    text = raw() if text is None else text
    findings = state(text, existing, rules)[0]
    path = workbook(tmp_path / "findings.xlsx", findings)
    fill(path, {name: {**WHO, **answer} for name, answer in answers.items()})
    return corrections_from_answers(read_answers(path), findings, text=text, rules=rules, existing=existing)


def refusal(tmp_path, answers, **study):
    with pytest.raises(DataError) as caught:
        answered(tmp_path, answers, **study)
    return str(caught.value)


HIGH3, PAIR4 = "high:firms.csv:3", "pair:firms.csv:4"


def test_answer_becomes_a_line_with_the_raw_value_and_its_submission(tmp_path):
    (line,) = answered(tmp_path, {HIGH3: {"action": "replace", "new_value": "100", "error_by": "Ann"}})
    assert (line.submission, line.source_file, line.source_row) == ("u2", "", None)
    assert (line.column, line.old_value, line.new_value, line.check_id) == ("wage", "1000", "100", "high")
    assert (line.correction_id, line.blind, line.error_by, line.decided_by) == (1, "yes", "Ann", "field team")


@pytest.mark.parametrize("keys", [["u1", "u2", "u2", "u4"], ["u1", "", "u3", "u4"]])
def test_row_is_named_by_its_place_where_the_submission_does_not_tell(tmp_path, keys):
    (line,) = answered(tmp_path, {HIGH3: {"action": "replace", "new_value": "100"}}, text=raw(key=keys))
    assert (line.submission, line.source_file, line.source_row) == (keys[1], "firms.csv", 3)


def test_rows_without_an_answer_are_left_alone(tmp_path):
    findings = state(raw(), (), RULES)[0]
    assert read_answers(workbook(tmp_path / "f.xlsx", findings)) == ()
    assert corrections_from_answers((), findings, text=raw(), rules=RULES) == ()


def test_confidential_values_need_not_be_typed(tmp_path):
    """The sheet shows 70 | [confidential]; only the part that is typed changes."""
    (line,) = answered(tmp_path, {PAIR4: {"action": "replace", "new_value": "70 | 30"}})
    assert (line.column, line.old_value, line.new_value) == ("cost", "300", "30")
    (line,) = answered(tmp_path, {PAIR4: {"action": "replace", "new_value": "700 | [confidential]"}})
    assert (line.column, line.old_value, line.new_value) == ("wage", "70", "700")
    (line,) = answered(tmp_path, {PAIR4: {"action": "okay"}})
    assert (line.column, line.old_value) == ("wage+cost", "70 | 300")


def test_value_can_be_taken_out_but_not_by_forgetting_it(tmp_path):
    (line,) = answered(tmp_path, {HIGH3: {"action": "replace", "new_value": "[empty]"}})
    assert line.new_value == ""
    message = refusal(tmp_path, {HIGH3: {"action": "replace"}})
    assert f"row 3, finding {HIGH3}: new_value is empty; type the value, or [empty]" in message
    assert "new_value is empty" in refusal(tmp_path, {PAIR4: {"action": "replace", "new_value": " | 30"}})


def test_numbers_and_dates_that_excel_made_of_what_was_typed_are_read(tmp_path):
    answer = {"action": "replace", "new_value": 100.0, "decided_on": date(2026, 3, 31)}
    (line,) = answered(tmp_path, {HIGH3: answer})
    assert (line.new_value, line.decided_on) == ("100", "2026-03-31")


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ({"action": "", "new_value": "5"}, "action '': choose one of replace, drop, newid, okay, recode"),
        ({"action": "fix"}, "action 'fix': choose one of"),
        ({"action": "okay", "reason": ""}, "reason is empty; a correction says why, and who decided"),
        ({"action": "okay", "decided_by": " "}, "decided_by is empty"),
        ({"action": "okay", "decided_on": "yesterday"}, "decided_on 'yesterday' is not a day"),
        ({"action": "okay", "source": ""}, "source '': how it was found out"),
        ({"action": "okay", "new_value": "5"}, "new_value is not empty; okay keeps the value"),
        ({"action": "drop", "new_value": "5"}, "new_value is not empty; drop is about a row"),
        ({"action": "replace", "new_value": "1000"}, "new_value changes nothing; to keep the value choose okay"),
        ({"action": "replace", "new_value": "[confidential]"}, "new_value changes nothing"),
        ({"action": "newid", "new_value": "a "}, "new_value is empty or begins or ends with white space"),
    ],
)  # fmt: skip
def test_answer_that_is_not_whole_is_named_by_row_and_finding(tmp_path, answer, message):
    assert f"row 3, finding {HIGH3}: {message}" in refusal(tmp_path, {HIGH3: answer})


def test_answer_on_several_columns_has_a_part_for_each(tmp_path):
    message = refusal(tmp_path, {PAIR4: {"action": "replace", "new_value": "5"}})
    assert f"finding {PAIR4}: new_value needs 2 parts with ' | ' between them" in message


def test_all_faults_are_listed_at_once(tmp_path):
    message = refusal(
        tmp_path, {HIGH3: {"action": "okay", "reason": "", "source": ""}, PAIR4: {"action": "fix"}}
    )
    assert "3 problems" in message


def test_finding_that_is_gone_unknown_or_shows_another_value_is_refused(tmp_path):
    findings = state(raw(), (), RULES)[0]
    path = fill(workbook(tmp_path / "f.xlsx", findings), {HIGH3: {**WHO, "action": "okay"}})
    answers = read_answers(path)

    def message(changed):
        with pytest.raises(DataError) as caught:
            corrections_from_answers(answers, changed, text=raw(), rules=RULES)
        return str(caught.value)

    assert "there is no such finding in the last run" in message(findings[findings["finding_id"] != HIGH3])
    assert "the finding is corrected by now" in message(findings.assign(status="corrected"))
    assert "the value shown is not the one found now" in message(findings.assign(value_shown="1001"))


def test_row_that_left_the_data_is_refused(tmp_path):
    findings = state(raw(), (), RULES)[0]
    path = fill(workbook(tmp_path / "f.xlsx", findings), {HIGH3: {**WHO, "action": "drop"}})
    for fewer in ({"firms": raw()["firms"].iloc[:1]}, {}):
        with pytest.raises(DataError, match="its row is not in the data"):
            corrections_from_answers(read_answers(path), findings, text=fewer, rules=RULES)


def test_answers_that_contradict_each_other_are_refused_and_equal_ones_are_one_line(tmp_path):
    text = raw(cost=["1", "2000", "3", "4"])
    both = {HIGH3: {"action": "replace", "new_value": "50"}, "pair:firms.csv:3": {"action": "replace", "new_value": "50 | [confidential]"}}  # fmt: skip
    (line,) = answered(tmp_path, both, text=text)
    assert (line.column, line.new_value) == ("wage", "50")
    both[HIGH3] = {"action": "replace", "new_value": "60"}
    assert "gives the same cell another value; keep one" in refusal(tmp_path, both, text=text)


def test_cell_that_the_log_corrected_already_is_refused_with_the_line(tmp_path):
    row = {"table": "firms", "submission": "u2", "column": "wage", "old_value": "1000", "new_value": "2000"}
    existing = parse_corrections(correction_rows(row))
    message = refusal(tmp_path, {HIGH3: {"action": "replace", "new_value": "100"}}, existing=existing)
    assert f"finding {HIGH3}: the cell is already decided on line 2; keep one of them" in message
    (line,) = answered(tmp_path, {HIGH3: {"action": "okay"}}, existing=existing)
    assert (line.correction_id, line.old_value) == (2, "2000")


def test_one_of_two_duplicates_cannot_be_dropped_alone(tmp_path):
    text = raw(firm=["a", "b", "b", "d"])
    keys = ("key:firms.csv:3", "key:firms.csv:4")
    message = refusal(tmp_path, {keys[0]: {"action": "drop"}}, text=text)
    assert (
        f"finding {keys[0]}: 2 rows have the key of this one, and no line decides on firms.csv row 4"
        in message
    )
    lines = answered(tmp_path, {keys[0]: {"action": "drop"}, keys[1]: {"action": "okay"}}, text=text)
    assert [line.action for line in lines] == ["drop", "okay"]


def test_new_id_is_given_to_the_row_of_any_finding(tmp_path):
    text = raw(firm=["a", "b", "b", "d"])
    keys = ("key:firms.csv:3", "key:firms.csv:4")
    for new in ("e", "e | 1"):
        lines = answered(
            tmp_path, {keys[0]: {"action": "newid", "new_value": new}, keys[1]: {"action": "okay"}}, text=text
        )
        assert (lines[0].column, lines[0].old_value, lines[0].new_value) == ("firm", "b", "e")
    (line,) = answered(tmp_path, {HIGH3: {"action": "newid", "new_value": "e"}})
    assert (line.column, line.old_value, line.new_value) == ("firm", "b", "e")


def test_what_must_not_be_corrected_is_refused_here_too(tmp_path):
    text = raw(firm=["a", "b", "b", "d"])
    message = refusal(tmp_path, {"key:firms.csv:3": {"action": "replace", "new_value": "b | 2"}}, text=text)
    assert "finding key:firms.csv:3: column 'round' is the period, which no correction may change" in message


def test_finding_on_a_whole_column_is_okay_or_nothing(tmp_path):
    text = raw(wage=["", "", "70", "80"])
    whole = "high:firms.csv:0"
    (line,) = answered(tmp_path, {whole: {"action": "okay"}}, text=text)
    assert (line.source_row, line.submission, line.old_value) == (0, "", "few values")
    message = refusal(tmp_path, {whole: {"action": "replace", "new_value": "5"}}, text=text)
    assert "the finding is on the table as a whole; only okay answers it" in message


def test_decision_after_unblinding_is_marked(tmp_path):
    late = replace(RULES, unblinded_on="2026-03-30")
    (line,) = answered(tmp_path, {HIGH3: {"action": "okay"}}, rules=late)
    assert line.blind == "no"


def test_workbook_that_is_none_or_lacks_the_sheet_is_refused(tmp_path):
    (tmp_path / "f.xlsx").write_bytes(b"not a workbook")
    with pytest.raises(DataError, match=r"f\.xlsx"):
        read_answers(tmp_path / "f.xlsx")
    with pytest.raises(DataError, match="To do"):
        read_answers(save(tmp_path / "f.xlsx", ["finding_id"], [], sheet="Sheet1"))
    with pytest.raises(DataError, match="decided_on"):
        read_answers(save(tmp_path / "f.xlsx", ["finding_id", "value shown", "action"], [["a", "b", "okay"]]))


@pytest.mark.parametrize("before", ["", correction_text({"table": "firms", "submission": "u1", "column": "wage", "old_value": "9", "new_value": 'a "b"\r\nc'})])  # fmt: skip
@pytest.mark.parametrize("ending", ["\n", "\r\n", ""])
def test_lines_are_added_and_those_before_stay_byte_for_byte(tmp_path, before, ending):
    text = (before or correction_text()).rstrip("\n").replace("\r\n", "\n") + ending
    path = tmp_path / "corrections.csv"
    path.write_bytes(text.encode())
    existing = parse_corrections(read_rows(path, CORRECTION_COLUMNS, path))
    (line,) = answered(
        tmp_path, {HIGH3: {"action": "replace", "new_value": 'x,"y"\rz', "reason": "=1+1\nnext"}}
    )
    added = replace(line, correction_id=len(existing) + 1)
    append_corrections(path, (added,))
    assert path.read_bytes().startswith(text.encode())
    after = parse_corrections(read_rows(path, CORRECTION_COLUMNS, path))
    assert after[:-1] == existing
    assert replace(after[-1], line=added.line) == added


def test_columns_of_a_log_may_stand_in_any_order(tmp_path):
    path = tmp_path / "corrections.csv"
    path.write_text(",".join(reversed(CORRECTION_COLUMNS)) + "\n", encoding="utf-8")
    lines = answered(tmp_path, {HIGH3: {"action": "okay"}})
    append_corrections(path, lines)
    assert parse_corrections(read_rows(path, CORRECTION_COLUMNS, path)) == lines


def test_log_that_changed_meanwhile_or_is_none_gets_no_line(tmp_path):
    path = tmp_path / "corrections.csv"
    lines = answered(tmp_path, {HIGH3: {"action": "okay"}})
    path.write_text(correction_text({"table": "firms"}), encoding="utf-8")
    with pytest.raises(DataError, match="lines were added since the answers were read"):
        append_corrections(path, lines)
    path.write_text("a,b\n", encoding="utf-8")
    with pytest.raises(DataError, match="the header must be"):
        append_corrections(path, lines)
    before = path.read_bytes()
    append_corrections(path, ())
    assert path.read_bytes() == before


WAGES = st.sampled_from(["90", "1000", "2000", "abc", "=1+1", " 70", "", "5e9"])


@settings(deadline=None, max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    wages=st.lists(WAGES, min_size=1, max_size=6),
    costs=st.lists(st.sampled_from(["1", "95", ""]), min_size=6, max_size=6),
    choices=st.lists(st.sampled_from(["okay", "replace"]), min_size=20, max_size=20),
    has_keys=st.booleans(),
)
def test_answering_every_finding_leaves_none_open(tmp_path, wages, costs, choices, has_keys):
    """Also when two findings on a cell are answered, as long as no cell is changed after an okay."""
    n = len(wages)
    text = raw(
        firm=[f"f{i}" for i in range(n)], round=["1"] * n, wage=wages, cost=costs[:n], key=[f"u{i}" for i in range(n)]
    )  # fmt: skip
    rules = RULES if has_keys else PLACED
    findings = state(text, (), rules)[0]
    path = workbook(tmp_path / "findings.xlsx", findings)
    shown = sheet_records(path)
    by_row = {row["row"]: choice for row, choice in zip(shown, choices, strict=False)}
    answers = {}
    for row in shown:
        choice = "okay" if row["row"] == 0 else by_row[row["row"]]
        new = {"okay": "", "replace": "99" if row["column"] == "wage" else "99 | 98"}[choice]
        answers[str(row["finding_id"])] = {**WHO, "action": choice, "new_value": new}
    fill(path, answers)
    lines = corrections_from_answers(read_answers(path), findings, text=text, rules=rules)
    assert bool(lines) == bool(shown)
    log = tmp_path / "corrections.csv"
    log.write_text(correction_text(), encoding="utf-8")
    append_corrections(log, lines)
    logged = parse_corrections(read_rows(log, CORRECTION_COLUMNS, log))
    after, left, replayed = state(text, logged, rules)
    assert (after["status"] != "open").all()
    if "replace" not in {a["action"] for a in answers.values()}:
        assert unused_okays(left, replayed.applied, replayed.keepers) == []
