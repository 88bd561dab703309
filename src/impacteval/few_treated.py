"""What is offered where too few units are treated for an interval: randomisation inference."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from impacteval.designs import Design
from impacteval.effects import EffectKey, Effects
from impacteval.errors import IdentificationError
from impacteval.estimation import estimate, stream
from impacteval.inference.errors import with_errors
from impacteval.inference.randomisation import randomisation_test
from impacteval.panel import Panel

N_DRAWS = 999


def randomisation_remark(panel: Panel, design: Design, key: EffectKey, *, seed: int) -> str:
    """P-value of an effect under permuted assignment, in words.

    Studentised where the error is known; else by the estimate itself.
    """
    error = _value_and_error(estimate(panel, design, seed=seed), panel, key)[1]
    statistic = _statistic(design, key, seed, is_studentised=bool(np.isfinite(error)))
    rng = stream(seed, "randomisation", design.name, panel.name)
    try:
        test = randomisation_test(panel, statistic, n_draws=N_DRAWS, rng=rng)
    except IdentificationError as problem:
        return f"randomisation inference is not defined: {problem}"
    kind = "t statistic" if np.isfinite(error) else "estimate"
    few = ""
    if test.n_assignments < N_DRAWS:
        few = f" of {test.n_assignments:.0f}, so that p is at least {1 / test.n_assignments:.3f}"
    return f"randomisation inference on the {kind}: p = {test.p_value:.3f} ({test.n_draws} permutations{few})"


def _statistic(
    design: Design, key: EffectKey, seed: int, *, is_studentised: bool
) -> Callable[[Panel], float]:
    def statistic(panel: Panel) -> float:
        try:
            value, error = _value_and_error(estimate(panel, design, seed=seed), panel, key)
        except IdentificationError:
            return float("nan")
        return value / error if is_studentised else value

    return statistic


def _value_and_error(parts: tuple[Effects, ...], panel: Panel, key: EffectKey) -> tuple[float, float]:
    """Estimate of an effect and its error by clusters without factor."""
    for part in parts:
        for j, found in enumerate(part.keys):
            if (found.estimand, found.arm, found.term) == (key.estimand, key.arm, key.term):
                errors = with_errors(part, "cr0", panel.cluster)
                return float(part.estimate[j]), float(errors.std_error[j])
    return float("nan"), float("nan")
