"""Characters that show damaged text: replaced, control and misread ones."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from impacteval.survey.problems import FileProblem, Place, ProblemSeverity, listed
from impacteval.survey.raw_file import RawFile

PLAIN_BYTES = bytes(b for b in range(256) if b >= 32 or b in b"\t\n\r")
# Bytes that begin what the kinds below look for; two of three columns have none of them.
SUSPECT_BYTES = (b"\xc2", b"\xc3", b"\xef")
# High control characters, replaced characters and marks, and the letters of misread text before what
# bytes 80 to BF become.
SUSPECT = re.compile(
    rb"\xc2[\x80-\x9f]|\xef(?:\xbf[\xbd-\xbf]|\xbb\xbf)"
    rb"|\xc3[\x82\x83\x90\x91\x98\x99\xa2\xaf\xb0][\xc2\xc5\xc6\xcb\xe2]"
)
# What bytes 80 to BF become when UTF-8 is read as cp1252 or latin-1.
CONTINUED = (
    "[\u0080-\u00bf\u20ac\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u017d\u2018"
    "\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u017e\u0178]"
)
MISREAD = (
    f"[\u00c2\u00c3]{CONTINUED}|\u00e2[\u0080\u20ac]{CONTINUED}?|\u00f0[\u009f\u0178]{CONTINUED}"
    f"|\u00ef(?:\u00bb\u00bf|\u00bf\u00bd)|(?:[\u00d0\u00d1\u00d8\u00d9]{CONTINUED}){{2,}}"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OddText:
    """A kind of damage that text can show."""

    pattern: re.Pattern[str]
    message: str
    suggestion: str
    severity: ProblemSeverity = "error"


KINDS: Mapping[str, OddText] = {
    "nul": OddText(
        pattern=re.compile("\x00"),
        message="a NUL character; the file is damaged or not text",
        suggestion="export it again and declare its encoding",
    ),
    "control": OddText(
        pattern=re.compile("[\x01-\x08\x0b\x0c\x0e-\x1f]"),
        message="a control character",
        suggestion="find out what typed it and export again",
    ),
    "high_control": OddText(
        pattern=re.compile("[\x80-\x9f]"),
        message="a control character between U+0080 and U+009F",
        suggestion="the encoding is probably cp1252; declare it",
    ),
    "replaced": OddText(
        pattern=re.compile("\ufffd"),
        message="the character U+FFFD, which stands for one that was lost before the file was saved",
        suggestion="export again in UTF-8 from where the text is still whole",
    ),
    "mark": OddText(
        pattern=re.compile("[\ufeff\ufffe\uffff]"),
        message="a byte order mark within the text",
        suggestion="files were joined or converted wrongly; deliver them apart",
    ),
    "surrogate": OddText(
        pattern=re.compile("[\ud800-\udfff]"),
        message="half of a surrogate pair",
        suggestion="export it again in UTF-8",
    ),
    "misread": OddText(
        pattern=re.compile(MISREAD),
        message=(
            "text such as \u00c3\u00a9 or \u00e2\u20ac\u2122: UTF-8 that was read as cp1252 "
            "before the file was saved"
        ),
        suggestion="export again with encoding UTF-8 throughout, or correct these cells",
        severity="warning",
    ),
}


def kinds_in(text: str) -> list[str]:
    """Kinds of damage that a text shows."""
    return [name for name, kind in KINDS.items() if kind.pattern.search(text)]


def odd_cells(cells: pa.Array) -> dict[str, list[int]]:
    """Find damaged cells of a column.

    Parameters
    ----------
    cells : LargeStringArray, (n_rows,)

    Returns
    -------
    dict
        Positions of the cells that show each kind of damage found.
    """
    if not _may_be_odd(cells):
        return {}
    found: dict[str, list[int]] = {}
    for position, cell in enumerate(cells.to_pylist()):
        for kind in kinds_in(cell or ""):
            found.setdefault(kind, []).append(position)
    return found


def _may_be_odd(cells: pa.Array) -> bool:
    """Look at the bytes of a whole column at once; most columns need no second look."""
    data = cells.buffers()[2]
    if data is None:
        return False
    content = data.to_pybytes()
    if content.translate(None, PLAIN_BYTES):
        return True
    return any(b in content for b in SUSPECT_BYTES) and SUSPECT.search(content) is not None


def character_problems(
    file: RawFile, column: str, rows: npt.NDArray[np.int64], found: Mapping[str, Sequence[int]]
) -> list[FileProblem]:
    """Describe the damaged cells of a column, one problem for each kind."""
    problems = []
    for name in KINDS:
        if name not in found:
            continue
        kind, places = KINDS[name], [int(rows[i]) for i in found[name]]
        words = f"{listed(places, file.row_noun)}, column {column!r}"
        place = Place(row=places[0], column=column, words=words)
        problems.append(
            file.remark("C02", kind.message, kind.suggestion, place=place, severity=kind.severity)
        )
    return problems
