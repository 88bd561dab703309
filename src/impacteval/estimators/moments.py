"""Group-time effects from sums by cohort, for data that are read in chunks and never held at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from impacteval.arrays import Bool1D, Bool2D, Float1D, Float2D, Int1D
from impacteval.designs import Average, GroupTimeDesign
from impacteval.effects import EffectKey
from impacteval.errors import ConfigError
from impacteval.estimators.cohort_moments import CohortMoments, moments_of
from impacteval.estimators.combinations import CellShares, Combination, average_of, note_of_average
from impacteval.estimators.comparisons import (
    Cell,
    cells_of,
    key_of,
    note_of_late_cohorts,
    note_of_size,
)
from impacteval.estimators.effect_sheet import failure
from impacteval.estimators.notes import Lone, note_of_weightless, noted
from impacteval.panel import NEVER_TREATED

__all__ = ["CohortMoments", "MomentEstimates", "att_group_time_of_moments", "moments_of"]

# Moments are of one outcome, whose name the caller knows.
OUTCOME = "outcome"


@dataclass(frozen=True, slots=True, kw_only=True)
class MomentEstimates:
    """Group-time effects and their averages with their joint covariance.

    Attributes
    ----------
    keys, estimate : (n_effects,)
    covariance : (n_effects, n_effects)
        Of units that are independent of each other, as ``cr0`` with each unit its own cluster.
    baseline_mean : (n_effects,)
    n_treated, n_comparison : (n_effects,)
    """

    keys: tuple[EffectKey, ...]
    estimate: Float1D
    covariance: Float2D
    baseline_mean: Float1D
    n_treated: Int1D
    n_comparison: Int1D

    @property
    def std_error(self) -> Float1D:
        """Standard errors, (n_effects,)."""
        return np.asarray(np.sqrt(np.diag(self.covariance)))


def att_group_time_of_moments(
    moments: CohortMoments, design: GroupTimeDesign, kinds: Sequence[Average] = ()
) -> MomentEstimates:
    """Estimate what ``att_group_time`` and ``averages`` do, without covariates, from moments.

    The influence of a unit on an effect is linear in ``w z``, with coefficients that depend on its
    cohort alone: the covariance is these coefficients times the products.

    Parameters
    ----------
    moments : CohortMoments
    design : TwoByTwo or CallawaySantAnna
        Without covariates, so that every method is the difference of mean changes.
    kinds : sequence of str
        Averages to add, as in ``averages``.

    Returns
    -------
    MomentEstimates
        Group-time effects, then the averages of each kind.

    Raises
    ------
    ConfigError
        When the design has covariates.
    IdentificationError
        As ``att_group_time``.
    """
    if design.covariates:
        raise ConfigError(f"design {design.name!r} has covariates, which moments do not hold; use microdata")
    cells = cells_of(moments.cohorts, moments.periods, design, name=OUTCOME)
    linear = _linear(moments, cells, design)
    treated = list(dict.fromkeys(cell.cohort for cell in cells))
    shares = CellShares(
        outcome=OUTCOME,
        keys=linear.keys,
        estimate=linear.estimate,
        cohort=np.array([treated.index(cell.cohort) for cell in cells]),
        share=moments.sums[treated, 0] / moments.n_units,
        first_period=int(moments.periods[0]),
    )
    for kind in kinds:
        combination = average_of(kind, shares, balance_event_time=design.balance_event_time)
        linear = linear.with_averages(combination, treated, moments, len(cells))
    return linear.estimates(moments)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Linear:
    """Effects as linear in sums by cohort.

    Attributes
    ----------
    coefficient : (n_cohorts, n_effects, n_periods)
        Influence of a unit of each cohort is this times ``w z``.
    treated, comparison : (n_effects, n_cohorts)
        Cohorts on both sides.
    is_unknown : (n_effects,)
        Whether an effect rests on one unit.
    late : str
        What there is to say of units treated after the last period.
    """

    keys: tuple[EffectKey, ...]
    estimate: Float1D
    baseline_mean: Float1D
    coefficient: Float2D
    treated: Bool2D
    comparison: Bool2D
    is_unknown: Bool1D
    late: str

    def with_averages(
        self, combination: Combination, shares: Sequence[int], moments: CohortMoments, n_cells: int
    ) -> _Linear:
        """The same effects, and averages of the first ``n_cells`` of them."""
        weight = combination.weight
        uses = (weight != 0).T
        coefficient = np.einsum("jk,cjt->ckt", weight, self.coefficient[:, :n_cells])
        coefficient[shares, :, 0] += combination.by_share
        treated = uses @ self.treated[:n_cells]
        is_unknown = uses @ self.is_unknown[:n_cells]
        known = np.nan_to_num([self.estimate[:n_cells], self.baseline_mean[:n_cells]])
        averaged = np.where(combination.is_empty, np.nan, known @ weight)
        keys = noted(combination.keys, self._notes(combination, treated, moments))
        return _Linear(
            keys=self.keys + keys,
            estimate=np.concatenate([self.estimate, averaged[0]]),
            baseline_mean=np.concatenate([self.baseline_mean, averaged[1]]),
            coefficient=np.concatenate([self.coefficient, coefficient], axis=1),
            treated=np.vstack([self.treated, treated]),
            comparison=np.vstack([self.comparison, uses @ self.comparison[:n_cells]]),
            is_unknown=np.concatenate([self.is_unknown, is_unknown]),
            late=self.late,
        )

    def _notes(self, combination: Combination, treated: Bool2D, moments: CohortMoments) -> list[str]:
        """What there is to say of averages, given their treated cohorts (n_averages, n_cohorts)."""
        uses = (combination.weight != 0).T
        of_cells = self.is_unknown[: uses.shape[1]]
        nothing = np.zeros(len(of_cells), dtype=np.bool_)
        lone = Lone(on_one_unit=of_cells, on_one_cluster=nothing)
        sizes = np.array([cohort.n_units for cohort in moments.cohorts])
        notes = [
            note_of_average(used, int(n_left_out), int(n), lone=lone, is_fitted=nothing)
            for used, n_left_out, n in zip(uses, combination.n_left_out, treated @ sizes, strict=True)
        ]
        of_weight = [_weight_note(moments, key) for key in combination.keys]
        return [
            "; ".join(filter(None, (note, self.late, lost)))
            for note, lost in zip(notes, of_weight, strict=True)
        ]

    def estimates(self, moments: CohortMoments) -> MomentEstimates:
        """Estimates with their joint covariance."""
        covariance = np.einsum(
            "cjs,cst,ckt->jk", self.coefficient, moments.products, self.coefficient, optimize=True
        )
        covariance /= moments.n_units**2
        undefined = self.is_unknown | np.isnan(self.estimate)
        covariance[undefined] = covariance[:, undefined] = np.nan
        sizes = np.array([cohort.n_units for cohort in moments.cohorts])
        return MomentEstimates(
            keys=self.keys,
            estimate=self.estimate,
            covariance=covariance,
            baseline_mean=self.baseline_mean,
            n_treated=self.treated @ sizes,
            n_comparison=self.comparison @ sizes,
        )


def _weight_note(moments: CohortMoments, key: EffectKey) -> str:
    """Count the treated units without weight that an average is about, and never-treated ones."""
    n_treated = n_comparison = 0
    for cohort, n in zip(moments.cohorts, moments.n_weightless.tolist(), strict=True):
        if cohort.start == NEVER_TREATED:
            n_comparison += n
        elif cohort.arm == key.arm and _is_about(key, cohort.start, moments.periods):
            n_treated += n
    return note_of_weightless(n_treated, n_comparison)


def _is_about(key: EffectKey, start: float, periods: Int1D) -> bool:
    """Whether an average is about a cohort of its arm."""
    if key.cohort is not None:
        return start == key.cohort
    if key.event_time is not None:
        return bool((periods - start == key.event_time).any())
    return bool(start <= periods[-1])


def _linear(moments: CohortMoments, cells: Sequence[Cell], design: GroupTimeDesign) -> _Linear:
    shape = (len(cells), len(moments.cohorts))
    treated, comparison = np.zeros(shape, dtype=np.bool_), np.zeros(shape, dtype=np.bool_)
    coefficient = np.zeros((shape[1], shape[0], len(moments.periods)))
    estimate, baseline_mean, notes = np.full(shape[0], np.nan), np.full(shape[0], np.nan), []
    for j, cell in enumerate(cells):
        treated[j, cell.cohort] = bool(cell.comparison)
        comparison[j, list(cell.comparison)] = True
        notes.append(_note(moments, cell))
        sides = _n_sides(moments, cell)
        if min(sides) > 0 and sum(sides) > 2:
            of_treated = _mean_change(moments, [cell.cohort], cell, coefficient[:, j])
            of_comparison = _mean_change(moments, list(cell.comparison), cell, coefficient[:, j])
            coefficient[list(cell.comparison), j] *= -1
            estimate[j] = of_treated - of_comparison
        if sides[0] > 0 and cell.comparison:
            baseline_mean[j] = _base_mean(moments, cell)
    if np.isnan(estimate).all():
        raise failure(
            design,
            OUTCOME,
            cohorts=moments.cohorts,
            periods=moments.periods,
            noted_cells=list(zip(cells, notes, strict=True)),
        )
    late = note_of_late_cohorts(moments.cohorts, moments.periods, design.anticipation)
    return _Linear(
        keys=tuple(
            key_of(cell, moments.cohorts, moments.periods, "; ".join(filter(None, (note, late))))
            for cell, note in zip(cells, notes, strict=True)
        ),
        estimate=estimate,
        baseline_mean=baseline_mean,
        coefficient=coefficient,
        treated=treated,
        comparison=comparison,
        is_unknown=np.array([min(_n_sides(moments, cell)) == 1 for cell in cells]),
        late=late,
    )


def _note(moments: CohortMoments, cell: Cell) -> str:
    if cell.note:
        return cell.note
    lost = moments.n_weightless
    n_weightless = int(lost[cell.cohort]), int(lost[list(cell.comparison)].sum())
    size = note_of_size(*_n_sides(moments, cell), n_weightless=n_weightless)
    return "; ".join(filter(None, (size, note_of_weightless(*n_weightless))))


def _n_sides(moments: CohortMoments, cell: Cell) -> tuple[int, int]:
    return moments.cohorts[cell.cohort].n_units, sum(moments.cohorts[k].n_units for k in cell.comparison)


def _mean_change(moments: CohortMoments, side: list[int], cell: Cell, coefficient: Float2D) -> float:
    """Mean change of some cohorts, whose influence is entered in ``coefficient``."""
    change = np.zeros(len(moments.periods))
    change[cell.column] += 1
    change[cell.base] -= 1
    # Of the first period, which changes are counted from, there is no sum.
    change[0] = 0
    total = moments.sums[side, 0].sum()
    weight = moments.sums[side, 0] / total
    trend = moments.shift[side] @ change[1:]
    # From the first cohort's trend on, so that one cohort alone loses no digits to it.
    beyond = float(weight @ (trend - trend[0]) + moments.sums[side].sum(axis=0) @ change / total)
    coefficient[side] = change
    coefficient[side, 0] = trend - trend[0] - beyond
    coefficient[side] *= moments.n_units / total
    return float(trend[0]) + beyond


def _base_mean(moments: CohortMoments, cell: Cell) -> float:
    """Mean outcome of a cell's cohort in its base period."""
    weight, total = moments.sums[cell.cohort, 0], moments.first[cell.cohort]
    if cell.base > 0:
        shift = moments.shift[cell.cohort, cell.base - 1]
        total = total + moments.sums[cell.cohort, cell.base] + weight * shift
    return float(total / weight)
