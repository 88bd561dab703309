"""What is wrong with columns of a data frame taken together."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
import pandas as pd

from impacteval.arrays import Bool1D, Float1D, Float2D, Int1D, Text1D
from impacteval.frames.columns import COMPARISON, N_SHOWN, Names, Table, as_text, first_of, is_whole, where
from impacteval.panel import NEVER_TREATED

# A covariate whose part that the others do not explain is this small a share of it is collinear.
COLLINEAR = 1e-9
# With no eigenvalue of the correlations below this, no covariate comes near it.
FAR_FROM_COLLINEAR = 1e-6
UNDECLARED = (
    "if that means never-treated, say so with `never={code}` (one code for all), else give the period"
)


def is_never(first_treat: Float1D, never: float | None) -> Bool1D:
    """Which rows hold the code of never-treated units."""
    if never is None:
        return np.zeros(len(first_treat), dtype=np.bool_)
    return np.isnan(first_treat) if math.isnan(never) else np.asarray(first_treat == never)


def cohort_problems(table: Table, never: float | None) -> Iterator[str]:
    """Periods of first treatment that are none, or that no row can show."""
    if not table.is_sound("first_treat"):
        return
    column = table.numbers["first_treat"]
    values, label = column.values, column.label
    undeclared = ~is_never(values, never)
    for name, code, wrong in (
        ("missing", "math.nan", np.isnan(values)),
        ("infinite", "math.inf", np.isinf(values)),
        ("0", "0", values == 0),
    ):
        if (wrong & undeclared).any():
            rows = where(wrong & undeclared, table.labels)
            yield f"{label} is {name} in {rows}: {UNDECLARED.format(code=code)}"
    fraction = np.isfinite(values) & ~is_whole(values) & undeclared
    if fraction.any():
        rows = where(fraction, table.labels, values)
        yield f"{label} is no whole number in {rows}: give the first period that saw treatment"
    if table.is_sound("period"):
        yield from _outside_periods(table, never)


def _outside_periods(table: Table, never: float | None) -> Iterator[str]:
    label, last = table.numbers["first_treat"].label, float(np.max(table.period))
    after = np.isfinite(table.cohort) & (table.cohort > last)
    if after.any():
        rows = where(after, table.labels, table.cohort)
        yield (
            f"{label} is after the last period {as_text(last)} in {rows}: these units are untreated "
            "throughout; give them the code of never-treated units (see `never`), or leave them out"
        )
    if never is not None and (table.period == never).any():
        yield (
            f"never={as_text(never)} is a period too, so that its cohort cannot be told from never-treated "
            "units: use another code"
        )


def unit_problems(table: Table) -> Iterator[str]:
    """Rows of a unit that contradict each other: two for a period, or a treatment that changes."""
    if not table.is_sound("unit"):
        return
    if table.is_sound("period", "outcome"):
        yield from _repeated(table)
    if table.is_sound("first_treat"):
        label = table.numbers["first_treat"].label
        advice = (
            "a unit that leaves treatment stays in the cohort of its first treatment: give that in all rows"
        )
        yield from _changing(table, label, table.cohort, _cohort_text, advice)
    for role in ("arm", "cluster"):
        column = table.texts.get(role)
        if column is not None and not column.problems:
            text = partial(_name_at, column.names)
            code = column.code.astype(np.float64)
            yield from _changing(table, column.label, code, text, f"give each unit one {role}")


def _cohort_text(cohort: float) -> str:
    return "never" if cohort == NEVER_TREATED else as_text(cohort)


def _name_at(names: Text1D, code: float) -> str:
    return str(names[int(code)])


def _changing(
    table: Table, label: str, values: Float1D, text: Callable[[float], str], advice: str
) -> Iterator[str]:
    """Say which units have more than one value in a column that has one a unit."""
    unit = table.unit
    of_first = values[first_rows(unit)][unit.code]
    differs = (values != of_first) & ~(np.isnan(values) & np.isnan(of_first))
    units = np.unique(unit.code[differs])
    if len(units):
        shown = [
            f"{unit.names[i]}: {first_of([text(v) for v in np.unique(values[unit.code == i])])}"
            for i in units[:N_SHOWN]
        ]
        more = "; ..." if len(units) > N_SHOWN else ""
        count = f"{len(units):,} of {len(unit.names):,} units"
        yield f"{label} changes within {count} ({'; '.join(shown)}{more}): {advice}"


def first_rows(unit: Names) -> Int1D:
    """Position of the first row of each unit, (n_units,)."""
    first = np.empty(len(unit.names), dtype=np.int64)
    first[unit.code[::-1]] = np.arange(len(unit.code))[::-1]
    return first


def _repeated(table: Table) -> Iterator[str]:
    periods = table.periods
    cell = table.unit.code * len(periods) + np.searchsorted(periods, table.period)
    count = np.bincount(cell)
    rows = np.flatnonzero(count[cell] > 1)
    if not len(rows):
        return
    cells, first, of_cell = np.unique(cell[rows], return_index=True, return_inverse=True)
    one, other = table.outcome[rows], table.outcome[rows[first]][of_cell]
    differs = (one != other) & ~(np.isnan(one) & np.isnan(other))
    n_conflicting = len(np.unique(of_cell[differs]))
    shown = [
        f"unit {table.unit.names[c // len(periods)]} in {as_text(periods[c % len(periods)])}: "
        f"rows {first_of([str(table.labels[r]) for r in rows[of_cell == k]])}"
        for k, c in enumerate(cells[:N_SHOWN])
    ]
    more = "; ..." if len(cells) > N_SHOWN else ""
    yield (
        f"{len(cells):,} unit-periods have more than one row, {n_conflicting:,} of them with different "
        f"outcomes ({'; '.join(shown)}{more}): keep one row a unit and period; drop_duplicates() is safe "
        "only for rows that are the same"
    )


def row_problems(table: Table) -> Iterator[str]:
    """Rows of cross-sections that share an id."""
    if not table.is_sound("unit"):
        return
    count = np.bincount(table.unit.code)
    if (count > 1).any():
        names = [str(name) for name in table.unit.names[np.flatnonzero(count > 1)[:4]]]
        yield (
            f"{table.unit.label}: {int((count > 1).sum()):,} ids stand in more than one row "
            f"({first_of(names)}): cross-sections need an id of the row, a panel is read with panel_from"
        )


def arm_problems(table: Table) -> Iterator[str]:
    """Never-treated rows in several arms, or treated ones in theirs."""
    arm = table.texts.get("arm")
    if arm is None or not table.is_sound("arm", "first_treat"):
        return
    of_never = [str(name) for name in arm.names[np.unique(arm.code[table.is_never])]]
    if len(of_never) > 1:
        yield f"{arm.label}: never-treated rows are in {len(of_never)} arms ({first_of(of_never)}): name one"
    mixed = np.isin(arm.names[arm.code], of_never or [COMPARISON]) & ~table.is_never
    if mixed.any() and len(of_never) < 2:
        yield (
            f"{arm.label}: {where(mixed, table.labels)} have a period of first treatment and the arm "
            f"{table.comparison_arm!r} of never-treated units: correct one of the two"
        )


def weight_problems(table: Table) -> Iterator[str]:
    """Cohorts that count for nothing."""
    if "weight" not in table.numbers or not table.is_sound("weight", "first_treat"):
        return
    code, cohorts = pd.factorize(table.cohort)
    total = np.bincount(code, weights=table.weight > 0)
    label = table.numbers["weight"].label
    for k in np.flatnonzero(total == 0)[np.argsort(cohorts[total == 0])]:
        rows = where(code == k, table.labels)
        yield (
            f"{label} is 0 or missing in all rows of cohort {_cohort_text(cohorts[k])}, {rows}: correct the "
            "weights or leave the cohort out"
        )


def covariate_problems(table: Table) -> Iterator[str]:
    """Covariates that say nothing, or nothing beyond the others."""
    sound = {name: column for name, column in table.covariates.items() if not column.problems}
    varying = {}
    for name, column in sound.items():
        low, high = np.nanmin(column.values), np.nanmax(column.values)
        if low == high:
            yield f"{column.label} is {as_text(low)} in every row: it explains nothing; leave it out"
        else:
            varying[name] = column
    if len(varying) > 1:
        known = ~np.any([np.isnan(column.values) for column in varying.values()], axis=0)
        values = np.column_stack([column.values[known] for column in varying.values()])
        for column in np.array([c.label for c in varying.values()])[_is_explained(values)]:
            yield f"{column} is a sum of multiples of the covariates before it and a constant: leave one out"


def _is_explained(values: Float2D) -> Bool1D:
    """Which columns those before them and a constant explain entirely, (n_columns,)."""
    centred = values - values.mean(axis=0)
    size = np.sqrt(np.sum(np.square(centred), axis=0))
    if not len(values) or (size == 0).any():
        return np.zeros(values.shape[1], dtype=np.bool_)
    scaled = centred / size
    if np.linalg.eigvalsh(scaled.T @ scaled)[0] > FAR_FROM_COLLINEAR:
        return np.zeros(values.shape[1], dtype=np.bool_)
    left = np.abs(np.diag(np.linalg.qr(scaled, mode="r")))
    explained = np.ones(values.shape[1], dtype=np.bool_)
    explained[: len(left)] = left <= COLLINEAR
    return explained
