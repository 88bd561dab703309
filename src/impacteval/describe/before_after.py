"""What a comparison of treated enterprises with themselves before would say: a warning, not a result."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from impacteval.describe.intervals import mean_with_interval
from impacteval.design import Plan

BEFORE_AFTER_COLUMNS = (
    "outcome",
    "arm",
    "period_before",
    "period_after",
    "n_units",
    "change",
    "std_error",
    "conf_low",
    "conf_high",
    "change_comparison",
    "n_comparison",
)


def before_after(panel: pd.DataFrame, outcomes: Sequence[str], plan: Plan) -> pd.DataFrame:
    """Mean change of treated enterprises from the last period before anyone was treated to the last of all.

    Enterprises observed in both periods count. The change of comparison enterprises stands beside it:
    what would have been called an effect without them.

    Returns
    -------
    DataFrame
        ``BEFORE_AFTER_COLUMNS``, in the unit of the outcome; paired t intervals. The period before is
        the last one, before anyone was treated, in which the outcome has a value.
    """
    first = int(panel["first_treat"].min())
    rows = []
    for outcome in outcomes:
        asked = sorted(int(p) for p in panel.loc[panel[outcome].notna(), "period"].unique())
        before = [p for p in asked if p < first]
        if not before or asked[-1] < first:
            continue
        wide = panel.pivot(index="unit", columns="period", values=outcome)
        change = (wide[asked[-1]] - wide[before[-1]]).dropna()
        arm = panel.drop_duplicates("unit").set_index("unit")["arm"].reindex(change.index)
        comparison = change[arm == plan.treatment.comparison.name]
        for treated in plan.treatment.arms:
            found = mean_with_interval(change[arm == treated.name], level=plan.level)
            rows.append(
                {
                    "outcome": outcome,
                    "arm": treated.name,
                    "period_before": before[-1],
                    "period_after": asked[-1],
                    "change": found.pop("mean"),
                    **found,
                    "change_comparison": float(comparison.mean()) if len(comparison) else float("nan"),
                    "n_comparison": len(comparison),
                }
            )
    return pd.DataFrame(rows, columns=list(BEFORE_AFTER_COLUMNS))
