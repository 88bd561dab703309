"""Replaying the log: it fits the raw text line by line, in any order, or nothing is applied."""

from __future__ import annotations

import hashlib

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from impacteval.delivery import Roles
from impacteval.errors import DataError
from impacteval.survey.applied import accepted_findings, applied_table, correction_counts, unused_okays
from impacteval.survey.clean import clean_text
from impacteval.survey.consent import Withdrawal
from impacteval.survey.corrections import CORRECTION_COLUMNS, parse_corrections
from impacteval.survey.log_rules import LogRules
from impacteval.survey.replay import replay
from impacteval.survey.types import type_columns
from impacteval.tables import FINDING_COLUMNS, table_of, write_csv, write_parquet
from support.pipeline import script
from support.study import correction_rows, correction_text
from support.tables import codebook, text_table, variable

ROW = {"table": "firms", "source_file": "firms.csv", "source_row": "3", "column": "wage", "old_value": "1000", "new_value": "100"}  # fmt: skip
BOOK = codebook(variable("firm"), variable("round", "integer"), variable("wage"), variable("who"))
PLAIN = {"firms": Roles(unit="firm", period="round", enumerator="who")}
CELLS = {
    "firm": ["a", "b", "b", "c"],
    "round": ["1", "1", "1.0", "1"],
    "wage": ["90", "1000", "70", "=1+1"],
    "who": ["Ann", "Bo", "Bo", ""],
}


def raw(**changes):
    return {"firms": text_table({**CELLS, **changes})}


def keyed(*keys):
    """A table whose rows have the key of their submission, with its codebook and roles."""
    book = codebook(*BOOK.variables, variable("key"))
    roles = {"firms": Roles(unit="firm", period="round", submission="key")}
    return {"text": raw(key=list(keys)), "book": book, "roles": roles}


def replayed(*rows, text=None, book=BOOK, roles=PLAIN, withdrawals=(), **said):
    logged = parse_corrections(correction_rows(*rows))
    rules = LogRules(codebook=book, roles=dict(roles), **said)
    return replay(raw() if text is None else text, logged, rules, withdrawals)


def refusal(*rows, **study):
    with pytest.raises(DataError) as caught:
        replayed(*rows, **study)
    return str(caught.value)


def at(row, **changes):
    """Keys of a correction of a row of the file; all else empty."""
    return {"table": "firms", "source_file": "firms.csv", "source_row": str(row), **changes}


def test_a_cell_is_replaced_and_the_raw_table_is_left_alone():
    before = raw()
    kept = before["firms"].copy()
    after = replayed(ROW, text=before)
    assert after.text["firms"]["wage"].tolist() == ["90", "100", "70", "=1+1"]
    assert len(after.removed) == 0
    assert before["firms"].equals(kept)


def test_log_without_lines_gives_the_text_back():
    after = replayed()
    assert after.text["firms"].equals(raw()["firms"])
    assert (after.applied, after.keepers) == ((), frozenset())


def test_recode_replaces_a_cell_and_newid_an_id():
    after = replayed(
        {**ROW, "action": "recode"}, at(4, column="firm", old_value="b", new_value="d", action="newid"),
        at(3, column="firm+round", old_value="b | 1", action="okay", check_id="firms-key"),
    )  # fmt: skip
    assert after.text["firms"]["wage"].iloc[1] == "100"
    assert after.text["firms"]["firm"].tolist() == ["a", "b", "d", "c"]


def test_a_value_may_be_emptied_and_an_empty_cell_filled():
    text = raw(wage=["90", "", "70", "1"])
    rows = [{**ROW, "old_value": "", "new_value": "5"}, at(2, column="wage", old_value="90", new_value="")]
    assert replayed(*rows, text=text).text["firms"]["wage"].tolist() == ["", "5", "70", "1"]


