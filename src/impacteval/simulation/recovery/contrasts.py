"""Differences of means of groups, with unequal variances (Welch 1947, Biometrika 34(1/2))."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from impacteval.arrays import Bool1D, Float1D

Row = dict[str, object]


def difference(values: Float1D, one: Bool1D, other: Bool1D) -> Row:
    """Difference of two means, with unequal variances."""
    return _combined(values, [(one, 1.0), (other, -1.0)])


def double_difference(values: Float1D, groups: Sequence[Bool1D]) -> Row:
    """First mean less second, less third less fourth, with unequal variances."""
    return _combined(values, list(zip(groups, (1.0, -1.0, -1.0, 1.0), strict=True)))


def _combined(values: Float1D, groups: Sequence[tuple[Bool1D, float]]) -> Row:
    """Weighted sum of means; not known where a group has fewer than two values or none varies."""
    from scipy.special import stdtr

    known = [values[rows & ~np.isnan(values)] for rows, _ in groups]
    if min(len(v) for v in known) < 2:
        return {"note": "fewer than two enterprises in a group"}
    parts = np.array([v.var(ddof=1) / len(v) for v in known])
    estimate = float(sum(sign * v.mean() for v, (_, sign) in zip(known, groups, strict=True)))
    error = float(np.sqrt(parts.sum()))
    if error == 0:
        return {"estimate": estimate, "note": "no variation"}
    df = float(parts.sum() ** 2 / sum(p**2 / (len(v) - 1) for p, v in zip(parts, known, strict=True)))
    return {
        "estimate": estimate,
        "std_error": error,
        "df": df,
        "p_value": float(2 * stdtr(df, -abs(estimate) / error)),
    }
