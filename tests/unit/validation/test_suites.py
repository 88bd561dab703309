"""Suites: which rows they name, what is kept of them, and what stops them."""

from __future__ import annotations

import json
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from impacteval.checks import AtMost, InRange, InSet, NotMissing, OfType, Unique
from impacteval.checks.amounts import AddsUp
from impacteval.checks.respondents import ConsentGiven
from impacteval.checks.values import Matches
from impacteval.delivery import Roles
from impacteval.validation.suites import POSITIONS_ONLY, _failing_rows, run_suite, suite_of
from impacteval.validation.survey import CheckedTable
from support.surveys import findings_in, make_survey
from support.tables import codebook, variable

pytestmark = pytest.mark.usefixtures("great_expectations")
ABOUT = {"table": "firms", "severity": "error", "message": "wrong", "suggestion": "look"}
COLUMNS = {
    "firm": ["a", "b", "c", "d"],
    "sector": ["food", "metal", "", "wood"],
    "workers": ["10", "", "7", "70"],
    "women": ["4", "3", "3", "30"],
    "men": ["6", "3", "4", "41"],
    "agreed": ["0", "1", "1", "1"],
}
BOOK = codebook(
    variable("firm"),
    variable("sector", "category"),
    *[variable(c, "integer") for c in ("workers", "women", "men", "agreed")],
)
ROLES = {"firms": Roles(unit="firm", consent="agreed", consent_given=("1",))}
CHECKS = (
    NotMissing(kind="not_missing", id="present", column="workers", **ABOUT),
    InRange(kind="in_range", id="range", column="workers", minimum=1, maximum=50, **ABOUT),
    InSet(kind="in_set", id="known", column="sector", allowed=("food", "metal"), **ABOUT),
    AtMost(kind="at_most", id="part", column="women", other="workers", **ABOUT),
    AddsUp(kind="adds_up", id="sum", table="firms", whole="workers", parts=("women", "men")),
    Matches(kind="matches", id="written", table="firms", column="firm", pattern="[a-c]"),
    ConsentGiven(kind="consent", id="consent", table="firms"),
    OfType(kind="of_type", id="type", column="workers", type="integer", **ABOUT),
    Unique(kind="unique", id="key", columns=("firm",), **ABOUT),
)
FAILING = {"present": [1], "range": [3], "known": [3], "sum": [3], "written": [3], "consent": [0]}


def table_of_firms(columns=COLUMNS) -> CheckedTable:
    survey, _ = make_survey({"firms": columns}, BOOK.variables, ROLES)
    return survey.tables["firms"]


def rows_of(result):
    return {f.check.id: f.rows.tolist() for f in result.failures}


def test_suite_names_the_failing_rows_of_every_kind():
    assert rows_of(run_suite(table_of_firms(), CHECKS)) == FAILING


def test_result_of_a_suite_counts_the_rows_that_it_names():
    result = run_suite(table_of_firms(), CHECKS)
    counted = {e["id"]: e["result"].get("unexpected_count", 0) for e in result.record["expectations"]}
    assert {k: n for k, n in counted.items() if n} == {k: len(rows) for k, rows in FAILING.items()}
    assert result.record["n_rows"] == 4
    assert result.record["suite"] == result.suite["digest"]


@pytest.mark.parametrize("n_rows", [1, 3_000])
def test_every_failing_row_of_a_grossly_failing_table_is_named(n_rows):
    sector = ["food" if i % 3 else "?" for i in range(n_rows)]
    table = table_of_firms(
        {name: cells[1:2] * n_rows for name, cells in COLUMNS.items()} | {"sector": sector}
    )
    checks = [replace(CHECKS[2], id=f"known{i}") for i in range(3)]
    for rows in rows_of(run_suite(table, checks)).values():
        assert rows == list(range(0, n_rows, 3))


def test_counts_that_contradict_the_rows_are_no_verdict():
    result = SimpleNamespace(result={"unexpected_index_list": [1, 2], "unexpected_count": 3})
    with pytest.raises(RuntimeError, match="check range: 3 rows counted, 2 named"):
        _failing_rows(CHECKS[1], result)


def test_expectation_that_cannot_run_is_no_verdict():
    text_and_number = AtMost(kind="at_most", id="mixed", column="firm", other="workers", **ABOUT)
    with pytest.raises(RuntimeError, match="check mixed could not run"):
        run_suite(table_of_firms(), [text_and_number])


