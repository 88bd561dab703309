"""Builders of effects with a given influence."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from impacteval.effects import EffectKey, Effects, RegressionFacts


def make_effects(
    influence: Sequence[Sequence[float]],
    estimate: Sequence[float],
    *,
    facts: Sequence[RegressionFacts] = (),
    n_obs: int = 20,
) -> Effects:
    """Effects of which every unit with influence is in the sample."""
    values = np.array(influence, dtype=np.float64)
    n_units, n_effects = values.shape
    return Effects(
        estimator="twfe",
        outcome="y",
        comparison="control",
        keys=tuple(EffectKey(estimand="coefficient", term=f"x{j}") for j in range(n_effects)),
        unit_ids=np.array([f"u{i:03d}" for i in range(n_units)], dtype=np.str_),
        estimate=np.array(estimate, dtype=np.float64),
        influence=values,
        in_sample=np.ones(values.shape, dtype=np.bool_),
        treated_side=np.ones(values.shape, dtype=np.bool_),
        comparison_side=np.ones(values.shape, dtype=np.bool_),
        n_obs=np.full(n_effects, n_obs, dtype=np.int64),
        baseline_mean=np.zeros(n_effects),
        regression=tuple(facts),
    )


def make_facts(
    *, n_parameters: int = 3, n_absorbed: int = 0, classical: float = 4.0, hc1: float = 9.0
) -> RegressionFacts:
    """Facts of a regression."""
    return RegressionFacts(
        n_parameters=n_parameters, n_absorbed=n_absorbed, classical_variance=classical, hc1_variance=hc1
    )
