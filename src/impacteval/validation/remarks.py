"""Several things that one check can say of a row, said in one finding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from impacteval.checks import Check, Severity
from impacteval.validation.survey import WHOLE_TABLE, Failures

GRAVITY: tuple[Severity, ...] = ("info", "warning", "error")


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """What is wrong with some rows of a table.

    Parameters
    ----------
    rows : (n_rows,)
        Whether each row of the table is meant.
    notes : (n_rows,)
        What is said of each row that is meant.
    severity : Severity or None
        Where it is not the check's own.
    others : (n_rows,) or None
        For each row that is meant the position of the other row that it is meant with.
    """

    rows: npt.NDArray[np.bool_]
    notes: pd.Series
    severity: Severity | None = None
    others: npt.NDArray[np.int64] | None = None


def remarked(check: Check, columns: Sequence[str], remarks: Sequence[Remark]) -> list[Failures]:
    """One failure a row that any remark means: notes in the order of the remarks, the gravest severity."""
    meant = np.logical_or.reduce([r.rows for r in remarks]) if remarks else np.zeros(0, dtype=bool)
    rows = np.flatnonzero(meant)
    if not len(rows):
        return []
    notes = np.full(len(meant), "", dtype=object)
    gravity = np.zeros(len(meant), dtype=np.int64)
    for remark in remarks:
        at = np.flatnonzero(remark.rows)
        said = remark.notes.to_numpy(dtype=object)[at]
        notes[at] = np.where(notes[at] == "", said, notes[at] + "; " + said)
        gravity[at] = np.maximum(gravity[at], GRAVITY.index(remark.severity or check.severity))
    return [
        Failures(
            check=check,
            table=check.table,
            rows=rows,
            columns=tuple(columns),
            notes=tuple(notes[rows]),
            severities=tuple(GRAVITY[g] for g in gravity[rows]),
            partners=_partners(rows, remarks),
        )
    ]


def _partners(rows: npt.NDArray[np.int64], remarks: Sequence[Remark]) -> tuple[tuple[int, ...], ...]:
    """The other rows that any remark means each row with; nothing where no remark is about two rows."""
    pairs = [(r.rows, r.others) for r in remarks if r.others is not None]
    return tuple(tuple({int(others[row]) for meant, others in pairs if meant[row]}) for row in rows if pairs)


def informing(check: Check, column: str, notes: Sequence[str]) -> list[Failures]:
    """Say of a whole table what the check could not judge or had to limit; nothing where it did all."""
    if not notes:
        return []
    return [
        Failures(
            check=check,
            table=check.table,
            rows=np.array([WHOLE_TABLE], dtype="int64"),
            columns=(column,) if column else (),
            notes=("; ".join(notes),),
            severities=("info",),
        )
    ]


def constant_notes(n_rows: int, note: str) -> pd.Series:
    """The same note for each row."""
    return pd.Series(note, index=range(n_rows), dtype="str")
