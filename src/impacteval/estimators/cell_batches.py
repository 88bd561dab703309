"""Which comparisons rest on the same units, covariates and weights, and so share one fit."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from impacteval.arrays import Bool1D, Bool2D, Float1D, Float2D, Int1D
from impacteval.estimators.comparisons import Cell, Cohorts

N_TRIED = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """A unit by period table, period by period, with one row where nothing changes over time.

    Attributes
    ----------
    values : (n_periods or 1, n_units)
    known : (n_periods or 1, n_units), optional
        Values that are known and, for weights, positive; None where all are.
    """

    values: Float2D
    known: Bool2D | None

    def at(self, column: int) -> Float1D:
        """Values in a period."""
        return np.asarray(self.values[column if len(self.values) > 1 else 0])

    def known_at(self, column: int) -> Bool1D | None:
        """Which values are known in a period; None for all."""
        return None if self.known is None else self.known[column if len(self.known) > 1 else 0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Several outcomes of the same units, laid out by period, and the comparisons to make."""

    outcomes: tuple[Columns, ...]
    allowed: tuple[Bool1D | None, ...]
    covariates: tuple[Columns, ...]
    weight: Columns
    cohorts: Cohorts
    periods: Int1D
    cells: tuple[Cell, ...]

    @property
    def varies(self) -> bool:
        """Whether covariates or weights change over time."""
        return any(len(c.values) > 1 for c in (*self.covariates, self.weight))

    def usable(self, k: int, cell: Cell) -> Bool1D | None:
        """Units known in both periods of a cell, (n_units,); None for all."""
        outcome = self.outcomes[k]
        known = [self.allowed[k], outcome.known_at(cell.column), outcome.known_at(cell.base)]
        known += [columns.known_at(cell.earlier) for columns in (*self.covariates, self.weight)]
        masks = [mask for mask in known if mask is not None]
        return np.asarray(np.logical_and.reduce(masks)) if masks else None

    def n_weightless(self, k: int, cell: Cell) -> tuple[int, int]:
        """Treated and comparison units that a cell lacks only for their weight of zero."""
        has_weight = self.weight.known_at(cell.earlier)
        if has_weight is None or has_weight.all():
            return 0, 0
        unweighted = replace(self, weight=Columns(values=self.weight.values, known=None))
        lost, usable = self.weight.at(cell.earlier) == 0, unweighted.usable(k, cell)
        if usable is not None:
            lost = lost & usable
        members = self.cohorts.members
        return (
            int(np.count_nonzero(lost[members[cell.cohort]])),
            sum(int(np.count_nonzero(lost[members[c]])) for c in cell.comparison),
        )


@dataclass(frozen=True, kw_only=True)
class Batch:
    """Comparisons of the same units with the same covariates and weights, which share one fit.

    Attributes
    ----------
    treated, comparison : (n_treated,), (n_comparison,)
        Positions of units.
    column : int
        Position of the period of covariates and weights.
    members : list
        Outcome and cell, by position.
    """

    treated: Int1D
    comparison: Int1D
    column: int
    members: list[tuple[int, int]]

    @cached_property
    def units(self) -> Int1D:
        """Positions of all units, treated ones first."""
        return np.concatenate([self.treated, self.comparison])

    @property
    def is_treated(self) -> Bool1D:
        """Which of ``units`` are treated."""
        return np.asarray(np.arange(len(self.units)) < len(self.treated))

    @property
    def has_side_of_one(self) -> bool:
        """Whether a side is one unit."""
        return min(len(self.treated), len(self.comparison)) == 1

    @property
    def is_estimable(self) -> bool:
        """Whether both sides have a unit, and one of them two."""
        sizes = len(self.treated), len(self.comparison)
        return min(sizes) > 0 and sum(sizes) > 2


def columns_of(values: Float2D) -> Columns:
    """Lay a unit by period table out by period."""
    if is_constant(values):
        values = values[:, :1]
    by_period = np.ascontiguousarray(values.T)
    known = ~np.isnan(by_period)
    return Columns(values=by_period, known=None if known.all() else known)


def weights_of(values: Float2D) -> Columns:
    """Lay weights out by period; units without weight take no part and are not known."""
    columns = columns_of(values)
    positive = columns.values > 0
    return replace(columns, known=None if positive.all() else positive)


def is_constant(values: Float2D) -> bool:
    """Whether no unit's values change over time; a few units answer for most tables that do."""
    if values.strides[1] == 0:
        return True
    return all(
        bool(((part == part[:, :1]) | (np.isnan(part) & np.isnan(part[:, :1]))).all())
        for part in (values[:N_TRIED], values[N_TRIED:])
    )


def batches_of(source: Source) -> list[Batch]:
    """Put together the comparisons that share a fit."""
    members = source.cohorts.members
    batches: dict[tuple[int, tuple[int, ...], int, bytes], Batch] = {}
    for k in range(len(source.outcomes)):
        for j, cell in enumerate(source.cells):
            if not cell.comparison:
                continue
            usable = source.usable(k, cell)
            treated = members[cell.cohort]
            comparison = np.concatenate([members[c] for c in cell.comparison])
            pattern = b""
            if usable is not None:
                pattern = np.packbits(usable[np.concatenate([treated, comparison])]).tobytes()
                treated, comparison = treated[usable[treated]], comparison[usable[comparison]]
            column = cell.earlier if source.varies else 0
            batch = Batch(treated=treated, comparison=comparison, column=column, members=[])
            key = (cell.cohort, cell.comparison, column, pattern)
            batches.setdefault(key, batch).members.append((k, j))
    return list(batches.values())
