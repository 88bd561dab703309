"""From the filled recode sheet to the log: each text that gets a code changes its rows, or is refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from impacteval.checks import OtherSpecify
from impacteval.cli import main
from impacteval.delivery import Roles
from impacteval.errors import DataError
from impacteval.reporting.workbook import FieldTables, write_workbook
from impacteval.survey.answers import TO_DO, corrections_from_answers, read_answers
from impacteval.survey.consent import Withdrawal
from impacteval.survey.log_rules import LogRules
from impacteval.survey.recode_answers import RECODE_ANSWER_COLUMNS, RECODE_SHEET, Recodes, read_recodes
from impacteval.survey.replay import replay
from impacteval.tables import FINDING_COLUMNS, read_csv, table_of
from impacteval.validation.other_specify import recode_sheet
from impacteval.validation.run import with_text
from impacteval.validation.survey import Survey
from support.exports import made_columns, write_export
from support.tables import codebook, text_table, variable
from support.workbooks import save, sheet_records, sheet_rows

CHECK = OtherSpecify(
    kind="other_specify", id="firms-sector-other", table="firms", column="sector", other="96", text="typed"
)
SECTOR = variable(
    "sector",
    "category",
    allowed=("1", "2", "96"),
    missing_codes=("-98=refused",),
    choice_labels=("Garment", "Food", "Other"),
)
TYPED = variable("typed", relevant="${sector} = '96'")
INPUTS = replace(SECTOR, type="multiple")
CELLS = {
    "firm": ["a", "b", "c", "d", "e"],
    "sector": ["96", "1", "96", "96", "96"],
    "typed": ["garmen", "garmen", "toys", "garmen ", ""],
}
GARMENT = {
    "new_code": "1",
    "reason": "it is the same",
    "source": "logic",
    "decided_by": "office",
    "decided_on": "2026-03-31",
}
NO_FINDINGS = table_of([], FINDING_COLUMNS)


def rules_of(*variables, **facts):
    book = codebook(variable("firm"), *(variables or (SECTOR, TYPED)))
    return LogRules(codebook=book, roles={"firms": Roles(unit="firm")}, **facts)


def sheet_of(text, rules, existing=(), check=CHECK, withdrawals=()):
    """The recode sheet of a run."""
    replayed = replay(text, existing, rules, withdrawals)
    survey, _ = with_text(Survey(tables={}), replayed.text, rules.codebook, rules.roles)
    return recode_sheet(survey, check).assign(check_id=check.id)


def filled(path, sheet, answers):
    """The workbook, saved by somebody who answered some texts."""
    tables = FieldTables(title="t", findings=NO_FINDINGS, by_check=pd.DataFrame(), recode=sheet)
    write_workbook(path, tables)
    rows = [{**row, **answers.get(str(row["value"]), {})} for row in sheet_records(path, RECODE_SHEET)]
    return save(path, list(rows[0]), [list(row.values()) for row in rows], RECODE_SHEET)


def answered(tmp_path, answers, *, cells=CELLS, rules=None, withdrawals=(), change=None):
    rules = rules_of() if rules is None else rules
    text = {"firms": text_table(cells)}
    path = filled(tmp_path / "f.xlsx", sheet_of(text, rules, withdrawals=withdrawals), answers)
    now = text if change is None else {"firms": text_table({**cells, **change})}
    recodes = Recodes(answers=read_recodes(path), checks={CHECK.id: CHECK}, withdrawals=withdrawals)
    lines = corrections_from_answers((), NO_FINDINGS, text=now, rules=rules, recodes=recodes)
    return lines, now, rules


def refusal(tmp_path, answers, **study):
    with pytest.raises(DataError) as caught:
        answered(tmp_path, answers, **study)
    return str(caught.value)


def left(lines, text, rules):
    frame = replay(text, lines, rules).text["firms"]
    return frame["sector"].tolist(), frame["typed"].tolist()


def test_a_code_reaches_every_row_with_the_text_and_no_other(tmp_path):
    lines, text, rules = answered(tmp_path, {"garmen": GARMENT})
    changed = [(c.source_row, c.column, c.old_value, c.new_value) for c in lines]
    assert changed == [
        (2, "sector", "96", "1"),
        (2, "typed", "garmen", ""),
        (5, "sector", "96", "1"),
        (5, "typed", "garmen ", ""),
    ]
    assert {c.action for c in lines} == {"recode"}
    assert {c.check_id for c in lines} == {CHECK.id}
    assert [c.correction_id for c in lines] == [1, 2, 3, 4]
    assert left(lines, text, rules) == (["1", "1", "96", "1", "96"], ["", "garmen", "toys", "", ""])


def test_the_text_stays_where_no_condition_asks_for_it(tmp_path):
    rules = rules_of(SECTOR, variable("typed"))
    lines, _, _ = answered(tmp_path, {"garmen": GARMENT}, rules=rules)
    assert {c.column for c in lines} == {"sector"}


def test_one_of_several_answers_gets_the_code_and_the_others_stay(tmp_path):
    cells = {"firm": ["a", "b"], "sector": ["2 96", "96 1"], "typed": ["garmen", "garmen"]}
    rules = rules_of(INPUTS, variable("typed"))
    lines, _, _ = answered(tmp_path, {"garmen": GARMENT}, cells=cells, rules=rules)
    assert [c.new_value for c in lines] == ["2 1", "1"]
    both, _, _ = answered(tmp_path, {"garmen": {**GARMENT, "new_code": "1 2"}}, cells=cells, rules=rules)
    assert [c.new_value for c in both] == ["2 1", "1 2"]


def test_a_missing_code_is_a_code(tmp_path):
    lines, text, rules = answered(tmp_path, {"toys": {**GARMENT, "new_code": "-98"}})
    assert left(lines, text, rules)[0][2] == "-98"


def test_rows_without_an_answer_are_left_alone(tmp_path):
    assert answered(tmp_path, {})[0] == ()


def test_a_workbook_without_the_sheet_has_no_recodes(tmp_path):
    path = tmp_path / "f.xlsx"
    write_workbook(path, FieldTables(title="t", findings=NO_FINDINGS, by_check=pd.DataFrame()))
    assert read_recodes(path) == ()
    assert read_answers(path) == ()


def test_what_is_no_workbook_is_refused(tmp_path):
    path = tmp_path / "f.xlsx"
    path.write_bytes(b"no workbook")
    with pytest.raises(DataError):
        read_recodes(path)


def test_a_sheet_that_lost_a_column_is_refused(tmp_path):
    path = save(tmp_path / "f.xlsx", ["check_id", "value", "new_code"], [["x", "y", "1"]], RECODE_SHEET)
    with pytest.raises(DataError, match="first_file"):
        read_recodes(path)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"new_code": "Garment"}, "new_code 'Garment' is no value of sector; allowed: 1, 2, 96, -98"),
        ({"new_code": "3"}, "a new one goes into `allowed` in codebook.csv first"),
        ({"new_code": "1 2"}, "new_code '1 2' is no value of sector"),
        ({"new_code": ""}, "new_code is empty"),
        ({"new_code": "96"}, "new_code is the answer as it is"),
        ({"reason": ""}, "reason is empty"),
        ({"decided_by": " "}, "decided_by is empty"),
        ({"source": "guess"}, "source 'guess'"),
        ({"decided_on": "yesterday"}, "decided_on 'yesterday' is not a day"),
        ({"check_id": "other"}, "its check is not asked any more"),
        ({"value": "garments"}, "the text is not the one found now"),
        ({"first_row": "6"}, "no answer is typed under `other` in its row now"),
        ({"first_row": "x"}, "no answer is typed under `other` in its row now"),
        ({"first_row": "99"}, "no answer is typed under `other` in its row now"),
        ({"n_rows": "1"}, "the text stands in 2 rows now"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_row(tmp_path, change, said):
    message = refusal(tmp_path, {"garmen": {**GARMENT, **change}})
    assert said in message
    assert "row 2 of sheet 'Recode sheet'" in message


def test_all_faults_of_all_rows_are_said_at_once(tmp_path):
    wrong = {"garmen": {**GARMENT, "new_code": "9"}, "toys": {**GARMENT, "reason": ""}}
    message = refusal(tmp_path, wrong)
    assert "'9'" in message and "reason is empty" in message


def test_data_that_changed_since_the_workbook_are_refused(tmp_path):
    gone = {"sector": ["1", "1", "96", "96", "96"]}
    assert "no answer is typed" in refusal(tmp_path, {"garmen": GARMENT}, change=gone)
    fewer = {"sector": ["96", "1", "96", "1", "96"]}
    assert "stands in 1 rows now" in refusal(tmp_path, {"garmen": GARMENT}, change=fewer)


def test_the_same_text_cannot_be_recoded_twice(tmp_path):
    first, text, rules = answered(tmp_path, {"garmen": GARMENT})
    path = filled(tmp_path / "again.xlsx", sheet_of(text, rules), {"garmen": GARMENT})
    recodes = Recodes(answers=read_recodes(path), checks={CHECK.id: CHECK})
    with pytest.raises(DataError, match="no answer is typed under `other` in its row now"):
        corrections_from_answers((), NO_FINDINGS, text=text, rules=rules, existing=first, recodes=recodes)


def test_lines_are_numbered_on_and_texts_that_are_left_can_be_recoded_later(tmp_path):
    first, text, rules = answered(tmp_path, {"garmen": GARMENT})
    path = filled(
        tmp_path / "again.xlsx", sheet_of(text, rules, first), {"toys": {**GARMENT, "new_code": "2"}}
    )
    recodes = Recodes(answers=read_recodes(path), checks={CHECK.id: CHECK})
    more = corrections_from_answers((), NO_FINDINGS, text=text, rules=rules, existing=first, recodes=recodes)
    assert [c.correction_id for c in more] == [5, 6]
    assert left((*first, *more), text, rules)[0] == ["1", "1", "2", "1", "96"]


def test_texts_that_are_confidential_can_be_recoded_unseen(tmp_path):
    rules = rules_of(SECTOR, replace(TYPED, confidential="yes"))
    cells = {**CELLS, "typed": ["garmen", "x", "garmen", "", ""]}
    lines, text, rules = answered(tmp_path, {"[confidential]": GARMENT}, cells=cells, rules=rules)
    assert left(lines, text, rules)[0] == ["1", "1", "1", "96", "96"]


def test_decisions_after_arms_are_known_are_not_blind(tmp_path):
    rules = rules_of(unblinded_on="2026-03-01")
    lines, _, _ = answered(tmp_path, {"toys": {**GARMENT, "new_code": "2"}}, rules=rules)
    assert {c.blind for c in lines} == {"no"}


def test_no_line_is_about_those_who_withdrew(tmp_path):
    gone = Withdrawal(
        line=2, table="", unit="a", submission="", withdrawn_on="2026-03-01", recorded_by="office"
    )
    lines, _, _ = answered(tmp_path, {"garmen": GARMENT}, withdrawals=(gone,))
    assert {c.source_row for c in lines} == {5}


def test_the_sheet_asks_for_codes_in_yellow_and_offers_sources(tmp_path):
    text = {"firms": text_table(CELLS)}
    tables = FieldTables(
        title="t", findings=NO_FINDINGS, by_check=pd.DataFrame(), recode=sheet_of(text, rules_of())
    )
    write_workbook(tmp_path / "f.xlsx", tables)
    rows = sheet_records(tmp_path / "f.xlsx", RECODE_SHEET)
    assert [row["value"] for row in rows] == ["garmen", "toys"]
    assert list(rows[0])[-5:] == list(RECODE_ANSWER_COLUMNS)
    assert {row[name] for row in rows for name in RECODE_ANSWER_COLUMNS} == {""}


def both_sheets(path, recoded):
    """The workbook as somebody saves it who answered texts in the recode sheet alone."""
    from xlsxwriter import Workbook

    to_do = sheet_rows(path)
    header, *rows = sheet_rows(path, RECODE_SHEET)
    place = [str(name) for name in header].index("value")
    given = [[*row[: -len(GARMENT)], *recoded.get(str(row[place]), row[-len(GARMENT) :])] for row in rows]
    with Workbook(str(path), {"in_memory": True}) as book:
        for name, table in ((TO_DO, to_do), (RECODE_SHEET, [header, *given])):
            page = book.add_worksheet(name)
            for number, row in enumerate(table):
                page.write_row(number, 0, row)
    return path


def test_the_commands_take_codes_from_workbook_to_clean_data(tmp_path, monkeypatch, great_expectations):
    monkeypatch.chdir(tmp_path)
    columns = made_columns()
    typed = ["food." if cell else "" for cell in columns["sector_other"]]
    write_export(Path("export.csv"), columns, sector_other=typed)
    assert main(["init", "made", "--data", "export.csv", "--table", "firms"]) == 0
    main(["check", "made"])
    found = Path("results/made/check")
    (text,) = read_csv(found / "recode.csv").to_dict("records")
    assert (text["value"], text["n_rows"], text["proposed_code"]) == ("food.", 3, "Food")
    book = both_sheets(
        (found / "findings.xlsx").rename("answered.xlsx"), {"food.": ["Food", *list(GARMENT.values())[1:]]}
    )
    assert main(["answers", "made", str(book)]) == 0
    log = read_csv(Path("config/made/corrections.csv"))
    assert log["action"].tolist() == ["recode"] * 3
    assert log["new_value"].tolist() == ["Food"] * 3
    main(["check", "made"])
    assert len(read_csv(found / "recode.csv")) == 0
    assert main(["answers", "made", str(book)]) == 1
