"""Builders of raw text tables and their codebooks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pandas as pd

from impacteval.codebook import Codebook, Variable
from impacteval.design import PanelRule

PANEL = PanelRule(table="firms", unit="firm", period="round", periods=(1, 2, 3), period_name="Round")
PLAIN = Variable(
    table="firms",
    column="firm",
    type="text",
    unit="",
    required="no",
    confidential="no",
    minimum=None,
    maximum=None,
    allowed=(),
    missing_codes=(),
    label="",
)


def variable(column: str, type_: str = "text", **changes: object) -> Variable:
    """A variable of the table ``firms`` that is neither required nor confidential."""
    return replace(PLAIN, column=column, type=type_, **changes)


def codebook(*variables: Variable) -> Codebook:
    """A codebook of variables."""
    return Codebook(variables=variables)


def text_table(columns: Mapping[str, Sequence[str]], *, file: str = "firms.csv") -> pd.DataFrame:
    """A table as read from a CSV file with one line a row."""
    n_rows = len(next(iter(columns.values())))
    frame = pd.DataFrame({name: pd.Series(list(cells), dtype="str") for name, cells in columns.items()})
    frame.insert(0, "source_file", pd.Series([file] * n_rows, dtype="str"))
    frame.insert(1, "source_row", pd.Series(range(2, n_rows + 2), dtype="int64"))
    return frame
