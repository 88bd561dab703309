"""What a solved regression says of its coefficients' variance and of each unit's part in it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from impacteval.arrays import Float1D, Float2D
from impacteval.estimators.shared_regressors import SharedRegressors
from impacteval.estimators.streamed_qr import slices


@dataclass(frozen=True, slots=True, kw_only=True)
class Solved:
    """Coefficients, and the residuals and own regressors less what shared regressors explain.

    ``coefficient`` is of shared terms, then own ones; ``own_on_shared`` (n_shared, n_own) the
    coefficients of the own regressors on the shared; ``root`` inverses of the triangular factors.
    """

    coefficient: Float1D
    own_on_shared: Float2D
    shared_root: Float2D
    own_root: Float2D
    residual: Float2D
    own: list[Float2D]


def variance_of(report: Float2D, solved: Solved) -> Float1D:
    """Diagonal of ``c (X'WX)^-1 c'``, (n_reported,)."""
    of_shared, of_own = _reported_parts(report, solved)
    parts = (of_shared @ solved.shared_root, of_own @ solved.own_root)
    return np.asarray(sum(np.sum(np.square(part), axis=1) for part in parts))


def _reported_parts(report: Float2D, solved: Solved) -> tuple[Float2D, Float2D]:
    """Weights of the shared coefficients, and those of the own ones net of their part in the shared."""
    n_shared = len(solved.shared_root)
    of_shared = report[:, :n_shared]
    return of_shared, report[:, n_shared:] - of_shared @ solved.own_on_shared


def scores_of(
    solved: Solved, shared: SharedRegressors, weight: Float2D, report: Float2D
) -> tuple[Float2D, Float1D]:
    """Sums over each unit's cells of ``c' (X'WX)^-1 x w e``, and over all cells of its square."""
    of_shared, of_own = _reported_parts(report, solved)
    of_shared = of_shared @ solved.shared_root @ solved.shared_root.T
    of_own = of_own @ solved.own_root @ solved.own_root.T
    weighted = weight * solved.residual
    n_units, n_periods = weighted.shape
    by_unit, squares = np.empty((n_units, len(report))), np.zeros(len(report))
    code = shared.patterns.code
    order = np.argsort(code, kind="stable")
    for part in slices(n_units, n_periods * len(report)):
        units = order[part]
        low, high = code[units[0]], code[units[-1]] + 1
        x = (shared.rows(low, high) @ of_shared.T)[code[units] - low]
        for slope, values in zip(of_own.T, solved.own, strict=True):
            x += values[units][:, :, None] * slope
        x *= weighted[units][:, :, None]
        by_unit[units] = x.sum(axis=1)
        squares += np.einsum("itk,itk->k", x, x)
    return by_unit, squares
