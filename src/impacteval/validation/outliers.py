"""Values far from those of similar rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from impacteval.arrays import Bool1D, Bool2D, Float1D, Float2D, Int1D
from impacteval.checks.statistics import MULTIPLIERS, MultivariateOutlier, Outlier, OutlierMethod
from impacteval.validation.cells import Level, levels_of, numbers
from impacteval.validation.keys import of_severity
from impacteval.validation.multivariate_outliers import check_multivariate_outlier
from impacteval.validation.survey import CheckedTable, Failures, Survey, failing, failing_whole

# Iglewicz and Hoaglin (1993), How to Detect and Handle Outliers: a z score of normal values.
MODIFIED_Z = 0.6745
SAID = {
    "mad": "robust standard deviations {side} the median of",
    "iqr": "interquartile ranges {side} the quartile of",
    "sd": "standard deviations {side} the mean of",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Distances:
    """How far each value is from the middle of its cell, (n_columns, n_rows), and by which measure.

    ``is_mad`` says where the median absolute deviation is the measure. ``is_far`` is false, and
    ``is_unjudged`` true, where a value differs from a cell without any spread. ``is_counted`` is true,
    and ``is_far`` false, for far values that are told of in number only: their cell has a measure that
    finds too many, or is a table with too few rows.
    """

    signed: Float2D
    is_mad: Bool2D
    is_far: Bool2D
    is_counted: Bool2D
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
        found += _told(distances, columns, check)
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
    is_far = (np.abs(np.nan_to_num(distance)) > limit) & np.tile(level.is_judged, len(values))[order]
    too_many = is_fallback & (_share(is_far, ~np.isnan(flat[order]), code[order]) > check.most_share)
    too_few = np.tile(level.size < check.minimum_group, len(values))[order]
    is_counted = is_far & (too_many | too_few)
    # A mean of equal values may differ from them by rounding; quantiles do not.
    is_unjudged = ~(scale > 0) & (np.nan_to_num(signed) != 0) & (check.method != "sd")
    return Distances(
        signed=distance[back].reshape(values.shape),
        is_mad=is_mad[back].reshape(values.shape),
        is_far=(is_far & ~is_counted)[back].reshape(values.shape),
        is_counted=is_counted[back].reshape(values.shape),
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


def _share(hits: Bool1D, given: Bool1D, cell: Int1D) -> Float1D:
    """Share of the given values of each value's cell that are hits."""
    by_cell = pd.DataFrame({"hit": hits, "given": given}).groupby(cell).transform("sum")
    n_hits, n = (by_cell[name].to_numpy(dtype=np.float64) for name in ("hit", "given"))
    shares: Float1D = np.divide(n_hits, n, out=np.zeros(len(n)), where=n > 0)
    return shares


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


def _told(found: Sequence[Distances], columns: Sequence[str], check: Outlier) -> list[Failures]:
    """Say of each column how many values are far but not listed, and how many could not be judged."""
    said = []
    for place, column in enumerate(columns):
        n_counted = sum(int(d.is_counted[place].sum()) for d in found)
        n_unjudged = sum(int(d.is_unjudged[place].sum()) for d in found)
        notes = [
            f"{_values(n_counted, 'is', 'are')} far from the others but not listed: half of the values that "
            f"they are compared with are the same and more than {check.most_share:.0%} would be far, or "
            f"these are fewer than {check.minimum_group}"
        ] * bool(n_counted)
        notes += [
            f"{_values(n_unjudged, 'could', 'could')} not be judged: the middle half of the values that "
            "they are compared with are all the same"
        ] * bool(n_unjudged)
        said += [f for note in notes for f in of_severity(failing_whole(check, column, note), "info")]
    return said


def _values(n: int, one: str, many: str) -> str:
    return f"1 value {one}" if n == 1 else f"{n} values {many}"


FUNCTIONS: Mapping[type, Callable[..., list[Failures]]] = {
    Outlier: check_outlier,
    MultivariateOutlier: check_multivariate_outlier,
}
