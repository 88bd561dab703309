"""differences."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from differences import ATTgt  # type: ignore[import-not-found]
from tools.bench_peers.frame import COVARIATE, long_frame, outcome_name
from tools.bench_peers.panel_file import N_DRAWS, NEVER, PanelDrawn

PACKAGE = "differences"


def prepare(drawn: PanelDrawn, task: str, way: str) -> Callable[[], dict[str, list[float]]]:
    """Group-time effects, their average and their averages by event time."""
    frame = long_frame(drawn)
    frame["first_treat"] = frame["first_treat"].astype(np.float64).replace(NEVER, np.nan)
    frame = frame.set_index(["unit", "period"])
    n_draws = N_DRAWS if way == "draws" else 0
    seed = 1 if n_draws else None

    def fit() -> dict[str, list[float]]:
        found = {}
        for j in range(len(drawn.outcome)):
            cells = ATTgt(data=frame, cohort_column="first_treat", base_period="varying")
            cells.fit(
                f"{outcome_name(j)}~{COVARIATE}",
                est_method="dr",
                control_group="never_treated",
                boot_iterations=n_draws,
                random_state=seed,
                progress_bar=False,
            )
            simple, dynamic = (
                cells.aggregate(kind, boot_iterations=n_draws, random_state=seed)
                for kind in ("simple", "event")
            )
            # Columns: estimate, error, lower and upper end, sign.
            found[f"{j} simple"] = [float(v) for v in simple.iloc[0, :2]]
            for e, row in zip(dynamic.index, dynamic.iloc[:, :3].to_numpy(dtype=np.float64), strict=True):
                found[f"{j} event time {int(e)}"] = [float(v) for v in row[:2]]
                if n_draws:
                    found[f"{j} critical value"] = [float((row[0] - row[2]) / row[1])]
        return found

    return fit
