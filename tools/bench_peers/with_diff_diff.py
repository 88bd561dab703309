"""diff-diff."""

from __future__ import annotations

from collections.abc import Callable

from diff_diff import CallawaySantAnna  # type: ignore[import-not-found]
from tools.bench_peers.frame import COVARIATE, long_frame, outcome_name
from tools.bench_peers.panel_file import N_DRAWS, PanelDrawn

PACKAGE = "diff-diff"


def prepare(drawn: PanelDrawn, task: str, way: str) -> Callable[[], dict[str, list[float]]]:
    """Group-time effects, their average and their averages by event time.

    Averages are asked for in the fit, which is deprecated: asked for afterwards, the package draws
    once more.
    """
    frame = long_frame(drawn)
    n_draws = N_DRAWS if way == "draws" else 0

    def fit() -> dict[str, list[float]]:
        found = {}
        for j in range(len(drawn.outcome)):
            model = CallawaySantAnna(n_bootstrap=n_draws, seed=1 if n_draws else None)
            result = model.fit(
                frame,
                outcome_name(j),
                "unit",
                "period",
                "first_treat",
                covariates=[COVARIATE],
                aggregate="event_study",
            )
            found[f"{j} simple"] = [float(result.overall_att), float(result.overall_se)]
            for e, row in result.event_study_effects.items():
                found[f"{j} event time {e}"] = [float(row["effect"]), float(row["se"])]
            if n_draws:
                found[f"{j} critical value"] = [float(result.cband_crit_value)]
        return found

    return fit