@pytest.mark.parametrize("held", ["1000 ", " 1000", "1,000", "1000.0"])
def test_old_value_must_be_the_very_text_that_the_file_holds(held):
    message = refusal({**ROW, "old_value": held})
    assert (
        f"line 2: firms.csv, row 3, column wage: old_value is {held!r} but the file holds '1000'" in message
    )


def test_row_that_does_not_exist_is_named():
    assert "line 2: firms.csv has no row 9" in refusal({**ROW, "source_row": "9"})
    assert "line 2: other.csv has no row 3" in refusal({**ROW, "source_file": "other.csv"})


def test_lines_that_the_rules_forbid_are_listed_beside_those_that_do_not_fit():
    message = refusal({**ROW, "table": "firm"}, {**ROW, "column": "round"}, {**ROW, "old_value": "5"})
    assert "3 problems" in message
    assert "table 'firm' does not exist" in message and "column 'round' is the period" in message


@pytest.mark.parametrize(
    ("second", "what"),
    [
        ({"new_value": "110"}, "the cell is already decided on line 2"),
        ({"action": "recode", "new_value": "110"}, "the cell is already decided on line 2"),
    ],
)
def test_two_lines_about_one_cell_are_refused_also_when_they_agree(second, what):
    assert f"line 3: {what}; keep one of them" in refusal(ROW, {**ROW, **second})
    assert "line 3: the cell is already decided on line 2" in refusal(ROW, ROW)


def test_table_that_could_not_be_read_is_named():
    assert "line 2: table 'firms' was not read" in refusal(ROW, text={"other": raw()["firms"]})


def test_two_decisions_on_one_row_or_one_finding_are_refused():
    twice = at(2, action="drop")
    assert "line 3: the row is already decided on line 2" in refusal(twice, twice)
    newid = at(2, column="firm", old_value="a", new_value="z", action="newid")
    assert "line 3: line 2 says drop of the same row; keep one of them" in refusal(twice, newid)
    okay = at(2, column="wage", old_value="90", action="okay", check_id="low")
    assert "line 3: the finding is already decided on line 2" in refusal(okay, {**okay, "old_value": "91"})
    assert len(replayed(okay, {**okay, "check_id": "other"}).applied) == 2


def test_dropped_row_is_gone_and_listed_by_its_place():
    after = replayed(at(2, action="drop"))
    assert after.text["firms"]["firm"].tolist() == ["b", "b", "c"]
    assert after.text["firms"].index.tolist() == [0, 1, 2]
    assert after.removed.to_dict("records") == [
        {"table": "firms", "source_file": "firms.csv", "source_row": 2, "reason": "dropped by correction"}
    ]


def test_cell_of_a_row_that_is_dropped_later_may_have_been_corrected_before():
    after = replayed(at(2, column="wage", old_value="90", new_value="91"), at(2, action="drop"))
    assert after.text["firms"]["firm"].tolist() == ["b", "b", "c"]
    assert len(after.applied) == 2


KEEP = at(4, column="firm+round", old_value="b | 1.0", action="okay", check_id="firms-key")


@pytest.mark.parametrize("first", [at(3, action="drop"), at(3, column="firm", old_value="b", new_value="d", action="newid")])  # fmt: skip
def test_decision_on_one_of_several_duplicates_needs_one_on_each(first):
    """Round 1 and 1.0 are one round: rows 3 and 4 have one key."""
    message = refusal(first)
    assert "line 2: 2 rows have the key of this one, and no line decides on firms.csv row 4" in message
    elsewhere = at(4, column="wage", old_value="70", action="okay", check_id="low")
    assert "no line decides on firms.csv row 4" in refusal(first, elsewhere)
    assert replayed(first, KEEP).keepers == {2}
    assert len(replayed(first, at(4, action="drop")).text["firms"]) in {2, 3}


def test_row_with_a_key_of_its_own_or_none_needs_no_other_decision():
    assert replayed(at(2, action="drop")).keepers == frozenset()
    text = raw(firm=["", "", "b", "c"], round=["1", "1", "1", ""])
    assert len(replayed(at(2, action="drop"), text=text).text["firms"]) == 3


