"""How the other row of a finding is named, answered and kept in the log."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impacteval.checks import Overlap
from impacteval.config import CORRECTION_COLUMNS, read_rows
from impacteval.delivery import Roles
from impacteval.errors import DataError
from impacteval.reporting.workbook import FieldTables, write_workbook
from impacteval.survey.answers import append_corrections, corrections_from_answers, read_answers
from impacteval.survey.applied import accepted_findings, okays_of_any_partner
from impacteval.survey.corrections import OPTIONAL_COLUMNS, parse_corrections
from impacteval.survey.log_rules import LogRules
from impacteval.survey.partners import partners_in_log, partners_of, partners_text, row_keys
from impacteval.survey.replay import replay
from impacteval.validation.finding import findings_of, findings_table
from impacteval.validation.run import with_text
from impacteval.validation.survey import Survey, failing
from support.study import correction_rows, correction_text
from support.tables import codebook, text_table, variable
from support.workbooks import fill

WHO = {"reason": "asked", "source": "call-back", "decided_by": "field team", "decided_on": "2026-03-31"}
TWICE = Overlap(kind="overlap", id="twice", table="firms")
OPEN, SECRET = (codebook(variable("name"), variable("key", confidential=c)) for c in ("no", "yes"))
ROLES = {"firms": Roles(submission="key")}
TEXT = {"firms": text_table({"name": ["a", "b", "c"], "key": ["u1", "u2", "u2"]})}
OKAY = {"table": "firms", "submission": "u1", "column": "name", "old_value": "a", "action": "okay", "check_id": "twice"}  # fmt: skip


def rules(book=OPEN, roles=ROLES):
    return LogRules(codebook=book, roles=roles)


def found(partners, said=None, existing=()):
    """Findings on the first row, one for each tuple of positions of other rows, and what the log accepts."""
    said = said or rules()
    replayed = replay(TEXT, existing, said)
    survey, _ = with_text(Survey(tables={}), replayed.text, said.codebook, said.roles)
    failures = failing(TWICE, [0] * len(partners), columns=("name",))
    findings = findings_of(survey, [replace(f, partners=tuple(partners)) for f in failures])
    accepted = accepted_findings(findings, replayed.applied)
    return findings, findings_table(findings, findings, accepted), replayed


def answered(tmp_path, findings, said=None, **answers):
    """The log's lines for answers by number of the finding."""
    path = tmp_path / "findings.xlsx"
    write_workbook(path, FieldTables(title="t", findings=findings, by_check=findings.iloc[:0]))
    ids = {"first": "twice:firms.csv:2", "second": "twice:firms.csv:2:2"}
    fill(path, {ids[name]: {**WHO, "action": action} for name, action in answers.items()})
    return corrections_from_answers(read_answers(path), findings, text=TEXT, rules=said or rules())


def test_row_is_named_by_its_submission_or_else_by_its_place():
    frame = text_table({"key": ["u1", "", "u3"]})
    assert row_keys(frame, "key").tolist() == ["u1", "firms.csv row 3", "u3"]
    assert row_keys(frame, "").tolist() == ["firms.csv row 2", "firms.csv row 3", "firms.csv row 4"]


@given(st.lists(st.sampled_from(["u1", "u10", "u2", "firms.csv row 3"])))
def test_partners_are_the_same_text_in_any_order(keys):
    text = partners_text(keys)
    assert text == partners_text(keys[::-1])
    assert partners_of(text) == sorted(set(keys))


def test_partner_that_is_not_in_the_data_is_not_guessed():
    for shown, key in (("u2", "u2"), ("u2 | u3", None), ("firms.csv row 3", None), ("", "")):
        assert partners_in_log(shown, TEXT["firms"], ROLES["firms"], table="firms", codebook=OPEN) == key
    hidden = partners_in_log("firms.csv row 3", TEXT["firms"], ROLES["firms"], table="firms", codebook=SECRET)
    assert hidden == "u2"


@pytest.mark.parametrize(("book", "shown"), [(OPEN, "u2"), (SECRET, "firms.csv row 3")])
def test_answer_on_a_pair_is_a_line_with_the_submission_of_the_partner(tmp_path, book, shown):
    said = rules(book)
    findings = found([(1,)], said)[1]
    assert findings["partner"].tolist() == [shown]
    (line,) = answered(tmp_path, findings, said, first="okay")
    assert line.partner == "u2"
    assert found([(1,)], said, (line,))[1]["status"].tolist() == ["accepted"]
    assert found([(0,)], said, (line,))[1]["status"].tolist() == ["open"]
    (line,) = answered(tmp_path, findings, said, first="drop")
    assert line.partner == ""


