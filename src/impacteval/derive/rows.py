"""The rows that a formula is computed for, and what its names mean there."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import pandas as pd

from impacteval.arrays import Bool1D, Int1D
from impacteval.derive.aggregates import Groups
from impacteval.derive.values import Reasons, Value, of_column


class Names(Protocol):
    """Rows in which names have values."""

    def named(self, name: str) -> Value:
        """The value of a name in each row; KeyError where it has none."""


class Columns:
    """Columns of a table as values; each is read once."""

    def __init__(self, frame: pd.DataFrame, reasons: Reasons) -> None:
        self._frame = frame
        self._reasons = reasons
        self._read: dict[str, Value] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._read or name in self._frame.columns

    def __len__(self) -> int:
        return len(self._frame)

    def named(self, name: str) -> Value:
        """A column; missing cells have its name as their reason."""
        if name not in self._read:
            self._read[name] = of_column(self._frame[name], self._reasons.code(f"{name} missing"))
        return self._read[name]

    def keep(self, name: str, value: Value) -> None:
        """Keep a computed column."""
        self._read[name] = value


class LinkedRows:
    """Rows of another table beside the panel row that each belongs to; one row a pair.

    Parameters
    ----------
    columns : Columns
        Columns of the other table.
    panel : Names
        The panel's rows.
    left, right : (n_pairs,)
        The panel row and the row of the other table of each pair; ``left`` rises.
    """

    def __init__(self, columns: Columns, panel: Names, groups: Groups, right: Int1D) -> None:
        self.groups = groups
        self._columns = columns
        self._panel = panel
        self._right = right
        self._read: dict[str, Value] = {}

    def __len__(self) -> int:
        return len(self._right)

    def named(self, name: str) -> Value:
        """The value of a name: the table's own before the panel's."""
        if name not in self._read:
            own = name in self._columns
            found = self._columns.named(name) if own else self._panel.named(name)
            self._read[name] = found.at(self._right if own else self.groups.group)
        return self._read[name]

    def keep(self, name: str, value: Value) -> None:
        """Keep a column that was computed for these rows."""
        self._read[name] = value

    def of_panel(self, rows: Bool1D) -> Bool1D:
        """Whether the panel row of each pair is one of some."""
        return rows[self.groups.group]


def joined_pairs(panel_key: Int1D, other_key: Int1D) -> tuple[Int1D, Int1D]:
    """Pairs of rows with the same key, by panel row, then in the order of the other table.

    Parameters
    ----------
    panel_key, other_key : (n_panel_rows,), (n_other_rows,)
        Codes; rows with -1 have no partner.

    Returns
    -------
    (n_pairs,), (n_pairs,)
        Positions of the panel row and of the other row.
    """
    order = np.argsort(other_key, kind="stable")
    ranked = other_key[order]
    begin, end = np.searchsorted(ranked, panel_key, "left"), np.searchsorted(ranked, panel_key, "right")
    n = np.where(panel_key < 0, 0, end - begin)
    left = np.repeat(np.arange(len(panel_key), dtype=np.int64), n)
    within = np.arange(len(left), dtype=np.int64) - np.repeat(np.cumsum(n) - n, n)
    return left, order[np.repeat(begin, n) + within]