def test_rows_of_workers_are_duplicates_only_with_the_same_worker():
    book = codebook(*BOOK.variables, variable("worker"))
    roles = {"firms": Roles(unit="firm", member="worker", period="round")}
    text = raw(firm=["a"] * 4, worker=["1", "2", "3", "3"])
    assert len(replayed(at(2, action="drop"), text=text, book=book, roles=roles).text["firms"]) == 3
    message = refusal(at(4, action="drop"), text=text, book=book, roles=roles)
    assert "no line decides on firms.csv row 5" in message


def test_submission_names_the_row_wherever_it_stands():
    row = {"table": "firms", "submission": "u2", "column": "wage", "old_value": "1000", "new_value": "100"}
    study = keyed("u1", "u2", "u3", "u4")
    after = replayed(row, **study)
    assert after.text["firms"]["wage"].iloc[1] == "100"
    assert (after.applied[0].source_file, after.applied[0].source_row) == ("firms.csv", 3)
    moved = {"firms": study["text"]["firms"].iloc[::-1].reset_index(drop=True)}
    assert replayed(row, **{**study, "text": moved}).text["firms"]["wage"].iloc[2] == "100"


@pytest.mark.parametrize(
    ("keys", "changes", "message"),
    [
        (("u1", "u2", "u3", "u4"), {"submission": "u9"}, "table 'firms' has no such submission; copy it"),
        (("u1", "u2", "u3", "u4"), {"submission": "u2", "source_file": "firms.csv", "source_row": "3"}, "the submission names one row already; leave source_file and source_row empty"),
        (("u1", "u2", "u2", "u4"), {"submission": "u2"}, "2 rows have this submission (firms.csv row 3, firms.csv row 4); add source_file and source_row"),
        (("u1", "u2", "u2", "u4"), {"submission": "u2", "source_file": "firms.csv", "source_row": "5"}, "firms.csv, row 5 has another submission"),
        (("u1", "u2", "u3", "u4"), {"source_file": "firms.csv", "source_row": "3"}, "table 'firms' has no such row without a submission"),
        (("u1", "", "", "u4"), {"source_file": "firms.csv", "source_row": "2"}, "firms.csv, row 2 has another submission"),
    ],
)  # fmt: skip
def test_row_is_named_by_its_submission_and_by_its_place_only_where_needed(keys, changes, message):
    row = {"table": "firms", "column": "wage", "old_value": "1000", "new_value": "100", **changes}
    assert f"line 2: {message}" in refusal(row, **keyed(*keys))


@pytest.mark.parametrize("keys", [("u1", "u2", "u2", "u4"), ("u1", "", "u3", "u4")])
def test_rows_with_one_submission_or_none_are_told_apart_by_their_place(keys):
    row = {**ROW, "submission": keys[1]}
    assert replayed(row, **keyed(*keys)).text["firms"]["wage"].iloc[1] == "100"


ROWS = (
    at(2, column="wage", old_value="90", new_value="91"),
    at(2, column="who", old_value="Ann", new_value="Eve", action="recode"),
    at(3, action="drop"),
    at(3, column="wage", old_value="1000", new_value="100"),
    KEEP,
    at(5, column="firm", old_value="c", new_value="d", action="newid"),
    at(5, column="wage", old_value="=1+1", action="okay", check_id="odd"),
)  # fmt: skip


@settings(deadline=None, max_examples=25)
@given(st.permutations(range(len(ROWS))))
def test_order_of_lines_has_no_effect(order):
    numbered = [{**row, "correction_id": str(i)} for i, row in enumerate(ROWS, start=1)]
    sorted_, shuffled = replayed(*numbered), replayed(*[numbered[i] for i in order])
    assert shuffled.text["firms"].equals(sorted_.text["firms"])
    assert shuffled.removed.equals(sorted_.removed)
    assert shuffled.keepers == sorted_.keepers
    tables = [applied_table(r.applied, BOOK, PLAIN) for r in (sorted_, shuffled)]
    assert tables[0].equals(tables[1])


