"""Triple difference: how much more treatment does for one half of the units than for the other."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from impacteval.arrays import Bool1D, Bool2D, Float1D
from impacteval.designs import TripleDifference
from impacteval.effects import EffectKey, Effects
from impacteval.errors import IdentificationError
from impacteval.estimators.covariates import model_without_treatment, refuse_without_comparison
from impacteval.estimators.patterns import constant_within_units
from impacteval.estimators.rows import (
    Combination,
    Model,
    Term,
    refuse_without_treatment,
    regress,
    unknown_where_alone,
    weight_by_group,
)
from impacteval.panel import Panel


def triple_difference(panel: Panel, design: TripleDifference) -> Effects:
    """Regress on treated, treated times subgroup, and effects of unit and of subgroup by period.

    Olden and Moen (2022), Econometrics Journal 25(3), section 2, with unit effects for the main
    effects of arm and subgroup. An arm with several cohorts has effects of each cohort in each
    period instead of treated, so that subgroups are compared within cohort and period.

    Parameters
    ----------
    panel : Panel
    design : TripleDifference

    Returns
    -------
    Effects
        For each arm the effect on units whose subgroup is 0 (term ``treated``), and by how much the
        effect on those with 1 exceeds it (term ``treated x <subgroup>``), in the unit of the outcome.
        With several cohorts the first averages, over the treated cells of units with 0, their
        cohort's effect in the period less its mean before treatment.

    Raises
    ------
    IdentificationError
        When the subgroup is not 0 or 1 or changes within a unit, or an arm or the comparison has no
        unit in one of them.
    """
    subgroup = _subgroup(panel, design)
    model = model_without_treatment(panel, design, subgroups=[design.subgroup])
    refuse_without_comparison(panel, model.cells)
    _refuse_empty(panel, design, subgroup, model)
    names = model.groups.treated_arms(panel.comparison_arm)
    arms = [_arm_terms(panel, model, arm, design.subgroup) for arm in names]
    terms = tuple(term for arm in arms for term in arm.terms)
    refuse_without_treatment(panel, terms)
    combinations = _combinations(model, arms, len(terms))
    model = replace(model, shared=terms)
    effects = regress(panel, model, design.estimator, combinations=combinations)
    is_cell = np.array([of_cell for arm in arms for of_cell in arm.is_cell])
    effects = unknown_where_alone(effects, is_cell, combinations)
    return _last(effects, len(combinations), subgroup)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sum:
    """A sum of an arm's terms, (n_terms,), and the groups, (n_groups,), whose treatment it is about."""

    key: EffectKey
    weight: Float1D
    about: Bool1D


@dataclass(frozen=True, slots=True, kw_only=True)
class _Arm:
    """Terms of an arm, which of them are of a cohort in a period, and the two sums reported of them."""

    terms: tuple[Term, ...]
    is_cell: tuple[bool, ...]
    sums: tuple[_Sum, _Sum]


def _combinations(model: Model, arms: list[_Arm], n_terms: int) -> list[Combination]:
    """The arms' sums as sums of all terms."""
    combinations = []
    first = 0
    for arm in arms:
        last = first + len(arm.terms)
        for part in arm.sums:
            weight = np.pad(part.weight, (first, n_terms - last))
            side = part.about[model.groups.code]
            combinations.append(Combination(key=part.key, weight=weight, treated_side=side))
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
    of_arm, inside = groups.arm == arm, groups.columns[subgroup] == 1
    treated = of_arm[:, None] & (panel.periods[None, :] >= groups.cohort[:, None])
    by_period = len(np.unique(groups.cohort[of_arm])) > 1
    first, weight = (
        _cohort_by_period(panel, model, of_arm, ~inside)
        if by_period
        else ([_term(arm, "treated", treated)], np.ones(1))
    )
    triple = _term(arm, f"treated x {subgroup}", treated & inside[:, None])
    informing = _with_both(model, of_arm, inside) if by_period else of_arm
    plain = EffectKey(estimand="coefficient", arm=arm, term="treated")
    return _Arm(
        terms=(*first, triple),
        is_cell=(*([by_period] * len(first)), False),
        sums=(
            _Sum(key=plain, weight=np.append(weight, 0.0), about=of_arm & ~inside),
            _Sum(
                key=replace(plain, term=f"treated x {subgroup}"),
                weight=np.eye(len(first) + 1)[-1],
                about=informing & inside,
            ),
        ),
    )


def _with_both(model: Model, of_arm: Bool1D, inside: Bool1D) -> Bool1D:
    """Groups of cohorts that have units of both subgroups: within others there is nothing to compare."""
    groups = model.groups
    used = of_arm & groups.observed(model.cells).any(axis=1)
    both = np.intersect1d(groups.cohort[used & inside], groups.cohort[used & ~inside])
    return np.asarray(of_arm & np.isin(groups.cohort, both))


def _term(arm: str, name: str, values: Bool2D) -> Term:
    return Term(
        key=EffectKey(estimand="coefficient", arm=arm, term=name),
        name=f"{name}, arm {arm}",
        values=values.astype(np.float64),
    )


def _cohort_by_period(
    panel: Panel, model: Model, of_arm: Bool1D, plain: Bool1D
) -> tuple[list[Term], Float1D]:
    """Effects of each cohort in each period but its first, and the weights of their average.

    Weights sum to one after treatment and, for each cohort, to as much less than zero before it;
    the first period's effect is zero by construction and carries its weight all the same.
    """
    groups = model.groups
    seen = groups.observed(model.cells)
    weight = weight_by_group(panel, model)
    terms: list[Term] = []
    shares: list[float] = []
    total = 0.0
    for cohort in np.unique(groups.cohort[of_arm]):
        here = of_arm & (groups.cohort == cohort)
        share, after = weight[here & plain].sum(axis=0), panel.periods >= cohort
        before_sum, after_sum = share[~after].sum(), share[after].sum()
        if after_sum and not before_sum:
            raise IdentificationError(
                f"{panel.name}: cohort {cohort:.0f} is not observed before its treatment; leave it out"
            )
        share = np.where(after, share, -after_sum * share / (before_sum or 1.0))
        total += after_sum
        for t in np.flatnonzero(seen[here].any(axis=0))[1:]:
            values = here[:, None] & (np.arange(len(after)) == t)
            name = f"cohort {cohort:.0f} in period {panel.periods[t]}"
            terms.append(_term(str(groups.arm[here][0]), name, values))
            shares.append(float(share[t]))
    if total == 0:
        raise IdentificationError(
            f"{panel.name}: no unit of {groups.arm[of_arm][0]!r} outside the subgroup is observed after its "
            "treatment; a triple difference needs units of both kinds"
        )
    return terms, np.array(shares) / total


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
