"""How a finding about two rows names the other one, so that it is known again in any order of rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd

from impacteval.codebook import Codebook
from impacteval.delivery import Roles
from impacteval.survey.corrections import CELL_SEPARATOR


def row_keys(frame: pd.DataFrame, submission: str) -> pd.Series:
    """The submission of each row; file and row where it has none.

    Parameters
    ----------
    frame : DataFrame
        Text.
    submission : str
        The column of submissions; empty where the table has none.
    """
    places = (frame["source_file"] + " row " + frame["source_row"].astype("str")).astype("str")
    if not submission:
        return places
    return frame[submission].where(frame[submission] != "", places)


def keys_shown(frame: pd.DataFrame, submission: str, *, table: str, codebook: Codebook) -> pd.Series:
    """The same as findings may show it: file and row where submissions are confidential."""
    secret = bool(submission) and codebook.find(table, submission).confidential == "yes"
    return row_keys(frame, "" if secret else submission)


def partners_text(keys: Iterable[str]) -> str:
    """The other rows of one finding, each once, in an order that is not that of the file."""
    return CELL_SEPARATOR.join(sorted(set(keys)))


def partners_of(text: str) -> list[str]:
    """The rows that ``partners_text`` joined."""
    return text.split(CELL_SEPARATOR) if text else []


def partners_in_log(
    shown: str, frame: pd.DataFrame, roles: Roles, *, table: str, codebook: Codebook
) -> str | None:
    """What a line of the log writes for the partners that a finding shows; None where one is not there."""
    keys = row_keys(frame, roles.submission)
    as_shown = keys_shown(frame, roles.submission, table=table, codebook=codebook)
    known: Mapping[str, str] = dict(zip(as_shown, keys, strict=True))
    found = partners_of(shown)
    return partners_text(known[key] for key in found) if set(found) <= set(known) else None
