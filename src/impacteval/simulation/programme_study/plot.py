"""A table of interviews in which errors are planted, and the lines of the ledger that record them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from impacteval.arrays import Bool1D, Int1D
from impacteval.simulation.programme_study.habits import money_text
from impacteval.simulation.programme_study.streams import Streams
from impacteval.simulation.programme_study.writing import Written

LEDGER_COLUMNS = ("error", "table", "file", "submission", "column", "clean", "planted")
CODES = ("", "-98", "-99")


class Plot:
    """One table being changed: an interview gets one error, so that each finding has one cause.

    Amounts are rounded, and interviews shortened, beside that: in cells that hold no other error.
    """

    def __init__(self, name: str, interviews: Written, streams: Streams) -> None:
        self.name, self.streams = name, streams
        self.text = interviews.text.copy()
        self.amounts, self.styles = interviews.amounts, interviews.styles
        self.free = np.ones(len(self.text), dtype=bool)
        self.touched = {column: np.zeros(len(self.text), dtype=bool) for column in self.amounts.columns}
        self.lines: list[pd.DataFrame] = []

    @property
    def is_held(self) -> Bool1D:
        """Rows of interviews, without what was recalled of the year before."""
        return np.asarray(self.text["wave"] != "0", dtype=np.bool_)

    def rng(self, error: str) -> np.random.Generator:
        """Random numbers of an error in this table."""
        return self.streams.of(f"errors.{self.name}.{error}")

    def rows(self, error: str, rate: float, among: Bool1D | None = None) -> Int1D:
        """Draw rows without an error, as many as the rate asks for of those that could have it."""
        may = np.ones(len(self.free), dtype=bool) if among is None else among
        candidates = np.flatnonzero(self.free & may)
        n = min(round(rate * int(may.sum())), len(candidates))
        chosen = np.sort(self.rng(error).choice(candidates, n, replace=False))
        self.free[chosen] = False
        return chosen

    def told(self, column: str) -> Bool1D:
        """Rows in which a question is answered with no code."""
        if column not in self.text.columns:
            return np.zeros(len(self.text), dtype=bool)
        return np.asarray(~self.text[column].isin(CODES), dtype=np.bool_)

    def change(self, error: str, rows: Int1D, column: str, cells: npt.NDArray[np.object_]) -> None:
        """Write cells and their lines of the ledger; cells that stay the same are no errors."""
        before = self.text[column].to_numpy(dtype=object)[rows]
        differs = np.asarray(before != cells, dtype=np.bool_)
        rows, before, cells = rows[differs], before[differs], cells[differs]
        self.lines.append(
            pd.DataFrame(
                {
                    "error": error,
                    "table": self.name,
                    "file": self.files(rows),
                    "submission": self.text["_uuid"].to_numpy(dtype=object)[rows],
                    "column": column,
                    "clean": before,
                    "planted": cells,
                }
            )
        )
        changed = self.text[column].to_numpy(dtype=object).copy()
        changed[rows] = cells
        self.text[column] = pd.Series(changed, index=self.text.index, dtype="str")
        if column in self.touched:
            self.touched[column][rows] = True

    def amounts_as(self, rows: Int1D, values: npt.NDArray[np.float64]) -> npt.NDArray[np.object_]:
        """Amounts written as the interviews of these rows write them."""
        return money_text(np.rint(values).astype(np.int64), self.styles[rows])

    def files(self, rows: Int1D) -> npt.NDArray[np.object_]:
        """Files in which rows stand."""
        waves = self.text["wave"].to_numpy(dtype=object)[rows]
        return np.array([f"{self.name}_R{wave}.csv" for wave in waves], dtype=object)
