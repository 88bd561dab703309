"""One row an enumerator: how much, how fast and how well each of them works."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from impacteval.checks import Check
from impacteval.checks.enumerators import BackCheck, Heaping
from impacteval.checks.fieldwork import Duration
from impacteval.validation.back_checks import STABLE, back_check_table
from impacteval.validation.durations import judge_durations, minutes_of
from impacteval.validation.eligibility import is_eligible
from impacteval.validation.enumerators import heaping_shares
from impacteval.validation.labels import NONE, enumerators_of
from impacteval.validation.near_duplicates import answers_in
from impacteval.validation.survey import CheckedTable, Survey
from impacteval.validation.times import local_times

DASHBOARD = (
    "enumerator",
    "n_interviews",
    "first_day",
    "last_day",
    "median_minutes",
    "short_share",
    "n_overlaps",
    "round_share",
    "straight_line_share",
    "missing_share",
    "n_outliers",
    "n_findings",
    "back_check_error_rate",
)
OVERLAP, STRAIGHT_LINE, OUTLIER = ("C32",), ("C29",), ("C24", "C35", "C36")


def enumerator_dashboard(
    survey: Survey, table: str, findings: pd.DataFrame, *, checks: Sequence[Check] = ()
) -> pd.DataFrame:
    """Say of each enumerator how many interviews there are, how long they took and what checks found.

    Parameters
    ----------
    survey : Survey
    table : str
        A table with the role ``enumerator``; without it there are no rows.
    findings : DataFrame
        As ``findings_of`` or ``findings_table`` returns them; of the latter open ones count.
    checks : sequence of checks
        The study's. Shares of short interviews, round amounts and back-check errors are those of
        its first ``duration``, ``heaping`` and ``back_check`` of the table, missing where it has none.

    Returns
    -------
    DataFrame
        ``DASHBOARD``, sorted by enumerator, confidential ones numbered. Counts are of findings on rows,
        ``straight_line_share`` of interviews with one; ``missing_share`` is the mean over interviews of
        the share of answers without a value, those that did not apply aside; the back-check's error
        rate is that of stable answers.
    """
    found = survey.tables[table]
    who = enumerators_of(found)
    known = who[who != NONE]
    names = pd.Index(sorted(known.unique()), dtype="str")
    n = known.groupby(known).size().reindex(names)
    mine = [c for c in checks if c.table == table]
    on_rows = _of_enumerators(found, who, findings)
    columns: dict[str, pd.Series] = {
        "n_interviews": n,
        **_days(survey, found, who),
        **_durations(survey, found, who, mine),
        "n_overlaps": _count(on_rows, OVERLAP),
        "round_share": _rounding(survey, mine),
        "straight_line_share": _count(on_rows, STRAIGHT_LINE).reindex(names).fillna(0) / n,
        "missing_share": _missing(found).groupby(who).mean(),
        "n_outliers": _count(on_rows, OUTLIER),
        "n_findings": on_rows.groupby("who").size(),
        "back_check_error_rate": _back_check(survey, mine),
    }
    frame = pd.DataFrame({name: series.reindex(names) for name, series in columns.items()})
    counts = ["n_interviews", "n_overlaps", "n_outliers", "n_findings"]
    frame[counts] = frame[counts].fillna(0).astype("int64")
    days = ["first_day", "last_day"]
    frame[days] = frame[days].fillna(NONE).astype("str")
    return frame.rename_axis("enumerator").reset_index()[list(DASHBOARD)]


def _days(survey: Survey, table: CheckedTable, who: pd.Series) -> dict[str, pd.Series]:
    days = local_times(survey, table, table.roles.start).dropna().groupby(who)
    return {
        "first_day": days.min().dt.strftime("%Y-%m-%d"),
        "last_day": days.max().dt.strftime("%Y-%m-%d"),
    }


def _durations(
    survey: Survey, table: CheckedTable, who: pd.Series, checks: Sequence[Check]
) -> dict[str, pd.Series]:
    """Median duration and share of short interviews among those whose duration is known."""
    asked = [c for c in checks if isinstance(c, Duration)]
    if not asked:
        minutes = minutes_of(survey, table.name)
        return {"median_minutes": minutes.groupby(who).median(), "short_share": _no_numbers()}
    judged = judge_durations(survey, asked[0])
    is_short = pd.Series(judged.is_short, dtype="float64").where(judged.minutes.notna())
    return {
        "median_minutes": judged.minutes.groupby(who).median(),
        "short_share": is_short.groupby(who).mean(),
    }


def _no_numbers() -> pd.Series:
    return pd.Series(dtype="float64", index=pd.Index([], dtype="str"))


def _of_enumerators(table: CheckedTable, who: pd.Series, findings: pd.DataFrame) -> pd.DataFrame:
    """Findings on rows of a table with the enumerator of each row."""
    mine = findings[findings["table"] == table.name]
    if "status" in mine:
        mine = mine[mine["status"] == "open"]
    places = table.text[["source_file", "source_row"]].assign(who=who)
    key = ["source_file", "source_row"]
    mine = mine[[*key, "code"]].astype({"source_row": "int64"})
    return mine.merge(places[places["who"] != NONE], on=key)


def _count(on_rows: pd.DataFrame, codes: Sequence[str]) -> pd.Series:
    """Rows of each enumerator on which a check of these codes found something."""
    mine = on_rows[on_rows["code"].isin(codes)]
    return mine.drop_duplicates(["source_file", "source_row"]).groupby("who").size()


def _rounding(survey: Survey, checks: Sequence[Check]) -> pd.Series:
    asked = [c for c in checks if isinstance(c, Heaping)]
    return heaping_shares(survey, asked[0])["share"] if asked else _no_numbers()


def _missing(table: CheckedTable) -> pd.Series:
    """Share of each interview's answers that are missing, of those that applied."""
    missing = np.zeros(len(table.frame))
    applied = np.zeros(len(table.frame))
    for column in answers_in(table):
        applies = is_eligible(table, column)
        applied += applies
        missing += applies & table.frame[column].isna().to_numpy(dtype=bool)
    share = np.divide(missing, applied, out=np.full(len(missing), np.nan), where=applied > 0)
    return pd.Series(share, index=table.frame.index)


def _back_check(survey: Survey, checks: Sequence[Check]) -> pd.Series:
    asked = [c for c in checks if isinstance(c, BackCheck)]
    if not asked:
        return _no_numbers()
    rates = back_check_table(survey, asked[0])
    stable = rates[(rates["type"] == STABLE) & (rates["column"] == NONE) & (rates["enumerator"] != NONE)]
    return stable.set_index("enumerator")["error_rate"].astype("float64")
