"""All tables that describe a study's panel."""

from __future__ import annotations

import pandas as pd

from impacteval.derivation import Prior
from impacteval.describe.attrition import attrition, coverage
from impacteval.describe.balance import balance
from impacteval.describe.before_after import before_after
from impacteval.describe.means import design_power, exposure, means
from impacteval.describe.prior_power import prior_power
from impacteval.design import Outcome, Plan, estimated


def describe(
    panel: pd.DataFrame, plan: Plan, outcomes: tuple[Outcome, ...], priors: tuple[Prior, ...] = ()
) -> dict[str, pd.DataFrame]:
    """Describe the enterprise panel.

    Parameters
    ----------
    panel : DataFrame
    plan : Plan
    outcomes : tuple of Outcome
    priors : tuple of Prior
        What was expected before the data; none by default.

    Returns
    -------
    dict
        ``balance``, ``attrition``, ``coverage``, ``means``, ``exposure``, ``power``, ``prior_power``
        and ``before_after``, as the functions of these names return them.
    """
    arms = [a.name for a in plan.treatment.arms]
    comparison = plan.treatment.comparison.name
    everyone = [comparison, *arms]
    names = [o.name for o in outcomes]
    periods = plan.panel.periods
    before = [p for p in periods if p < int(panel["first_treat"].min())]
    base = panel[panel["period"] == before[-1]]
    variables = [name for name in (*names, *plan.balance) if base[name].notna().any()]
    return {
        "balance": balance(base, variables, arms, comparison),
        "attrition": attrition(panel, everyone, comparison, periods),
        "coverage": coverage(panel, names, everyone, periods),
        "means": means(panel, names, everyone, periods, level=plan.level),
        "exposure": exposure(panel, periods),
        "power": design_power(panel, [o.name for o in estimated(outcomes)], plan),
        "prior_power": prior_power(panel, plan, priors),
        "before_after": before_after(panel, [o.name for o in estimated(outcomes)], plan),
    }
