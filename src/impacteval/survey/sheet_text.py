"""Text as a cell of a workbook can hold it."""

from __future__ import annotations

import re

# Excel holds 32,767; the rest of a longer cell would be lost without a word.
MOST_CHARACTERS = 32_000
UNSHOWN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
NO_CHARACTER = re.compile(r"[\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
CONTROL_PICTURES = 0x2400


def sheet_text(text: str) -> str:
    """Text for a cell: control characters as their pictures, over-long text cut with a mark."""
    pictured = UNSHOWN.sub(lambda found: chr(CONTROL_PICTURES + ord(found[0])), text)
    plain = NO_CHARACTER.sub("\ufffd", pictured)
    return plain if len(plain) <= MOST_CHARACTERS else plain[:MOST_CHARACTERS] + " [cut]"


def same_text(text: str, cell: str) -> bool:
    """Whether a cell still holds what ``sheet_text`` made of a text; programs change only white space."""
    return sheet_text(text).split() == cell.split()
