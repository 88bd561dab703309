"""Findings: failed checks row by row, said so that a field team can act on them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import get_args

import numpy as np
import numpy.typing as npt
import pandas as pd

from impacteval.checks import Severity
from impacteval.codebook import MASKED
from impacteval.errors import DataError, raise_together
from impacteval.survey.partners import keys_shown, partners_text, row_keys
from impacteval.tables import FINDING_COLUMNS, records, table_of
from impacteval.validation.survey import WHOLE_TABLE, CheckedTable, Failures, Survey

STATUSES = ("open", "corrected", "accepted")
SEVERITIES = get_args(Severity)
# What makes a finding the same before and after corrections.
PLACE = ["check_id", "table", "source_file", "source_row", "column", "partner"]
ORDER = ["severity", "check_id", "table", "source_file", "source_row", "column", "partner"]
RAW_VALUE, RAW_PARTNER = "raw_value", "raw_partner"
NOT_JUDGED, NOT_TO_CORRECT = "for information", "nothing to correct; see what is said"
MOST_LISTED = 200


def findings_of(survey: Survey, failures: Iterable[Failures]) -> pd.DataFrame:
    """Turn failures into rows of the findings table.

    Returns
    -------
    DataFrame
        ``FINDING_COLUMNS`` but for the id and the status, and for matching what was accepted, never
        written, ``raw_value``: the cells as they stand, and ``raw_partner``: the partner as the log has it.
    """
    parts = [_rows_of(survey.tables[f.table], f) for f in failures]
    columns = [c for c in FINDING_COLUMNS if c not in {"finding_id", "status"}]
    if not parts:
        empty = table_of([], {c: FINDING_COLUMNS[c] for c in columns})
        return empty.assign(**{name: pd.Series(dtype="str") for name in (RAW_VALUE, RAW_PARTNER)})
    return pd.concat(parts, ignore_index=True)[[*columns, RAW_VALUE, RAW_PARTNER]]


def _rows_of(table: CheckedTable, failures: Failures) -> pd.DataFrame:
    check, n = failures.check, len(failures.rows)
    whole = failures.rows == WHOLE_TABLE
    shown, raw = _values_shown(table, failures)
    notes = list(failures.notes) or [""] * n
    partner, raw_partner = _partners(table, failures)
    return pd.DataFrame(
        {
            "check_id": check.id,
            "severity": list(failures.severities) or check.severity,
            "table": table.name,
            "source_file": _files(table, failures.rows),
            "source_row": _source_rows(table, failures.rows),
            "unit_id": _unit(table, failures.rows),
            "period": _periods(table, failures.rows),
            "column": "+".join(failures.columns),
            "value_shown": np.where(whole, notes, shown) if whole.any() else shown,
            "message": _messages(failures, [""] * n if whole.all() else notes),
            "suggestion": _suggestions(failures),
            "code": check.code,
            "submission": _role(table, table.roles.submission, failures.rows),
            "enumerator": _role(table, table.roles.enumerator, failures.rows),
            "partner": partner,
            RAW_VALUE: np.where(whole, notes, raw) if whole.any() else raw,
            RAW_PARTNER: raw_partner,
        }
    )


def _partners(table: CheckedTable, failures: Failures) -> tuple[list[str], list[str]]:
    """The other rows that each row fails with, as they may be shown and as the log names them."""
    if not failures.partners:
        return ([""] * len(failures.rows),) * 2
    text, submission = table.text, table.roles.submission
    both = (
        keys_shown(text, submission, table=table.name, codebook=table.codebook),
        row_keys(text, submission),
    )
    shown, raw = (
        [partners_text(keys[list(rows)]) for rows in failures.partners]
        for keys in (k.to_numpy(dtype=object) for k in both)
    )
    return shown, raw


def _files(table: CheckedTable, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.object_]:
    """The file of each row; for a failure of the whole table its only file, or empty where it has more."""
    found = _cells(table.text, "source_file", rows)
    whole = rows == WHOLE_TABLE
    if whole.any():
        files = table.text["source_file"].unique()
        found[whole] = str(files[0]) if len(files) == 1 else ""
    return found


def _source_rows(table: CheckedTable, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    found = np.zeros(len(rows), dtype="int64")
    is_row = rows != WHOLE_TABLE
    found[is_row] = table.text["source_row"].to_numpy()[rows[is_row]]
    return found


def _messages(failures: Failures, notes: Sequence[str]) -> list[str]:
    """What is wrong with each row; an info of a graver check says what was not judged, and accuses nobody."""
    said = [NOT_JUDGED if remarks else failures.check.message for remarks in _only_remarks(failures)]
    return [f"{message}: {note}" if note else message for message, note in zip(said, notes, strict=True)]


def _suggestions(failures: Failures) -> list[str]:
    given = failures.suggestions or [failures.check.suggestion] * len(failures.rows)
    return [
        NOT_TO_CORRECT if remarks and not failures.suggestions else text
        for text, remarks in zip(given, _only_remarks(failures), strict=True)
    ]


def _only_remarks(failures: Failures) -> list[bool]:
    severities = failures.severities or [failures.check.severity] * len(failures.rows)
    return [severity == "info" != failures.check.severity for severity in severities]


def _cells(frame: pd.DataFrame, column: str, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.object_]:
    """Cells of a column as text; empty for a failure of the whole table."""
    found = np.full(len(rows), "", dtype=object)
    is_row = rows != WHOLE_TABLE
    found[is_row] = frame[column].iloc[rows[is_row]].fillna("").to_numpy(dtype=object)
    return found


def _values_shown(
    table: CheckedTable, failures: Failures
) -> tuple[npt.NDArray[np.object_], npt.NDArray[np.object_]]:
    """The failing cells of each row as they may be shown, and as they are."""
    hidden = np.full(len(failures.rows), MASKED, dtype=object)
    shown = [
        hidden if failures.is_masked else _shown(table, column, failures.rows) for column in failures.columns
    ]
    raw = [_cells(table.text, column, failures.rows) for column in failures.columns]
    return _joined(shown, len(failures.rows)), _joined(raw, len(failures.rows))


def _shown(table: CheckedTable, column: str, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.object_]:
    if table.is_confidential(column):
        return np.full(len(rows), MASKED, dtype=object)
    return _cells(table.text, column, rows)


def _joined(columns: Sequence[npt.NDArray[np.object_]], n: int) -> npt.NDArray[np.object_]:
    if not columns:
        return np.full(n, "", dtype=object)
    return np.array([" | ".join(cells) for cells in zip(*columns, strict=True)], dtype=object)


def _role(table: CheckedTable, column: str, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.object_]:
    """The value of a role's column, masked where it is confidential, empty where it is missing."""
    if not column:
        return np.full(len(rows), "", dtype=object)
    cells = _cells(table.text, column, rows)
    if table.is_confidential(column):
        cells = np.where(cells == "", "", MASKED)
    return cells


