"""Checks of weights against the frame that was sampled."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from impacteval.arrays import Bool1D, Float1D
from impacteval.checks.frame import Comparable, Weights
from impacteval.codebook import MASKED
from impacteval.validation.comparable import check_comparable
from impacteval.validation.keys import first_rows, is_interview, noted, of_severity, rounds_of
from impacteval.validation.labels import NONE, labels_of, numbers_of
from impacteval.validation.survey import CheckedTable, Failures, Survey, failing_whole


def check_weights(survey: Survey, check: Weights) -> list[Failures]:
    """Find weights that are missing or not positive, or that do not add up to the frame.

    Only interviews need weights and count. Sums are compared where both tables have a stratum, a
    round or both; a stratum without interviews has weights of zero.
    """
    table = survey.tables[check.table]
    weight = numbers_of(table, table.roles.weight)
    asked = is_interview(table, check.completed)
    column = (table.roles.weight,)
    is_valid = ((weight > 0) & (weight < np.inf)).to_numpy(dtype=np.bool_)
    unusable = asked & ~is_valid & weight.notna().to_numpy(dtype=np.bool_)
    found = noted(check, asked & weight.isna(), "no weight", columns=column)
    found += noted(check, unusable, "the weight is not positive", columns=column)
    counted = asked & is_valid
    found += _sums(survey, check, weight.where(counted, 0.0), asked)
    found += of_severity(_design_effects(table, check, weight[counted]), "warning")
    return found + _panel_weights(table, check, asked)


def kish_design_effect(weights: Float1D) -> float:
    """How much unequal weights enlarge the variance of a mean: ``n Σw² / (Σw)²`` (Kish 1965, p. 427)."""
    return float(len(weights) * (weights**2).sum() / weights.sum() ** 2)


def _design_effects(table: CheckedTable, check: Weights, weight: pd.Series) -> list[Failures]:
    period = labels_of(table, table.roles.period)[weight.index]
    found = []
    for label in rounds_of(table) or [NONE]:
        mine = np.sort(weight[period == label].to_numpy(dtype=np.float64))
        effect = kish_design_effect(mine) if len(mine) else 1.0
        if effect > check.most_design_effect:
            where = f" in round {label}" if label else ""
            found += failing_whole(check, table.roles.weight, f"design effect {effect:.2f}{where}")
    return found


def _sums(survey: Survey, check: Weights, weight: pd.Series, asked: Bool1D) -> list[Failures]:
    """Sums of weights that differ from the frame's total, by round and stratum."""
    table, frame = survey.tables[check.table], survey.tables[check.frame]
    by_stratum = bool(table.roles.stratum and frame.roles.stratum)
    stratum = labels_of(table, table.roles.stratum if by_stratum else "")
    period = labels_of(table, table.roles.period)
    found = []
    for label in rounds_of(table) or [NONE]:
        mine = asked & (period == label).to_numpy(dtype=np.bool_)
        sums = weight[mine].sort_values().groupby(stratum[mine]).sum()
        totals = _totals(frame, check, label, by_stratum=by_stratum)
        for name in sorted({*sums.index, *totals.index}):
            problem = _problem(check, float(sums.get(name, 0.0)), float(totals.get(name, np.nan)))
            if problem:
                where = _where(table, name, label)
                found += failing_whole(check, table.roles.weight, f"{where}{problem}")
    return found


def _totals(frame: CheckedTable, check: Weights, label: str, *, by_stratum: bool) -> pd.Series:
    """Totals of the frame by stratum, of one round where the frame has rounds."""
    stratum = labels_of(frame, frame.roles.stratum if by_stratum else "")
    number = numbers_of(frame, check.total) if check.total else pd.Series(1.0, index=stratum.index)
    if frame.roles.period and label:
        in_round = labels_of(frame, frame.roles.period) == label
        stratum, number = stratum[in_round], number[in_round]
    return number.groupby(stratum).sum(min_count=1)


def _problem(check: Weights, total_weight: float, frame_total: float) -> str:
    """What is wrong with a sum of weights; empty text where it is the frame's."""
    if not frame_total > 0:
        return f"{check.frame} has no total above zero"
    if total_weight == 0:
        return "no weighted interview"
    ratio = total_weight / frame_total
    return "" if abs(ratio - 1) <= check.tolerance else f"weights add up to {ratio:.4g} times the frame"


def _where(table: CheckedTable, stratum: str, period: str) -> str:
    """Which stratum and round a sum is of."""
    shown = MASKED if stratum and table.is_confidential(table.roles.stratum) else stratum
    parts = [f"stratum {shown}" if shown else "", f"round {period}" if period else ""]
    said = ", ".join(part for part in parts if part)
    return f"{said}: " if said else ""


def _panel_weights(table: CheckedTable, check: Weights, asked: Bool1D) -> list[Failures]:
    """Panel weights of enterprises outside the panel, of its members that have none, and impossible ones."""
    if not check.panel_weight:
        return []
    weight = numbers_of(table, check.panel_weight)
    unit, period = labels_of(table, table.roles.unit), labels_of(table, table.roles.period)
    needed = [str(p) for p in check.panel_periods] or rounds_of(table)
    counted = asked & period.isin(needed).to_numpy(dtype=np.bool_)
    n_rounds = period[counted].groupby(unit[counted]).nunique()
    members = set(n_rounds.index[n_rounds == len(needed)]) - {NONE}
    is_member = unit.isin(members)
    column = (check.panel_weight,)
    found = noted(
        check, weight.notna() & ~is_member, "not interviewed in every round of the panel", columns=column
    )
    impossible = is_member & weight.notna() & ~((weight > 0) & (weight < np.inf))
    found += noted(check, impossible, "the panel weight is not positive", columns=column)
    has_none = is_member & ~unit.isin(unit[weight.notna()]) & table.frame.index.isin(first_rows(table))
    return found + noted(check, has_none, "a member of the panel without panel weight", columns=column)


FUNCTIONS: Mapping[type, Callable[..., list[Failures]]] = {
    Weights: check_weights,
    Comparable: check_comparable,
}
