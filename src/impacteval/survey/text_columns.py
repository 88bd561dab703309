"""Text columns that grow by batches of rows, looked at for damaged characters as they grow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from impacteval.survey.characters import character_problems, odd_cells
from impacteval.survey.headers import ColumnMatch
from impacteval.survey.problems import FileProblem
from impacteval.survey.raw_file import FileText, RawFile

CELLS_AT_ONCE = 1_000_000


class TextColumns:
    """The wanted columns of a file while it is read.

    All columns are looked at for damaged characters; only the wanted ones are kept, as Arrow
    text, of which a million rows of a hundred columns fit into memory.
    """

    def __init__(self, header: Sequence[str], match: ColumnMatch, file: RawFile) -> None:
        self._header, self._match, self._file = header, match, file
        self._kept: dict[int, list[pa.Array]] = {i: [] for i in match.positions.values()}
        self._rows: list[npt.NDArray[np.int64]] = []
        self._odd: dict[int, dict[str, list[int]]] = {}
        self._n_rows = 0

    @property
    def batch_rows(self) -> int:
        """Rows that one batch should have."""
        return max(1, CELLS_AT_ONCE // max(1, len(self._header)))

    def add_rows(self, records: Sequence[Sequence[str]], rows: Sequence[int]) -> None:
        """Add complete records, each with as many cells as the header."""
        cells = zip(*records, strict=True) if records else ()
        self.add_columns(dict(enumerate(cells)), rows)

    def add_columns(self, cells: Mapping[int, Sequence[str]], rows: Sequence[int]) -> None:
        """Add a batch by position of the column; columns that are not wanted may be left out."""
        for position, column in cells.items():
            array = as_text_array(column)
            for kind, found in odd_cells(array).items():
                places = self._odd.setdefault(position, {}).setdefault(kind, [])
                places += [self._n_rows + i for i in found]
            if position in self._kept:
                self._kept[position].append(array)
        self._rows.append(np.asarray(rows, dtype="int64"))
        self._n_rows += len(rows)

    def finish(self, problems: Sequence[FileProblem]) -> FileText:
        """Close the file; its text is there even beside problems, and is not to be used with errors."""
        rows = np.concatenate(self._rows) if self._rows else np.empty(0, dtype="int64")
        odd = [
            problem
            for position in sorted(self._odd)
            for problem in character_problems(self._file, self._header[position], rows, self._odd[position])
        ]
        columns = {name: series_of(self._kept[i]) for name, i in self._match.positions.items()}
        return FileText(columns=columns, rows=rows, problems=(*problems, *odd))


def as_text_array(cells: Sequence[str]) -> pa.Array:
    """Text as Arrow keeps it; half surrogates, which UTF-8 does not have, become U+FFFD and so are found."""
    if isinstance(cells, pa.Array):
        return cells
    try:
        return pa.array(list(cells), type=pa.large_string())  # a list takes a quarter of a tuple's time
    except UnicodeEncodeError:
        return pa.array([c.encode("utf-8", "replace").decode() for c in cells], type=pa.large_string())


def series_of(batches: Sequence[pa.Array]) -> pd.Series:
    """One column of dtype ``str`` over batches, without a copy."""
    chunks = pa.chunked_array(batches, type=pa.large_string())
    return pd.Series(pd.array(chunks, dtype=pd.StringDtype("pyarrow", na_value=np.nan)))
