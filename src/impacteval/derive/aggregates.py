"""What an aggregate makes of the rows of another table that belong to each row of the panel."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from impacteval.arrays import Bool1D, Float1D, Int1D
from impacteval.derive.functions import number, refuse_other_than_0_and_1
from impacteval.derive.values import (
    KNOWN,
    Reasons,
    Value,
    Why,
    Words,
    missing_of,
    numbers,
    with_reason,
)

# Aggregates that are 0 where a row has no rows in the other table.
ZERO_WITHOUT_ROWS = frozenset({"count", "distinct", "sum"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Groups:
    """Joined rows of ``table``: ``group`` is the panel row of each, rising.

    Those of panel row ``i`` lie from ``bounds[i]`` up to ``bounds[i + 1]``.
    """

    table: str
    group: Int1D
    bounds: Int1D

    @property
    def n_groups(self) -> int:
        """Number of panel rows."""
        return len(self.bounds) - 1

    def count(self, rows: Bool1D) -> Int1D:
        """How many of some joined rows each panel row has."""
        before = np.zeros(len(rows) + 1, dtype=np.int64)
        np.cumsum(rows, out=before[1:])
        return np.diff(before[self.bounds])


def groups_of(table: str, group: Int1D, n_groups: int) -> Groups:
    """Groups of joined rows, which lie in the order of their panel rows."""
    return Groups(table=table, group=group, bounds=np.searchsorted(group, np.arange(n_groups + 1)))


def aggregated(
    function: str, value: Value, used: Bool1D, groups: Groups, *, at_least: int | None, reasons: Reasons
) -> Value:
    """Reduce the known values of the joined rows that are used to one value for each panel row.

    ``count``, ``distinct`` and ``sum`` are 0 where a row has no rows to use; the others have no value.
    ``sum`` has none either where no value of its rows is known. ``first`` is the first in the order of
    the files and their rows.
    """
    known = used & ~missing_of(value)
    n_used, n_known = groups.count(used), groups.count(known)
    why = np.full(groups.n_groups, KNOWN, dtype=np.int32)
    if function not in {"count", "distinct"}:
        why = _first_reason(value, used, groups, is_unknown=(n_used > 0) & (n_known == 0))
    if function not in ZERO_WITHOUT_ROWS:
        why = with_reason(why, n_used == 0, reasons.code(f"no rows of {groups.table}"))
    if at_least is not None:
        few = reasons.code(f"fewer than {at_least} rows of {groups.table}")
        why = with_reason(why, n_known < at_least, few)
    if function == "first":
        return _first(value, np.flatnonzero(known), groups.group[known], why)
    if function == "count":
        return numbers(n_known.astype(np.float64), why)
    if function == "distinct":
        return numbers(_n_distinct(value, known, groups), why)
    return numbers(_reduced(function, number(value).values[known], groups.group[known], n_known), why)


def _reduced(function: str, values: Float1D, group: Int1D, n_known: Int1D) -> Float1D:
    if function == "share":
        refuse_other_than_0_and_1(values)
    reduced = np.full(len(n_known), 0.0 if function == "sum" else np.nan)
    if len(group):
        has_any = n_known > 0
        starts = (np.cumsum(n_known) - n_known)[has_any]
        reduced[has_any] = _REDUCTIONS[function](values, group, starts, n_known[has_any])
    return reduced


def _first_reason(value: Value, used: Bool1D, groups: Groups, *, is_unknown: Bool1D) -> Why:
    """For panel rows none of whose rows has a value, why the first of them has none."""
    first = np.zeros(groups.n_groups, dtype=np.int32)
    if is_unknown.any():
        # Written from the last row to the first, so that the first one's reason stays.
        first[groups.group[used][::-1]] = value.why[used][::-1]
    return np.where(is_unknown, first, np.int32(KNOWN))


def _mean(values: Float1D, group: Int1D, starts: Int1D, n: Int1D) -> Float1D:
    return np.asarray(np.add.reduceat(values, starts) / n)


def _sum(values: Float1D, group: Int1D, starts: Int1D, n: Int1D) -> Float1D:
    return np.add.reduceat(values, starts)


def _least(values: Float1D, group: Int1D, starts: Int1D, n: Int1D) -> Float1D:
    return np.minimum.reduceat(values, starts)


def _most(values: Float1D, group: Int1D, starts: Int1D, n: Int1D) -> Float1D:
    return np.maximum.reduceat(values, starts)


def _median(values: Float1D, group: Int1D, starts: Int1D, n: Int1D) -> Float1D:
    ranked = values[np.lexsort((values, group))]
    return np.asarray((ranked[starts + (n - 1) // 2] + ranked[starts + n // 2]) / 2)


def _share(values: Float1D, group: Int1D, starts: Int1D, n: Int1D) -> Float1D:
    return np.asarray(100.0 * np.add.reduceat(values, starts) / n)


_REDUCTIONS: Final[dict[str, Callable[[Float1D, Int1D, Int1D, Int1D], Float1D]]] = {
    "mean": _mean,
    "sum": _sum,
    "median": _median,
    "min": _least,
    "max": _most,
    "share": _share,
}


def _n_distinct(value: Value, known: Bool1D, groups: Groups) -> Float1D:
    group = groups.group[known]
    values = value.codes[known] if isinstance(value, Words) else value.values[known]
    order = np.lexsort((values, group))
    group, values = group[order], values[order]
    is_new = np.ones(len(group), dtype=np.bool_)
    is_new[1:] = (group[1:] != group[:-1]) | (values[1:] != values[:-1])
    return np.bincount(group[is_new], minlength=groups.n_groups).astype(np.float64)


def _first(value: Value, rows: Int1D, group: Int1D, why: Why) -> Value:
    first = np.full(len(why), -1, dtype=np.int64)
    first[group[::-1]] = rows[::-1]
    if isinstance(value, Words):
        codes = np.where(why == KNOWN, np.append(value.codes, -1)[first], -1)
        return Words(codes=codes, words=value.words, why=why)
    return numbers(np.append(value.values, np.nan)[first], why)
