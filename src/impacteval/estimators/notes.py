"""What results say of data that took no part in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from impacteval.arrays import Bool1D
from impacteval.effects import EffectKey
from impacteval.panel import Panel


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


def weight_note(panel: Panel, among: Bool1D | None = None) -> str:
    """Count the treated and comparison units without weight, of all or some units; empty: none."""
    lost = weightless_units(panel)
    if among is not None:
        lost = lost & among
    is_comparison = panel.in_arm(panel.comparison_arm)
    counts = {"treated": int((lost & ~is_comparison).sum()), "comparison": int((lost & is_comparison).sum())}
    return "; ".join(
        f"{counted(n, f'{side} unit')} with weight zero {'takes' if n == 1 else 'take'} no part"
        for side, n in counts.items()
        if n
    )


def weight_notes(panel: Panel, keys: Sequence[EffectKey]) -> list[str]:
    """Count for each effect the treated units without weight that it is about, and comparison units."""
    lost = weightless_units(panel)
    if not lost.any():
        return [""] * len(keys)
    is_comparison = panel.in_arm(panel.comparison_arm)
    return [weight_note(panel, lost & (is_comparison | _is_about(panel, key))) for key in keys]


def _is_about(panel: Panel, key: EffectKey) -> Bool1D:
    """Units with the outcome in a cell that an effect averages, (n_units,)."""
    cells = ~np.isnan(panel.outcome) & panel.in_arm(str(key.arm))[:, None]
    if key.cohort is not None:
        cells &= (panel.cohort == key.cohort)[:, None]
    if key.event_time is None:
        cells &= panel.is_treated
    else:
        cells &= panel.periods[None, :] - panel.cohort[:, None] == key.event_time
    return np.asarray(cells.any(axis=1))
