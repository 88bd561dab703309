"""Row, column and table checks as Great Expectations suites, run without files or network."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from impacteval.checks import (
    AnyCheck,
    AtMost,
    InRange,
    InSet,
    MostlyPresent,
    NoOuterBlanks,
    NotMissing,
    OfType,
    Unique,
    columns_of_check,
)
from impacteval.validation.finding import CheckedTable, Finding

if TYPE_CHECKING:
    from great_expectations.core import ExpectationValidationResult
    from great_expectations.expectations.expectation import Expectation

GX_KINDS = (NotMissing, InRange, InSet, Unique, AtMost, MostlyPresent, OfType, NoOuterBlanks)
# Great Expectations names the nullable Int64 of pandas by its numpy type.
GX_TYPES = {"integer": "int64", "decimal": "float64", "text": "str", "category": "str"}

OUTER_BLANK = r"^\s|\s$"


@dataclass(frozen=True, slots=True, kw_only=True)
class SuiteResult:
    """What a suite found in one table, and its result as Great Expectations states it."""

    findings: tuple[Finding, ...]
    record: dict[str, object]


def run_suite(table: CheckedTable, checks: Sequence[AnyCheck]) -> SuiteResult:
    """Run the checks of a table that are expectations.

    Raises
    ------
    RuntimeError
        When an expectation itself fails to run: that is no verdict about the data.
    """
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    import great_expectations as gx

    asked = [c for c in checks if isinstance(c, GX_KINDS)]
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    frame = table.frame.reset_index(drop=True)
    batch = (
        context.data_sources.add_pandas("study")
        .add_dataframe_asset(table.name)
        .add_batch_definition_whole_dataframe("all")
        .get_batch({"dataframe": frame})
    )
    suite = gx.ExpectationSuite(table.name, [_expectation(c) for c in asked])
    outcome = batch.validate(suite, result_format={"result_format": "COMPLETE"})
    by_id = {c.id: c for c in asked}
    findings: list[Finding] = []
    record = []
    for result in outcome.results:
        check = by_id[result.expectation_config.meta["id"]]
        if (result.exception_info or {}).get("raised_exception"):
            raise RuntimeError(f"check {check.id} could not run: {result.exception_info}")
        findings += _findings(table, check, result)
        record.append(_record(check, result))
    return SuiteResult(
        findings=tuple(findings),
        record={
            "table": table.name,
            "great_expectations": gx.__version__,
            "n_rows": len(frame),
            "expectations": sorted(record, key=lambda item: str(item["id"])),
        },
    )


def _expectation(check: AnyCheck) -> Expectation:
    """The Great Expectations equivalent of a check; its id travels in ``meta``."""
    import great_expectations.expectations as gxe

    severity = "critical" if check.severity == "error" else "warning"
    common = {"severity": severity, "meta": {"id": check.id}}
    match check:
        case NotMissing():
            return gxe.ExpectColumnValuesToNotBeNull(column=check.column, **common)
        case InRange():
            return gxe.ExpectColumnValuesToBeBetween(
                column=check.column, min_value=check.minimum, max_value=check.maximum, **common
            )
        case InSet():
            return gxe.ExpectColumnValuesToBeInSet(
                column=check.column, value_set=list(check.allowed), **common
            )
        case Unique() | AtMost():
            return _expectation_across(check, common)
        case MostlyPresent():
            return gxe.ExpectColumnProportionOfNonNullValuesToBeBetween(
                column=check.column, min_value=check.share, **common
            )
        case OfType():
            return gxe.ExpectColumnValuesToBeOfType(column=check.column, type_=GX_TYPES[check.type], **common)
        case NoOuterBlanks():
            return gxe.ExpectColumnValuesToNotMatchRegex(column=check.column, regex=OUTER_BLANK, **common)
    raise TypeError(f"{check.id}: no expectation for {type(check).__name__}")


def _expectation_across(check: Unique | AtMost, common: Mapping[str, object]) -> Expectation:
    """The equivalent of a check that may read several columns."""
    import great_expectations.expectations as gxe

    if isinstance(check, AtMost):
        return gxe.ExpectColumnPairValuesAToBeGreaterThanB(
            column_A=check.other,
            column_B=check.column,
            or_equal=True,
            ignore_row_if="either_value_is_missing",
            **common,
        )
    if len(check.columns) == 1:
        return gxe.ExpectColumnValuesToBeUnique(column=check.columns[0], **common)
    return gxe.ExpectCompoundColumnsToBeUnique(column_list=list(check.columns), **common)


def _findings(table: CheckedTable, check: AnyCheck, result: ExpectationValidationResult) -> list[Finding]:
    if result.success:
        return []
    if isinstance(check, MostlyPresent):
        observed = float(result.result["observed_value"])
        return [table.finding_of_column(check, check.column, f"{observed:.1%} present")]
    rows = result.result.get("unexpected_index_list")
    if rows is None:
        return [
            table.finding_of_column(
                check, columns_of_check(check)[0], str(result.result.get("observed_value"))
            )
        ]
    return table.findings_at(check, sorted(int(row) for row in rows))


def _record(check: AnyCheck, result: ExpectationValidationResult) -> dict[str, object]:
    """Keep of a result what does not vary between runs and shows no confidential value."""
    counts = ("element_count", "missing_count", "unexpected_count", "unexpected_percent")
    return {
        "id": check.id,
        "expectation": result.expectation_config.type,
        "kwargs": json.loads(
            json.dumps({k: v for k, v in result.expectation_config.kwargs.items() if k != "batch_id"})
        ),
        "severity": check.severity,
        "success": bool(result.success),
        "result": {k: _plain(result.result[k]) for k in counts if result.result.get(k) is not None},
    }


def _plain(value: float) -> int | float:
    number = float(value)
    if np.isnan(number):
        raise ValueError("a count is NaN")
    return int(number) if number.is_integer() else number
