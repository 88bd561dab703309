"""pyfixest."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyfixest  # type: ignore[import-not-found, unused-ignore]
from tools.bench_peers.frame import long_frame, outcome_name
from tools.bench_peers.panel_file import NEVER, PanelDrawn

PACKAGE = "pyfixest"


def prepare(drawn: PanelDrawn, task: str, way: str) -> Callable[[], dict[str, list[float]]]:
    """Two-way fixed effects with a coefficient an event time, errors by unit."""
    frame = long_frame(drawn)
    event_time = frame["period"] - frame["first_treat"]
    frame["event"] = np.where(frame["first_treat"] == NEVER, -1, event_time)

    def fit() -> dict[str, list[float]]:
        formula = f"{outcome_name(0)} ~ i(event, ref=-1) | unit + period"
        table = pyfixest.feols(formula, data=frame, vcov={"CRV1": "unit"}).tidy()
        return {
            f"0 event time {name.rpartition('::')[2]}": [float(row["Estimate"]), float(row["Std. Error"])]
            for name, row in table.iterrows()
        }

    return fit