@settings(deadline=None, max_examples=25)
@given(
    st.permutations(range(4)),
    st.lists(st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), max_size=5), min_size=4, max_size=4),
)  # fmt: skip
def test_only_the_cells_that_the_log_names_change(order, cells):
    """Whatever text the cells hold, and in whatever order rows stand."""
    text = raw(wage=cells)
    text["firms"] = text["firms"].iloc[list(order)].reset_index(drop=True)
    row = at(4, column="wage", old_value=cells[2], new_value="" if cells[2] else "x")
    after = replayed(row, text=text).text["firms"]
    differs = (after != text["firms"]).to_numpy()
    assert differs.sum() == 1
    assert after.loc[after["source_row"] == 4, "wage"].tolist() == [row["new_value"]]


SECRET = codebook(variable("firm"), variable("round", "integer"), variable("wage", confidential="yes"), variable("who", confidential="yes"), variable("key", confidential="yes"))  # fmt: skip


def test_confidential_values_are_in_no_message_and_no_table():
    """Bug: a correction that did not fit printed the cell of a confidential column, and the list of
    corrections held its values; a confidential value leaves the raw files in clean tables only.
    """
    message = refusal({**ROW, "old_value": "999"}, book=SECRET)
    assert "old_value is '[confidential]' but the file holds '[confidential]'" in message
    assert "999" not in message and "1000" not in message
    after = replayed(
        ROW, at(3, column="firm+wage", old_value="b | 100", action="okay", check_id="odd"), book=SECRET
    )
    assert after.text["firms"]["wage"].iloc[1] == "100"
    table = applied_table(after.applied, SECRET, PLAIN)
    assert table["old_value"].tolist() == ["[confidential]"] * 2
    assert table["new_value"].tolist() == ["[confidential]", ""]


def test_confidential_submission_is_in_no_message_and_no_table():
    study = {**keyed("secret1", "secret2", "secret2", "u4"), "book": SECRET}
    row = {**ROW, "source_file": "", "source_row": "", "submission": "secret2"}
    assert "secret" not in refusal(row, **study)
    assert "secret" not in refusal({**row, "submission": "secret9"}, **study)
    after = replayed({**ROW, "submission": "secret2"}, **study)
    table = applied_table(after.applied, SECRET, study["roles"])
    assert table["submission"].tolist() == ["[confidential]"]


def test_applied_corrections_are_listed_by_id_with_their_place():
    table = applied_table(replayed(*reversed(ROWS)).applied, BOOK, PLAIN)
    assert list(table.columns) == list(CORRECTION_COLUMNS)
    assert table["correction_id"].tolist() == list(range(1, len(ROWS) + 1))
    assert table["source_row"].tolist() == [5, 5, 4, 3, 3, 2, 2]
    assert len(applied_table((), BOOK, PLAIN)) == 0


def test_column_whose_name_begins_like_the_place_of_a_row_can_be_corrected():
    """Bug: every column `source_...` was refused; only `source_file` and `source_row` are not data."""
    text = {"firms": text_table({"source_of_funds": ["bank", "bnak"]})}
    row = {**ROW, "column": "source_of_funds", "old_value": "bnak", "new_value": "bank"}
    after = replayed(row, text=text, book=codebook(variable("source_of_funds")), roles={})
    assert after.text["firms"]["source_of_funds"].tolist() == ["bank", "bank"]


def findings(*rows):
    """Findings as tuples; of two rows where the last cell is a partner."""
    columns = ["check_id", "table", "source_file", "source_row", "column", "raw_value", "raw_partner"]
    return pd.DataFrame([(*row, "")[:7] for row in rows], columns=columns)


FINDING = ("odd", "firms", "firms.csv", 5, "wage", "=1+1")
OKAY = at(5, column="wage", old_value="=1+1", action="okay", check_id="odd")


