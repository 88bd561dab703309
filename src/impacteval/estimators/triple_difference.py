"""Triple difference: how much more treatment does for one half of the units than for the other."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from impacteval.arrays import Bool2D, Float1D
from impacteval.designs import TripleDifference
from impacteval.effects import EffectKey, Effects
from impacteval.errors import IdentificationError
from impacteval.estimators.alone import unknown_where_alone, without_errors
from impacteval.estimators.cohort_cells import CohortCells, cohort_cells
from impacteval.estimators.covariates import model_without_treatment, refuse_without_comparison
from impacteval.estimators.fixed_effects import refuse_cohorts_without_reference
from impacteval.estimators.notes import UNKNOWN, lone_effects
from impacteval.estimators.patterns import constant_within_units
from impacteval.estimators.rows import Combination, Model, Term, refuse_without_treatment, regress
from impacteval.panel import Panel


def triple_difference(panel: Panel, design: TripleDifference) -> Effects:
    """Regress on treated, treated times subgroup, and effects of unit and of subgroup by period.

    Olden and Moen (2022), Econometrics Journal 25(3), section 2, with unit effects for the main
    effects of arm and subgroup. An arm with several cohorts has an effect of each cohort and subgroup
    in each period but event time -1, as in Sun and Abraham (2021): one coefficient would compare
    cohorts with cohorts treated before, whose effects may differ.

    Parameters
    ----------
    panel : Panel
    design : TripleDifference

    Returns
    -------
    Effects
        For each arm the effect on units whose subgroup is 0 (term ``treated``), and by how much the
        effect on those with 1 exceeds it (term ``treated x <subgroup>``), in the unit of the outcome.
        With several cohorts the first averages effects over the treated cells of units with 0, the
        second the differences of effects over those of units with 1; shares are taken as fixed.
        Cohorts of one subgroup only say nothing of the second and are counted in its note.

    Raises
    ------
    IdentificationError
        When the subgroup is not 0 or 1 or changes within a unit, or an arm or the comparison has no
        unit in one of them; with several cohorts, when a subgroup of a cohort is not observed one
        period before its treatment.
    """
    subgroup = _subgroup(panel, design)
    model = model_without_treatment(panel, design, subgroups=[design.subgroup])
    refuse_without_comparison(panel, model)
    _refuse_empty(panel, design, subgroup, model)
    names = model.groups.treated_arms(panel.comparison_arm)
    arms = [_arm_terms(panel, model, arm, design.subgroup) for arm in names]
    terms = tuple(term for arm in arms for term in arm.terms)
    refuse_without_treatment(panel, terms)
    combinations = _combinations(arms, len(terms))
    effects = regress(panel, replace(model, shared=terms), design.estimator, combinations=combinations)
    is_cell = np.array([arm.is_by_cohort for arm in arms for _ in arm.terms])
    weights = np.array([c.weight for c in combinations])
    effects = unknown_where_alone(effects, weights, is_cell, panel.cluster)
    effects = _last(effects, len(combinations), subgroup)
    return _unknown_where_a_half_is_alone(panel, effects, subgroup, design.subgroup)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Arm:
    """Terms of an arm, and the two sums reported of them."""

    terms: tuple[Term, ...]
    sums: tuple[Combination, Combination]
    is_by_cohort: bool


def _combinations(arms: list[_Arm], n_terms: int) -> list[Combination]:
    """The arms' sums as sums of all terms."""
    combinations = []
    first = 0
    for arm in arms:
        last = first + len(arm.terms)
        for part in arm.sums:
            combinations.append(replace(part, weight=np.pad(part.weight, (first, n_terms - last))))
        first = last
    return combinations


def _subgroup(panel: Panel, design: TripleDifference) -> Float1D:
    subgroup = constant_within_units(panel, design.subgroup)
    known = np.unique(subgroup[~np.isnan(subgroup)])
    if not np.isin(known, [0.0, 1.0]).all():
        found = ", ".join(f"{value:g}" for value in known[:5])
        raise IdentificationError(
            f"{panel.name}: subgroup {design.subgroup!r} has the values {found}; a triple difference needs a "
            "column of 0 and 1"
        )
    return subgroup


def _refuse_empty(panel: Panel, design: TripleDifference, subgroup: Float1D, model: Model) -> None:
    used = model.cells.any(axis=1)
    for arm in (panel.comparison_arm, *model.groups.treated_arms(panel.comparison_arm)):
        for value in (0.0, 1.0):
            if not (used & panel.in_arm(arm) & (subgroup == value)).any():
                raise IdentificationError(
                    f"{panel.name}: no unit of {arm!r} with {design.subgroup} = {value:g} is observed twice; "
                    "a triple difference needs units of both kinds in every arm and in the comparison"
                )


