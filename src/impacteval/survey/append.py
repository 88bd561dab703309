"""Adding lines to the log without touching those that stand there."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from impacteval.errors import DataError
from impacteval.survey.corrections import CORRECTION_COLUMNS, OPTIONAL_COLUMNS, Correction, row_of
from impacteval.tables import write_bytes


def append_corrections(path: Path, new: Sequence[Correction]) -> None:
    """Add lines to ``corrections.csv``, whole or not at all; what stands there stays byte for byte.

    Where the new lines need a column that an older log does not have, its lines get an empty last cell.

    Raises
    ------
    DataError
        When the file lacks columns, or its lines are not those that the new ones are numbered on from.
    """
    if not new:
        return
    before = path.read_bytes()
    records = _records(before.decode("utf-8-sig"))
    header = records[0] if records else []
    lacking = [name for name in CORRECTION_COLUMNS if name not in header]
    if sorted([*header, *lacking]) != sorted(CORRECTION_COLUMNS) or not set(lacking) <= set(OPTIONAL_COLUMNS):
        raise DataError(f"{path}: the header must be {','.join(CORRECTION_COLUMNS)}")
    if [c.correction_id for c in new] != list(range(len(records), len(records) + len(new))):
        raise DataError(f"{path}: lines were added since the answers were read; read the answers again")
    for name in lacking:
        if any(row_of(c)[name] for c in new):
            before, header = _with_column(before.decode("utf-8"), name).encode("utf-8"), [*header, name]
    ending = "\r\n" if b"\r\n" in before else "\n"
    lines = "".join(_csv_line([row_of(c)[name] for name in header]) + ending for c in new)
    gap = b"" if before.endswith(b"\n") else ending.encode()
    write_bytes(path, before + gap + lines.encode("utf-8"))


def _records(text: str) -> list[list[str]]:
    """The records of a CSV file that are not blank."""
    return [record for record in csv.reader(io.StringIO(text, newline=""), strict=True) if record]


def _with_column(text: str, name: str) -> str:
    """A CSV file with one more column at its end, empty in all records; nothing else is written anew."""
    lines = list(io.StringIO(text, newline=""))
    reader = csv.reader(lines, strict=True)
    cell = name
    for record in reader:
        if record:
            last = lines[reader.line_num - 1]
            kept = last.rstrip("\r\n")
            lines[reader.line_num - 1] = f"{kept},{cell}{last[len(kept) :]}"
            cell = ""
    return "".join(lines)


def _csv_line(cells: Sequence[str]) -> str:
    """One row of CSV; with this line end the writer quotes line breaks of any kind."""
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n").writerow(cells)
    return line.getvalue().removesuffix("\r\n")
