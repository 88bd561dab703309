"""Bias and coverage of group-time effects and their averages where trends depend on a covariate."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_array_less

from impacteval.designs import CallawaySantAnna
from impacteval.estimators.aggregate import averages
from impacteval.estimators.group_time import att_group_time
from impacteval.inference.errors import with_errors
from support.panels import NEVER_TREATED, make_panel

N_DRAWS = 600
N_UNITS = 400
PERIODS = np.arange(5)


def draw(rng):
    """Treatment likelier and trends steeper where x is high; an effect of one more each period."""
    x = rng.normal(size=N_UNITS)
    is_treated = rng.random(N_UNITS) < 1 / (1 + np.exp(-0.5 * x))
    cohort = np.where(is_treated, rng.choice([2.0, 3.0], size=N_UNITS), NEVER_TREATED)
    effect = np.clip(PERIODS - cohort[:, None] + 1, 0, None)
    noise = rng.normal(size=(N_UNITS, len(PERIODS)))
    outcome = rng.normal(size=(N_UNITS, 1)) + 0.5 * x[:, None] * PERIODS + effect + noise
    return make_panel(outcome, cohort, covariates={"x": np.repeat(x[:, None], len(PERIODS), axis=1)})


@pytest.mark.slow
@pytest.mark.parametrize("control_group", ["never_treated", "not_yet_treated"])
@pytest.mark.parametrize("method", ["reg", "ipw", "dr"])
def test_effects_are_unbiased_and_their_intervals_cover(method, control_group):
    rng = np.random.default_rng(71)
    design = CallawaySantAnna(name="cs", covariates=("x",), method=method, control_group=control_group)
    estimates, errors, truths = [], [], []
    for _ in range(N_DRAWS):
        panel = draw(rng)
        cells = att_group_time(panel, design)
        parts = (cells, *averages(cells, panel, ("event_time", "dynamic")))
        keys = [key for part in parts for key in part.keys]
        estimates.append(np.concatenate([part.estimate for part in parts]))
        errors.append(np.concatenate([with_errors(p, "cr0", panel.cluster).std_error for p in parts]))
        # Event times 0, 1, 2 have effects 1, 2, 3, in every cohort.
        truths = np.array([2.0 if k.event_time is None else max(k.event_time + 1, 0) for k in keys])
    deviation = np.array(estimates) - truths
    monte_carlo = deviation.std(axis=0) / np.sqrt(N_DRAWS)
    assert_array_less(np.abs(deviation.mean(axis=0)), 4 * monte_carlo)
    covered = (np.abs(deviation) < 1.96 * np.array(errors)).mean(axis=0)
    assert_array_less(np.abs(covered - 0.95), 4 * np.sqrt(0.95 * 0.05 / N_DRAWS))
