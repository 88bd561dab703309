"""Raw files as text: every cell as it was delivered, with the file and row it came from."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pandas as pd

from impacteval.codebook import Codebook
from impacteval.design import SourceTable
from impacteval.errors import DataError, nearest, raise_together

csv.field_size_limit(1_000_000)
SOURCE_COLUMNS = ("source_file", "source_row")


def read_tables(folder: Path, tables: Sequence[SourceTable], codebook: Codebook) -> dict[str, pd.DataFrame]:
    """Read all tables of a study as ``read_table`` does, listing what is wrong with any of them."""
    text, problems = {}, []
    for table in tables:
        try:
            text[table.name] = read_table(folder, table, codebook.columns(table.name))
        except DataError as error:
            problems.append(str(error))
    if problems:
        raise DataError("\n".join(problems))
    return text


def read_table(folder: Path, table: SourceTable, columns: Sequence[str]) -> pd.DataFrame:
    """Read the files of one table.

    Parameters
    ----------
    folder : Path
        Where the raw files lie.
    table : SourceTable
        Its files and their format.
    columns : sequence of str
        Columns that the codebook declares; the others are left behind.

    Returns
    -------
    DataFrame
        Text columns, and ``source_file`` and ``source_row``: for CSV the line a row begins on (the
        header is line 1), for Stata the number of the observation, from 1. Missing is empty text;
        a Stata extended missing value is shown as ``.a`` to ``.z``, a Stata date as its number.

    Raises
    ------
    DataError
        Listing everything wrong with the files of the table.
    """
    frames, problems = [], []
    for name in table.files:
        try:
            if table.format == "csv":
                frame = _read_csv(folder / name, table, columns)
            else:
                frame = _read_stata(folder / name, columns)
            frames.append(frame)
        except DataError as error:
            problems += str(error).split("\n")
    raise_together(problems, DataError, f"table {table.name}")
    return pd.concat(frames, ignore_index=True)


def _check_columns(found: Sequence[str], columns: Sequence[str], name: str) -> None:
    problems = [
        f"{name}: the column name {c!r} is kept for the place of a row; rename the column"
        for c in SOURCE_COLUMNS
        if c in found
    ]
    problems += [
        f"{name}: column {c!r} of the codebook is not in the file; {nearest(c, found)}"
        for c in columns
        if c not in found
    ]
    if problems:
        raise DataError("\n".join(problems))


def _placed(frame: pd.DataFrame, name: str, rows: Sequence[int]) -> pd.DataFrame:
    """Put before a file's columns its name and the row that each record has there."""
    frame.insert(0, "source_file", pd.Series([name] * len(rows), dtype="str"))
    frame.insert(1, "source_row", pd.Series(rows, dtype="int64"))
    return frame


def _records(path: Path, table: SourceTable) -> Iterator[tuple[int, list[str]]]:
    """Yield each record of a CSV file with the line it begins on."""
    with path.open(encoding=table.encoding, errors="strict", newline="") as lines:
        reader = csv.reader(lines, delimiter=table.delimiter, strict=True)
        begins = 1
        while True:
            try:
                record = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                raise DataError(
                    f"{path.name}, line {begins}: {error}; check the quotes on this line"
                ) from error
            yield begins, record
            begins = reader.line_num + 1


def _undecodable(path: Path, encoding: str) -> DataError:
    """Find the line with the first byte that the declared encoding does not have."""
    for number, line in enumerate(path.read_bytes().split(b"\n"), start=1):
        try:
            line.decode(encoding)
        except UnicodeDecodeError as error:
            found = " ".join(f"{byte:02x}" for byte in line[error.start : error.start + 4])
            return DataError(
                f"{path.name}, line {number}: the bytes {found} are not {encoding}; declare the file's "
                "encoding in study.yaml or save it as UTF-8"
            )
    return DataError(f"{path.name}: not {encoding}; declare the file's encoding in study.yaml")


def _read_csv(path: Path, table: SourceTable, columns: Sequence[str]) -> pd.DataFrame:
    try:
        records = list(_records(path, table))
    except UnicodeError as error:
        raise _undecodable(path, table.encoding) from error
    if not records:
        raise DataError(f"{path.name}: empty; expected a header and rows")
    header = [name.removeprefix("\ufeff") for name in records[0][1]]
    problems = [
        f"{path.name}, line 1: the column {name!r} stands twice; rename one"
        for name in sorted({n for n in header if header.count(n) > 1})
    ]
    rows = [(begins, record) for begins, record in records[1:] if record]
    problems += [
        f"{path.name}, line {begins}: {len(record)} cells where the header has {len(header)}; "
        "look for a missing or unquoted separator"
        for begins, record in rows
        if len(record) != len(header)
    ]
    problems += [
        f"{path.name}, line {begins}: a NUL character; the file is damaged or not text"
        for begins, record in rows
        if any("\0" in cell for cell in record)
    ]
    if problems:
        raise DataError("\n".join(problems[:50]))
    _check_columns(header, columns, path.name)
    frame = pd.DataFrame([record for _, record in rows], columns=header, dtype="str")
    return _placed(frame[list(columns)], path.name, [begins for begins, _ in rows])


def _read_stata(path: Path, columns: Sequence[str]) -> pd.DataFrame:
    import pyreadstat

    try:
        values, meta = pyreadstat.read_dta(path, user_missing=True, disable_datetime_conversion=True)
    except (pyreadstat.ReadstatError, ValueError, UnicodeError, MemoryError) as error:
        raise DataError(
            f"{path.name}: not a whole Stata file ({error}); "
            "fetch it again and compare its hash with raw.lock"
        ) from error
    if meta.number_rows is not None and len(values) != meta.number_rows:
        raise DataError(
            f"{path.name}: {meta.number_rows} rows announced, {len(values)} found; fetch it again"
        )
    _check_columns([str(name) for name in values.columns], columns, path.name)
    text = {}
    for name in columns:
        if meta.readstat_variable_types[name] == "string":
            text[name] = pd.Series(list(values[name].fillna("")), dtype="str")
        else:
            labels = meta.variable_value_labels.get(name, {})
            text[name] = pd.Series([_stata_text(v, labels) for v in values[name]], dtype="str")
    return _placed(pd.DataFrame(text), path.name, range(1, len(values) + 1))


def _stata_text(value: float | str | None, labels: Mapping[float | int, str]) -> str:
    """Show a number of a Stata file as text: its label, else its shortest decimal form.

    The system missing value is empty; an extended one comes as its letter and is shown as ``.a``.
    """
    if isinstance(value, str):
        return f".{value}"
    if value is None or math.isnan(value):
        return ""
    if value in labels:
        return labels[value]
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    return str(value)
