"""Weighted least squares on panel rows with one set of absorbed effects."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from impacteval.arrays import Float1D, Float2D, Int1D
from impacteval.effects import RegressionFacts
from impacteval.errors import IdentificationError
from impacteval.estimators.streamed_qr import COLLINEAR, inverse_of, slices, triangular_factor
from impacteval.estimators.table_regressors import TableRegressors

# Residuals this small beside the outcome are rounding: the fit is exact and leaves no error to estimate.
ROUNDING = 1e-13


@dataclass(frozen=True, slots=True, kw_only=True)
class AbsorbedRows:
    """Rows of a regression whose effects of ``group`` (units, cohorts) are taken out.

    No group lies in two strata of the regressors. Within a stratum the rows of a group stand
    together, and within a group those of a unit.

    Attributes
    ----------
    regressors : TableRegressors
        Columns that the absorbed effects do not hold; no constant.
    weight : (n_rows,)
        Above 0.
    group : (n_rows,)
        Code of the absorbed effect, in ``range(n_groups)``.
    unit : (n_rows,)
        Position of each row's unit in the panel.
    is_nested : bool
        Whether every absorbed effect lies within one unit, so that clusters contain it.
    """

    regressors: TableRegressors
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
        return self.regressors.n_columns + (1 if self.is_nested else self.n_groups)

    @property
    def n_counted(self) -> int:
        """Parameters with all absorbed effects."""
        return self.regressors.n_columns + self.n_groups


@dataclass(frozen=True, slots=True, kw_only=True)
class AbsorbedFit:
    """Coefficients of a weighted regression, and what units and strata say about them.

    Scores are sums of weight, demeaned regressors and residual.

    Attributes
    ----------
    coefficient : (n_columns,)
        In the unit of the outcome per unit of the regressor.
    bread : (n_columns, n_columns)
        ``(X'WX)^-1`` of the demeaned regressors.
    score : (n_units, n_columns)
    score_of_stratum : (n_strata, n_columns)
    meat : (n_columns, n_columns)
        Cross-products of the scores of rows.
    spread : float
        Weighted sum of squared residuals.
    """

    rows: AbsorbedRows
    coefficient: Float1D
    bread: Float2D
    score: Float2D
    score_of_stratum: Float2D
    meat: Float2D
    spread: float

    def influence(self, combinations: Float2D) -> Float2D:
        """Influence of linear combinations (n_effects, n_columns) of the coefficients."""
        return self.score @ (len(self.score) * self.bread @ combinations.T)

    def by_stratum(self, combinations: Float2D) -> Float2D:
        """What each stratum's rows add to linear combinations: the sum over strata is zero."""
        return self.score_of_stratum @ (self.bread @ combinations.T)

    def facts(self, combinations: Float2D) -> tuple[RegressionFacts, ...]:
        """Facts of linear combinations (n_effects, n_columns) of the coefficients."""
        n_rows, residual_df = len(self.rows.weight), len(self.rows.weight) - self.rows.n_counted
        lever = self.bread @ combinations.T
        classical = self.spread / residual_df * np.sum(combinations.T * lever, axis=0)
        hc1 = np.sum(lever * (self.meat @ lever), axis=0) * n_rows / residual_df
        return tuple(
            RegressionFacts(
                n_parameters=self.rows.n_parameters,
                n_absorbed=self.rows.n_groups if self.rows.is_nested else 0,
                classical_variance=float(c),
                hc1_variance=float(h),
            )
            for c, h in zip(classical, hc1, strict=True)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Block:
    """Some rows of a stratum, and the regressors that are not zero in it.

    Attributes
    ----------
    rows : (n_rows,)
    columns : (n_columns,)
    size : (n_columns,)
        Weighted sums of squares of the regressors.
    values : (n_rows, n_columns + 1)
        Regressors and, last, the outcome, without absorbed effects.
    """

    rows: Int1D
    columns: Int1D
    size: Float1D
    values: Float2D


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sums:
    """Weighted sums over the rows of each absorbed effect.

    Attributes
    ----------
    weight, outcome : (n_groups,)
    factors : (n_groups, n_places, 1 + n_covariates)
        Factors of the regressors, by place.
    """

    weight: Float1D
    outcome: Float1D
    factors: Float2D


def _sums(outcome: Float1D, rows: AbsorbedRows) -> _Sums:
    x, n_places = rows.regressors, rows.regressors.table.shape[1]

    def total(values: Float1D, code: Int1D, n_codes: int) -> Float1D:
        return np.asarray(
            np.bincount(code, weights=rows.weight * values, minlength=n_codes), dtype=np.float64
        )

    code, n_codes = rows.group * n_places + x.place, rows.n_groups * n_places
    return _Sums(
        weight=total(np.ones(len(outcome)), rows.group, rows.n_groups),
        outcome=total(outcome, rows.group, rows.n_groups),
        factors=np.stack([total(f, code, n_codes) for f in x.factors.T], axis=-1).reshape(
            rows.n_groups, n_places, -1
        ),
    )


def absorbed_fit(outcome: Float1D, rows: AbsorbedRows, *, n_units: int) -> AbsorbedFit:
    """Regress with weights and absorbed effects.

    Effects are absorbed by taking weighted means out of outcome and regressors, which is exact for
    any pattern of missing rows (Frisch and Waugh 1933, Econometrica 1(4); Lovell 1963, Journal of
    the American Statistical Association 58(304)). Rows are gone through in blocks, twice: for the
    coefficients, then for what is left over.

    Parameters
    ----------
    outcome : (n_rows,)
    rows : AbsorbedRows
    n_units : int
        Units of the panel.

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
    sums = _sums(outcome, rows)
    triangle, size = _triangle(outcome, rows, sums)
    # The triangle of both holds that of the regressors and, in its last column, what projects the outcome.
    r = triangle[:-1, :-1]
    refuse_collinear(r, rows.regressors.names, size, rows.absorbed)
    coefficient = np.asarray(np.linalg.solve(r, triangle[:-1, -1]))
    inverse = inverse_of(r)
    is_exact = abs(triangle[-1, -1]) <= ROUNDING * np.sqrt(rows.weight @ np.square(outcome))
    shape = (len(coefficient), len(coefficient))
    fit = AbsorbedFit(
        rows=rows,
        coefficient=coefficient,
        bread=inverse @ inverse.T,
        score=np.zeros((n_units, shape[0])),
        score_of_stratum=np.zeros((len(rows.regressors.table), shape[0])),
        meat=np.zeros(shape),
        spread=0.0 if is_exact else float(triangle[-1, -1] ** 2),
    )
    if not is_exact:
        _add_scores(fit, outcome, sums)
    return fit


def _triangle(outcome: Float1D, rows: AbsorbedRows, sums: _Sums) -> tuple[Float2D, Float1D]:
    """R of the regressors and the outcome without absorbed effects, and the regressors' lengths before."""
    n_columns = rows.regressors.n_columns
    parts, size = [np.zeros((0, n_columns + 1))], np.zeros(n_columns)
    for stratum in range(len(rows.regressors.table)):
        columns = rows.regressors.columns_of(stratum)

        def blocks(stratum: int = stratum, columns: Int1D = columns) -> Iterator[Float2D]:
            for block in _blocks(outcome, rows, sums, stratum):
                size[columns] += block.size
                yield block.values * np.sqrt(rows.weight[block.rows])[:, None]

        part = np.zeros((len(columns) + 1, n_columns + 1))
        part[:, [*columns, n_columns]] = triangular_factor(blocks(), len(columns) + 1)
        parts.append(part)
    return triangular_factor([np.vstack(parts)], n_columns + 1), np.sqrt(size)


def _add_scores(fit: AbsorbedFit, outcome: Float1D, sums: _Sums) -> None:
    """Fill the scores of a fit that is not exact."""
    rows = fit.rows
    for stratum in range(len(rows.regressors.table)):
        for block in _blocks(outcome, rows, sums, stratum):
            x, columns = block.values[:, :-1], block.columns
            residual = block.values[:, -1] - x @ fit.coefficient[columns]
            x *= (rows.weight[block.rows] * residual)[:, None]
            unit = rows.unit[block.rows]
            first = np.flatnonzero(np.diff(unit, prepend=-1))
            fit.score[np.ix_(unit[first], columns)] += np.add.reduceat(x, first, axis=0)
            fit.score_of_stratum[stratum, columns] += x.sum(axis=0)
            fit.meat[np.ix_(columns, columns)] += x.T @ x


def _blocks(outcome: Float1D, rows: AbsorbedRows, sums: _Sums, stratum: int) -> Iterator[_Block]:
    """The rows of a stratum, in pieces that fit into the cache."""
    x, mine = rows.regressors, np.flatnonzero(rows.regressors.stratum == stratum)
    columns = x.columns_of(stratum)
    for piece in slices(len(mine), len(columns) + 1, len(columns) + 1):
        part = mine[piece]
        group = rows.group[part]
        first = np.flatnonzero(np.diff(group, prepend=-1))
        group = group[first]
        values = np.empty((len(part), len(columns) + 1))
        values[:, :-1], values[:, -1] = x.in_stratum(stratum, part, columns), outcome[part]
        size = rows.weight[part] @ np.square(values[:, :-1])
        mean = np.empty((len(first), len(columns) + 1))
        mean[:, :-1], mean[:, -1] = x.sums(stratum, sums.factors[group], columns), sums.outcome[group]
        mean /= sums.weight[group][:, None]
        values -= np.repeat(mean, np.diff(first, append=len(part)), axis=0)
        yield _Block(rows=part, columns=columns, size=size, values=values)


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
