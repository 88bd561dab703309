"""One cause told once: findings of many rows that are one finding, and the rows that it stands for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from impacteval.checks import AnyCheck
from impacteval.checks.grouping import GROUPED_KINDS, Grouping
from impacteval.codebook import MASKED
from impacteval.survey.corrections import CELL_SEPARATOR, COLUMN_SEPARATOR, WHOLE_TABLE_ROW
from impacteval.tables import FINDING_COLUMNS, table_of
from impacteval.validation.survey import Survey

GROUP_ID = "group_id"
FINDING_ROW_COLUMNS: dict[str, str] = {GROUP_ID: "str", **FINDING_COLUMNS}
# Where a cause is looked for: a check on a column in one file, which mostly comes from one form.
PLACE = ["check_id", "table", "source_file", "column"]
# What one answer can decide: a cause, by what is still to be done about it.
DECISION = [*PLACE, "severity", "status", "cause"]
ORDER = ["severity", "check_id", "table", "source_file", "source_row", "column", "partner", "finding_id"]
# Causes; that of a repeated value ends in the value.
NO_CAUSE, COLUMN, VALUE = "", "column", "value "
NEVER_GROUPED = ("unit", "member", "period", "submission", "consent", "arm", "weight")
OF_VALUE = (
    "probably one cause: where the data are right mend codebook.csv, else answer once for all these rows "
    "(okay, replace or recode); they are listed in finding_rows.csv"
)
OF_COLUMN = (
    "probably one cause: where the data are right mend codebook.csv, else accept all these rows at once "
    "(okay) or correct them one by one; they are listed in finding_rows.csv"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grouped:
    """Findings as they are told, and the rows of those that stand for several.

    ``findings`` has ``FINDING_COLUMNS``. ``rows`` has ``FINDING_ROW_COLUMNS``: findings of single rows,
    with the id of the finding that tells of them.
    """

    findings: pd.DataFrame
    rows: pd.DataFrame


def grouped(
    findings: pd.DataFrame, survey: Survey, checks: Sequence[AnyCheck], grouping: Grouping
) -> Grouped:
    """Tell the rows of one cause in one finding, with their number; all others stay as they are.

    A cause is judged by all rows that fail, open or settled, so that a decision on some does not scatter
    the others; a finding is of rows of one status. A single row is never a group.

    Parameters
    ----------
    findings : DataFrame
        From ``findings_table``, row by row.
    survey : Survey
        The corrected data.
    checks : sequence of checks
        All that were run; only ``GROUPED_KINDS`` are grouped, and no column that says whose a row is.
    grouping : Grouping
        The thresholds.
    """
    mine = _groupable(findings, survey, checks)
    mine = mine.assign(value=_values(mine))
    mine = mine.assign(cause=_causes(mine, survey, grouping))
    mine = mine[mine["cause"] != NO_CAUSE]
    size = mine.groupby(DECISION, sort=False)["finding_id"].transform("size")
    parts = [part for _, part in mine[size > 1].groupby(DECISION, sort=True)]
    if not parts:
        return Grouped(findings=findings, rows=table_of([], FINDING_ROW_COLUMNS))
    messages = {check.id: check.message for check in checks}
    told = pd.DataFrame([_told(part, messages, survey) for part in parts])
    told["finding_id"] = _ids(told)
    rows = [
        part.assign(**{GROUP_ID: i})[list(FINDING_ROW_COLUMNS)]
        for i, part in zip(told["finding_id"], parts, strict=True)
    ]
    single = findings.drop(index=pd.Index([i for part in parts for i in part.index]))
    listed = pd.concat([single, told[list(FINDING_COLUMNS)].astype(dict(FINDING_COLUMNS))], ignore_index=True)
    return Grouped(
        findings=listed.sort_values(ORDER, kind="stable", ignore_index=True),
        rows=pd.concat(rows, ignore_index=True).astype(dict(FINDING_ROW_COLUMNS)),
    )


def row_by_row(told: Grouped) -> pd.DataFrame:
    """Findings as before they were grouped: each row its own."""
    single = told.findings[~told.findings["finding_id"].isin(told.rows[GROUP_ID])]
    both = pd.concat([single, told.rows[list(FINDING_COLUMNS)]], ignore_index=True)
    return both.sort_values(ORDER, kind="stable", ignore_index=True)


def hold_one_value(rows: pd.DataFrame) -> bool:
    """Whether findings of single rows show the same value, and show it."""
    values = _values(rows)
    return values.nunique() == 1 and values.iloc[0] != MASKED


def _groupable(findings: pd.DataFrame, survey: Survey, checks: Sequence[AnyCheck]) -> pd.DataFrame:
    """Findings of single rows by checks of cells, but those about whose a row is."""
    kinds = {check.id for check in checks if isinstance(check, GROUPED_KINDS)}
    fixed = {
        (name, getattr(table.roles, role)) for name, table in survey.tables.items() for role in NEVER_GROUPED
    }
    is_cell = findings["check_id"].isin(kinds) & (findings["source_row"] != WHOLE_TABLE_ROW)
    found = findings[is_cell & findings["table"].isin(list(survey.tables))]
    places = zip(found["table"], _first(found["column"], COLUMN_SEPARATOR), strict=True)
    return found[np.array([place not in fixed for place in places], dtype=np.bool_)]


def _first(texts: pd.Series, separator: str) -> pd.Series:
    return texts.str.split(separator, n=1, regex=False).str[0].fillna("").astype("str")


def _values(findings: pd.DataFrame) -> pd.Series:
    """What stands in the column of the check; where a finding shows several, the first is that one's."""
    several = findings["column"].str.contains(COLUMN_SEPARATOR, regex=False)
    shown = findings["value_shown"]
    return shown.mask(several, _first(shown, CELL_SEPARATOR))


