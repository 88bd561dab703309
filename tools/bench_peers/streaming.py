"""Time group-time effects from sums by cohort of data that come in pieces; drawing a piece is not counted."""

from __future__ import annotations

import json
import sys
import time
from importlib.metadata import version

import numpy as np
from tools.bench_peers.measure import peak_bytes
from tools.bench_peers.panel_file import NEVER, PanelDrawn, draw

from impacteval.designs import CallawaySantAnna
from impacteval.estimators.moments import (
    CohortMoments,
    MomentEstimates,
    att_group_time_of_moments,
    moments_of,
)
from impacteval.panel import NEVER_TREATED

N_PIECE = 20_000


def main() -> None:
    """Measure as many units as the command line says."""
    n_units = int(sys.argv[1])
    effects_of(sums_of(draw(N_PIECE)))
    start_up = time.process_time()
    total: CohortMoments | None = None
    cpu, wall = 0.0, 0.0
    for seed in range(n_units // N_PIECE):
        piece = draw(N_PIECE, seed=seed)
        begun = time.process_time(), time.perf_counter()
        total = sums_of(piece) if total is None else total + sums_of(piece)
        cpu, wall = cpu + time.process_time() - begun[0], wall + time.perf_counter() - begun[1]
    if total is None:
        raise SystemExit(f"give at least {N_PIECE} units")
    begun = time.process_time(), time.perf_counter()
    estimates = effects_of(total)
    cpu, wall = cpu + time.process_time() - begun[0], wall + time.perf_counter() - begun[1]
    result = {
        "cpu": cpu,
        "wall": wall,
        "start_up": start_up,
        "peak": peak_bytes(),
        "found": labelled(estimates),
        "versions": {name: version(name) for name in ("impacteval", "numpy")},
        "python": sys.version.split()[0],
    }
    sys.stdout.write(json.dumps(result))


def sums_of(piece: PanelDrawn) -> CohortMoments:
    """Sums of a piece's first outcome."""
    cohort = np.where(piece.cohort == NEVER, NEVER_TREATED, piece.cohort)
    return moments_of(piece.outcome[0], cohort, piece.periods)


def effects_of(total: CohortMoments) -> MomentEstimates:
    """Group-time effects and averages without covariates."""
    return att_group_time_of_moments(total, CallawaySantAnna(), ("simple", "event_time", "dynamic"))


def labelled(estimates: MomentEstimates) -> dict[str, list[float]]:
    """Averages under the labels that all packages use."""
    rows = zip(estimates.keys, estimates.estimate, estimates.std_error, strict=True)
    return {
        f"0 {key.estimand.replace('_', ' ')}"
        + (f" {key.event_time}" if key.event_time is not None else ""): [float(estimate), float(error)]
        for key, estimate, error in rows
        if key.estimand != "att_gt"
    }


if __name__ == "__main__":
    main()
