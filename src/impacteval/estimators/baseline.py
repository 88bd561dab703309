"""Mean outcomes before treatment."""

from __future__ import annotations

import numpy as np

from impacteval.arrays import Bool2D, Float1D
from impacteval.estimators.rows import base_values
from impacteval.panel import Panel


def base_means(panel: Panel, side: Bool2D) -> Float1D:
    """Mean outcome in the base period of some units for each effect, (n_effects,); NaN where unknown."""
    base = base_values(panel)
    known = side & ~np.isnan(base)[:, None]
    with np.errstate(invalid="ignore"):
        return np.asarray(np.nan_to_num(base) @ known / known.sum(axis=0))
