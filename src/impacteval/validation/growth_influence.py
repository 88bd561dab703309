"""How much enterprises that grew unusually fast move the difference between arms."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from impacteval.arrays import Bool1D, Float1D
from impacteval.checks.base import named
from impacteval.checks.rounds import Growth
from impacteval.validation.keys import in_order, rounds_of
from impacteval.validation.labels import NONE, labels_of, numbers_of
from impacteval.validation.rounds import check_growth
from impacteval.validation.shares import pairs_of
from impacteval.validation.survey import CheckedTable, Survey

INFLUENCE_COLUMNS = (
    "column",
    "period",
    "base_period",
    "comparison",
    "arm",
    "n_units",
    "n_flagged",
    "n_influential",
    "largest_dfbetas",
    "joint_dfbetas",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """Change in logs of enterprises of two arms, who is in the second, and who was found; (n_units,)."""

    change: Float1D
    is_second: Bool1D
    is_flagged: Bool1D


def growth_influence(survey: Survey, check: Growth) -> pd.DataFrame:
    """Influence of what a growth check finds on the difference between arms in the mean change of logs.

    The difference is that of a regression of the change in logs since the first round on arm, with the
    enterprises that have a positive value in both rounds. Sizes are without sign and there is no
    estimate, so that nobody who settles findings sees which way they move it.

    Returns
    -------
    DataFrame
        ``INFLUENCE_COLUMNS``, by column, later round and pair of arms. ``n_flagged`` enterprises have a
        finding in the column and round; ``n_influential`` of them have DFBETAS above 2 / sqrt(n);
        ``largest_dfbetas`` is the largest of theirs. ``joint_dfbetas`` is the change of the difference
        when all of them are left out, in its standard errors. Missing where nobody was found, and
        where an arm has too few to do without them.
    """
    table = survey.tables[check.table]
    arm, failures = survey.arms(check.table), check_growth(survey, check)
    periods = rounds_of(table)
    rows = []
    for column in named(check.sales, check.employment):
        positions = [f.rows for f in failures if column in f.columns]
        flagged = table.frame.index.isin(np.concatenate([np.zeros(0, dtype=np.int64), *positions]))
        logs = _logs(table, column, arm=arm, is_flagged=flagged)
        for period in periods[1:]:
            for pair, changes in _of_pairs(logs, periods[0], period):
                key = {"column": column, "period": period, "base_period": periods[0]}
                arms = dict(zip(("comparison", "arm"), pair, strict=True))
                rows.append({**key, **arms, **_influence(changes)})
    return pd.DataFrame(rows, columns=list(INFLUENCE_COLUMNS))


def _logs(table: CheckedTable, column: str, *, arm: pd.Series, is_flagged: Bool1D) -> pd.DataFrame:
    """Logarithms of positive values by unit and period, with arm and flag: the first row of each."""
    values = numbers_of(table, column)
    with np.errstate(divide="ignore", invalid="ignore"):
        log = np.log(values.where(values > 0))
    rows = pd.DataFrame(
        {
            "unit": labels_of(table, table.roles.unit),
            "period": labels_of(table, table.roles.period),
            "log": log,
            "arm": arm,
            "is_flagged": is_flagged,
        }
    ).loc[in_order(table)]
    known = rows[(rows["unit"] != NONE) & (rows["period"] != NONE) & rows["log"].notna()]
    return known.drop_duplicates(["unit", "period"])


def _of_pairs(logs: pd.DataFrame, base: str, period: str) -> Iterator[tuple[tuple[str, str], Changes]]:
    before = logs[logs["period"] == base].set_index("unit")["log"]
    later = logs[logs["period"] == period].sort_values("unit").set_index("unit")
    change = (later["log"] - before.reindex(later.index)).to_numpy(dtype=np.float64)
    arm = later["arm"].to_numpy(dtype=np.str_)
    for pair in pairs_of(np.unique(arm).tolist()):
        mine = np.isin(arm, pair) & ~np.isnan(change)
        yield (
            pair,
            Changes(
                change=change[mine],
                is_second=np.asarray(arm[mine] == pair[1], dtype=np.bool_),
                is_flagged=later["is_flagged"].to_numpy(dtype=np.bool_)[mine],
            ),
        )


def _influence(changes: Changes) -> dict[str, object]:
    of_each, is_influential = dfbetas(changes.change, changes.is_second)
    flagged = np.abs(of_each[changes.is_flagged])
    known = flagged[~np.isnan(flagged)]
    return {
        "n_units": len(changes.change),
        "n_flagged": len(flagged),
        "n_influential": int((is_influential & changes.is_flagged).sum()),
        "largest_dfbetas": float(known.max()) if len(known) else float("nan"),
        "joint_dfbetas": _joint(changes),
    }


def dfbetas(change: Float1D, is_second: Bool1D) -> tuple[Float1D, Bool1D]:
    """DFBETAS of each unit for a difference of two means, and whether its size is above 2 / sqrt(n).

    With residual e, n_g units in its arm and s(i) the residual standard deviation without the unit,
    DFBETAS is e / (n_g - 1) / (s(i) sqrt(1 / n_1 + 1 / n_2)), with the sign of the arm. Belsley, Kuh and
    Welsch (1980), Regression Diagnostics, section 2.1. NaN where it is not defined.

    Parameters
    ----------
    change, is_second : (n_units,)
    """
    n, n_second = len(change), int(is_second.sum())
    size = np.where(is_second, n_second, n - n_second)
    if n < 4 or min(n_second, n - n_second) < 2:
        return np.full(n, np.nan), np.zeros(n, dtype=np.bool_)
    means = np.where(is_second, change[is_second].mean(), change[~is_second].mean())
    residual = change - means
    squares = float((residual**2).sum())
    # Differences of squares that are zero but for rounding are zero.
    left = np.maximum(squares - residual**2 * size / (size - 1), 0.0)
    left[left < 1e-12 * squares] = 0.0
    error = np.sqrt(left / (n - 3) * (1 / n_second + 1 / (n - n_second)))
    moved = np.where(is_second, 1.0, -1.0) * residual / (size - 1)
    ratio = np.divide(moved, error, out=np.full(n, np.nan), where=error > 0)
    return ratio, np.abs(moved) > 2 / np.sqrt(n) * error


def _joint(changes: Changes) -> float:
    """Size of the change of the difference without all that were found, in its standard errors."""
    kept = ~changes.is_flagged
    difference, error = _difference(changes.change, changes.is_second)
    without, _ = _difference(changes.change[kept], changes.is_second[kept])
    if kept.all() or not error > 0:
        return float("nan")
    return abs(difference - without) / error


def _difference(change: Float1D, is_second: Bool1D) -> tuple[float, float]:
    """Difference of two means and its standard error with one variance; NaN where not defined."""
    one, two = change[~is_second], change[is_second]
    if min(len(one), len(two)) == 0 or len(change) < 3:
        return float("nan"), float("nan")
    squares = float(((one - one.mean()) ** 2).sum() + ((two - two.mean()) ** 2).sum())
    error = np.sqrt(squares / (len(change) - 2) * (1 / len(one) + 1 / len(two)))
    return float(two.mean() - one.mean()), float(error)
