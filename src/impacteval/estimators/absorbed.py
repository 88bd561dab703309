"""Weighted least squares on panel rows with one set of absorbed effects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from impacteval.arrays import Float1D, Float2D, Int1D, sum_by_code
from impacteval.effects import RegressionFacts
from impacteval.errors import IdentificationError

# A regressor whose part that the others do not explain is this small a share of it is collinear.
COLLINEAR = 1e-9
# Residuals this small beside the outcome are rounding: the fit is exact and leaves no error to estimate.
ROUNDING = 1e-13


@dataclass(frozen=True, slots=True, kw_only=True)
class AbsorbedRows:
    """Rows of a regression whose effects of ``group`` (units, cohorts) are taken out.

    Attributes
    ----------
    regressors : (n_rows, n_columns)
        Columns that the absorbed effects do not hold; no constant.
    names : (n_columns,)
        For messages.
    weight : (n_rows,)
        Above 0.
    group : (n_rows,)
        Code of the absorbed effect, in ``range(n_groups)``.
    unit : (n_rows,)
        Position of each row's unit in the panel.
    is_nested : bool
        Whether every absorbed effect lies within one unit, so that clusters contain it.
    """

    regressors: Float2D
    names: tuple[str, ...]
    weight: Float1D
    group: Int1D
    unit: Int1D
    is_nested: bool

    @property
    def absorbed(self) -> str:
        """What the absorbed effects are of, for messages."""
        return "unit effects" if self.is_nested else "cohort effects"

    @property
    def n_groups(self) -> int:
        """Number of absorbed effects."""
        return int(self.group.max()) + 1

    @property
    def n_parameters(self) -> int:
        """Parameters with the constant, without absorbed effects that are nested in units."""
        return int(self.regressors.shape[1]) + (1 if self.is_nested else self.n_groups)

    @property
    def n_counted(self) -> int:
        """Parameters with all absorbed effects."""
        return int(self.regressors.shape[1]) + self.n_groups


@dataclass(frozen=True, slots=True, kw_only=True)
class AbsorbedFit:
    """Coefficients of a weighted regression, and what each row says about them.

    Attributes
    ----------
    coefficient : (n_columns,)
        In the unit of the outcome per unit of the regressor.
    bread : (n_columns, n_columns)
        ``(X'WX)^-1`` of the demeaned regressors.
    demeaned : (n_rows, n_columns)
        Regressors without absorbed effects.
    residual : (n_rows,)
    """

    rows: AbsorbedRows
    coefficient: Float1D
    bread: Float2D
    demeaned: Float2D
    residual: Float1D

    def influence(self, combinations: Float2D, n_units: int) -> Float2D:
        """Influence of linear combinations (n_effects, n_columns) of the coefficients."""
        return n_units * sum_by_code(self.by_row(combinations), self.rows.unit, n_units)

    def by_row(self, combinations: Float2D) -> Float2D:
        """What each row adds to linear combinations (n_effects, n_columns): their sum is zero."""
        return (self.demeaned @ (self.bread @ combinations.T)) * (self.rows.weight * self.residual)[:, None]

    def facts(self, combinations: Float2D) -> tuple[RegressionFacts, ...]:
        """Facts of linear combinations (n_effects, n_columns) of the coefficients."""
        n_rows, residual_df = len(self.residual), len(self.residual) - self.rows.n_counted
        spread = float(self.rows.weight @ np.square(self.residual)) / residual_df
        classical = spread * np.sum(combinations.T * (self.bread @ combinations.T), axis=0)
        hc1 = np.sum(np.square(self.by_row(combinations)), axis=0) * n_rows / residual_df
        return tuple(
            RegressionFacts(
                n_parameters=self.rows.n_parameters,
                n_absorbed=self.rows.n_groups if self.rows.is_nested else 0,
                classical_variance=float(c),
                hc1_variance=float(h),
            )
            for c, h in zip(classical, hc1, strict=True)
        )


def demeaned(values: Float2D, weight: Float1D, group: Int1D) -> Float2D:
    """Take the weighted mean of its group out of each column, (n_rows, n_columns)."""
    n_groups = int(group.max()) + 1
    total = np.bincount(group, weights=weight, minlength=n_groups)[:, None]
    return np.asarray(values - (sum_by_code(values * weight[:, None], group, n_groups) / total)[group])


def absorbed_fit(outcome: Float1D, rows: AbsorbedRows) -> AbsorbedFit:
    """Regress with weights and absorbed effects.

    Effects are absorbed by taking weighted means out of outcome and regressors, which is exact for
    any pattern of missing rows (Frisch and Waugh 1933, Econometrica 1(4); Lovell 1963, Journal of
    the American Statistical Association 58(304)).

    Parameters
    ----------
    outcome : (n_rows,)
    rows : AbsorbedRows

    Raises
    ------
    IdentificationError
        When a regressor is collinear, or no degree of freedom is left.
    """
    if len(outcome) <= rows.n_counted:
        raise IdentificationError(
            f"{len(outcome)} rows for {rows.n_counted} parameters; no degree of freedom is left: use fewer "
            "covariates, or cohort effects instead of unit effects"
        )
    y = demeaned(outcome[:, None], rows.weight, rows.group)
    x = demeaned(rows.regressors, rows.weight, rows.group)
    # The triangle of both holds that of the regressors and, in its last column, what projects the outcome.
    triangle = np.asarray(np.linalg.qr(np.hstack([x, y]) * np.sqrt(rows.weight)[:, None], mode="r"))
    r = triangle[:-1, :-1]
    refuse_collinear(r, rows.names, np.sqrt(rows.weight @ np.square(rows.regressors)), rows.absorbed)
    coefficient = np.linalg.solve(r, triangle[:-1, -1])
    inverse = np.linalg.inv(r)
    residual = y[:, 0] - x @ coefficient
    if np.linalg.norm(residual) <= ROUNDING * np.linalg.norm(outcome):
        residual = np.zeros_like(residual)
    return AbsorbedFit(
        rows=rows,
        coefficient=coefficient,
        bread=inverse @ inverse.T,
        demeaned=x,
        residual=residual,
    )


def refuse_collinear(triangle: Float2D, names: Sequence[str], size: Float1D, absorbed: str) -> None:
    """Name the regressors that others explain, from the triangle of a QR decomposition.

    ``size`` is the length of each regressor before effects were absorbed.
    """
    left = np.abs(np.diag(triangle))
    lost = [name for name, part, whole in zip(names, left, size, strict=True) if part <= COLLINEAR * whole]
    if lost:
        raise IdentificationError(
            f"regressor {', '.join(lost)}: explained entirely by the {absorbed} and the terms before it; "
            "take it out of the plan, or the cohort or period that it is about"
        )
