"""Errors of synthetic difference-in-differences from placebo treatment and from the bootstrap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from impacteval.arrays import Bool2D, Float1D, Float2D, Int1D
from impacteval.estimators.synthetic_fit import (
    ROUNDING,
    ArmFit,
    Blocks,
    CohortFit,
    Weights,
    double_difference,
    fit_weights,
)

# Samples are solved side by side, as many as keep so many outcomes in memory.
CELLS_AT_ONCE = 2_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sample:
    """Rows of the arm's table that serve as comparison, and as treated units of each cohort."""

    comparison: Int1D
    treated: tuple[Int1D, ...]


def placebo_errors(arm: ArmFit, replications: int, rng: np.random.Generator) -> Float1D:
    """Spread of effects of no treatment, from comparison units that stand in for the treated.

    Each draw gives as many comparison units as were treated in each cohort that cohort's treatment,
    and the others serve as comparison (Arkhangelsky et al. 2021, algorithm 4).

    Returns
    -------
    (n_cohorts + 1,)
        An error a cohort and one of the average; NaN unless there are more comparison than treated
        units.
    """
    if arm.n_comparison <= arm.n_treated:
        return np.full(len(arm.cohorts) + 1, np.nan)
    ends = arm.n_comparison - np.cumsum([0, *(len(c.members) for c in arm.cohorts)])
    samples = []
    for _ in range(replications):
        order = rng.permutation(arm.n_comparison)
        treated = tuple(order[low:high] for high, low in pairwise(ends))
        samples.append(_Sample(comparison=order[: ends[-1]], treated=treated))
    return _spread(arm, samples)


def bootstrap_errors(arm: ArmFit, replications: int, rng: np.random.Generator) -> Float1D:
    """Spread of estimates over samples of units drawn with replacement.

    Samples in which a cohort or the comparison is missing are drawn again (Arkhangelsky et al.
    2021, algorithm 2).

    Returns
    -------
    (n_cohorts + 1,)
        An error a cohort and one of the average; NaN where a cohort has a single unit.
    """
    if min(len(c.members) for c in arm.cohorts) < 2:
        return np.full(len(arm.cohorts) + 1, np.nan)
    n_rows = len(arm.place)
    ends = np.cumsum([arm.n_comparison, *(len(c.members) for c in arm.cohorts)])[:-1]
    samples: list[_Sample] = []
    while len(samples) < replications:
        comparison, *treated = np.split(
            drawn := np.sort(rng.integers(n_rows, size=n_rows)), np.searchsorted(drawn, ends)
        )
        if len(comparison) and all(len(members) for members in treated):
            samples.append(_Sample(comparison=comparison, treated=tuple(treated)))
    return _spread(arm, samples)


def _spread(arm: ArmFit, samples: Sequence[_Sample]) -> Float1D:
    at_once = max(1, CELLS_AT_ONCE // arm.outcome.size)
    chunks = [samples[i : i + at_once] for i in range(0, len(samples), at_once)]
    effect = np.vstack([_effects(arm, chunk) for chunk in chunks])
    size = np.array([[len(t) for t in s.treated] for s in samples]) * [c.n_after for c in arm.cohorts]
    average = (effect * size).sum(axis=1) / size.sum(axis=1)
    spread = np.column_stack([effect, average]).std(axis=0)
    # Draws that differ by rounding alone have no spread.
    return np.asarray(np.where(spread > ROUNDING * np.abs(arm.outcome).max(), spread, 0.0))


def _effects(arm: ArmFit, samples: Sequence[_Sample]) -> Float2D:
    """Effect of each cohort in each sample, (n_samples, n_cohorts)."""
    rows, present = _padded([s.comparison for s in samples])
    comparison = np.where(present[:, :, None], arm.outcome[rows], 0.0)
    effects = []
    for j, cohort in enumerate(arm.cohorts):
        blocks = Blocks(
            comparison=comparison,
            present=present,
            treated=np.array([arm.outcome[s.treated[j]].mean(axis=0) for s in samples]),
            n_before=cohort.n_before,
        )
        weights = fit_weights(blocks, _start(cohort, rows, present), cohort.tuning)
        effects.append(double_difference(blocks, weights))
    return np.column_stack(effects)


def _padded(rows: Sequence[Int1D]) -> tuple[Int1D, Bool2D]:
    """Put lists of rows below each other; False marks the filling."""
    lengths = np.array([len(r) for r in rows])
    present = np.arange(lengths.max())[None, :] < lengths[:, None]
    table = np.zeros(present.shape, dtype=np.int64)
    table[present] = np.concatenate(rows)
    return table, present


def _start(cohort: CohortFit, rows: Int1D, present: Bool2D) -> Weights:
    """The weights found in the data, renormalised in each sample; equal ones where none is left."""
    unit = np.where(present, cohort.weights.unit[0][rows], 0.0)
    unit = np.where(unit.sum(axis=1, keepdims=True) > 0, unit, present)
    return Weights(
        unit=unit / unit.sum(axis=1, keepdims=True),
        period=np.repeat(cohort.weights.period, len(rows), axis=0),
    )
