"""Effects of periods, for everybody or for each group of a column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from impacteval.arrays import Bool1D, Bool2D, Float1D, Float2D, Int1D, sum_by_code
from impacteval.errors import IdentificationError
from impacteval.estimators.patterns import Groups
from impacteval.panel import Panel

# Indicators are held by group of units: more numbers than this would not fit into memory.
MOST_NUMBERS = 3 * 10**7


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodEffects:
    """Effects that are not reported, and what they count for.

    Attributes
    ----------
    stratum : (n_groups,) or None
        Groups of groups that have period effects of their own, which are absorbed.
    tables : (n_groups, n_periods) each
        Indicators of further effects.
    n_counted : int
        Parameters beside the regressors where unit effects do not count: effects that are nested
        in clusters do not either.
    """

    stratum: Int1D | None = None
    tables: tuple[Float2D, ...] = ()
    names: tuple[str, ...] = ()
    n_counted: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class _Column:
    """A column's level of each group, (n_groups,), and whether a level has a cell in each period."""

    name: str
    levels: Float1D
    level: Int1D
    present: Bool2D


def period_indicators(panel: Panel, groups: Groups, cells: Bool2D) -> PeriodEffects:
    """An indicator of every period present, which span the constant, for regressions without unit effects."""
    present = np.flatnonzero(cells.any(axis=0))
    shape = (groups.n_groups, len(panel.periods))
    return PeriodEffects(
        tables=tuple(np.broadcast_to(np.arange(shape[1]) == t, shape).astype(np.float64) for t in present),
        names=tuple(f"period {panel.periods[t]}" for t in present),
        n_counted=len(present),
    )


def effects_by_period(panel: Panel, groups: Groups, cells: Bool2D, names: Sequence[str]) -> PeriodEffects:
    """Period effects of each group of each column, beside unit effects; without columns, of everybody.

    Those of the column with most groups are absorbed, those of further columns are indicators, of
    which the regression drops what is redundant. Counted are, as in fixest, all groups by periods of
    columns whose groups are not nested in clusters (further columns without the periods, which the
    first already has).
    """
    if not names:
        everybody = np.zeros(groups.n_groups, dtype=np.int64)
        return PeriodEffects(stratum=everybody, n_counted=int(cells.any(axis=0).sum()))
    observed = groups.observed(cells)
    columns = sorted((_column(groups, observed, name) for name in names), key=lambda c: -len(c.levels))
    tables: list[Float2D] = []
    labels: list[str] = []
    for column in columns[1:]:
        _refuse_many(panel, column)
        for level, t in np.argwhere(column.present):
            if level > 0 and column.present[level, :t].any():
                here = (column.level == level)[:, None] & (np.arange(column.present.shape[1]) == t)
                tables.append(here.astype(np.float64))
                labels.append(f"{column.name} {column.levels[level]:g} in period {panel.periods[t]}")
    return PeriodEffects(
        stratum=columns[0].level,
        tables=tuple(tables),
        names=tuple(labels),
        n_counted=_n_counted(panel, groups, cells, columns),
    )


def _column(groups: Groups, observed: Bool2D, name: str) -> _Column:
    levels, level = np.unique(groups.columns[name], return_inverse=True)
    present = sum_by_code(observed.astype(np.float64), level, len(levels)) > 0
    return _Column(name=name, levels=levels, level=level.astype(np.int64), present=present)


def _n_counted(panel: Panel, groups: Groups, cells: Bool2D, columns: Sequence[_Column]) -> int:
    used = np.asarray(cells.any(axis=1))
    crossed = [c for c in columns if not _is_nested(panel, c.level[groups.code], used)]
    shared_periods = int(cells.any(axis=0).sum()) * max(len(crossed) - 1, 0)
    return max(sum(int(c.present.sum()) for c in crossed) - shared_periods, 1)


def _refuse_many(panel: Panel, column: _Column) -> None:
    n_effects = int(column.present.sum())
    if n_effects * column.level.size * len(panel.periods) > MOST_NUMBERS:
        raise IdentificationError(
            f"{panel.name}: {n_effects} effects of {column.name!r} by period are more than can be estimated "
            "beside those of units and of another column; name a coarser column"
        )


def _is_nested(panel: Panel, level: Int1D, used: Bool1D) -> bool:
    """Whether every group lies in one cluster."""
    level, cluster = level[used], panel.cluster[used]
    pairs = np.unique(level * (int(cluster.max(initial=0)) + 1) + cluster)
    return len(pairs) == len(np.unique(level))
