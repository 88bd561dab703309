"""Cells and regressors of the model of untreated outcomes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from impacteval.arrays import Bool1D, Bool2D, Float1D, Float2D, Int1D
from impacteval.designs import WithRegression
from impacteval.errors import DataError, IdentificationError
from impacteval.estimators.covariates import baseline_values
from impacteval.estimators.rows import observed_cells
from impacteval.panel import Panel

# Regressors are held as numbers, one a cell: more than this would not fit into memory.
MOST_NUMBERS = 2 * 10**8


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """Observed cells of a panel, one a row.

    Attributes
    ----------
    unit, period : (n_cells,)
        Positions in the panel.
    outcome, weight : (n_cells,)
        Weights are above 0.
    is_untreated : (n_cells,)
    """

    unit: Int1D
    period: Int1D
    outcome: Float1D
    weight: Float1D
    is_untreated: Bool1D


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Regressors beside unit effects.

    Attributes
    ----------
    values : (n_cells, n_columns)
    names : (n_columns,)
    covariates : (n_columns,)
        Covariate that a column belongs to; empty for period effects and others that may be left out
        where those before them explain them.
    """

    values: Float2D
    names: tuple[str, ...]
    covariates: tuple[str, ...]


def side_by_side(parts: Sequence[Columns]) -> Columns:
    """Put regressors of the same cells next to each other."""
    return Columns(
        values=np.hstack([part.values for part in parts]),
        names=tuple(name for part in parts for name in part.names),
        covariates=tuple(covariate for part in parts for covariate in part.covariates),
    )


def cells_of_design(panel: Panel, design: WithRegression) -> Bool2D:
    """Cells with the outcome, a weight above 0 and every column of the design."""
    by_period = (*design.covariates_by_period, *design.effects_by_period)
    return observed_cells(
        panel,
        [
            *(panel.covariates[name] for name in design.covariates),
            *(baseline_values(panel, name)[:, None] for name in by_period),
        ],
    )


def cells_at(panel: Panel, keep: Bool2D) -> Cells:
    """The rows of some cells, unit by unit."""
    unit, period = np.nonzero(keep)
    return Cells(
        unit=unit,
        period=period,
        outcome=panel.outcome[keep],
        weight=panel.weight[keep],
        is_untreated=~panel.is_treated[keep],
    )


def regressors(panel: Panel, design: WithRegression, cells: Cells) -> Columns:
    """Period effects and covariates of a design.

    Period effects are those of each group of ``effects_by_period``, or common to all units. The
    first period with an untreated cell is the reference of each group and of each covariate by
    period.
    """
    groups = [groups_of_column(panel, name) for name in design.effects_by_period]
    everybody = (np.zeros(panel.n_units, dtype=np.int64), ("",))
    return side_by_side(
        [
            *(_period_effects(panel, cells, code, labels) for code, labels in groups or [everybody]),
            _covariates(panel, cells, design.covariates),
            *(_by_period(panel, cells, name) for name in design.covariates_by_period),
        ]
    )


def groups_of_column(panel: Panel, name: str) -> tuple[Int1D, tuple[str, ...]]:
    """Number of each unit's group, (n_units,), and what to call the groups."""
    values = panel.covariates[name]
    first = baseline_values(panel, name)
    changes = (~np.isnan(values) & (values != first[:, None])).any(axis=1)
    if changes.any():
        raise DataError(
            f"{name}: changes over time in {int(changes.sum())} units, first {panel.unit_ids[changes][0]}; "
            "groups with their own period effects must be constant within units"
        )
    labels, code = np.unique(np.nan_to_num(first), return_inverse=True)
    return code.astype(np.int64), tuple(f", {name} {label:g}" for label in labels)


def _period_effects(panel: Panel, cells: Cells, group: Int1D, labels: tuple[str, ...]) -> Columns:
    n_periods = len(panel.periods)
    code = group[cells.unit] * n_periods + cells.period
    present = np.flatnonzero(np.bincount(code))
    untreated = np.flatnonzero(np.bincount(code[cells.is_untreated]))
    references = untreated[np.unique(untreated // n_periods, return_index=True)[1]]
    codes = np.setdiff1d(present, references)
    if len(code) * len(codes) > MOST_NUMBERS:
        raise IdentificationError(
            f"{panel.name}: {len(codes)} period effects of groups in {len(code)} cells do not fit into "
            "memory; name a coarser column in effects_by_period"
        )
    return Columns(
        values=(code[:, None] == codes[None, :]).astype(np.float64),
        names=tuple(f"period {panel.periods[c % n_periods]}{labels[c // n_periods]}" for c in codes),
        covariates=("",) * len(codes),
    )


def _covariates(panel: Panel, cells: Cells, names: Sequence[str]) -> Columns:
    values = [panel.covariates[name][cells.unit, cells.period] for name in names]
    return Columns(
        values=np.column_stack(values) if values else np.empty((len(cells.unit), 0)),
        names=tuple(names),
        covariates=tuple(names),
    )


def _by_period(panel: Panel, cells: Cells, name: str) -> Columns:
    value = baseline_values(panel, name)[cells.unit]
    reference = cells.period[cells.is_untreated].min()
    periods = np.setdiff1d(np.flatnonzero(np.bincount(cells.period)), reference)
    return Columns(
        values=value[:, None] * (cells.period[:, None] == periods[None, :]),
        names=tuple(f"{name} in period {panel.periods[p]}" for p in periods),
        covariates=(f"{name} by period",) * len(periods),
    )
