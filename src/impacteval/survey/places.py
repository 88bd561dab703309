"""Where a correction applies: its row, by submission or by file and row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from impacteval.delivery import Roles
from impacteval.survey.corrections import CHANGES, Correction

UNPLACED = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A correction and the position of its row in its table; the whole table is ``UNPLACED``."""

    correction: Correction
    position: int

    @property
    def cell(self) -> tuple[str, int, str, str]:
        """What only one line may decide: a cell, a row, or one check on a cell and its partner."""
        c = self.correction
        kind = (
            f"okay {c.check_id} {c.partner}"
            if c.action == "okay"
            else "change"
            if c.action in CHANGES
            else "drop"
        )
        return (c.table, self.position, c.column, kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """Positions of a table's rows by file and row, and by submission."""

    frame: pd.DataFrame
    roles: Roles
    by_place: Mapping[tuple[str, int], int] = field(init=False)
    by_submission: Mapping[str, tuple[int, ...]] = field(init=False)

    def __post_init__(self) -> None:
        """Build both indices once."""
        places = zip(self.frame["source_file"], self.frame["source_row"], strict=True)
        found = {(str(file), int(row)): position for position, (file, row) in enumerate(places)}
        rows: dict[str, tuple[int, ...]] = {}
        if self.roles.submission:
            groups = self.frame.groupby(self.roles.submission, sort=False).indices
            rows = {str(key): tuple(int(p) for p in positions) for key, positions in groups.items()}
        object.__setattr__(self, "by_place", found)
        object.__setattr__(self, "by_submission", rows)


def place(correction: Correction, indices: Mapping[str, Index]) -> Placed | str:
    """Find the row that a correction names, or say why there is none."""
    index = indices.get(correction.table)
    if index is None:
        return f"table {correction.table!r} was not read; mend its file, then its lines can be replayed"
    file, row = correction.source_file, correction.source_row
    if correction.is_whole_table:
        return Placed(correction=correction, position=UNPLACED)
    by_place = -1 if row is None else index.by_place.get((file, row), -1)
    if row is not None and by_place < 0:
        return f"{file} has no row {row}"
    if not index.roles.submission:
        return Placed(correction=correction, position=by_place)
    return _by_submission(correction, index, by_place)


def _by_submission(correction: Correction, index: Index, by_place: int) -> Placed | str:
    """The row with a submission; file and row only tell apart rows that share it."""
    rows = index.by_submission.get(correction.submission, ())
    named = by_place >= 0
    if not rows:
        what = "submission" if correction.submission else "row without a submission"
        return f"table {correction.table!r} has no such {what}; copy it as it stands in the file"
    if len(rows) == 1 and correction.submission:
        if named:
            return "the submission names one row already; leave source_file and source_row empty"
        return Placed(correction=correction, position=rows[0])
    if not named:
        places = ", ".join(words_of(index.frame, row) for row in rows[:6])
        return f"{len(rows)} rows have this submission ({places}); add source_file and source_row"
    if by_place not in rows:
        file, row = correction.source_file, correction.source_row
        return f"{file}, row {row} has another submission; copy it as it stands in the file"
    return Placed(correction=correction, position=by_place)


def words_of(frame: pd.DataFrame, position: int) -> str:
    """The file and row at a position, in words."""
    return f"{frame['source_file'].iloc[position]} row {frame['source_row'].iloc[position]}"
