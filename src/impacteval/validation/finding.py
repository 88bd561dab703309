"""A finding: one failed check on one row, said so that a field team can act on it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import pandas as pd

from impacteval.checks import AnyCheck, Severity, columns_of_check
from impacteval.codebook import Codebook
from impacteval.errors import DataError, raise_together
from impacteval.tables import FINDING_COLUMNS, records, table_of

WHOLE_COLUMN = 0
STATUSES = ("open", "corrected")
SEVERITIES = get_args(Severity)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One row of ``validation/findings.csv``; ``source_row`` 0 is about the column as a whole."""

    check_id: str
    severity: str
    table: str
    source_file: str
    source_row: int
    unit_id: str
    period: int | None
    column: str
    value_shown: str
    message: str
    suggestion: str

    @property
    def place(self) -> tuple[str, str, int, str]:
        """What makes a finding the same before and after corrections."""
        return (self.check_id, self.source_file, self.source_row, self.column)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedTable:
    """A typed table with what findings about it need: its text, its codebook, its keys."""

    name: str
    frame: pd.DataFrame
    text: pd.DataFrame
    codebook: Codebook
    unit_column: str | None
    period_column: str | None

    def findings_at(self, check: AnyCheck, rows: Iterable[int]) -> list[Finding]:
        """Make a finding of a check for each row number (position) that fails it."""
        columns = columns_of_check(check)
        return [self._finding(check, row, "+".join(columns), self._shown(row, columns)) for row in rows]

    def finding_of_column(self, check: AnyCheck, column: str, shown: str) -> Finding:
        """Make one finding about a column as a whole."""
        return Finding(
            check_id=check.id,
            severity=check.severity,
            table=self.name,
            source_file=str(self.frame["source_file"].iloc[0]) if len(self.frame) else "",
            source_row=WHOLE_COLUMN,
            unit_id="",
            period=None,
            column=column,
            value_shown=shown,
            message=check.message,
            suggestion=check.suggestion,
        )

    def _finding(self, check: AnyCheck, row: int, column: str, shown: str) -> Finding:
        record = self.frame.iloc[row]
        return Finding(
            check_id=check.id,
            severity=check.severity,
            table=self.name,
            source_file=str(record["source_file"]),
            source_row=int(record["source_row"]),
            unit_id=self._unit(record),
            period=self._period(record),
            column=column,
            value_shown=shown,
            message=check.message,
            suggestion=check.suggestion,
        )

    def _shown(self, row: int, columns: Sequence[str]) -> str:
        shown = []
        for column in columns:
            shown.append(self.codebook.shown(self.name, column, str(self.text[column].iloc[row])))
        return " | ".join(shown)

    def _unit(self, record: pd.Series) -> str:
        value = record.get(self.unit_column) if self.unit_column else None
        if self.unit_column is None or value is None or pd.isna(value):
            return ""
        return self.codebook.shown(self.name, self.unit_column, str(value))

    def _period(self, record: pd.Series) -> int | None:
        value = record.get(self.period_column) if self.period_column else None
        return None if value is None or pd.isna(value) else int(value)


def findings_table(before: Sequence[Finding], after: Sequence[Finding]) -> pd.DataFrame:
    """Put findings on the raw data and on the corrected data into one table.

    Parameters
    ----------
    before, after : sequence of Finding
        From the raw and from the corrected data.

    Returns
    -------
    DataFrame
        As ``FINDING_COLUMNS``, sorted, ids unique: ``open`` while the corrected data fail the check,
        ``corrected`` when only the raw data do.
    """
    still = {f.place for f in after}
    gone = [f for f in before if f.place not in still]
    rows = [_row(f, "open") for f in after] + [_row(f, "corrected") for f in gone]
    table = table_of(rows, FINDING_COLUMNS)
    order = ["severity", "check_id", "source_file", "source_row", "column"]
    return table.sort_values(order, kind="stable", ignore_index=True)


def stop_on_open_errors(findings: pd.DataFrame, shown: Path) -> None:
    """Raise DataError that lists every open error of a findings table; warnings do not stop a run.

    A status or severity that does not exist stops it too: the table was changed or is damaged.
    """
    unknown = [
        f"finding {e.finding_id!r}: status {e.status!r} and severity {e.severity!r}; rebuild the file"
        for e in records(findings)
        if e.status not in STATUSES or e.severity not in SEVERITIES
    ]
    raise_together(unknown, DataError, f"{shown} is not as it was written")
    errors = findings[(findings["status"] == "open") & (findings["severity"] == "error")]
    problems = [
        f"{e.source_file}, row {e.source_row}, column {e.column}: found {e.value_shown!r}; "
        f"{e.message}: {e.suggestion} [{e.check_id}]"
        for e in records(errors)
    ]
    raise_together(problems, DataError, f"open errors in the data, all listed in {shown}")


def _row(finding: Finding, status: str) -> dict[str, object]:
    return {
        "finding_id": f"{finding.check_id}:{finding.source_file}:{finding.source_row}",
        "status": status,
        "check_id": finding.check_id,
        "severity": finding.severity,
        "table": finding.table,
        "source_file": finding.source_file,
        "source_row": finding.source_row,
        "unit_id": finding.unit_id,
        "period": finding.period,
        "column": finding.column,
        "value_shown": finding.value_shown,
        "message": finding.message,
        "suggestion": finding.suggestion,
    }
