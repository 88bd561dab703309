"""How long interviews took."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from impacteval.checks.base import named
from impacteval.checks.fieldwork import Duration
from impacteval.validation.labels import labels_of, numbers_of
from impacteval.validation.remarks import Remark, remarked
from impacteval.validation.survey import Failures, Survey
from impacteval.validation.times import has_clock, local_times, minutes_between

DURATION_BINS = ("from_minutes", "to_minutes", "n_interviews")


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """Durations in minutes, and what is wrong with each; all (n_rows,)."""

    minutes: pd.Series
    median: pd.Series
    is_below_median: npt.NDArray[np.bool_]
    is_below_floor: npt.NDArray[np.bool_]
    is_long: npt.NDArray[np.bool_]

    @property
    def is_short(self) -> npt.NDArray[np.bool_]:
        """Whether an interview was too short by either rule."""
        return self.is_below_median | self.is_below_floor


def minutes_of(survey: Survey, table: str, *, minutes: str = "") -> pd.Series:
    """Duration of each interview in minutes.

    From ``minutes``, a column of durations, where one is named, else from start to end; missing where
    these are, where they are days without time, and where an interview ends before it starts, which
    is a matter of interview times.
    """
    found = survey.tables[table]
    if minutes:
        return numbers_of(found, minutes)
    roles = found.roles
    if not (has_clock(found, roles.start) and has_clock(found, roles.end)):
        return pd.Series(np.nan, index=found.frame.index, dtype="float64")
    start, end = (local_times(survey, found, column) for column in (roles.start, roles.end))
    between = minutes_between(start, end)
    return between.mask(between < 0)


def judge_durations(survey: Survey, check: Duration) -> Judged:
    """Compare each duration with those of its form version in its round.

    The median and the percentile, by linear interpolation between order statistics (Hyndman and Fan
    1996, type 7), are of the durations above zero of the same form version and round. An interview is
    short below ``share`` times the median, or below the percentile and the floor.
    """
    table = survey.tables[check.table]
    minutes = minutes_of(survey, check.table, minutes=check.minutes)
    version = labels_of(table, table.roles.form_version) + "\n" + labels_of(table, table.roles.period)
    grouped = minutes.where(minutes > 0).groupby(version)
    median = grouped.transform("median")
    low = version.map(grouped.quantile(check.percentile)).astype("float64")
    floor = -np.inf if check.floor_minutes is None else check.floor_minutes
    return Judged(
        minutes=minutes,
        median=median,
        is_below_median=(minutes < check.share * median).to_numpy(dtype=bool),
        is_below_floor=((minutes < low) & (minutes < floor)).to_numpy(dtype=bool),
        is_long=(minutes > check.longest_minutes).to_numpy(dtype=bool),
    )


def check_duration(survey: Survey, check: Duration) -> list[Failures]:
    """Find interviews that took much less time than others with the same form, or very long."""
    table = survey.tables[check.table]
    judged = judge_durations(survey, check)
    took = judged.minutes.map("{:.1f} minutes".format).astype("str")
    if check.minutes and table.is_confidential(check.minutes):
        took = pd.Series("the duration", index=took.index, dtype="str")
    against = took + ", median of the form version " + judged.median.map("{:.1f}".format).astype("str")
    only_floor = judged.is_below_floor & ~judged.is_below_median
    remarks = [
        Remark(rows=judged.is_below_median, notes=against),
        Remark(rows=only_floor, notes=took + f", under the floor of {check.floor_minutes} minutes"),
        Remark(rows=judged.is_long, notes=took + f", more than {check.longest_minutes:g}"),
    ]
    columns = named(check.minutes) or (table.roles.start, table.roles.end)
    return remarked(check, columns, remarks)


def durations(survey: Survey, table: str, *, minutes: str = "", width_minutes: int = 5) -> pd.DataFrame:
    """Count interviews by duration, for a histogram without ids.

    Returns
    -------
    DataFrame
        ``DURATION_BINS``: bins of ``width_minutes`` from 0 to the longest duration, lower edge
        included, at most 100 of them; the last one is open (``to_minutes`` missing) where durations
        go on. No rows where no duration is known.
    """
    known = minutes_of(survey, table, minutes=minutes).dropna()
    known = known[known >= 0]
    number = np.minimum((known // width_minutes).astype("int64"), 100)
    n_bins = int(number.max()) + 1 if len(number) else 0
    counts = np.bincount(number, minlength=n_bins)
    edges = np.arange(n_bins, dtype="float64") * width_minutes
    upper = np.where(np.arange(n_bins) < 100, edges + width_minutes, np.nan)
    return pd.DataFrame(dict(zip(DURATION_BINS, (edges, upper, counts[:n_bins]), strict=True)))
