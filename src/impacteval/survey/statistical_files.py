"""Stata and SPSS files as text: labels in place of codes, and missing values that keep their reason."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from impacteval.survey.headers import ColumnMatch, match_columns
from impacteval.survey.number_text import duration_text, number_text
from impacteval.survey.problems import FileProblem, RawFileError
from impacteval.survey.raw_file import FileText, RawFile, unusable
from impacteval.survey.spss_files import spss_batches, spss_meta, unpacked_spss
from impacteval.survey.stata_files import stata_batches, stata_meta
from impacteval.survey.statistical_meta import Batch, FileMeta, FileVariable, Value
from impacteval.survey.text_columns import TextColumns

# SPSS counts seconds from the first day of the Gregorian calendar.
SPSS_EPOCH = dt.datetime(1582, 10, 14)
SPSS_DAYS = ("DATE", "ADATE", "EDATE", "JDATE", "SDATE", "QYR", "MOYR", "WKYR")
SPSS_MOMENTS = ("DATETIME", "YMDHMS")
SPSS_DURATIONS = ("TIME", "DTIME", "MTIME")
ICONV = {"cp1252": "WINDOWS-1252", "latin-1": "ISO-8859-1"}


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedFile:
    """A Stata or SPSS file: what it says of itself, and its rows, batch by batch, for some columns."""

    meta: FileMeta
    batches: Callable[[Sequence[str]], Iterable[Batch]]


def read_statistical(file: RawFile) -> FileText:
    """Read a Stata or SPSS file as text; a record's row is the number of its observation, from 1.

    A labelled value is shown by its label, another number by its shortest decimal form. A Stata
    extended missing value is ``.a`` to ``.z``; a value that SPSS was told to hold as missing keeps
    its code, so that ``missing_codes`` can name it. A Stata date is its number, an SPSS date ISO text.
    """
    try:
        with _opened(file) as opened:
            return _read_text(opened, match_columns(opened.meta.names, file), file)
    except RawFileError as error:
        return unusable(error.problems)
    except Exception as error:  # pyreadstat has some fifteen kinds for damaged files
        what = "Stata" if file.table.format == "stata" else "SPSS"
        message = f"not a whole {what} file ({type(error).__name__}: {str(error)[:100]})"
        return unusable([file.error("C02", message, "fetch it again and compare its hash with raw.lock")])


@contextmanager
def _opened(file: RawFile) -> Iterator[OpenedFile]:
    """Open a file whose announced rows its table may have; old Stata files do not say their encoding."""
    encoding = ICONV.get(file.table.encoding)
    if file.table.format == "stata":
        meta = stata_meta(file.path, encoding)
        _refuse_false_size(meta, file)
        yield OpenedFile(
            meta=meta, batches=lambda names: stata_batches(file.path, names, meta.n_rows, encoding)
        )
        return
    with unpacked_spss(file.path, file.table.max_rows, encoding) as folder:
        meta = spss_meta(folder)
        yield OpenedFile(meta=meta, batches=lambda names: spss_batches(folder, meta, names))


def _refuse_false_size(meta: FileMeta, file: RawFile) -> None:
    """Refuse a Stata file that announces more cells than it has bytes, before any room is made for them."""
    n_bytes, n_columns = file.path.stat().st_size, len(meta.variables)
    if (meta.n_rows or 0) * n_columns > n_bytes:
        message = f"{meta.n_rows:,} rows of {n_columns:,} columns announced in {n_bytes:,} bytes"
        raise RawFileError([file.error("C03", message, "the file is damaged; fetch it again")])


def _read_text(opened: OpenedFile, match: ColumnMatch, file: RawFile) -> FileText:
    meta, max_rows = opened.meta, file.table.max_rows
    suggestion = "raise max_rows of the table if the file is meant to be so long"
    if (meta.n_rows or 0) > max_rows:
        return unusable(
            [file.error("C03", f"{meta.n_rows:,} rows, more than max_rows ({max_rows:,})", suggestion)]
        )
    shows = {i: _shown(meta.variables[i], file) for i in sorted(match.positions.values())}
    columns, n_rows = TextColumns(meta.names, match, file), 0
    for batch in opened.batches([meta.names[i] for i in shows] or meta.names[:1]):
        text = {i: _column_text(batch.columns[meta.names[i]], show) for i, show in shows.items()}
        columns.add_columns(text, range(batch.first_row, batch.first_row + batch.n_rows))
        n_rows += batch.n_rows
    return columns.finish([*match.problems, *_count_problems(n_rows, meta, file)])


def _count_problems(n_rows: int, meta: FileMeta, file: RawFile) -> list[FileProblem]:
    announced = meta.n_rows
    if announced is not None and announced >= 0 and n_rows != announced:
        return [file.error("C03", f"{announced} rows announced, {n_rows} found", "fetch it again")]
    if n_rows > file.table.max_rows:
        message = f"more than {file.table.max_rows:,} rows (max_rows)"
        return [file.error("C03", message, "raise max_rows of the table if the file is meant to be so long")]
    return []


def _column_text(values: Sequence[Value], show: Callable[[str | float], str]) -> list[str]:
    """Text of a column, each distinct value being written once; missing is empty."""
    known: dict[str | float, str] = {}
    text = []
    for value in values:
        if value is None or value != value:  # noqa: PLR0124 - not-a-number differs from itself
            text.append("")
            continue
        shown = known.get(value)
        if shown is None:
            shown = known[value] = show(value)
        text.append(shown)
    return text


def _shown(variable: FileVariable, file: RawFile) -> Callable[[str | float], str]:
    """How the values of a column are shown."""
    if file.table.format == "spss":
        return _spss_shown(variable)
    if variable.is_text:
        return str
    labels = variable.choices
    return lambda value: f".{value}" if isinstance(value, str) else labels.get(value, number_text(value))


def _spss_shown(variable: FileVariable) -> Callable[[str | float], str]:
    kind = variable.shown_as.rstrip("0123456789.")

    def show(value: str | float) -> str:
        if value in variable.choices and not is_user_missing(value, variable.missing):
            return variable.choices[value]
        return value if isinstance(value, str) else _spss_time(value, kind)

    return show


def is_user_missing(value: str | float, missing: Sequence[tuple[str | float, str | float]]) -> bool:
    """Whether a value lies in a range that the file declares missing."""
    for low, high in missing:
        if isinstance(value, str):
            if value == low:
                return True
        elif not isinstance(low, str) and not isinstance(high, str) and low <= value <= high:
            return True
    return False


def _spss_time(value: float, kind: str) -> str:
    """A number, or the day, moment or duration that its format says it is."""
    try:
        if kind in SPSS_DURATIONS:
            return duration_text(dt.timedelta(seconds=value))
        if kind in SPSS_DAYS or kind in SPSS_MOMENTS:
            moment = SPSS_EPOCH + dt.timedelta(seconds=value)
            is_day = kind in SPSS_DAYS and moment.time() == dt.time()
            return (moment.date() if is_day else moment).isoformat()
    except (OverflowError, ValueError):
        return number_text(value)
    return number_text(value)
