"""Stata, SPSS and Parquet files as text."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyreadstat
import pytest

from impacteval.delivery import FileDetail
from impacteval.errors import DataError
from impacteval.survey.labels import labels_of
from impacteval.survey.number_text import duration_text, number_text
from impacteval.survey.spss_files import unpacked_spss
from support.raw_files import problems_of, read_bytes, shown


@pytest.fixture(scope="module")
def spss_bytes(tmp_path_factory):
    path = tmp_path_factory.mktemp("spss") / "firms.sav"
    frame = pd.DataFrame(
        {
            "firm": ["F1", "F2", "", "é"],
            "arm": [0.0, 1.0, 9.0, np.nan],
            "wage": [0.1, 1e6, -99.0, np.nan],
            "visit": pd.to_datetime(["2021-07-05", "2021-07-06", None, "1900-01-01"]).date,
            "begun": pd.to_datetime(["2021-07-05 10:58:34", None, None, "2021-07-06 00:00:00"]),
            "size": ["s", "m", "x", ""],
        }
    )
    pyreadstat.write_sav(
        frame,
        path,
        file_label="Firms",
        column_labels={"arm": "Group", "wage": "Wage, IDR"},
        variable_value_labels={
            "arm": {0: "control", 1: "mentor", 9: "no answer"},
            "size": {"s": "small", "x": "refused"},
        },
        missing_ranges={"arm": [9], "wage": [{"lo": -99, "hi": -97}], "size": ["x"]},
        note="kept",
    )
    return path.read_bytes()


@pytest.fixture(scope="module")
def spss_frame(spss_bytes, tmp_path_factory):
    columns = ("firm", "arm", "wage", "visit", "begun", "size")
    return read_bytes(tmp_path_factory.mktemp("spss"), spss_bytes, "firms.sav", columns)


def test_spss_values_are_shown_by_label_or_shortest_form(spss_frame):
    assert spss_frame["firm"].tolist() == ["F1", "F2", "", "é"]
    assert spss_frame["arm"].tolist()[:2] == ["control", "mentor"]
    assert spss_frame["wage"].tolist()[:2] == ["0.1", "1000000"]
    assert spss_frame["size"].tolist()[:2] == ["small", "m"]
    assert spss_frame["source_row"].tolist() == [1, 2, 3, 4]
    assert (spss_frame.dtypes.drop("source_row") == "str").all()


def test_spss_missing_codes_stay_codes_and_system_missing_is_empty(spss_frame):
    assert spss_frame["arm"].tolist()[2:] == ["9", ""]
    assert spss_frame["wage"].tolist()[2:] == ["-99", ""]
    assert spss_frame["size"].tolist()[2:] == ["x", ""]


def test_spss_dates_are_iso_text(spss_frame):
    assert spss_frame["visit"].tolist() == ["2021-07-05", "2021-07-06", "", "1900-01-01"]
    assert spss_frame["begun"].tolist() == ["2021-07-05T10:58:34", "", "", "2021-07-06T00:00:00"]


def test_labels_of_an_spss_file_tell_what_a_codebook_needs(spss_bytes, tmp_path):
    (tmp_path / "firms.sav").write_bytes(spss_bytes)
    found = labels_of(tmp_path / "firms.sav")
    arm = found.variables[1]
    assert (found.title, found.n_rows, arm.name, arm.label, arm.is_text) == (
        "Firms",
        4,
        "arm",
        "Group",
        False,
    )
    assert arm.choices == {0: "control", 1: "mentor", 9: "no answer"}
    assert arm.missing == ((9, 9),)
    assert found.variables[2].missing == ((-99, -97),)
    assert "kept" in "".join(found.notes)


def test_labels_of_a_stata_file_tell_what_a_codebook_needs(tmp_path):
    frame = pd.DataFrame({"firm": ["a"], "arm": [1.0]})
    pyreadstat.write_dta(
        frame,
        tmp_path / "firms.dta",
        column_labels=["", "Group"],
        variable_value_labels={"arm": {1: "mentor"}},
    )
    firm, arm = labels_of(tmp_path / "firms.dta").variables
    assert (firm.label, firm.is_text, arm.label, arm.is_text) == ("", True, "Group", False)
    assert arm.choices == {1: "mentor"}


@pytest.mark.parametrize(
    ("name", "message"), [("a.csv", "only .dta"), ("a.dta", "not a whole"), ("a.sav", "not a whole")]
)
def test_labels_of_other_or_damaged_files_are_refused_by_name(tmp_path, name, message):
    (tmp_path / name).write_bytes(b"firm,wage\n1,2\n")
    with pytest.raises(DataError, match=f"{name}: .*{message}"):
        labels_of(tmp_path / name)


def test_reader_that_breaks_down_ends_no_run(tmp_path, monkeypatch):
    """Bug: an SPSS file with one changed byte ended the whole process in a segmentation fault."""
    (tmp_path / "firms.sav").write_bytes(b"$FL2")
    script = tmp_path / "python"
    script.write_text("#!/bin/sh\nkill -SEGV $$\n")
    script.chmod(0o755)
    monkeypatch.setattr("impacteval.survey.spss_files.sys.executable", str(script))
    with pytest.raises(DataError, match="signal 11"), unpacked_spss(tmp_path / "firms.sav", 1, None):
        pass
    assert "its reader broke down, signal 11" in shown(problems_of(tmp_path, b"$FL2", "firms.sav"))


def test_reader_that_takes_too_long_is_ended(tmp_path, monkeypatch):
    script = tmp_path / "python"
    script.write_text("#!/bin/sh\nexec sleep 30\n")
    script.chmod(0o755)
    monkeypatch.setattr("impacteval.survey.spss_files.sys.executable", str(script))
    monkeypatch.setattr("impacteval.survey.spss_files.SECONDS", 0.1)
    assert "not read within 0 seconds" in shown(problems_of(tmp_path, b"$FL2", "firms.sav"))


def test_limits_hold_for_spss_files(spss_bytes, tmp_path):
    said = shown(problems_of(tmp_path, spss_bytes, "firms.sav", columns=("firm",), max_rows=3))
    assert "4 rows, more than max_rows (3)" in said


def stata_bytes(folder, frame, **options):
    pyreadstat.write_dta(frame, folder / "made.dta", **options)
    return (folder / "made.dta").read_bytes()


def test_stata_labels_and_letters_stand_in_one_column(tmp_path):
    frame = pd.DataFrame({"arm": [0.0, 1.0, "a", None]})
    content = stata_bytes(
        tmp_path,
        frame,
        missing_user_values={"arm": ["a"]},
        variable_value_labels={"arm": {0: "control", "a": "refused"}},
    )
    read = read_bytes(tmp_path, content, "firms.dta", ("arm",))
    assert read["arm"].tolist() == ["control", "1", ".a", ""]


def test_stata_file_is_read_in_batches_like_at_once(tmp_path, monkeypatch):
    frame = pd.DataFrame({"firm": [f"F{i}" for i in range(25)], "wage": np.arange(25.0)})
    content = stata_bytes(tmp_path, frame)
    whole = read_bytes(tmp_path, content, "firms.dta")
    monkeypatch.setattr("impacteval.survey.stata_files.CELLS_IN_BATCH", 14)
    pd.testing.assert_frame_equal(read_bytes(tmp_path, content, "firms.dta"), whole)
    assert whole["source_row"].tolist() == list(range(1, 26))


def test_stata_file_that_announces_more_than_it_holds_is_refused(tmp_path):
    content = stata_bytes(tmp_path, pd.DataFrame({"firm": ["a"], "wage": [1.0]}))
    spoiled = content.replace(b"<N>\x01\x00", b"<N>\xff\xff")
    assert spoiled != content
    assert "announced in" in shown(problems_of(tmp_path, spoiled, "firms.dta"))


def test_columns_of_a_stata_file_may_be_renamed_given_and_absent(tmp_path):
    content = stata_bytes(tmp_path, pd.DataFrame({"upah": [5.0]}))
    detail = FileDetail(file="f.dta", renamed={"upah": "wage"}, constants={"round": "1"}, absent=("age",))
    read = read_bytes(tmp_path, content, "f.dta", ("round", "wage", "age"), details=(detail,))
    assert read[["round", "wage", "age"]].to_numpy().tolist() == [["1", "5", ""]]


def test_table_of_given_columns_alone_has_the_rows_of_its_file(tmp_path):
    content = stata_bytes(tmp_path, pd.DataFrame({"upah": [5.0, 6.0]}))
    details = (FileDetail(file="f.dta", constants={"round": "1"}),)
    assert read_bytes(tmp_path, content, "f.dta", ("round",), details=details)["round"].tolist() == ["1", "1"]


def parquet_bytes(folder, columns):
    pq.write_table(pa.table(columns), folder / "made.parquet")
    return (folder / "made.parquet").read_bytes()


@pytest.mark.parametrize(
    ("values", "text"),
    [
        (pa.array(["001", None, "NA"]), ["001", "", "NA"]),
        (pa.array([1.0, 0.1, None]), ["1", "0.1", ""]),
        (pa.array([float("nan"), 1e300, -0.5]), ["", "1e+300", "-0.5"]),
        (pa.array([0.1, 2.5, None], pa.float32()), ["0.1", "2.5", ""]),
        (pa.array([1, None, 2**62]), ["1", "", str(2**62)]),
        (pa.array([True, False, None]), ["TRUE", "FALSE", ""]),
        (pa.array([Decimal("1.250"), None, Decimal("2.000")]), ["1.250", "", "2.000"]),
        (pa.array([dt.date(2021, 7, 5), None, dt.date(1900, 1, 1)]), ["2021-07-05", "", "1900-01-01"]),
        (pa.array([dt.datetime(2021, 7, 5, 10, 58, 34), None, None]), ["2021-07-05T10:58:34", "", ""]),
        (pa.array([dt.time(10, 58), None, None]), ["10:58:00", "", ""]),
        (pa.array(["a", "b", "a"]).dictionary_encode(), ["a", "b", "a"]),
        (pa.array([None, None, None], pa.null()), ["", "", ""]),
    ],
)
def test_parquet_values_are_text_that_reads_back(tmp_path, values, text):
    content = parquet_bytes(tmp_path, {"firm": ["a", "b", "c"], "wage": values})
    read = read_bytes(tmp_path, content, "firms.parquet")
    assert read["wage"].tolist() == text
    assert read["source_row"].tolist() == [1, 2, 3]
    assert read["wage"].dtype == "str"


@pytest.mark.parametrize(
    "values", [pa.array([[1], [2]]), pa.array([b"\xff", b"a"]), pa.array([{"a": 1}, {"a": 2}])]
)
def test_parquet_columns_that_are_no_plain_values_are_refused(tmp_path, values):
    content = parquet_bytes(tmp_path, {"firm": ["a", "b"], "wage": values})
    assert "column 'wage' holds" in shown(problems_of(tmp_path, content, "firms.parquet"))


def test_limits_and_repeated_names_hold_for_parquet_files(tmp_path):
    content = parquet_bytes(tmp_path, {"firm": ["a", "b"], "wage": [1, 2], "Wage": [1, 2]})
    assert "2 rows, more than max_rows (1)" in shown(problems_of(tmp_path, content, "f.parquet", max_rows=1))
    assert "'Wage', 'wage' differ only" in shown(problems_of(tmp_path, content, "f.parquet"))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.1, "0.1"),
        (3.0, "3"),
        (-0.0, "0"),
        (2.0**53, "9007199254740992.0"),
        (1e22, "1e+22"),
        (float("nan"), ""),
        (7, "7"),
    ],
)
def test_number_has_its_shortest_form(value, text):
    assert number_text(value) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0:00:00"), (129600, "36:00:00"), (-90.5, "-0:01:30.500000")]
)
def test_duration_is_hours_minutes_and_seconds(seconds, text):
    assert duration_text(dt.timedelta(seconds=seconds)) == text
