"""What holds for all formats: sizes, options, several tables, and rows of repeat groups."""

from __future__ import annotations

import os
import time
from dataclasses import replace

import pytest

from impacteval.delivery import FileDetail, ParentLink, SourceTable
from impacteval.errors import DataError
from impacteval.survey.read import RawFileError, read_all, read_table, read_tables
from impacteval.survey.source_options import wrong_options
from support.raw_files import delivered, problems_of, read_bytes, shown
from support.surveys import in_table
from support.tables import codebook, variable

FIRMS = b"KEY,firm,round\nk1,F1,1\nk2,F2,1\n"
WORKERS = b"PARENT,age\nk2,31\nk1,25\nk2,44\n"
LINK = ParentLink(table="firms", own="PARENT", key="KEY", carried=("firm", "round"))
BOOK = codebook(
    *(variable(c) for c in ("firm", "round")),
    *in_table("workers", *(variable(c) for c in ("round", "age", "firm"))),
)


def two_tables(folder, firms=FIRMS, workers=WORKERS, link=LINK):
    return [
        delivered(folder, workers, "workers.csv", table="workers", parent=link),
        delivered(folder, firms, "firms.csv"),
    ]


def test_sparse_file_of_ten_gigabytes_is_refused_by_its_size_alone(tmp_path):
    with (tmp_path / "firms.csv").open("wb") as file:
        file.truncate(10_000_000_000)
    began = time.perf_counter()
    with pytest.raises(DataError, match=r"firms.csv: 10,000 MB, more than max_megabytes \(500\)"):
        read_table(tmp_path, SourceTable(name="firms", files=("firms.csv",), format="csv"), ("firm",))
    assert time.perf_counter() - began < 1


@pytest.mark.parametrize("format_", ["csv", "xlsx", "stata", "spss", "parquet"])
def test_missing_empty_and_other_things_are_refused_in_every_format(tmp_path, format_):
    (tmp_path / "empty").write_bytes(b"")
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    table = SourceTable(name="firms", files=("gone", "empty", "folder", "pipe"), format=format_)
    with pytest.raises(RawFileError) as caught:
        read_table(tmp_path, table, ("firm",))
    assert [(p.file, p.code) for p in caught.value.problems] == [
        ("gone", "C01"),
        ("empty", "C03"),
        ("folder", "C01"),
        ("pipe", "C01"),
    ]


@pytest.mark.parametrize("format_", ["csv", "xlsx", "stata", "spss", "parquet"])
def test_bytes_of_another_kind_are_refused_in_every_format(tmp_path, format_):
    for content in (bytes(range(256)) * 9, b"\0" * 999, b"PK\x03\x04" + b"\1" * 99):
        problems = problems_of(tmp_path, content, "raw", format=format_)
        assert shown(problems) != ""
        assert all(p.file == "raw" for p in problems)


def test_rows_of_all_files_count_against_the_limit(tmp_path):
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_bytes(b"firm\n1\n2\n")
    table = SourceTable(name="firms", files=("a.csv", "b.csv"), format="csv", max_rows=3)
    with pytest.raises(DataError, match="table firms: 4 rows in all files, more than max_rows"):
        read_table(tmp_path, table, ("firm",))


def test_files_may_differ_in_their_details(tmp_path):
    (tmp_path / "a.csv").write_bytes(b"firm,sales\n1,10\n")
    (tmp_path / "b.csv").write_bytes(b"firm,turnover\n1,20\n")
    details = (
        FileDetail(file="a.csv", constants={"round": "1"}, absent=("trained",)),
        FileDetail(
            file="b.csv", constants={"round": "2"}, renamed={"turnover": "sales"}, absent=("trained",)
        ),
    )
    table = SourceTable(name="firms", files=("a.csv", "b.csv"), format="csv", details=details)
    frame = read_table(tmp_path, table, ("firm", "round", "sales", "trained"))
    assert frame.drop(columns=["source_file", "source_row"]).to_numpy().tolist() == [
        ["1", "1", "10", ""],
        ["1", "2", "20", ""],
    ]


