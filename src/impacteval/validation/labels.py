"""Cells as text that is the same wherever it means the same, and what may be shown of it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from impacteval.codebook import MASKED
from impacteval.validation.survey import CheckedTable

NONE = ""


def labels_of(table: CheckedTable, column: str) -> pd.Series:
    """Values of a column as text, ``1`` and not ``1.0`` for whole numbers; empty text where one is missing.

    Without a column all rows have empty text: they are of one kind.
    """
    if not column:
        return pd.Series(NONE, index=table.frame.index, dtype="str")
    values = table.frame[column]
    if pd.api.types.is_numeric_dtype(values):
        codes, found = pd.factorize(values)
        names = np.array([*(label_of(number) for number in found), NONE], dtype=object)
        return pd.Series(names[codes], index=values.index, dtype="str")
    return table.text[column].str.strip().mask(values.isna(), NONE).astype("str")


def label_of(value: float | str) -> str:
    """A value as the text that ``labels_of`` has for it; numbers with as many digits as they need."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, int | np.integer):
        return str(int(value))
    return np.format_float_positional(float(value), trim="-")


def numbers_of(table: CheckedTable, column: str) -> pd.Series:
    """Values of a column as float64; choices that are written as numbers count as numbers."""
    values = table.frame[column] if column else pd.Series(np.nan, index=table.frame.index)
    return pd.to_numeric(values, errors="coerce").astype("float64")


def enumerators_of(table: CheckedTable) -> pd.Series:
    """Who held each interview, as results may show it: a running number where names are confidential."""
    found = labels_of(table, table.roles.enumerator)
    if not table.roles.enumerator or not table.is_confidential(table.roles.enumerator):
        return found
    names = sorted(set(found) - {NONE})
    return found.map({name: f"{MASKED} {i}" for i, name in enumerate(names, 1)}).fillna(NONE).astype("str")


def places_of(table: CheckedTable) -> pd.Series:
    """File and row of each row as text."""
    return (table.text["source_file"] + ", row " + table.text["source_row"].astype("str")).astype("str")
