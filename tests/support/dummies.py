"""The model of untreated outcomes with a dummy for every unit and period, as a reference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from impacteval.arrays import Bool1D, Float1D, Float2D, Int1D
from impacteval.panel import Panel


@dataclass(frozen=True, slots=True, kw_only=True)
class Dummies:
    """Observed cells, one a row, and their dense regressors."""

    unit: Int1D
    period: Int1D
    outcome: Float1D
    weight: Float1D
    untreated: Bool1D
    z: Float2D
    n_units: int

    @property
    def cross(self) -> Float2D:
        """Inverse of the regressors' weighted cross-products over untreated rows."""
        return np.linalg.pinv(self.z[self.untreated].T @ (self.weight * self.z.T).T[self.untreated])

    @property
    def residual(self) -> Float1D:
        """Outcome less the fit to untreated rows."""
        z, y, w = (values[self.untreated] for values in (self.z, self.outcome, self.weight))
        root = np.sqrt(w)
        coefficient = np.linalg.lstsq(z * root[:, None], y * root, rcond=None)[0]
        return np.asarray(self.outcome - self.z @ coefficient)

    def by_unit(self, values: Float1D) -> Float1D:
        """Sums over the rows of each unit."""
        return np.bincount(self.unit, weights=values, minlength=self.n_units)


def dummies(
    panel: Panel,
    *,
    covariates: Sequence[str] = (),
    by_period: Sequence[str] = (),
    groups: str = "",
) -> Dummies:
    """Cells of a panel with dummies; ``by_period`` names constant covariates, ``groups`` a column."""
    observed = ~np.isnan(panel.outcome) & (panel.weight > 0)
    for name in (*covariates, *by_period):
        observed &= ~np.isnan(panel.covariates[name])
    unit, period = np.nonzero(observed)
    at_period = (period[:, None] == np.arange(len(panel.periods))).astype(np.float64)
    blocks = [(unit[:, None] == np.arange(panel.n_units)).astype(np.float64)]
    if groups:
        group = panel.covariates[groups][unit, period]
        blocks += [at_period * (group == level)[:, None] for level in np.unique(group)]
    else:
        blocks.append(at_period)
    blocks += [panel.covariates[name][unit, period][:, None] for name in covariates]
    blocks += [at_period[:, 1:] * panel.covariates[name][unit, period][:, None] for name in by_period]
    return Dummies(
        unit=unit,
        period=period,
        outcome=panel.outcome[observed],
        weight=panel.weight[observed],
        untreated=~panel.is_treated[observed],
        z=np.hstack(blocks),
        n_units=panel.n_units,
    )


def imputation_influence(d: Dummies, target: Bool1D, cell: npt.NDArray[np.int64]) -> Float1D:
    """Influence of the mean effect of some treated rows, from the weights v of every row.

    Borusyak, Jaravel and Spiess (2024): the estimate is ``sum(v Y)``; ``cell`` numbers cohort and period.
    """
    u = np.where(target, d.weight, 0.0) / d.weight[target].sum()
    v = np.where(d.untreated, -d.weight * (d.z @ (d.cross @ (d.z.T @ u))), u)
    average = np.zeros(len(u))
    for number in np.unique(cell[target]):
        here = target & (cell == number)
        average[here] = (v[here] ** 2 @ d.residual[here]) / (v[here] ** 2).sum()
    return np.asarray(d.n_units * d.by_unit(v * (d.residual - average)))


def two_stage_influence(d: Dummies, target: Bool1D) -> Float1D:
    """Influence of a second-stage mean, from the stacked moments of both stages."""
    u = np.where(target, d.weight, 0.0) / d.weight[target].sum()
    first = d.cross @ (d.z.T @ u)
    second = u * (d.residual - u @ d.residual)
    score = np.where(d.untreated, d.weight * d.residual * (d.z @ first), 0.0)
    return np.asarray(d.n_units * d.by_unit(second - score))
