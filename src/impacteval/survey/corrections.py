"""Corrections: logged changes of single raw values, replayed on every run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from impacteval.codebook import Codebook
from impacteval.errors import DataError, nearest, raise_together
from impacteval.survey.read import SOURCE_COLUMNS


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """A line of ``corrections.csv``: replace one raw cell, which must hold ``old_value``."""

    line: int
    table: str
    source_file: str
    source_row: int
    column: str
    old_value: str
    new_value: str
    reason: str
    decided_by: str

    @property
    def cell(self) -> tuple[str, str, int, str]:
        """The table, file, row and column that it changes."""
        return (self.table, self.source_file, self.source_row, self.column)


def parse_corrections(rows: Mapping[int, Mapping[str, str]]) -> tuple[Correction, ...]:
    """Read the rows of ``corrections.csv``, by the line each begins on.

    Raises
    ------
    DataError
        For a row number that is none, no reason or no decision-maker, and two lines about one cell.
    """
    problems, parsed = [], []
    for line, row in rows.items():
        if not row["source_row"].isdecimal():
            problems.append(f"line {line}: source_row {row['source_row']!r} is not a row number")
            continue
        problems += [
            f"line {line}: {name} is empty; a correction says why and who decided"
            for name in ("reason", "decided_by")
            if not row[name].strip()
        ]
        parsed.append(
            Correction(
                line=line,
                table=row["table"],
                source_file=row["source_file"],
                source_row=int(row["source_row"]),
                column=row["column"],
                old_value=row["old_value"],
                new_value=row["new_value"],
                reason=row["reason"],
                decided_by=row["decided_by"],
            )
        )
    first: dict[tuple[str, str, int, str], int] = {}
    for correction in parsed:
        earlier = first.setdefault(correction.cell, correction.line)
        if earlier != correction.line:
            problems.append(
                f"line {correction.line}: the cell is already corrected on line {earlier}; keep one of them"
            )
    raise_together(problems, DataError, "corrections.csv")
    return tuple(parsed)


def replay(
    text: Mapping[str, pd.DataFrame], corrections: Sequence[Correction], codebook: Codebook
) -> dict[str, pd.DataFrame]:
    """Apply corrections to raw text tables.

    Parameters
    ----------
    text : mapping
        Table name to text as delivered. It is not changed.
    corrections : sequence of Correction
    codebook : Codebook
        Says which columns are confidential; their values are in no message.

    Returns
    -------
    dict of DataFrame
        The corrected text.

    Raises
    ------
    DataError
        Naming each correction whose cell does not exist or does not hold its old value.
    """
    corrected = {name: frame.copy() for name, frame in text.items()}
    problems = []
    for correction in corrections:
        problem = _apply(corrected, correction, codebook)
        if problem:
            problems.append(f"line {correction.line}: {problem}")
    raise_together(problems, DataError, "corrections.csv")
    return corrected


def _apply(corrected: dict[str, pd.DataFrame], correction: Correction, codebook: Codebook) -> str:
    """Apply one correction in place, or say why it does not fit."""
    if correction.table not in corrected:
        return f"table {correction.table!r} does not exist; {nearest(correction.table, list(corrected))}"
    frame = corrected[correction.table]
    columns = [str(name) for name in frame.columns if name not in SOURCE_COLUMNS]
    if correction.column not in columns:
        close = nearest(correction.column, columns)
        return f"column {correction.column!r} is not in the codebook; {close}"
    at = (frame["source_file"] == correction.source_file) & (frame["source_row"] == correction.source_row)
    if at.sum() != 1:
        return f"{correction.source_file} has no row {correction.source_row}"
    row = frame.index[at][0]
    found = frame.at[row, correction.column]
    if found != correction.old_value:
        old, held = (
            codebook.shown(correction.table, correction.column, value)
            for value in (correction.old_value, str(found))
        )
        return (
            f"{correction.source_file}, row {correction.source_row}, column {correction.column}: old_value "
            f"is {old!r} but the file holds {held!r}; copy the value as it stands there"
        )
    frame.at[row, correction.column] = correction.new_value
    return ""


def applied_table(corrections: Sequence[Correction], codebook: Codebook) -> pd.DataFrame:
    """List the corrections that were applied, by cell; values of confidential columns are masked."""
    columns = [
        "table",
        "source_file",
        "source_row",
        "column",
        "old_value",
        "new_value",
        "reason",
        "decided_by",
    ]
    rows = [
        {
            **{name: getattr(c, name) for name in columns},
            "old_value": codebook.shown(c.table, c.column, c.old_value),
            "new_value": codebook.shown(c.table, c.column, c.new_value),
        }
        for c in sorted(corrections, key=lambda c: c.cell)
    ]
    return pd.DataFrame(rows, columns=columns)
