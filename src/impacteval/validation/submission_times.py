"""Whether interviews were sent after they were held."""

from __future__ import annotations

import pandas as pd

from impacteval.checks.base import named
from impacteval.checks.fieldwork import SubmissionTime
from impacteval.validation.survey import CheckedTable, Failures, Survey, failing, failing_whole
from impacteval.validation.times import has_clock, local_times, minutes_between

# With fewer interviews a majority says nothing of clocks.
FEWEST_FOR_CLOCKS = 10
OFFSET = r"[0-9]\s?(?:(?P<zulu>[Zz])|(?P<sign>[+-])(?P<hours>[0-9]{2}):?(?P<minutes>[0-9]{2}))$"


def check_submission_time(survey: Survey, check: SubmissionTime) -> list[Failures]:
    """Find interviews sent before they ended, or where no end is known before they started.

    Where a time has no clock, days are compared.
    """
    table = survey.tables[check.table]
    roles = table.roles
    start, end = (_before_sent(survey, table, column) for column in (roles.start, roles.end))
    known = end.notna() | start.notna()
    early = (end.fillna(start) > check.slack_minutes).to_numpy(dtype=bool)
    n, of = int(early.sum()), int(known.sum())
    if of >= FEWEST_FOR_CLOCKS and n > check.most_share * of:
        note = (
            f"{n} of {of} interviews were sent before they ended: this time and those of the device are "
            "not of one clock (servers often write UTC)"
        )
        return failing_whole(check, roles.submitted, note)
    before_start = (start > check.slack_minutes).to_numpy(dtype=bool)
    notes = end.fillna(start).map("sent {:.1f} minutes before it ended".format).astype("str")
    notes = notes.mask(before_start, start.map("sent {:.1f} minutes before it started".format).astype("str"))
    columns = named(roles.start, roles.end, roles.submitted)
    return failing(check, early | before_start, columns=columns, notes=notes[early | before_start].tolist())


def _before_sent(survey: Survey, table: CheckedTable, column: str) -> pd.Series:
    """Minutes by which an interview was sent before a time of it; negative where it was sent after."""
    sent, time = (local_times(survey, table, c) for c in (table.roles.submitted, column))
    if not (has_clock(table, table.roles.submitted) and has_clock(table, column)):
        return minutes_between(sent.dt.normalize(), time.dt.normalize())
    # Typed times are as the clock showed them; servers write UTC where devices write their own zone.
    apart = _offset_minutes(table, column) - _offset_minutes(table, table.roles.submitted)
    return minutes_between(sent, time) - apart.fillna(0.0)


def _offset_minutes(table: CheckedTable, column: str) -> pd.Series:
    """Offset from UTC as written in each cell, in minutes; missing where none is."""
    found = table.text[column].str.strip().str.extract(OFFSET)
    sign = found["sign"].map({"+": 1.0, "-": -1.0}).astype("float64")
    minutes = sign * (found["hours"].astype("float64") * 60 + found["minutes"].astype("float64"))
    return minutes.mask(found["zulu"].notna(), 0.0)
