"""Averages of group-time effects, with the uncertainty of their weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from impacteval.arrays import Bool1D, Bool2D, Float1D, Float2D, Int1D
from impacteval.designs import Average
from impacteval.effects import EffectKey, Effects
from impacteval.estimators.combinations import (
    CellShares,
    Combination,
    Label,
    average_of,
    by_cohort,
    by_event_time,
    by_period,
    note_of_average,
    overall,
    share_weighted,
)
from impacteval.estimators.effect_sheet import GroupTimeEffects, first_weight
from impacteval.estimators.notes import Lone, lone_effects, noted, weight_notes
from impacteval.panel import Panel
from impacteval.sections import Sections

__all__ = ["aggregate", "averages", "by_cohort", "by_event_time", "by_period", "overall"]


def aggregate(effects: Effects, population: Panel | Sections, label: Label) -> Effects:
    """Average group-time effects that share a label, weighted by the size of their cohorts.

    Weights are cohort shares, estimated from all units of the population, and their sampling error
    is part of the influence (Callaway and Sant'Anna 2021, Journal of Econometrics 225(2), equations
    3.4 to 3.10 and theorem 2).

    Parameters
    ----------
    effects : Effects
        Group-time effects; those that are NaN take no part.
    population : Panel or Sections
        What they were estimated on. Shares count each unit with its first positive weight, but not
        those that the design left out for not being observed in all periods.
    label : callable
        Key of the average that a group-time effect belongs to, or None.

    Returns
    -------
    Effects
        One effect a label, in the order of first appearance; none for a label of which nothing could
        be estimated. The influence of an average over an effect one of whose sides is one unit, or
        lies in one cluster of the population, is NaN.

    Raises
    ------
    IdentificationError
        When there is nothing to average.
    """
    members = _members(effects, population)
    return _averaged(effects, members, share_weighted(members.cells, label))


def averages(
    effects: Effects,
    population: Panel | Sections,
    kinds: Sequence[Average],
    *,
    balance_event_time: int | None = None,
) -> tuple[Effects, ...]:
    """Average group-time effects in several ways.

    Parameters
    ----------
    effects, population
        As in ``aggregate``.
    kinds : sequence of str
        ``simple``: over all treated cells, by cohort size; ``event_time``: over cohorts at each
        distance from treatment; ``dynamic``: plain mean of these from event time 0 on; ``cohort``:
        plain mean over the treated periods of each cohort and, last, their mean by cohort size;
        ``calendar``: over cohorts treated by each period and, last, the plain mean of these.
    balance_event_time : int, optional
        Averages by event time use cohorts observed so many periods after treatment, up to then.

    Returns
    -------
    tuple of Effects
        One a kind, in the order of ``kinds``.
    """
    members = _members(effects, population)
    return tuple(
        _averaged(effects, members, average_of(kind, members.cells, balance_event_time=balance_event_time))
        for kind in kinds
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Members:
    """Units by cohort, with the weights that cohort shares are made of.

    Attributes
    ----------
    code : (n_units,)
        Position of the unit's arm and cohort in ``cells.share``; their number for other units.
    weight : (n_units,)
    lone : Lone
        Effects whose part in the error of an average is not known.
    is_fitted : (n_cells,)
        Effects that something else fits exactly, whose part is not known either.
    what : str
        What a unit is.
    late : str
        What there is to say of units treated after the last period.
    weightless : Panel, optional
        Whose units without weight averages count.
    """

    cells: CellShares
    lone: Lone
    is_fitted: Bool1D
    what: str
    code: Int1D
    weight: Float1D
    late: str
    weightless: Panel | None

    def notes(self, keys: Sequence[EffectKey]) -> list[str]:
        """What averages say of units that are treated late, or have no weight."""
        of_weight = [""] * len(keys) if self.weightless is None else weight_notes(self.weightless, keys)
        return ["; ".join(filter(None, (self.late, note))) for note in of_weight]


def _members(effects: Effects, population: Panel | Sections) -> _Members:
    ids = population.row_ids if isinstance(population, Sections) else population.unit_ids
    if ids is not effects.unit_ids and not np.array_equal(ids, effects.unit_ids):
        raise ValueError("effects and population hold different units")
    if isinstance(effects, GroupTimeEffects):
        weight = effects.share_weight
    else:
        weight = population.weight if isinstance(population, Sections) else first_weight(population)
    cohorts = list(dict.fromkeys((str(key.arm), float(key.cohort or 0)) for key in effects.keys))
    code = _codes(population, cohorts)
    sums = np.bincount(code, weights=weight, minlength=len(cohorts) + 1)[:-1]
    place = {cohort: k for k, cohort in enumerate(cohorts)}
    cells = CellShares(
        outcome=effects.outcome,
        keys=effects.keys,
        estimate=effects.estimate,
        cohort=np.array([place[str(key.arm), float(key.cohort or 0)] for key in effects.keys]),
        share=sums / len(code),
        first_period=int(population.periods[0]),
    )
    return _Members(
        cells=cells,
        code=code,
        weight=weight,
        lone=_lone(effects, population),
        is_fitted=effects.is_fitted
        if isinstance(effects, GroupTimeEffects)
        else np.zeros(len(effects.keys), dtype=np.bool_),
        what="row" if isinstance(population, Sections) else "unit",
        late=effects.late if isinstance(effects, GroupTimeEffects) else "",
        weightless=population
        if isinstance(population, Panel)
        and isinstance(effects, GroupTimeEffects)
        and (population.weight == 0).any()
        else None,
    )


def _lone(effects: Effects, population: Panel | Sections) -> Lone:
    """Effects whose sides say so; others without influence rest on one unit, or one row."""
    found = lone_effects((effects.treated_side, effects.comparison_side), population.cluster)
    unknown = np.isnan(effects.influence.sum(axis=0))
    on_cluster = found.on_one_cluster
    if isinstance(effects, GroupTimeEffects):
        on_cluster = on_cluster | (effects.in_one_cluster & ~found.on_one_unit)
        unknown = unknown & ~effects.is_fitted
    return Lone(on_one_unit=found.on_one_unit | (unknown & ~on_cluster), on_one_cluster=on_cluster)


def _codes(population: Panel | Sections, cohorts: Sequence[tuple[str, float]]) -> Int1D:
    code = np.full(len(population.cohort), len(cohorts), dtype=np.int64)
    in_arm = {arm: population.arm == arm for arm, _ in cohorts}
    for k, (arm, start) in enumerate(cohorts):
        code[in_arm[arm] & (population.cohort == start)] = k
    return code


def _averaged(effects: Effects, members: _Members, combination: Combination) -> Effects:
    known = np.nan_to_num(effects.estimate)
    uses = combination.weight != 0
    sides = [
        _any_of(side, uses) for side in (effects.in_sample, effects.treated_side, effects.comparison_side)
    ]
    influence = _averaged_influence(effects.influence, members, combination)
    # Bases of cells that were left out are not known.
    base = np.where(uses.any(axis=1), effects.baseline_mean, 0.0)
    empty = np.where(combination.is_empty, np.nan, 0.0)
    return Effects(
        estimator=effects.estimator,
        outcome=effects.outcome,
        comparison=effects.comparison,
        keys=noted(_with_notes(members, combination, sides[1]), members.notes(combination.keys)),
        unit_ids=effects.unit_ids,
        estimate=known @ combination.weight + empty,
        influence=influence,
        in_sample=sides[0],
        treated_side=sides[1],
        comparison_side=sides[2],
        n_obs=np.asarray(effects.n_obs @ uses),
        baseline_mean=base @ combination.weight + empty,
    )


def _averaged_influence(influence: Float2D, members: _Members, combination: Combination) -> Float2D:
    """Influence on averages: that on the effects, and that on the shares that weigh them.

    Each unit adds its weight to the share of its cohort. What its deviation from the share takes
    off is zero in sum, since an average does not change when all shares grow alike.
    """
    unknown = members.lone.either | members.is_fitted
    needs_unknown = (combination.weight[unknown] != 0).any(axis=0) | combination.is_empty
    cells, weights = influence, combination.weight
    if unknown.any():
        cells, weights = influence[:, ~unknown], weights[~unknown]
    by_share = np.vstack([combination.by_share, np.zeros(len(combination.keys))])
    # Rows of the transpose are contiguous: an average is written in the order of memory.
    averaged = weights.T @ cells.T
    for row, derivative in enumerate(by_share.T):
        if derivative.any():
            averaged[row] += members.weight * derivative[members.code]
    averaged[needs_unknown] = np.nan
    return np.asarray(averaged.T)


def _any_of(side: Bool2D, uses: Bool2D) -> Bool2D:
    """Units that any effect of an average has on a side, (n_units, n_averages)."""
    found = np.empty((uses.shape[1], len(side)), dtype=np.bool_)
    for row, column in enumerate(uses.T):
        np.logical_or.reduce(side.T[column], axis=0, out=found[row])
    return found.T


def _with_notes(members: _Members, combination: Combination, treated_side: Bool2D) -> tuple[EffectKey, ...]:
    notes = [
        note_of_average(
            combination.weight[:, k] != 0,
            int(n_left_out),
            int(side.sum()),
            lone=members.lone,
            is_fitted=members.is_fitted,
            what=members.what,
        )
        for k, (n_left_out, side) in enumerate(zip(combination.n_left_out, treated_side.T, strict=True))
    ]
    return tuple(replace(key, note=note) for key, note in zip(combination.keys, notes, strict=True))
