"""All checks of a study on its typed tables, before and after corrections."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import compress

import numpy as np
import numpy.typing as npt
import pandas as pd

from impacteval.checks import AnyCheck, NotMissing, OfType
from impacteval.codebook import Codebook
from impacteval.delivery import Roles
from impacteval.survey.types import Unreadable, type_columns
from impacteval.validation.files import FILE_CHECKS, file_check_id
from impacteval.validation.finding import STATUSES, findings_of
from impacteval.validation.keys import has_consent
from impacteval.validation.localise import with_suggestions
from impacteval.validation.survey import WHOLE_TABLE, CheckedTable, Failures, Survey
from impacteval.validation.work import Judge, checks_alone, judge_in_turn

SUMMARY_COLUMNS = (
    "check_id",
    "code",
    "table",
    "kind",
    "severity",
    "message",
    "definition",
    "n_open",
    "n_accepted",
    "n_corrected",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Validation:
    """Findings in all tables as ``findings_of`` returns them, and each table's suite with its result.

    ``tables`` are those of ``described.SURVEY_TABLES``.
    """

    findings: pd.DataFrame
    results: dict[str, dict[str, object]]
    suites: dict[str, dict[str, object]]
    tables: Mapping[str, pd.DataFrame]


def with_text(
    survey: Survey, text: Mapping[str, pd.DataFrame], codebook: Codebook, roles: Mapping[str, Roles]
) -> tuple[Survey, dict[str, tuple[Unreadable, ...]]]:
    """Put tables, typed as the codebook declares, into a survey; also list what could not be read."""
    tables, unreadable = {}, {}
    for name, frame in sorted(text.items()):
        plain = frame.reset_index(drop=True)
        typed = type_columns(plain, codebook.of_table(name))
        unreadable[name] = typed.unreadable
        tables[name] = CheckedTable(
            name=name,
            frame=typed.frame,
            text=plain,
            reasons=typed.reasons,
            codebook=codebook,
            roles=roles.get(name, Roles()),
        )
    return replace(survey, tables=tables), unreadable


def validate(
    survey: Survey,
    unreadable: Mapping[str, Sequence[Unreadable]],
    checks: Sequence[AnyCheck],
    *,
    judge: Judge = judge_in_turn,
) -> Validation:
    """Run every check on a survey.

    Parameters
    ----------
    survey, unreadable
        As ``with_text`` returns them.
    checks : sequence of checks
        Those that the codebook implies and those that ``checks.yaml`` asks for.
    judge : Judge
        Who runs them; what is found is the same.

    Returns
    -------
    Validation
        Never raises on bad data: what is wrong is a finding.
    """
    failures: list[Failures] = []
    results, suites = {}, {}
    judged = judge(survey, checks)
    for name, table in survey.tables.items():
        mine = [c for c in checks if c.table == name]
        result = judged.suites[name]
        cells = _placed(table, unreadable[name])
        failures += _without_unreadable(result.failures, table, cells)
        failures += _unreadable_cells(table, cells, mine)
        results[name], suites[name] = result.record, result.suite
    for check in checks_alone(checks):
        failures += judged.failures[check.id]
    failures = with_suggestions(survey, _of_consenting(survey, failures), checks)
    findings = findings_of(survey, failures)
    return Validation(findings=findings, results=results, suites=suites, tables=judged.tables)


def _placed(table: CheckedTable, cells: Sequence[Unreadable]) -> pd.DataFrame:
    """Positions in the table of cells that could not be read, by column, each with the reason."""
    positions = np.array([], dtype="int64")
    if cells:
        index = pd.MultiIndex.from_frame(table.text[["source_file", "source_row"]])
        positions = index.get_indexer(pd.MultiIndex.from_tuples([c.place for c in cells]))
    return pd.DataFrame(
        {
            "column": pd.Series([c.column for c in cells], dtype="str"),
            "row": positions,
            "why": pd.Series([c.why for c in cells], dtype="str"),
        }
    )


def _without_unreadable(
    failures: Sequence[Failures], table: CheckedTable, cells: pd.DataFrame
) -> list[Failures]:
    """Drop failures that a cell is missing where something stands in it.

    A declared code for a missing value is an answer; what cannot be read is a finding of its own.
    """
    kept = []
    for f in failures:
        if isinstance(f.check, NotMissing):
            unread = cells.loc[cells["column"] == f.check.column, "row"].to_numpy()
            spared = np.isin(f.rows, np.concatenate([unread, _answered_by_code(table, f)]))
            kept += [] if spared.all() else [replace(f, rows=f.rows[~spared])]
        else:
            kept.append(f)
    return kept


def _answered_by_code(table: CheckedTable, failures: Failures) -> npt.NDArray[np.int64]:
    """Rows in which each column of a failure holds a declared code for a missing value."""
    if not isinstance(failures.check, NotMissing):
        return np.array([], dtype="int64")
    is_code = [table.reason_of(column).to_numpy() != "" for column in failures.columns]
    return np.flatnonzero(np.all(is_code, axis=0))


def _of_consenting(survey: Survey, failures: Sequence[Failures]) -> list[Failures]:
    """Drop failures in rows without consent, which show what was answered, but those about consent itself."""
    kept = []
    refused = {name: ~has_consent(table) for name, table in survey.tables.items() if table.roles.consent}
    for f in failures:
        if f.table not in refused or survey.tables[f.table].roles.consent in f.columns:
            kept.append(f)
            continue
        spared = (f.rows != WHOLE_TABLE) & refused[f.table][f.rows]
        kept += [] if spared.all() else [_at(f, ~spared)]
    return kept


def _at(failures: Failures, chosen: npt.NDArray[np.bool_]) -> Failures:
    """The chosen rows of failures, with what is said of each."""
    return replace(
        failures,
        rows=failures.rows[chosen],
        notes=tuple(compress(failures.notes, chosen)),
        suggestions=tuple(compress(failures.suggestions, chosen)),
        severities=tuple(compress(failures.severities, chosen)),
        partners=tuple(compress(failures.partners, chosen)),
    )


def _unreadable_cells(table: CheckedTable, cells: pd.DataFrame, checks: Sequence[AnyCheck]) -> list[Failures]:
    """Turn cells that could not be read into failures of their column's type check."""
    found = []
    for check in checks:
        mine = cells[cells["column"] == check.column] if isinstance(check, OfType) else cells.iloc[:0]
        if len(mine):
            rows, notes = mine["row"].to_numpy(), tuple(mine["why"])
            columns = check.columns_read
            found.append(Failures(check=check, table=table.name, rows=rows, columns=columns, notes=notes))
    return found


