"""Draws for enterprises by rounds, each from the stream of its name."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numpy.random import Generator as Rng

from impacteval.arrays import Float1D, Float2D
from impacteval.simulation.programme_study.answer_parameters import LogNormal
from impacteval.simulation.programme_study.streams import Streams
from impacteval.simulation.programme_study.study_shape import N_ROUNDS

# Share of the variance of minor quantities that is permanent in an enterprise.
LASTING = 0.7


@dataclass(frozen=True, slots=True)
class Draws:
    """Draws of ``n`` enterprises; equal names give equal draws."""

    streams: Streams
    n: int

    def rng(self, name: str) -> Rng:
        """Stream of a name, from its start."""
        return self.streams.of(name)

    def once(self, name: str) -> Float1D:
        """Uniform numbers, one for each enterprise."""
        return self.rng(name).random(self.n)

    def uniform(self, name: str) -> Float2D:
        """Uniform numbers, one for each enterprise and round."""
        return self.rng(name).random((self.n, N_ROUNDS))

    def normal(self, name: str) -> Float2D:
        """Standard normals, one for each enterprise and round."""
        return self.rng(name).standard_normal((self.n, N_ROUNDS))

    def steady(self, name: str, lasting: float = LASTING) -> Float2D:
        """Standard normals of which a share of the variance is permanent in the enterprise."""
        rng = self.rng(name)
        own = rng.standard_normal(self.n)
        passing = rng.standard_normal((self.n, N_ROUNDS))
        return np.asarray(np.sqrt(lasting) * own[:, None] + np.sqrt(1 - lasting) * passing)

    def lognormal(self, name: str, rule: LogNormal) -> Float2D:
        """Log-normal quantities that are steady over rounds."""
        return rule.median * np.exp(rule.sd_ln * self.steady(name))


def poisson_at(uniform: npt.NDArray[np.float64], mean: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Poisson counts at the given quantiles: a larger mean never gives a smaller count."""
    from scipy.special import pdtrik

    position = np.ceil(pdtrik(uniform, np.maximum(mean, 1e-12)))
    return np.asarray(np.maximum(np.nan_to_num(position), 0.0))


def some_of(
    uniform: npt.NDArray[np.float64], count: npt.NDArray[np.float64], share: npt.NDArray[np.float64] | float
) -> npt.NDArray[np.float64]:
    """Round a share of a count up or down by chance, so that it is right on average and never above it."""
    return np.minimum(np.floor(count * share + uniform), count)
