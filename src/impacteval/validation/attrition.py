"""Who left the survey: shares by arm and round, and whether those who stayed are alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np
import pandas as pd

from impacteval.arrays import Bool1D, Float2D, Int1D, Text1D
from impacteval.checks.response import Attrition
from impacteval.validation.cells import followed, numbers, units
from impacteval.validation.joint_test import JointTest, joint_test
from impacteval.validation.keys import in_order, is_interview
from impacteval.validation.labels import labels_of
from impacteval.validation.remarks import informing
from impacteval.validation.rounds_of import Round, baseline, rounds_of
from impacteval.validation.shares import Share, ShareDifference, compare_shares, pairs_of, share_of
from impacteval.validation.survey import CheckedTable, Failures, Survey, failing_whole

ATTRITION_COLUMNS = (
    "period",
    "arm",
    "compared_with",
    "n_expected",
    "n_left",
    "share_left",
    "share_low",
    "share_high",
    "difference",
    "low",
    "high",
    "p_value",
)
ALL_ARMS = ""
NOT_COMPARED: dict[str, object] = {
    "compared_with": "",
    **dict.fromkeys(("difference", "low", "high", "p_value"), float("nan")),
}


def check_attrition(survey: Survey, check: Attrition) -> list[Failures]:
    """Find rounds by which arms lost differently many, or after which those who stayed differ by arm.

    Where fewer than two arms are known there is nothing to compare: how many left is for information.
    """
    table = survey.tables[check.table]
    found: list[Failures] = []
    for later, base, stayed in _later_rounds(table, check):
        arm = survey.arms(check.table).to_numpy(dtype=np.str_)[base]
        overall = share_of(~stayed, check.level)
        if overall.n and len(set(arm.tolist()) - {ALL_ARMS}) < 2:
            found += informing(check, "", [f"{later.label}{_said_of_all(overall, check)}"])
        for s in _differences(table, arm, base, stayed, check):
            if abs(s.difference) > check.maximum_difference or s.p_value < check.alpha:
                note = f"{later.label}{overall.share:.1%} of {overall.n} left; {_said(s, check)}"
                found += failing_whole(check, "", note)
        for test in _joint_tests(table, arm, base, stayed, check):
            if test.p_value < check.alpha:
                found += failing_whole(check, "", f"{later.label}{_said_of_stayers(test, check)}")
            if np.isnan(test.p_value):
                found += informing(check, "", [f"{later.label}{_said_of_no_test(test, check)}"])
    return found


def _later_rounds(table: CheckedTable, check: Attrition) -> Iterator[tuple[Round, Int1D, Bool1D]]:
    """For each round after the base one: positions of those followed, and which of them stayed."""
    interviewed = is_interview(table, check.completed)
    who = followed(table)
    first, later = baseline(rounds_of(table), check.base_period)
    if first is None:
        return
    order = np.asarray(in_order(table), dtype=np.int64)
    candidates = order[(first.rows & interviewed & (who != ""))[order]]
    base = candidates[np.unique(who[candidates], return_index=True)[1]]
    for each in later:
        yield each, base, np.isin(who[base], who[each.rows & interviewed])


def _differences(
    table: CheckedTable, arm: Text1D, base: Int1D, stayed: Bool1D, check: Attrition
) -> list[ShareDifference]:
    """Shares that left, arm against arm."""
    unit = units(table)[base]
    pairs = pairs_of(np.unique(arm).tolist(), check.comparison)
    return [compare_shares(~stayed, arm, unit, pair, level=check.level) for pair in pairs]


def _said_of_all(overall: Share, check: Attrition) -> str:
    return (
        f"{overall.share:.1%} of {overall.n} left ({check.level:.0%} interval {overall.low:.1%} to "
        f"{overall.high:.1%}); fewer than two arms are known, so none were compared"
    )


def _said(s: ShareDifference, check: Attrition) -> str:
    return (
        f"{s.share_second:.1%} in {s.second} and {s.share_first:.1%} in {s.first}, a difference of "
        f"{100 * s.difference:.1f} points ({check.level:.0%} interval {100 * s.low:.1f} to "
        f"{100 * s.high:.1f}, p = {s.p_value:.2g})"
    )


def _said_of_stayers(test: JointTest, check: Attrition) -> str:
    return (
        f"of those who stayed, {test.second} and {test.first} differ in {', '.join(check.covariates)} as of "
        f"the base period (F({test.df}, {test.df_residual}) = {test.statistic:.2f}, p = {test.p_value:.2g}; "
        f"{_left_out(test)})"
    )


def _said_of_no_test(test: JointTest, check: Attrition) -> str:
    return (
        f"whether those who stayed in {test.second} and {test.first} differ in {', '.join(check.covariates)} "
        f"as of the base period could not be tested ({_left_out(test)})"
    )


def _left_out(test: JointTest) -> str:
    return f"{test.n_left_out} of {test.n_rows} rows left out for missing values"


def _joint_tests(
    table: CheckedTable, arm: Text1D, base: Int1D, stayed: Bool1D, check: Attrition
) -> Iterator[JointTest]:
    if not check.covariates:
        return
    covariates = np.hstack([_covariate(table, column)[base] for column in check.covariates])
    unit = units(table)[base]
    for pair in pairs_of(np.unique(arm[stayed]).tolist(), check.comparison):
        rows = stayed & np.isin(arm, pair)
        yield joint_test(covariates[rows], arm[rows] == pair[1], unit[rows], pair)


def _covariate(table: CheckedTable, column: str) -> Float2D:
    """A column of numbers, or indicators of all categories but the first; NaN where it is missing."""
    values = table.frame[column]
    if pd.api.types.is_numeric_dtype(values):
        return numbers(table, column)[:, None]
    label = labels_of(table, column).to_numpy(dtype=np.str_)
    names = [name for name in np.unique(label) if name]
    columns: Float2D = (label[:, None] == np.array(names[1:] or names, dtype=np.str_)[None, :]).astype(
        "float64"
    )
    columns[label == ""] = np.nan
    return columns


def attrition(survey: Survey, check: Attrition) -> pd.DataFrame:
    """Share that left by each round, overall, by arm and arm against arm.

    Shares have Wilson intervals, differences Newcombe's, or Wald's between enterprises where those
    followed are their members.

    Returns
    -------
    DataFrame
        ``ATTRITION_COLUMNS``: first all arms (``arm`` empty), then a row an arm, compared with each arm
        in ``compared_with``; shares and differences between -1 and 1.
    """
    table = survey.tables[check.table]
    rows: list[dict[str, object]] = []
    for later, base, stayed in _later_rounds(table, check):
        arm = survey.arms(check.table).to_numpy(dtype=np.str_)[base]
        differences = _differences(table, arm, base, stayed, check)
        for name in [ALL_ARMS, *sorted(set(arm.tolist()) - {ALL_ARMS})]:
            mine = [d for d in differences if d.second == name]
            share = _share_left(stayed if name == ALL_ARMS else stayed[arm == name], check.level)
            rows += [{"period": later.name, "arm": name, **share, **_compared(d)} for d in mine]
            rows += [] if mine else [{"period": later.name, "arm": name, **share, **NOT_COMPARED}]
    return pd.DataFrame(rows, columns=list(ATTRITION_COLUMNS))


def _share_left(stayed: Bool1D, level: float) -> dict[str, object]:
    s = share_of(~stayed, level)
    return {
        "n_expected": s.n,
        "n_left": s.count,
        "share_left": s.share,
        "share_low": s.low,
        "share_high": s.high,
    }


def _compared(d: ShareDifference) -> dict[str, object]:
    return {
        "compared_with": d.first,
        "difference": d.difference,
        "low": d.low,
        "high": d.high,
        "p_value": d.p_value,
    }


FUNCTIONS: Mapping[type, Callable[..., list[Failures]]] = {Attrition: check_attrition}
