"""What the cells of a column show of what its values may be, where no form says it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from impacteval.codebook import Variable
from impacteval.survey.draft_words import (
    is_identifier,
    is_share,
    is_telephone,
    may_be_negative,
    missing_reason,
    names_a_round,
    tokens,
)
from impacteval.survey.numbers import read_numbers

CONFIRM = "from the data; confirm"
# With fewer rows whatever is found may be chance, so nothing is said.
LEAST_ROWS = 20
MOST_ANSWERS, ROWS_AN_ANSWER, LONGEST_ANSWER = 12, 5, 60
MOST_PARTS = 12
LEAST_DIGITS = 7
PART = re.compile(r"[A-Za-z]+|[0-9]+|.", re.DOTALL)
CLASSES = ("[0-9]", "[A-Z]", "[a-z]", "[A-Za-z]")
MONEY = re.compile(
    r"income|expen|sales|revenue|turnover|price|cost|profit|wage|salary|earn|amount|spend|pay|fee|loan|debt|asset"
    r"|harga|biaya|upah|gaji|omzet|omset|penjualan|pendapatan|laba|modal|pengeluaran|pinjaman|utang|hutang"
)
COUNTS = {
    "workers",
    "employees",
    "employment",
    "staff",
    "pekerja",
    "karyawan",
    "count",
    "jumlah",
    "hours",
    "jam",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A variable with what its cells show, and what of it is to be confirmed."""

    variable: Variable
    doubt: str = ""


def with_evidence(variable: Variable, cells: pd.Series) -> Shown:
    """A variable with the answers or the range that its cells show.

    Parameters
    ----------
    variable : Variable
        With the type that all cells fit.
    cells : Series of str
        All cells that hold a value, without outer blanks.
    """
    if is_telephone(variable.column) and are_telephones(cells):
        return Shown(variable=replace(variable, type="text", format="", confidential="yes"))
    is_known = bool(variable.missing_codes or variable.allowed or names_a_round(variable.column))
    if len(cells) < LEAST_ROWS or is_known:
        return Shown(variable=variable)
    if variable.type == "text":
        return _with_answers(variable, cells)
    if variable.type in {"integer", "decimal"}:
        return _with_range(variable, numbers_of(variable, cells))
    return Shown(variable=variable)


def numbers_of(variable: Variable, cells: pd.Series) -> pd.Series:
    """Cells as numbers, in the format of their column."""
    return read_numbers(cells, variable.format, is_whole=variable.type == "integer").values.dropna()


def are_telephones(cells: pd.Series) -> bool:
    """Whether nearly all cells hold as many digits as a telephone number."""
    digits = cells.str.count(r"[0-9]")
    return bool(len(cells)) and float((digits >= LEAST_DIGITS).mean()) >= 0.9


def _with_answers(variable: Variable, cells: pd.Series) -> Shown:
    """A category where few answers return again and again; names of people are no answers."""
    counts = cells.value_counts()
    found = [str(value) for value in counts.index]
    is_closed = 2 <= len(found) <= MOST_ANSWERS and len(cells) >= ROWS_AN_ANSWER * len(found)
    is_open = any(len(value) > LONGEST_ANSWER or "|" in value or not value for value in found)
    if not is_closed or is_open or variable.confidential == "yes" or is_identifier(variable.column):
        return Shown(variable=variable)
    reasons = {value: missing_reason(value) for value in sorted(found)}
    once = sorted(str(value) for value in counts.index[counts == 1])
    rare = "; some stand once: take out what is a mistake" if once else ""
    category = replace(
        variable,
        type="category",
        allowed=tuple(value for value, reason in reasons.items() if not reason),
        missing_codes=tuple(f"{value}={reason}" for value, reason in reasons.items() if reason),
    )
    return Shown(variable=category, doubt=f"{CONFIRM}: `allowed` lists the answers found{rare}")


