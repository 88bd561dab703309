"""The forms that a study declares, read and compared version by version."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from impacteval.delivery import FormFile
from impacteval.survey.form_versions import CHANGE_COLUMNS, changes_table
from impacteval.survey.forms import read_form
from impacteval.tables import table_of


def form_files(forms: Sequence[FormFile]) -> list[str]:
    """Names of all files that declared forms are in."""
    return sorted({name for form in forms for name in (form.file, form.choices) if name})


def form_changes(folder: Path, forms: Sequence[FormFile]) -> pd.DataFrame:
    """Compare each version of a table's form with the one before it, in the order declared.

    Returns
    -------
    DataFrame
        ``table`` and ``CHANGE_COLUMNS``; no rows where a table has one form or none.
    """
    parts = []
    for table in sorted({form.table for form in forms}):
        read = [
            read_form(folder / f.file, folder / f.choices if f.choices else None)
            for f in forms
            if f.table == table
        ]
        parts.append(changes_table(read).assign(table=table))
    columns = {"table": "str", **CHANGE_COLUMNS}
    if not parts:
        return table_of([], columns)
    return pd.concat(parts, ignore_index=True)[list(columns)]
