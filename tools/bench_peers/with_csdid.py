"""csdid."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from csdid.att_gt import ATTgt  # type: ignore[import-not-found]
from tools.bench_peers.frame import COVARIATE, long_frame, outcome_name
from tools.bench_peers.panel_file import N_DRAWS, PanelDrawn

PACKAGE = "csdid"


def prepare(drawn: PanelDrawn, task: str, way: str) -> Callable[[], dict[str, list[float]]]:
    """Group-time effects, their average and their averages by event time."""
    frame = long_frame(drawn)
    draws = way == "draws"

    def fit() -> dict[str, list[float]]:
        # The package draws from the global generator.
        np.random.seed(1)
        found = {}
        for j in range(len(drawn.outcome)):
            name = outcome_name(j)
            cells = ATTgt(
                yname=name,
                tname="period",
                idname="unit",
                gname="first_treat",
                data=frame,
                xformla=f"{name}~{COVARIATE}",
                control_group="nevertreated",
                cband=draws,
                biters=N_DRAWS,
            ).fit(est_method="dr", base_period="varying", bstrap=draws)
            cells.aggte(typec="simple", bstrap=draws, cband=draws)
            simple = cells.atte
            found[f"{j} simple"] = [float(np.ravel(simple[key])[0]) for key in ("overall_att", "overall_se")]
            cells.aggte(typec="dynamic", bstrap=draws, cband=draws)
            dynamic = cells.atte
            rows = zip(dynamic["egt"], dynamic["att_egt"], np.ravel(dynamic["se_egt"]), strict=True)
            for e, estimate, error in rows:
                found[f"{j} event time {int(e)}"] = [float(estimate), float(error)]
            if draws:
                found[f"{j} critical value"] = [float(dynamic["crit_val_egt"])]
        return found

    return fit
