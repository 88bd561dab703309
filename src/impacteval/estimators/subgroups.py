"""Effects on subgroups: the same estimator on each slice, with influence on all units of the panel."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from impacteval.arrays import Bool1D, Int1D, Text1D, sum_by_code
from impacteval.effects import EffectKey, Effects, RegressionFacts
from impacteval.errors import DataError, IdentificationError, raise_together
from impacteval.panel import Panel

Kind = TypeVar("Kind", bound=np.generic)
UNKNOWN = ""
NO_FACTS = RegressionFacts(
    n_parameters=0, n_absorbed=0, classical_variance=float("nan"), hc1_variance=float("nan")
)
ONE_CLUSTER = "one side of the comparison lies in one cluster, so that the error is not known"
EXACT = "the outcome does not vary within the sample, so that the error is not known"


def by_subgroup(
    panel: Panel,
    estimator: Callable[[Panel], tuple[Effects, ...]],
    membership: Text1D,
    *,
    order: Sequence[str] = (),
) -> tuple[Effects, ...]:
    """Estimate on each subgroup alone, and each subgroup's difference to the first.

    Every subgroup has its own comparison units, period effects and covariate coefficients: the same
    as one regression with everything interacted with the subgroup. A difference that is not zero
    says that effects differ, not that the subgroup is the reason.

    Parameters
    ----------
    panel : Panel
    estimator : callable
        From a panel to its effects, averages among them.
    membership : (n_units,)
        Subgroup of each unit, in the order of ``panel.unit_ids``; ``UNKNOWN`` for units in none,
        which no effect then uses.
    order : sequence of str
        Subgroups in the order wanted, the one that others are compared with first; those not named
        follow, sorted.

    Returns
    -------
    tuple of Effects
        The estimator's effects for each subgroup in that order, then those of each subgroup but
        the first minus those of the first; all with influence on all units of the panel.

    Raises
    ------
    DataError
        When membership is not one value a unit, or no unit is in a subgroup.
    IdentificationError
        Listing every subgroup in which the estimator cannot be identified.
    """
    if len(membership) != panel.n_units:
        raise DataError(
            f"{panel.name}: {len(membership)} values of a subgroup for {panel.n_units} units; give one a unit"
        )
    found = [str(value) for value in np.unique(membership) if value != UNKNOWN]
    values = [value for value in dict.fromkeys([*order, *found]) if value in found]
    if not values:
        raise DataError(f"{panel.name}: no unit is in a subgroup; fill the subgroup's column")
    of_value: list[tuple[Effects, ...]] = []
    problems = []
    for value in values:
        try:
            parts = estimator(within(panel, np.asarray(membership == value)))
        except IdentificationError as error:
            problems.append(f"subgroup {value!r}: {error}")
            continue
        of_value.append(tuple(on_all_units(part, panel, value) for part in parts))
    raise_together(problems, IdentificationError, f"{panel.name} by subgroup")
    first, *others = of_value
    differences = [
        _without_unknown_errors(difference(part, reference), (part, reference), panel.cluster)
        for parts in others
        for part, reference in zip(parts, first, strict=True)
    ]
    return (*(part for parts in of_value for part in parts), *differences)


def within(panel: Panel, chosen: Bool1D) -> Panel:
    """Take the chosen units of a panel; clusters are numbered anew.

    Raises
    ------
    IdentificationError
        When no unit is chosen.
    """
    if len(chosen) != panel.n_units:
        raise DataError(f"{panel.name}: a choice of {len(chosen)} units from {panel.n_units}")
    if not chosen.any():
        raise IdentificationError(f"{panel.name}: no unit is in the subgroup; name another")
    return replace(
        panel,
        unit_ids=panel.unit_ids[chosen],
        outcome=panel.outcome[chosen],
        cohort=panel.cohort[chosen],
        arm=panel.arm[chosen],
        cluster=np.unique(panel.cluster[chosen], return_inverse=True)[1].astype(np.int64),
        covariates={name: values[chosen] for name, values in panel.covariates.items()},
        weight=panel.weight[chosen],
    )


def on_all_units(effects: Effects, panel: Panel, subgroup: str) -> Effects:
    """Put effects of a slice on all units of the panel it was taken from.

    Influence is zero for other units and grows by the ratio of the numbers of units, so that errors
    stay as they are.
    """
    place = np.searchsorted(panel.unit_ids, effects.unit_ids)
    place = np.minimum(place, panel.n_units - 1)
    if (panel.unit_ids[place] != effects.unit_ids).any():
        raise ValueError("effects of a slice must be of units of the panel")
    if any(key.subgroup is not None for key in effects.keys):
        raise ValueError("effects already are of a subgroup")

    scale = panel.n_units / len(effects.unit_ids)
    return replace(
        effects,
        keys=tuple(replace(key, subgroup=subgroup) for key in effects.keys),
        unit_ids=panel.unit_ids,
        influence=_spread(scale * effects.influence, place, panel.n_units),
        in_sample=_spread(effects.in_sample, place, panel.n_units),
        treated_side=_spread(effects.treated_side, place, panel.n_units),
        comparison_side=_spread(effects.comparison_side, place, panel.n_units),
    )


def _spread(values: npt.NDArray[Kind], place: Int1D, n_units: int) -> npt.NDArray[Kind]:
    wide = np.zeros((n_units, values.shape[1]), dtype=values.dtype)
    wide[place] = values
    return wide


def difference(first: Effects, second: Effects) -> Effects:
    """Subtract effects from the same effects elsewhere, key by key; key.subgroup reads ``a - b``.

    Influence is subtracted unit by unit, so that units and clusters that both use are accounted for.
    Sides and samples are those of both together. An effect that only one of the two has is NaN and
    says so. Where no unit is in both, regression facts are those of one regression with everything
    interacted, except that the classical variance lets each subgroup have its own error variance;
    else they are left out, as resampled errors are.
    """
    if (first.unit_ids != second.unit_ids).any():
        raise ValueError("effects of different units cannot be subtracted: put them on all units first")
    bare = tuple(dict.fromkeys(_bare(key) for key in (*first.keys, *second.keys)))
    names = (_subgroup_of(first), _subgroup_of(second))
    one, other = (_arranged(part, bare, name) for part, name in zip((first, second), names, strict=True))
    is_disjoint = not (one.in_sample & other.in_sample).any()
    return replace(
        one,
        keys=tuple(
            replace(
                key, subgroup=" - ".join(names), note="; ".join(k.note for k in (key, other_key) if k.note)
            )
            for key, other_key in zip(one.keys, other.keys, strict=True)
        ),
        estimate=one.estimate - other.estimate,
        influence=one.influence - other.influence,
        in_sample=one.in_sample | other.in_sample,
        treated_side=one.treated_side | other.treated_side,
        comparison_side=one.comparison_side | other.comparison_side,
        n_obs=one.n_obs + other.n_obs,
        baseline_mean=np.full(len(bare), np.nan),
        regression=_interacted(one, other) if is_disjoint else (),
        resampled={
            scheme: np.hypot(errors, other.resampled[scheme])
            for scheme, errors in one.resampled.items()
            if is_disjoint and scheme in other.resampled
        },
    )


def _bare(key: EffectKey) -> EffectKey:
    return replace(key, subgroup=None, note="")


def _subgroup_of(effects: Effects) -> str:
    return str(effects.keys[0].subgroup)


def _arranged(effects: Effects, bare: tuple[EffectKey, ...], subgroup: str) -> Effects:
    """Effects in the order of some keys, NaN where there is no such effect; notes name the subgroup."""
    place = {_bare(key): j for j, key in enumerate(effects.keys)}
    js = np.array([place.get(key, -1) for key in bare], dtype=np.int64)
    if len(place) < len(effects.keys):
        raise ValueError("effects with the same key cannot be told apart")
    here = js >= 0
    notes = [effects.keys[j].note if j >= 0 else "no such effect" for j in js]
    return replace(
        effects,
        keys=tuple(
            replace(key, note=f"subgroup {subgroup!r}: {note}" if note else "")
            for key, note in zip(bare, notes, strict=True)
        ),
        estimate=np.where(here, effects.estimate[js], np.nan),
        influence=np.where(here, effects.influence[:, js], np.nan),
        in_sample=effects.in_sample[:, js] & here,
        treated_side=effects.treated_side[:, js] & here,
        comparison_side=effects.comparison_side[:, js] & here,
        n_obs=np.where(here, effects.n_obs[js], 0),
        baseline_mean=effects.baseline_mean[js],
        regression=tuple(effects.regression[j] if j >= 0 else NO_FACTS for j in js)
        if effects.regression
        else (),
        cells=(),
        resampled={
            scheme: np.where(here, errors[js], np.nan) for scheme, errors in effects.resampled.items()
        },
    )


def _interacted(one: Effects, other: Effects) -> tuple[RegressionFacts, ...]:
    """Facts of the regression of both samples in which every term is interacted with the subgroup."""
    facts = []
    for j, (a, b) in enumerate(zip(one.regression, other.regression, strict=False)):
        # Both count all their periods, as period effects of two subgroups do; unit effects span one
        # constant of each, of which n_counted takes out only one.
        n_shared = 1 if a.n_absorbed and b.n_absorbed else 0
        n_a, n_b = int(one.n_obs[j]), int(other.n_obs[j])
        n_left = (n_a - a.n_counted, n_b - b.n_counted)
        # Without its factor, each HC variance is a sum over rows, and the sums add up.
        sums = a.hc1_variance * n_left[0] / max(n_a, 1) + b.hc1_variance * n_left[1] / max(n_b, 1)
        facts.append(
            RegressionFacts(
                n_parameters=a.n_parameters + b.n_parameters,
                n_absorbed=a.n_absorbed + b.n_absorbed - n_shared,
                classical_variance=a.classical_variance + b.classical_variance,
                hc1_variance=sums * (n_a + n_b) / max(sum(n_left), 1),
            )
        )
    return tuple(facts)


def _without_unknown_errors(effects: Effects, parts: tuple[Effects, Effects], cluster: Int1D) -> Effects:
    """Make the error of a difference NaN where that of either part is not known.

    The other part's influence would otherwise stand for both.
    """
    keys, influence, facts = list(effects.keys), effects.influence.copy(), list(effects.regression)
    place = {_bare(key): j for j, key in enumerate(keys)}
    for part in parts:
        for j, reason in enumerate(_why_unknown(part, cluster)):
            at = place[_bare(part.keys[j])]
            if facts:
                facts[at] = _without_unknown_facts(facts[at], reason, is_one_unit=_is_one_unit(part, j))
            if reason:
                influence[:, at] = np.nan
                note = f"subgroup {part.keys[j].subgroup!r}: {reason}"
                keys[at] = replace(keys[at], note="; ".join(filter(None, (keys[at].note, note))))
    return replace(effects, keys=tuple(keys), influence=influence, regression=tuple(facts))


def _is_one_unit(effects: Effects, j: int) -> bool:
    """Whether a side of an arm's effect is one unit, which its regression fits exactly."""
    fewest = min(effects.n_treated[j], effects.n_comparison[j])
    return effects.keys[j].arm is not None and bool(fewest == 1)


