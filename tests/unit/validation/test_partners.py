"""What was accepted of two rows holds for these two, in any order of the file, and for no other pair."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import pytest

from impacteval.checks import AnyCheck, DuplicateFirms, NearDuplicates, Overlap
from impacteval.delivery import Roles
from impacteval.survey.applied import applied_table
from impacteval.survey.consent import Withdrawal
from impacteval.survey.corrections import parse_corrections
from impacteval.survey.replay import replay
from impacteval.validation.checked import Log, check_survey
from impacteval.validation.rules import Rules
from support.study import correction_rows
from support.tables import codebook, text_table, variable

pytestmark = pytest.mark.usefixtures("great_expectations")
ITEMS = tuple(f"q{i}" for i in range(30))
ROLES = Roles(
    unit="firm", period="round", submission="key", name="name", enumerator="who", start="start", end="end"
)
TYPES = {"round": "integer", "start": "datetime", "end": "datetime", **dict.fromkeys(ITEMS, "integer")}
COLUMNS = ("firm", "round", "key", "name", "who", "start", "end", *ITEMS)
Row = Mapping[str, str]


def interview(n: int, **changes: str) -> Row:
    """An interview that is like no other."""
    answers = np.random.default_rng(n).integers(1, 8, len(ITEMS))
    return {
        "firm": f"F{n:02d}", "round": "1", "key": f"u{n:02d}", "name": f"{'abcdefghij'[n % 10] * 9} {n:02d}", "who": f"E{n}",
        "start": "2023-05-02T09:00:00", "end": "2023-05-02T10:00:00", **dict(zip(ITEMS, map(str, answers), strict=True)), **changes,
    }  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Two rows that a check finds together, and a third that it finds with the second of them."""

    check: AnyCheck
    rows: tuple[Row, Row]
    newcomer: Row


NAMED = {"name": "UD Sumber Rejeki Abadi"}
TWIN = dict.fromkeys(ITEMS, "4")
ABOUT = {"table": "firms", "id": "c"}
PAIRS = {
    "duplicate_firms": Pair(
        check=DuplicateFirms(kind="duplicate_firms", **ABOUT),
        rows=(interview(11, **NAMED), interview(12, **NAMED)),
        newcomer=interview(10, **NAMED),
    ),
    "overlap": Pair(
        check=Overlap(kind="overlap", **ABOUT),
        rows=(interview(11, who="E"), interview(12, who="E", start="2023-05-02T09:30:00", end="2023-05-02T10:30:00")),
        newcomer=interview(13, who="E", start="2023-05-02T10:10:00", end="2023-05-02T10:40:00"),
    ),
    "near_duplicates": Pair(
        check=NearDuplicates(kind="near_duplicates", items=ITEMS, **ABOUT),
        rows=(interview(11, **TWIN), interview(12, **TWIN)),
        newcomer=interview(10, **TWIN),
    ),
}  # fmt: skip
OTHERS = [interview(n) for n in range(20, 50)]


def checked(check: AnyCheck, rows: Sequence[Row], lines: Sequence[Row] = (), *, confidential: str = ""):
    """What a check finds in a file with these rows in this order."""
    secret = {confidential: {"confidential": "yes"}} if confidential else {}
    book = codebook(*(variable(c, TYPES.get(c, "text"), **secret.get(c, {})) for c in COLUMNS))
    rules = Rules(codebook=book, roles={"firms": ROLES}, checks=(check,), time_zone="Asia/Jakarta")
    text = text_table({c: [row[c] for row in rows] for c in COLUMNS})
    return check_survey({"firms": text}, rules, Log(corrections=parse_corrections(correction_rows(*lines))))


def okays(findings) -> list[Row]:
    """A line for each finding, as the log has it."""
    shown = findings[["submission", "column", "value_shown", "partner"]].to_dict("records")
    about = {"table": "firms", "action": "okay", "check_id": "c"}
    return [
        {"submission": f["submission"], "column": f["column"], "old_value": f["value_shown"], "partner": f["partner"], **about}
        for f in shown
    ]  # fmt: skip


def statuses(findings) -> dict[tuple[str, str], str]:
    return dict(
        zip(zip(findings["submission"], findings["partner"], strict=True), findings["status"], strict=True)
    )


@cache
def first_findings(kind: str):
    pair = PAIRS[kind]
    return checked(pair.check, [*pair.rows, *OTHERS]).findings


@pytest.mark.parametrize("kind", PAIRS)
def test_finding_about_two_rows_names_the_submission_of_the_other(kind):
    found = list(statuses(first_findings(kind)))
    both = [("u11", "u12"), ("u12", "u11")]
    assert found == (both[1:] if kind == "duplicate_firms" else both)


