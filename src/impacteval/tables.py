"""The tables that stages hand on: their columns, and writing them whole or not at all."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import numpy.typing as npt
import pandas as pd

from impacteval.errors import DataError

ESTIMATE_COLUMNS: dict[str, str] = {
    "estimate_id": "str",
    "study": "str",
    "outcome": "str",
    "family": "str",
    "role": "str",
    "estimator": "str",
    "estimand": "str",
    "comparison": "str",
    "arm": "str",
    "term": "str",
    "vcov": "str",
    "scale": "str",
    "subgroup": "str",
    "cohort": "Int64",
    "period": "Int64",
    "event_time": "Int64",
    "estimate": "float64",
    "std_error": "float64",
    "statistic": "float64",
    "df": "float64",
    "p_value": "float64",
    "p_adjusted": "float64",
    "q_value": "float64",
    "conf_low": "float64",
    "conf_high": "float64",
    "band_low": "float64",
    "band_high": "float64",
    "n_units": "Int64",
    "n_treated": "Int64",
    "n_comparison": "Int64",
    "n_obs": "Int64",
    "n_clusters": "Int64",
    "baseline_mean": "float64",
    "mde": "float64",
    "note": "str",
}
CELL_COLUMNS: dict[str, str] = {
    "effect_id": "str",
    "study": "str",
    "outcome": "str",
    "design": "str",
    "arm": "str",
    "subgroup": "str",
    "cohort": "Int64",
    "period": "Int64",
    "base_period": "Int64",
    "n_treated": "Int64",
    "n_comparison": "Int64",
    "n_treated_dropped": "Int64",
    "n_comparison_dropped": "Int64",
    "n_trimmed": "Int64",
    "score_treated_low": "float64",
    "score_treated_high": "float64",
    "score_comparison_low": "float64",
    "score_comparison_high": "float64",
    "note": "str",
}
FINDING_COLUMNS: dict[str, str] = {
    "finding_id": "str",
    "check_id": "str",
    "severity": "str",
    "table": "str",
    "source_file": "str",
    "source_row": "Int64",
    "unit_id": "str",
    "period": "Int64",
    "column": "str",
    "value_shown": "str",
    "message": "str",
    "suggestion": "str",
    "status": "str",
    "code": "str",
    "submission": "str",
    "enumerator": "str",
    "partner": "str",
}


def table_of(rows: list[dict[str, object]], columns: Mapping[str, str]) -> pd.DataFrame:
    """Build a table with exactly these columns and types, in this order, also when it has no rows."""
    frame = pd.DataFrame(rows, columns=list(columns))
    texts = {name: "" for name, kind in columns.items() if kind == "str"}
    # A text column without any value comes as numbers, which text cannot fill.
    return frame.astype(dict.fromkeys(texts, "object")).fillna(texts).astype(dict(columns))


def records(frame: pd.DataFrame) -> list[SimpleNamespace]:
    """Rows of a table, with columns as attributes."""
    return [
        SimpleNamespace(**{str(name): value for name, value in row.items()})
        for row in frame.to_dict("records")
    ]


def write_atomic(path: Path, write: Callable[[Path], None]) -> None:
    """Let ``write`` fill a temporary file beside ``path``, then put it in place in one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    try:
        write(partial)
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def write_bytes(path: Path, content: bytes) -> None:
    """Write bytes."""
    write_atomic(path, lambda partial: _fill(partial, content))


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text with LF line ends."""
    write_bytes(path, text.encode("utf-8"))


def _fill(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)


def write_json(path: Path, content: object) -> None:
    """Write JSON with sorted keys; NaN is an error."""
    write_text(
        path, json.dumps(content, indent=1, sort_keys=True, allow_nan=False, ensure_ascii=False) + "\n"
    )


def write_csv(path: Path, frame: pd.DataFrame) -> None:
    """Write a table as CSV: UTF-8, LF, full double precision, empty where undefined."""
    columns = [_cells_of(column) for _, column in frame.items()]
    rows = [[str(name) for name in frame.columns], *zip(*columns, strict=True)]
    write_text(path, "".join(_csv_line(row) for row in rows))


def _cells_of(column: pd.Series) -> list[str]:
    """Values as text: numbers in the shortest form that gives their bits, missing ones empty."""
    values = column.astype("object")
    return ["" if gone else str(value) for value, gone in zip(values, column.isna(), strict=True)]


def _csv_line(cells: Sequence[str]) -> str:
    """One row of CSV; a cell with a line break of any kind is quoted, which ``csv.writer`` does not do."""
    if list(cells) == [""]:
        return '""\n'
    return ",".join(_quoted(cell) for cell in cells) + "\n"


def _quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"' if set(cell) & set(',"\r\n') else cell


def read_csv(path: Path, columns: Mapping[str, str] | None = None) -> pd.DataFrame:
    """Read a table that ``write_csv`` wrote; text columns keep empty text, numbers their bits.

    Parameters
    ----------
    columns : mapping, optional
        Column to type. Without it every column whose cells are all numbers or empty is a number.
    """
    text = pd.read_csv(path, dtype="str", keep_default_na=False, encoding="utf-8")
    if columns is None:
        return text.apply(_number_where_possible)
    missing = [name for name in columns if name not in text.columns]
    if missing:
        raise DataError(f"{path}: the columns {', '.join(missing)} are missing; rebuild it")
    return pd.DataFrame({name: _typed(text[name], kind) for name, kind in columns.items()})


def _typed(column: pd.Series, kind: str) -> pd.Series:
    if kind == "str":
        return column
    numbers = pd.Series(
        [float(cell) if cell else np.nan for cell in column], dtype="float64", index=column.index
    )
    return numbers.astype(pd.api.types.pandas_dtype(kind))


def _number_where_possible(column: pd.Series) -> pd.Series:
    try:
        return _typed(column, "float64") if (column != "").any() else column
    except ValueError:
        return column


def write_parquet(path: Path, frame: pd.DataFrame) -> None:
    """Write a table as Parquet."""
    write_atomic(path, lambda partial: frame.to_parquet(partial, index=False, engine="pyarrow"))


def read_parquet(path: Path) -> pd.DataFrame:
    """Read a table that ``write_parquet`` wrote."""
    return pd.read_parquet(path, engine="pyarrow")


def write_arrays(path: Path, arrays: Mapping[str, npt.NDArray[np.generic]]) -> None:
    """Write named arrays (``.npz``, no pickles)."""

    def write(partial: Path) -> None:
        with partial.open("wb") as file:
            np.savez(file, allow_pickle=False, **dict(sorted(arrays.items())))

    write_atomic(path, write)


def read_arrays(path: Path) -> dict[str, npt.NDArray[np.generic]]:
    """Read what ``write_arrays`` wrote."""
    with np.load(path, allow_pickle=False) as stored:
        return {name: stored[name] for name in stored.files}
