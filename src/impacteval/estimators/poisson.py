"""Extended two-way model for counts: Poisson quasi-likelihood with a log link."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from impacteval.arrays import Bool1D, Float1D, Float2D, sum_by_code
from impacteval.designs import ExtendedTwoWay
from impacteval.effects import Effects
from impacteval.errors import DataError, IdentificationError
from impacteval.estimators.cell_effects import CellAverages, cells_and_averages, effects_of_cells
from impacteval.estimators.notes import counted
from impacteval.estimators.poisson_fit import Counts, PoissonFit, poisson_fit
from impacteval.estimators.saturated import Saturated, comparison_cells, saturate
from impacteval.panel import Panel

LOG_RATIO = "log rate ratio"
NO_LOG = "nothing happened under treatment: the rate ratio is 0 and its logarithm is not defined"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Means:
    """Mean expected outcome of each cell, (n_cells,), and its influence, (n_units, n_cells)."""

    value: Float1D
    influence: Float2D


def extended_poisson(panel: Panel, design: ExtendedTwoWay) -> Effects:
    """Model expected counts as exposure times the exponential of the extended two-way model.

    Trends are parallel in logs (Wooldridge 2023, Econometrics Journal 26(3), equations 3.12 and 3.15);
    outcomes need not be whole numbers, since the quasi-likelihood only uses their mean. With unit
    effects these are taken out exactly, as by conditioning on each unit's total (Hausman, Hall and
    Griliches 1984, Econometrica 52(4)); units without any event then have no part in the
    coefficients and count as unaffected. The rate ratio is the effect on the index, equation 3.16.

    Parameters
    ----------
    panel : Panel
    design : ExtendedTwoWay
        ``exposure`` names a positive covariate with coefficient one, for instance hours worked.

    Returns
    -------
    Effects
        Differences in expected outcome, a treated row: ``att_gt`` and the averages. Beside each
        average a ``rate_ratio``: the logarithm of the sum of expected outcomes of treated rows with
        treatment over the same sum without it. Influence by the delta method.

    Raises
    ------
    DataError
        When an outcome is negative or an exposure is not positive.
    IdentificationError
        When nothing happened in a cohort before treatment or among the untreated of a period, which
        leaves the ratio without denominator.
    """
    _refuse_wrong_values(panel, design)
    model = saturate(panel, design)
    outcome = panel.outcome[model.unit, model.column]
    exposure = (
        panel.covariates[design.exposure][model.unit, model.column]
        if design.exposure
        else np.ones(len(outcome))
    )
    _refuse_without_events(panel, design, model, outcome)
    inside = model.cell >= 0
    cell = model.cell[inside]
    happened = np.bincount(cell, weights=outcome[inside], minlength=len(model.keys)) > 0
    in_fit = ~inside
    in_fit[inside] = happened[cell]
    _refuse_units_without_level(panel, model, in_fit)
    regressors = model.rows.regressors.dense()
    counts = Counts(outcome=outcome, exposure=exposure, rows=model.rows, regressors=regressors, in_fit=in_fit)
    fit = poisson_fit(counts, n_units=panel.n_units)
    level = (exposure * fit.effect[model.rows.group])[inside]
    regressors = regressors[inside]
    without = regressors.copy()
    without[:, : model.n_treatment] = 0.0
    treated = _cell_means(
        model, fit, level * np.exp(regressors @ fit.coefficient) * happened[cell], regressors, panel.n_units
    )
    untreated = _cell_means(model, fit, level * np.exp(without @ fit.coefficient), without, panel.n_units)
    return _effects(panel, design, _noted(model, outcome, panel.n_units), (treated, untreated))


def _effects(panel: Panel, design: ExtendedTwoWay, model: Saturated, means: tuple[_Means, _Means]) -> Effects:
    treated, untreated = means
    n_cells = len(model.keys)
    differences = cells_and_averages(model.keys, design.averages)
    share = differences.weight(model)
    with_treatment, without = share[n_cells:] @ treated.value, share[n_cells:] @ untreated.value
    with np.errstate(divide="ignore", invalid="ignore"):
        log_ratio = np.where(with_treatment > 0, np.log(with_treatment / without), np.nan)
        by_treated, by_untreated = (
            share[n_cells:] / with_treatment[:, None],
            share[n_cells:] / without[:, None],
        )
        ratio_influence = treated.influence @ by_treated.T - untreated.influence @ by_untreated.T
    both = CellAverages(
        keys=(
            *differences.keys,
            *(
                replace(key, estimand="rate_ratio", term=LOG_RATIO, note="" if known else NO_LOG)
                for key, known in zip(differences.keys[n_cells:], with_treatment > 0, strict=True)
            ),
        ),
        member=np.vstack([differences.member, differences.member[n_cells:]]),
    )
    return effects_of_cells(
        panel,
        design,
        model=model,
        averages=both,
        estimator="poisson",
        found=(
            np.concatenate([share @ (treated.value - untreated.value), log_ratio]),
            np.hstack([(treated.influence - untreated.influence) @ share.T, ratio_influence]),
            (),
        ),
    )


def _cell_means(
    model: Saturated, fit: PoissonFit, expected: Float1D, regressors: Float2D, n_units: int
) -> _Means:
    """Mean expected outcome of each cell, from ``expected`` and ``regressors`` of the rows in cells.

    Beside that of the coefficients it has the influence of levels: a cohort's level is its total
    over what the coefficients expect; with unit effects each unit's expected outcome is its own, and
    its distance from the mean of the cell is sampling error.
    """
    inside = model.cell >= 0
    cell, n_cells, n_rows = model.cell[inside], len(model.keys), model.n_rows_of_cell
    mean = np.bincount(cell, weights=expected, minlength=n_cells) / n_rows
    deviation = regressors - fit.centre[model.rows.group[inside]]
    slope = sum_by_code(deviation * expected[:, None], cell, n_cells) / n_rows[:, None]
    if model.rows.is_nested:
        level = np.zeros((n_units, n_cells))
        np.add.at(level, (model.unit[inside], cell), n_units * (expected - mean[cell]) / n_rows[cell])
    else:
        group_of_cell = np.zeros(n_cells, dtype=np.int64)
        group_of_cell[cell] = model.group[inside]
        of_group = model.groups.of_unit[:, None] == group_of_cell
        level = of_group * fit.level_influence[:, None] * mean
    return _Means(value=mean, influence=level + fit.influence @ slope.T)


def _refuse_units_without_level(panel: Panel, model: Saturated, in_fit: Bool1D) -> None:
    n_unknown = len(np.unique(model.unit)) - len(np.unique(model.unit[in_fit]))
    if model.rows.is_nested and n_unknown:
        raise IdentificationError(
            f"{panel.name}: {counted(n_unknown, 'unit is', 'units are')} only observed where nothing "
            "happened to the cohort, so that no level is known; use `unit_effects: false`"
        )


def _refuse_wrong_values(panel: Panel, design: ExtendedTwoWay) -> None:
    n_negative = int((panel.outcome < 0).sum())
    if n_negative:
        raise DataError(
            f"{panel.name}: {counted(n_negative, 'negative value')}, which no expected count explains; use "
            "`model: linear` or correct the data"
        )
    if design.exposure:
        exposure = panel.covariates[design.exposure][~np.isnan(panel.outcome)]
        n_wrong = int((exposure <= 0).sum())
        if n_wrong:
            raise DataError(
                f"{design.exposure}: {n_wrong} of {len(exposure)} cells with {panel.name} have exposure "
                "0 or less; correct them or set them to missing"
            )


def _refuse_without_events(panel: Panel, design: ExtendedTwoWay, model: Saturated, outcome: Float1D) -> None:
    """Every cohort and every period needs an event without treatment."""
    before = np.bincount(model.group, weights=outcome * (model.cell < 0), minlength=len(model.groups.arm))
    for g in np.unique(model.group):
        if before[g] <= 0:
            raise IdentificationError(
                f"{panel.name}: nothing happened before treatment in cohort {model.groups.cohort[g]:g} of "
                f"arm {model.groups.arm[g]!r}, so that no ratio can be formed; use `model: linear` or drop it"
            )
    compared = comparison_cells(panel, design)[model.unit, model.column]
    total = np.bincount(model.column, weights=outcome * compared, minlength=len(panel.periods))
    for t in np.unique(model.column):
        if total[t] <= 0:
            raise IdentificationError(
                f"{panel.name}: nothing happened to {design.control_group} units in period "
                f"{panel.periods[t]}, so that no ratio can be formed; use `model: linear` or drop the period"
            )


def _noted(model: Saturated, outcome: Float1D, n_units: int) -> Saturated:
    """Count the units whose total is zero, where units have their own effects."""
    if not model.rows.is_nested:
        return model
    total = np.bincount(model.unit, weights=outcome, minlength=n_units)
    n_without = int((total[np.unique(model.unit)] == 0).sum())
    if not n_without:
        return model
    note = counted(
        n_without,
        "unit without any event has no part in the coefficients and counts as unaffected",
        "units without any event have no part in the coefficients and count as unaffected",
    )
    return replace(model, note="; ".join(filter(None, [model.note, note])))
