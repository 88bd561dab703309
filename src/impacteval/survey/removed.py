"""Rows that leave the data before analysis: where they stood and why, without saying whose they were."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from impacteval.errors import DataError
from impacteval.survey.read import SOURCE_COLUMNS

WITHDRAWN = "withdrawn"
DROPPED = "dropped by correction"
NO_CONSENT = "no consent"
REMOVED_COLUMNS: dict[str, str] = {
    "table": "str",
    "source_file": "str",
    "source_row": "int64",
    "reason": "str",
}


def no_rows() -> pd.DataFrame:
    """A table of removed rows without any."""
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in REMOVED_COLUMNS.items()})


def removed_rows(table: str, rows: pd.DataFrame, reason: str) -> pd.DataFrame:
    """List rows of a text table as removed."""
    listed = rows[list(SOURCE_COLUMNS)].assign(table=table, reason=reason)
    return listed[list(REMOVED_COLUMNS)].astype(REMOVED_COLUMNS).reset_index(drop=True)


def leave_out(text: Mapping[str, pd.DataFrame], removed: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Tables without removed rows; their rows are numbered anew."""
    kept = {}
    for name, frame in text.items():
        gone = _places(removed[removed["table"] == name])
        here = pd.MultiIndex.from_frame(frame[list(SOURCE_COLUMNS)])
        kept[name] = frame[~here.isin(list(gone))].reset_index(drop=True)
    return kept


def removed_table(removed: pd.DataFrame) -> pd.DataFrame:
    """Removed rows in the order of tables, files and rows."""
    return removed.sort_values(["table", *SOURCE_COLUMNS], kind="stable", ignore_index=True)


def refuse_lost_rows(
    delivered: Mapping[str, pd.DataFrame], kept: Mapping[str, pd.DataFrame], removed: pd.DataFrame
) -> None:
    """Check, as sets of rows, that each delivered row is either kept or removed for one reason.

    Raises
    ------
    DataError
        Otherwise; that would be a fault of this program.
    """
    for name, frame in delivered.items():
        out = removed[removed["table"] == name]
        here, gone = _places(kept[name]), _places(out)
        whole = len(here) + len(gone) == len(kept[name]) + len(out) == len(frame)
        if not whole or here | gone != _places(frame):
            raise DataError(f"table {name}: delivered rows are not split exactly into kept and removed ones")


def _places(frame: pd.DataFrame) -> set[tuple[str, int]]:
    return set(zip(frame["source_file"], frame["source_row"].astype("int64"), strict=True))
