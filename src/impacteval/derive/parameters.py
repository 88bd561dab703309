"""Published numbers by day and place: which is valid for a row, and where none is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import pairwise

import numpy as np

from impacteval.arrays import Bool1D, Float1D
from impacteval.derivation import Parameter
from impacteval.derive.values import Numbers, Reasons, Words, numbers

_EPOCH = date(1970, 1, 1)


def day_number(text: str) -> int:
    """Days from 1970-01-01 to a day ``YYYY-MM-DD``."""
    return (date.fromisoformat(text) - _EPOCH).days


def has_places(rows: Iterable[Parameter]) -> bool:
    """Whether a parameter differs between places."""
    return any(row.place for row in rows)


def valid_numbers(rows: Sequence[Parameter], day: Numbers, place: Words | None, reasons: Reasons) -> Numbers:
    """The value of a parameter for each row: that of its day, and of its place before that of all places.

    Parameters
    ----------
    rows : sequence of Parameter
        All rows of one parameter.
    day : Numbers
        The day of each row; only needed where the parameter's validity has limits.
    place : Words, optional
        The place of each row; needed where the parameter has places.
    """
    n = len(day.values)
    values = np.full(n, np.nan)
    # Rows for all places first, so that those for a place take precedence.
    for row in sorted(rows, key=lambda r: r.place != ""):
        is_valid = _on_day(row, day.values) & _in_place(row, place, n)
        values[is_valid] = row.value
    missing = np.isnan(values)
    label = f"no {rows[0].parameter} for the day" + (" and place" if has_places(rows) else "")
    why = np.where(missing, reasons.code(label), 0).astype(np.int32)
    if place is not None and has_places(rows):
        why = np.where(missing & (place.why != 0), place.why, why)
    why = np.where(missing & (day.why != 0), day.why, why)
    return numbers(values, why)


def _on_day(row: Parameter, day: Float1D) -> Bool1D:
    after = day >= day_number(row.valid_from) if row.valid_from else np.ones(len(day), dtype=np.bool_)
    before = day <= day_number(row.valid_to) if row.valid_to else np.ones(len(day), dtype=np.bool_)
    return np.asarray(after & before, dtype=np.bool_)


def _in_place(row: Parameter, place: Words | None, n: int) -> Bool1D:
    if not row.place:
        return np.ones(n, dtype=np.bool_)
    if place is None:
        return np.zeros(n, dtype=np.bool_)
    return np.append(place.words == row.place, False)[place.codes]


def unreadable_days(parameters: Iterable[Parameter]) -> Iterator[str]:
    """Validity that is no day or ends before it begins."""
    for row in parameters:
        days = []
        for key in ("valid_from", "valid_to"):
            text = row.valid_from if key == "valid_from" else row.valid_to
            if not text:
                continue
            try:
                days.append(day_number(text))
            except ValueError:
                yield f"parameters.csv: {row.parameter}: {key} {text!r} is no day YYYY-MM-DD"
        if len(days) == 2 and days[0] > days[1]:
            yield (
                f"parameters.csv: {row.parameter}: valid from {row.valid_from} to {row.valid_to}, which is "
                "before it"
            )


def overlaps(parameters: Sequence[Parameter]) -> Iterator[str]:
    """Two rows of one parameter and place that are valid on the same day; days must be readable."""
    groups: dict[tuple[str, str], list[Parameter]] = {}
    for row in parameters:
        groups.setdefault((row.parameter, row.place), []).append(row)
    for (name, place), rows in sorted(groups.items()):
        inside = f" in {place}" if place else ""
        for first, second in _neighbours(rows):
            if not first.valid_to or not second.valid_from or second.valid_from <= first.valid_to:
                yield (
                    f"parameters.csv: {name}{inside}: two values are valid on "
                    f"{second.valid_from or 'all days'} ({first.value:g} and {second.value:g}); "
                    "end one before the other begins"
                )


def _neighbours(rows: list[Parameter]) -> Iterator[tuple[Parameter, Parameter]]:
    by_day = sorted(rows, key=lambda r: (r.valid_from, r.valid_to))
    yield from pairwise(by_day)


def uncovered(
    rows: Sequence[Parameter], days: Sequence[str], places: Sequence[str]
) -> Iterator[tuple[str, str]]:
    """Days and places of a study for which a parameter has no value; the place is empty where all lack one.

    Parameters
    ----------
    rows : sequence of Parameter
        All rows of one parameter.
    """
    for day in days or ("",):
        valid = [r for r in rows if _covers(r, day)]
        if any(r.place == "" for r in valid):
            continue
        have = {r.place for r in valid}
        if not have:
            yield day, ""
            continue
        yield from ((day, place) for place in places if place not in have)


def _covers(row: Parameter, day: str) -> bool:
    if not day:
        return not row.valid_from and not row.valid_to
    return (row.valid_from or day) <= day <= (row.valid_to or day)
