"""Rows of trials: what a design or a diagnostic found in one drawn study."""

from __future__ import annotations

from math import isnan

ESTIMATE = "estimate"
DIAGNOSTIC = "diagnostic"
# One row a trial, scenario, outcome and design and error convention, or diagnostic.
TRIAL_COLUMNS: dict[str, str] = {
    "kind": "str",
    "scenario": "str",
    "trial": "Int64",
    "outcome": "str",
    "design": "str",
    "vcov": "str",
    "estimate": "float64",
    "std_error": "float64",
    "df": "float64",
    "conf_low": "float64",
    "conf_high": "float64",
    "p_value": "float64",
    "truth": "float64",
    "covered": "float64",
    "rejected": "float64",
    "note": "str",
}


def judged(row: dict[str, object], *, level: float) -> dict[str, object]:
    """A row with whether its interval holds the truth and whether zero is rejected; none if not known."""
    low, high, truth, p_value = (_number(row.get(k)) for k in ("conf_low", "conf_high", "truth", "p_value"))
    covered = float("nan") if isnan(low + high + truth) else float(low <= truth <= high)
    rejected = float("nan") if isnan(p_value) else float(p_value < 1 - level)
    return {**row, "covered": covered, "rejected": rejected}


def _number(value: object) -> float:
    return float(value) if isinstance(value, float | int) else float("nan")
