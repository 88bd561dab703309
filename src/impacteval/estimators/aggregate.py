"""Averages of group-time effects, with the uncertainty of their weights."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from impacteval.arrays import Bool2D, Float1D, Int1D
from impacteval.effects import EffectKey, Effects, joint
from impacteval.errors import IdentificationError
from impacteval.panel import Panel


def aggregate(effects: Effects, panel: Panel, label: Callable[[EffectKey], EffectKey | None]) -> Effects:
    """Average group-time effects that share a label, weighted by the size of their cohorts.

    Weights are cohort shares, estimated from all units of the panel, and their sampling error is
    part of the influence (Callaway and Sant'Anna 2021, Journal of Econometrics 225(2), equations
    3.4 to 3.10 and theorem 2).

    Parameters
    ----------
    effects : Effects
        Group-time effects; those that are NaN take no part.
    panel : Panel
        The panel they were estimated on.
    label : callable
        Key of the average that a group-time effect belongs to, or None.

    Returns
    -------
    Effects
        One effect a label, in the order of first appearance.
    """
    members: dict[EffectKey, list[int]] = {}
    left_out: Counter[EffectKey] = Counter()
    for j, key in enumerate(effects.keys):
        target = label(key)
        if target is not None and np.isnan(effects.estimate[j]):
            left_out[target] += 1
        elif target is not None:
            members.setdefault(target, []).append(j)
    if not members:
        raise IdentificationError(
            f"{effects.outcome}: no effect after treatment could be estimated; take the outcome out of the "
            "plan or of this design"
        )
    return joint(
        [
            _average(effects, panel, replace(key, note=_note(effects, js, left_out[key])), np.array(js))
            for key, js in members.items()
        ]
    )


def overall(key: EffectKey) -> EffectKey | None:
    """Label of the average over all cohorts and treated periods of an arm."""
    treated = key.event_time is not None and key.event_time >= 0
    return EffectKey(estimand="simple", arm=key.arm) if treated else None


def by_event_time(key: EffectKey) -> EffectKey | None:
    """Label of the average over cohorts at one distance from treatment."""
    return EffectKey(estimand="event_time", arm=key.arm, event_time=key.event_time)


def _average(effects: Effects, panel: Panel, key: EffectKey, js: Int1D) -> Effects:
    cohorts = np.array([effects.keys[j].cohort for j in js], dtype=np.float64)
    in_arm = panel.in_arm(str(key.arm))
    member = (panel.cohort[:, None] == cohorts[None, :]) & in_arm[:, None]
    share = member.mean(axis=0)
    weight = share / share.sum()
    estimate = effects.estimate[js]
    influence = effects.influence[:, js] @ weight + _weight_influence(member, share, estimate)
    return Effects(
        estimator=effects.estimator,
        outcome=effects.outcome,
        comparison=effects.comparison,
        keys=(key,),
        unit_ids=effects.unit_ids,
        estimate=np.array([weight @ estimate]),
        influence=influence[:, None],
        in_sample=_any_of(effects.in_sample, js),
        treated_side=_any_of(effects.treated_side, js),
        comparison_side=_any_of(effects.comparison_side, js),
        n_obs=np.array([effects.n_obs[js].sum()], dtype=np.int64),
        baseline_mean=np.array([weight @ effects.baseline_mean[js]]),
    )


def _any_of(side: Bool2D, js: Int1D) -> Bool2D:
    return np.asarray(side[:, js].any(axis=1))[:, None]


def _note(effects: Effects, js: list[int], n_left_out: int) -> str:
    notes = []
    if n_left_out:
        notes.append(
            f"{n_left_out} of {len(js) + n_left_out} effects could not be estimated and are left out"
        )
    unknown = sum(bool(effects.keys[j].note) for j in js)
    if unknown:
        notes.append(f"{unknown} of {len(js)} averaged effects rest on one unit: the error is not known")
    return "; ".join(notes)


def _weight_influence(member: Bool2D, share: Float1D, estimate: Float1D) -> Float1D:
    """Influence of estimated shares on a share-weighted average, (n_units,).

    The derivative of ``sum(p a) / sum(p)`` in ``p``, applied to each unit's deviation from ``p``.
    """
    total = share.sum()
    deviation = member - share
    derivative = estimate / total - (share @ estimate) / total**2
    return np.asarray(deviation @ derivative)
