"""Why values are missing: declared codes, letters of statistical software, and words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from impacteval.codebook import Variable
from impacteval.survey.numbers import read_numbers

# What people type into number questions, without outer blanks, whatever the case.
EMPTY_WORDS = frozenset({"-", "--", "\u2013", "\u2014"})
WORDS = {
    "tdk tahu": "dont_know",
    "tidak tahu": "dont_know",
    "tdk tau": "dont_know",
    "tidak tau": "dont_know",
    "tt": "dont_know",
    "menolak": "refused",
    "menolak menjawab": "refused",
}
NUMBERS = frozenset({"integer", "decimal"})
EXTENDED = frozenset({"integer", "decimal", "date", "datetime", "category", "multiple"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """Which cells of a column are empty, and for the others that are missing the code and its reason.

    ``codes`` and ``reasons`` are empty text where a cell holds no code.
    """

    is_empty: npt.NDArray[np.bool_]
    codes: pd.Series
    reasons: pd.Series

    @property
    def is_coded(self) -> npt.NDArray[np.bool_]:
        """Whether each cell holds a code."""
        return np.asarray(self.codes != "", dtype=bool)

    @property
    def is_missing(self) -> npt.NDArray[np.bool_]:
        """Whether each cell is empty or holds a code."""
        return self.is_empty | self.is_coded


def missing_of(stripped: pd.Series, variable: Variable) -> Missing:
    """Find the missing cells of a column that can be told by their text.

    Parameters
    ----------
    stripped : Series of str
        Cells without outer blanks.
    """
    reasons = _reasons_by_text(stripped, variable)
    is_empty = stripped == ""
    if _has_words(variable):
        is_empty |= stripped.isin(EMPTY_WORDS)
    if not reasons:
        none = pd.Series("", index=stripped.index, dtype="str")
        return Missing(is_empty=np.asarray(is_empty, dtype=bool), codes=none, reasons=none)
    codes = stripped.where(stripped.isin(list(reasons)), "")
    is_coded = codes != ""
    return Missing(
        is_empty=np.asarray(is_empty & ~is_coded, dtype=bool),
        codes=codes,
        reasons=codes.map(reasons).where(is_coded, "").astype("str"),
    )


def with_number_codes(missing: Missing, values: pd.Series, variable: Variable) -> Missing:
    """Add the cells whose number is a missing code, however it is written: ``-99.0`` for ``-99``."""
    codes, reasons = missing.codes, missing.reasons
    for code, reason in variable.reasons.items():
        number = number_of(code, variable.format)
        at = values == number if number is not None else None
        if at is not None and at.any():
            codes, reasons = codes.mask(at, code), reasons.mask(at, reason)
    return Missing(is_empty=missing.is_empty, codes=codes, reasons=reasons)


def number_of(code: str, format_: str) -> float | None:
    """The number that a code stands for, as its column writes numbers or plain; None for a word."""
    cells = pd.Series([code.strip()], dtype="str")
    for writing in dict.fromkeys((format_, "")):
        value = float(read_numbers(cells, writing, is_whole=False).values.iloc[0])
        if not np.isnan(value):
            return value
    return None


def _has_words(variable: Variable) -> bool:
    """Words are read where people typed numbers; a plain column was written by software."""
    return variable.type in NUMBERS and variable.format != ""


def _reasons_by_text(stripped: pd.Series, variable: Variable) -> dict[str, str]:
    """The reason of each text found in a column that stands for a missing value."""
    declared = variable.reasons
    found: dict[str, str] = {}
    if variable.type in EXTENDED:
        letters = stripped[(stripped.str.len() == 2) & stripped.str.startswith(".")]
        found |= {
            text: "coded"
            for text in letters[letters.str.fullmatch(r"\.[a-z]")].unique()
            if text not in variable.allowed
        }
    if _has_words(variable):
        lowered = stripped.str.lower().str.replace(r"\s+", " ", regex=True)
        said = lowered.isin(list(WORDS))
        found |= {text: WORDS[" ".join(text.lower().split())] for text in stripped[said].unique()}
    return found | declared
