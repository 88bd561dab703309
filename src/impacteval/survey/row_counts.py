"""How many rows each raw file delivers, compared with how many it had when it was locked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import pandas as pd

from impacteval.delivery import SourceTable
from impacteval.provenance import LockedFile
from impacteval.survey.problems import FileProblem


def rows_by_file(text: Mapping[str, pd.DataFrame], tables: Sequence[SourceTable]) -> dict[str, int]:
    """Rows read from each file, of all tables that it holds.

    Parameters
    ----------
    text : mapping
        As ``read_all`` returns it. Files of a table that could not be read are left out.
    """
    unread = {file for table in tables if table.name not in text for file in table.files}
    counts: dict[str, int] = {}
    for table in tables:
        if table.name in text:
            found = text[table.name]["source_file"].value_counts()
            for file in table.files:
                counts[file] = counts.get(file, 0) + int(found.get(file, 0))
    return {file: n for file, n in counts.items() if file not in unread}


def count_problems(
    text: Mapping[str, pd.DataFrame], tables: Sequence[SourceTable], lock: Iterable[LockedFile]
) -> tuple[FileProblem, ...]:
    """Files of which more or fewer rows are read than were when they were locked.

    A lock without the number of a file says nothing of it.
    """
    found = rows_by_file(text, tables)
    expected = {f.file: f.n_rows for f in lock if f.n_rows is not None}
    table_of = {file: table.name for table in reversed(tables) for file in table.files}
    return tuple(
        FileProblem(
            code="C03",
            table=table_of[file],
            file=file,
            message=f"{n} {_rows(n)} read, {difference(n, expected[file])} when it was locked",
            suggestion="see how study.yaml says to read it; if the file is what was delivered, lock it again",
        )
        for file, n in found.items()
        if file in expected and n != expected[file]
    )


def difference(n: int, before: int) -> str:
    """How a number of rows compares with an earlier one: ``2 fewer than the 120``."""
    return f"{abs(n - before)} {'more' if n > before else 'fewer'} than the {before}"


def count_lines(found: Mapping[str, int], lock: Iterable[LockedFile]) -> list[str]:
    """One line for each file: its rows, and how many more or fewer these are than in an earlier lock."""
    before = {f.file: f.n_rows for f in lock if f.n_rows is not None}
    return [_line(file, n, before.get(file)) for file, n in sorted(found.items())]


def _line(file: str, n: int, before: int | None) -> str:
    said = f"{file}: {n} {_rows(n)}"
    return said if before in (None, n) else f"{said}, {difference(n, before or 0)} locked before"


def _rows(n: int) -> str:
    return "row" if n == 1 else "rows"
