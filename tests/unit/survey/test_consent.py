"""Who is not in the data: those who did not agree, and those who no longer do."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from impacteval.delivery import Roles
from impacteval.design import Study
from impacteval.errors import ConfigError, DataError
from impacteval.survey.clean import clean_text
from impacteval.survey.consent import (
    WITHDRAWAL_COLUMNS,
    parse_withdrawals,
    retention_warning,
    rows_without_consent,
    withdrawn_rows,
)
from impacteval.survey.log_rules import LogRules
from impacteval.survey.removed import leave_out, no_rows, refuse_lost_rows, removed_rows
from support.surveys import in_table
from support.tables import codebook, text_table, variable

FIRMS = {"firm": ["1", "2", "3", "3"], "round": ["1", "1", "1", "2"], "agreed": ["yes", "no", "", " yes "], "key": ["a", "b", "c", "d"]}  # fmt: skip
WORKERS = {"firm": ["1", "2.0", "2", "3", "9", ""], "worker": ["x", "y", "z", "x", "x", "x"], "round": ["1", "1.0", "2", "1", "1", "1"], "key": ["a", "b", "m", "c", "", "n"]}  # fmt: skip
LIST = {"firm": ["1", "2", "3"], "drawn": ["0", "1", "1"]}
BOOK = codebook(
    variable("firm", "integer"), variable("round", "integer"), variable("agreed"), variable("key"),
    *in_table("workers", variable("firm", "integer"), variable("worker"), variable("round", "integer"), variable("key")),
    *in_table("list", variable("firm", "integer"), variable("drawn")),
)  # fmt: skip
ROLES = {
    "firms": Roles(unit="firm", period="round", consent="agreed", consent_given=("yes",), submission="key"),
    "workers": Roles(unit="firm", member="worker", period="round", submission="key"),
    "list": Roles(unit="firm", arm="drawn"),
}


def tables(**changes):
    columns = {"firms": FIRMS, "workers": WORKERS, "list": LIST, **changes}
    return {name: text_table(cells, file=f"{name}.csv") for name, cells in columns.items()}


def refused(text=None, roles=ROLES, kept_whole=()):
    found = rows_without_consent(text or tables(), codebook=BOOK, roles=roles, kept_whole=kept_whole)
    assert set(found["reason"]) <= {"no consent"}
    return sorted(zip(found["table"], found["source_row"], strict=True))


def test_rows_that_do_not_say_yes_and_their_workers_are_listed():
    """Of worker rows only that of firm 2 in round 1, as 2.0 and 1.0, and that of firm 3 in round 1."""
    assert refused() == [("firms", 3), ("firms", 4), ("workers", 3), ("workers", 5)]


def test_everyone_is_kept_where_consent_is_not_recorded():
    assert refused(roles={"firms": Roles(unit="firm")}) == []


def test_enterprise_that_agreed_on_a_second_visit_keeps_its_workers():
    firms = {"firm": ["2", "2"], "round": ["1", "1"], "agreed": ["no", "yes"], "key": ["a", "b"]}
    assert refused(tables(firms=firms)) == [("firms", 2)]


def test_worker_who_does_not_agree_leaves_alone():
    roles = {**ROLES, "workers": replace(ROLES["workers"], consent="key", consent_given=("b", "c"))}
    agreed = {**FIRMS, "agreed": ["yes"] * 4}
    assert refused(tables(firms=agreed), roles=roles) == [
        ("workers", 2),
        ("workers", 4),
        ("workers", 6),
        ("workers", 7),
    ]


def test_list_of_all_enterprises_is_not_an_interview():
    """It has no period, so a refusal in one round takes nothing from it."""
    assert ("list", 3) not in refused()
    roles = {"firms": replace(ROLES["firms"], period=""), "list": ROLES["list"]}
    assert ("list", 3) in refused(roles=roles)
    assert ("list", 3) not in refused(roles=roles, kept_whole=("list",))


def test_tables_without_rows_lose_none():
    text = tables(firms={name: [] for name in FIRMS}, workers={name: [] for name in WORKERS})
    assert refused(text) == []


def withdrawal(**changes):
    row = {**dict.fromkeys(WITHDRAWAL_COLUMNS, ""), "withdrawn_on": "2026-03-31", "recorded_by": "field team"}
    return {2: {**row, **changes}}


def withdrawn(**changes):
    found = withdrawn_rows(tables(), parse_withdrawals(withdrawal(**changes)), codebook=BOOK, roles=ROLES)
    assert set(found["reason"]) <= {"withdrawn"}
    return sorted(zip(found["table"], found["source_row"], strict=True))


def test_unit_leaves_every_table_however_its_number_is_written():
    assert withdrawn(unit="2") == [("firms", 3), ("list", 3), ("workers", 3), ("workers", 4)]
    assert withdrawn(unit=" 2.0 ") == withdrawn(unit="2")


def test_submission_leaves_with_the_rows_that_carry_it():
    assert withdrawn(table="firms", submission="b") == [("firms", 3), ("workers", 3)]
    assert withdrawn(table="workers", submission="m") == [("workers", 4)]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({}, "line 2: name either a unit or a submission"),
        ({"unit": "SECRET", "submission": "SECRET"}, "line 2: name either a unit or a submission"),
        ({"unit": "SECRET", "table": "firms"}, "line 2: a unit leaves all tables that hold it; leave table empty"),
        ({"submission": "SECRET"}, "line 2: table is empty; say which table the submission is in"),
        ({"unit": "1", "withdrawn_on": "31/3/26"}, "line 2: withdrawn_on '31/3/26' is not a day"),
        ({"unit": "1", "recorded_by": " "}, "line 2: recorded_by is empty"),
        ({"unit": "9999"}, "line 2: no such unit in any table; copy it as it stands in the file"),
        ({"unit": "SECRET"}, "line 2: no such unit in any table"),
        ({"submission": "SECRET", "table": "firms"}, "line 2: no such submission in table 'firms'"),
        ({"submission": "m", "table": "firms"}, "line 2: no such submission in table 'firms'"),
        ({"submission": "SECRET", "table": "frims"}, "line 2: table 'frims' does not exist; allowed: firms, workers, list"),
    ],
)  # fmt: skip
def test_withdrawal_that_cannot_be_followed_is_named_by_line_alone(changes, message):
    with pytest.raises(DataError) as caught:
        withdrawn(**changes)
    assert message in str(caught.value)
    assert "SECRET" not in str(caught.value) and "9999" not in str(caught.value)


def test_no_withdrawal_takes_no_row():
    assert parse_withdrawals({}) == ()
    assert len(withdrawn_rows(tables(), (), codebook=BOOK, roles=ROLES)) == 0


def test_each_row_is_kept_or_removed_for_one_reason():
    """Firm 2 both refused and withdrew: the withdrawal counts."""
    rules = LogRules(codebook=BOOK, roles=ROLES, protected=("list",))
    cleaned = clean_text(tables(), (), parse_withdrawals(withdrawal(unit="2")), rules)
    reasons = {(r.table, r.source_row): r.reason for r in cleaned.removed.itertuples()}
    assert reasons == {
        ("firms", 3): "withdrawn", ("firms", 4): "no consent", ("list", 3): "withdrawn",
        ("workers", 3): "withdrawn", ("workers", 4): "withdrawn", ("workers", 5): "no consent",
    }  # fmt: skip
    assert cleaned.text["firms"]["firm"].tolist() == ["1", "3"]
    assert cleaned.text["workers"]["firm"].tolist() == ["1", "9", ""]
    assert list(cleaned.removed.columns) == ["table", "source_file", "source_row", "reason"]


@settings(deadline=None, max_examples=25)
@given(st.lists(st.sampled_from(["yes", "no", "", "Yes", "yes "]), min_size=4, max_size=4))
def test_no_row_without_consent_is_ever_clean(agreed):
    rules = LogRules(codebook=BOOK, roles=ROLES)
    cleaned = clean_text(tables(firms={**FIRMS, "agreed": agreed}), (), (), rules)
    assert set(cleaned.text["firms"]["agreed"].str.strip()) <= {"yes"}
    lacking = {
        (firm, period)
        for firm, period, said in zip(FIRMS["firm"], FIRMS["round"], agreed, strict=True)
        if said.strip() != "yes"
    }
    left = cleaned.text["workers"]
    whole = left[["firm", "round"]].replace(r"\.0$", "", regex=True)
    assert not lacking & set(whole.itertuples(index=False, name=None))


def test_row_that_is_lost_or_counted_twice_is_a_fault():
    text = tables()
    gone = removed_rows("firms", text["firms"].iloc[[0]], "no consent")
    kept = leave_out(text, gone)
    refuse_lost_rows(text, kept, gone)
    for wrong in (no_rows(), pd.concat([gone, gone]), removed_rows("firms", text["firms"].iloc[[1]], "x")):
        with pytest.raises(DataError, match="table firms: delivered rows are not split exactly"):
            refuse_lost_rows(text, kept, wrong)


STUDY = Study(schema_version=1, title="", question="", programme="", setting="", synthetic=True, seed=1, tables=(), retention_until="2026-12-31")  # fmt: skip


@pytest.mark.parametrize(("today", "is_due"), [(date(2026, 12, 31), False), (date(2027, 1, 1), True)])
def test_personal_data_are_called_overdue_after_the_last_day(today, is_due):
    assert bool(retention_warning(STUDY, today)) == is_due


def test_retention_says_since_when_and_what_to_do():
    assert "deleted 10 days ago, on 2026-12-31" in retention_warning(STUDY, date(2027, 1, 10))
    assert retention_warning(replace(STUDY, retention_until=""), date(2099, 1, 1)) == ""
    with pytest.raises(ConfigError, match="retention_until 'soon' is not a day"):
        retention_warning(replace(STUDY, retention_until="soon"), date(2027, 1, 1))
