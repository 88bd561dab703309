"""From columns of the survey to outcomes on the scale of the analysis."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from impacteval.design import Outcome

MISSING = "value missing"
NO_DENOMINATOR = "denominator missing or zero"
NOT_ASKED = "not asked in this period"
NOT_POSITIVE = "not above zero, so no logarithm"


@dataclass(frozen=True, slots=True, kw_only=True)
class Derived:
    """An outcome (float64, NaN where it has no value) and why a value is missing (text).

    ``unwinsorised`` is the outcome with its extreme values, where they were cut.
    """

    values: pd.Series
    reason: pd.Series
    unwinsorised: pd.Series | None = None


def derive(frame: pd.DataFrame, outcome: Outcome, reason: pd.Series | None = None) -> Derived:
    """Compute an outcome: its column, over ``divide_by`` if named, in logarithms if asked.

    An outcome with a formula is in the column of its own name. Extreme values are cut, where the
    outcome says so, before logarithms are taken.

    ``recorded`` makes it 1 where the columns have values and 0 where one of them has none, so that
    recording an indicator at all can be an outcome.

    Parameters
    ----------
    frame : DataFrame
        Typed survey rows with ``period``.
    outcome : Outcome
    reason : Series, optional
        Why its formula has no value, by the index of ``frame``; empty text where it has one.

    Returns
    -------
    Derived
        The index of ``frame``.
    """
    asked = frame["period"].isin([int(p) for p in outcome.periods]) | (not outcome.periods)
    not_asked = pd.Series("", index=frame.index, dtype="str").mask(~asked, NOT_ASKED)
    if outcome.transform == "recorded":
        return Derived(values=_recorded(frame, outcome).where(asked), reason=not_asked)
    found = _untransformed(frame, outcome, asked, not_asked, reason)
    if outcome.winsorise is None:
        return _transformed(found, outcome)
    cut = replace(found, values=winsorised(found.values, frame["period"], outcome.winsorise))
    return replace(_transformed(cut, outcome), unwinsorised=_transformed(found, outcome).values)


def _untransformed(
    frame: pd.DataFrame, outcome: Outcome, asked: pd.Series, reason: pd.Series, why: pd.Series | None
) -> Derived:
    values = frame[outcome.column or outcome.name].astype("float64").where(asked)
    if why is not None:
        reason = reason.mask(values.isna() & (reason == ""), why)
    reason = reason.mask(values.isna() & (reason == ""), MISSING)
    if outcome.divide_by:
        denominator = frame[outcome.divide_by].astype("float64")
        unusable = denominator.isna() | (denominator == 0)
        reason = reason.mask(unusable & (reason == ""), NO_DENOMINATOR)
        values = values / denominator.mask(unusable)
    return Derived(values=values, reason=reason)


def _transformed(found: Derived, outcome: Outcome) -> Derived:
    if outcome.transform != "log":
        return found
    positive = found.values > 0
    reason = found.reason.mask(~positive & (found.reason == ""), NOT_POSITIVE)
    logs = pd.Series(np.log(found.values.where(positive)), index=found.values.index)
    return Derived(values=logs, reason=reason)


def winsorised(values: pd.Series, period: pd.Series, percent: float) -> pd.Series:
    """Values held between two percentiles of their period, over all arms.

    Parameters
    ----------
    values : Series
        NaN where missing.
    period : Series
        The period of each value.
    percent : float
        The share cut at each end, in percent: values below this percentile, or above 100 minus it,
        take its value. Percentiles lie between neighbouring values in proportion.
    """
    by_period = values.groupby(period)
    low = by_period.transform(lambda v: v.quantile(percent / 100))
    high = by_period.transform(lambda v: v.quantile(1 - percent / 100))
    return values.clip(low, high)


def _recorded(frame: pd.DataFrame, outcome: Outcome) -> pd.Series:
    columns = [c for c in (outcome.column or outcome.name, outcome.divide_by) if c]
    return frame[columns].notna().all(axis=1).astype("float64")
