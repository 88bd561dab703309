"""Checks that look across the rounds of a unit; each is ``(table, check) -> list[Finding]``."""

from __future__ import annotations

from impacteval.checks import ConstantWithinUnit
from impacteval.validation.finding import CheckedTable, Finding


def check_constant_within_unit(table: CheckedTable, check: ConstantWithinUnit) -> list[Finding]:
    """Find rows whose value differs from the unit's first value.

    Rows in which the unit or the value is missing are left to other checks.
    """
    if table.unit_column is None:
        return []
    frame = table.frame.reset_index(drop=True)
    known = frame[frame[check.column].notna() & frame[table.unit_column].notna()]
    order = [table.period_column] if table.period_column else []
    first = (
        known.sort_values([*order, "source_file", "source_row"], kind="stable")
        .groupby(table.unit_column, sort=False)[check.column]
        .transform("first")
    )
    differs = known.index[known[check.column] != first.reindex(known.index)]
    return table.findings_at(check, sorted(int(row) for row in differs))
