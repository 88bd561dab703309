"""Panels and cross-sections from the columns of a data frame."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from numbers import Real

import numpy as np
import pandas as pd

from impacteval.arrays import Bool1D, Float1D, Float2D, Int1D
from impacteval.errors import ConfigError, DataError, raise_together
from impacteval.frames.columns import (
    NAME_ROLES,
    NUMBER_ROLES,
    Columns,
    Names,
    Table,
    first_of,
    read_names,
    read_numbers,
    shape_problems,
    where,
)
from impacteval.frames.problems import (
    arm_problems,
    cohort_problems,
    covariate_problems,
    first_rows,
    is_never,
    row_problems,
    unit_problems,
    weight_problems,
)
from impacteval.panel import NEVER_TREATED, Panel
from impacteval.sections import Sections

WHERE = "the data frame"


class LeftOutWarning(UserWarning):
    """Rows or units that cannot be used, with their counts."""


def panel_from(frame: pd.DataFrame, columns: Columns, *, never: float | None = None) -> Panel:
    """Build a panel from a long data frame, one row a unit and period.

    Rows without the outcome, a covariate or the weight, and unit-periods without a row, are cells that
    estimators do not use; units whose outcome is never observed are left out. All are counted in a
    ``LeftOutWarning``.

    Parameters
    ----------
    frame : DataFrame
    columns : Columns
        The names are free: no name has a meaning of its own.
    never : float, optional
        Code of never-treated units in ``first_treat``: 0, ``math.inf``, ``math.nan`` for missing, or
        any other number that is no period. Without it every value is a period of treatment.

    Returns
    -------
    Panel
        Without ``arm`` column, arms are ``TREATED`` and ``COMPARISON``.

    Raises
    ------
    DataError
        Listing everything that is wrong with the frame, with column, count and first rows.
    ConfigError
        When ``never`` is no number.
    """
    table = _read(frame, columns, never, unit_problems)
    unit = table.unit
    is_known = np.bincount(unit.code, weights=~np.isnan(table.outcome), minlength=len(unit.names)) > 0
    keep = is_known[unit.code]
    periods = table.periods
    shape = (int(is_known.sum()), len(periods))
    place = (np.cumsum(is_known) - 1)[unit.code[keep]] * shape[1]
    place += np.searchsorted(periods, table.period[keep])
    n_absent = shape[0] * shape[1] - len(place)
    _warn([*_missing(table), *_never_observed(unit, is_known), *_absent(n_absent, shape)])
    first = first_rows(unit)[is_known]

    def wide(values: Float1D) -> Float2D:
        cells = np.full(shape[0] * shape[1], np.nan)
        cells[place] = values[keep]
        return cells.reshape(shape)

    return Panel(
        name=columns.outcome,
        unit_ids=unit.names[is_known],
        periods=periods,
        outcome=wide(table.outcome),
        cohort=table.cohort[first],
        arm=table.arm_of(first),
        comparison_arm=table.comparison_arm,
        cluster=_numbered(table.cluster[first]),
        covariates={name: wide(column.values) for name, column in table.covariates.items()},
        weight=wide(table.weight) if columns.weight else np.broadcast_to(1.0, shape),
    )


def sections_from(frame: pd.DataFrame, columns: Columns, *, never: float | None = None) -> Sections:
    """Build repeated cross-sections from a data frame, one row an observation.

    Rows without the outcome, a covariate or the weight are left out and counted in a
    ``LeftOutWarning``.

    Parameters
    ----------
    frame : DataFrame
    columns : Columns
        ``unit`` is an id of the row; without ``cluster`` every row is its own.
    never : float, optional
        As in ``panel_from``.

    Returns
    -------
    Sections
        Rows sorted by id.

    Raises
    ------
    DataError, ConfigError
        As in ``panel_from``.
    """
    table = _read(frame, columns, never, row_problems)
    values = [table.outcome, table.weight, *(column.values for column in table.covariates.values())]
    rows = np.flatnonzero(~np.any(np.isnan(values), axis=0))
    if not len(rows):
        raise DataError(f"{WHERE}: no row has the outcome, the covariates and the weight; name fewer columns")
    _warn([*_missing(table), *_incomplete(len(frame) - len(rows), len(frame))])
    rows = rows[np.argsort(table.unit.code[rows])]
    return Sections(
        name=columns.outcome,
        row_ids=table.unit.names[table.unit.code[rows]],
        period=table.period[rows].astype(np.int64),
        outcome=table.outcome[rows],
        cohort=table.cohort[rows],
        arm=table.arm_of(rows),
        comparison_arm=table.comparison_arm,
        cluster=_numbered(table.cluster[rows]),
        covariates={name: column.values[rows] for name, column in table.covariates.items()},
        weight=table.weight[rows],
    )


def _read(
    frame: pd.DataFrame,
    columns: Columns,
    never: float | None,
    repeated: Callable[[Table], Iterator[str]],
) -> Table:
    """Read all columns, or raise one error with all that is wrong.

    ``repeated`` judges rows that share a unit.
    """
    if isinstance(never, bool) or not isinstance(never, Real | None):
        raise ConfigError(f"never={never!r}: give the number that stands for never-treated, or math.nan")
    if not isinstance(frame, pd.DataFrame):
        raise DataError(f"expected a pandas DataFrame, found {type(frame).__name__}; convert it first")
    raise_together(shape_problems(frame, columns), DataError, WHERE)
    names = columns.names
    numbers = {
        role: read_numbers(frame[names[role]], f"{role} column {names[role]!r}", role)
        for role in NUMBER_ROLES
        if role in names
    }
    first_treat = numbers["first_treat"].values
    table = Table(
        labels=frame.index,
        texts={
            role: read_names(frame[names[role]], f"{role} column {names[role]!r}")
            for role in NAME_ROLES
            if role in names
        },
        numbers=numbers,
        covariates={
            name: read_numbers(frame[name], f"covariate {name!r}", "covariate") for name in columns.covariates
        },
        cohort=np.where(is_never(first_treat, never), NEVER_TREATED, first_treat),
    )
    problems = [
        *table.problems,
        *cohort_problems(table, never),
        *repeated(table),
        *arm_problems(table),
        *weight_problems(table),
        *covariate_problems(table),
    ]
    raise_together(problems, DataError, f"{WHERE} of {len(frame):,} rows")
    return table


def _missing(table: Table) -> Iterator[str]:
    """Rows that lack a value, by column."""
    read = [column for role, column in table.numbers.items() if role in {"outcome", "weight"}]
    for column in (*read, *table.covariates.values()):
        missing = np.isnan(column.values)
        if missing.any():
            yield f"{column.label} is missing in {where(missing, table.labels)}: not used"


def _never_observed(unit: Names, is_known: Bool1D) -> Iterator[str]:
    names = [str(name) for name in unit.names[~is_known]]
    if names:
        yield (
            f"{len(names):,} of {len(is_known):,} units have no outcome in any period ({first_of(names)}): "
            "left out"
        )


def _absent(n_absent: int, shape: tuple[int, int]) -> Iterator[str]:
    if n_absent:
        yield f"{n_absent:,} of {shape[0] * shape[1]:,} unit-periods have no row: not used"


def _incomplete(n_left_out: int, n_rows: int) -> Iterator[str]:
    if n_left_out:
        yield f"{n_left_out:,} of {n_rows:,} rows are left out in all"


def _warn(left_out: list[str]) -> None:
    if left_out:
        # The caller of panel_from or sections_from.
        warnings.warn(
            "\n".join([f"{WHERE}:", *(f"  - {line}" for line in left_out)]), LeftOutWarning, stacklevel=3
        )


def _numbered(code: Int1D) -> Int1D:
    """Codes numbered anew, without gaps."""
    return np.unique(code, return_inverse=True)[1].astype(np.int64)