def _causes(findings: pd.DataFrame, survey: Survey, grouping: Grouping) -> pd.Series:
    """The cause that each finding shares with others, or none."""
    causes = pd.Series(NO_CAUSE, index=findings.index, dtype="str")
    size = findings.groupby(PLACE)["finding_id"].transform("size")
    for _, part in findings[size >= grouping.least_rows].groupby(PLACE):
        causes.loc[part.index] = _causes_of_column(part, _n_answered(part, survey), grouping)
    return causes


def _causes_of_column(part: pd.DataFrame, n_answered: int, grouping: Grouping) -> pd.Series:
    """Repeated values first: they can be answered at once. What is left is one cause where it is much."""
    counts = part["value"].value_counts()
    repeated = counts.index[(counts >= grouping.least_rows) & (counts.index != MASKED)]
    is_much = len(part) >= grouping.least_share * n_answered
    if is_much and len(repeated) > grouping.most_values:
        return pd.Series(COLUMN, index=part.index, dtype="str")
    causes = (VALUE + part["value"]).where(part["value"].isin(repeated), NO_CAUSE)
    n_left = int((causes == NO_CAUSE).sum())
    if n_left >= max(grouping.least_rows, grouping.least_share * n_answered):
        causes = causes.replace(NO_CAUSE, COLUMN)
    return causes


def _n_answered(part: pd.DataFrame, survey: Survey) -> int:
    """Rows of the file that have a value in the column, or fail."""
    first = part.iloc[0]
    table = survey.tables[str(first["table"])]
    column = str(first["column"]).split(COLUMN_SEPARATOR)[0]
    text = table.text[table.text["source_file"] == first["source_file"]]
    has_value = text.loc[text[column] != "", "source_row"] if column in text.columns else text["source_row"]
    return len(set(has_value) | set(part["source_row"]))


def _told(part: pd.DataFrame, messages: Mapping[str, str], survey: Survey) -> dict[str, object]:
    """The finding that tells of all rows of a part; what is said of all of them alike, it says, too."""
    first = part.iloc[0]
    is_value = first["cause"] != COLUMN
    n, n_values = len(part), part["value"].nunique()
    share = f"{n} rows of {_n_answered(part, survey)} that have a value or fail"
    said = f"the same value in {n} rows" if is_value else f"{share}, {n_values} different values"
    shown = first["value"] if is_value else f"{n_values} different values"
    if (part["value"] == MASKED).any():
        said, shown = share, MASKED
    if is_value and first["value"] == "":
        said = f"empty in {n} rows"
    is_same = part["message"].nunique() == 1
    message = first["message"] if is_same else messages[str(first["check_id"])]
    kept = {name: first[name] for name in (*PLACE, "severity", "status", "code")}
    return {
        **dict.fromkeys(FINDING_COLUMNS, ""),
        **kept,
        "source_row": WHOLE_TABLE_ROW,
        "period": pd.NA,
        "value_shown": shown,
        "message": f"{message}: {said}",
        "suggestion": OF_VALUE if is_value else OF_COLUMN,
    }


def _ids(told: pd.DataFrame) -> pd.Series:
    """``check:file:rows``, with a running number where a check has several groups in a file."""
    plain = told["check_id"] + ":" + told["source_file"] + ":rows"
    number = told.groupby(["check_id", "table", "source_file"]).cumcount()
    return plain.where(number == 0, plain + ":" + (number + 1).astype("str"))
