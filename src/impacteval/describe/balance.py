"""How alike arms and comparison are before treatment."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from impacteval.arrays import Float1D

BALANCE_COLUMNS = (
    "variable",
    "arm",
    "n_treated",
    "n_comparison",
    "mean_treated",
    "mean_comparison",
    "sd_treated",
    "sd_comparison",
    "difference",
    "normalised_difference",
)


def balance(
    base: pd.DataFrame, variables: Sequence[str], arms: Sequence[str], comparison: str
) -> pd.DataFrame:
    """Compare means of each variable between each arm and the comparison.

    Parameters
    ----------
    base : DataFrame
        One row an enterprise, in the period before anyone was treated, with ``arm``.
    variables : sequence of str
    arms : sequence of str
        Treatment arms.
    comparison : str
        The comparison arm.

    Returns
    -------
    DataFrame
        ``BALANCE_COLUMNS``, means and standard deviations in the unit of the variable.
    """
    rows = []
    for variable in variables:
        control = _known(base, variable, comparison)
        for arm in arms:
            treated = _known(base, variable, arm)
            rows.append(
                {
                    "variable": variable,
                    "arm": arm,
                    "n_treated": len(treated),
                    "n_comparison": len(control),
                    "mean_treated": _mean(treated),
                    "mean_comparison": _mean(control),
                    "sd_treated": _sd(treated),
                    "sd_comparison": _sd(control),
                    "difference": _mean(treated) - _mean(control),
                    "normalised_difference": normalised_difference(treated, control),
                }
            )
    return pd.DataFrame(rows, columns=list(BALANCE_COLUMNS))


def normalised_difference(treated: Float1D, comparison: Float1D) -> float:
    """Difference of means over the root of the average variance; it does not grow with the sample.

    Imbens and Rubin (2015), Causal Inference, equation 14.1. NaN where neither group varies.
    """
    spread = np.sqrt((_sd(treated) ** 2 + _sd(comparison) ** 2) / 2)
    return float((_mean(treated) - _mean(comparison)) / spread) if spread > 0 else float("nan")


def _known(frame: pd.DataFrame, variable: str, arm: str) -> Float1D:
    return frame.loc[frame["arm"] == arm, variable].dropna().to_numpy(dtype=np.float64)


def _mean(values: Float1D) -> float:
    return float(values.mean()) if len(values) else float("nan")


def _sd(values: Float1D) -> float:
    return float(values.std(ddof=1)) if len(values) > 1 else float("nan")
