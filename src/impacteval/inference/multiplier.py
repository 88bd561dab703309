"""Multiplier bootstrap: draws of all estimates at once, by clusters."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from impacteval.arrays import Float1D, Float2D, Int1D, sum_by_code

Signs: TypeAlias = npt.NDArray[np.float32]
# Clusters whose signs are drawn at a time: 1,000 draws of them fill the cache, not the memory.
BLOCK = 2048
# Distance between the quartiles of a standard normal variable.
NORMAL_QUARTILES = 1.3489795003921634


@dataclass(frozen=True, slots=True, kw_only=True)
class Draws:
    """Sampling errors of estimates in bootstrap samples.

    Attributes
    ----------
    error : (n_draws, n_effects)
        In the unit of the estimates.
    std_error : (n_effects,)
        Distance of the draws' quartiles over that of a normal variable, which few wild draws do
        not move (the error that R did prints); NaN for effects without influence.
    cluster_error : (n_effects,)
        The error by clusters without factor, which the draws have in expectation; NaN as above.
    """

    error: Float2D
    std_error: Float1D
    cluster_error: Float1D

    def critical_value(self, level: float = 0.95, *, error: Float1D | None = None) -> float:
        """Quantile of the largest absolute t statistic over effects with an error; NaN without any.

        Parameters
        ----------
        error : (n_effects,), optional
            What the draws are divided by, and what the value is to be multiplied with; by default
            ``cluster_error``.
        """
        by = self.cluster_error if error is None else error
        known = np.isfinite(by) & (by > 0)
        if not known.any():
            return float("nan")
        largest = np.max(np.abs(self.error[:, known]) / by[known], axis=1)
        return float(np.quantile(largest, level, method="inverted_cdf"))


def multiplier_draws(influence: Float2D, cluster: Int1D, n_draws: int, rng: np.random.Generator) -> Draws:
    """Redraw estimates by turning the sign of each cluster's influence (Rademacher multipliers).

    Callaway and Sant'Anna (2021, Journal of Econometrics 225(2), algorithm 1).

    Parameters
    ----------
    influence : (n_units, n_effects)
        As in ``Effects``; of several outcomes, estimators or subgroups side by side where their
        joint distribution is wanted.
    cluster : (n_units,)
        Code of each unit's cluster, in ``range(n_clusters)``.
    n_draws : int
    rng : numpy.random.Generator

    Returns
    -------
    Draws
    """
    sums = sum_by_code(influence, cluster, int(cluster.max()) + 1) / len(cluster)
    size = np.sqrt(np.einsum("ij,ij->j", sums, sums))
    known = np.isfinite(size) & (size > 0)
    unit = np.where(known, size, 1.0)
    total = np.zeros((n_draws, influence.shape[1]), dtype=np.float32)
    for start in range(0, len(sums), BLOCK):
        # In units of the standard error, single precision is far below the error of the draws.
        block = (sums[start : start + BLOCK] / unit).astype(np.float32)
        total += _signs(n_draws, len(block), rng) @ block
    error = np.where(known, total.astype(np.float64) * unit, 0.0)
    low, high = np.quantile(error, [0.25, 0.75], axis=0, method="inverted_cdf")
    return Draws(
        error=error,
        std_error=np.where(known, (high - low) / NORMAL_QUARTILES, np.nan),
        cluster_error=np.where(known, size, np.nan),
    )


def _signs(n_draws: int, n_clusters: int, rng: np.random.Generator) -> Signs:
    """Random signs, (n_draws, n_clusters), eight from a byte."""
    n_bytes = (n_clusters + 7) // 8
    drawn = np.frombuffer(rng.bytes(n_draws * n_bytes), dtype=np.uint8)
    return np.take(_signs_of_bytes(), drawn, axis=0).reshape(n_draws, 8 * n_bytes)[:, :n_clusters]


@cache
def _signs_of_bytes() -> Signs:
    """The eight signs that each byte stands for, (256, 8)."""
    bits = np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1)
    return bits.astype(np.float32) * np.float32(2) - np.float32(1)