def _with_range(variable: Variable, values: pd.Series) -> Shown:
    """A plausible range where the name says what is measured and no value speaks against it."""
    name = variable.column
    if is_identifier(name):
        return Shown(variable=variable)
    low, high = float(values.min()), float(values.max())
    if variable.type == "integer" and set(values) == {0.0, 1.0}:
        answers = replace(variable, allowed=("0", "1"))
        return Shown(variable=answers, doubt=f"{CONFIRM}: only 0 and 1 are found, so `allowed` lists these")
    if is_share(name, variable.label) and low >= 0 and 1 < high <= 100:
        doubt = f"{CONFIRM}: named a percentage and found between 0 and 100, so `minimum` and `maximum` are"
        return Shown(variable=replace(variable, minimum=0.0, maximum=100.0), doubt=doubt)
    if low >= 0 and is_amount(variable) and not may_be_negative(name):
        doubt = f"{CONFIRM}: named an amount and never found negative, so `minimum` is 0"
        return Shown(variable=replace(variable, minimum=0.0), doubt=doubt)
    return Shown(variable=variable)


def is_amount(variable: Variable) -> bool:
    """Whether a column is named as money, people or hours are."""
    said = f"{variable.column} {variable.label}".lower()
    return bool(MONEY.search(said) or tokens(variable.column) & COUNTS)


def is_money(variable: Variable) -> bool:
    """Whether a column is named as money is."""
    return bool(MONEY.search(f"{variable.column} {variable.label}".lower()))


def id_pattern(values: Sequence[str]) -> str:
    """The regular expression of how ids are written, where all are written alike; else empty.

    Parts that never differ stand as they are, others as digits or letters and, where it never
    differs, how many.
    """
    if len(values) < LEAST_ROWS:
        return ""
    split = [PART.findall(value) for value in values]
    n_parts = {len(parts) for parts in split}
    if len(n_parts) > 1 or max(n_parts) > MOST_PARTS:
        return ""
    patterns = [_pattern_of(set(part)) for part in zip(*split, strict=True)]
    return "" if "" in patterns else "".join(patterns)


def _pattern_of(parts: set[str]) -> str:
    if len(parts) == 1:
        return re.escape(next(iter(parts)))
    fits = [c for c in CLASSES if all(re.fullmatch(f"{c}+", part) for part in parts)]
    lengths = {len(part) for part in parts}
    if not fits:
        return ""
    return fits[0] + (f"{{{lengths.pop()}}}" if len(lengths) == 1 else "+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """The degrees between which the positions of a file lie, with a margin."""

    south: float
    north: float
    west: float
    east: float


# Half a degree is some 55 km: the next day's places are seldom farther from those known.
MARGIN, WIDEST = 0.5, 20.0


def box_of(latitudes: pd.Series, longitudes: pd.Series) -> Box | None:
    """The box of positions, null island aside; None where they are few or lie far apart.

    Parameters
    ----------
    latitudes, longitudes : Series
        Degrees of the same rows.
    """
    lat, lon = latitudes.to_numpy(dtype="float64"), longitudes.to_numpy(dtype="float64")
    known = np.isfinite(lat) & np.isfinite(lon) & ~((np.abs(lat) < 0.01) & (np.abs(lon) < 0.01))
    if known.sum() < LEAST_ROWS:
        return None
    lat, lon = lat[known], lon[known]
    if np.ptp(lat) > WIDEST or np.ptp(lon) > WIDEST:
        return None
    return Box(
        south=max(-90.0, _tenth(np.floor, lat.min() - MARGIN)),
        north=min(90.0, _tenth(np.ceil, lat.max() + MARGIN)),
        west=max(-180.0, _tenth(np.floor, lon.min() - MARGIN)),
        east=min(180.0, _tenth(np.ceil, lon.max() + MARGIN)),
    )


def _tenth(rounding: np.ufunc, degrees: float) -> float:
    return round(float(rounding(degrees * 10)) / 10, 1)