@pytest.mark.parametrize(
    ("finding", "is_accepted"),
    [
        (FINDING, True),
        (("other", *FINDING[1:]), False),
        ((*FINDING[:3], 4, *FINDING[4:]), False),
        ((*FINDING[:4], "wage+who", "=1+1"), False),
        ((*FINDING[:5], "=1+2"), False),
    ],
)
def test_okay_accepts_one_check_on_one_cell_at_one_value(finding, is_accepted):
    applied = replayed(OKAY).applied
    assert accepted_findings(findings(finding), applied).tolist() == [is_accepted]
    warned = unused_okays(findings(finding), applied)
    assert len(warned) == (0 if is_accepted else 1)
    if warned:
        assert (
            "corrections.csv, correction_id 1: okay accepts nothing; check odd no longer finds" in warned[0]
        )


def test_okay_follows_its_submission_and_lapses_when_the_value_is_corrected():
    row = {"table": "firms", "submission": "u4", "column": "wage", "old_value": "=1+1", "action": "okay", "check_id": "odd"}  # fmt: skip
    applied = replayed(row, **keyed("u1", "u2", "u3", "u4")).applied
    assert accepted_findings(findings(FINDING), applied).tolist() == [True]
    assert accepted_findings(findings((*FINDING[:5], "2")), applied).tolist() == [False]


def test_finding_on_a_whole_column_can_be_accepted():
    whole = {**OKAY, "source_row": "0", "old_value": "75.0% present"}
    applied = replayed(whole).applied
    found = findings(("odd", "firms", "firms.csv", 0, "wage", "75.0% present"))
    assert accepted_findings(found, applied).tolist() == [True]


def test_okay_that_keeps_one_of_two_duplicates_has_done_its_work():
    after = replayed(at(3, action="drop"), KEEP)
    assert unused_okays(findings(), after.applied, after.keepers) == []
    assert len(unused_okays(findings(), after.applied)) == 1


def test_nothing_is_accepted_where_nothing_is_found_or_logged():
    assert accepted_findings(findings(), replayed(OKAY).applied).tolist() == []
    assert accepted_findings(findings(FINDING), ()).tolist() == [False]


def test_corrections_are_counted_by_enumerator_action_and_check():
    after = replayed(*ROWS)
    table = correction_counts(after.applied, raw(), codebook=BOOK, roles=PLAIN)
    counts = {(r.enumerator, r.action): r.n_corrections for r in table.itertuples()}
    assert counts == {("Ann", "replace"): 1, ("Ann", "recode"): 1, ("Bo", "drop"): 1, ("Bo", "replace"): 1, ("Bo", "okay"): 1, ("", "newid"): 1, ("", "okay"): 1}  # fmt: skip
    assert table["n_corrections"].sum() == len(ROWS)
    secret = correction_counts(after.applied, raw(), codebook=SECRET, roles=PLAIN)
    assert set(secret["enumerator"]) == {"", "[confidential]"}
    assert len(correction_counts((), raw(), codebook=BOOK, roles={})) == 0


def test_rows_of_who_withdrew_leave_whatever_the_log_says_of_them():
    gone = Withdrawal(line=2, table="", unit="b", submission="", withdrawn_on="2026-03-31", recorded_by="x")
    after = replayed(ROW, at(3, action="drop"), KEEP, withdrawals=(gone,))
    assert after.text["firms"]["firm"].tolist() == ["a", "c"]
    assert after.removed["reason"].tolist() == ["withdrawn", "withdrawn"]


def test_nothing_of_who_withdrew_stands_in_the_list_of_corrections():
    gone = Withdrawal(line=2, table="", unit="d", submission="", withdrawn_on="2026-03-31", recorded_by="x")
    lines = (
        at(5, column="firm", old_value="c", new_value="d", action="newid", reason="Mrs X said so"),
        at(5, column="wage", old_value="=1+1", action="okay", check_id="odd"),
        ROW,
    )
    after = replayed(*lines, withdrawals=(gone,))
    table = applied_table(after.applied, BOOK, PLAIN)
    assert table["old_value"].tolist() == ["[withdrawn]", "[withdrawn]", "1000"]
    assert table["new_value"].tolist() == ["[withdrawn]", "", "100"]
    assert table["reason"].tolist() == ["[withdrawn]", "[withdrawn]", "by telephone"]
    assert unused_okays(findings(), after.applied, after.keepers) == []