def _arm_terms(panel: Panel, model: Model, arm: str, subgroup: str) -> _Arm:
    groups = model.groups
    is_used = groups.observed(model.cells).any(axis=1)
    cohorts = np.unique(groups.cohort[(groups.arm == arm) & is_used])
    if len(cohorts) > 1:
        refuse_cohorts_without_reference(panel, cohorts, "a triple difference of several cohorts")
        return _by_cohort(panel, cohort_cells(panel, model, arm, subgroup), arm, subgroup)
    of_arm, inside = groups.arm == arm, groups.columns[subgroup] == 1
    treated = of_arm[:, None] & (panel.periods[None, :] >= groups.cohort[:, None])
    plain, triple = _keys(arm, subgroup)
    return _Arm(
        terms=(_term(plain, treated), _term(triple, treated & inside[:, None])),
        sums=(
            Combination(key=plain, weight=np.eye(2)[0], treated_side=(of_arm & ~inside)[groups.code]),
            Combination(key=triple, weight=np.eye(2)[1], treated_side=(of_arm & inside)[groups.code]),
        ),
        is_by_cohort=False,
    )


def _by_cohort(panel: Panel, cells: CohortCells, arm: str, subgroup: str) -> _Arm:
    """An arm with an effect of each cohort and subgroup in each period, and averages after treatment."""
    outside = np.where(~cells.inside & cells.after, cells.weight, 0.0)
    inside = np.where(cells.inside & cells.after & cells.has_partner, cells.weight, 0.0)
    if outside.sum() == 0 or inside.sum() == 0:
        raise IdentificationError(
            f"{panel.name}: no cohort of {arm!r} has units of both values of {subgroup!r} in a period after "
            "its treatment; a triple difference needs units of both kinds"
        )
    outside, inside = outside / outside.sum(), inside / inside.sum()
    plain, triple = _keys(arm, subgroup)
    note = "; ".join(cells.left_out(subgroup))
    return _Arm(
        terms=cells.terms,
        sums=(
            Combination(key=plain, weight=outside),
            Combination(key=replace(triple, note=note), weight=inside - inside @ cells.is_partner),
        ),
        is_by_cohort=True,
    )


def _keys(arm: str, subgroup: str) -> tuple[EffectKey, EffectKey]:
    plain = EffectKey(estimand="coefficient", arm=arm, term="treated")
    return plain, replace(plain, term=f"treated x {subgroup}")


def _term(key: EffectKey, values: Bool2D) -> Term:
    return Term(key=key, name=f"{key.term}, arm {key.arm}", values=values.astype(np.float64))


def _unknown_where_a_half_is_alone(panel: Panel, effects: Effects, subgroup: Float1D, name: str) -> Effects:
    """Leave robust errors unknown where a half of an arm or of the comparison is one unit or cluster.

    The regression fits the mean change of such a half exactly.
    """
    notes, on_unit = [], []
    for j, key in enumerate(effects.keys):
        halves = [
            (arm, value)
            for arm in (str(key.arm), effects.comparison)
            for value in ((0, 1) if key.term != "treated" else (0,))
        ]
        sides = [effects.in_sample[:, j] & panel.in_arm(a) & (subgroup == value) for a, value in halves]
        lone = lone_effects([np.column_stack(sides)], panel.cluster)
        reasons = [
            f"{halves[i][0]!r} with {name} = {halves[i][1]} "
            f"{'is one unit' if lone.on_one_unit[i] else 'lies in one cluster'}"
            for i in np.flatnonzero(lone.either)
        ]
        is_new = not np.isnan(effects.influence[:, j]).any()
        notes.append(f"{', '.join(reasons)}: {UNKNOWN}" if reasons and is_new else "")
        on_unit.append(bool(lone.on_one_unit.any()))
    return without_errors(effects, notes, on_one_unit=np.array(on_unit))


def _last(effects: Effects, n: int, subgroup: Float1D) -> Effects:
    """The last effects alone: combinations stand after the coefficients that they are of."""
    comparison = effects.comparison_side[:, -n:].copy()
    comparison[:, ::2] &= (subgroup == 0)[:, None]
    return replace(
        effects,
        keys=effects.keys[-n:],
        estimate=effects.estimate[-n:],
        influence=effects.influence[:, -n:],
        in_sample=effects.in_sample[:, -n:],
        treated_side=effects.treated_side[:, -n:],
        comparison_side=comparison,
        n_obs=effects.n_obs[-n:],
        baseline_mean=effects.baseline_mean[-n:],
        regression=effects.regression[-n:],
    )
