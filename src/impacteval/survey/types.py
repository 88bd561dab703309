"""From text to values, as the codebook declares; what cannot be read is listed, never guessed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from impacteval.codebook import Variable
from impacteval.survey.read import SOURCE_COLUMNS

# Software exports integers as 410032.0; 20.000 may be twenty thousand and is not guessed.
INTEGER = re.compile(r"[+-]?[0-9]{1,15}(?:\.0)?")
DECIMAL = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
PATTERNS = {"integer": INTEGER, "decimal": DECIMAL}
EXTENDED_MISSING = re.compile(r"\.[a-z]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """A cell whose text is not of the declared type."""

    source_file: str
    source_row: int
    column: str
    value: str
    type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedTable:
    """A table in the types of its codebook, and the cells that could not be read."""

    frame: pd.DataFrame
    unreadable: tuple[Unreadable, ...]


def type_columns(text: pd.DataFrame, variables: Sequence[Variable]) -> TypedTable:
    """Type the text columns of a raw table.

    Parameters
    ----------
    text : DataFrame
        As ``read_table`` returns it.
    variables : sequence of Variable
        The codebook of this table.

    Returns
    -------
    TypedTable
        ``integer`` as Int64, ``decimal`` as float64, ``text`` and ``category`` as str (missing:
        ``None``). Cells that cannot be read are missing in the frame and listed.
    """
    columns: dict[str, pd.Series] = {name: text[name] for name in SOURCE_COLUMNS}
    unreadable: list[Unreadable] = []
    for variable in variables:
        cells = text[variable.column]
        missing = _is_missing(cells, variable)
        if variable.type in {"text", "category"}:
            columns[variable.column] = cells.mask(missing)
            continue
        stripped = cells.str.strip()
        wrong = ~missing & ~stripped.str.fullmatch(PATTERNS[variable.type])
        values = np.array(
            [float(cell) if ok else np.nan for cell, ok in zip(stripped, ~(missing | wrong), strict=True)]
        )
        wrong |= ~missing & np.isinf(values)
        numbers = pd.Series(np.where(np.isinf(values), np.nan, values), index=text.index)
        columns[variable.column] = numbers.astype("Int64") if variable.type == "integer" else numbers
        unreadable += [
            Unreadable(
                source_file=file,
                source_row=int(row),
                column=variable.column,
                value=cell,
                type=variable.type,
            )
            for file, row, cell in zip(
                text.loc[wrong, "source_file"], text.loc[wrong, "source_row"], cells[wrong], strict=True
            )
        ]
    return TypedTable(frame=pd.DataFrame(columns), unreadable=tuple(unreadable))


def _is_missing(cells: pd.Series, variable: Variable) -> pd.Series:
    return (cells.str.strip() == "") | _is_coded(cells, variable) | _is_extended(cells, variable)


def _is_coded(cells: pd.Series, variable: Variable) -> pd.Series:
    """Whether a cell holds a missing code, outer blanks aside; in columns of numbers, its value."""
    stripped = cells.str.strip()
    coded = stripped.isin([code.strip() for code in variable.missing_codes])
    if variable.type not in PATTERNS:
        return coded
    codes = {float(code) for code in variable.missing_codes if DECIMAL.fullmatch(code.strip())}
    reads = stripped.str.fullmatch(PATTERNS[variable.type])
    return coded | (reads & stripped.where(reads, "nan").astype("float64").isin(codes))


def _is_extended(cells: pd.Series, variable: Variable) -> pd.Series:
    """Whether a cell of a column of numbers is a Stata extended missing value."""
    return cells.str.strip().str.fullmatch(EXTENDED_MISSING) & (variable.type in PATTERNS)


def summary_of(text: pd.DataFrame, variables: Sequence[Variable], typed: TypedTable) -> pd.DataFrame:
    """Count, for each column of a table, rows, values, and each reason for a value to be missing."""
    unreadable = pd.Series([u.column for u in typed.unreadable], dtype="str").value_counts()
    rows = []
    for v in variables:
        cells = text[v.column]
        rows.append(
            {
                "table": v.table,
                "column": v.column,
                "type": v.type,
                "n_rows": len(cells),
                "n_values": int(typed.frame[v.column].notna().sum()),
                "n_empty": int((cells.str.strip() == "").sum()),
                "n_missing_code": int(_is_coded(cells, v).sum()),
                "n_extended_missing": int(_is_extended(cells, v).sum()),
                "n_unreadable": int(unreadable.get(v.column, 0)),
            }
        )
    return pd.DataFrame(rows)