def test_replaying_the_log_on_the_raw_text_gives_the_bytes_of_clean(tmp_path):
    """What an auditor does by hand, and what the workflow wrote, are the same files."""
    roles = {"firms": Roles(unit="firm", period="round", consent="who", consent_given=("Ann", "Bo", "Eve"))}
    rules = LogRules(codebook=BOOK, roles=roles)
    logged = parse_corrections(correction_rows(*[r for r in ROWS if r.get("column") != "who"]))
    (tmp_path / "corrections.csv").write_text(
        correction_text(*[r for r in ROWS if r.get("column") != "who"]), encoding="utf-8"
    )
    (tmp_path / "withdrawals.csv").write_text(
        "table,unit,submission,withdrawn_on,recorded_by\n,a,,2026-03-31,field team\n", encoding="utf-8"
    )
    write_csv(tmp_path / "findings.csv", table_of([], FINDING_COLUMNS))
    write_parquet(tmp_path / "firms_text.parquet", raw()["firms"])
    given_ = {
        "text": [str(tmp_path / "firms_text.parquet")],
        "withdrawals": [str(tmp_path / "withdrawals.csv")],
    }
    given_ |= {name: str(tmp_path / f"{name}.csv") for name in ("corrections", "findings")}
    output = {"clean": [str(tmp_path / "clean/firms.parquet")]}
    output |= {name: str(tmp_path / f"clean/{name}.csv") for name in ("applied", "removed")}
    script("correct").main(given_, output, rules)

    gone = Withdrawal(line=2, table="", unit="a", submission="", withdrawn_on="2026-03-31", recorded_by="x")
    by_hand = clean_text(raw(), logged, (gone,), rules)
    write_parquet(tmp_path / "again.parquet", type_columns(by_hand.text["firms"], BOOK.variables).frame)
    hashes = [
        hashlib.sha256((tmp_path / file).read_bytes()).hexdigest()
        for file in ("clean/firms.parquet", "again.parquet")
    ]
    assert hashes[0] == hashes[1]
    assert (tmp_path / "clean/removed.csv").read_text(encoding="utf-8") == (
        "table,source_file,source_row,reason\n"
        "firms,firms.csv,2,withdrawn\n"
        "firms,firms.csv,3,dropped by correction\n"
        "firms,firms.csv,5,no consent\n"
    )


def test_of_several_rows_with_a_key_one_can_be_kept():
    """Bug: both rows of an enterprise and round could be accepted, and both went on."""
    keep = {"column": "firm+round", "action": "okay", "check_id": "firms-key"}
    both = [at(3, old_value="b | 1", **keep), at(4, old_value="b | 1.0", **keep)]
    assert "line 2 keeps another row of the same key; keep one, and say drop or newid" in refusal(*both)


def test_an_okay_of_another_value_decides_on_no_duplicate():
    """Bug: any line that named the unit's column counted as a decision, whatever it held."""
    wrong = at(3, column="firm+round", old_value="b | 9", action="okay", check_id="firms-key")
    assert "no line decides on firms.csv row 3" in refusal(
        wrong, at(4, column="", action="drop", old_value="")
    )


def test_no_value_is_shown_where_anyone_withdrew():
    """Bug: a line that does not fit printed a cell of somebody who had withdrawn."""
    gone = Withdrawal(line=2, table="", unit="b", submission="", withdrawn_on="2024-01-02", recorded_by="me")
    said = refusal({**ROW, "old_value": "77"}, withdrawals=[gone])
    assert "the file does not hold old_value" in said and "1000" not in said
