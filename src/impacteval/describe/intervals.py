"""Means with their t intervals."""

from __future__ import annotations

import numpy as np
import pandas as pd


def mean_with_interval(values: pd.Series, *, level: float) -> dict[str, object]:
    """Mean of independent units with its standard error and t interval, in the unit of the values.

    Returns
    -------
    dict
        ``n_units``, ``mean``, ``std_error``, ``conf_low`` and ``conf_high``; NaN without units, and
        no error for one.
    """
    from scipy.special import stdtrit

    n = len(values)
    mean = float(values.mean()) if n else float("nan")
    error = float(values.std(ddof=1) / np.sqrt(n)) if n > 1 else float("nan")
    margin = float(stdtrit(n - 1, 0.5 + level / 2)) * error if n > 1 else float("nan")
    return {
        "n_units": n,
        "mean": mean,
        "std_error": error,
        "conf_low": mean - margin,
        "conf_high": mean + margin,
    }
