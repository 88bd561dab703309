"""Values of conditions of forms, row by row, and what is done with them.

Arrays have one entry a row, or a single one where all rows have the same value. Texts are kept as codes
into their distinct labels, so that each distinct text is looked at once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from impacteval.arrays import Bool1D, Float1D
from impacteval.survey.dates import read_times

SAME_NUMBER = 1e-12
MICROSECONDS_A_DAY = 86_400e6
# A number of XPath: no plus sign and no exponent.
NUMBER = r"-?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)"
DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T.*)?"
OFFSET = r"(?:Z|[+-][0-9]{2}:?[0-9]{2})$"


@dataclass(frozen=True)
class Texts:
    """Texts; ``is_answer`` says that they are the answers to a question rather than made of them.

    Without slots, so that an answer that is compared with many numbers is read as one only once.
    """

    labels: npt.NDArray[np.object_]
    codes: npt.NDArray[np.intp]
    is_answer: bool = False

    def taken(self, of_labels: npt.NDArray[np.generic]) -> npt.NDArray[np.generic]:
        """Something said of each label, for each row."""
        return of_labels[self.codes]

    @cached_property
    def numbers(self) -> Float1D:
        """The texts as numbers, row by row."""
        return np.asarray(self.taken(_numbers_of(self.labels)), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Numbers:
    """Numbers, NaN where there is none."""

    values: Float1D


@dataclass(frozen=True, slots=True)
class Truths:
    """Truth values."""

    values: Bool1D


Value: TypeAlias = Texts | Numbers | Truths


def answers(cells: pd.Series) -> Texts:
    """Answers of a column, without blanks around them; a missing one is empty."""
    codes, labels = pd.factorize(cells.fillna("").str.strip())
    return Texts(np.asarray(labels, dtype=object), codes, is_answer=True)


def constant(value: float | str | bool) -> Value:
    """One value for all rows."""
    if isinstance(value, str):
        return Texts(np.array([value], dtype=object), np.zeros(1, dtype=np.intp))
    return Numbers(np.array([value], dtype=np.float64))


def truths(value: Value) -> Bool1D:
    """A value as a condition: a number that is not zero, a text that is not empty."""
    match value:
        case Truths():
            return value.values
        case Numbers():
            return np.asarray((value.values != 0) & ~np.isnan(value.values), dtype=np.bool_)
        case Texts():
            return np.asarray(value.taken(value.labels != ""), dtype=np.bool_)


def numbers(value: Value) -> Float1D:
    """A value as numbers; a date in ISO form as days since 1970."""
    match value:
        case Truths():
            return value.values.astype(np.float64)
        case Numbers():
            return value.values
        case Texts():
            return value.numbers


def _numbers_of(labels: npt.NDArray[np.object_]) -> Float1D:
    texts = pd.Series(labels, dtype="str").str.strip()
    plain = texts.where(texts.str.fullmatch(NUMBER)).astype("double[pyarrow]")
    found = np.array(plain.to_numpy(dtype="float64", na_value=np.nan), dtype=np.float64)
    is_day = texts.str.fullmatch(DAY).to_numpy(dtype=bool)
    if is_day.any():
        found[is_day] = _days_of(texts[is_day])
    return found


def _days_of(texts: pd.Series) -> Float1D:
    """Days since 1970 of dates and times in ISO form, as local times; NaN where there is no such day."""
    dates = read_times(texts, "", has_time=False).values
    times = read_times(texts.str.replace(OFFSET, "", regex=True), "", has_time=True).values
    both = dates.fillna(times)
    micros = both.astype("int64").to_numpy(dtype=np.float64)
    return np.where(both.isna(), np.nan, micros / MICROSECONDS_A_DAY)


def texts(value: Value) -> Texts:
    """A value as texts: whole numbers without a decimal point."""
    match value:
        case Texts():
            return value
        case Truths():
            return Texts(np.array(["false", "true"], dtype=object), value.values.astype(np.intp))
        case Numbers():
            distinct, codes = np.unique(value.values, return_inverse=True)
            return Texts(np.array([number_text(v) for v in distinct], dtype=object), codes)


def number_text(value: float) -> str:
    """A number as XPath writes it: without an exponent, and without a point where it is whole."""
    if np.isnan(value):
        return "NaN"
    if np.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return np.format_float_positional(value + 0.0, trim="-")


def is_equal(left: Value, right: Value) -> Bool1D:
    """Equality: of truth values if one side is one, else of numbers if one side is one, else of texts."""
    if isinstance(left, Truths) or isinstance(right, Truths):
        return np.asarray(truths(left) == truths(right), dtype=np.bool_)
    if isinstance(left, Numbers) or isinstance(right, Numbers):
        return _same_number(numbers(left), numbers(right))
    alike = _same_text(left, right)
    if left.is_answer and right.is_answer:
        return alike | _same_number(numbers(left), numbers(right))
    return alike


def _same_number(left: Float1D, right: Float1D) -> Bool1D:
    with np.errstate(invalid="ignore"):
        same = (left == right) | (np.abs(left - right) < SAME_NUMBER)
    return np.asarray(same, dtype=np.bool_)


def _same_text(left: Texts, right: Texts) -> Bool1D:
    shared = pd.Index(left.labels).get_indexer(pd.Index(right.labels))
    return np.asarray(left.codes == right.taken(shared), dtype=np.bool_)


def mapped(function: Callable[..., str | float | bool], *parts: Texts) -> npt.NDArray[np.object_]:
    """Call a function of texts once for each combination that occurs, (n_rows,) or one entry."""
    if any(len(part.labels) == 0 for part in parts):
        return np.zeros(0, dtype=object)
    varying = [part for part in parts if len(part.labels) > 1]
    if len(varying) == 1:
        chosen = [np.broadcast_to(part.labels, varying[0].labels.shape) for part in parts]
        codes = varying[0].codes
    else:
        first, codes = _combinations(parts)
        chosen = [part.labels[np.broadcast_to(part.codes, codes.shape)[first]] for part in parts]
    found = np.empty(len(chosen[0]), dtype=object)
    found[:] = [function(*labels) for labels in zip(*chosen, strict=True)]
    return found[codes]


def _combinations(parts: tuple[Texts, ...]) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """The first row of each combination of texts that occurs, and the combination of each row."""
    combined = np.zeros(1, dtype=np.int64)
    for part in parts:
        combined = np.unique(combined * len(part.labels) + part.codes, return_inverse=True)[1]
    _, first, codes = np.unique(combined, return_index=True, return_inverse=True)
    return first, codes


def text_result(found: npt.NDArray[np.object_]) -> Texts:
    """Texts that a function gave."""
    codes, labels = pd.factorize(found)
    return Texts(np.asarray(labels, dtype=object), codes)
