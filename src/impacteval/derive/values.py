"""Values of a formula, one a row: numbers or texts, and why a row has none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from impacteval.arrays import Bool1D, Float1D, Int1D, Text1D

Why: TypeAlias = npt.NDArray[np.int32]
KNOWN = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """Numbers, NaN where missing, with the code of the reason (``KNOWN`` where there is a value)."""

    values: Float1D
    why: Why

    def at(self, rows: Int1D) -> Numbers:
        """The values of some rows, in their order."""
        return Numbers(values=self.values[rows], why=self.why[rows])


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Texts as positions in ``words``, which is sorted; -1 where missing, with the code of the reason."""

    codes: Int1D
    words: Text1D
    why: Why

    def at(self, rows: Int1D) -> Words:
        """The values of some rows, in their order."""
        return Words(codes=self.codes[rows], words=self.words, why=self.why[rows])


Value: TypeAlias = Numbers | Words


class Reasons:
    """Why values are missing: each reason once, with a code."""

    def __init__(self) -> None:
        self._codes = {"": KNOWN}

    def code(self, label: str) -> np.int32:
        """The code of a reason, which is given one when it is new."""
        return np.int32(self._codes.setdefault(label, len(self._codes)))

    @property
    def labels(self) -> npt.NDArray[np.object_]:
        """All reasons by their code."""
        return np.array(list(self._codes), dtype=np.object_)


def missing_of(value: Value) -> Bool1D:
    """Rows without a value."""
    return np.asarray(value.why != KNOWN)


def numbers(values: Float1D, why: Why) -> Numbers:
    """Numbers that are NaN wherever there is a reason."""
    return Numbers(values=np.where(why == KNOWN, values, np.nan), why=why)


def first_reason(*values: Value) -> Why:
    """The reason of the first value that is missing, row by row."""
    why = values[0].why
    for value in values[1:]:
        why = np.where(why == KNOWN, value.why, why)
    return why


def with_reason(why: Why, rows: Bool1D, code: np.int32) -> Why:
    """Reasons with one more for those of ``rows`` that have none yet."""
    return np.where((why == KNOWN) & rows, code, why).astype(np.int32, copy=False)


def constant(value: float | str, n_rows: int) -> Value:
    """One value for all rows."""
    why = np.broadcast_to(np.int32(KNOWN), (n_rows,))
    if isinstance(value, str):
        codes = np.broadcast_to(np.int64(0), (n_rows,))
        return Words(codes=codes, words=np.array([value], dtype=np.str_), why=why)
    return Numbers(values=np.broadcast_to(np.float64(value), (n_rows,)), why=why)


def of_column(column: pd.Series, reason: np.int32) -> Value:
    """A column of a table: dates as days since 1970-01-01, truth as 1 and 0, all else number or text."""
    gone = column.isna().to_numpy()
    why = np.where(gone, reason, np.int32(KNOWN)).astype(np.int32, copy=False)
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        return numbers(days_of(column), why)
    if pd.api.types.is_numeric_dtype(column.dtype) or pd.api.types.is_bool_dtype(column.dtype):
        return numbers(column.to_numpy(dtype=np.float64, na_value=np.nan), why)
    codes, words = pd.factorize(column.astype("str").mask(gone), sort=True)
    return Words(codes=codes.astype(np.int64), words=np.asarray(words, dtype=np.str_), why=why)


def days_of(column: pd.Series) -> Float1D:
    """Whole days since 1970-01-01, as the date is written where the time was taken."""
    local = column.dt.tz_localize(None) if column.dt.tz is not None else column
    days = local.to_numpy(dtype="datetime64[D]")
    return np.where(np.isnat(days), np.nan, days.astype(np.int64).astype(np.float64))


def as_column(value: Value, index: pd.Index) -> pd.Series:
    """Values as a column: float64, or str with missing values."""
    if isinstance(value, Numbers):
        return pd.Series(np.array(value.values), index=index, dtype="float64")
    known = value.codes >= 0
    texts = np.full(len(value.codes), None, dtype=np.object_)
    texts[known] = value.words[value.codes[known]]
    return pd.Series(texts, index=index, dtype="str")


def joined_words(left: Words, right: Words) -> tuple[Int1D, Int1D, Text1D]:
    """Codes of two texts in one list of words."""
    words = np.unique(np.concatenate([left.words, right.words]))
    return _recoded(left, words), _recoded(right, words), words


def _recoded(value: Words, words: Text1D) -> Int1D:
    # The last place serves the code of missing values, -1.
    places = np.append(np.searchsorted(words, value.words), -1).astype(np.int64)
    return places[value.codes]
