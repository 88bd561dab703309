"""Group-time effects from sums by cohort, for data that are read in chunks and never held at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from impacteval.arrays import Bool1D, Bool2D, Float1D, Float2D, Int1D
from impacteval.designs import Average, GroupTimeDesign
from impacteval.effects import EffectKey
from impacteval.errors import ConfigError, IdentificationError
from impacteval.estimators.cohort_moments import CohortMoments, moments_of
from impacteval.estimators.combinations import CellShares, Combination, average_of, note_of_average
from impacteval.estimators.comparisons import Cell, cells_of, key_of, note_of_late_cohorts, note_of_size

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
    """

    keys: tuple[EffectKey, ...]
    estimate: Float1D
    baseline_mean: Float1D
    coefficient: Float2D
    treated: Bool2D
    comparison: Bool2D
    is_unknown: Bool1D

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
        sizes = np.array([cohort.n_units for cohort in moments.cohorts])
        notes = [
            note_of_average(*facts)
            for facts in zip(
                uses,
                [self.is_unknown[:n_cells]] * len(uses),
                combination.n_left_out,
                treated @ sizes,
                strict=True,
            )
        ]
        keys = tuple(replace(key, note=note) for key, note in zip(combination.keys, notes, strict=True))
        return _Linear(
            keys=self.keys + keys,
            estimate=np.concatenate([self.estimate, np.nan_to_num(self.estimate[:n_cells]) @ weight]),
            baseline_mean=np.concatenate(
                [self.baseline_mean, np.nan_to_num(self.baseline_mean[:n_cells]) @ weight]
            ),
            coefficient=np.concatenate([self.coefficient, coefficient], axis=1),
            treated=np.vstack([self.treated, treated]),
            comparison=np.vstack([self.comparison, uses @ self.comparison[:n_cells]]),
            is_unknown=np.concatenate([self.is_unknown, is_unknown]),
        )

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


def _linear(moments: CohortMoments, cells: Sequence[Cell], design: GroupTimeDesign) -> _Linear:
    shape = (len(cells), len(moments.cohorts))
    treated, comparison = np.zeros(shape, dtype=np.bool_), np.zeros(shape, dtype=np.bool_)
    coefficient = np.zeros((shape[1], shape[0], len(moments.periods)))
    estimate, baseline_mean, notes = np.full(shape[0], np.nan), np.full(shape[0], np.nan), []
    for j, cell in enumerate(cells):
        treated[j, cell.cohort] = bool(cell.comparison)
        comparison[j, list(cell.comparison)] = True
        notes.append(cell.note or note_of_size(*_n_sides(moments, cell)))
        if cell.comparison and sum(_n_sides(moments, cell)) > 2:
            of_treated = _mean_change(moments, [cell.cohort], cell, coefficient[:, j])
            of_comparison = _mean_change(moments, list(cell.comparison), cell, coefficient[:, j])
            coefficient[list(cell.comparison), j] *= -1
            estimate[j], baseline_mean[j] = of_treated - of_comparison, _base_mean(moments, cell)
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
    )


def _n_sides(moments: CohortMoments, cell: Cell) -> tuple[int, int]:
    return moments.cohorts[cell.cohort].n_units, sum(moments.cohorts[k].n_units for k in cell.comparison)


def _mean_change(moments: CohortMoments, side: list[int], cell: Cell, coefficient: Float2D) -> float:
    """Mean change of some cohorts beyond the shift, whose influence is entered in ``coefficient``."""
    change = np.zeros(len(moments.periods))
    change[cell.column] += 1
    change[cell.base] -= 1
    # Of the first period, which changes are counted from, there is no sum.
    change[0] = 0
    total = moments.sums[side].sum(axis=0)
    if total[0] == 0:
        raise IdentificationError(f"no weight in cohort {moments.cohorts[side[0]].start:.0f}; leave it out")
    mean = float(total @ change / total[0])
    change[0] = -mean
    coefficient[side] = change * (moments.n_units / total[0])
    return mean


def _base_mean(moments: CohortMoments, cell: Cell) -> float:
    """Mean outcome of a cell's cohort in its base period."""
    weight, total = moments.sums[cell.cohort, 0], moments.first[cell.cohort]
    if cell.base > 0:
        total = total + moments.sums[cell.cohort, cell.base] + weight * moments.shift[cell.base - 1]
    return float(total / weight)