def test_tables_that_can_be_read_come_beside_the_problems_of_the_others(tmp_path):
    tables = [
        delivered(tmp_path, b"firm,x\n1,2\n", "firms.csv"),
        delivered(tmp_path, b"firm\n1,2\n", "census.csv", table="census"),
    ]
    book = codebook(variable("firm"), *in_table("census", variable("firm")))
    text, problems = read_all(tmp_path, tables, book)
    assert list(text) == ["firms"]
    assert {(p.table, p.severity) for p in problems} == {("firms", "info"), ("census", "error")}
    with pytest.raises(RawFileError, match="raw files: 1 problem"):
        read_tables(tmp_path, tables, book)


def test_repeat_rows_get_the_columns_of_their_submission(tmp_path):
    text = read_tables(tmp_path, two_tables(tmp_path), BOOK)
    assert list(text) == ["workers", "firms"]
    assert text["workers"].columns.tolist() == ["source_file", "source_row", "round", "age", "firm"]
    assert text["workers"]["firm"].tolist() == ["F2", "F1", "F2"]
    assert text["workers"]["age"].tolist() == ["31", "25", "44"]
    assert text["firms"].columns.tolist() == ["source_file", "source_row", "firm", "round"]
    assert (text["workers"].dtypes.drop("source_row") == "str").all()


def test_repeat_rows_keep_their_columns_whatever_the_order_of_submissions(tmp_path):
    turned = b"KEY,firm,round\nk2,F2,1\nk1,F1,1\n"
    found = read_tables(tmp_path, two_tables(tmp_path, turned), BOOK)["workers"]
    assert found["firm"].tolist() == ["F2", "F1", "F2"]


def test_repeat_of_a_repeat_gets_what_its_parent_carries(tmp_path):
    link = ParentLink(table="workers", own="UP", key="KEY2", carried=("firm", "age"))
    days = delivered(tmp_path, b"UP,hours\nw1,8\nw2,7\n", "days.csv", table="days", parent=link)
    workers = b"PARENT,KEY2,age\nk2,w1,31\nk1,w2,25\n"
    book = codebook(*BOOK.variables, *in_table("days", *(variable(c) for c in ("hours", "firm", "age"))))
    found = read_tables(tmp_path, [days, *two_tables(tmp_path, workers=workers)], book)["days"]
    assert found[["hours", "firm", "age"]].to_numpy().tolist() == [["8", "F2", "31"], ["7", "F1", "25"]]


def test_rows_without_a_submission_are_listed_and_their_table_left_out(tmp_path):
    tables = two_tables(tmp_path, workers=WORKERS + b"k9,20\n,21\n")
    text, problems = read_all(tmp_path, tables, BOOK)
    assert list(text) == ["firms"]
    found = [(p.code, p.file, p.row) for p in problems if p.severity == "error"]
    assert found == [("C10", "workers.csv", 5), ("C10", "workers.csv", 6)]
    assert "row 5: PARENT names no row of table firms (KEY)" in shown(problems)
    assert "row 6: PARENT is empty" in shown(problems)
    assert "k9" not in shown(problems)


def test_orphans_of_an_empty_parent_are_listed(tmp_path):
    _, problems = read_all(tmp_path, two_tables(tmp_path, b"KEY,firm,round\n"), BOOK)
    assert [p.row for p in problems if p.severity == "error"] == [2, 3, 4]


def test_many_orphans_are_counted_after_the_first(tmp_path):
    _, problems = read_all(tmp_path, two_tables(tmp_path, workers=b"PARENT,age\n" + b"x,1\n" * 30), BOOK)
    assert len([p for p in problems if p.severity == "error"]) == 21
    assert "10 more rows like these" in shown(problems)


def test_key_that_two_submissions_have_is_refused(tmp_path):
    text, problems = read_all(tmp_path, two_tables(tmp_path, FIRMS + b"k1,F7,1\n"), BOOK)
    assert "firms.csv, row 4: KEY is the key of a repeat group and stands twice" in shown(problems)
    assert list(text) == ["firms"]


def test_repeat_whose_submissions_cannot_be_read_is_left_out_and_says_so(tmp_path):
    text, problems = read_all(tmp_path, two_tables(tmp_path, b"KEY\nk1,2\n"), BOOK)
    assert text == {}
    assert "table workers: needs columns of table firms, which cannot be used" in shown(problems)


