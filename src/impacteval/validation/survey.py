"""What checks look at: the typed tables of a study, and what its configuration says of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from impacteval.checks import AnyCheck, Check
from impacteval.codebook import Codebook
from impacteval.delivery import Fieldwork, FormFile, Roles
from impacteval.survey.decisions import Decision

__all__ = ["WHOLE_TABLE", "CheckedTable", "Decision", "Failures", "Survey", "failing", "failing_whole"]

WHOLE_TABLE = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedTable:
    """A table as text and as types, row by row the same, and what its columns are for.

    ``reasons`` holds, for columns in which values are missing with a reason, that reason for each
    row; empty text where there is none. Both frames have a plain index from 0.
    """

    name: str
    frame: pd.DataFrame
    text: pd.DataFrame
    reasons: Mapping[str, pd.Series]
    codebook: Codebook
    roles: Roles

    def reason_of(self, column: str) -> pd.Series:
        """Why each value of a column is missing; empty text where it is there or no reason is given."""
        none = pd.Series("", index=self.frame.index, dtype="str")
        return self.reasons.get(column, none)

    def is_confidential(self, column: str) -> bool:
        """Whether the codebook keeps values of a column out of all that is shown."""
        return self.codebook.find(self.name, column).confidential == "yes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """All tables of a study, with what checks across tables need.

    ``arm_labels`` maps values of the arm column, as text, to names of arms.
    """

    tables: Mapping[str, CheckedTable]
    fieldwork: tuple[Fieldwork, ...] = ()
    forms: tuple[FormFile, ...] = ()
    exported_on: str = ""
    time_zone: str = ""
    decisions: tuple[Decision, ...] = ()
    arm_labels: Mapping[str, str] = field(default_factory=dict)

    def arms(self, table: str) -> pd.Series:
        """Arm of each row of a table, by its own column or by that of its enterprise elsewhere.

        Returns
        -------
        Series of str
            In the order of the table; empty text where no arm is known.
        """
        mine = self.tables[table]
        none = pd.Series("", index=mine.frame.index, dtype="str")
        if mine.roles.arm:
            return self._labelled(mine.text[mine.roles.arm])
        if not mine.roles.unit:
            return none
        for other in self.tables.values():
            if other.roles.arm and other.roles.unit:
                known = other.text[other.text[other.roles.arm].str.strip() != ""]
                arm = known.groupby(other.roles.unit)[other.roles.arm].min()
                found = mine.text[mine.roles.unit].map(arm).fillna("")
                return self._labelled(found.astype("str"))
        return none

    def _labelled(self, values: pd.Series) -> pd.Series:
        labels = self.arm_labels
        return values.str.strip().map(lambda value: labels.get(value, value)).astype("str")


@dataclass(frozen=True, slots=True, kw_only=True)
class Failures:
    """Rows of a table that fail a check.

    Parameters
    ----------
    check : Check
    table : str
    rows : (n_failures,)
        Positions in the table; ``WHOLE_TABLE`` for a failure of a column or of the table.
    columns : tuple of str
        Columns that the failure is about; their values are shown, confidential ones masked.
    notes : tuple of str
        What was found beyond these values, one for each row, or none. Notes hold numbers, names of
        columns and places, and values that ``CheckedTable.is_confidential`` allows.
    suggestions : tuple of str
        One for each row where it says more than the check's own, or none.
    severities : tuple of str
        One for each row where it differs from the check's own, or none.
    partners : tuple of tuples of int
        For each row the positions, in the same table, of the other rows that it fails with, or none.
    is_masked : bool
        Whether the values are kept out of all that is shown, though their columns are not confidential.
    """

    check: Check
    table: str
    rows: npt.NDArray[np.int64]
    columns: tuple[str, ...]
    notes: tuple[str, ...] = ()
    suggestions: tuple[str, ...] = ()
    severities: tuple[str, ...] = ()
    partners: tuple[tuple[int, ...], ...] = ()
    is_masked: bool = False


def failing(
    check: AnyCheck | Check,
    rows: npt.NDArray[np.bool_] | Sequence[int],
    *,
    columns: Sequence[str] | None = None,
    notes: Sequence[str] = (),
) -> list[Failures]:
    """Say that rows of the check's table fail it: a mask over all rows, or positions; none if no row does."""
    found = np.asarray(rows)
    positions = np.flatnonzero(found) if found.dtype == np.bool_ else found.astype("int64")
    if len(positions) == 0:
        return []
    shown = check.columns_read if columns is None else tuple(columns)
    return [Failures(check=check, table=check.table, rows=positions, columns=shown, notes=tuple(notes))]


def failing_whole(check: AnyCheck | Check, column: str, note: str) -> list[Failures]:
    """Say that a column, or with an empty name a table, fails a check as a whole."""
    rows = np.array([WHOLE_TABLE], dtype="int64")
    columns = (column,) if column else ()
    return [Failures(check=check, table=check.table, rows=rows, columns=columns, notes=(note,))]
