"""The model of untreated outcomes, fitted on untreated cells, and averages of what it leaves over."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from impacteval.arrays import Bool1D, Bool2D, Float1D, Float2D, Int1D, sum_by_code
from impacteval.designs import WithRegression
from impacteval.errors import IdentificationError
from impacteval.estimators.covariates import covariate_notes
from impacteval.estimators.notes import UNKNOWN, counted, in_brackets, weight_note
from impacteval.estimators.streamed_qr import independent_columns, slices, triangular_factor
from impacteval.estimators.untreated_columns import Cells, Columns, cells_at, cells_of_design, regressors
from impacteval.panel import Panel

# A cell whose regressors the untreated rows span, but for this share of their size, can be imputed.
SPANNED = 1e-7
# Residuals this small beside the outcome are rounding: the model fits exactly.
ROUNDING = 1e-13
EXACT = f"the untreated rows are fitted exactly: {UNKNOWN}"


@dataclass(frozen=True, slots=True, kw_only=True)
class WithinFit:
    """Weighted least squares on untreated cells with absorbed unit effects.

    Attributes
    ----------
    cells : Cells
        Untreated cells, and treated ones that the model says something about.
    values : (n_cells, n_kept)
        Regressors.
    mean : (n_units, n_kept)
        Their weighted means over each unit's untreated cells.
    residual : (n_cells,)
        Outcome less what the model expects without treatment: in treated cells the effect.
    is_kept : (n_columns,)
        Regressors that those before them do not explain.
    coefficient : (n_kept,)
    root : (n_kept, n_kept)
        Upper triangle whose square is the matrix of cross-products of the demeaned regressors.
    score : (n_units, n_kept)
        Sum of weight, demeaned regressors and residual over each unit's untreated cells.
    is_exact : bool
        Whether there are as many parameters as untreated cells.
    """

    cells: Cells
    values: Float2D
    mean: Float2D
    residual: Float1D
    is_kept: Bool1D
    coefficient: Float1D
    root: Float2D
    score: Float2D
    is_exact: bool

    def solve(self, values: Float2D) -> Float2D:
        """Inverse of the matrix of cross-products times some columns, (n_kept, n_columns)."""
        return np.asarray(np.linalg.solve(self.root, np.linalg.solve(self.root.T, values)))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Solution:
    """Coefficients of the columns kept, and how these explain those that are not, (n_kept, n_lost)."""

    is_kept: Bool1D
    root: Float2D
    coefficient: Float1D
    explained: Float2D


@dataclass(frozen=True, slots=True, kw_only=True)
class UntreatedModel:
    """A fit and the treated cells that it says nothing about.

    Attributes
    ----------
    without_unit_effect : (n_units, n_periods)
        Treated cells of units without an untreated cell.
    without_period_effect : (n_units, n_periods)
        Treated cells whose period effect, or covariate coefficient, no untreated cell identifies.
    note : str
        What every average of treated cells has to say.
    """

    fit: WithinFit
    without_unit_effect: Bool2D
    without_period_effect: Bool2D
    note: str


def fit_untreated(panel: Panel, design: WithRegression) -> UntreatedModel:
    """Fit unit effects, period effects and covariates on untreated cells.

    ``Y_it(0) = a_i + x_it'b + e_it`` by least squares with the panel's weights over cells before
    treatment, where ``x`` holds period effects and covariates. Unit effects are absorbed by
    demeaning and recovered as ``a_i = mean_i(Y) - mean_i(x)'b``. A unit with one untreated cell
    has its effect fitted exactly and can be imputed.

    Raises
    ------
    IdentificationError
        When there is no untreated cell, no treated one that could be imputed, or a covariate that
        the other regressors explain.
    """
    observed = cells_of_design(panel, design)
    untreated = observed & ~panel.is_treated
    if not untreated.any():
        raise IdentificationError(
            f"{panel.name}: no untreated cell has the outcome, all covariates and a weight above 0, so that "
            "nothing says what would have been without treatment; add earlier periods or a comparison group"
        )
    no_unit = observed & panel.is_treated & ~np.asarray(untreated.any(axis=1))[:, None]
    cells = cells_at(panel, observed & ~no_unit)
    fit, spanned = fit_within(cells, regressors(panel, design, cells), n_units=panel.n_units, name=panel.name)
    lost = ~spanned & ~cells.is_untreated
    no_period = np.zeros_like(observed)
    no_period[cells.unit[lost], cells.period[lost]] = True
    model = UntreatedModel(
        fit=_only(fit, ~lost),
        without_unit_effect=no_unit,
        without_period_effect=no_period,
        note="; ".join(covariate_notes(panel, design, observed & ~no_unit & ~no_period)),
    )
    if model.fit.cells.is_untreated.all():
        raise IdentificationError(_nothing_to_impute(panel, model))
    return model


def fit_within(cells: Cells, columns: Columns, *, n_units: int, name: str) -> tuple[WithinFit, Bool1D]:
    """Weighted least squares on the untreated cells, and which cells their regressors span.

    Every unit of the cells needs an untreated one.
    """
    rows = cells.is_untreated
    unit, weight, x = cells.unit[rows], cells.weight[rows], columns.values[rows]
    total = np.bincount(unit, weights=weight, minlength=n_units).astype(np.float64)
    size = np.sqrt(weight @ np.square(x))
    mean = _means(x, unit, weight, total)
    # In place: this is the largest array.
    x -= mean[unit]
    outcome = cells.outcome - _means(cells.outcome[rows][:, None], unit, weight, total)[cells.unit, 0]
    solution = _solve(x, outcome[rows], weight, size)
    kept = solution.is_kept
    _refuse_explained(columns, kept, name)
    values = columns.values if kept.all() else columns.values[:, kept]
    expected = values @ solution.coefficient - (mean[:, kept] @ solution.coefficient)[cells.unit]
    residual = outcome - expected
    residual[rows] = _unless_rounding(residual[rows], cells.outcome[rows], weight)
    fit = WithinFit(
        cells=cells,
        values=values,
        mean=mean[:, kept],
        residual=residual,
        is_kept=kept,
        coefficient=solution.coefficient,
        root=solution.root,
        score=_sums((weight * residual[rows])[:, None] * x, unit, n_units)[:, kept],
        is_exact=len(unit) <= int(np.count_nonzero(total)) + int(kept.sum()),
    )
    return fit, _spanned(columns.values, mean, cells.unit, solution)


def mean_residuals(fit: WithinFit, code: Int1D, n_codes: int) -> Float1D:
    """Weighted mean residual of the cells of each code, (n_codes,); cells with code -1 take no part."""
    coded = code >= 0
    weighted = fit.cells.weight[coded] * fit.residual[coded]
    total = np.bincount(code[coded], weights=fit.cells.weight[coded], minlength=n_codes)
    with np.errstate(invalid="ignore"):
        return np.bincount(code[coded], weights=weighted, minlength=n_codes) / total


def influence_of_means(fit: WithinFit, code: Int1D, n_codes: int, deviation: Float1D) -> Float2D:
    """Influence of weighted mean residuals, (n_units, n_codes).

    With shares ``u = w / sum(w)`` of a code's cells and the regressors' gap ``x - mean_i(x)``, unit
    i has ``n (sum_t u_it d_it - s_i' S^-1 sum(u gap))``: its cells' deviation ``d``, and through the
    score ``s_i`` what it does to the coefficients. What it does to its own unit effect adds
    nothing, since residuals of untreated cells sum to zero within units.
    """
    coded = code >= 0
    unit, code = fit.cells.unit[coded], code[coded]
    n_units = len(fit.score)
    total = np.bincount(code, weights=fit.cells.weight[coded], minlength=n_codes)
    share = fit.cells.weight[coded] / total[code]
    deviation = _unless_rounding(deviation[coded], fit.cells.outcome[coded], share)
    place, size = unit * n_codes + code, n_units * n_codes
    own = np.bincount(place, weights=share * deviation, minlength=size).reshape(n_units, n_codes)
    of_unit = np.bincount(place, weights=share, minlength=size).reshape(n_units, n_codes)
    gap = sum_by_code(share[:, None] * fit.values[coded], code, n_codes) - of_unit.T @ fit.mean
    influence = n_units * (own - fit.score @ fit.solve(gap.T))
    influence[:, total == 0] = np.nan
    return np.asarray(influence)


def _means(values: Float2D, unit: Int1D, weight: Float1D, total: Float1D) -> Float2D:
    """Weighted means by unit, (n_units, n_columns); 0 for units without a row."""
    return _sums(weight[:, None] * values, unit, len(total)) / np.where(total > 0, total, 1.0)[:, None]


def _sums(values: Float2D, unit: Int1D, n_units: int) -> Float2D:
    """Sums by unit, (n_units, n_columns), of rows that stand together for each unit."""
    first = np.flatnonzero(np.diff(unit, prepend=-1))
    sums = np.zeros((n_units, values.shape[1]))
    sums[unit[first]] = np.add.reduceat(values, first, axis=0)
    return sums


def _solve(x: Float2D, outcome: Float1D, weight: Float1D, size: Float1D) -> _Solution:
    """Weighted least squares of demeaned rows, leaving out columns that those before them explain."""
    n_rows, n_columns = x.shape
    scale = np.sqrt(weight)
    root = triangular_factor(
        (
            np.column_stack([x[part], outcome[part]]) * scale[part, None]
            for part in slices(n_rows, n_columns + 1, n_columns + 1)
        ),
        n_columns + 1,
    )
    kept = np.isin(np.arange(n_columns), independent_columns(root[:, :-1], size)[0])
    order = np.concatenate([np.flatnonzero(kept), np.flatnonzero(~kept), [len(kept)]])
    n_kept = int(kept.sum())
    turned = triangular_factor([root[:, order]], n_columns + 1)[:n_kept]
    solved = np.asarray(np.linalg.solve(turned[:, :n_kept], turned[:, n_kept:]), dtype=np.float64)
    return _Solution(
        is_kept=kept, root=turned[:, :n_kept], coefficient=solved[:, -1], explained=solved[:, :-1]
    )


def _unless_rounding(residual: Float1D, outcome: Float1D, weight: Float1D) -> Float1D:
    is_rounding = weight @ np.square(residual) <= ROUNDING**2 * (weight @ np.square(outcome))
    return np.zeros_like(residual) if is_rounding else residual


def _refuse_explained(columns: Columns, kept: Bool1D, name: str) -> None:
    identified = {covariate for covariate, keep in zip(columns.covariates, kept, strict=True) if keep}
    lost = [c for c in dict.fromkeys(columns.covariates) if c and c not in identified]
    if lost:
        raise IdentificationError(
            f"{name}: covariate {', '.join(lost)}: explained entirely by unit effects, period effects and "
            "the covariates before it in untreated rows; take it out of the plan"
        )


def _spanned(values: Float2D, mean: Float2D, unit: Int1D, solution: _Solution) -> Bool1D:
    """Cells whose columns left out are what those kept say they are in untreated rows."""
    kept = solution.is_kept
    if kept.all():
        return np.ones(len(unit), dtype=np.bool_)
    gap = values - mean[unit]
    size = np.abs(values[:, ~kept]).max(axis=0)
    left = gap[:, ~kept] - gap[:, kept] @ solution.explained
    return np.asarray((np.abs(left) <= SPANNED * size).all(axis=1))


def _only(fit: WithinFit, keep: Bool1D) -> WithinFit:
    if keep.all():
        return fit
    cells = fit.cells
    return replace(
        fit,
        cells=Cells(
            unit=cells.unit[keep],
            period=cells.period[keep],
            outcome=cells.outcome[keep],
            weight=cells.weight[keep],
            is_untreated=cells.is_untreated[keep],
        ),
        values=fit.values[keep],
        residual=fit.residual[keep],
    )


def _nothing_to_impute(panel: Panel, model: UntreatedModel) -> str:
    n_units = int(model.without_unit_effect.any(axis=1).sum())
    periods = panel.periods[model.without_period_effect.any(axis=0)]
    found = []
    if n_units:
        found.append(
            counted(
                n_units,
                "treated unit has no untreated observation",
                "treated units have no untreated observation",
            )
        )
    if len(periods):
        found.append(f"period {', '.join(map(str, periods))} has no untreated unit to learn its effect from")
    reason = " and ".join(found) or "no treated unit has a value after treatment"
    return (
        f"{panel.name}: no untreated outcome can be imputed: {reason}{in_brackets(weight_note(panel))}; add "
        "earlier periods or a comparison group, or drop this outcome from the design"
    )
