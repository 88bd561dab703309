"""Two-by-two difference-in-differences: one cohort, one pair of periods, one comparison."""

from __future__ import annotations

import numpy as np

from impacteval.arrays import Bool1D
from impacteval.designs import TwoByTwo
from impacteval.effects import EffectKey, Effects, joint
from impacteval.errors import IdentificationError
from impacteval.estimators.least_squares import Rows, least_squares
from impacteval.panel import Panel


def att_group_time(panel: Panel, design: TwoByTwo) -> Effects:
    """Compare changes since the base period, for each arm, cohort and period.

    Each effect is the mean change of the cohort minus the mean change of the comparison, over
    units observed in both periods. Without covariates this is the group-time effect of Callaway
    and Sant'Anna (2021, Journal of Econometrics 225(2), equation 2.2) with a universal base period.

    Parameters
    ----------
    panel : Panel
    design : TwoByTwo

    Returns
    -------
    Effects
        ``att_gt`` by arm, cohort and period but the base one, in the unit of the outcome. A cell
        with no treated or no comparison unit observed in both periods is NaN and says so.

    Raises
    ------
    IdentificationError
        When a cohort has no period before its treatment, or nothing at all can be compared.
    """
    cells = []
    for arm in panel.treated_arms:
        in_arm = panel.in_arm(arm)
        for cohort in np.unique(panel.cohort[in_arm]).astype(np.int64):
            base = panel.base_column(cohort, design.anticipation)
            if base < 0:
                raise IdentificationError(
                    f"{panel.name}: cohort {cohort} of arm {arm!r} has no period before its treatment; drop "
                    "these units from the study or add an earlier period"
                )
            treated = in_arm & (panel.cohort == cohort)
            for column in range(len(panel.periods)):
                if column != base:
                    cells.append(_cell(panel, design, arm, int(cohort), column, treated))
    if all(np.isnan(cell.estimate[0]) for cell in cells):
        raise IdentificationError(
            f"{panel.name}: no cohort can be compared with {design.control_group} units in any period; "
            "choose another control_group or drop this outcome from the design"
        )
    return joint(cells)


def comparison_units(panel: Panel, design: TwoByTwo, *, cohort: int, until: int) -> Bool1D:
    """Which units stand for the absence of treatment, (n_units,).

    Never-treated ones; or all that are untreated up to a period, anticipation included.
    """
    if design.control_group == "never_treated":
        return np.asarray(np.isinf(panel.cohort))
    return np.asarray((panel.cohort > until + design.anticipation) & (panel.cohort != cohort))


def _cell(panel: Panel, design: TwoByTwo, arm: str, cohort: int, column: int, treated: Bool1D) -> Effects:
    base = panel.base_column(cohort, design.anticipation)
    period = int(panel.periods[column])
    until = int(max(panel.periods[column], panel.periods[base]))
    comparison = comparison_units(panel, design, cohort=cohort, until=until)
    change = panel.outcome[:, column] - panel.outcome[:, base]
    observed = ~np.isnan(change) & (treated | comparison)
    n_treated, n_comparison = int((observed & treated).sum()), int((observed & comparison).sum())
    key = EffectKey(
        estimand="att_gt",
        arm=arm,
        cohort=cohort,
        period=period,
        event_time=period - cohort,
        note=_note(n_treated, n_comparison),
    )
    estimate, influence = np.full(1, np.nan), np.zeros((panel.n_units, 1))
    if n_treated and n_comparison and n_treated + n_comparison > 2:
        unit = np.nonzero(observed)[0]
        regressors = np.column_stack([treated[observed], np.ones(len(unit))]).astype(np.float64)
        rows = Rows(outcome=change[observed], regressors=regressors, terms=(arm, "constant"), unit=unit)
        fit = least_squares(rows, n_units=panel.n_units, n_reported=1, absorb_units=False)
        estimate = fit.coefficient
        influence = fit.influence if min(n_treated, n_comparison) > 1 else np.full_like(fit.influence, np.nan)
    base_outcome = panel.outcome[observed & treated, base]
    return Effects(
        estimator=design.estimator,
        outcome=panel.name,
        comparison=design.control_group,
        keys=(key,),
        unit_ids=panel.unit_ids,
        estimate=estimate,
        influence=influence,
        in_sample=observed[:, None],
        treated_side=(observed & treated)[:, None],
        comparison_side=(observed & comparison)[:, None],
        n_obs=np.array([2 * observed.sum()], dtype=np.int64),
        baseline_mean=np.array([base_outcome.mean() if n_treated else np.nan]),
    )


def _note(n_treated: int, n_comparison: int) -> str:
    if n_treated == 0:
        return "no treated unit is observed in both periods"
    if n_comparison == 0:
        return "no comparison unit is observed in both periods"
    if n_treated + n_comparison <= 2:
        return "one treated and one comparison unit: no error can be computed"
    if min(n_treated, n_comparison) == 1:
        side = "treated" if n_treated == 1 else "comparison"
        return f"one {side} unit: its error is not known"
    return ""
