"""Weights of synthetic difference-in-differences for one cohort, in many samples side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from impacteval.arrays import Bool2D, Float1D, Float2D, Int1D
from impacteval.estimators.frank_wolfe import Float3D, simplex_problems, simplex_weights

Kind: TypeAlias = Literal["sdid", "sc", "did"]
# As in the authors' software: a penalty that only breaks ties, and when to stop, in units of the noise.
TIE_BREAKING = 1e-6
STOP_BELOW = 1e-5
# Differences this small beside the outcome are rounding.
ROUNDING = 1e-13


@dataclass(frozen=True, slots=True, kw_only=True)
class Tuning:
    """How weights are chosen.

    Attributes
    ----------
    kind : str
    noise : float
        Standard deviation of comparison units' changes between periods before treatment; NaN where
        there are fewer than two changes.
    unit_penalty, period_penalty : float
        Their squares multiply the sum of squared weights; in the unit of the outcome.
    """

    kind: Kind
    noise: float
    unit_penalty: float
    period_penalty: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocks:
    """Samples of a cohort's comparison, side by side.

    Attributes
    ----------
    comparison : (n_samples, n_comparison, n_periods)
        Outcomes; zero where a sample has fewer comparison units than the largest.
    present : (n_samples, n_comparison)
    treated : (n_samples, n_periods)
        Mean outcome of treated units.
    n_before : int
        Periods before treatment.
    """

    comparison: Float3D
    present: Bool2D
    treated: Float2D
    n_before: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """Weights of comparison units (n_samples, n_comparison) and periods before (n_samples, n_before)."""

    unit: Float2D
    period: Float2D


@dataclass(frozen=True, slots=True, kw_only=True)
class CohortFit:
    """A cohort: rows of its units in the arm's table, periods before and after, and its weights."""

    period: int
    members: Int1D
    n_before: int
    n_after: int
    tuning: Tuning
    weights: Weights


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmFit:
    """An arm's table of outcomes, comparison units first, with its cohorts.

    Attributes
    ----------
    name : str
    place : (n_rows,)
        Position of each row's unit in the panel.
    outcome : (n_rows, n_periods)
        Without gaps.
    n_comparison : int
        Leading rows that are comparison units.
    cohorts : tuple
    note : str
        Counts the units of the arm and the comparison that are left out.
    """

    name: str
    place: Int1D
    outcome: Float2D
    n_comparison: int
    cohorts: tuple[CohortFit, ...]
    note: str

    @property
    def n_treated(self) -> int:
        """Treated units of all cohorts."""
        return len(self.place) - self.n_comparison


def fit_cohort(comparison: Float2D, treated: Float2D, *, n_before: int, kind: Kind) -> tuple[Tuning, Weights]:
    """Choose the weights of one cohort, starting from equal ones.

    Penalties follow Arkhangelsky et al. (2021), American Economic Review 111(12), equation 5: the
    noise times the fourth root of treated unit-periods for units, next to nothing for periods.

    Parameters
    ----------
    comparison, treated : (n_units, n_periods)
        Outcomes.
    """
    n_comparison, n_periods = comparison.shape
    changes = np.diff(comparison[:, :n_before], axis=1)
    noise = float(np.std(changes, ddof=1)) if changes.size > 1 else float("nan")
    growth = (len(treated) * (n_periods - n_before)) ** 0.25 if kind == "sdid" else TIE_BREAKING
    tuning = Tuning(kind=kind, noise=noise, unit_penalty=growth * noise, period_penalty=TIE_BREAKING * noise)
    blocks = Blocks(
        comparison=comparison[None],
        present=np.ones((1, n_comparison), dtype=np.bool_),
        treated=treated.mean(axis=0)[None],
        n_before=n_before,
    )
    equal = Weights(
        unit=np.full((1, n_comparison), 1 / n_comparison),
        period=np.full((1, n_before), 0.0 if kind == "sc" else 1 / n_before),
    )
    return tuning, fit_weights(blocks, equal, tuning)


def fit_weights(blocks: Blocks, start: Weights, tuning: Tuning) -> Weights:
    """Fit weights in every sample; those that the kind of design fixes stay as they start.

    Unit weights fit the treated mean before treatment, period weights each comparison unit's mean
    after it; both up to a constant but for ``sc``.
    """
    if tuning.kind == "did":
        return start
    before = blocks.comparison[:, :, : blocks.n_before]
    every_period = np.ones((len(before), blocks.n_before), dtype=np.bool_)
    stop = STOP_BELOW * tuning.noise
    by_unit = simplex_problems(
        before.transpose(0, 2, 1),
        blocks.treated[:, : blocks.n_before],
        rows=every_period,
        usable=blocks.present,
        intercept=tuning.kind == "sdid",
        ridge=tuning.unit_penalty**2,
    )
    unit = simplex_weights(by_unit, start.unit, min_decrease=stop)
    if tuning.kind == "sc":
        return Weights(unit=unit, period=start.period)
    by_period = simplex_problems(
        before,
        blocks.comparison[:, :, blocks.n_before :].mean(axis=2),
        rows=blocks.present,
        usable=every_period,
        intercept=True,
        ridge=tuning.period_penalty**2,
    )
    return Weights(unit=unit, period=simplex_weights(by_period, start.period, min_decrease=stop))


def period_contrast(period: Float2D, n_after: int) -> Float2D:
    """Mean after treatment less weighted mean before, as weights of all periods, a row a sample."""
    return np.hstack([-period, np.full((len(period), n_after), 1 / n_after)])


def double_difference(blocks: Blocks, weights: Weights) -> Float1D:
    """The effect in each sample, (n_samples,)."""
    synthetic = np.einsum("su,sup->sp", weights.unit, blocks.comparison)
    contrast = period_contrast(weights.period, blocks.treated.shape[1] - blocks.n_before)
    return np.asarray(((blocks.treated - synthetic) * contrast).sum(axis=1))
