"""Regressors that are functions of a unit's group and the period, handled once for units alike."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from impacteval.arrays import Float1D, Float2D, sum_by_code
from impacteval.estimators.patterns import Patterns
from impacteval.estimators.period_absorption import PeriodAbsorption
from impacteval.estimators.streamed_qr import slices, triangular_factor


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedRegressors:
    """Shared regressors by pattern, less what absorbed effects explain.

    Attributes
    ----------
    table : (n_groups, n_periods, n_shared)
        Less their period effects, if these are absorbed.
    patterns : Patterns
        Of the groups.
    absorb_units : bool
    """

    table: Float2D
    patterns: Patterns
    absorb_units: bool

    def rows(self, low: int, high: int) -> Float2D:
        """Regressors of some patterns, (n_patterns, n_periods, n_shared)."""
        x = self.table[self.patterns.group[low:high]]
        return _less_means(x, self.patterns.weight[low:high]) if self.absorb_units else x

    def blocks(self) -> Iterator[tuple[slice, Float2D]]:
        """Regressors of all patterns, some at a time."""
        _, n_periods, n_shared = self.table.shape
        # A block of fewer rows than columns would be factored again and again for little.
        at_least = 2 * n_shared // n_periods
        for part in slices(len(self.patterns.group), n_periods * n_shared, at_least):
            yield part, self.rows(part.start, part.stop)

    def factor(self) -> Float2D:
        """R of the weighted regressors."""
        n_shared = self.table.shape[2]
        root = np.sqrt(self.patterns.weight)
        return triangular_factor(
            ((root[part, :, None] * x).reshape(-1, n_shared) for part, x in self.blocks()), n_shared
        )


def _less_means(x: Float2D, weight: Float2D) -> Float2D:
    """Values less their weighted means over periods; (n, n_periods, n_columns) and (n, n_periods)."""
    total = weight.sum(axis=1)
    mean = np.einsum("pt,ptk->pk", weight, x) / np.where(total > 0, total, 1.0)[:, None]
    return np.asarray(x - mean[:, None, :])


def size_of_table(table: Float2D, patterns: Patterns) -> Float1D:
    """Weighted lengths of shared regressors as given, (n_shared,)."""
    by_group = sum_by_code(patterns.weight, patterns.group, len(table))
    return np.asarray(np.sqrt(np.einsum("gt,gtk->k", by_group, np.square(table))))


def within_units(values: Float2D, weight: Float2D) -> None:
    """Take weighted unit means out of values, (n_units, n_periods), in place."""
    total = weight.sum(axis=1)
    values -= (np.einsum("it,it->i", weight, values) / np.where(total > 0, total, 1.0))[:, None]


def partial_out(
    columns: list[Float2D],
    weight: Float2D,
    shared: SharedRegressors,
    root: Float2D,
    periods: PeriodAbsorption | None,
) -> Float2D:
    """Take out of columns, in place, what period effects and shared regressors explain.

    Shared regressors have no period effects left, so that one does not change the other. The second
    pass takes out the rounding that the first left.

    Parameters
    ----------
    columns : (n_units, n_periods) each
        Less their unit means, if unit effects are absorbed.
    weight : (n_units, n_periods)
    shared : SharedRegressors
    root : (n_shared, n_shared)
        Inverse of their triangular factor.
    periods : PeriodAbsorption
        Of absorbed period effects, if there are any.

    Returns
    -------
    (n_shared, n_columns)
        Coefficients of the shared regressors.
    """
    total = np.zeros((len(root), len(columns)))
    if periods is None and len(root) == 0:
        return total
    code, n_patterns = shared.patterns.code, len(shared.patterns.group)
    for _ in range(2):
        sums = np.stack([sum_by_code(weight * v, code, n_patterns) for v in columns], axis=-1)
        cross = sum(np.tensordot(x, sums[part], axes=([0, 1], [0, 1])) for part, x in shared.blocks())
        step = root @ (root.T @ cross)
        total += step
        explained = np.zeros_like(sums)
        if periods is not None:
            effects = periods.effects(sums, shared.patterns.group)
            explained += _less_means(effects, shared.patterns.weight)
        for part, x in shared.blocks():
            explained[part] += x @ step
        for j, values in enumerate(columns):
            values -= explained[:, :, j][code]  # noqa: PLW2901 - in place
    return total