def _without_unknown_facts(facts: RegressionFacts, reason: str, *, is_one_unit: bool) -> RegressionFacts:
    """Leave out variances that miss one part's: by row with one unit, all where nothing varies."""
    unknown = float("nan")
    return replace(
        facts,
        classical_variance=unknown if reason == EXACT else facts.classical_variance,
        hc1_variance=unknown if reason == EXACT or is_one_unit else facts.hc1_variance,
    )


def _why_unknown(effects: Effects, cluster: Int1D) -> list[str]:
    """Why the error of an effect with influence is not known, (n_effects,); empty where it is.

    Where one side lies in one cluster, its mean fits that cluster exactly and its influence sums to
    nothing.
    """
    n_codes = int(cluster.max()) + 1
    sides = (effects.treated_side, effects.comparison_side)
    n_clusters = [(sum_by_code(s.astype(np.float64), cluster, n_codes) > 0).sum(axis=0) for s in sides]
    on_one = (np.min(n_clusters, axis=0) == 1) & ~np.isnan(effects.influence).any(axis=0)
    is_exact = (effects.influence == 0).all(axis=0)
    return [
        EXACT if exact else ONE_CLUSTER if one and key.arm is not None else ""
        for key, one, exact in zip(effects.keys, on_one, is_exact, strict=True)
    ]
