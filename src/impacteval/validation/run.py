"""All checks of a study on its typed tables, before and after corrections."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from impacteval.checks import AnyCheck, ConstantWithinUnit, NotMissing, OfType
from impacteval.codebook import MASKED, Codebook
from impacteval.design import PanelRule
from impacteval.survey.types import Unreadable, type_columns
from impacteval.validation.finding import CheckedTable, Finding
from impacteval.validation.panel import check_constant_within_unit
from impacteval.validation.suites import run_suite


@dataclass(frozen=True, slots=True, kw_only=True)
class Validation:
    """Findings in all tables, and each table's suite result."""

    findings: tuple[Finding, ...]
    records: dict[str, dict[str, object]]


def validate(
    text: Mapping[str, pd.DataFrame], codebook: Codebook, checks: Sequence[AnyCheck], panel: PanelRule
) -> Validation:
    """Type every table and run every check on it.

    Parameters
    ----------
    text : mapping
        Table name to text as delivered or corrected.
    codebook, checks, panel
        The study's configuration.

    Returns
    -------
    Validation
        Never raises on bad data: what is wrong is a finding.
    """
    findings: list[Finding] = []
    records = {}
    for name, frame in sorted(text.items()):
        typed = type_columns(frame, codebook.of_table(name))
        is_panel = name == panel.table
        table = CheckedTable(
            name=name,
            frame=typed.frame,
            text=frame,
            codebook=codebook,
            unit_column=panel.unit if is_panel else None,
            period_column=panel.period if is_panel else None,
        )
        mine = [c for c in checks if c.table == name]
        result = run_suite(table, mine)
        findings += _without_unreadable(result.findings, typed.unreadable, mine)
        findings += _unreadable_cells(table, typed.unreadable, mine)
        for check in mine:
            if isinstance(check, ConstantWithinUnit):
                findings += check_constant_within_unit(table, check)
        records[name] = result.record
    return Validation(findings=tuple(findings), records=records)


def _without_unreadable(
    findings: Sequence[Finding], cells: Sequence[Unreadable], checks: Sequence[AnyCheck]
) -> list[Finding]:
    """Drop findings that a cell is missing where it is there and could not be read."""
    asks_presence = {c.id for c in checks if isinstance(c, NotMissing)}
    unread = {(c.source_file, c.source_row, c.column) for c in cells}
    return [
        f
        for f in findings
        if f.check_id not in asks_presence or (f.source_file, f.source_row, f.column) not in unread
    ]


def _unreadable_cells(
    table: CheckedTable, cells: Sequence[Unreadable], checks: Sequence[AnyCheck]
) -> list[Finding]:
    """Turn cells that could not be read into findings of their column's type check."""
    by_column = {c.column: c for c in checks if isinstance(c, OfType)}
    rows = {
        (file, row): position
        for position, (file, row) in enumerate(
            zip(table.frame["source_file"], table.frame["source_row"], strict=True)
        )
    }
    found = []
    for cell in cells:
        check = by_column[cell.column]
        place = table.findings_at(check, [rows[cell.source_file, cell.source_row]])[0]
        shown = place.value_shown if place.value_shown == MASKED else cell.value
        found.append(
            Finding(
                check_id=place.check_id,
                severity=place.severity,
                table=place.table,
                source_file=place.source_file,
                source_row=place.source_row,
                unit_id=place.unit_id,
                period=place.period,
                column=place.column,
                value_shown=shown,
                message=f"{shown!r} is not {'a whole number' if cell.type == 'integer' else 'a number'}",
                suggestion=place.suggestion,
            )
        )
    return found


def summary(findings: pd.DataFrame, checks: Sequence[AnyCheck]) -> pd.DataFrame:
    """Count findings by check; checks that found nothing stand there with zero."""
    count = findings.groupby(["check_id", "status"]).size()
    return pd.DataFrame(
        [
            {
                "check_id": check.id,
                "table": check.table,
                "kind": check.kind,
                "severity": check.severity,
                "message": check.message,
                "n_open": int(count.get((check.id, "open"), 0)),
                "n_corrected": int(count.get((check.id, "corrected"), 0)),
            }
            for check in sorted(checks, key=lambda c: c.id)
        ]
    )
