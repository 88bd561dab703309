"""Tables are written whole or not at all, and read as they were written."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from impacteval.errors import DataError
from impacteval.tables import (
    ESTIMATE_COLUMNS,
    FINDING_COLUMNS,
    read_arrays,
    read_csv,
    read_parquet,
    table_of,
    write_arrays,
    write_atomic,
    write_csv,
    write_json,
    write_parquet,
    write_text,
)


def test_estimates_have_the_documented_columns_in_order():
    assert list(ESTIMATE_COLUMNS) == [
        "estimate_id",
        "study",
        "outcome",
        "family",
        "role",
        "estimator",
        "estimand",
        "comparison",
        "arm",
        "term",
        "vcov",
        "scale",
        "subgroup",
        "cohort",
        "period",
        "event_time",
        "estimate",
        "std_error",
        "statistic",
        "df",
        "p_value",
        "p_adjusted",
        "q_value",
        "conf_low",
        "conf_high",
        "band_low",
        "band_high",
        "n_units",
        "n_treated",
        "n_comparison",
        "n_obs",
        "n_clusters",
        "baseline_mean",
        "mde",
        "note",
    ]


def test_findings_have_the_documented_columns():
    assert set(FINDING_COLUMNS) == {
        "finding_id",
        "check_id",
        "severity",
        "table",
        "source_file",
        "source_row",
        "unit_id",
        "period",
        "column",
        "value_shown",
        "message",
        "suggestion",
        "status",
        "code",
        "submission",
        "enumerator",
        "partner",
    }


def test_table_without_rows_has_all_columns_and_types():
    table = table_of([], ESTIMATE_COLUMNS)
    assert list(table.columns) == list(ESTIMATE_COLUMNS)
    assert table["n_obs"].dtype == "Int64" and table["estimate"].dtype == "float64"


def test_csv_keeps_every_bit_of_a_number_and_the_difference_of_empty_and_missing(tmp_path):
    rows = [
        {"estimate_id": "a", "estimate": 0.1 + 0.2, "std_error": float("nan"), "cohort": 2, "note": "NA"},
        {
            "estimate_id": "b",
            "estimate": -1e-300,
            "std_error": 5e-324,
            "cohort": None,
            "note": 'say "no", twice\nthen',
        },
    ]
    table = table_of(rows, ESTIMATE_COLUMNS)
    write_csv(tmp_path / "t.csv", table)
    pd.testing.assert_frame_equal(read_csv(tmp_path / "t.csv", ESTIMATE_COLUMNS), table, check_exact=True)
    content = (tmp_path / "t.csv").read_bytes()
    assert b"\r" not in content and not content.startswith(b"\xef\xbb\xbf")


def test_csv_of_other_columns_is_refused(tmp_path):
    (tmp_path / "t.csv").write_text("estimate_id\na\n")
    with pytest.raises(DataError, match=r"t.csv: the columns study, outcome"):
        read_csv(tmp_path / "t.csv", ESTIMATE_COLUMNS)


def test_csv_without_types_reads_numbers_where_all_cells_are(tmp_path):
    (tmp_path / "t.csv").write_text("number,text,empty\n1,x,\n,2,\n")
    table = read_csv(tmp_path / "t.csv")
    assert table["number"].tolist()[0] == 1.0 and np.isnan(table["number"].iloc[1])
    assert table["text"].tolist() == ["x", "2"]
    assert table["empty"].tolist() == ["", ""]


def test_failed_write_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "t.csv"
    write_text(path, "old")

    def half(partial):
        partial.write_text("half")
        raise RuntimeError("disk full")

    with pytest.raises(RuntimeError, match="disk full"):
        write_atomic(path, half)
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["t.csv"]


def test_equal_tables_are_equal_bytes(tmp_path):
    frame = pd.DataFrame({"x": [1.5, None], "t": ["a", "b"]})
    arrays = {"b": np.arange(3.0), "a": np.array(["x", "yy"])}
    for name in ("one", "two"):
        write_parquet(tmp_path / f"{name}.parquet", frame)
        write_arrays(tmp_path / f"{name}.npz", arrays)
    for suffix in ("parquet", "npz"):
        assert (tmp_path / f"one.{suffix}").read_bytes() == (tmp_path / f"two.{suffix}").read_bytes()


def test_parquet_and_arrays_come_back_as_written(tmp_path):
    frame = pd.DataFrame(
        {"n": pd.array([1, None], dtype="Int64"), "x": [0.1, np.nan], "t": ["a", None]}
    ).astype({"t": "str"})
    write_parquet(tmp_path / "t.parquet", frame)
    pd.testing.assert_frame_equal(read_parquet(tmp_path / "t.parquet"), frame)
    write_arrays(tmp_path / "t.npz", {"a": np.eye(2)})
    assert (read_arrays(tmp_path / "t.npz")["a"] == np.eye(2)).all()


def test_json_is_sorted_and_refuses_what_is_no_number(tmp_path):
    write_json(tmp_path / "t.json", {"b": 1, "a": "é"})
    assert (tmp_path / "t.json").read_text(encoding="utf-8").index('"a"') < (
        tmp_path / "t.json"
    ).read_text().index('"b"')
    assert json.loads((tmp_path / "t.json").read_text(encoding="utf-8")) == {"a": "é", "b": 1}
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_json(tmp_path / "t.json", {"a": float("nan")})


@pytest.mark.parametrize(
    "cell", ["E1\rX", "\r", "\n", "a\r\nb", 'say "x"', '"', "a,b", " lead", "trail ", "\t", "", "E1\u2028X"]
)
def test_any_text_comes_back_as_it_was_written(tmp_path, cell):
    """Bug: a lone CR was written without quotes and tore its row when read, which hid an open error;
    every row comes back whole.
    """
    frame = pd.DataFrame({"a": ["x", cell], "b": [cell, "y"], "n": [1.5, 2.5]})
    write_csv(tmp_path / "t.csv", frame)
    read = read_csv(tmp_path / "t.csv", {"a": "str", "b": "str", "n": "float64"})
    assert read["a"].tolist() == ["x", cell]
    assert read["b"].tolist() == [cell, "y"]
    assert read["n"].tolist() == [1.5, 2.5]


def test_a_column_of_empty_text_keeps_its_rows(tmp_path):
    write_csv(tmp_path / "t.csv", pd.DataFrame({"a": ["", "x", ""]}))
    assert read_csv(tmp_path / "t.csv", {"a": "str"})["a"].tolist() == ["", "x", ""]