def test_tables_that_are_parents_of_each_other_are_refused(tmp_path):
    tables = two_tables(tmp_path)
    back = replace(LINK, table="workers", carried=("age",))
    with pytest.raises(DataError, match="parents may not go in a circle"):
        read_all(tmp_path, [tables[0], replace(tables[1], parent=back)], BOOK)


def test_table_with_a_parent_is_not_read_alone(tmp_path):
    with pytest.raises(DataError, match="read both with read_tables"):
        read_table(tmp_path, two_tables(tmp_path)[0], ("age",))


def table(**options):
    return SourceTable(**{"name": "firms", "files": ("a.csv",), "format": "csv", **options})


def detailed(**options):
    return (FileDetail(file="a.csv", **options),)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"format": "xlsx", "delimiter": ";"}, "delimiter: xlsx files have none"),
        ({"format": "parquet", "encoding": "cp1252"}, "encoding cp1252: parquet files say theirs"),
        ({"format": "stata", "encoding": "utf-16"}, "encoding utf-16: stata files"),
        ({"sheet": "Data"}, "sheet: csv files have none"),
        ({"format": "stata", "group_separator": "/"}, "group_separator /: no name in a stata file"),
        ({"format": "spss", "group_separator": "-"}, "group_separator -: no name in a spss file"),
        ({"member": "x.csv"}, "member: only for files that end in .zip"),
        ({"files": ("a.zip",)}, "member: name the file to read"),
        ({"details": (FileDetail(file="b.csv"),)}, "details: 'b.csv' is not among the table's files"),
        ({"details": detailed() * 2}, "details: 'a.csv' stands twice"),
        ({"details": detailed(constants={"x": "1"}, absent=("x",))}, "'x' is in constants and in absent"),
        (
            {"details": detailed(constants={"x": "1"}, renamed={"y": "x"})},
            "'x' is in constants and in renamed",
        ),
        ({"details": detailed(absent=("x",), renamed={"y": "x"})}, "'x' is in absent and in renamed"),
        ({"details": detailed(renamed={"y": "x"}), "ignored": ("y",)}, "'y' is renamed and in ignored"),
        ({"parent": LINK}, "a table is not its own parent"),
        ({"name": "workers", "parent": replace(LINK, carried=())}, "parent.carried is empty"),
        (
            {"name": "workers", "parent": replace(LINK, carried=("PARENT",))},
            "'PARENT' is the table's own column",
        ),
        (
            {"name": "workers", "parent": LINK, "details": detailed(absent=("firm",))},
            "'firm' is also in details of a.csv",
        ),
        ({"max_rows": 0}, "max_rows 0: at least 1"),
        ({"max_megabytes": -1}, "max_megabytes -1: at least 1"),
    ],
)
def test_option_without_effect_is_refused(tmp_path, options, reason):
    source = table(**options)
    (found,) = wrong_options(source)
    assert found.startswith(f"study.yaml: table {source.name}: ") and reason in found
    with pytest.raises(DataError, match=r"study\.yaml: table"):
        read_all(tmp_path, [source], codebook())


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"format": "spss", "group_separator": "."},
        {"format": "stata", "encoding": "latin-1"},
        {"format": "xlsx", "sheet": "Data", "group_separator": "/"},
        {"format": "stata", "files": ("a.zip",), "member": "a.dta"},
        {"name": "workers", "parent": LINK},
    ],
)
def test_option_with_an_effect_is_accepted(options):
    assert wrong_options(table(**options)) == []


def test_declared_encoding_is_followed_in_old_stata_files(tmp_path):
    import pandas as pd
    import pyreadstat

    pyreadstat.write_dta(pd.DataFrame({"firm": ["Caf@"]}), tmp_path / "old.dta", version=10)
    content = (tmp_path / "old.dta").read_bytes().replace(b"Caf@", b"Caf\x80")
    assert read_bytes(tmp_path, content, "a.dta", ("firm",), encoding="cp1252")["firm"].tolist() == [
        "Caf\u20ac"
    ]
