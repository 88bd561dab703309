"""All tables that describe a study's panel."""

from __future__ import annotations

import pandas as pd

from impacteval.describe.attrition import attrition, coverage
from impacteval.describe.balance import balance
from impacteval.describe.means import design_power, exposure, means
from impacteval.design import Outcome, Plan


def describe(panel: pd.DataFrame, plan: Plan, outcomes: tuple[Outcome, ...]) -> dict[str, pd.DataFrame]:
    """Describe the enterprise panel.

    Returns
    -------
    dict
        ``balance``, ``attrition``, ``coverage``, ``means``, ``exposure`` and ``power``, as the
        functions of these names return them.
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
        "power": design_power(panel, names, plan),
    }