def _unit(table: CheckedTable, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.object_]:
    """The unit of each row as the codebook types it: ``410032`` where the file holds ``410032.0``."""
    column = table.roles.unit
    shown = _role(table, column, rows)
    is_number = bool(column) and table.frame[column].dtype == "Int64"
    if not is_number or table.is_confidential(column) or not len(table.frame):
        return shown
    numbers = table.frame[column].iloc[np.where(rows == WHOLE_TABLE, 0, rows)]
    typed = numbers.astype("object").astype("str").to_numpy(dtype=object)
    found: npt.NDArray[np.object_] = np.where((shown == "") | numbers.isna().to_numpy(), shown, typed)
    return found


def _periods(table: CheckedTable, rows: npt.NDArray[np.int64]) -> pd.Series:
    """Periods as numbers; missing where the table has none, or where its column is not of whole numbers."""
    column = table.roles.period
    if not column or not len(table.frame) or table.frame[column].dtype != "Int64":
        return pd.Series([pd.NA] * len(rows), dtype="Int64")
    values = table.frame[column].iloc[np.where(rows == WHOLE_TABLE, 0, rows)]
    return values.mask(rows == WHOLE_TABLE).reset_index(drop=True)


def findings_table(before: pd.DataFrame, after: pd.DataFrame, accepted: pd.Series) -> pd.DataFrame:
    """Put findings on the raw data and on the corrected data into one table.

    Parameters
    ----------
    before, after : DataFrame
        From ``findings_of``, on the raw and on the corrected data.
    accepted : Series of bool
        Which rows of ``after`` somebody looked at and kept as they are.

    Returns
    -------
    DataFrame
        As ``FINDING_COLUMNS``, sorted, ids unique: ``open`` while the corrected data fail the check,
        ``accepted`` where they do and may, ``corrected`` when only the raw data do.
    """
    gone = before[~_places(before).isin(set(_places(after)))]
    status = accepted.map({True: "accepted", False: "open"}).astype("str")
    both = pd.concat([after.assign(status=status), gone.assign(status="corrected")], ignore_index=True)
    both = both.sort_values(ORDER, kind="stable", ignore_index=True)
    both["finding_id"] = _ids(both)
    return both[list(FINDING_COLUMNS)].astype(dict(FINDING_COLUMNS))


def _places(findings: pd.DataFrame) -> pd.Series:
    """Where each finding is; of those on a whole table, which may be several, also what it says."""
    said = findings["value_shown"].where(findings["source_row"] == 0, "")
    cells = findings[PLACE].assign(said=said)
    return pd.Series(list(cells.itertuples(index=False, name=None)), index=findings.index)


def _ids(findings: pd.DataFrame) -> pd.Series:
    """``check:file:row``, with a running number where a check finds more than one thing in a row."""
    plain = findings["check_id"] + ":" + findings["source_file"] + ":" + findings["source_row"].astype("str")
    number = findings.groupby(["check_id", "table", "source_file", "source_row"]).cumcount()
    return plain.where(number == 0, plain + ":" + (number + 1).astype("str"))


def stop_on_open_errors(findings: pd.DataFrame, shown: Path) -> None:
    """Raise DataError that lists every open error of a findings table; warnings do not stop a run.

    A status or severity that does not exist stops it too: the table was changed or is damaged.
    """
    unknown = [
        f"finding {e.finding_id!r}: status {e.status!r} and severity {e.severity!r}; rebuild the file"
        for e in records(findings)
        if e.status not in STATUSES or e.severity not in SEVERITIES
    ]
    raise_together(unknown, DataError, f"{shown} is not as it was written")
    errors = findings[(findings["status"] == "open") & (findings["severity"] == "error")]
    problems = [
        f"{e.source_file}, row {e.source_row}, column {e.column}: found {e.value_shown!r}; "
        f"{e.message}: {e.suggestion} [{e.check_id}]"
        for e in records(errors.head(MOST_LISTED))
    ]
    if len(errors) > MOST_LISTED:
        problems.append(f"and {len(errors) - MOST_LISTED} more")
    raise_together(problems, DataError, f"open errors in the data, all listed in {shown}")
