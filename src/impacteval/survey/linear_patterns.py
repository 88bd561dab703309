"""Regular expressions that a form brings along, matched in time linear in the text.

A form is not trusted: a pattern that backtracks could keep a run busy for ever.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc


def is_pattern(pattern: str) -> bool:
    """Whether a regular expression can be matched in linear time (RE2: no look-around, no references)."""
    try:
        matches_whole(np.array([""], dtype=object), pattern)
    except pa.ArrowInvalid:
        return False
    return True


def matches_whole(texts: npt.NDArray[np.object_], pattern: str) -> npt.NDArray[np.bool_]:
    """Whether each text as a whole matches a regular expression."""
    found = pc.match_substring_regex(pa.array(texts, type=pa.string()), pattern=rf"\A(?:{pattern})\z")
    return np.asarray(found.to_numpy(zero_copy_only=False), dtype=np.bool_)
