"""Row and column checks as Great Expectations suites, run without files or network."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from impacteval.checks import (
    AtMost,
    Check,
    ConsentGiven,
    InRange,
    InSet,
    MostlyPresent,
    NoOuterBlanks,
    NotMissing,
    OfType,
    Unique,
)
from impacteval.validation.identifiers import say_unique
from impacteval.validation.keys import has_consent
from impacteval.validation.row_kinds import ROW_RULES
from impacteval.validation.row_rules import Rows, failing_rows
from impacteval.validation.survey import CheckedTable, Failures, failing_whole
from impacteval.validation.when import rows_where

if TYPE_CHECKING:
    from great_expectations.core import ExpectationValidationResult
    from great_expectations.core.batch_definition import BatchDefinition
    from great_expectations.expectations.expectation import Expectation

SCHEMA_VERSION = 1
GX_KINDS = (
    NotMissing, InRange, InSet, Unique, AtMost, MostlyPresent, OfType, NoOuterBlanks, *ROW_RULES,
)  # fmt: skip
# Positions of all failing rows and nothing else: no list of values, no query, no dictionary a row.
POSITIONS_ONLY = {
    "result_format": "COMPLETE",
    "exclude_unexpected_values": True,
    "return_unexpected_index_query": False,
    "partial_unexpected_count": 0,
}
COUNTS = ("element_count", "missing_count", "unexpected_count", "unexpected_percent")


@dataclass(frozen=True, slots=True, kw_only=True)
class SuiteResult:
    """What a suite found in one table, the suite, and its result as Great Expectations states it."""

    failures: tuple[Failures, ...]
    record: dict[str, object]
    suite: dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Together:
    """Checks that are judged on one frame, because they read the same cells."""

    checks: tuple[Check, ...]
    frame: pd.DataFrame


def run_suite(table: CheckedTable, asked: Sequence[Check]) -> SuiteResult:
    """Run the checks of a table that are expectations.

    Great Expectations copies the frame it is given for each expectation, so it is given the columns
    that the expectation reads and no others.

    Raises
    ------
    RuntimeError
        When an expectation itself fails to run, or its counts contradict the rows it names: that is no
        verdict about the data.
    """
    expectations = {check.id: _expectation(table, check) for check in asked}
    suite = _suite(table.name, expectations)
    batches = _batches(table.name)
    failures: list[Failures] = []
    results = []
    for together in _groups(table, asked):
        for check, result in _results(batches, together, expectations):
            rows = _failing_rows(check, result)
            failures += _said(table, check, rows, result)
            results.append(_record(check, result))
    record = {
        "table": table.name,
        "suite": suite["digest"],
        "great_expectations": suite["great_expectations"],
        "n_rows": len(table.frame),
        "expectations": sorted(results, key=lambda item: str(item["id"])),
    }
    return SuiteResult(failures=tuple(failures), record=record, suite=suite)


def suite_of(table: CheckedTable, asked: Sequence[Check]) -> dict[str, object]:
    """The suite of a table as it is kept: equal checks give equal bytes.

    Returns
    -------
    dict
        ``schema_version``, ``name``, the version of Great Expectations, ``expectations`` sorted by id
        (``type``, ``kwargs``, ``severity`` and, in ``meta``, the check's ``id``, its ``code`` in the
        catalogue, its severity and the rows it applies to) and ``digest``, SHA-256 of all this. No
        cell of the data is in it.
    """
    return _suite(table.name, {check.id: _expectation(table, check) for check in asked})


def load_expectations() -> ModuleType:
    """Load Great Expectations, which takes longer than most suites."""
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    from impacteval.validation import expectations

    return expectations


def _expectation(table: CheckedTable, check: Check) -> Expectation:
    stated: Expectation = load_expectations().expectation_of(table, check)
    return stated


def _suite(name: str, expectations: dict[str, Expectation]) -> dict[str, object]:
    import great_expectations as gx

    stated = [expectations[id_].configuration.to_json_dict() for id_ in sorted(expectations)]
    kept = {
        "schema_version": SCHEMA_VERSION,
        "great_expectations": gx.__version__,
        "name": name,
        "expectations": [{k: s[k] for k in ("type", "kwargs", "severity", "meta")} for s in stated],
    }
    text = json.dumps(kept, sort_keys=True, allow_nan=False)
    return {**kept, "digest": hashlib.sha256(text.encode()).hexdigest()}


def _batches(name: str) -> BatchDefinition:
    import great_expectations as gx

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    asset = context.data_sources.add_pandas("study").add_dataframe_asset(name)
    return asset.add_batch_definition_whole_dataframe("all")


def _groups(table: CheckedTable, asked: Sequence[Check]) -> Iterator[Together]:
    """Put together what reads the same cells; the types of all columns are looked at at once."""
    everyone = table.frame.reset_index(drop=True)
    types = tuple(check for check in asked if isinstance(check, OfType))
    if types:
        yield Together(checks=types, frame=everyone)
    # Of those who did not consent nothing is judged but that nothing was recorded.
    frame = everyone[has_consent(table)] if table.roles.consent else everyone
    by_cells: dict[tuple[tuple[str, ...], str], list[Check]] = {}
    for check in asked:
        if isinstance(check, OfType):
            continue
        if type(check) in ROW_RULES:
            whose = everyone if _is_about_consent(table, check) else frame
            yield Together(checks=(check,), frame=whose[_read_by_rule(table, check)])
        elif _is_about_consent(table, check):
            yield Together(checks=(check,), frame=_with_floats(everyone[list(check.columns_read)]))
        else:
            by_cells.setdefault((check.columns_read, getattr(check, "when", "")), []).append(check)
    for (columns, when), checks in by_cells.items():
        where = rows_where(table, when)[frame.index]
        applies = frame.loc[where, list(columns)] if when else frame[list(columns)]
        yield Together(checks=tuple(checks), frame=_with_floats(applies))


def _is_about_consent(table: CheckedTable, check: Check) -> bool:
    return isinstance(check, ConsentGiven) or table.roles.consent in check.columns_read


def _read_by_rule(table: CheckedTable, check: Check) -> list[str]:
    from impacteval.validation.expectations import padded

    return padded(ROW_RULES[type(check)].columns(table, check))


def _with_floats(frame: pd.DataFrame) -> pd.DataFrame:
    """Integers that may be missing as floats, which hold them exactly.

    Great Expectations compares those of pandas one by one, and floats all at once.
    """
    return frame.astype({c: "float64" for c, type_ in frame.dtypes.items() if type_ == "Int64"})


def _results(
    batches: BatchDefinition, together: Together, expectations: dict[str, Expectation]
) -> Iterator[tuple[Check, ExpectationValidationResult]]:
    import great_expectations as gx

    by_id = {check.id: check for check in together.checks}
    suite = gx.ExpectationSuite("checks", [expectations[id_] for id_ in by_id])
    batch = batches.get_batch({"dataframe": together.frame})
    for result in batch.validate(suite, result_format=POSITIONS_ONLY).results:
        check = by_id[result.expectation_config.meta["id"]]
        if not result.result and not result.success:
            raise RuntimeError(f"check {check.id} could not run: {_why(result)}")
        yield check, result


def _why(result: ExpectationValidationResult) -> str:
    """The message of the exception, which Great Expectations keeps in one of two ways."""
    said = result.exception_info or {}
    found = [said] if "exception_message" in said else list(said.values())
    return "; ".join(str(dict(item)["exception_message"]) for item in found)


def _failing_rows(check: Check, result: ExpectationValidationResult) -> Rows:
    """Positions of the rows that fail, which must be as many as Great Expectations counted."""
    listed = np.array(result.result.get("unexpected_index_list") or [], dtype=np.int64)
    counted = result.result.get("unexpected_count") or 0
    if len(listed) != counted:
        raise RuntimeError(f"check {check.id}: {counted} rows counted, {len(listed)} named")
    return np.sort(listed)


def _said(
    table: CheckedTable, check: Check, rows: Rows, result: ExpectationValidationResult
) -> list[Failures]:
    if type(check) in ROW_RULES:
        return ROW_RULES[type(check)].said(table, check, rows)
    if isinstance(check, Unique):
        return say_unique(table, check, rows)
    if result.success or len(rows):
        return failing_rows(check, rows)
    observed = result.result.get("observed_value")
    note = f"{float(observed):.1%} present" if isinstance(check, MostlyPresent) else str(observed)
    return failing_whole(check, check.columns_read[0], note)


def _record(check: Check, result: ExpectationValidationResult) -> dict[str, object]:
    """Keep of a result what does not vary between runs and shows no confidential value."""
    return {
        "id": check.id,
        "severity": check.severity,
        "success": bool(result.success),
        "result": {k: _plain(result.result[k]) for k in COUNTS if result.result.get(k) is not None},
    }


def _plain(value: float) -> int | float:
    number = float(value)
    if np.isnan(number):
        raise ValueError("a count is NaN")
    return int(number) if number.is_integer() else number
