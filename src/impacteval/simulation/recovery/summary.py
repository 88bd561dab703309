"""What many trials say: how far estimates are from the truth, and how often diagnostics warn."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from impacteval.simulation.recovery.rows import DIAGNOSTIC, ESTIMATE
from impacteval.tables import table_of

RECOVERY_COLUMNS: dict[str, str] = {
    "scenario": "str",
    "outcome": "str",
    "design": "str",
    "vcov": "str",
    "n_trials": "Int64",
    "n_failed": "Int64",
    "truth": "float64",
    "estimate": "float64",
    "bias": "float64",
    "bias_mc": "float64",
    "rmse": "float64",
    "sd": "float64",
    "std_error": "float64",
    "coverage": "float64",
    "coverage_mc": "float64",
    "rejected": "float64",
    "rejected_mc": "float64",
    "exaggeration": "float64",
    "wrong_sign": "float64",
}
DIAGNOSTIC_COLUMNS: dict[str, str] = {
    "scenario": "str",
    "diagnostic": "str",
    "outcome": "str",
    "n_trials": "Int64",
    "n_known": "Int64",
    "estimate": "float64",
    "estimate_mc": "float64",
    "rejected": "float64",
    "rejected_mc": "float64",
}
ESTIMATE_KEYS = ["scenario", "outcome", "design", "vcov"]
DIAGNOSTIC_KEYS = ["scenario", "design", "outcome"]


def recovery_table(trials: pd.DataFrame, scenarios: Sequence[str]) -> pd.DataFrame:
    """Bias, spread, coverage and rejections by scenario, outcome, design and error convention.

    Parameters
    ----------
    trials : DataFrame
        ``TRIAL_COLUMNS``; the order of rows does not matter.
    scenarios : sequence of str
        In the order in which they should stand.

    Returns
    -------
    DataFrame
        ``RECOVERY_COLUMNS``. ``bias`` is the mean of estimate less truth of the same study, ``sd`` that
        of estimates over studies, ``std_error`` the mean of what the studies said of it. A column that
        ends in ``_mc`` is the Monte Carlo error of the one before. ``exaggeration`` is the mean absolute
        value of significant estimates over the mean true effect, ``wrong_sign`` the share of these with
        the other sign; neither is known without a true effect.
    """
    rows = trials[trials["kind"] == ESTIMATE].sort_values([*ESTIMATE_KEYS, "trial"], kind="stable")
    found = [
        dict(zip(ESTIMATE_KEYS, key, strict=True)) | _recovered(part)
        for key, part in rows.groupby(ESTIMATE_KEYS, sort=True)
        if isinstance(key, tuple)
    ]
    return _in_order(table_of(found, RECOVERY_COLUMNS), scenarios)


def diagnostics_table(trials: pd.DataFrame, scenarios: Sequence[str]) -> pd.DataFrame:
    """How often each diagnostic rejects, and what it finds on average, by scenario.

    Returns
    -------
    DataFrame
        ``DIAGNOSTIC_COLUMNS``; ``n_known`` counts trials in which it has a p-value.
    """
    rows = trials[trials["kind"] == DIAGNOSTIC].sort_values([*DIAGNOSTIC_KEYS, "trial"], kind="stable")
    found = [
        {"scenario": key[0], "diagnostic": key[1], "outcome": key[2], **_warned(part)}
        for key, part in rows.groupby(DIAGNOSTIC_KEYS, sort=True)
        if isinstance(key, tuple)
    ]
    return _in_order(table_of(found, DIAGNOSTIC_COLUMNS), scenarios)


def _in_order(table: pd.DataFrame, scenarios: Sequence[str]) -> pd.DataFrame:
    rank = table["scenario"].map({name: i for i, name in enumerate(scenarios)})
    return table.iloc[np.argsort(rank.to_numpy(), kind="stable")].reset_index(drop=True)


def _recovered(part: pd.DataFrame) -> dict[str, object]:
    known = part[part["estimate"].notna() & part["std_error"].notna()]
    off = (known["estimate"] - known["truth"]).to_numpy()
    return {
        "n_trials": len(part),
        "n_failed": len(part) - len(known),
        "truth": _mean(known["truth"]),
        "estimate": _mean(known["estimate"]),
        "bias": _mean(off),
        "bias_mc": _error(off),
        "rmse": float(np.sqrt(_mean(off**2))),
        "sd": float(known["estimate"].std(ddof=1)),
        "std_error": _mean(known["std_error"]),
        "coverage": _mean(known["covered"]),
        "coverage_mc": _error_of_share(known["covered"]),
        "rejected": _mean(known["rejected"]),
        "rejected_mc": _error_of_share(known["rejected"]),
        **_exaggerated(known),
    }


def _exaggerated(known: pd.DataFrame) -> dict[str, object]:
    truth = _mean(known["truth"])
    significant = known.loc[known["rejected"] == 1, "estimate"]
    if not len(significant) or truth == 0:
        return {}
    return {
        "exaggeration": float(significant.abs().mean() / abs(truth)),
        "wrong_sign": float((np.sign(significant) != np.sign(truth)).mean()),
    }


def _warned(part: pd.DataFrame) -> dict[str, object]:
    judged = part["rejected"].dropna()
    return {
        "n_trials": len(part),
        "n_known": len(judged),
        "estimate": _mean(part["estimate"].dropna()),
        "estimate_mc": _error(part["estimate"].dropna()),
        "rejected": _mean(judged),
        "rejected_mc": _error_of_share(judged),
    }


def _mean(values: pd.Series | np.ndarray[tuple[int], np.dtype[np.float64]]) -> float:
    return float(np.mean(values)) if len(values) else float("nan")


def _error(values: pd.Series | np.ndarray[tuple[int], np.dtype[np.float64]]) -> float:
    return float(np.std(values, ddof=1) / np.sqrt(len(values))) if len(values) > 1 else float("nan")


def _error_of_share(values: pd.Series) -> float:
    share = _mean(values)
    return float(np.sqrt(share * (1 - share) / len(values))) if len(values) else float("nan")
