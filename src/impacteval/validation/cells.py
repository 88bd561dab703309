"""Which rows are compared with one another, and whose they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from impacteval.arrays import Bool1D, Float1D, Int1D, Text1D
from impacteval.validation.keys import joined
from impacteval.validation.labels import labels_of
from impacteval.validation.survey import CheckedTable

# Makes the median absolute deviation of normal values their standard deviation.
MAD_TO_SD = 1.4826


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """One way of putting rows into cells: the cell of each row, (n_rows,), and who is judged by it.

    ``code`` is -1 where a row is in no cell; ``size`` counts the used rows of each row's cell; every
    row is judged at one level, by all used rows of its cell.
    """

    name: str
    code: Int1D
    size: Int1D
    is_judged: Bool1D


def levels_of(table: CheckedTable, groups: Sequence[str], used: Bool1D, minimum: int) -> list[Level]:
    """Compare each row with the used rows of its declared columns and round.

    Where these are fewer than ``minimum``, or a group value is missing, it is compared with those of its
    round, and where they too are fewer with those of the table.

    Parameters
    ----------
    used : (n_rows,)
        Rows that have a value to compare.
    """
    period = [table.roles.period] if table.roles.period else []
    said = f"its group by {' and '.join(groups)}{' in its round' if period else ''}"
    asked = [([*groups, *period], said)] if groups else []
    asked += [(period, "its round")] if period else []
    open_ = np.ones(len(used), dtype=np.bool_)
    levels = []
    for columns, name in asked:
        code = number_of(table.frame, columns)
        size = _sizes(code, used)
        fits = open_ & (code >= 0) & (size >= minimum)
        levels.append(Level(name=name, code=code, size=size, is_judged=fits))
        open_ = open_ & ~fits
    everywhere = np.zeros(len(used), dtype=np.int64)
    size = _sizes(everywhere, used)
    return [*levels, Level(name="all rows", code=everywhere, size=size, is_judged=open_)]


def _sizes(code: Int1D, used: Bool1D) -> Int1D:
    """Used rows in the cell of each row."""
    counts = np.bincount(code[used & (code >= 0)], minlength=code.max(initial=0) + 1)
    return np.asarray(counts[code], dtype=np.int64)


def number_of(frame: pd.DataFrame, columns: Sequence[str]) -> Int1D:
    """Number rows by what they hold in columns, in sorted order; -1 where one is missing."""
    if not len(frame):
        return np.zeros(0, dtype=np.int64)
    numbered = frame.groupby(list(columns), sort=True, dropna=True).ngroup()
    return np.asarray(numbered.fillna(-1), dtype=np.int64)


def numbers(table: CheckedTable, column: str) -> Float1D:
    """Values of a column of numbers, NaN where there is none; all NaN for a column of another type."""
    values = table.frame[column]
    if not pd.api.types.is_numeric_dtype(values):
        return np.full(len(values), np.nan)
    return np.asarray(values.astype("float64"), dtype=np.float64)


def logs10(values: Float1D) -> Float1D:
    """Logarithms to base 10, NaN where a value is not above zero."""
    logs: Float1D = np.log10(np.where(values > 0, values, np.nan))
    return logs


def units(table: CheckedTable) -> Text1D:
    """Enterprise of each row, empty where it is not known or the table has none."""
    return labels_of(table, table.roles.unit).to_numpy(dtype=np.str_)


def followed(table: CheckedTable) -> Text1D:
    """Who is followed over rounds: the member where a table has members, else the enterprise."""
    if not (table.roles.unit and table.roles.member):
        return units(table)
    return joined(table, (table.roles.unit, table.roles.member)).to_numpy(dtype=np.str_)


def periods(table: CheckedTable) -> Int1D:
    """Number of each row's round in sorted order, -1 where it is missing; 0 in a table without rounds."""
    if not table.roles.period:
        return np.zeros(len(table.frame), dtype=np.int64)
    return number_of(table.frame, [table.roles.period])
