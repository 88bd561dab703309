"""Interviews that one person, or one device, cannot both have held."""

from __future__ import annotations

import numpy as np
import pandas as pd

from impacteval.checks.fieldwork import Overlap
from impacteval.validation.distances import haversine_km
from impacteval.validation.labels import NONE, labels_of, numbers_of, places_of
from impacteval.validation.remarks import Remark, remarked
from impacteval.validation.survey import CheckedTable, Failures, Survey
from impacteval.validation.times import has_clock, local_times, minutes_between


def check_overlap(survey: Survey, check: Overlap) -> list[Failures]:
    """Find interviews of the same enumerator or device that overlap, or are too far apart for the time.

    Sorted by start, an interview overlaps an earlier one when it starts before the latest end so
    far. Both interviews of a pair are findings. Interviews without start, end or enumerator, and
    those that do not end after they start, are left to other checks.
    """
    table = survey.tables[check.table]
    days_only = not (has_clock(table, table.roles.start) and has_clock(table, table.roles.end))
    runs = _in_order(survey, table, check)
    if days_only or runs.empty:
        return []
    remarks = [*_overlaps(table, runs), *_journeys(table, runs, check)]
    return remarked(check, (table.roles.start, table.roles.end), remarks)


def _in_order(survey: Survey, table: CheckedTable, check: Overlap) -> pd.DataFrame:
    """Interviews sorted by who held them and when: ``row`` is their position in the table."""
    roles = table.roles
    who = labels_of(table, roles.enumerator if check.by == "enumerator" else roles.device)
    start, end = (local_times(survey, table, column) for column in (roles.start, roles.end))
    runs = pd.DataFrame({"who": who, "start": start, "end": end, "row": np.arange(len(who))})
    runs["submission"] = labels_of(table, roles.submission)
    runs["source_file"], runs["source_row"] = table.text["source_file"], table.text["source_row"]
    runs["latitude"] = numbers_of(table, roles.latitude)
    runs["longitude"] = numbers_of(table, roles.longitude)
    known = runs[(runs["who"] != NONE) & (runs["start"] < runs["end"])]
    order = ["who", "start", "end", "submission", "source_file", "source_row"]
    known = known.sort_values(order, ignore_index=True)
    latest = known.groupby("who")["end"].cummax()
    known["end_before"] = latest.groupby(known["who"]).shift(1)
    # The row that holds the latest end so far is the last one that raised it.
    raised = known["row"].where(known["end_before"].isna() | (known["end"] > known["end_before"]))
    known["row_before"] = raised.groupby(known["who"]).ffill().groupby(known["who"]).shift(1)
    return known


def _overlaps(table: CheckedTable, runs: pd.DataFrame) -> list[Remark]:
    coming = runs.groupby("who")[["start", "end", "row"]].shift(-1)
    with_earlier = minutes_between(runs["start"], _sooner(runs["end"], runs["end_before"]))
    with_later = minutes_between(coming["start"], _sooner(runs["end"], coming["end"]))
    text = "overlaps by {:.1f} minutes with the interview in "
    return [
        _remark(table, runs, minutes > 0, minutes.map(text.format), other=other)
        for minutes, other in ((with_earlier, runs["row_before"]), (with_later, coming["row"]))
    ]


def _sooner(time: pd.Series, other: pd.Series) -> pd.Series:
    return time.where(time < other, other)


def _journeys(table: CheckedTable, runs: pd.DataFrame, check: Overlap) -> list[Remark]:
    """Interviews that follow each other faster than the distance allows.

    The implied speed is the great-circle distance over the time from the end of one interview to the
    start of the next.
    """
    by_who = runs.groupby("who")
    before = by_who[["latitude", "longitude", "end", "row"]].shift(1)
    km = haversine_km(before["latitude"], before["longitude"], runs["latitude"], runs["longitude"])
    minutes = minutes_between(before["end"], runs["start"])
    follows = (runs["end_before"] <= runs["start"]) & (km > check.nearby_km)
    is_fast = follows & (km > check.speed_kmh * minutes / 60)
    journey = km.map("{:.1f} km and ".format) + minutes.map("{:.1f} minutes ".format)
    was_fast = is_fast.groupby(runs["who"]).shift(-1, fill_value=False)
    onward = journey.groupby(runs["who"]).shift(-1).fillna("")
    return [
        _remark(table, runs, is_fast, journey + "after the interview in ", other=before["row"]),
        _remark(table, runs, was_fast, onward + "before the interview in ", other=by_who["row"].shift(-1)),
    ]


def _remark(
    table: CheckedTable, runs: pd.DataFrame, is_meant: pd.Series, said: pd.Series, *, other: pd.Series
) -> Remark:
    """Say something of sorted interviews and another one, in the order of the table."""
    places = places_of(table).to_numpy(dtype=object)
    meant = is_meant.to_numpy(dtype=bool)
    at, with_ = runs["row"].to_numpy()[meant], other.to_numpy()[meant].astype("int64")
    notes = np.full(len(places), NONE, dtype=object)
    notes[at] = said.to_numpy(dtype=object)[meant] + places[with_]
    rows, others = np.zeros(len(places), dtype=bool), np.zeros(len(places), dtype="int64")
    rows[at], others[at] = True, with_
    return Remark(rows=rows, notes=pd.Series(notes, dtype="str"), others=others)