def test_partner_without_a_submission_is_named_by_its_place(tmp_path):
    said = rules(roles={"firms": Roles()})
    (line,) = answered(tmp_path, found([(2,)], said)[1], said, first="okay")
    assert line.partner == "firms.csv row 4"
    assert found([(2,)], said, (line,))[1]["status"].tolist() == ["accepted"]


def test_two_pairs_of_one_row_are_two_lines(tmp_path):
    findings = found([(0,), (1,)])[1]
    lines = answered(tmp_path, findings, first="okay", second="okay")
    assert [line.partner for line in lines] == ["u1", "u2"]
    assert found([(1,), (0,)], None, lines)[1]["status"].tolist() == ["accepted", "accepted"]
    assert found([(1,), (0,)], None, lines[:1])[1]["status"].tolist() == ["accepted", "open"]


def test_answer_on_a_pair_that_is_another_by_now_is_refused(tmp_path):
    """Bug: numbers of findings on one row move when a pair is settled; an answer went to the next pair."""
    path = tmp_path / "findings.xlsx"
    before, after = found([(0,), (1,)])[1], found([(1,)])[1]
    write_workbook(path, FieldTables(title="t", findings=before, by_check=before.iloc[:0]))
    fill(path, {"twice:firms.csv:2": {**WHO, "action": "okay"}})
    with pytest.raises(DataError, match="the partner is not the one found now; fill in a new workbook"):
        corrections_from_answers(read_answers(path), after, text=TEXT, rules=rules())


def test_one_pair_is_accepted_once():
    lines = parse_corrections(correction_rows({**OKAY, "partner": "u2"}, {**OKAY, "partner": "u2"}))
    with pytest.raises(DataError, match="the finding is already decided on line 2"):
        replay(TEXT, lines, rules())


def test_line_without_a_partner_is_told_only_where_it_accepts_a_pair():
    lines = parse_corrections(correction_rows(OKAY, {**OKAY, "check_id": "other"}))
    findings, _, replayed = found([(1,)], None, lines)
    (warned,) = okays_of_any_partner(findings, replayed.applied)
    assert "correction_id 1: okay names no partner, so it accepts whatever other row check twice" in warned
    alone = findings.assign(partner="", raw_partner="")
    assert okays_of_any_partner(alone, replayed.applied) == []


OLD = [name for name in CORRECTION_COLUMNS if name not in OPTIONAL_COLUMNS]


def log_of_old(path, *rows, ending="\n"):
    """A log that was begun without the column of partners."""
    lines = correction_text(*rows).splitlines()
    path.write_bytes(ending.join([line.rsplit(",", 1)[0] for line in lines] + [""]).encode())
    return path.read_bytes()


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_older_log_gets_the_column_when_a_line_needs_it_and_its_lines_stay(tmp_path, ending):
    path = tmp_path / "corrections.csv"
    before = log_of_old(path, {**OKAY, "reason": 'said "yes", twice'}, OKAY, ending=ending).decode()
    existing = parse_corrections(read_rows(path, OLD, path))
    (line,) = parse_corrections(correction_rows({**OKAY, "partner": "u2"}))
    alone, pair = (replace(line, correction_id=3, partner=partner) for partner in ("", "u2"))
    append_corrections(path, (alone,))
    assert path.read_bytes().startswith(before.encode())
    log_of_old(path, {**OKAY, "reason": 'said "yes", twice'}, OKAY, ending=ending)
    append_corrections(path, (pair,))
    header, *lines = before.split(ending)
    wanted = [f"{header},partner", *(f"{text}," for text in lines if text)]
    assert path.read_bytes().decode().split(ending)[:3] == wanted
    after = parse_corrections(read_rows(path, CORRECTION_COLUMNS, path))
    assert after[:2] == existing
    assert replace(after[2], line=pair.line) == pair


def test_reasons_of_several_lines_survive_the_new_column(tmp_path):
    path = tmp_path / "corrections.csv"
    rows = {line: {**row, "reason": "one,\ntwo\r\nthree"} for line, row in correction_rows(OKAY).items()}
    cells = [f'"{row[name]}"' for row in rows.values() for name in OLD]
    path.write_bytes("\n".join([",".join(OLD), ",".join(cells), "", ""]).encode())
    (line,) = parse_corrections(correction_rows({**OKAY, "partner": "u2"}))
    append_corrections(path, (replace(line, correction_id=2),))
    first, second = parse_corrections(read_rows(path, CORRECTION_COLUMNS, path))
    assert (first.reason, first.partner, second.partner) == ("one,\ntwo\r\nthree", "", "u2")
