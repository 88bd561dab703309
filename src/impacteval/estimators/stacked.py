"""Stacked difference-in-differences: one small experiment a cohort, weighted to one estimand."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from impacteval.arrays import Bool1D, Float1D, Float2D, Int1D
from impacteval.designs import REFERENCE_EVENT_TIME, Stacked
from impacteval.effects import EffectKey, Effects, joint
from impacteval.errors import IdentificationError
from impacteval.estimators.absorbed import AbsorbedFit, AbsorbedRows, absorbed_fit
from impacteval.estimators.alone import unknown_on_one_unit
from impacteval.estimators.baseline import base_means
from impacteval.estimators.covariates import changing_notes
from impacteval.estimators.notes import counted, noted, weight_note, weightless_units
from impacteval.estimators.rows import observed_cells
from impacteval.estimators.table_regressors import TableColumn, table_regressors
from impacteval.panel import Panel


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stack:
    """The small experiment of one cohort.

    Attributes
    ----------
    column : (n_event_times,)
        Positions of its periods.
    unit : (n_members,)
        Positions of its units, all observed throughout.
    is_treated : (n_members,)
    weight : (n_members,)
        Sampling weights in the period before treatment.
    """

    column: Int1D
    unit: Int1D
    is_treated: Bool1D
    weight: Float1D

    @property
    def treated_weight(self) -> float:
        """Treated units, by weight."""
        return float(self.weight[self.is_treated].sum())

    @property
    def comparison_weight(self) -> float:
        """Comparison units, by weight."""
        return float(self.weight[~self.is_treated].sum())


def stacked(panel: Panel, design: Stacked) -> Effects:
    """Stack the cohorts' small experiments and regress with corrective weights.

    Each has the event times from ``-periods_before`` to ``periods_after``, the cohort, and units
    untreated throughout, as far as observed in all these periods. Comparison units are weighted so
    that each experiment has the same share of the treated and of the comparison, which makes the
    coefficients averages over cohorts by their numbers of treated units at every event time (Wing,
    Freedman and Hollingsworth 2024, NBER working paper 32054). Unit-by-experiment effects are
    absorbed; effects of event times are by experiment, which without covariates gives the paper's
    coefficients and with them keeps shocks of calendar periods out. Units count with all their
    appearances, and that numbers of units, hence weights, are from a sample is part of the influence.

    Parameters
    ----------
    panel : Panel
        A unit has its sampling weight of the period before treatment in each experiment.
    design : Stacked
        ``covariates`` enter as they are; they must change within units.

    Returns
    -------
    Effects
        By arm: ``event_time`` relative to the period before treatment, then ``simple``, the mean
        over event times from 0; in the unit of the outcome. What was left out is in the notes.

    Raises
    ------
    IdentificationError
        When nobody is treated, or no cohort of an arm has the whole window and comparison units.
    """
    if not panel.treated_arms:
        raise IdentificationError(
            f"{panel.name}: no unit is treated; take this outcome out of {design.name!r} or name treated arms"
        )
    return joint([_of_arm(panel, design, arm) for arm in panel.treated_arms])


def _of_arm(panel: Panel, design: Stacked, arm: str) -> Effects:
    stacks, notes = _stacks(panel, design, arm)
    if not stacks:
        raise IdentificationError(
            f"{panel.name}, arm {arm!r}: no cohort has all periods from {design.periods_before} before to "
            f"{design.periods_after} after and {design.control_group} units throughout ({'; '.join(notes)}); "
            "shorten the window, or number periods 1, 2, 3, ..."
        )
    member = np.concatenate([stack.unit for stack in stacks])
    is_treated = np.concatenate([stack.is_treated for stack in stacks])
    rows, outcome = _rows(panel, design, stacks)
    fit = absorbed_fit(outcome, rows, n_units=panel.n_units)
    keys, combinations = _keys(design, arm, rows.regressors.n_columns)
    influence = fit.influence(combinations) + _weight_influence(panel, stacks, fit, combinations)
    shape = (panel.n_units, len(keys))
    in_sample, treated, comparison = (np.zeros(shape, dtype=np.bool_) for _ in range(3))
    in_sample[member] = True
    treated[member[is_treated]] = True
    comparison[member[~is_treated]] = True
    effects = Effects(
        estimator=design.estimator,
        outcome=panel.name,
        comparison=design.control_group,
        keys=noted(keys, ["; ".join(notes)] * len(keys)),
        unit_ids=panel.unit_ids,
        estimate=combinations @ fit.coefficient,
        influence=influence,
        in_sample=in_sample,
        treated_side=treated,
        comparison_side=comparison,
        n_obs=np.full(len(keys), len(outcome), dtype=np.int64),
        baseline_mean=base_means(panel, treated),
        regression=fit.facts(combinations),
    )
    return unknown_on_one_unit(effects)


def _stacks(panel: Panel, design: Stacked, arm: str) -> tuple[list[_Stack], list[str]]:
    """The experiments of an arm, and what was left out."""
    stacks, notes, n_incomplete = [], [], 0
    usable = observed_cells(panel, [panel.covariates[name] for name in design.covariates])
    lost = weightless_units(panel)
    without_weight = weight_note(panel, panel.in_arm(arm) | panel.in_arm(panel.comparison_arm))
    for cohort in np.unique(panel.cohort[panel.in_arm(arm)]):
        window = np.arange(cohort - design.periods_before, cohort + design.periods_after + 1)
        if not np.isin(window, panel.periods).all():
            notes.append(
                f"cohort {cohort:g} is left out: not all periods {window[0]:g} to {window[-1]:g} exist"
            )
            continue
        treated = panel.in_arm(arm) & (panel.cohort == cohort)
        untreated = (
            np.isinf(panel.cohort) if design.control_group == "never_treated" else panel.cohort > window[-1]
        )
        column = np.searchsorted(panel.periods, window).astype(np.int64)
        complete = usable[:, column].all(axis=1)
        counts = [int((side & complete).sum()) for side in (treated, untreated)]
        if min(counts) == 0:
            side = "treated" if counts[0] == 0 else design.control_group
            notes.append(f"cohort {cohort:g} is left out: no {side} unit is observed in its whole window")
            continue
        unit = np.nonzero((treated | untreated) & complete)[0].astype(np.int64)
        n_incomplete += int(((treated | untreated) & ~complete & ~lost).sum())
        stacks.append(
            _Stack(
                column=column,
                unit=unit,
                is_treated=treated[unit],
                weight=panel.weight[unit, column[design.periods_before + REFERENCE_EVENT_TIME]],
            )
        )
    if n_incomplete:
        units = counted(n_incomplete, "unit by cohort is", "units by cohort are")
        notes.append(f"{units} left out: not observed in the whole window")
    return stacks, [*notes, *([without_weight] if without_weight else []), *_changing(panel, design, stacks)]


def _changing(panel: Panel, design: Stacked, stacks: list[_Stack]) -> list[str]:
    used = np.zeros(panel.outcome.shape, dtype=np.bool_)
    for stack in stacks:
        used[np.ix_(stack.unit[stack.is_treated], stack.column)] = True
    return changing_notes(panel, design.covariates, used)


def _rows(panel: Panel, design: Stacked, stacks: list[_Stack]) -> tuple[AbsorbedRows, Float1D]:
    """All experiments below each other: rows run over event times within units within experiments.

    Strata are the comparison and the treated of each experiment, in turn.
    """
    n_times = len(_event_times(design))
    member = np.concatenate([stack.unit for stack in stacks])
    side = np.concatenate([2 * a + stack.is_treated for a, stack in enumerate(stacks)])
    unit = np.repeat(member, n_times)
    column = np.concatenate([np.tile(stack.column, len(stack.unit)) for stack in stacks])
    rows = AbsorbedRows(
        regressors=table_regressors(
            _columns(design, len(stacks)),
            np.repeat(side, n_times),
            np.tile(np.arange(n_times), len(member)),
            [panel.covariates[name][unit, column] for name in design.covariates],
        ),
        weight=np.repeat(np.concatenate(_corrective_weights(stacks)), n_times),
        group=np.repeat(np.arange(len(member)), n_times),
        unit=unit,
        is_nested=True,
    )
    return rows, panel.outcome[unit, column]


def _columns(design: Stacked, n_stacks: int) -> list[TableColumn]:
    """Event times of the treated, event times of each experiment, and covariates."""
    stratum, time = np.arange(2 * n_stacks)[:, None], _event_times(design)
    others = time[time != REFERENCE_EVENT_TIME]
    tables = {f"treated at event time {e}": (stratum % 2 == 1) & (time == e) for e in others} | {
        f"event time {e} of experiment {a + 1}": (stratum // 2 == a) & (time == e)
        for a in range(n_stacks)
        for e in others
    }
    everywhere = np.ones((2 * n_stacks, len(time)), dtype=np.bool_)
    by_name = [*((name, table, 0) for name, table in tables.items())]
    by_name += [(name, everywhere, factor) for factor, name in enumerate(design.covariates, start=1)]
    return [
        TableColumn(name=name, table=table, factor=factor, centre=np.zeros(len(table)))
        for name, table, factor in by_name
    ]


def _corrective_weights(stacks: list[_Stack]) -> list[Float1D]:
    """Weights by which comparison units have the same share in each experiment as treated ones."""
    all_treated = sum(stack.treated_weight for stack in stacks)
    all_comparison = sum(stack.comparison_weight for stack in stacks)
    return [
        stack.weight
        * np.where(
            stack.is_treated,
            1.0,
            (stack.treated_weight / all_treated) / (stack.comparison_weight / all_comparison),
        )
        for stack in stacks
    ]


def _weight_influence(panel: Panel, stacks: list[_Stack], fit: AbsorbedFit, combinations: Float2D) -> Float2D:
    """Influence of corrective weights that are shares of a sample, (n_units, n_effects).

    A unit changes the logarithm of the weight of an experiment's comparison by its part in the
    experiment's treated, less its part in the comparison, against its parts in all; the estimate
    follows by what that comparison contributes to it.
    """
    signs = [np.where(s.is_treated, 1.0, -1.0) * s.weight for s in stacks]
    totals = np.array([[s.treated_weight, s.comparison_weight] for s in stacks])
    influence = np.zeros((panel.n_units, combinations.shape[0]))
    contributed = fit.by_stratum(combinations)[::2]
    overall = np.sum(contributed, axis=0)
    for stack, sign, total, mine in zip(stacks, signs, totals, contributed, strict=True):
        within = sign / np.where(stack.is_treated, total[0], total[1])
        across = sign / np.where(stack.is_treated, *totals.sum(axis=0))
        np.add.at(influence, stack.unit, panel.n_units * (within[:, None] * mine - across[:, None] * overall))
    return influence


def _event_times(design: Stacked) -> Int1D:
    return np.arange(-design.periods_before, design.periods_after + 1, dtype=np.int64)


def _keys(design: Stacked, arm: str, n_columns: int) -> tuple[list[EffectKey], Float2D]:
    """Effects by event time and their mean from 0 on, as combinations of coefficients."""
    event_times = [int(e) for e in _event_times(design) if e != REFERENCE_EVENT_TIME]
    keys = [EffectKey(estimand="event_time", arm=arm, event_time=e) for e in event_times]
    combinations = np.vstack([np.eye(len(keys), n_columns), np.zeros(n_columns)])
    after = np.array(event_times) >= 0
    combinations[-1, : len(keys)] = after / after.sum()
    return [*keys, EffectKey(estimand="simple", arm=arm)], combinations
