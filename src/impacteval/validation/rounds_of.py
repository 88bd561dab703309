"""The rounds of a table, in order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from impacteval.arrays import Bool1D
from impacteval.validation.labels import labels_of
from impacteval.validation.survey import CheckedTable


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """A round: its name as text, and which rows of the table, (n_rows,), are of it."""

    name: str
    rows: Bool1D

    @property
    def label(self) -> str:
        """How a sentence begins that is about the round; empty in a table without rounds."""
        return f"period {self.name}: " if self.name else ""


def rounds_of(table: CheckedTable) -> list[Round]:
    """Rounds in the order of their values; rows without a period are of none.

    A table without periods is one round without a name.
    """
    if not table.roles.period:
        return [Round(name="", rows=np.ones(len(table.frame), dtype=np.bool_))]
    name = labels_of(table, table.roles.period)
    values = table.frame[table.roles.period]
    first = values[values.notna()].drop_duplicates().sort_values().index
    return [Round(name=str(name[i]), rows=(name == name[i]).to_numpy(dtype=np.bool_)) for i in first]


def baseline(rounds: list[Round], base_period: str) -> tuple[Round | None, list[Round]]:
    """The round that others are compared with, the first unless one is named, and those after it."""
    names = [r.name for r in rounds]
    if not rounds or (base_period and base_period not in names):
        return None, []
    start = names.index(base_period) if base_period else 0
    return rounds[start], rounds[start + 1 :]
