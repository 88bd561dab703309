"""Ids and periods in one spelling, so that ``12`` and ``12.0`` of a column of numbers are one."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from impacteval.codebook import Codebook, Variable
from impacteval.survey.read import SOURCE_COLUMNS
from impacteval.survey.types import type_columns


def as_typed(cells: pd.Series, variable: Variable) -> pd.Series:
    """Cells as their column's type spells them, without outer blanks; empty text where there is no value."""
    text = pd.DataFrame({SOURCE_COLUMNS[0]: "", SOURCE_COLUMNS[1]: 0, variable.column: cells})
    typed = type_columns(text, [variable]).frame[variable.column]
    return typed.astype("object").where(typed.notna(), "").map(str).str.strip().astype("str")


def keys_of(frame: pd.DataFrame, table: str, columns: Sequence[str], codebook: Codebook) -> pd.Series:
    """The key that some columns form in each row; an empty tuple where one of them has no value."""
    parts = [as_typed(frame[column], codebook.find(table, column)) for column in columns]
    keys = [key if all(key) else () for key in zip(*parts, strict=True)]
    return pd.Series(keys, index=frame.index, dtype="object")
