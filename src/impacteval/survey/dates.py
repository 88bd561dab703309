"""Dates and times as a column declares them, as local times without an offset."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from impacteval.errors import ConfigError

FIRST_YEAR, LAST_YEAR = 1900, 2100
EXCEL_FORMATS = ("excel", "excel1904")
MONTHS: tuple[tuple[str, ...], ...] = (
    ("januari", "january", "jan"),
    ("februari", "pebruari", "february", "feb", "peb"),
    ("maret", "march", "mar"),
    ("april", "apr"),
    ("mei", "may"),
    ("juni", "june", "jun"),
    ("juli", "july", "jul"),
    ("agustus", "august", "agu", "agt", "ags", "aug"),
    ("september", "sept", "sep"),
    ("oktober", "october", "okt", "oct"),
    ("november", "nopember", "nov", "nop"),
    ("desember", "december", "des", "dec"),
)
MONTH_NUMBERS = {name: str(number) for number, names in enumerate(MONTHS, start=1) for name in names}
NAMES = "|".join(sorted(MONTH_NUMBERS, key=len, reverse=True))
OFFSET = "Z|[+-][0-9]{2}:?[0-9]{2}"
# Each directive: the part of a date that it holds, and how that part is written.
DIRECTIVES = {
    "Y": ("year", "[0-9]{4}"),
    "m": ("month", "[0-9]{1,2}"),
    "B": ("name", NAMES),
    "b": ("name", NAMES),
    "d": ("day", "[0-9]{1,2}"),
    "H": ("hour", "[0-9]{1,2}"),
    "I": ("hour12", "[0-9]{1,2}"),
    "M": ("minute", "[0-9]{1,2}"),
    "S": ("second", "[0-9]{1,2}"),
    "f": ("fraction", "[0-9]{1,9}"),
    "p": ("half", "[ap]m"),
    "z": ("offset", OFFSET),
}
DAY = "(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})"
ISO_DATE = rf"{DAY}(?:[T ]00:00(?::00(?:\.0+)?)?)?"
ISO_TIME = (
    rf"{DAY}[T ](?P<hour>[0-9]{{2}}):(?P<minute>[0-9]{{2}})(?::(?P<second>[0-9]{{2}})"
    rf"(?:[.,](?P<fraction>[0-9]{{1,9}}))?)?\s?(?P<offset>{OFFSET})?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """Times that were read, NaT where none was, and why not; both as the cells are indexed."""

    values: pd.Series
    why: pd.Series


def pattern_of(format_: str, *, has_time: bool) -> re.Pattern[str]:
    """The pattern of a ``strptime`` format; of ISO 8601 where it is empty.

    Raises
    ------
    ConfigError
        For a directive that is not read, a two-digit year, or a format that names no whole date.
    """
    if not format_:
        return re.compile(ISO_TIME if has_time else ISO_DATE, re.I)
    pieces, parts = [], []
    tokens = re.findall(r"%(.?)|([^%]+)", format_)
    is_plain = [True, *(bool(plain) or directive == "%" for directive, plain in tokens), True]
    for number, (directive, plain) in enumerate(tokens, start=1):
        if is_plain[number]:
            pieces.append(re.sub(r"(?:\\\s|\s)+", r"\\s+", re.escape(plain or "%")))
            continue
        part, written = _directive(directive, format_)
        parts.append(part)
        # Beside another part nothing says where this one ends: 1112021 may be two days.
        is_parted = is_plain[number - 1] and is_plain[number + 1]
        pieces.append(f"(?P<{part}>{written if is_parted else written.replace('{1,2}', '{2}')})")
    _refuse_parts(parts, format_, has_time=has_time)
    return re.compile("".join(pieces), re.I)


def _directive(letter: str, format_: str) -> tuple[str, str]:
    if letter == "y":
        raise ConfigError(f"format {format_!r}: years of two digits are not read; write %Y and whole years")
    if letter not in DIRECTIVES:
        known = " ".join(f"%{d}" for d in DIRECTIVES)
        raise ConfigError(f"format {format_!r}: %{letter} is not read; allowed: {known}")
    return DIRECTIVES[letter]


def _refuse_parts(parts: list[str], format_: str, *, has_time: bool) -> None:
    month = {"month", "name"} & set(parts)
    hours = {"hour", "hour12"} & set(parts)
    problems = [f"{part} stands twice" for part in sorted(set(parts)) if parts.count(part) > 1]
    problems += [f"{part} is missing" for part in ("year", "day") if part not in parts]
    problems += ["one month is needed, %m, %B or %b"] if len(month) != 1 else []
    problems += ["%I needs %p, and %p needs %I"] if ("hour12" in parts) != ("half" in parts) else []
    problems += ["hours are needed, %H or %I"] if has_time and len(hours) != 1 else []
    problems += ["a date has no hours; make the type datetime"] if hours and not has_time else []
    if problems:
        raise ConfigError(f"format {format_!r}: {'; '.join(problems)}")


def read_times(cells: pd.Series, format_: str, *, has_time: bool) -> Times:
    """Read cells by the format that their column declares, and by no other.

    Parameters
    ----------
    cells : Series of str
        Without outer blanks; none is empty.
    format_ : str
        As for ``strptime``, with names of months in English or Indonesian; ``excel`` or
        ``excel1904`` for serial numbers; empty for ISO 8601.
    has_time : bool
        Whether a time of day belongs to the value.

    Returns
    -------
    Times
        Local times as written. An offset is dropped where all rows have the same, or where the format
        asks for it with ``%z``; else the rows whose offset is not the most frequent are not read.
    """
    codes, texts = pd.factorize(cells)
    labels = pd.Series(texts, dtype="str")
    if format_ in EXCEL_FORMATS:
        days, why = _of_serials(labels, format_, has_time=has_time)
    else:
        parts = labels.str.extract(_whole(pattern_of(format_, has_time=has_time)), flags=re.I)
        days, why = _of_parts(parts, format_ or ("ISO 8601 time" if has_time else "YYYY-MM-DD"))
        if not format_ and has_time:
            why = _of_one_offset(why, parts["offset"].fillna(""), codes)
    days = np.where(why == "", days, np.datetime64("NaT"))
    return Times(
        values=pd.Series(days[codes], index=cells.index, dtype="datetime64[us]"),
        why=pd.Series(why[codes], index=cells.index, dtype="str"),
    )


def _whole(pattern: re.Pattern[str]) -> str:
    return rf"\A(?:{pattern.pattern})\Z"


def _integers(parts: pd.DataFrame, name: str, otherwise: int) -> npt.NDArray[np.int64]:
    if name not in parts:
        return np.full(len(parts), otherwise, dtype="int64")
    numbers = parts[name].astype("double[pyarrow]").fillna(otherwise).to_numpy(dtype="float64")
    return np.asarray(numbers, dtype=np.int64)


def _months(parts: pd.DataFrame) -> npt.NDArray[np.int64]:
    if "name" in parts:
        parts = parts.assign(month=parts["name"].str.lower().map(MONTH_NUMBERS).astype("str"))
    return _integers(parts, "month", 0)


def _hours(parts: pd.DataFrame) -> npt.NDArray[np.int64]:
    """Hours of 0 to 23; 24 where twelve-hour clocks have no such hour."""
    if "half" not in parts:
        return _integers(parts, "hour", 0)
    hour = _integers(parts, "hour12", 0)
    is_afternoon = (parts["half"].str.lower() == "pm").to_numpy(dtype=bool)
    return np.where((hour >= 1) & (hour <= 12), hour % 12 + 12 * is_afternoon, 24)


def _microseconds(parts: pd.DataFrame) -> npt.NDArray[np.int64]:
    if "fraction" not in parts:
        return np.zeros(len(parts), dtype="int64")
    digits = parts["fraction"].fillna("0").str.pad(6, side="right", fillchar="0").str.slice(0, 6)
    return _integers(parts.assign(fraction=digits), "fraction", 0)


def _of_parts(parts: pd.DataFrame, shown: str) -> tuple[npt.NDArray[np.datetime64], npt.NDArray[np.object_]]:
    """Put the parts of dates together; why not where there is no such day or time."""
    year, month, day = _integers(parts, "year", 0), _months(parts), _integers(parts, "day", 0)
    hour, minute, second = _hours(parts), _integers(parts, "minute", 0), _integers(parts, "second", 0)
    is_read = parts["year"].notna().to_numpy(dtype=bool)
    month_is = (month >= 1) & (month <= 12)
    first = ((year - 1970) * 12 + np.where(month_is, month, 1) - 1).astype("datetime64[M]")
    length = ((first + 1).astype("datetime64[D]") - first.astype("datetime64[D]")).astype("int64")
    exists = month_is & (day >= 1) & (day <= length) & (hour <= 23) & (minute <= 59) & (second <= 59)
    seconds = hour * 3600 + minute * 60 + second
    times = (
        first.astype("datetime64[us]")
        + ((day - 1) * 86_400 + seconds).astype("timedelta64[s]")
        + _microseconds(parts).astype("timedelta64[us]")
    )
    why = np.select(
        [~is_read, ~exists, (year < FIRST_YEAR) | (year > LAST_YEAR)],
        [f"not written as {shown}", "no such day or time", _outside()],
        "",
    )
    return times, why.astype(object)


def _outside() -> str:
    return f"a year outside {FIRST_YEAR} to {LAST_YEAR}"


def _of_one_offset(
    why: npt.NDArray[np.object_], offsets: pd.Series, codes: npt.NDArray[np.intp]
) -> npt.NDArray[np.object_]:
    """Refuse times whose offset from UTC is not that of most rows of the column."""
    read = why == ""
    same = offsets.str.upper().str.replace(":", "", regex=False).replace({"Z": "+0000", "-0000": "+0000"})
    rows = np.bincount(codes[codes >= 0], minlength=len(same))
    counts = pd.Series(np.where(read, rows, 0)).groupby(same.to_numpy()).sum()
    if (counts > 0).sum() <= 1:
        return why
    usual = str(counts.sort_index().idxmax())
    others = f"an offset from UTC other than that of most rows, {usual or 'none'}"
    note = f"{others}; with %z in the format it is dropped"
    return np.where(read & (same != usual).to_numpy(dtype=bool), note, why).astype(object)


def _of_serials(
    labels: pd.Series, format_: str, *, has_time: bool
) -> tuple[npt.NDArray[np.datetime64], npt.NDArray[np.object_]]:
    """Read the day numbers of a workbook, to the millisecond.

    Its 1900 calendar has a 29 February 1900 that never was, number 60; days before it count from
    31 December 1899.
    """
    is_read = labels.str.fullmatch(r"[0-9]{1,6}(?:\.[0-9]+)?").to_numpy(dtype=bool)
    serial = labels.where(is_read, "0").astype("double[pyarrow]").to_numpy(dtype="float64")
    zero = np.where(serial < 60, np.datetime64("1899-12-31", "ms"), np.datetime64("1899-12-30", "ms"))
    if format_ == "excel1904":
        zero = np.full(len(labels), np.datetime64("1904-01-01", "ms"))
    times = (zero + np.rint(serial * 86_400_000).astype("timedelta64[ms]")).astype("datetime64[us]")
    year = times.astype("datetime64[Y]").astype("int64") + 1970
    never = (np.floor(serial) == 60) & (format_ == "excel")
    why = np.select(
        [
            ~is_read,
            never,
            (year < FIRST_YEAR) | (year > LAST_YEAR),
            (serial % 1 != 0) & (not has_time),
        ],
        [f"not a serial number ({format_})", "no such day or time", _outside(), "a date with a time of day"],
        "",
    )
    return times, why.astype(object)
