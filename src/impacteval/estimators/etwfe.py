"""Extended two-way fixed effects: a regression saturated in cohort and period."""

from __future__ import annotations

import numpy as np

from impacteval.arrays import Float2D, mean_by_code
from impacteval.designs import ExtendedTwoWay
from impacteval.effects import Effects
from impacteval.estimators.absorbed import absorbed_fit
from impacteval.estimators.cell_effects import CellAverages, cells_and_averages, effects_of_cells
from impacteval.estimators.poisson import extended_poisson
from impacteval.estimators.saturated import Saturated, saturate
from impacteval.panel import Panel


def extended_two_way(panel: Panel, design: ExtendedTwoWay) -> Effects:
    """Regress the outcome on treated cohorts by period, unit or cohort effects and period effects.

    Without covariates the coefficients are the group-time effects. A covariate enters by period,
    by cohort, and times each cell in deviation from its cohort's mean, so that coefficients are
    effects at that mean (Wooldridge 2025, Empirical Economics 69(5), equations 5.3 with cohort effects,
    5.7 with unit effects and 6.4 with effects before treatment). Averages are over treated rows,
    counted without weights, and take the covariates in them as given.

    Parameters
    ----------
    panel : Panel
        Sampling weights weigh the rows of the regression.
    design : ExtendedTwoWay
        ``model: poisson`` is estimated by ``extended_poisson``.

    Returns
    -------
    Effects
        ``att_gt`` by arm, cohort and period, then the averages, in the unit of the outcome. With
        never-treated units as control group there are effects before treatment, relative to the
        period before it.

    Raises
    ------
    IdentificationError
        When a cohort is not observed before its treatment, nobody is untreated, or a term is collinear.
    """
    if design.model == "poisson":
        return extended_poisson(panel, design)
    model = saturate(panel, design)
    fit = absorbed_fit(panel.outcome[model.unit, model.column], model.rows, n_units=panel.n_units)
    averages = cells_and_averages(model.keys, design.averages)
    combinations = _combinations(model, averages)
    return effects_of_cells(
        panel,
        design,
        model=model,
        averages=averages,
        estimator="etwfe",
        found=(
            combinations @ fit.coefficient,
            fit.influence(combinations),
            fit.facts(combinations),
        ),
    )


def _combinations(model: Saturated, averages: CellAverages) -> Float2D:
    """Each effect as a combination of coefficients, (n_effects, n_columns).

    A cell's effect is its coefficient, an average that of its rows at their covariates.
    """
    n_cells, n_treatment = len(model.keys), model.n_treatment
    inside = model.cell >= 0
    regressors = model.rows.regressors
    means = mean_by_code(regressors.factors[inside], model.cell[inside], n_cells)
    group, column = np.zeros((2, n_cells), dtype=np.int64)
    group[model.cell[inside]], column[model.cell[inside]] = model.group[inside], model.column[inside]
    mean = regressors.at(group, column, means)[:, :n_treatment]
    combinations = np.zeros((len(averages.keys), regressors.n_columns))
    combinations[:, :n_treatment] = averages.weight(model) @ mean
    combinations[:n_cells] = np.eye(n_cells, combinations.shape[1])
    return combinations
