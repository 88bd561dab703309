"""How enterprises and enumerators write: amounts, numbers, days, clocks and keys."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from impacteval.arrays import Float1D, Int1D

MoneyStyle: TypeAlias = Literal["dots", "rupiah", "full", "words"]
STYLES: tuple[MoneyStyle, ...] = ("dots", "rupiah", "full", "words")
STYLE_SHARES = (0.50, 0.12, 0.13, 0.25)
BILLION, MILLION = 10**9, 10**6
TAILS = np.array(["", *(f".{rest:02d}".rstrip("0") for rest in range(1, 100))])
CODES = {"refused": "-98", "dont_know": "-99"}
MOST_DECIMALS = 2
WORD_DECIMALS = 3


def money_text(amounts: Int1D, styles: Sequence[str] | npt.NDArray[np.str_]) -> npt.NDArray[np.object_]:
    """Amounts in rupiah as Indonesians write them, each in its style.

    ``dots`` is ``1.234.567``, ``rupiah`` is ``Rp1.234.567``, ``full`` is ``Rp 1.234.567,-``; ``words``
    is ``2,5 M`` (milliards) or ``750 jt`` (millions) where three decimals say all, else ``dots``.
    Negative amounts stand in brackets.
    """
    found = np.empty(len(amounts), dtype=object)
    asked = np.asarray(styles)
    for style in STYLES:
        rows = asked == style
        codes, distinct = pd.factorize(amounts[rows])
        texts = np.array([WRITERS[style](int(a)) for a in distinct], dtype=object)
        found[rows] = texts[codes] if len(texts) else texts
    return found


def _dots(amount: int) -> str:
    digits = f"{abs(amount):,}".replace(",", ".")
    return f"({digits})" if amount < 0 else digits


def _rupiah(amount: int) -> str:
    return f"Rp{_dots(amount)}" if amount > 0 else _dots(amount)


def _full(amount: int) -> str:
    return f"Rp {_dots(amount)},-" if amount > 0 else _dots(amount)


def _words(amount: int) -> str:
    for unit, word in ((BILLION, "M"), (MILLION, "jt")):
        if amount >= unit:
            whole, rest = divmod(amount, unit)
            if rest % (unit // 10**WORD_DECIMALS):
                return _dots(amount)
            digits = f"{rest // (unit // 10**WORD_DECIMALS):0{WORD_DECIMALS}d}".rstrip("0")
            return f"{_dots(whole)},{digits}".rstrip(",") + f" {word}"
    return _dots(amount)


WRITERS: dict[MoneyStyle, Callable[[int], str]] = {
    "dots": _dots,
    "rupiah": _rupiah,
    "full": _full,
    "words": _words,
}


def plain(number: float) -> str:
    """A number with two decimals at most and no trailing zeros."""
    text = f"{number:.{MOST_DECIMALS}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def number_text(values: pd.Series) -> pd.Series:
    """Numbers with two decimals at most and no trailing zeros; missing ones are empty."""
    import pyarrow as pa
    import pyarrow.compute as pc

    is_told = values.notna().to_numpy()
    numbers = values.to_numpy(dtype=np.float64, na_value=0.0)
    whole, rest = np.divmod(np.rint(np.abs(numbers) * 100).astype(np.int64), 100)
    signs = np.where((numbers < 0) & (whole + rest > 0), "-", "")
    parts = [pa.array(signs), pa.array(whole).cast(pa.string()), pa.array(TAILS[rest])]
    text = pd.Series(pc.binary_join_element_wise(*parts, ""), index=values.index, dtype="str")
    return text.where(is_told, "")


def shortest(number: float) -> str:
    """A number in the shortest form that gives it back, whole ones without decimals."""
    return str(int(number)) if number.is_integer() else repr(number)


def grouped(number: float) -> str:
    """An amount with its cents, if any, as Indonesians write it: ``1.234,56``."""
    whole, _, cents = f"{number:,.2f}".partition(".")
    return whole.replace(",", ".") + (f",{cents}" if cents != "00" else "")


def distinct_text(values: pd.Series, write: Callable[[object], str]) -> pd.Series:
    """Write each distinct value once; missing ones are empty."""
    codes, distinct = pd.factorize(values)
    texts = np.array([*(write(v) for v in distinct), ""], dtype=object)
    return pd.Series(texts[codes], index=values.index, dtype="str")


def rounded(amounts: Float1D, n_digits: int) -> Float1D:
    """Amounts with so many leading digits, the others zero."""
    size = np.floor(np.log10(np.maximum(np.abs(amounts), 1)))
    step = 10 ** np.maximum(size + 1 - n_digits, 0)
    return np.asarray(np.rint(amounts / step) * step, dtype=np.float64)


def keys_of(seed: int, names: Sequence[str]) -> list[str]:
    """A key for each name in the form of a UUID of version 5; equal seeds and names give equal keys."""
    return [_key(f"{seed}/{name}") for name in names]


def _key(name: str) -> str:
    digest = bytearray(hashlib.sha256(name.encode("utf-8")).digest()[:16])
    digest[6] = digest[6] & 0x0F | 0x50
    digest[8] = digest[8] & 0x3F | 0x80
    text = digest.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def clock_text(days: npt.NDArray[np.datetime64], minutes: Float1D, seconds: Int1D) -> pd.Series:
    """Times of day as a device writes them, without its offset from UTC."""
    exact = (
        days.astype("datetime64[s]")
        + (minutes * 60).astype("timedelta64[s]")
        + seconds.astype("timedelta64[s]")
    )
    return pd.Series(np.datetime_as_string(exact, unit="s"), dtype="str") + ".000"
