"""Numbers and times of binary files as text, in the one form that reads back to the same value."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable

EXACT_INTEGERS = 2**53
CellValue = str | float | bool | dt.datetime | dt.date | dt.time | dt.timedelta | None


def number_text(value: float) -> str:
    """Shortest decimal form; a whole number has no decimal point, and not-a-number is empty."""
    if math.isnan(value):
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < EXACT_INTEGERS:
        return str(int(value))
    return repr(float(value)) if isinstance(value, float) else str(value)


def numbers_text(values: Iterable[float]) -> list[str]:
    """Text of many numbers, each distinct one being written once."""
    known: dict[float, str] = {}
    text = []
    for value in values:
        if math.isnan(value):
            text.append("")
            continue
        shown = known.get(value)
        if shown is None:
            shown = known[value] = number_text(value)
        text.append(shown)
    return text


def cell_text(value: CellValue) -> str:
    """A typed cell as text: dates in ISO form, truth values as Excel shows them, durations as hours."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, dt.datetime | dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, dt.timedelta):
        return duration_text(value)
    return number_text(value)


def duration_text(value: dt.timedelta) -> str:
    """A duration as hours, minutes and seconds: ``36:00:00``; hours may exceed a day."""
    seconds, microseconds = divmod(abs(value) // dt.timedelta(microseconds=1), 1_000_000)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    fraction = f".{microseconds:06d}" if microseconds else ""
    return f"{'-' if value < dt.timedelta(0) else ''}{hour}:{minute:02d}:{second:02d}{fraction}"
