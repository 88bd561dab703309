"""All tables about what a programme delivered and cost; empty where its study says nothing of it."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from impacteval.design import Outcome, Plan
from impacteval.programme.costs import COST_COLUMNS, UNIT_COST_COLUMNS, costs, in_one_currency, unit_costs
from impacteval.programme.monitoring import Watched, monitoring
from impacteval.programme.types import Account


def programme_tables(
    clean: Mapping[str, pd.DataFrame],
    panel: pd.DataFrame,
    estimates: pd.DataFrame,
    *,
    plan: Plan,
    outcomes: tuple[Outcome, ...],
    account: Account,
) -> dict[str, pd.DataFrame]:
    """Compute monitoring, costs and costs of effects.

    Parameters
    ----------
    clean : mapping
        Clean tables by name.
    panel : DataFrame
        The enterprise panel.
    estimates : DataFrame
        The table of estimates; headlines of primary outcomes are taken.

    Returns
    -------
    dict
        ``monitoring``, ``costs`` and ``unit_costs``.
    """
    arms = tuple(arm.name for arm in plan.treatment.arms)
    labels = {period: plan.panel.label_of(period) for period in plan.panel.periods}
    tables = {
        "monitoring": monitoring(
            account.framework, Watched(tables=clean, panel=panel, treated=arms, labels=labels)
        ),
        "costs": pd.DataFrame(columns=list(COST_COLUMNS)),
        "unit_costs": pd.DataFrame(columns=list(UNIT_COST_COLUMNS)),
    }
    if not account.programme:
        return tables
    (programme,) = account.programme
    ledger = clean[programme.costs.table]
    amount = in_one_currency(ledger, programme.costs, account.parameters)
    directions = {o.name: o.direction for o in outcomes}
    is_headline = (estimates["role"] == "primary") & (estimates["subgroup"] == "")
    headlines = estimates[is_headline].assign(direction=lambda rows: rows["outcome"].map(directions))
    tables["costs"] = costs(ledger, amount, programme.costs)
    tables["unit_costs"] = unit_costs(
        clean,
        amount,
        programme,
        headlines,
        n_enterprises=int(panel.loc[panel["arm"].isin(arms), "unit"].nunique()),
    )
    return tables
