"""Who is still observed: interviews by arm and period, and values of each outcome."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

ATTRITION_COLUMNS = (
    "arm",
    "period",
    "n_expected",
    "n_interviewed",
    "share_interviewed",
    "difference_to_comparison",
)
COVERAGE_COLUMNS = ("outcome", "arm", "period", "n_interviewed", "n_values", "share_with_value")


def attrition(
    panel: pd.DataFrame, arms: Sequence[str], comparison: str, periods: Sequence[int]
) -> pd.DataFrame:
    """Count interviews against the enterprises that were ever in the panel.

    Parameters
    ----------
    panel : DataFrame
        The enterprise panel.
    arms : sequence of str
        All arms, the comparison among them.

    Returns
    -------
    DataFrame
        ``ATTRITION_COLUMNS``; shares between 0 and 1, the difference in percentage points over 100.
    """
    expected = panel.groupby("arm")["unit"].nunique()
    seen = panel.groupby(["arm", "period"])["unit"].nunique()
    rows = [
        {
            "arm": arm,
            "period": period,
            "n_expected": int(expected[arm]),
            "n_interviewed": int(seen.get((arm, period), 0)),
            "share_interviewed": float(seen.get((arm, period), 0)) / int(expected[arm]),
        }
        for arm in arms
        for period in periods
    ]
    table = pd.DataFrame(rows)
    reference = table[table["arm"] == comparison].set_index("period")["share_interviewed"]
    table["difference_to_comparison"] = table["share_interviewed"] - table["period"].map(reference)
    return table[list(ATTRITION_COLUMNS)]


def coverage(
    panel: pd.DataFrame, outcomes: Sequence[str], arms: Sequence[str], periods: Sequence[int]
) -> pd.DataFrame:
    """Share of interviews that have a value of each outcome, by arm and period (``COVERAGE_COLUMNS``)."""
    rows = []
    for outcome in outcomes:
        for arm in arms:
            for period in periods:
                cell = panel[(panel["arm"] == arm) & (panel["period"] == period)]
                n_values = int(cell[outcome].notna().sum())
                rows.append(
                    {
                        "outcome": outcome,
                        "arm": arm,
                        "period": period,
                        "n_interviewed": len(cell),
                        "n_values": n_values,
                        "share_with_value": n_values / len(cell) if len(cell) else float("nan"),
                    }
                )
    return pd.DataFrame(rows, columns=list(COVERAGE_COLUMNS))
