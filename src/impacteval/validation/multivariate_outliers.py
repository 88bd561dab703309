"""Rows whose amounts are unusual together, though each may be usual alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import compress

import numpy as np
import numpy.typing as npt
import pandas as pd

from impacteval.arrays import Bool1D, Float2D, Int1D
from impacteval.checks.statistics import MultivariateOutlier
from impacteval.validation.cells import followed, logs10, numbers, periods
from impacteval.validation.keys import of_severity
from impacteval.validation.robust_distances import Distances, robust_distances
from impacteval.validation.shares import holm
from impacteval.validation.survey import CheckedTable, Failures, Survey, failing, failing_whole

FEWEST_COLUMNS = 2
# Rows this many times as far as any other are a group of their own, however many they are.
APART = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Cloud:
    """The complete rows of a round, (n_rows,), and how far they are.

    ``rows`` are in an order that the file's has no part in. ``distances`` is None where they are not
    judged; ``remarks`` say why, or which columns were left out.
    """

    rows: Int1D
    columns: tuple[str, ...]
    distances: Distances | None
    remarks: tuple[str, ...]


def check_multivariate_outlier(survey: Survey, check: MultivariateOutlier) -> list[Failures]:
    """Find rows whose amounts are unusual together, round by round; also say what is not judged.

    Rows in which a value is missing or not above zero are left out. A round of which more than
    ``most_share`` would be found has no rows of its own, unless these are all ``APART`` times as far
    as any other: then they are no tail of the others but, say, amounts in another unit.
    """
    table = survey.tables[check.table]
    logs = np.stack([logs10(numbers(table, column)) for column in check.columns], axis=1)
    complete = ~np.isnan(logs).any(axis=1)
    round_of = periods(table)
    codes = np.unique(round_of[complete])
    clouds = [_cloud(table, logs, np.flatnonzero(complete & (round_of == code)), check) for code in codes]
    p_values = np.full(len(logs), np.nan)
    for cloud in clouds:
        if cloud.distances is not None:
            p_values[cloud.rows] = cloud.distances.p_values
    is_far: Bool1D = np.nan_to_num(holm(p_values), nan=1.0) < check.alpha
    found: list[Failures] = []
    listed: list[Failures] = []
    for cloud in clouds:
        far = is_far[cloud.rows]
        is_listed = _is_listed(cloud, far, check.most_share)
        found += _remarks(table, cloud, "" if is_listed else _too_many(far, check), check)
        rows = np.sort(cloud.rows[far]) if is_listed else cloud.rows[:0]
        rarity = 1 / np.maximum(p_values[rows], 1e-12)
        notes = [f"robust distance beyond what one row in {r:,.0f} has" for r in rarity]
        listed += failing(check, rows.tolist(), columns=cloud.columns, notes=notes)
    return found + listed


def _cloud(table: CheckedTable, logs: Float2D, rows: Int1D, check: MultivariateOutlier) -> Cloud:
    """Judge one round by its columns that take enough values."""
    rows = _sorted_rows(table, logs, rows)
    is_judged = np.array([len(np.unique(values)) >= check.least_values for values in logs[rows].T])
    columns = tuple(compress(check.columns, is_judged))
    left_out = [c for c in check.columns if c not in columns]
    remarks = [f"{', '.join(left_out)} left out: fewer than {check.least_values} different values"]
    reason = _too_few(len(rows), columns, check)
    distances = None if reason else robust_distances(logs[rows][:, is_judged])
    if distances is None:
        reason = reason or "a column hardly varies, or columns are linear in one another"
        return Cloud(rows=rows, columns=columns, distances=None, remarks=(f"not judged: {reason}",))
    return Cloud(rows=rows, columns=columns, distances=distances, remarks=tuple(remarks if left_out else ()))


def _too_few(n_rows: int, columns: Sequence[str], check: MultivariateOutlier) -> str:
    needed = check.rows_per_column * len(check.columns)
    if len(check.columns) < FEWEST_COLUMNS:
        return "two columns or more are needed; `outlier` judges one"
    if n_rows < needed:
        return f"{n_rows} complete rows, {needed} are needed"
    if len(columns) < FEWEST_COLUMNS:
        return f"fewer than two columns have {check.least_values} different values or more"
    return ""


def _is_listed(cloud: Cloud, far: Bool1D, most_share: float) -> bool:
    """Whether the far rows of a round are few, or a group apart from the others."""
    if cloud.distances is None or far.sum() <= most_share * len(far):
        return True
    distance = cloud.distances.distance
    return bool(distance[far].min() >= APART * distance[~far].max(initial=0.0))


def _too_many(far: Bool1D, check: MultivariateOutlier) -> str:
    return (
        f"the amounts are not of one elliptical cloud: {far.sum()} of {len(far)} rows are far from it, more "
        f"than {check.most_share:.0%}, and none stands apart; no rows are listed"
    )


def _remarks(table: CheckedTable, cloud: Cloud, too_many: str, check: MultivariateOutlier) -> list[Failures]:
    """What is told of a round as a whole, an info each."""
    where = _round_name(table, int(cloud.rows[0]))
    said = [*cloud.remarks, *([too_many] if too_many else [])]
    return [f for s in said for f in of_severity(failing_whole(check, "", f"{where}{s}"), "info")]


def _sorted_rows(table: CheckedTable, logs: npt.NDArray[np.float64], rows: Int1D) -> Int1D:
    """Rows by who they are of, then by their values: an order that the file's has no part in."""
    return rows[np.lexsort((*logs[rows].T[::-1], followed(table)[rows]))]


def _round_name(table: CheckedTable, row: int) -> str:
    if not table.roles.period:
        return ""
    value = table.frame[table.roles.period].iloc[row]
    return "rows without a period: " if pd.isna(value) else f"period {value}: "