def test_order_of_checks_changes_no_byte_of_what_is_kept():
    table = table_of_firms()
    one, other = run_suite(table, CHECKS), run_suite(table, CHECKS[::-1])
    assert json.dumps(one.suite) == json.dumps(other.suite)
    assert json.dumps(one.record) == json.dumps(other.record)


def test_suite_does_not_depend_on_the_data():
    other = table_of_firms({name: cells[::-1] for name, cells in COLUMNS.items()})
    assert suite_of(table_of_firms(), CHECKS) == suite_of(other, CHECKS)


def test_digest_changes_with_a_threshold():
    changed = (*CHECKS[:1], replace(CHECKS[1], maximum=51), *CHECKS[2:])
    assert suite_of(table_of_firms(), changed)["digest"] != suite_of(table_of_firms(), CHECKS)["digest"]


def test_kept_suite_says_what_each_check_is():
    suite = suite_of(table_of_firms(), CHECKS)
    assert suite["schema_version"] == 1
    by_id = {e["meta"]["id"]: e for e in suite["expectations"]}
    assert list(by_id) == sorted(c.id for c in CHECKS)
    assert by_id["range"]["type"] == "expect_column_values_to_be_between"
    assert by_id["range"]["kwargs"] == {"column": "workers", "min_value": 1, "max_value": 50}
    assert by_id["range"]["meta"] == {"id": "range", "code": "C07", "severity": "error"}
    assert by_id["sum"]["kwargs"]["settings"] == {
        "whole": "workers",
        "parts": ["women", "men"],
        "tolerance": 0.0,
    }


def test_great_expectations_alone_reaches_the_same_verdict_from_the_kept_suite():
    import great_expectations as gx

    table = table_of_firms()
    kept = json.loads(json.dumps(suite_of(table, CHECKS)))
    suite = gx.ExpectationSuite("again", expectations=kept["expectations"])
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    asset = context.data_sources.add_pandas("again").add_dataframe_asset("firms")
    batch = asset.add_batch_definition_whole_dataframe("all").get_batch({"dataframe": table.frame})
    found = {
        r.expectation_config.meta["id"]: r.result["unexpected_index_list"]
        for r in batch.validate(suite, result_format=POSITIONS_ONLY).results
        if not r.success
    }
    assert found == FAILING


def test_order_of_rows_does_not_change_what_is_found():
    def places(order):
        columns = {name: [cells[i] for i in order] for name, cells in COLUMNS.items()}
        found = findings_in(make_survey({"firms": columns}, BOOK.variables, ROLES), *CHECKS)
        return sorted(zip(found["check_id"], found["unit_id"], found["value_shown"], strict=True))

    assert places([0, 1, 2, 3]) == places([3, 1, 0, 2])


@pytest.mark.parametrize("severity", ["error", "warning", "info"])
def test_every_severity_has_its_place_in_great_expectations(severity):
    check = replace(CHECKS[1], severity=severity)
    kept = suite_of(table_of_firms(), [check])["expectations"][0]
    assert kept["severity"] == {"error": "critical"}.get(severity, severity)


def test_types_of_dates_and_lists_are_those_that_the_reader_gives():
    days = pd.to_datetime(pd.Series(["2024-01-31", None])).astype("datetime64[us]")
    frame = pd.DataFrame({"source_row": [2, 3], "day": days, "wrong": pd.Series(["a", "b"], dtype="str")})
    table = replace(table_of_firms(), frame=frame, text=frame.astype("str"), roles=Roles())
    checks = [
        OfType(kind="of_type", id=f"{column}-{type_}", column=column, type=type_, **ABOUT)
        for column in ("day", "wrong")
        for type_ in ("date", "datetime")
    ]
    failed = {f.check.id for f in run_suite(table, checks).failures}
    assert failed == {"wrong-date", "wrong-datetime"}


def test_integers_are_compared_exactly():
    largest = 999_999_999_999_999
    table = table_of_firms(COLUMNS | {"workers": ["1", str(largest - 1), "", str(largest)]})
    check = InRange(kind="in_range", id="range", column="workers", maximum=largest - 1, **ABOUT)
    assert rows_of(run_suite(table, [check])) == {"range": [3]}


def test_value_too_large_to_be_an_amount_is_outside_every_range():
    frame = table_of_firms().frame.assign(workers=np.array([np.nan, 1e15, -1e15, 9.9e14]))
    table = replace(table_of_firms(), frame=frame)
    for bounds in ({}, {"minimum": -1e16}, {"maximum": 1e16}):
        check = InRange(kind="in_range", id="range", column="workers", **bounds, **ABOUT)
        assert rows_of(run_suite(table, [check])) == {"range": [1, 2]}, bounds
