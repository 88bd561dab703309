"""Raw files as text: every cell as it was delivered, with the file and row it came from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from impacteval.codebook import Codebook
from impacteval.delivery import SourceTable
from impacteval.errors import DataError
from impacteval.survey.archives import unpacked_member
from impacteval.survey.csv_files import read_csv
from impacteval.survey.headers import SOURCE_COLUMNS
from impacteval.survey.parents import linked_columns, with_parent
from impacteval.survey.parquet_files import read_parquet_text
from impacteval.survey.problems import (
    FileProblem,
    RawFileError,
    errors_among,
    raise_errors,
    unknown_columns,
)
from impacteval.survey.raw_file import FileText, RawFile, size_problems, unusable
from impacteval.survey.source_options import wrong_options
from impacteval.survey.statistical_files import read_statistical
from impacteval.survey.workbooks import read_workbook

# The format of columns of numbers with a decimal comma.
INDONESIAN = "id"

__all__ = [
    "SOURCE_COLUMNS",
    "FileProblem",
    "RawFileError",
    "read_all",
    "read_table",
    "read_tables",
    "unknown_columns",
]


def read_tables(folder: Path, tables: Sequence[SourceTable], codebook: Codebook) -> dict[str, pd.DataFrame]:
    """Read all tables of a study.

    Parameters
    ----------
    folder : Path
        Where the raw files lie.
    tables : sequence of SourceTable
        Their files and formats.
    codebook : Codebook
        Declares the columns of each table; others are left behind.

    Returns
    -------
    dict of DataFrame
        By name of the table, as ``read_table`` returns it; columns of a parent are added.

    Raises
    ------
    RawFileError
        Listing everything wrong with all files of all tables.
    """
    text, problems = read_all(folder, tables, codebook)
    raise_errors(problems)
    return text


def read_all(
    folder: Path, tables: Sequence[SourceTable], codebook: Codebook
) -> tuple[dict[str, pd.DataFrame], tuple[FileProblem, ...]]:
    """Read the tables that can be read, and list what is wrong with, or worth knowing of, all files.

    A table with an error is left out; so is one whose parent is left out. Remarks below an error
    (``severity``) keep no table out.
    """
    _refuse_wrong_options(tables)
    needed = linked_columns(tables)
    text: dict[str, pd.DataFrame] = {}
    problems: list[FileProblem] = []
    for table in tables:
        wanted = _from_files(table, codebook, needed)
        comma = frozenset(v.column for v in codebook.of_table(table.name) if v.format == INDONESIAN)
        found, remarks = _read_files(folder, table, wanted, decimal_comma=comma)
        problems += remarks
        if found is not None:
            text[table.name] = found
    for table in _parents_first(tables):
        problems += _link(text, table)
    ordered = {t.name: text[t.name] for t in tables if t.name in text}
    kept = {name: frame[[*SOURCE_COLUMNS, *codebook.columns(name)]] for name, frame in ordered.items()}
    return kept, tuple(problems)


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
        header is line 1), for a workbook its row in Excel, for Stata, SPSS and Parquet the number of
        the observation, from 1. Missing is empty text; a Stata extended missing value is shown as
        ``.a`` to ``.z``, a Stata date as its number.

    Raises
    ------
    RawFileError
        Listing everything wrong with the files of the table.
    """
    _refuse_wrong_options([table])
    if table.parent:
        raise DataError(
            f"table {table.name} takes columns of {table.parent.table}; read both with read_tables"
        )
    frame, problems = _read_files(folder, table, tuple(columns))
    raise_errors(problems)
    if frame is None:
        raise DataError(f"table {table.name} has no files")
    return frame


def _refuse_wrong_options(tables: Sequence[SourceTable]) -> None:
    problems = [problem for table in tables for problem in wrong_options(table)]
    if problems:
        raise DataError("\n".join(problems))


def _from_files(
    table: SourceTable, codebook: Codebook, needed: Mapping[str, tuple[str, ...]]
) -> tuple[str, ...]:
    """Columns to look for in the files of a table: the codebook's and links', without carried ones."""
    carried = table.parent.carried if table.parent else ()
    wanted = dict.fromkeys([*codebook.columns(table.name), *needed[table.name]])
    return tuple(c for c in wanted if c not in carried)


def _read_files(
    folder: Path, table: SourceTable, wanted: tuple[str, ...], *, decimal_comma: frozenset[str] = frozenset()
) -> tuple[pd.DataFrame | None, list[FileProblem]]:
    """Stack the files of a table; no frame where one of them cannot be used."""
    frames: list[pd.DataFrame] = []
    problems: list[FileProblem] = []
    for name in table.files:
        file = RawFile(path=folder / name, name=name, table=table, wanted=wanted, decimal_comma=decimal_comma)
        content = _read_file(file)
        problems += content.problems
        if content.columns is not None and not errors_among(content.problems):
            frames.append(_placed(content, file))
    n_rows = sum(len(f) for f in frames)
    if n_rows > table.max_rows and len(frames) > 1:
        message = f"{n_rows:,} rows in all files, more than max_rows ({table.max_rows:,})"
        suggestion = "raise max_rows of the table if it is meant to be so long"
        problems.append(
            FileProblem(code="C03", table=table.name, file="", message=message, suggestion=suggestion)
        )
    if errors_among(problems) or not frames:
        return None, problems
    return pd.concat(frames, ignore_index=True), problems


def _read_file(file: RawFile) -> FileText:
    problems = size_problems(file)
    if problems:
        return unusable(problems)
    readers = {
        "csv": read_csv,
        "xlsx": read_workbook,
        "stata": read_statistical,
        "spss": read_statistical,
        "parquet": read_parquet_text,
    }
    try:
        with unpacked_member(file) as unpacked:
            return readers[file.table.format](unpacked)
    except RawFileError as error:
        return unusable(error.problems)


def _placed(content: FileText, file: RawFile) -> pd.DataFrame:
    """Put a file's columns in the wanted order, with given and absent ones, behind the place of each row."""
    n_rows = len(content.rows)
    columns = {
        "source_file": pd.Series([file.name] * n_rows, dtype="str"),
        "source_row": pd.Series(content.rows, dtype="int64"),
    }
    found = content.columns or {}
    for name in file.wanted:
        given = file.detail.constants.get(name, "")
        columns[name] = found[name] if name in found else pd.Series([given] * n_rows, dtype="str")
    return pd.DataFrame(columns)


def _parents_first(tables: Sequence[SourceTable]) -> list[SourceTable]:
    """Tables with parents, each after its own parent; circles are refused before anything is read."""
    waiting, ordered = [t for t in tables if t.parent], []
    while waiting:
        names = {t.name for t in waiting}
        ready = [t for t in waiting if t.parent and t.parent.table not in names]
        if not ready:
            circle = ", ".join(sorted(names))
            raise DataError(f"tables {circle}: each is a parent of another; parents may not go in a circle")
        ordered += ready
        waiting = [t for t in waiting if t not in ready]
    return ordered


def _link(text: dict[str, pd.DataFrame], table: SourceTable) -> Sequence[FileProblem]:
    """Add the parent's columns to a table that was read, or take the table out."""
    link = table.parent
    if link is None or table.name not in text:
        return ()
    if link.table not in text:
        del text[table.name]
        message = f"needs columns of table {link.table}, which cannot be used"
        return [FileProblem(code="C10", table=table.name, file="", message=message)]
    linked = with_parent(text[table.name], text[link.table], table, link)
    text[table.name] = linked.frame
    if errors_among(linked.problems):
        del text[table.name]
    return linked.problems
