"""Mean outcomes before treatment."""

from __future__ import annotations

import numpy as np

from impacteval.arrays import Bool2D, Float1D, Float2D
from impacteval.panel import Panel


def base_means(panel: Panel, sides: Bool2D) -> Float1D:
    """Weighted mean outcome in the base period of the units of each side, (n_effects,).

    That is the last period before a unit's treatment; for comparison units the last before anybody's.
    NaN where none has the outcome and a weight there.

    Parameters
    ----------
    panel : Panel
    sides : (n_units, n_effects)
    """
    base, weight = _in_base_cells(panel, panel.outcome), _in_base_cells(panel, panel.weight)
    weight = np.where(np.isnan(base) | np.isnan(weight), 0.0, weight)
    weighted = weight * np.nan_to_num(base)
    sums = np.array([(weighted[side].sum(), weight[side].sum()) for side in sides.T]).reshape(-1, 2)
    with np.errstate(invalid="ignore"):
        return np.asarray(sums[:, 0] / sums[:, 1])


def _in_base_cells(panel: Panel, values: Float2D) -> Float1D:
    first = float(np.min(panel.cohort))
    cohort = np.where(np.isinf(panel.cohort), first, panel.cohort)
    column = np.searchsorted(panel.periods, cohort) - 1
    found = values[np.arange(panel.n_units), np.maximum(column, 0)]
    return np.where(column >= 0, found, np.nan)
