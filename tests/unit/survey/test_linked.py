"""Rows of repeats go where their submission goes."""

from __future__ import annotations

import pytest

from impacteval.delivery import ParentLink, Roles
from impacteval.errors import DataError
from impacteval.survey.clean import clean_text
from impacteval.survey.consent import Withdrawal
from impacteval.survey.corrections import parse_corrections
from impacteval.survey.log_rules import LogRules
from support.study import correction_rows
from support.surveys import in_table
from support.tables import codebook, text_table, variable

FIRMS = {"firm": ["F1", "F2", "F2", "F4"], "key": ["u1", "u2", "u3", "u4"], "consent": ["yes"] * 4}
WORKERS = {
    "parent": ["u1", "u2", "u3", "u4"],
    "firm": ["F1", "F2", "F2", "F4"],
    "wage": ["11", "21", "32", "41"],
}
TASKS = {"parent": ["41", "11"], "task": ["weld", "cut"]}
BOOK = codebook(
    *[variable(c) for c in FIRMS],
    *in_table("workers", *[variable(c) for c in WORKERS]),
    *in_table("tasks", *[variable(c) for c in TASKS]),
)
RULES = LogRules(
    codebook=BOOK,
    roles={
        "firms": Roles(unit="firm", submission="key", consent="consent", consent_given=("yes",)),
        "workers": Roles(unit="firm"),
    },
    links={
        "tasks": ParentLink(table="workers", own="parent", key="wage"),
        "workers": ParentLink(table="firms", own="parent", key="key", carried=("firm",)),
    },
)
KEEP = {"table": "firms", "submission": "u2", "source_file": "", "source_row": "", "column": "firm", "old_value": "F2", "action": "okay", "check_id": "firms-key"}  # fmt: skip


def cleaned(*rows, withdrawals=(), **firms):
    text = {
        "firms": text_table({**FIRMS, **firms}),
        "workers": text_table(WORKERS, file="workers.csv"),
        "tasks": text_table(TASKS, file="tasks.csv"),
    }
    return clean_text(text, parse_corrections(correction_rows(*rows)), withdrawals, RULES)


def line(submission, **changes):
    return {**KEEP, "submission": submission, "check_id": "", **changes}


def withdrawal(*, unit="", submission=""):
    table = "firms" if submission else ""
    return Withdrawal(
        line=2, table=table, unit=unit, submission=submission, withdrawn_on="2024-01-02", recorded_by="me"
    )


def wages(after):
    return after.text["workers"]["wage"].tolist()


def test_workers_have_the_corrected_id_of_their_interview():
    """Bug: they kept the id that their interview had in the file, and counted at another enterprise."""
    after = cleaned(KEEP, line("u3", action="newid", new_value="F9"))
    assert after.text["workers"]["firm"].tolist() == ["F1", "F2", "F9", "F4"]


def test_workers_leave_with_a_dropped_interview():
    """Bug: only the interview left."""
    after = cleaned(KEEP, line("u3", column="", old_value="", action="drop"))
    assert wages(after) == ["11", "21", "41"]
    assert set(after.removed["reason"]) == {"dropped by correction"}


@pytest.mark.parametrize(
    ("who", "left"),
    [
        ({"submission": "u4"}, ["11", "21", "32"]),
        ({"submission": "u3"}, ["11", "21", "41"]),
        ({"unit": "F4"}, ["11", "21", "32"]),
    ],
)
def test_workers_leave_with_an_interview_that_was_withdrawn(who, left):
    """Bug: they stayed where they had no unit of their own, or another interview had the same."""
    assert wages(cleaned(withdrawals=[withdrawal(**who)])) == left


def test_workers_leave_with_a_corrected_enterprise_that_withdrew():
    after = cleaned(KEEP, line("u3", action="newid", new_value="F9"), withdrawals=[withdrawal(unit="F9")])
    assert wages(after) == ["11", "21", "41"]


def test_workers_leave_with_an_interview_without_consent_and_with_no_other():
    """Bug: workers of a refused interview stayed where another one of the enterprise had consent."""
    after = cleaned(consent=["yes", "yes", "no", "yes"])
    assert wages(after) == ["11", "21", "41"]
    assert after.removed["reason"].tolist() == ["no consent", "no consent"]


def test_what_hangs_on_a_worker_leaves_too():
    after = cleaned(withdrawals=[withdrawal(submission="u4")])
    assert after.text["tasks"]["task"].tolist() == ["cut"]


def test_carried_cells_are_corrected_where_they_come_from():
    row = {"table": "workers", "source_file": "workers.csv", "source_row": "2", "column": "firm", "old_value": "F1", "new_value": "F5"}  # fmt: skip
    with pytest.raises(DataError, match="firm"):
        cleaned(row)
