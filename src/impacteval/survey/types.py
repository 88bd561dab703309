"""From text to values, as the codebook declares; what cannot be read is listed, never guessed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from impacteval.codebook import REASONS, Variable
from impacteval.survey.dates import read_times
from impacteval.survey.missing import NUMBERS, Missing, missing_of, with_number_codes
from impacteval.survey.numbers import read_numbers
from impacteval.survey.read import SOURCE_COLUMNS

DATES = frozenset({"date", "datetime"})
COUNTED_REASONS = tuple(reason for reason in REASONS if reason != "coded")


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """A cell whose text is not of the declared type."""

    source_file: str
    source_row: int
    column: str
    value: str
    why: str

    @property
    def place(self) -> tuple[str, int]:
        """The file and the row that the cell is in."""
        return (self.source_file, self.source_row)


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedTable:
    """A table in the types of its codebook, and the cells that could not be read.

    ``codes`` and ``reasons`` hold, for columns in which values are missing with a code, that code and
    its reason for each row; empty text where there is none.
    """

    frame: pd.DataFrame
    codes: Mapping[str, pd.Series]
    reasons: Mapping[str, pd.Series]
    unreadable: tuple[Unreadable, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Column:
    """Typed values of a column, why cells are missing, and why some could not be read."""

    values: pd.Series
    missing: Missing
    why: pd.Series | None = None


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
        ``integer`` as Int64, ``decimal`` as float64, ``date`` and ``datetime`` as datetime64[us], local
        times without an offset; ``text``, ``category`` and ``multiple`` as str (missing: ``None``).
        Cells that cannot be read are missing in the frame and listed.
    """
    columns: dict[str, pd.Series] = {name: text[name] for name in SOURCE_COLUMNS}
    codes: dict[str, pd.Series] = {}
    reasons: dict[str, pd.Series] = {}
    unreadable: list[Unreadable] = []
    for variable in variables:
        name = variable.column
        column = _typed(text[name], variable)
        columns[name] = column.values
        if column.missing.is_coded.any():
            codes[name], reasons[name] = column.missing.codes, column.missing.reasons
        unreadable += _listed(text, name, column.why)
    return TypedTable(frame=pd.DataFrame(columns), codes=codes, reasons=reasons, unreadable=tuple(unreadable))


def _typed(cells: pd.Series, variable: Variable) -> _Column:
    stripped = cells.str.strip()
    missing = missing_of(stripped, variable)
    if variable.type in NUMBERS:
        return _typed_numbers(stripped, variable, missing)
    if variable.type in DATES:
        there = stripped[~missing.is_missing]
        times = read_times(there, variable.format, has_time=variable.type == "datetime")
        return _Column(values=times.values.reindex(cells.index), missing=missing, why=times.why)
    return _Column(values=cells.mask(missing.is_missing), missing=missing)


def _typed_numbers(stripped: pd.Series, variable: Variable, missing: Missing) -> _Column:
    there = stripped[~missing.is_missing]
    is_whole = variable.type == "integer"
    numbers = read_numbers(there, variable.format, is_whole=is_whole)
    values = pd.Series(np.nan, index=stripped.index)
    values[~missing.is_missing] = numbers.values.to_numpy()
    missing = with_number_codes(missing, values, variable)
    values = values.mask(missing.is_coded)
    return _Column(values=values.astype("Int64") if is_whole else values, missing=missing, why=numbers.why)


def _listed(text: pd.DataFrame, column: str, why: pd.Series | None) -> Iterator[Unreadable]:
    """List the cells of a column that could not be read."""
    if why is None:
        return
    wrong = why[why != ""]
    if wrong.empty:
        return
    cells = text.loc[wrong.index, ["source_file", "source_row", column]]
    for (file, row, cell), reason in zip(cells.itertuples(index=False, name=None), wrong, strict=True):
        yield Unreadable(
            source_file=str(file), source_row=int(row), column=column, value=str(cell), why=str(reason)
        )


def missing_table(typed: TypedTable) -> pd.DataFrame:
    """List every cell that is missing with a code: one row each, by column, then in the table's order."""
    columns = ["source_file", "source_row", "column", "code", "reason"]
    parts = [
        typed.frame.loc[codes != "", list(SOURCE_COLUMNS)].assign(
            column=name, code=codes[codes != ""], reason=typed.reasons[name][codes != ""]
        )
        for name, codes in typed.codes.items()
    ]
    if not parts:
        kinds = {"source_row": "int64"}
        return pd.DataFrame({c: pd.Series(dtype=kinds.get(c, "str")) for c in columns})
    return pd.concat(parts, ignore_index=True)[columns].astype({"column": "str"})


def summary_of(text: pd.DataFrame, variables: Sequence[Variable], typed: TypedTable) -> pd.DataFrame:
    """Count, for each column of a table, rows, values, and each reason for a value to be missing.

    ``n_missing_code`` and ``n_extended_missing`` do not overlap, and their sum is that of all reasons.
    """
    unreadable = pd.Series([u.column for u in typed.unreadable], dtype="str").value_counts()
    rows = []
    for v in variables:
        n_values = int(typed.frame[v.column].notna().sum())
        n_unreadable = int(unreadable.get(v.column, 0))
        n_coded, n_extended = _coded_of(typed, v)
        rows.append(
            {
                "table": v.table,
                "column": v.column,
                "type": v.type,
                "n_rows": len(text),
                "n_values": n_values,
                "n_empty": len(text) - n_values - n_unreadable - n_coded - n_extended,
                "n_missing_code": n_coded,
                "n_extended_missing": n_extended,
                "n_unreadable": n_unreadable,
                **_reasons_of(typed, v.column),
            }
        )
    return pd.DataFrame(rows)


def _coded_of(typed: TypedTable, variable: Variable) -> tuple[int, int]:
    """How many cells hold a missing code, and how many a letter of statistical software."""
    if variable.column not in typed.codes:
        return 0, 0
    codes = typed.codes[variable.column]
    n_extended = int(codes.str.fullmatch(r"\.[a-z]").sum())
    return int((codes != "").sum()) - n_extended, n_extended


def _reasons_of(typed: TypedTable, column: str) -> dict[str, int]:
    found = typed.reasons.get(column, pd.Series(dtype="str"))
    return {f"n_{reason}": int((found == reason).sum()) for reason in COUNTED_REASONS}
