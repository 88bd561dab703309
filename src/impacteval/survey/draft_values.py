"""What the cells of a column can be read as: a type is proposed only where every cell fits it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import pandas as pd

from impacteval.codebook import VariableType
from impacteval.survey.dates import pattern_of, read_times
from impacteval.survey.numbers import marks_of, read_numbers

DATE_FORMATS = (
    *("", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y", "%d.%m.%Y", "%Y/%m/%d"),
    *("%d %B %Y", "%b %d, %Y", "%d%b%Y", "%d-%b-%Y"),
)
CLOCKS = ("%H:%M:%S", "%H:%M", "%I:%M:%S %p", "%I:%M %p")
TIME_FORMATS = ("", *(f"{day} {clock}" for day in DATE_FORMATS if day for clock in CLOCKS))
LEADING_ZERO = re.compile(r"[+-]?0\d")
PERSONAL = (
    re.compile(r"[^@\s]+@[^@\s]+\.[a-z]{2,}", re.IGNORECASE),
    re.compile(r"(?<!\d)(?:\+?62|0)8\d{7,11}(?!\d)"),
    re.compile(r"(?<!\d)\d{16}(?!\d)"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueType:
    """A type with the format of its numbers or dates, and what keeps it from being sure."""

    type: VariableType
    format: str = ""
    doubt: str = ""


def type_of(cells: pd.Series) -> ValueType:
    """The type of which every cell is; text where there is none, or more than one.

    Parameters
    ----------
    cells : Series of str
        Without outer blanks; none is empty. Nothing is known of a column without any.
    """
    if cells.empty:
        return ValueType(type="text", doubt="no row has a value")
    if cells.str.match(LEADING_ZERO).any() and cells.str.fullmatch(r"[+-]?[0-9]+").all():
        return ValueType(type="text")
    return _number_type(cells) or _time_type(cells) or ValueType(type="text")


def _number_type(cells: pd.Series) -> ValueType | None:
    if not cells.str.contains(r"[0-9]").all():
        return None
    marks = set(marks_of(cells)) - {""}
    if marks and marks <= {"either", "comma"} and _reads(cells, "id", is_whole=False):
        doubt = "1.500 and 1,500 are read differently in Indonesian and English; say the format"
        return ValueType(type="text", doubt=doubt)
    for format_ in ("", "id", "en"):
        if _reads(cells, format_, is_whole=True):
            return ValueType(type="integer", format=format_)
        if _reads(cells, format_, is_whole=False):
            return ValueType(type="decimal", format=format_)
    return None


def _reads(cells: pd.Series, format_: str, *, is_whole: bool) -> bool:
    return bool((read_numbers(cells, format_, is_whole=is_whole).why == "").all())


def _time_type(cells: pd.Series) -> ValueType | None:
    for type_ in ("date", "datetime"):
        format_, doubt = time_format(cells, has_time=type_ == "datetime")
        if format_ is not None:
            return ValueType(type="date" if type_ == "date" else "datetime", format=format_)
        if doubt:
            return ValueType(type="text", doubt=doubt)
    return None


def time_format(cells: pd.Series, *, has_time: bool) -> tuple[str | None, str]:
    """The only format that reads all cells as days or times; None where there is none or, said, several."""
    first = str(cells.iloc[0])
    formats = TIME_FORMATS if has_time else DATE_FORMATS
    close = [f for f in formats if _pattern(f, has_time=has_time).fullmatch(first)]
    fits = [f for f in close if _tells(cells, f, has_time=has_time)]
    if len(fits) > 1:
        return None, f"days and months cannot be told apart ({' or '.join(fits)}); say the format"
    return (fits[0], "") if fits else (None, "")


@lru_cache(maxsize=128)
def _pattern(format_: str, *, has_time: bool) -> re.Pattern[str]:
    return pattern_of(format_, has_time=has_time)


def _tells(cells: pd.Series, format_: str, *, has_time: bool) -> bool:
    return bool((read_times(cells, format_, has_time=has_time).why == "").all())


def looks_personal(cells: pd.Series) -> bool:
    """Whether any cell holds an e-mail address, a phone number or a number of 16 digits."""
    return any(bool(cells.str.contains(pattern).any()) for pattern in PERSONAL)
