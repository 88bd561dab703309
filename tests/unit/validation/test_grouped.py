"""Many rows of one cause are one finding; each row can still be counted, found and settled."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest

from impacteval.checks import InRange, InSet, NotMissing, Unique
from impacteval.checks.grouping import Grouping
from impacteval.closed import OptionError
from impacteval.codebook import MASKED
from impacteval.delivery import Roles
from impacteval.errors import DataError
from impacteval.survey.answer_lines import Answer
from impacteval.survey.answers import corrections_from_answers
from impacteval.survey.corrections import parse_corrections
from impacteval.validation.checked import Log, check_survey
from impacteval.validation.grouped import Grouped
from impacteval.validation.grouped_answers import answers_by_row
from impacteval.validation.rules import Rules
from support.study import correction_rows
from support.tables import codebook, text_table, variable

pytestmark = pytest.mark.usefixtures("great_expectations")
SAID = {"table": "firms", "severity": "error", "message": "not listed", "suggestion": "look"}
SECTOR = InSet(kind="in_set", id="sector", column="sector", allowed=("food", "metal"), **SAID)
SALES = NotMissing(kind="not_missing", id="sales", column="sales", **SAID)
ROLES = Roles(unit="firm")
NUMBERS = [f"{n}" for n in range(100)]


def checked(columns, *checks, lines=(), roles=ROLES, grouping=None, **confidential):
    n = len(next(iter(columns.values())))
    whole = {"firm": NUMBERS[:n], "sector": ["food"] * n, "sales": ["1"] * n, **columns}
    secret = {c: {"confidential": "yes"} for c in confidential}
    types = {"sales": "integer"}
    book = codebook(*(variable(c, types.get(c, "text"), **secret.get(c, {})) for c in whole))
    rules = Rules(codebook=book, roles={"firms": roles}, checks=checks, grouping=grouping or Grouping())
    text = {"firms": text_table(whole)}
    return check_survey(text, rules, Log(corrections=parse_corrections(correction_rows(*lines)))), text, rules


def told(columns, *checks, **how):
    return checked(columns, *checks, **how)[0].findings


def shown(findings):
    return findings[["source_row", "value_shown", "status"]].to_numpy().tolist()


def test_a_value_that_stands_in_twenty_rows_is_one_finding_and_in_nineteen_nineteen():
    many = told({"sector": ["Food"] * 20 + ["food"] * 80}, SECTOR)
    assert shown(many) == [[0, "Food", "open"]]
    assert many["message"].tolist() == ["not listed: the same value in 20 rows"]
    assert many["finding_id"].tolist() == ["sector:firms.csv:rows"]
    assert many[["severity", "code", "column", "unit_id"]].to_numpy().tolist() == [
        ["error", "C05", "sector", ""]
    ]
    assert len(told({"sector": ["Food"] * 19 + ["food"] * 81}, SECTOR)) == 19


def test_other_rows_stay_on_their_own():
    found = told({"sector": ["Food"] * 20 + ["fod", "metl"] + ["food"] * 78}, SECTOR)
    assert shown(found) == [[0, "Food", "open"], [22, "fod", "open"], [23, "metl", "open"]]


def test_different_values_in_a_fifth_of_the_rows_are_one_finding():
    found = told({"sector": [f"x{n}" for n in range(20)] + ["food"] * 80}, SECTOR)
    assert shown(found) == [[0, "20 different values", "open"]]
    assert "20 rows of 100" in found["message"][0]
    spread = [f"x{n}" for n in range(19)] + ["food"] * 81
    assert len(told({"sector": spread}, SECTOR)) == 19
    assert len(told({"sector": [f"x{n}" for n in range(20)] + ["food"] * 80}, SECTOR,
                    grouping=Grouping(least_share=0.21))) == 20  # fmt: skip


def test_rows_without_an_answer_do_not_count_among_those_that_have_one():
    """20 of 80 rows that are answered or fail are a quarter; of 100 they would be a fifth."""
    sectors = [f"x{n}" for n in range(20)] + ["food"] * 60 + [""] * 20
    found = told({"sector": sectors}, SECTOR, grouping=Grouping(least_share=0.25))
    assert "20 rows of 80" in found["message"][0]


def test_missing_answers_are_one_finding():
    found = told({"sales": [""] * 30 + ["5"] * 70}, SALES)
    assert shown(found) == [[0, "", "open"]]
    assert found["message"].tolist() == ["not listed: empty in 30 rows"]


def test_many_repeated_values_are_one_finding_of_the_column():
    """Three values of 20 rows each: three findings where three may be, one where two may."""
    sectors = ["a"] * 20 + ["b"] * 20 + ["c"] * 20 + ["food"] * 40
    assert [v for _, v, _ in shown(told({"sector": sectors}, SECTOR))] == ["a", "b", "c"]
    few = told({"sector": sectors}, SECTOR, grouping=Grouping(most_values=2))
    assert shown(few) == [[0, "3 different values", "open"]]


def test_each_row_is_listed_and_counted():
    result, *_ = checked({"sector": ["Food"] * 20 + ["fod"] + ["food"] * 79}, SECTOR)
    rows = result.tables["finding_rows"]
    assert rows["source_row"].tolist() == list(range(2, 22))
    assert set(rows["group_id"]) == {"sector:firms.csv:rows"}
    assert rows["unit_id"].tolist() == NUMBERS[:20]
    assert result.tables["summary"].set_index("check_id").loc["sector", "n_open"] == 21
    assert result.row_by_row["source_row"].tolist() == list(range(2, 23))
    assert result.row_by_row["finding_id"].is_unique


def test_keys_and_columns_that_say_whose_a_row_is_are_never_grouped():
    twice = {"firm": ["a"] * 40}
    key = Unique(kind="unique", id="key", columns=("firm",), **SAID)
    known = InSet(kind="in_set", id="known", column="firm", allowed=("b",), **SAID)
    found = told(twice, key, known)
    assert found["check_id"].value_counts().to_dict() == {"key": 40, "known": 40}
    assert told(twice, known, roles=Roles())["source_row"].tolist() == [0]


def test_confidential_values_are_not_told_apart():
    sectors = ["Food"] * 25 + ["Metl"] * 25 + ["food"] * 50
    found = told({"sector": sectors}, SECTOR, sector=True)
    assert shown(found) == [[0, MASKED, "open"]]
    assert not found.to_string().count("Food")


def test_severities_are_findings_of_their_own():
    low = InRange(kind="in_range", id="low", column="sales", minimum=10, **{**SAID, "severity": "warning"})
    found = told({"sales": ["1"] * 30 + ["50"] * 70}, low, replace(low, id="hard", severity="error"))
    assert found[["check_id", "severity"]].to_numpy().tolist() == [["hard", "error"], ["low", "warning"]]


def test_settled_rows_are_told_apart_and_do_not_scatter_the_open_ones():
    lines = [
        {"table": "firms", "source_file": "firms.csv", "source_row": f"{n}", "column": "sector",
         "old_value": "Food", **({"action": "okay", "check_id": "sector"} if n < 7 else {"new_value": "food"})}
        for n in range(2, 12)
    ]  # fmt: skip
    result, *_ = checked({"sector": ["Food"] * 20 + ["food"] * 80}, SECTOR, lines=lines)
    assert sorted(shown(result.findings)) == [
        [0, "Food", "accepted"], [0, "Food", "corrected"], [0, "Food", "open"],
    ]  # fmt: skip
    assert result.findings["finding_id"].is_unique
    counted = result.tables["summary"].set_index("check_id").loc["sector"]
    assert counted[["n_open", "n_accepted", "n_corrected"]].tolist() == [10, 5, 5]


def test_the_last_open_row_is_a_row():
    lines = [
        {"table": "firms", "source_file": "firms.csv", "source_row": f"{n}", "column": "sector",
         "old_value": "Food", "new_value": "food"} for n in range(2, 21)
    ]  # fmt: skip
    found = told({"sector": ["Food"] * 20 + ["food"] * 80}, SECTOR, lines=lines)
    assert sorted(shown(found)) == [[0, "Food", "corrected"], [21, "Food", "open"]]


def test_order_of_rows_changes_nothing():
    sectors = [*["Food"] * 20, "fod", *[f"x{n}" for n in range(25)], *["food"] * 54]
    found = told({"sector": sectors}, SECTOR)
    again = told({"sector": sectors[::-1], "firm": NUMBERS[::-1]}, SECTOR)
    assert found["message"].tolist() == again["message"].tolist()


def test_nothing_found_gives_empty_tables_with_their_columns():
    result, *_ = checked({"sector": ["food"] * 3}, SECTOR)
    assert result.findings.empty
    assert result.tables["finding_rows"].empty
    assert result.tables["finding_rows"].columns[0] == "group_id"


@pytest.mark.parametrize("wrong", [{"least_rows": 1}, {"least_share": 1.5}, {"most_values": -1}])
def test_thresholds_that_group_all_or_nothing_are_refused(wrong):
    with pytest.raises(OptionError):
        Grouping(**wrong)


def answer(**cells):
    about = {"row": 2, "finding_id": "sector:firms.csv:rows", "value_shown": "Food", "partner": ""}
    why = {
        "reason": "list of the new form",
        "source": "logic",
        "decided_by": "manager",
        "decided_on": "2026-03-31",
    }
    return Answer(**{**about, "new_value": "", "error_by": "", "confirmed_by": "", **why, **cells})


@cache
def example(kind):
    columns = {
        "value": {"sector": ["Food"] * 20 + ["fod"] + ["food"] * 79},
        "column": {"sector": [f"x{n}" for n in range(20)] + ["food"] * 80},
    }[kind]
    return columns, *checked(columns, SECTOR)


def settled(kind, given):
    """Statuses of rows after an answer to the finding of many rows."""
    _, result, text, rules = example(kind)
    by_row = answers_by_row([given], Grouped(findings=result.findings, rows=result.tables["finding_rows"]))
    lines = corrections_from_answers(by_row.answers, by_row.findings, text=text, rules=rules.log)
    again = check_survey(text, rules, Log(corrections=lines)).row_by_row
    return len(lines), again["status"].value_counts().to_dict()


def test_one_answer_recodes_all_rows_of_a_value():
    assert settled("value", answer(action="recode", new_value="food")) == (20, {"corrected": 20, "open": 1})


def test_one_okay_accepts_all_rows_whatever_they_hold():
    assert settled("value", answer(action="okay")) == (20, {"accepted": 20, "open": 1})
    all_ = answer(action="okay", value_shown="20 different values")
    assert settled("column", all_) == (20, {"accepted": 20})


def test_a_single_row_of_a_cause_can_be_answered_by_its_own_id():
    one = answer(action="replace", new_value="metal", finding_id="sector:firms.csv:5")
    assert settled("value", one) == (1, {"open": 20, "corrected": 1})


@pytest.mark.parametrize(
    ("kind", "given", "said"),
    [
        ("column", answer(action="recode", new_value="food", value_shown="20 different values"), "different values"),
        ("value", answer(action="drop"), "about single rows"),
        ("value", answer(action="okay", value_shown="Fod"), "not the one found now"),
    ],
)  # fmt: skip
def test_what_does_not_fit_all_rows_is_refused(kind, given, said):
    with pytest.raises(DataError, match=said):
        settled(kind, given)
