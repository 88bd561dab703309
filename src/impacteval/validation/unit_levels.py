"""By which factor values are off, from the levels at which an enterprise's rounds agree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from impacteval.arrays import Float1D, Float2D

# Share of the way to the nearest other explanation (another factor, or none) that a value may be off.
NEAREST = 0.45
# With more rounds than this the level is taken to lie a factor from their median.
MOST_ROUNDS = 6


Numbers: TypeAlias = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scales:
    """Standard deviations of base-10 logarithms within enterprises and between those of a group."""

    within: float
    between: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """When a value has a factor: how near it must be, and how rare factors are.

    ``factors`` are base-10 logarithms, 0 (none) first.
    """

    factors: Float1D
    tolerance: float
    spreads: float
    expected_share: float

    @property
    def price(self) -> float:
        """Minus twice the log odds of one given factor against none."""
        n_factors = max(len(self.factors) - 1, 1)
        return float(2 * np.log((1 - self.expected_share) * n_factors / self.expected_share))

    @property
    def gaps(self) -> Float1D:
        """Distance of each factor from the nearest other one, none included."""
        apart = np.abs(self.factors[:, None] - self.factors[None, :])
        np.fill_diagonal(apart, np.inf)
        nearest: Float1D = apart.min(axis=1)
        return nearest


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """For each enterprise and round: the factor, 0 for none, and the distance from its reference."""

    factor: Float2D
    distance: Float2D


def explain(value: Float2D, group: Float1D, scales: Scales, rule: Rule) -> Explained:
    """Find the factors that make the rounds of enterprises agree.

    The model has random effects: value = level + noise + factor, levels being spread around ``group``.
    The level and the factors are taken together that make this smallest: squared distances of rounds
    from the level and of the level from the group, each over its variance, and ``rule.price`` for each
    factor (their most likely values, given the data). Where two rounds are a factor apart, the group
    so says which of them is wrong.

    A factor stands only where the value is near it when compared with the median of the other rounds,
    their own factors taken out, or with the group where there is no other round.

    Parameters
    ----------
    value : (n_units, n_rounds)
        Base-10 logarithms less the median of their round.
    group : (n_units,)
        The median of each enterprise's group, on the same scale.
    """
    number = _best_factors(value, group, scales, rule)
    factor = rule.factors[number]
    distance = value - _reference(value - factor, group)
    is_near = np.abs(distance - factor) <= _widths(value.shape[1], scales, rule)[number]
    return Explained(factor=np.where(is_near, factor, 0.0), distance=distance)


def _best_factors(value: Float2D, group: Float1D, scales: Scales, rule: Rule) -> Numbers:
    """Number of the most likely factor of each value, (n_units, n_rounds)."""
    middle = value if value.shape[1] <= MOST_ROUNDS else np.median(value, axis=1, keepdims=True)
    level = (middle[:, :, None] - rule.factors).reshape(len(value), -1)
    for _ in range(2):
        number = _nearest_factors(value, level, scales, rule)
        level = _levels(value[:, None, :] - rule.factors[number], group, scales)
    left = value[:, None, :] - rule.factors[number] - level[:, :, None]
    cost = (left**2).sum(axis=2) / scales.within**2 + rule.price * (number > 0).sum(axis=2)
    cost += (level - group[:, None]) ** 2 / scales.between**2
    best = cost.argmin(axis=1)
    return np.asarray(number[np.arange(len(value)), best], dtype=np.int64)


def _nearest_factors(value: Float2D, level: Float2D, scales: Scales, rule: Rule) -> Numbers:
    """For each candidate level, the cheapest factor of each round: (n_units, n_levels, n_rounds)."""
    off = value[:, None, :, None] - level[:, :, None, None] - rule.factors
    is_factor = rule.factors != 0
    cheapest: Numbers = (off**2 / scales.within**2 + rule.price * is_factor).argmin(axis=3)
    return cheapest


def _levels(value: npt.NDArray[np.float64], group: Float1D, scales: Scales) -> Float2D:
    """Level of an enterprise given its rounds and its group: their mean weighted by precision."""
    each, prior = 1 / scales.within**2, 1 / scales.between**2
    mean: Float2D = (value.sum(axis=2) * each + group[:, None] * prior) / (value.shape[2] * each + prior)
    return mean


def _reference(right: Float2D, group: Float1D) -> Float2D:
    """Median of the other rounds of each enterprise; the group's where there is no other."""
    if right.shape[1] == 1:
        return group[:, None]
    others = [np.median(np.delete(right, t, axis=1), axis=1) for t in range(right.shape[1])]
    return np.stack(others, axis=1)


def _widths(n_rounds: int, scales: Scales, rule: Rule) -> Float1D:
    """How far from each factor a value may be."""
    variance = scales.within**2 * n_rounds / (n_rounds - 1) if n_rounds > 1 else _total(scales)
    return np.minimum(max(rule.tolerance, rule.spreads * float(np.sqrt(variance))), NEAREST * rule.gaps)


def _total(scales: Scales) -> float:
    return scales.within**2 + scales.between**2
