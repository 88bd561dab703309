"""What results say of data that took no part in them, and of effects that rest on too little of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from impacteval.arrays import Bool1D, Bool2D, Int1D, count_true
from impacteval.effects import EffectKey
from impacteval.panel import Panel

UNKNOWN = "the error is not known"


def counted(n: int, one: str, many: str = "") -> str:
    """Number and noun; ``many`` is the plural where that is more than an s."""
    return f"{n} {one if n == 1 else many or one + 's'}"


def in_brackets(reason: str) -> str:
    """A reason behind what it explains; nothing where there is none."""
    return f" ({reason})" if reason else ""


def noted(keys: Sequence[EffectKey], notes: Sequence[str]) -> tuple[EffectKey, ...]:
    """Add a note to each key, after what it says already."""
    return tuple(
        replace(key, note="; ".join(filter(None, [key.note, note])))
        for key, note in zip(keys, notes, strict=True)
    )


def weightless_units(panel: Panel) -> Bool1D:
    """Units with the outcome that have weight zero wherever they have it, (n_units,)."""
    observed = ~np.isnan(panel.outcome)
    return np.asarray(
        (observed & (panel.weight == 0)).any(axis=1) & ~(observed & (panel.weight > 0)).any(axis=1)
    )


def note_of_weightless(n_treated: int, n_comparison: int, what: str = "unit") -> str:
    """Count what takes no part for its weight of zero; empty for nothing."""
    counts = {f"treated {what}": n_treated, f"comparison {what}": n_comparison}
    return "; ".join(
        f"{counted(n, name)} with weight zero {'takes' if n == 1 else 'take'} no part"
        for name, n in counts.items()
        if n
    )


def note_of_one(n_treated: int, n_comparison: int, what: str = "unit") -> str:
    """Say that a side of one unit, or row, leaves the error unknown; empty where none is."""
    if 1 not in (n_treated, n_comparison):
        return ""
    side = "treated" if n_treated == 1 else "comparison"
    return f"one {side} {what}: its error is not known"


def weight_note(panel: Panel, among: Bool1D | None = None) -> str:
    """Count the treated and comparison units without weight, of all or some units; empty: none."""
    lost = weightless_units(panel)
    if among is not None:
        lost = lost & among
    is_comparison = panel.in_arm(panel.comparison_arm)
    return note_of_weightless(int((lost & ~is_comparison).sum()), int((lost & is_comparison).sum()))


def weight_notes(panel: Panel, keys: Sequence[EffectKey]) -> list[str]:
    """Count for each effect the treated units without weight that it is about, and comparison units."""
    lost = weightless_units(panel)
    if not lost.any():
        return [""] * len(keys)
    is_comparison = panel.in_arm(panel.comparison_arm)
    return [weight_note(panel, lost & (is_comparison | is_about(panel, key))) for key in keys]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lone:
    """Effects that an estimator fits exactly on one side, so that nothing is known of their error.

    The mean of one unit, or of one cluster, fits it: its influence vanishes, although its sampling
    error does not. An average over such effects misses their part of its variance.

    Attributes
    ----------
    on_one_unit, on_one_cluster : (n_effects,)
        None is in both.
    """

    on_one_unit: Bool1D
    on_one_cluster: Bool1D

    @property
    def either(self) -> Bool1D:
        """Effects whose error is not known, (n_effects,)."""
        return np.asarray(self.on_one_unit | self.on_one_cluster)

    def note(self, uses: Bool1D, what: str = "unit") -> str:
        """What an average over some effects, (n_effects,), says of those among them; empty: nothing."""
        n_either, n_unit, n_used = (
            np.count_nonzero(flags & uses) for flags in (self.either, self.on_one_unit, uses)
        )
        if not n_either:
            return ""
        some = f", {n_unit} of them on one {what}" if 0 < n_unit < n_either else ""
        coarsest = what if n_unit == n_either else "cluster"
        return f"{n_either} of {n_used} averaged effects rest on one {coarsest}{some}: {UNKNOWN}"


def lone_effects(sides: Sequence[Bool2D], cluster: Int1D) -> Lone:
    """Effects one of whose sides, (n_units, n_effects) each, is one unit or lies in one cluster."""
    on_unit = np.any([count_true(side) == 1 for side in sides], axis=0)
    on_cluster = np.any([_lies_in_one(side, cluster) for side in sides], axis=0)
    return Lone(on_one_unit=on_unit, on_one_cluster=on_cluster & ~on_unit)


def _lies_in_one(side: Bool2D, cluster: Int1D) -> Bool1D:
    found = np.zeros(side.shape[1], dtype=np.bool_)
    for j, column in enumerate(side.T):
        first, last = column.argmax(), len(column) - 1 - column[::-1].argmax()
        # Most sides end in another cluster than they begin, which is soon found.
        if column[first] and cluster[first] == cluster[last]:
            found[j] = (cluster[column] == cluster[first]).all()
    return found


def is_about(panel: Panel, key: EffectKey) -> Bool1D:
    """Units with the outcome in a cell that an effect averages, (n_units,)."""
    cells = ~np.isnan(panel.outcome) & panel.in_arm(str(key.arm))[:, None]
    if key.cohort is not None:
        cells &= (panel.cohort == key.cohort)[:, None]
    if key.event_time is None:
        cells &= panel.is_treated
    else:
        cells &= panel.periods[None, :] - panel.cohort[:, None] == key.event_time
    return np.asarray(cells.any(axis=1))
