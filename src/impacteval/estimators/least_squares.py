"""Least squares on panel rows, with unit effects absorbed, and what it says about each unit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from impacteval.arrays import Float1D, Float2D, Int1D, mean_by_code, sum_by_code
from impacteval.effects import RegressionFacts
from impacteval.errors import IdentificationError

# A regressor whose part that the others do not explain is this small a share of it is collinear.
COLLINEAR = 1e-9
# Residuals this small beside the outcome are rounding: the fit is exact and leaves no error to estimate.
ROUNDING = 1e-13


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Rows of a regression.

    Attributes
    ----------
    outcome : (n_rows,)
    regressors : (n_rows, n_terms)
        Without unit effects; with a constant if no effects are absorbed.
    terms : (n_terms,)
        Names for messages and results.
    unit : (n_rows,)
        Position of each row's unit in the panel.
    """

    outcome: Float1D
    regressors: Float2D
    terms: tuple[str, ...]
    unit: Int1D


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """Coefficients of the first ``n_reported`` terms, with influence.

    Attributes
    ----------
    coefficient : (n_reported,)
        In the unit of the outcome per unit of the regressor.
    influence : (n_units, n_reported)
        ``n_units`` times the sum over the unit's rows of ``(X'X)^-1 x e``.
    """

    terms: tuple[str, ...]
    coefficient: Float1D
    influence: Float2D
    n_obs: int
    facts: tuple[RegressionFacts, ...]


def least_squares(rows: Rows, *, n_units: int, n_reported: int, absorb_units: bool) -> Fit:
    """Regress with or without absorbed unit effects.

    Unit effects are absorbed by demeaning within units, which is exact by the theorem of Frisch,
    Waugh and Lovell for any pattern of missing rows.

    Parameters
    ----------
    rows : Rows
    n_units : int
        Units of the whole panel; influence has a row for each, zero for those without rows.
    n_reported : int
        How many leading terms to report.

    Returns
    -------
    Fit

    Raises
    ------
    IdentificationError
        When a term is collinear with those before it or with the effects, or no residual degree
        of freedom is left.
    """
    # statsmodels takes a second to import: pay it in jobs that regress, not in those that import this.
    from statsmodels.regression.linear_model import OLS

    n_absorbed = len(np.unique(rows.unit)) if absorb_units else 0
    y, x = rows.outcome, rows.regressors
    if absorb_units:
        y = y - mean_by_code(y[:, None], rows.unit, n_units)[rows.unit, 0]
        x = x - mean_by_code(x, rows.unit, n_units)[rows.unit]
    _refuse_collinear(x, rows.regressors, rows.terms, absorb_units=absorb_units)
    n_parameters = x.shape[1] + (1 if absorb_units else 0)
    n_counted = n_parameters + max(n_absorbed - 1, 0)
    if len(y) <= n_counted:
        raise IdentificationError(
            f"{len(y)} rows for {n_counted} parameters ({', '.join(rows.terms[:n_reported])} and effects); "
            "no degree of freedom is left: use fewer terms or covariates"
        )
    fitted = OLS(y, x).fit(method="qr")
    residual = np.asarray(fitted.resid)
    if np.linalg.norm(residual) <= ROUNDING * np.linalg.norm(rows.outcome):
        residual = np.zeros_like(residual)
    bread = np.asarray(fitted.normalized_cov_params)[:n_reported]
    scores = (x * residual[:, None]) @ bread.T
    residual_df = len(y) - n_counted
    classical = float(residual @ residual) / residual_df * np.diag(bread)
    hc1 = np.sum(np.square(scores), axis=0) * len(y) / residual_df
    return Fit(
        terms=rows.terms[:n_reported],
        coefficient=np.asarray(fitted.params)[:n_reported].copy(),
        influence=n_units * sum_by_code(scores, rows.unit, n_units),
        n_obs=len(y),
        facts=tuple(
            RegressionFacts(
                n_parameters=n_parameters,
                n_absorbed=n_absorbed,
                classical_variance=float(classical[j]),
                hc1_variance=float(hc1[j]),
            )
            for j in range(n_reported)
        ),
    )


def _refuse_collinear(x: Float2D, as_given: Float2D, terms: Sequence[str], *, absorb_units: bool) -> None:
    """Name the terms that others or the unit effects explain entirely."""
    size = np.sqrt(np.sum(np.square(as_given), axis=0))
    left = np.abs(np.diag(np.linalg.qr(x, mode="r"))) if len(x) >= x.shape[1] else np.zeros(x.shape[1])
    lost = [term for term, part, whole in zip(terms, left, size, strict=True) if part <= COLLINEAR * whole]
    if lost:
        others = "the terms before it and the unit effects" if absorb_units else "the terms before it"
        raise IdentificationError(
            f"regressor {', '.join(lost)}: explained entirely by {others}; it does not vary as the design "
            "needs: take it out of the plan or choose another comparison"
        )
