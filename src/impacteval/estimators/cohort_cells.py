"""Cohorts of an arm by subgroup and period, of a regression in which each has its own effect."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from impacteval.arrays import Bool1D, Bool2D, Float1D, Float2D, Int1D
from impacteval.designs import REFERENCE_EVENT_TIME
from impacteval.effects import EffectKey
from impacteval.errors import IdentificationError
from impacteval.estimators.notes import counted
from impacteval.estimators.rows import Model, Term, weight_by_group
from impacteval.panel import Panel


@dataclass(frozen=True, slots=True, kw_only=True)
class CohortCells:
    """Cells of a cohort, subgroup and period that have units, but those of event time -1.

    Attributes
    ----------
    terms : (n_cells,)
        Indicators.
    cohort, period, weight : (n_cells,)
        Weight is that of the units.
    inside : (n_cells,)
        Whether units have the subgroup.
    n_units : mapping
        Units of each cohort.
    """

    terms: tuple[Term, ...]
    cohort: Float1D
    period: Int1D
    weight: Float1D
    inside: Bool1D
    n_units: dict[float, int]

    @property
    def after(self) -> Bool1D:
        """Whether a cell is treated, (n_cells,)."""
        return np.asarray(self.period >= self.cohort)

    @property
    def is_partner(self) -> Bool2D:
        """Pairs of cells of one cohort and period and of different subgroups, (n_cells, n_cells)."""
        same = (self.cohort[:, None] == self.cohort) & (self.period[:, None] == self.period)
        return np.asarray(same & (self.inside[:, None] != self.inside))

    @property
    def has_partner(self) -> Bool1D:
        """Whether the other subgroup has the cell too, (n_cells,)."""
        return np.asarray(self.is_partner.any(axis=1))

    def left_out(self, subgroup: str) -> list[str]:
        """What a comparison of subgroups cannot use."""
        with_both = np.unique(self.cohort[self.has_partner])
        single = np.setdiff1d(self.cohort[self.after], with_both)
        notes = []
        if len(single):
            cohorts = counted(len(single), "cohort has", "cohorts have")
            units = counted(sum(self.n_units[float(c)] for c in single), "unit")
            notes.append(f"{cohorts} units of one value of {subgroup} only: {units} left out")
        n_cells = int((self.after & ~self.has_partner & np.isin(self.cohort, with_both)).sum())
        if n_cells:
            cells = counted(n_cells, "period of a cohort is", "periods of cohorts are")
            notes.append(f"{cells} left out: one value of {subgroup} only is observed")
        return notes


def cohort_cells(panel: Panel, model: Model, arm: str, subgroup: str) -> CohortCells:
    """Cells of an arm's cohorts by a subgroup that is 0 or 1.

    Raises
    ------
    IdentificationError
        When a cohort's units of a subgroup are not observed one period before treatment.
    """
    groups, inside = model.groups, model.groups.columns[subgroup] == 1
    weight = weight_by_group(panel, model)
    of_arm = (groups.arm == arm) & (weight.sum(axis=1) > 0)
    cohorts = np.unique(groups.cohort[of_arm])
    found = [
        cell
        for cohort in cohorts
        for value in (False, True)
        for cell in _cells_of(
            panel,
            weight * (of_arm & (groups.cohort == cohort) & (inside == value))[:, None],
            (arm, float(cohort), f"{subgroup} = {value:d}"),
        )
    ]
    used = panel.in_arm(arm) & model.cells.any(axis=1)
    return CohortCells(
        terms=tuple(found),
        cohort=np.array([term.key.cohort for term in found if term.key], dtype=np.float64),
        period=np.array([term.key.period for term in found if term.key], dtype=np.int64),
        weight=np.array([float(weight[term.values > 0].sum()) for term in found]),
        inside=np.array([bool(term.values[inside].any()) for term in found]),
        n_units={float(c): int((used & (panel.cohort == c)).sum()) for c in cohorts},
    )


def _cells_of(panel: Panel, weight: Float2D, who: tuple[str, float, str]) -> list[Term]:
    """Indicators of the periods in which a cohort's units of one subgroup have weight, but event time -1."""
    arm, cohort, value = who
    columns = np.flatnonzero(weight.sum(axis=0) > 0)
    before = panel.periods[columns] == cohort + REFERENCE_EVENT_TIME
    if len(columns) and not before.any():
        raise IdentificationError(
            f"{panel.name}: no unit of cohort {cohort:.0f}, arm {arm}, with {value} is observed one period "
            "before its treatment; take the outcome out of this design"
        )
    return [
        Term(
            key=EffectKey(
                estimand="att_gt", arm=arm, term=value, cohort=int(cohort), period=int(panel.periods[t])
            ),
            name=f"cohort {cohort:.0f} in period {panel.periods[t]}, arm {arm}, with {value}",
            values=((weight > 0) & (np.arange(len(panel.periods)) == t)).astype(np.float64),
        )
        for t in columns[~before]
    ]
