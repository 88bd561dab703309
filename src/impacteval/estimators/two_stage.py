"""Two-stage difference-in-differences."""

from __future__ import annotations

import numpy as np

from impacteval.designs import REFERENCE_EVENT_TIME, TwoStage
from impacteval.effects import Effects, joint
from impacteval.errors import ConfigError
from impacteval.estimators.notes import noted
from impacteval.estimators.untreated_effects import (
    Targets,
    effects_of_targets,
    event_times,
    targets,
    treated_targets,
    untreated_cells,
)
from impacteval.estimators.untreated_model import (
    EXACT,
    UntreatedModel,
    fit_untreated,
    influence_of_means,
    mean_residuals,
)
from impacteval.panel import Panel


def two_stage(panel: Panel, design: TwoStage) -> Effects:
    """Regress what the model of untreated outcomes leaves over on treatment.

    First stage: unit effects, period effects and covariates on untreated cells. Second stage: the
    outcome less these, in all cells, on indicators of arm times treated (``simple``), or of arm
    times event time but -1 (``event_time``), without a constant (Gardner 2022, arXiv:2207.05943,
    section 3 and equation 6). The indicators do not overlap, so that their coefficients are
    weighted means. Influence is that of both stages as one method of moments estimator (section 3.3).

    Parameters
    ----------
    panel : Panel
    design : TwoStage

    Returns
    -------
    Effects
        By arm, in the unit of the outcome. Event times before treatment are mean residuals of
        cells that the first stage was fitted on: smaller than differences in trends are.

    Raises
    ------
    ConfigError
        When the design asks for no average.
    IdentificationError
        When nothing can be imputed, or a covariate is explained by the other regressors.
    """
    if not design.averages:
        raise ConfigError(f"design {design.name}: averages is empty; name simple, event_time or both")
    model = fit_untreated(panel, design)
    parts = []
    for by in design.averages:
        leads = _leads(panel, model) if by == "event_time" else None
        if leads and leads.keys:
            parts.append(_second_stage(panel, model, leads, design.estimator))
        parts.append(_second_stage(panel, model, treated_targets(panel, model, by), design.estimator))
    return joint(parts)


def _leads(panel: Panel, model: UntreatedModel) -> Targets:
    event_time = event_times(panel)
    before = untreated_cells(panel, model.fit.cells) & np.isfinite(event_time)
    return targets(panel, before & (event_time != REFERENCE_EVENT_TIME), "event_time")


def _second_stage(panel: Panel, model: UntreatedModel, chosen: Targets, estimator: str) -> Effects:
    fit = model.fit
    code, n_codes = chosen.code[fit.cells.unit, fit.cells.period], len(chosen.keys)
    estimate = mean_residuals(fit, code, n_codes)
    influence = influence_of_means(fit, code, n_codes, fit.residual - estimate[code])
    if fit.is_exact:
        influence[:] = np.nan
        chosen = Targets(keys=noted(chosen.keys, [EXACT] * n_codes), code=chosen.code)
    return effects_of_targets(
        panel, chosen, fit.cells, estimate=estimate, influence=influence, estimator=estimator
    )
