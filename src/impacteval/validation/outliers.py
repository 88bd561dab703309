"""Values far from those of similar rows, alone or together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from impacteval.arrays import Bool1D, Bool2D, Float1D, Float2D, Int1D
from impacteval.checks.statistics import MULTIPLIERS, MultivariateOutlier, Outlier, OutlierMethod
from impacteval.validation.cells import Level, followed, levels_of, logs10, numbers, periods
from impacteval.validation.keys import of_severity
from impacteval.validation.robust_distances import outlier_p_values
from impacteval.validation.shares import holm
from impacteval.validation.survey import CheckedTable, Failures, Survey, failing, failing_whole

# Iglewicz and Hoaglin (1993), How to Detect and Handle Outliers: a z score of normal values.
MODIFIED_Z = 0.6745
FEWEST_COLUMNS = 2
SAID = {
    "mad": "robust standard deviations {side} the median of",
    "iqr": "interquartile ranges {side} the quartile of",
    "sd": "standard deviations {side} the mean of",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Distances:
    """How far each value is from the middle of its cell, (n_columns, n_rows), and by which measure.

    ``is_mad`` says where the median absolute deviation is the measure. ``is_far`` is false, and
    ``is_unjudged`` true, where a value differs from a cell without any spread.
    """

    signed: Float2D
    is_mad: Bool2D
    is_far: Bool2D
    is_unjudged: Bool2D


def check_outlier(survey: Survey, check: Outlier) -> list[Failures]:
    """Find values far from the middle of their cell; also say how many could not be judged."""
    table = survey.tables[check.table]
    found: list[Failures] = []
    for columns in [check.columns] if check.together else [(c,) for c in check.columns]:
        values = np.stack([_judged(table, column, check) for column in columns])
        used: Bool1D = np.logical_not(np.isnan(values).all(axis=0))
        levels = levels_of(table, check.groups, used, check.minimum_group)
        distances = [_distances(values, level, check) for level in levels]
        for place, column in enumerate(columns):
            for level, mine in zip(levels, distances, strict=True):
                found += _far(mine, place, column, level, check)
        found += _unjudged(distances, columns, check)
    return found


def _judged(table: CheckedTable, column: str, check: Outlier) -> Float1D:
    """Values on the scale of the check, NaN where there is none or it is ignored."""
    values = numbers(table, column)
    values = np.where(np.isin(values, check.ignore), np.nan, values)
    return values if check.scale == "raw" else np.sign(values) * np.log1p(np.abs(values))


def _distances(values: Float2D, level: Level, check: Outlier) -> Distances:
    """Distances in the unit of the check's method, or of its fallback, at one level.

    Sums and quantiles are of the values of a cell in sorted order, so that that of rows is no matter.
    """
    flat, code = values.ravel(), np.tile(level.code, len(values))
    order = np.lexsort((flat, code))
    back = np.argsort(order, kind="stable")
    signed, scale, is_mad = _measured(pd.Series(flat[order]), code[order], check.method)
    is_fallback = (check.method == "mad") & ~is_mad
    limit = np.where(is_fallback, MULTIPLIERS["iqr"], check.limit)
    distance = np.divide(signed, scale, out=np.zeros(len(scale)), where=scale > 0)
    is_far = np.abs(np.nan_to_num(distance)) > limit
    # A mean of equal values may differ from them by rounding; quantiles do not.
    is_unjudged = ~(scale > 0) & (np.nan_to_num(signed) != 0) & (check.method != "sd")
    return Distances(
        signed=distance[back].reshape(values.shape),
        is_mad=is_mad[back].reshape(values.shape),
        is_far=is_far[back].reshape(values.shape) & level.is_judged,
        is_unjudged=is_unjudged[back].reshape(values.shape) & level.is_judged,
    )


def _measured(value: pd.Series, cell: Int1D, method: OutlierMethod) -> tuple[Float1D, Float1D, Bool1D]:
    """Distance of each value from the middle, the spread of its cell, and whether that is the MAD."""
    never = np.zeros(len(value), dtype=np.bool_)
    if method == "sd":
        return _plain(value - _of_cell(value, cell, "mean")), _of_cell(value, cell, "std"), never
    by_quartiles, iqr = _beyond_quartiles(value, cell)
    if method == "iqr":
        return by_quartiles, iqr, never
    centred = _plain(value - _of_cell(value, cell, "median"))
    mad = _of_cell(pd.Series(np.abs(centred)), cell, "median")
    is_mad = mad > 0
    return np.where(is_mad, MODIFIED_Z * centred, by_quartiles), np.where(is_mad, mad, iqr), is_mad


def _plain(values: pd.Series) -> Float1D:
    return np.asarray(values, dtype=np.float64)


def _of_cell(value: pd.Series, cell: Int1D, statistic: Literal["mean", "median", "std"]) -> Float1D:
    """A statistic of the cell of each value."""
    return value.groupby(cell).transform(statistic).to_numpy(dtype=np.float64)


def _beyond_quartiles(value: pd.Series, cell: Int1D) -> tuple[Float1D, Float1D]:
    """How far each value lies outside the quartiles of its cell, and their distance."""
    grouped = value.groupby(cell)
    lower, upper = (grouped.quantile(q).reindex(cell).to_numpy(dtype=np.float64) for q in (0.25, 0.75))
    plain = value.to_numpy(dtype=np.float64)
    return np.where(plain > upper, plain - upper, np.minimum(plain - lower, 0.0)), upper - lower


def _far(distances: Distances, place: int, column: str, level: Level, check: Outlier) -> list[Failures]:
    rows = np.flatnonzero(distances.is_far[place])
    notes = []
    for row in rows:
        measure = "iqr" if check.method == "mad" and not distances.is_mad[place, row] else check.method
        signed = float(distances.signed[place, row])
        how = SAID[measure].format(side="above" if signed > 0 else "below")
        notes.append(f"{abs(signed):.1f} {how} {level.name} ({level.size[row]} rows)")
    return failing(check, rows.tolist(), columns=(column,), notes=notes)


def _unjudged(found: Sequence[Distances], columns: Sequence[str], check: Outlier) -> list[Failures]:
    """Say of each column how many values differ from a cell whose middle half is all the same."""
    said = []
    for place, column in enumerate(columns):
        n = sum(int(d.is_unjudged[place].sum()) for d in found)
        note = (
            f"{n} values could not be judged: the middle half of the values that they are compared with "
            "are all the same"
        )
        said += of_severity(failing_whole(check, column, note), "info") if n else []
    return said


def check_multivariate_outlier(survey: Survey, check: MultivariateOutlier) -> list[Failures]:
    """Find rows whose amounts are unusual together, round by round; also say which rounds are not judged.

    Rows in which a value is missing or not above zero are left out.
    """
    table = survey.tables[check.table]
    logs = np.stack([logs10(numbers(table, column)) for column in check.columns], axis=1)
    complete = ~np.isnan(logs).any(axis=1)
    round_of = periods(table)
    p_values = np.full(len(logs), np.nan)
    found: list[Failures] = []
    for code in np.unique(round_of[complete]):
        rows = _sorted_rows(table, logs, np.flatnonzero(complete & (round_of == code)))
        reason = _too_few(len(rows), check)
        judged = None if reason else outlier_p_values(logs[rows])
        if judged is None:
            where = _round_name(table, rows[0])
            reason = reason or "a column hardly varies, or columns are linear in one another"
            found += of_severity(failing_whole(check, "", f"{where}not judged: {reason}"), "info")
        else:
            p_values[rows] = judged
    adjusted = holm(p_values)
    rows = np.flatnonzero(np.nan_to_num(adjusted, nan=1.0) < check.alpha)
    notes = [
        f"robust distance beyond what one row in {1 / max(p_values[row], 1e-12):,.0f} has" for row in rows
    ]
    return [*found, *failing(check, rows.tolist(), columns=check.columns, notes=notes)]


def _too_few(n_rows: int, check: MultivariateOutlier) -> str:
    needed = check.rows_per_column * len(check.columns)
    if len(check.columns) < FEWEST_COLUMNS:
        return "two columns or more are needed; `outlier` judges one"
    return f"{n_rows} complete rows, {needed} are needed" if n_rows < needed else ""


def _sorted_rows(table: CheckedTable, logs: npt.NDArray[np.float64], rows: Int1D) -> Int1D:
    """Rows by who they are of, then by their values: an order that the file's has no part in."""
    return rows[np.lexsort((*logs[rows].T[::-1], followed(table)[rows]))]


def _round_name(table: CheckedTable, row: int) -> str:
    if not table.roles.period:
        return ""
    value = table.frame[table.roles.period].iloc[row]
    return "rows without a period: " if pd.isna(value) else f"period {value}: "


FUNCTIONS: Mapping[type, Callable[..., list[Failures]]] = {
    Outlier: check_outlier,
    MultivariateOutlier: check_multivariate_outlier,
}
