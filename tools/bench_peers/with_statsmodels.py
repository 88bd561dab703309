"""statsmodels: ordinary least squares on data that have been demeaned twice."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from statsmodels.regression.linear_model import OLS
from tools.bench_peers.panel_file import NEVER, PanelDrawn

PACKAGE = "statsmodels"


def prepare(drawn: PanelDrawn, task: str, way: str) -> Callable[[], dict[str, list[float]]]:
    """Two-way fixed effects with a coefficient an event time, errors by unit."""
    outcome, never = drawn.outcome[0], drawn.cohort == NEVER
    event_time = np.where(never[:, None], -1, drawn.periods[None, :] - drawn.cohort[:, None])
    unit = np.repeat(np.arange(drawn.n_units), len(drawn.periods))

    def fit() -> dict[str, list[float]]:
        times = [e for e in np.unique(event_time) if e != -1]
        x = np.column_stack([demeaned((event_time == e).astype(np.float64)) for e in times])
        model = OLS(demeaned(outcome), x)
        cluster = {"groups": unit, "use_correction": False}
        result = model.fit(cov_type="cluster", cov_kwds=cluster)
        # The factor that fixest and others apply: unit effects, nested in clusters, are not counted.
        n, k, groups = len(x), x.shape[1] + len(drawn.periods), drawn.n_units
        factor = np.sqrt(groups / (groups - 1) * (n - 1) / (n - k))
        rows = zip(times, result.params, result.bse * factor, strict=True)
        return {f"0 event time {int(e)}": [float(b), float(se)] for e, b, se in rows}

    return fit


def demeaned(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Without means of units and of periods, (n_units * n_periods,): exact in a balanced panel."""
    by_unit, by_period = values.mean(axis=1, keepdims=True), values.mean(axis=0, keepdims=True)
    return np.asarray(values - by_unit - by_period + values.mean()).ravel()
