"""The panel as the frame that data frame packages take."""

from __future__ import annotations

import numpy as np
import pandas as pd
from tools.bench_peers.panel_file import PanelDrawn

COVARIATE = "x"


def long_frame(drawn: PanelDrawn) -> pd.DataFrame:
    """One row a unit and period, with a column an outcome."""
    n_periods = len(drawn.periods)
    columns = {
        "unit": np.repeat(np.arange(drawn.n_units), n_periods),
        "period": np.tile(drawn.periods, drawn.n_units),
        "first_treat": np.repeat(drawn.cohort, n_periods),
        COVARIATE: np.repeat(drawn.covariate, n_periods),
    }
    return pd.DataFrame(columns | {outcome_name(j): y.ravel() for j, y in enumerate(drawn.outcome)})


def outcome_name(position: int) -> str:
    """Column of an outcome."""
    return f"outcome_{position}"
