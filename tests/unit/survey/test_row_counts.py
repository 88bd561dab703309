"""Rows of raw files, counted and compared with those of the lock."""

from __future__ import annotations

import pandas as pd
import pytest

from impacteval.delivery import SourceTable
from impacteval.provenance import LockedFile
from impacteval.survey.row_counts import count_lines, count_problems, rows_by_file

BASE = SourceTable(name="firms", files=("one.csv", "two.csv"), format="csv")
BOOK = tuple(
    SourceTable(name=name, files=("book.xlsx",), format="xlsx", sheet=name) for name in ("north", "south")
)


def text(**counts):
    """A table whose files have so many rows."""
    files = [file.replace("_", ".") for file, n in counts.items() for _ in range(n)]
    return pd.DataFrame({"source_file": pd.Series(files, dtype="str")})


def entry(file, n_rows):
    return LockedFile(file=file, size_bytes=1, sha256="0" * 64, n_rows=n_rows)


def test_rows_are_counted_by_file_and_a_file_without_rows_has_none():
    assert rows_by_file({"firms": text(one_csv=2)}, [BASE]) == {"one.csv": 2, "two.csv": 0}


def test_rows_of_all_tables_of_a_file_are_added_up():
    read = {"north": text(book_xlsx=2), "south": text(book_xlsx=3)}
    assert rows_by_file(read, BOOK) == {"book.xlsx": 5}


def test_files_of_a_table_that_was_not_read_are_not_counted():
    assert rows_by_file({"north": text(book_xlsx=2)}, BOOK) == {}


@pytest.mark.parametrize(
    ("n", "said"), [(3, "2 rows read, 1 fewer than the 3"), (1, "2 rows read, 1 more than the 1")]
)
def test_another_number_than_locked_is_an_error(n, said):
    (problem,) = count_problems({"firms": text(one_csv=2)}, [BASE], [entry("one.csv", n)])
    assert (problem.code, problem.severity, problem.table, problem.file) == (
        "C03",
        "error",
        "firms",
        "one.csv",
    )
    assert said in problem.message


@pytest.mark.parametrize(
    "lock", [[], [entry("one.csv", 2)], [entry("one.csv", None)], [entry("gone.csv", 9)]]
)
def test_the_same_number_and_an_unknown_one_are_no_problem(lock):
    assert count_problems({"firms": text(one_csv=2)}, [BASE], lock) == ()


def test_lines_compare_with_the_lock_before():
    lock = [entry("a.csv", 3), entry("b.csv", 1), entry("c.csv", 1)]
    assert count_lines({"b.csv": 1, "a.csv": 1, "c.csv": 4, "d.csv": 0}, lock) == [
        "a.csv: 1 row, 2 fewer than the 3 locked before",
        "b.csv: 1 row",
        "c.csv: 4 rows, 3 more than the 1 locked before",
        "d.csv: 0 rows",
    ]
