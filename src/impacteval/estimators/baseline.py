"""Mean outcomes before treatment."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from impacteval.arrays import Bool2D, Float1D
from impacteval.estimators.rows import base_values
from impacteval.panel import Panel


def base_means(panel: Panel, side: Bool2D) -> Float1D:
    """Weighted mean outcome in the base period of some units for each effect, (n_effects,).

    NaN where none of them has the outcome and a weight there.
    """
    base = base_values(panel)
    weight = (
        base_values(replace(panel, outcome=panel.weight)) if panel.is_weighted else np.ones(panel.n_units)
    )
    weight = np.where(np.isnan(base), 0.0, np.nan_to_num(weight))
    with np.errstate(invalid="ignore"):
        return np.asarray((np.nan_to_num(base) * weight) @ side / (weight @ side))
