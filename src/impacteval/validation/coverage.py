"""Which indicators enterprises record at all, and why values are missing, by arm and round."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from impacteval.arrays import Float1D, Text1D
from impacteval.checks.response import Coverage
from impacteval.validation.cells import units
from impacteval.validation.eligibility import NO_ANSWER, NOT_APPLICABLE, UNREADABLE, is_eligible, reasons
from impacteval.validation.keys import in_order
from impacteval.validation.rounds_of import Round, baseline, rounds_of
from impacteval.validation.shares import holm, pairs_of, share_of, two_share_p
from impacteval.validation.survey import CheckedTable, Failures, Survey, failing_whole

COVERAGE_COLUMNS = ("column", "arm", "period", "n_enterprises", "n_recorded", "share", "low", "high")
MISSINGNESS_COLUMNS = (
    "column",
    "arm",
    "period",
    "n_rows",
    "n_eligible",
    "share_missing",
    *(f"share_{reason}" for reason in (*NO_ANSWER, UNREADABLE, NOT_APPLICABLE)),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """How the share of enterprises that record a column changed in two arms since the base period."""

    column: str
    label: str
    pair: tuple[str, str]
    changes: tuple[float, float]
    p_value: float


def kpi_coverage(survey: Survey, table: str, columns: Sequence[str], *, level: float = 0.95) -> pd.DataFrame:
    """Share of enterprises that record each indicator, by arm and round.

    An enterprise records an indicator where one of its rows of the round has a value; do not know and
    refused are none. Enterprises to which it does not apply are not counted.

    Returns
    -------
    DataFrame
        ``COVERAGE_COLUMNS``; Wilson intervals at ``level``; ``period`` as text, empty in a table without
        rounds; ``arm`` is empty where it is not known. Cells without an enterprise have NaN shares.
    """
    source = survey.tables[table]
    arm = survey.arms(table).to_numpy(dtype=np.str_)
    rows = []
    for column in columns:
        recorded = _recorded(source, column)
        for name, each in _cells(arm, rounds_of(source)):
            mine = recorded[each.rows & (arm == name)].dropna()
            share = share_of(mine.groupby(level=0).max().to_numpy(dtype=np.bool_), level)
            rows.append(
                {
                    "column": column,
                    "arm": name,
                    "period": each.name,
                    "n_enterprises": share.n,
                    "n_recorded": share.count,
                    "share": share.share,
                    "low": share.low,
                    "high": share.high,
                }
            )
    return pd.DataFrame(rows, columns=list(COVERAGE_COLUMNS))


def _recorded(table: CheckedTable, column: str) -> pd.Series:
    """1 where a row has a value, 0 where it should have one, NaN where not; the index is the enterprise.

    Rows without an enterprise are left out: nobody records in them.
    """
    unit = units(table)
    there = table.frame[column].notna().to_numpy(dtype=np.float64)
    counts = is_eligible(table, column) & ((unit != "") | (not table.roles.unit))
    index = unit if table.roles.unit else np.arange(len(unit)).astype(np.str_)
    return pd.Series(np.where(counts, there, np.nan), index=index)


def _cells(arm: Text1D, rounds: Sequence[Round]) -> Iterator[tuple[str, Round]]:
    for name in np.unique(arm).tolist():
        for each in rounds:
            yield name, each


def missingness(survey: Survey, table: str) -> pd.DataFrame:
    """How much of each column is missing and why, by arm and round, for a heat map.

    Returns
    -------
    DataFrame
        ``MISSINGNESS_COLUMNS``: shares of the rows in which a question should have been answered, those
        of the reasons adding up to ``share_missing``; ``share_not_applicable`` is the share of all rows in
        which it should not. NaN where there is no such row.
    """
    source = survey.tables[table]
    arm = survey.arms(table).to_numpy(dtype=np.str_)
    rows = []
    for column in source.codebook.columns(table):
        eligible, why = is_eligible(source, column), reasons(source, column).to_numpy(dtype=np.str_)
        for name, each in _cells(arm, rounds_of(source)):
            cell = each.rows & (arm == name)
            shares = _reason_shares(why[cell & eligible], int(cell.sum()))
            rows.append({"column": column, "arm": name, "period": each.name, **shares})
    return pd.DataFrame(rows, columns=list(MISSINGNESS_COLUMNS))


def _reason_shares(why: Text1D, n_rows: int) -> dict[str, object]:
    n = len(why)
    given = (*NO_ANSWER, UNREADABLE)
    shares = {f"share_{r}": float((why == r).mean()) if n else float("nan") for r in given}
    return {
        "n_rows": n_rows,
        "n_eligible": n,
        "share_missing": float((why != "").mean()) if n else float("nan"),
        **shares,
        f"share_{NOT_APPLICABLE}": (n_rows - n) / n_rows if n_rows else float("nan"),
    }


def check_coverage(survey: Survey, check: Coverage) -> list[Failures]:
    """Find indicators that enterprises of one arm began, or ceased, to record more than those of another.

    For each enterprise in both rounds the change is -1, 0 or 1; its means are compared between arms by
    Welch's t test. Holm's adjustment is over all columns, rounds and pairs of arms of the check.
    """
    table = survey.tables[check.table]
    base, later = baseline(rounds_of(table), check.base_period)
    if base is None or not table.roles.unit:
        return []
    arm_of = _arm_of(survey, table, base)
    changes = [
        change
        for column in check.columns
        for each in later
        for change in _changes(_recorded(table, column), arm_of, base, each, column=column)
    ]
    said: dict[str, list[str]] = {}
    for change, p in zip(changes, holm([c.p_value for c in changes]), strict=True):
        if p < check.alpha:
            said.setdefault(change.column, []).append(f"{_said(change)}, p = {p:.2g} after Holm")
    return [f for column, notes in said.items() for f in failing_whole(check, column, "; ".join(notes))]


def _arm_of(survey: Survey, table: CheckedTable, base: Round) -> pd.Series:
    """Arm of each enterprise as of its first row, by file and row, in the base period."""
    order = np.asarray(in_order(table), dtype=np.int64)
    rows = order[base.rows[order]]
    arm = pd.Series(survey.arms(table.name).to_numpy(dtype=object)[rows], index=units(table)[rows])
    first: pd.Series = arm[~arm.index.duplicated()]
    return first


def _changes(
    recorded: pd.Series, arm_of: pd.Series, base: Round, later: Round, *, column: str
) -> Iterator[Change]:
    """Changes since the base period, arm against arm."""
    before, after = (recorded[r.rows].dropna().groupby(level=0).max() for r in (base, later))
    change = (after - before).dropna()
    mine = arm_of.reindex(change.index).to_numpy(dtype=np.str_)
    values = change.to_numpy(dtype=np.float64)
    for pair in pairs_of(np.unique(mine).tolist()):
        first, second = values[mine == pair[0]], values[mine == pair[1]]
        yield Change(
            column=column,
            label=later.label,
            pair=pair,
            changes=(float(first.mean()), float(second.mean())),
            p_value=change_p(first, second),
        )


def change_p(first: Float1D, second: Float1D) -> float:
    """P-value of equal mean changes: Welch's test.

    Where all enterprises of either arm changed alike, but not as the other arm's did, nothing varies:
    it is then the test of two shares, ``two_share_p``, of enterprises with the first arm's change.
    """
    p_value = welch_p(first, second)
    if not np.isnan(p_value) or min(len(first), len(second)) < 2:
        return p_value
    alike, unlike = np.ones(len(first), dtype=np.bool_), np.zeros(len(second), dtype=np.bool_)
    return two_share_p(share_of(alike), share_of(unlike))


def welch_p(first: Float1D, second: Float1D) -> float:
    """P-value of equal means with unequal variances (Welch 1947, Biometrika 34).

    NaN where an arm has fewer than two values, or neither varies though their means differ.
    """
    from scipy.special import stdtr

    if min(len(first), len(second)) < 2:
        return float("nan")
    parts = np.array([first.var(ddof=1) / len(first), second.var(ddof=1) / len(second)])
    difference = float(second.mean() - first.mean())
    if parts.sum() == 0:
        return 1.0 if difference == 0 else float("nan")
    df = parts.sum() ** 2 / (parts**2 / np.array([len(first) - 1, len(second) - 1])).sum()
    return float(2 * stdtr(df, -abs(difference) / np.sqrt(parts.sum())))


def _said(change: Change) -> str:
    (first, second), (a, b) = change.pair, change.changes
    return (
        f"{change.label}the share of enterprises that record it changed by {100 * b:+.1f} points in {second} "
        f"and {100 * a:+.1f} in {first}"
    )


FUNCTIONS: Mapping[type, Callable[..., list[Failures]]] = {Coverage: check_coverage}
