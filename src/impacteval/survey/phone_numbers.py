"""Telephone numbers, written one way so that they can be compared."""

from __future__ import annotations

import re

N_DIGITS_COMPARED = 8
SEPARATORS = re.compile(r"[/,;|\n]| or | atau | dan ", re.IGNORECASE)
# A spreadsheet that took a number for an amount shows it as 6.28123E+11; its digits are lost.
SPREADSHEET = re.compile(r"\d(?:[.,]\d+)?e\+?\d+", re.IGNORECASE)
EXPORTED_AS_AMOUNT = re.compile(r"(\d{7,})\.0")


def national_number(text: str) -> str:
    """The digits of an Indonesian number without ``+62``, ``62`` or ``0`` before them.

    ``+62 812-3456-7890``, ``0812.3456.7890`` and ``81234567890`` are one number. Empty where the text
    holds none: fewer than eight digits, one digit only, or a number that a spreadsheet rounded.
    """
    stripped = text.strip()
    if SPREADSHEET.fullmatch(stripped):
        return ""
    exported = EXPORTED_AS_AMOUNT.fullmatch(stripped)
    # As in +62 (0)812: the zero is for calls from within the country.
    written = (exported.group(1) if exported else stripped).replace("(0)", "")
    digits = "".join(str(int(c)) for c in written if c.isdecimal())
    national = digits.removeprefix("00").removeprefix("62") if _is_abroad(stripped, digits) else digits
    national = national.lstrip("0")
    return national if len(national) >= N_DIGITS_COMPARED and len(set(national)) > 1 else ""


def _is_abroad(text: str, digits: str) -> bool:
    """Whether a number is written as from abroad; ``62`` alone is also how landlines may begin."""
    return text.startswith("+") or digits.startswith("0062") or (digits.startswith("62") and len(digits) > 10)


def phone_keys(text: str) -> tuple[str, ...]:
    """The last eight digits of each number in a cell, sorted; none where nothing is a number."""
    numbers = {national_number(part) for part in SEPARATORS.split(text)} - {""}
    # In 021/5551234 the stroke stands behind the area code.
    found = numbers or {national_number(text)} - {""}
    return tuple(sorted({number[-N_DIGITS_COMPARED:] for number in found}))