@pytest.mark.parametrize("kind", PAIRS)
def test_pair_that_was_accepted_stays_so_in_any_order_of_the_file(kind):
    pair, lines = PAIRS[kind], okays(first_findings(kind))
    rows = [*pair.rows, *OTHERS]
    for order in (rows[::-1], [*OTHERS, *pair.rows]):
        found = checked(pair.check, order, lines)
        assert set(statuses(found.findings).values()) == {"accepted"}
        assert found.warnings == ()


@pytest.mark.parametrize("kind", PAIRS)
def test_newcomer_is_asked_about_though_the_pair_was_accepted(kind):
    pair, lines = PAIRS[kind], okays(first_findings(kind))
    found = statuses(checked(pair.check, [*pair.rows, *OTHERS, pair.newcomer], lines).findings)
    newcomer = pair.newcomer["key"]
    about = {pair_: status for pair_, status in found.items() if newcomer in " ".join(pair_)}
    assert about
    assert set(about.values()) == {"open"}
    assert any(key == "u12" for key, _ in about)
    if kind == "duplicate_firms":
        assert found["u12", "u11"] == "accepted"


@pytest.mark.parametrize("kind", PAIRS)
def test_line_without_a_partner_accepts_any_and_that_is_said(kind):
    """As in a log that was begun before partners were named."""
    pair = PAIRS[kind]
    old = [{k: v for k, v in line.items() if k != "partner"} for line in okays(first_findings(kind))]
    found = checked(pair.check, [*pair.rows, *OTHERS, pair.newcomer], old)
    assert statuses(found.findings)["u12", _partner_of("u12", found.findings)] == "accepted"
    assert [w.partition("okay ")[2][:16] for w in found.warnings] == ["names no partner"] * len(old)
    assert found.tables["log_notes"]["note"].tolist() == list(found.warnings)


def _partner_of(key, findings):
    return findings.loc[findings["submission"] == key, "partner"].iloc[0]


def test_line_about_another_pair_accepts_nothing_and_that_is_said():
    pair = PAIRS["overlap"]
    lines = [{**line, "partner": "u44"} for line in okays(first_findings("overlap"))]
    found = checked(pair.check, [*pair.rows, *OTHERS], lines)
    assert set(found.findings["status"]) == {"open"}
    assert [
        "okay accepts nothing; check c no longer finds this value with this partner" in w
        for w in found.warnings
    ] == [True, True]


def test_several_partners_are_sorted_and_stand_once():
    who = [interview(n, who="E", start=f"2023-05-02T{at}:00", end="2023-05-02T12:00:00") for n, at in [(13, "09:00"), (12, "09:30"), (11, "10:00")]]  # fmt: skip
    found = checked(PAIRS["overlap"].check, who).findings
    assert _partner_of("u12", found) == "u11 | u13"


def test_confidential_submissions_are_told_by_file_and_row():
    pair = PAIRS["overlap"]
    rows = [*pair.rows, *OTHERS]
    found = checked(pair.check, rows, confidential="key").findings
    assert found[["submission", "partner"]].values.tolist() == [
        ["[confidential]", "firms.csv row 3"],
        ["[confidential]", "firms.csv row 2"],
    ]
    lines = okays(first_findings("overlap"))
    again = checked(pair.check, rows[::-1], lines, confidential="key")
    assert set(again.findings["status"]) == {"accepted"}


def test_pair_that_a_correction_parted_stays_on_record():
    pair = PAIRS["overlap"]
    later = {"table": "firms", "submission": "u12", "column": "start", "old_value": "2023-05-02T09:30:00", "new_value": "2023-05-02T10:00:00"}  # fmt: skip
    found = checked(pair.check, [*pair.rows, pair.newcomer], [later]).findings
    assert statuses(found) == {
        ("u11", "u12"): "corrected", ("u12", "u11 | u13"): "corrected", ("u12", "u13"): "open", ("u13", "u12"): "open",
    }  # fmt: skip


def test_pair_with_somebody_who_withdrew_is_not_shown_and_no_line_warns():
    pair = PAIRS["overlap"]
    rows = [*pair.rows, *OTHERS]
    book = codebook(*(variable(c, TYPES.get(c, "text")) for c in COLUMNS))
    rules = Rules(codebook=book, roles={"firms": ROLES}, checks=(pair.check,), time_zone="Asia/Jakarta")
    text = {"firms": text_table({c: [row[c] for row in rows] for c in COLUMNS})}
    gone = Withdrawal(line=2, table="", unit="F11", submission="", withdrawn_on="2026-03-31", recorded_by="x")
    lines = parse_corrections(correction_rows(*okays(first_findings("overlap"))))
    found = check_survey(text, rules, Log(corrections=lines, withdrawals=(gone,)))
    assert found.findings.empty
    assert found.warnings == ()
    applied = replay(text, lines, rules.log, (gone,)).applied
    assert "u11" not in applied_table(applied, book, rules.roles).to_csv()