def summary(findings: pd.DataFrame, checks: Sequence[AnyCheck]) -> pd.DataFrame:
    """Count findings by check, those of files first; checks that found nothing stand there with zero."""
    count = findings.groupby(["check_id", "status"]).size()
    of_files = [
        {
            "check_id": file_check_id(code),
            "code": code,
            "table": "",
            "kind": "raw_files",
            "severity": "error",
            "message": message,
            "definition": definition,
        }
        for code, message, definition in FILE_CHECKS
    ]
    of_tables = [
        {
            "check_id": check.id,
            "code": check.code,
            "table": check.table,
            "kind": check.kind,
            "severity": check.severity,
            "message": check.message,
            "definition": check.defined,
        }
        for check in sorted(checks, key=lambda c: c.id)
    ]
    counted = [
        {**row, **{f"n_{status}": int(count.get((row["check_id"], status), 0)) for status in STATUSES}}
        for row in [*of_files, *of_tables]
    ]
    return pd.DataFrame(counted, columns=list(SUMMARY_COLUMNS))


def by_arm(findings: pd.DataFrame, survey: Survey) -> pd.DataFrame:
    """Count open findings and rows by check and arm; no finding itself shows the arm of its row.

    Returns
    -------
    DataFrame
        ``check_id, code, table, arm, n_rows, n_findings, share``; findings on whole tables are left out.
    """
    arms = {name: survey.arms(name) for name in survey.tables}
    rows = []
    for table, arm in arms.items():
        places = pd.DataFrame(
            {"table": table, "source_file": survey.tables[table].text["source_file"],
             "source_row": survey.tables[table].text["source_row"], "arm": arm}
        )  # fmt: skip
        mine = findings[(findings["table"] == table) & (findings["status"] == "open")]
        joined = mine.merge(places, on=["table", "source_file", "source_row"])
        sizes = arm[arm != ""].value_counts().sort_index()
        counted = joined.groupby(["check_id", "code", "arm"]).size()
        for (check_id, code), _ in joined.groupby(["check_id", "code"]):
            for name, n_rows in sizes.items():
                n = int(counted.get((check_id, code, name), 0))
                rows.append(
                    {"check_id": check_id, "code": code, "table": table, "arm": name,
                     "n_rows": int(n_rows), "n_findings": n, "share": n / n_rows}
                )  # fmt: skip
    columns = ["check_id", "code", "table", "arm", "n_rows", "n_findings", "share"]
    return pd.DataFrame(rows, columns=columns).sort_values(["check_id", "arm"], ignore_index=True)
