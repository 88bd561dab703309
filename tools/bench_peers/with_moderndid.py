"""moderndid."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from moderndid import aggte, att_gt  # type: ignore[import-not-found]
from tools.bench_peers.frame import COVARIATE, long_frame, outcome_name
from tools.bench_peers.panel_file import N_DRAWS, PanelDrawn

PACKAGE = "moderndid"


def prepare(drawn: PanelDrawn, task: str, way: str) -> Callable[[], dict[str, list[float]]]:
    """Group-time effects, their average and their averages by event time."""
    frame = long_frame(drawn)
    draws = way == "draws"

    def fit() -> dict[str, list[float]]:
        found = {}
        for j in range(len(drawn.outcome)):
            cells = att_gt(
                frame,
                outcome_name(j),
                "period",
                "unit",
                "first_treat",
                xformla=f"~{COVARIATE}",
                boot=draws,
                cband=draws,
                biters=N_DRAWS,
                random_state=1,
            )
            simple, dynamic = (
                aggte(cells, type=kind, boot=draws, cband=draws, biters=N_DRAWS, random_state=1)
                for kind in ("simple", "dynamic")
            )
            found[f"{j} simple"] = [float(simple.overall_att), float(simple.overall_se)]
            rows = zip(dynamic.event_times, dynamic.att_by_event, dynamic.se_by_event, strict=True)
            for e, estimate, error in rows:
                found[f"{j} event time {int(e)}"] = [float(estimate), float(error)]
            if draws:
                found[f"{j} critical value"] = [float(np.nanmax(dynamic.critical_values))]
        return found

    return fit
