"""Adding lines to the log without touching those that stand there."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from impacteval.errors import DataError
from impacteval.survey.corrections import CORRECTION_COLUMNS, Correction, row_of
from impacteval.tables import write_bytes


def append_corrections(path: Path, new: Sequence[Correction]) -> None:
    """Add lines to ``corrections.csv``, whole or not at all; what stands there stays byte for byte.

    Raises
    ------
    DataError
        When the file lacks columns, or its lines are not those that the new ones are numbered on from.
    """
    if not new:
        return
    before = path.read_bytes()
    records = list(csv.reader(io.StringIO(before.decode("utf-8-sig"), newline=""), strict=True))
    records = [record for record in records if record]
    header = records[0] if records else []
    if sorted(header) != sorted(CORRECTION_COLUMNS):
        raise DataError(f"{path}: the header must be {','.join(CORRECTION_COLUMNS)}")
    if [c.correction_id for c in new] != list(range(len(records), len(records) + len(new))):
        raise DataError(f"{path}: lines were added since the answers were read; read the answers again")
    ending = "\r\n" if b"\r\n" in before else "\n"
    lines = "".join(_csv_line([row_of(c)[name] for name in header]) + ending for c in new)
    gap = b"" if before.endswith(b"\n") else ending.encode()
    write_bytes(path, before + gap + lines.encode("utf-8"))


def _csv_line(cells: Sequence[str]) -> str:
    """One row of CSV; with this line end the writer quotes line breaks of any kind."""
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n").writerow(cells)
    return line.getvalue().removesuffix("\r\n")
