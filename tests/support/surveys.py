"""Small surveys of text tables, and what checks find in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pandas as pd

from impacteval.checks import Check
from impacteval.codebook import Codebook, Variable
from impacteval.delivery import Roles
from impacteval.survey.types import Unreadable
from impacteval.validation.run import validate, with_text
from impacteval.validation.survey import Survey
from support.tables import text_table, variable

Columns = Mapping[str, Sequence[str]]


def in_table(table: str, *variables: Variable) -> tuple[Variable, ...]:
    """The same variables as of another table than ``firms``."""
    return tuple(replace(v, table=table) for v in variables)


def texts(columns: Columns) -> tuple[Variable, ...]:
    """A text variable for each column."""
    return tuple(variable(column) for column in columns)


def make_survey(
    tables: Mapping[str, Columns],
    variables: Sequence[Variable],
    roles: Mapping[str, Roles] | None = None,
    **facts: object,
) -> tuple[Survey, dict[str, tuple[Unreadable, ...]]]:
    """A survey of tables given column by column as text; each table is one file with a header."""
    text = {name: text_table(columns, file=f"{name}.csv") for name, columns in tables.items()}
    return with_text(Survey(tables={}, **facts), text, Codebook(variables=tuple(variables)), roles or {})


def findings_in(survey: tuple[Survey, dict[str, tuple[Unreadable, ...]]], *checks: Check) -> pd.DataFrame:
    """All findings of checks on a survey, as ``findings_of`` returns them."""
    return validate(*survey, checks).findings


def rows_found(survey: tuple[Survey, dict[str, tuple[Unreadable, ...]]], *checks: Check) -> list[int]:
    """Rows of the files, the first below the header being 2, in which checks find something."""
    return sorted(findings_in(survey, *checks)["source_row"].tolist())
