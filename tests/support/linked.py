"""Surveys of several tables, and what checks across them find."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from types import SimpleNamespace

import numpy as np

from impacteval.delivery import Roles
from impacteval.tables import records
from impacteval.validation.finding import findings_of
from impacteval.validation.survey import CheckedTable, Failures, Survey
from support.surveys import make_survey
from support.tables import PLAIN

Rows = Sequence[Mapping[str, str]]


def linked(
    tables: Mapping[str, Rows],
    roles: Mapping[str, Roles],
    *,
    columns: Mapping[str, Sequence[str]] | None = None,
    variables: Mapping[str, Mapping[str, str]] | None = None,
    **facts: object,
) -> Survey:
    """A survey of tables given row by row; a cell that a row does not name is empty.

    ``columns`` names those of tables without rows; ``variables`` says how a column differs from an
    open column of text, in every table that has it.
    """
    said = variables or {}
    names = {
        t: (columns or {}).get(t) or list(dict.fromkeys(c for row in rows for c in row))
        for t, rows in tables.items()
    }
    cells = {t: {c: [row.get(c, "") for row in rows] for c in names[t]} for t, rows in tables.items()}
    book = [replace(PLAIN, table=t, column=c, **said.get(c, {})) for t in tables for c in names[t]]
    return make_survey(cells, book, roles, **facts)[0]


def found(survey: Survey, failures: Iterable[Failures]) -> list[SimpleNamespace]:
    """Findings as rows."""
    return records(findings_of(survey, failures).drop(columns="raw_value"))


def places(survey: Survey, failures: Iterable[Failures]) -> list[tuple[str, int, str]]:
    """Table, row of the file and severity of each finding, sorted; row 0 is the table as a whole."""
    return sorted((f.table, f.source_row, f.severity) for f in found(survey, failures))


def said(survey: Survey, failures: Iterable[Failures]) -> list[str]:
    """Messages and shown values of findings, one text each, sorted."""
    return sorted(f"{f.message} {f.value_shown}" for f in found(survey, failures))


def told(survey: Survey, failures: Iterable[Failures]) -> list[tuple[str, ...]]:
    """All that findings say, sorted."""
    return sorted(tuple(map(str, vars(f).values())) for f in found(survey, failures))


def shuffled(survey: Survey, seed: int) -> Survey:
    """The same survey with the rows of every table in another order."""
    rng = np.random.default_rng(seed)
    return replace(survey, tables={n: _shuffled(t, rng) for n, t in survey.tables.items()})


def _shuffled(table: CheckedTable, rng: np.random.Generator) -> CheckedTable:
    order = rng.permutation(len(table.frame))
    reasons = {c: r.iloc[order].reset_index(drop=True) for c, r in table.reasons.items()}
    frame, text = (f.iloc[order].reset_index(drop=True) for f in (table.frame, table.text))
    return replace(table, frame=frame, text=text, reasons=reasons)
