"""Checks as expectations: those of Great Expectations, and one of our own for conditions on rows.

Importing this module imports Great Expectations and registers our expectation there; ``suites`` does so
when a suite is made.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import ClassVar, TypeAlias

import great_expectations.expectations as gxe
import numpy as np
import pandas as pd
from great_expectations.execution_engine import PandasExecutionEngine
from great_expectations.expectations.expectation import Expectation, MulticolumnMapExpectation
from great_expectations.expectations.metrics.map_metric_provider import (
    MulticolumnMapMetricProvider,
    multicolumn_condition_partial,
)

from impacteval.checks import (
    AtMost,
    Check,
    InRange,
    InSet,
    MostlyPresent,
    NoOuterBlanks,
    NotMissing,
    OfType,
    Unique,
)
from impacteval.checks.values import LARGEST
from impacteval.delivery import Roles
from impacteval.validation.row_kinds import ROW_KINDS, ROW_RULES
from impacteval.validation.survey import CheckedTable

SEVERITIES = {"error": "critical", "warning": "warning", "info": "info"}
# Great Expectations names the nullable Int64 of pandas by its numpy type.
GX_TYPES = {
    "integer": "int64",
    "decimal": "float64",
    "text": "str",
    "category": "str",
    "multiple": "str",
    "date": "datetime64",
    "datetime": "datetime64",
}
OUTER_BLANK = r"^\s|\s$"
# Great Expectations wants two columns for a condition on rows; every table has this one.
ANY_COLUMN = "source_row"
Settings: TypeAlias = dict[str, object]
IN_EVERY_CHECK = {f.name for f in fields(Check)} | {"kind"}


class RowCondition(MulticolumnMapMetricProvider):  # type: ignore[misc] # its types are not read
    """Whether the cells of a row satisfy a rule of ours; the class itself is passed as ``self``."""

    condition_metric_name = "impacteval.row_rule"
    condition_domain_keys = (
        "batch_id",
        "table",
        "column_list",
        "row_condition",
        "condition_parser",
        "ignore_row_if",
    )
    condition_value_keys = ("rule", "settings", "roles")

    @multicolumn_condition_partial(engine=PandasExecutionEngine)  # type: ignore[untyped-decorator]
    def _pandas(
        self, column_list: pd.DataFrame, rule: str, settings: Settings, roles: Settings, **_: object
    ) -> pd.Series:
        check = rebuilt(rule, settings)
        said: Roles = replace(Roles(), **listed(roles))  # type: ignore[arg-type] # fields of different types
        fails = ROW_RULES[type(check)].fails(column_list, check, said)
        return pd.Series(~fails, index=column_list.index)


class ExpectRowsToSatisfyRule(MulticolumnMapExpectation):  # type: ignore[misc] # as above
    """Expect the cells of every row to satisfy a rule: a kind of check with its settings."""

    rule: str
    settings: Settings
    roles: Settings
    ignore_row_if: str = "never"

    map_metric: ClassVar[str] = "impacteval.row_rule"
    success_keys: ClassVar[tuple[str, ...]] = ("mostly", "rule", "settings", "roles")


def rebuilt(rule: str, settings: Mapping[str, object]) -> Check:
    """The check that an expectation's settings describe, as far as its condition needs it."""
    said = dict.fromkeys((f.name for f in fields(Check) if f.name != "severity"), "")
    check: Check = ROW_KINDS[rule](kind=rule, severity="error", **said, **listed(settings))
    return check


def listed(settings: Mapping[str, object]) -> dict[str, object]:
    """Settings as dataclasses hold them: lists as tuples."""
    return {name: tuple(v) if isinstance(v, list) else v for name, v in settings.items()}


def expectation_of(table: CheckedTable, check: Check) -> Expectation:
    """The expectation that states a check; its id and place in the catalogue travel in ``meta``."""
    meta = {"id": check.id, "code": check.code, "severity": check.severity}
    when = getattr(check, "when", "")
    common = {"severity": SEVERITIES[check.severity], "meta": meta | ({"when": when} if when else {})}
    if type(check) in ROW_RULES:
        return _of_rule(table, check, common)
    if isinstance(check, AtMost | Unique):
        return _across(check, common)
    return _of_column(check, common)


def _of_rule(table: CheckedTable, check: Check, common: Mapping[str, object]) -> Expectation:
    columns = ROW_RULES[type(check)].columns(table, check)
    settings = {f.name: getattr(check, f.name) for f in fields(check) if f.name not in IN_EVERY_CHECK}
    roles = {f.name: getattr(table.roles, f.name) for f in fields(table.roles)}
    read = {n: v for n, v in roles.items() if v and (v in columns or n == "consent_given")}
    return ExpectRowsToSatisfyRule(
        column_list=padded(columns),
        rule=getattr(check, "kind"),  # noqa: B009 (of every kind of check, not of their base)
        settings=_plain(settings),
        roles=_plain(read),
        **common,
    )


def padded(columns: tuple[str, ...]) -> list[str]:
    """At least two columns."""
    return [*columns, *[ANY_COLUMN, "source_file"][: max(0, 2 - len(columns))]]


def _plain(settings: Mapping[str, object]) -> dict[str, object]:
    return {name: list(v) if isinstance(v, tuple) else v for name, v in settings.items()}


def _of_column(check: Check, common: Mapping[str, object]) -> Expectation:
    match check:
        case NotMissing():
            return gxe.ExpectColumnValuesToNotBeNull(column=check.column, **common)
        case InRange():
            low, high = _bounds(check)
            return gxe.ExpectColumnValuesToBeBetween(
                column=check.column, min_value=low, max_value=high, **common
            )
        case InSet():
            return gxe.ExpectColumnValuesToBeInSet(
                column=check.column, value_set=list(check.allowed), **common
            )
        case MostlyPresent():
            return gxe.ExpectColumnProportionOfNonNullValuesToBeBetween(
                column=check.column, min_value=check.share, **common
            )
        case OfType():
            return gxe.ExpectColumnValuesToBeOfType(column=check.column, type_=GX_TYPES[check.type], **common)
        case NoOuterBlanks():
            return gxe.ExpectColumnValuesToNotMatchRegex(column=check.column, regex=OUTER_BLANK, **common)
    raise TypeError(f"{check.id}: no expectation for {type(check).__name__}")


def _bounds(check: InRange) -> tuple[float, float]:
    """Bounds of a check, or those beyond which no number is believed where these are narrower."""
    largest = float(np.nextafter(LARGEST, 0))
    low = -largest if check.minimum is None else max(check.minimum, -largest)
    return low, largest if check.maximum is None else min(check.maximum, largest)


def _across(check: Unique | AtMost, common: Mapping[str, object]) -> Expectation:
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
