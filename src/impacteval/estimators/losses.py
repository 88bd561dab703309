"""Cells that a regression can use, and what it cannot use of those observed, with counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from impacteval.arrays import Bool2D, Float2D
from impacteval.estimators.notes import counted, weight_note, weightless_units
from impacteval.panel import Panel


@dataclass(frozen=True, slots=True, kw_only=True)
class Usable:
    """Cells used, (n_units, n_periods), and what was left out."""

    cells: Bool2D
    notes: tuple[str, ...]


def usable_cells(
    panel: Panel, needed: Mapping[str, Float2D], *, keep: Bool2D | None = None, absorb_units: bool
) -> Usable:
    """Cells with the outcome, a weight and all that is needed, among those to keep.

    Parameters
    ----------
    needed : mapping
        What is said of a cell without it, to values, (n_units, n_periods) or (n_units, 1).
    keep : (n_units, n_periods)
        Cells that may be used; all unless given.
    absorb_units : bool
        Whether units with one cell are left out too: their unit effect takes it up.
    """
    cells = ~np.isnan(panel.outcome)
    if keep is not None:
        cells = cells & keep
    weighted = cells & (panel.weight > 0)
    without = cells & ~weighted & ~weightless_units(panel)[:, None]
    notes = [
        weight_note(panel, np.asarray(cells.any(axis=1))),
        _left_out(without, "weight zero or missing"),
    ]
    cells = weighted
    for reason, values in needed.items():
        lacking = cells & np.isnan(values)
        notes.append(_left_out(lacking, reason))
        cells = cells & ~lacking
    if absorb_units:
        once = cells.sum(axis=1) == 1
        if once.any():
            units = counted(int(once.sum()), "unit observed once is", "units observed once are")
            notes.append(f"{units} left out: a unit effect takes it up")
            cells = cells & ~once[:, None]
    return Usable(cells=cells, notes=tuple(filter(None, notes)))


def _left_out(lost: Bool2D, reason: str) -> str:
    n_cells = int(lost.sum())
    if not n_cells:
        return ""
    units = counted(int(lost.any(axis=1).sum()), "unit")
    return f"{counted(n_cells, 'cell')} of {units} {'is' if n_cells == 1 else 'are'} left out: {reason}"
