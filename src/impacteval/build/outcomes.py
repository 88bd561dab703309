"""From columns of the survey to outcomes on the scale of the analysis."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from impacteval.design import Outcome

MISSING = "value missing"
NO_DENOMINATOR = "denominator missing or zero"
NOT_ASKED = "not asked in this period"
NOT_POSITIVE = "not above zero, so no logarithm"


@dataclass(frozen=True, slots=True, kw_only=True)
class Derived:
    """An outcome (float64, NaN where it has no value) and why a value is missing (text)."""

    values: pd.Series
    reason: pd.Series


def derive(frame: pd.DataFrame, outcome: Outcome) -> Derived:
    """Compute an outcome: its column, over ``divide_by`` if named, in logarithms if asked.

    ``recorded`` makes it 1 where the columns have values and 0 where one of them has none, so that
    recording an indicator at all can be an outcome.

    Parameters
    ----------
    frame : DataFrame
        Typed survey rows with ``period``.
    outcome : Outcome

    Returns
    -------
    Derived
        The index of ``frame``.
    """
    asked = frame["period"].isin([int(p) for p in outcome.periods]) | (not outcome.periods)
    reason = pd.Series("", index=frame.index, dtype="str").mask(~asked, NOT_ASKED)
    if outcome.transform == "recorded":
        return Derived(values=_recorded(frame, outcome).where(asked), reason=reason)
    values = frame[outcome.column].astype("float64").where(asked)
    reason = reason.mask(values.isna() & (reason == ""), MISSING)
    if outcome.divide_by:
        denominator = frame[outcome.divide_by].astype("float64")
        unusable = denominator.isna() | (denominator == 0)
        reason = reason.mask(unusable & (reason == ""), NO_DENOMINATOR)
        values = values / denominator.mask(unusable)
    if outcome.transform == "log":
        positive = values > 0
        reason = reason.mask(~positive & (reason == ""), NOT_POSITIVE)
        values = pd.Series(np.log(values.where(positive)), index=frame.index)
    return Derived(values=values, reason=reason)


def _recorded(frame: pd.DataFrame, outcome: Outcome) -> pd.Series:
    columns = [c for c in (outcome.column, outcome.divide_by) if c]
    return frame[columns].notna().all(axis=1).astype("float64")
