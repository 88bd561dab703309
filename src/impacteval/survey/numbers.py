"""Numbers as people and software write them: plain, Indonesian or English, as a column declares."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, TypeAlias

import numpy as np
import pandas as pd

# Software exports integers as 410032.0; 20.000 may be twenty thousand and is not guessed.
INTEGER = r"[+-]?[0-9]{1,15}(?:\.0)?"
DECIMAL = r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?"
LARGEST_WHOLE = 1e15
NO_MARKS = r"(?:[+-]?[0-9]+)?"
THREE_AFTER_DOT = r"[+-]?[1-9][0-9]{0,2}\.[0-9]{3}"
ZERO_WORDS = frozenset({"nihil"})
# Full-width forms of ASCII, blanks that do not break lines, and the signs that stand for a hyphen.
ORDINARY = {
    **{0xFEE0 + code: code for code in range(0x21, 0x7F)},
    **dict.fromkeys((0x00A0, 0x2007, 0x2008, 0x2009, 0x200A, 0x202F, 0x3000), 0x20),
    **dict.fromkeys((0x2010, 0x2011, 0x2012, 0x2013, 0x2014, 0x2212), 0x2D),
}
POWERS = {
    "ribu": 3, "rb": 3, "juta": 6, "jt": 6, "miliar": 9, "milyar": 9, "triliun": 12, "trilyun": 12,
}  # fmt: skip
PERCENT = frozenset({"%", "persen", "percent"})
RANGE = re.compile(
    r"[0-9]\s*[a-z]*\s*(?:-|\bs\.?/?d\b\.?|\b(?:sampai|hingga|atau|to|or)\b)\s*(?:rp\.?|idr)?\s*[0-9]", re.I
)
APPROXIMATION = re.compile(
    r"\+\s*/?\s*-|[±~≈<>≤≥]|\b(?:kira-kira|kira2|kira|sekitar|kurang|lebih|kl|hampir|about|around|approx)\b",
    re.I,
)
Mark: TypeAlias = Literal["", "either", "plain", "id", "en", "comma"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """How a language writes numbers: its marks, words for powers of ten, and an example.

    ``cased`` powers are abbreviations that must be written as they stand: M is 10^9 in Indonesian.
    """

    group: str
    decimal: str
    powers: dict[str, int]
    cased: dict[str, int]
    example: str

    @property
    def core(self) -> str:
        """A signed number with its marks and nothing else."""
        group, decimal = re.escape(self.group), re.escape(self.decimal)
        return rf"[+-]?(?:[0-9]+|[1-9][0-9]{{0,2}}(?:{group}[0-9]{{3}})+)(?:{decimal}[0-9]+)?"

    @property
    def body(self) -> re.Pattern[str]:
        """A number without its sign, with what may follow it."""
        group, decimal = re.escape(self.group), re.escape(self.decimal)
        whole = rf"[0-9]+|[1-9][0-9]{{0,2}}(?:(?:{group}[0-9]{{3}})+|(?: [0-9]{{3}})+)"
        return re.compile(
            rf"(?P<whole>{whole})(?:{decimal}(?:(?P<fraction>[0-9]+)|-{{1,2}}))?\s*"
            r"(?P<unit>(?!rupiah|idr)[a-z]+|%)?\s*(?:rupiah|idr)?",
            re.I,
        )


WRITINGS = {
    "id": Writing(
        group=".", decimal=",", powers=POWERS, cased={"M": 9, "T": 12}, example="1.234,5 (format id)"
    ),
    "en": Writing(
        group=",",
        decimal=".",
        powers={**POWERS, "thousand": 3, "million": 6, "billion": 9, "trillion": 12},
        cased={},
        example="1,234.5 (format en)",
    ),
}
BODIES = {name: writing.body for name, writing in WRITINGS.items()}
SIGNED = re.compile(
    r"(?P<first>[+-]?)\s*(?:(?:rp\.?|idr)(?![a-z]))?\s*(?P<second>[+-]?)\s*(?P<body>.*)", re.I
)
BRACKETS = re.compile(r"(?P<currency>(?:rp\.?|idr)?)\s*\((?P<inner>[^()]*)\)", re.I)


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """Numbers that were read, NaN where none was, and why not; both as the cells are indexed."""

    values: pd.Series
    why: pd.Series


def ordinary(text: str) -> str:
    """Text with ordinary digits, signs and blanks, blanks around and double ones removed."""
    return re.sub(r"\s+", " ", text.translate(ORDINARY)).strip()


def read_numbers(cells: pd.Series, format_: str, *, is_whole: bool) -> Numbers:
    """Read cells by the format that their column declares, and by no other.

    Parameters
    ----------
    cells : Series of str
        Without outer blanks; none is empty.
    format_ : {"", "id", "en"}
        Plain (``1234.5``), Indonesian (``1.234,5``) or English (``1,234.5``).
    is_whole : bool
        Whether fractions are refused, and numbers of 10^15 and more.

    Returns
    -------
    Numbers
        Each value is the double nearest to what is written.
    """
    if format_:
        numbers = _read_written(cells, WRITINGS[format_], BODIES[format_])
    else:
        kind = "not a whole number" if is_whole else "not a number"
        numbers = _read_plain(cells, INTEGER if is_whole else DECIMAL, kind)
    return _possible(numbers, is_whole=is_whole)


def _read_plain(cells: pd.Series, pattern: str, otherwise: str) -> Numbers:
    reads = cells.str.fullmatch(pattern)
    why = pd.Series("", index=cells.index, dtype="str").mask(~reads, otherwise)
    return Numbers(values=_doubles(cells.where(reads)), why=why)


def _doubles(digits: pd.Series) -> pd.Series:
    """Texts that are plain decimals, as the nearest doubles; NaN where missing."""
    values = digits.astype("double[pyarrow]").to_numpy(dtype="float64", na_value=np.nan)
    return pd.Series(values, index=digits.index)


def _read_written(cells: pd.Series, writing: Writing, body: re.Pattern[str]) -> Numbers:
    """Read plain groups and decimals at once, what has words, brackets or other signs text by text."""
    reads = cells.str.fullmatch(writing.core)
    digits = cells.where(reads).str.replace(writing.group, "", regex=False)
    values = _doubles(digits.str.replace(writing.decimal, ".", regex=False))
    others = cells[~reads]
    codes, texts = pd.factorize(others)
    read = [_read_one(str(text), writing, body) for text in texts]
    values[~reads] = np.array([np.nan if isinstance(r, str) else float(r) for r in read])[codes]
    why = pd.Series("", index=cells.index, dtype="str")
    why[~reads] = np.array([r if isinstance(r, str) else "" for r in read], dtype=object)[codes]
    return Numbers(values=values, why=why)


def _read_one(text: str, writing: Writing, body: re.Pattern[str]) -> Decimal | str:
    """The number that a text states, or why it states none."""
    plain = ordinary(text)
    if plain.casefold() in ZERO_WORDS:
        return Decimal(0)
    if APPROXIMATION.search(plain):
        return "an approximation; write one number, or a missing code"
    if RANGE.search(plain):
        return "a range; write one number, or a missing code"
    sign, rest = _signed(plain)
    found = body.fullmatch(rest) if sign else None
    if found is None:
        return f"not a number written like {writing.example}"
    power = _power(found["unit"] or "", writing)
    if power is None:
        return "an unknown word after the number; write the number in digits"
    digits = re.sub(r"[^0-9]", "", found["whole"])
    return Decimal(f"{sign}{digits}.{found['fraction'] or '0'}E{power}")


def _signed(text: str) -> tuple[str, str]:
    """The sign of a number and the text after sign and currency; no sign where there are two."""
    brackets = BRACKETS.fullmatch(text)
    found = SIGNED.fullmatch(brackets["inner"] if brackets else text)
    if found is None:
        return "", text
    signs = found["first"] + found["second"] + ("-" if brackets else "")
    return (signs or "+", found["body"]) if len(signs) <= 1 else ("", text)


def _power(unit: str, writing: Writing) -> int | None:
    """The power of ten that a word stands for; None where it stands for none."""
    if not unit or unit.casefold() in PERCENT:
        return 0
    return writing.cased.get(unit, writing.powers.get(unit.casefold()))


def _possible(numbers: Numbers, *, is_whole: bool) -> Numbers:
    """Refuse what is no finite number and, where numbers are whole, fractions and what no double counts."""
    values, why = numbers.values, numbers.why
    refused = {"too large a number": np.isinf(values)}
    if is_whole:
        refused["a whole number of 16 digits or more"] = values.abs() >= LARGEST_WHOLE
        refused["not a whole number"] = values.notna() & (values % 1 != 0)
    for reason, rows in refused.items():
        why = why.mask(rows & (why == ""), reason)
    return Numbers(values=values.mask(why != ""), why=why)


def marks_of(cells: pd.Series) -> pd.Series:
    """Say of each cell which ways of writing numbers it can be.

    Returns
    -------
    Series of str
        ``either`` for ``1.500``, plain or Indonesian; ``comma`` for ``1,500``, Indonesian or English;
        ``plain``, ``id`` or ``en`` where only one reads it; empty where marks do not matter.
    """
    marks = pd.Series("", index=cells.index, dtype="str")
    has_marks = ~cells.str.fullmatch(NO_MARKS)
    if has_marks.any():
        marks[has_marks] = _marks_of_marked(cells[has_marks])
    return marks


def _marks_of_marked(cells: pd.Series) -> pd.Series:
    marks = pd.Series("", index=cells.index, dtype="str")
    marks = marks.mask(cells.str.fullmatch(DECIMAL), "plain")
    marks = marks.mask(cells.str.fullmatch(THREE_AFTER_DOT), "either")
    others = marks == ""
    codes, texts = pd.factorize(cells[others])
    found = np.array([_written_mark(str(text)) for text in texts], dtype=object)
    marks[others] = found[codes]
    return marks


def _written_mark(text: str) -> Mark:
    """Which of the languages reads a text that is no plain number."""
    indonesian, english = (_read_one(text, WRITINGS[name], BODIES[name]) for name in ("id", "en"))
    if isinstance(indonesian, str):
        return "" if isinstance(english, str) else "en"
    if isinstance(english, str):
        return "id" if set(text) & {".", ","} else ""
    return "" if indonesian == english else "comma"
