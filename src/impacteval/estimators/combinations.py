"""Averages of group-time effects as weights on effects and on cohort shares."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias, get_args

import numpy as np

from impacteval.arrays import Bool1D, Float1D, Float2D, Int1D
from impacteval.designs import Average
from impacteval.effects import EffectKey
from impacteval.errors import ConfigError, IdentificationError, nearest
from impacteval.estimators.comparisons import note_of_small_cohort
from impacteval.estimators.notes import UNKNOWN, Lone

Label: TypeAlias = Callable[[EffectKey], EffectKey | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class CellShares:
    """Group-time effects with the shares of their cohorts.

    Attributes
    ----------
    keys, estimate : (n_cells,)
    cohort : (n_cells,)
        Position of each cell's arm and cohort.
    share : (n_cohorts,)
        Share of each arm and cohort among all units, by weight.
    first_period : int
        First period of the data.
    """

    outcome: str
    keys: tuple[EffectKey, ...]
    estimate: Float1D
    cohort: Int1D
    share: Float1D
    first_period: int

    def known_keys(self) -> list[EffectKey]:
        """Keys of effects that could be estimated."""
        known = ~np.isnan(self.estimate)
        return [key for key, is_known in zip(self.keys, known, strict=True) if is_known]


@dataclass(frozen=True, slots=True, kw_only=True)
class Combination:
    """Averages of group-time effects.

    Attributes
    ----------
    keys : (n_averages,)
    weight : (n_cells, n_averages)
        Weight of each effect.
    by_share : (n_cohorts, n_averages)
        Derivative of each average in the share of each cohort.
    n_left_out : (n_averages,)
        Effects that belong to an average and could not be estimated.
    lost : mapping
        Averages none of whose effects could be estimated, and their numbers of effects.
    """

    keys: tuple[EffectKey, ...]
    weight: Float2D
    by_share: Float2D
    n_left_out: Int1D
    lost: Mapping[EffectKey, int] = field(default_factory=dict)

    @property
    def is_empty(self) -> Bool1D:
        """Which averages have no effect, and so are NaN, (n_averages,)."""
        return np.asarray(~(self.weight != 0).any(axis=0))

    def with_lost_arms(self) -> Combination:
        """The same averages, and those of arms that would have none, which are NaN."""
        arms = {key.arm for key in self.keys}
        keys = tuple(key for key in self.lost if key.arm not in arms)
        if not keys:
            return self
        return replace(
            self,
            keys=self.keys + keys,
            weight=np.pad(self.weight, ((0, 0), (0, len(keys)))),
            by_share=np.pad(self.by_share, ((0, 0), (0, len(keys)))),
            n_left_out=np.append(self.n_left_out, [self.lost[key] for key in keys]).astype(np.int64),
            lost={key: n for key, n in self.lost.items() if key.arm in arms},
        )

    def beside(self, other: Combination) -> Combination:
        """Both sets of averages, one after the other."""
        return Combination(
            keys=self.keys + other.keys,
            weight=np.hstack([self.weight, other.weight]),
            by_share=np.hstack([self.by_share, other.by_share]),
            n_left_out=np.concatenate([self.n_left_out, other.n_left_out]),
        )

    def n_left_out_of(self, arm: str | None) -> int:
        """Effects of an arm that could not be estimated, whether or not their average could."""
        of_arm = [n for key, n in zip(self.keys, self.n_left_out, strict=True) if key.arm == arm]
        return int(sum(of_arm)) + sum(n for key, n in self.lost.items() if key.arm == arm)


def overall(key: EffectKey) -> EffectKey | None:
    """Label of the average over all cohorts and treated periods of an arm."""
    return EffectKey(estimand="simple", arm=key.arm) if _is_after(key) else None


def by_event_time(key: EffectKey) -> EffectKey | None:
    """Label of the average over cohorts at one distance from treatment."""
    return EffectKey(estimand="event_time", arm=key.arm, event_time=key.event_time)


def by_cohort(key: EffectKey) -> EffectKey | None:
    """Label of the average over the treated periods of a cohort."""
    return EffectKey(estimand="cohort", arm=key.arm, cohort=key.cohort) if _is_after(key) else None


def by_period(key: EffectKey) -> EffectKey | None:
    """Label of the average over cohorts treated by a period."""
    return EffectKey(estimand="calendar", arm=key.arm, period=key.period) if _is_after(key) else None


def balanced_by_event_time(cells: CellShares, n_after: int) -> Label:
    """Label by event time, of cohorts observed ``n_after`` periods after treatment or longer.

    Event times end there, and begin where the last of these cohorts may have its first period, so
    that averages differ by event time and not by cohort (Callaway and Sant'Anna 2021, equation 3.5).
    """
    known = [key.period for key in cells.known_keys() if key.period is not None]
    last = max(known, default=cells.first_period)

    def label(key: EffectKey) -> EffectKey | None:
        if key.cohort is None or key.event_time is None or last - key.cohort < n_after:
            return None
        is_inside = n_after - (last - cells.first_period) <= key.event_time <= n_after
        return by_event_time(key) if is_inside else None

    return label


def share_weighted(cells: CellShares, label: Label) -> Combination:
    """Average effects that share a label, weighted by cohort shares (equations 3.4 to 3.10).

    Raises
    ------
    IdentificationError
        When no effect with a label could be estimated.
    """
    members: dict[EffectKey, list[int]] = {}
    left_out: Counter[EffectKey] = Counter()
    for j, key in enumerate(cells.keys):
        target = label(key)
        if target is None:
            continue
        if np.isnan(cells.estimate[j]):
            left_out[target] += 1
        else:
            members.setdefault(target, []).append(j)
    if not members:
        raise IdentificationError(
            f"{cells.outcome}: no effect after treatment could be estimated; take the outcome out of the "
            "plan or of this design"
        )
    weight = np.zeros((len(cells.keys), len(members)))
    by_share = np.zeros((len(cells.share), len(members)))
    for column, js in enumerate(members.values()):
        weight[js, column], derivative = weights_of_shares(cells.share[cells.cohort[js]], cells.estimate[js])
        np.add.at(by_share[:, column], cells.cohort[js], derivative)
    return Combination(
        keys=tuple(members),
        weight=weight,
        by_share=by_share,
        n_left_out=np.array([left_out[key] for key in members], dtype=np.int64),
        lost={key: n for key, n in left_out.items() if key not in members},
    )


def weights_of_shares(share: Float1D, estimate: Float1D) -> tuple[Float1D, Float1D]:
    """Weights ``p / sum(p)``, and the derivative of ``sum(p a) / sum(p)`` in each ``p``."""
    total = share.sum()
    weight = share / total
    return weight, (estimate - weight @ estimate) / total


def average_of(kind: Average, cells: CellShares, *, balance_event_time: int | None) -> Combination:
    """Averages of one kind; where a kind has several, their overall average comes last, by arm.

    Every arm has one: NaN where none of its effects could be estimated.

    Raises
    ------
    ConfigError
        When there is no such kind.
    IdentificationError
        When no effect of any arm could be estimated.
    """
    if kind not in get_args(Average):
        raise ConfigError(f"average {kind!r}: {nearest(kind, get_args(Average))}")
    if kind == "simple":
        return share_weighted(cells, overall).with_lost_arms()
    if kind == "cohort":
        each = share_weighted(cells, by_cohort).with_lost_arms()
        return each.beside(_over_cohorts(cells, each))
    if kind == "calendar":
        each = share_weighted(cells, by_period).with_lost_arms()
        return each.beside(_plain_means(each, "calendar"))
    label = by_event_time if balance_event_time is None else balanced_by_event_time(cells, balance_event_time)
    if kind == "event_time":
        return share_weighted(cells, label).with_lost_arms()
    after = share_weighted(cells, lambda key: label(key) if _is_after(key) else None)
    return _plain_means(after.with_lost_arms(), "dynamic")


def _is_after(key: EffectKey) -> bool:
    return key.event_time is not None and key.event_time >= 0


def _by_arm(keys: Sequence[EffectKey]) -> dict[str | None, list[int]]:
    places: dict[str | None, list[int]] = {}
    for j, key in enumerate(keys):
        places.setdefault(key.arm, []).append(j)
    return places


def _plain_means(each: Combination, estimand: Literal["dynamic", "calendar"]) -> Combination:
    """Mean of the averages of each arm, all with the same weight."""
    places = _by_arm(each.keys)
    return Combination(
        keys=tuple(EffectKey(estimand=estimand, arm=arm) for arm in places),
        weight=np.column_stack([each.weight[:, js].mean(axis=1) for js in places.values()]),
        by_share=np.column_stack([each.by_share[:, js].mean(axis=1) for js in places.values()]),
        n_left_out=np.array([each.n_left_out_of(arm) for arm in places], dtype=np.int64),
    )


def _over_cohorts(cells: CellShares, each: Combination) -> Combination:
    """Mean of the cohorts' averages of each arm, weighted by the size of cohorts."""
    places = _by_arm(each.keys)
    estimate = np.nan_to_num(cells.estimate) @ each.weight
    cohort_of = {(key.arm, key.cohort): k for key, k in zip(cells.keys, cells.cohort, strict=True)}
    weight = np.zeros((len(cells.keys), len(places)))
    by_share = np.zeros((len(cells.share), len(places)))
    for column, (arm, js) in enumerate(places.items()):
        cohorts = [cohort_of[arm, each.keys[j].cohort] for j in js]
        share, by_share[cohorts, column] = weights_of_shares(cells.share[cohorts], estimate[js])
        weight[:, column] = each.weight[:, js] @ share
    return Combination(
        keys=tuple(EffectKey(estimand="cohort", arm=arm) for arm in places),
        weight=weight,
        by_share=by_share,
        n_left_out=np.array([each.n_left_out_of(arm) for arm in places], dtype=np.int64),
    )


def note_of_average(
    uses: Bool1D, n_left_out: int, n_treated: int, *, lone: Lone, is_fitted: Bool1D, what: str = "unit"
) -> str:
    """What there is to say of an average.

    Parameters
    ----------
    uses : (n_cells,)
        Effects averaged.
    n_left_out : int
        Effects that could not be estimated.
    n_treated : int
        Units on the treated side.
    lone : Lone
        Effects that rest on one unit or cluster.
    is_fitted : (n_cells,)
        Effects that something else fits exactly, so that their error is not known.
    what : str
        What a unit is.
    """
    n_used, n_fitted = int(uses.sum()), int((uses & is_fitted).sum())
    if not n_used:
        return f"none of {n_left_out} effects could be estimated"
    notes = []
    if n_left_out:
        notes.append(f"{n_left_out} of {n_used + n_left_out} effects could not be estimated and are left out")
    notes.append(lone.note(uses, what))
    if n_fitted:
        notes.append(f"{n_fitted} of {n_used} averaged effects fit one side exactly: {UNKNOWN}")
    if n_treated and not (uses & (lone.either | is_fitted)).any():
        notes.append(note_of_small_cohort(n_treated, what))
    return "; ".join(filter(None, notes))
