"""When interviews were held, and with which version of the form."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from impacteval.checks.base import named
from impacteval.checks.fieldwork import (
    Duration,
    FormVersion,
    InterviewTime,
    Location,
    Overlap,
    SubmissionTime,
)
from impacteval.delivery import Fieldwork
from impacteval.validation.durations import check_duration
from impacteval.validation.labels import NONE, labels_of
from impacteval.validation.overlaps import check_overlap
from impacteval.validation.places import check_location
from impacteval.validation.remarks import Remark, constant_notes, informing, remarked
from impacteval.validation.submission_times import check_submission_time
from impacteval.validation.survey import CheckedTable, Failures, Survey, failing_whole
from impacteval.validation.times import LOCAL, has_clock, local_times, minutes_between

DAYS_COLUMNS = ("period", "day", "n_interviews")


def check_interview_time(survey: Survey, check: InterviewTime) -> list[Failures]:
    """Find interviews that end before they start, or on days without fieldwork or after the export."""
    table = survey.tables[check.table]
    roles = table.roles
    remarks = [
        _ends_too_early(survey, table),
        *_outside_fieldwork(survey, table),
        _after_export(survey, table),
        _at_night(survey, table, check),
    ]
    undeclared = _undeclared(survey, table) if len(table.frame) else []
    found = remarked(check, named(roles.start, roles.end), remarks)
    return found + informing(check, roles.start, undeclared)


def _ends_too_early(survey: Survey, table: CheckedTable) -> Remark:
    """Interviews whose end is not after their start; with days only, whose end is on an earlier day."""
    roles = table.roles
    minutes = minutes_between(local_times(survey, table, roles.start), local_times(survey, table, roles.end))
    with_clocks = has_clock(table, roles.start) and has_clock(table, roles.end)
    wrong = (minutes <= 0) if with_clocks else (minutes < 0)
    notes = (-minutes).map("ends {:.1f} minutes before it starts".format).astype("str")
    notes = notes.mask(minutes == 0, "ends at the minute at which it starts")
    return Remark(rows=wrong.to_numpy(dtype=bool), notes=notes)


def _outside_fieldwork(survey: Survey, table: CheckedTable) -> list[Remark]:
    """Interviews on a day that is in none of the windows of their round."""
    day = local_times(survey, table, table.roles.start).dt.normalize()
    period = labels_of(table, table.roles.period)
    is_open = table.is_confidential(table.roles.start) is False
    found = []
    for name in sorted(set(period)):
        windows = [w for w in survey.fieldwork if w.period.strip() in {NONE, name}]
        mine = (period == name) & day.notna()
        if windows and mine.any():
            found.append(_outside(day, mine, windows, is_shown=is_open))
    return found


def _outside(day: pd.Series, mine: pd.Series, windows: Sequence[Fieldwork], *, is_shown: bool) -> Remark:
    first = [np.datetime64(w.first_day) for w in windows]
    last = [np.datetime64(w.last_day) for w in windows]
    inside = np.logical_or.reduce(
        [((day >= a) & (day <= b)).to_numpy(dtype=bool) for a, b in zip(first, last, strict=True)]
    )
    rows = mine.to_numpy(dtype=bool) & ~inside
    notes = constant_notes(len(day), "outside the fieldwork of its round")
    if is_shown:
        early, late = (np.datetime64(min(first)) - day).dt.days, (day - np.datetime64(max(last))).dt.days
        notes = notes.mask((early > 0).to_numpy(), _days(early) + " before the fieldwork of its round")
        notes = notes.mask((late > 0).to_numpy(), _days(late) + " after the fieldwork of its round")
    return Remark(rows=rows, notes=notes)


def _days(counts: pd.Series) -> pd.Series:
    return (counts.map("{:.0f} day".format) + np.where(counts == 1, "", "s")).astype("str")


def _after_export(survey: Survey, table: CheckedTable) -> Remark:
    """Interviews that start, end or arrive on a day after that of the export."""
    roles = table.roles
    times = [local_times(survey, table, c) for c in named(roles.start, roles.end, roles.submitted)]
    latest = pd.concat(times, axis=1).max(axis=1) if times else local_times(survey, table, NONE)
    exported = np.datetime64(survey.exported_on or "NaT", "D")
    after = (latest.astype(LOCAL).dt.normalize() > exported).to_numpy(dtype=bool)
    return Remark(rows=after, notes=constant_notes(len(after), "after the day of the export"))


def _at_night(survey: Survey, table: CheckedTable, check: InterviewTime) -> Remark:
    hour = local_times(survey, table, table.roles.start).dt.hour
    late, early = hour >= check.night_from, hour < check.night_until
    is_night = (late | early) if check.night_from > check.night_until else (late & early)
    judged = check.finds_nights and has_clock(table, table.roles.start)
    said = f"starts at night ({check.night_from:02d}:00 to {check.night_until:02d}:00)"
    return Remark(
        rows=is_night.to_numpy(dtype=bool) & judged,
        notes=constant_notes(len(hour), said),
        severity="warning",
    )


def _undeclared(survey: Survey, table: CheckedTable) -> list[str]:
    """What the study does not say, so that it cannot be judged."""
    notes = []
    if not survey.time_zone and has_clock(table, table.roles.start):
        notes.append("no time_zone is declared: times are taken as those of the place")
    if not survey.fieldwork:
        notes.append("no fieldwork is declared: days are not compared with it")
    elif any(w.period for w in survey.fieldwork):
        known = {w.period.strip() for w in survey.fieldwork}
        period = labels_of(table, table.roles.period)
        n = 0 if NONE in known else int((~period.isin(known)).sum())
        notes += [f"interviews of rounds without declared fieldwork: {n}"] if n else []
    if not survey.exported_on:
        notes.append("no exported_on is declared: days are not compared with it")
    return notes


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployed:
    """Versions of a form in the order in which they were deployed, each from a day on."""

    versions: tuple[str, ...]
    days: npt.NDArray[np.datetime64]

    def newest_on(self, day: pd.Series) -> npt.NDArray[np.int64]:
        """Position of the newest version on each day; -1 before the first one."""
        return np.searchsorted(self.days, day.to_numpy(dtype=LOCAL), side="right") - 1


def check_form_version(survey: Survey, check: FormVersion) -> list[Failures]:
    """Find interviews with a version of the form that is unknown or not the newest on their day."""
    table = survey.tables[check.table]
    column = table.roles.form_version
    version = labels_of(table, column)
    forms = _deployed(survey, check.table)
    if not forms.versions:
        none = ["no forms are declared for this table: versions are not judged"] if len(version) else []
        return informing(check, column, none) + _changed(table, check, version)
    day = local_times(survey, table, table.roles.start).dt.normalize()
    used = version.map({name: i for i, name in enumerate(forms.versions)}).fillna(-1).to_numpy()
    newest = forms.newest_on(day)
    oldest = forms.newest_on(day - pd.Timedelta(days=check.grace_days))
    is_known, is_dated = used >= 0, day.notna().to_numpy(dtype=bool)
    names = np.array([*forms.versions, "none"], dtype=object)
    remarks = [
        Remark(
            rows=(version != NONE).to_numpy(dtype=bool) & ~is_known,
            notes=constant_notes(len(day), "no form of this version is declared"),
        ),
        Remark(
            rows=is_known & is_dated & (used < oldest),
            notes=pd.Series("version " + names[newest] + " was deployed", dtype="str"),
        ),
        Remark(
            rows=is_known & is_dated & (used > newest),
            notes=constant_notes(len(day), "this version was deployed after the day of the interview"),
        ),
    ]
    return remarked(check, (column,), remarks) + _changed(table, check, version)


def _deployed(survey: Survey, table: str) -> Deployed:
    """Forms of a table by day of deployment; without a day a form was there from the beginning."""
    mine = [f for f in survey.forms if f.table == table]
    ordered = sorted(mine, key=lambda f: f.deployed)
    days = [np.datetime64(f.deployed or "0001-01-01", "us") for f in ordered]
    return Deployed(versions=tuple(f.version.strip() for f in ordered), days=np.array(days, dtype=LOCAL))


def _changed(table: CheckedTable, check: FormVersion, version: pd.Series) -> list[Failures]:
    """Columns whose question changed its meaning and which hold answers of several versions."""
    found = []
    for column in check.changed:
        counts = version[table.frame[column].notna() & (version != NONE)].value_counts().sort_index()
        if len(counts) > 1:
            by_version = ", ".join(f"{name} ({n})" for name, n in counts.items())
            note = f"the question changed its meaning and was answered in versions {by_version}"
            found += failing_whole(check, column, note)
    return found


def interview_days(survey: Survey, table: str) -> pd.DataFrame:
    """Count interviews by round and day, for a timeline without ids.

    Returns
    -------
    DataFrame
        ``DAYS_COLUMNS``: ``period`` as text, empty where the table has no rounds; ``day`` as
        ``YYYY-MM-DD``; sorted. Interviews without a start are left out.
    """
    found = survey.tables[table]
    start = local_times(survey, found, found.roles.start)
    days = pd.DataFrame({"period": labels_of(found, found.roles.period), "day": start}).dropna(subset="day")
    days["day"] = days["day"].dt.strftime("%Y-%m-%d").astype("str")
    counted = days.groupby(["period", "day"]).size().reset_index(name="n_interviews")
    return counted[list(DAYS_COLUMNS)]


FUNCTIONS: Mapping[type, Callable[..., list[Failures]]] = {
    InterviewTime: check_interview_time,
    SubmissionTime: check_submission_time,
    Duration: check_duration,
    Overlap: check_overlap,
    Location: check_location,
    FormVersion: check_form_version,
}
