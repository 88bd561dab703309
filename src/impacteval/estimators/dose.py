"""Effects by how much treatment a unit got, against units that got none."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from impacteval.arrays import Bool1D, Float1D, Int1D
from impacteval.designs import CallawaySantAnna, Dose
from impacteval.effects import EffectKey, Effects, joint
from impacteval.errors import DataError, IdentificationError
from impacteval.estimators.aggregate import aggregate, by_event_time, overall
from impacteval.estimators.dose_slope import average_slope
from impacteval.estimators.group_time import att_group_time
from impacteval.estimators.notes import counted, noted
from impacteval.estimators.subgroups import within
from impacteval.panel import NEVER_TREATED, Panel

# Each distinct dose is a comparison of its own, with a column of influence for every period.
MOST_DOSES = 1000
Scalar = TypeVar("Scalar", bound=np.generic)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Group:
    """Treated units of one arm in one range of doses."""

    arm: str
    term: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """Units whose dose is known.

    Attributes
    ----------
    place : (n_known,)
        Positions in the panel that was asked about.
    panel : Panel
        These units only.
    dose : (n_known,)
        Zero for comparison units.
    note : mapping
        Counts the units left out, by arm.
    """

    place: Int1D
    panel: Panel
    dose: Float1D
    note: dict[str, str]


def dose_effects(panel: Panel, design: Dose) -> Effects:
    """Compare units of each dose with units that got none, and slope effects on dose.

    Under parallel trends between a dose and none, the effect of dose d is the average effect of d
    on those who got d, ATT(d|d). Differences between doses are effects of dose only under strong
    parallel trends, on which the slope rests (Callaway, Goodman-Bacon and Sant'Anna 2024, NBER
    working paper 32117, section 3).

    Parameters
    ----------
    panel : Panel
        Holds the column ``design.dose``; treated units that lack it are left out and counted.
    design : Dose

    Returns
    -------
    Effects
        By arm and dose (``term``): ``att_dose``, the average over cohorts and periods from treatment
        on, weighted by the size of cohorts, and ``event_time``; with ``design.slope`` also
        ``average_slope`` by arm, in units of the outcome per unit of dose.

    Raises
    ------
    ConfigError
        When a slope is asked for with covariates and another method than ``reg``.
    DataError
        When doses vary within units, are not above 0 for treated units or not 0 for others.
    IdentificationError
        When nothing can be compared.
    """
    known = _units_of_known_dose(panel, design)
    groups, by_dose = _panel_by_dose(known, design)
    cells = att_group_time(by_dose, _group_time_design(design))
    parts = [
        aggregate(cells, by_dose, overall),
        _not_estimable(cells),
        aggregate(cells, by_dose, by_event_time),
    ]
    effects = [_relabel(part, groups) for part in parts]
    if design.slope:
        effects.append(average_slope(known.panel, design, _group_time_design(design), known.dose))
    return _on_panel(joint(effects), panel, known, design)


def _group_time_design(design: Dose) -> CallawaySantAnna:
    return CallawaySantAnna(
        name=design.name,
        label=design.label,
        covariates=design.covariates,
        control_group=design.control_group,
        base_period="universal",
        anticipation=design.anticipation,
        method=design.method,
    )


def _units_of_known_dose(panel: Panel, design: Dose) -> _Known:
    treated = panel.cohort < NEVER_TREATED
    dose = _doses(panel, design, treated)
    is_known = ~np.isnan(dose)
    if not (treated & is_known).any():
        raise IdentificationError(
            f"{panel.name}: the dose {design.dose!r} is not known of any of {treated.sum()} treated units; "
            f"record it or take {design.name!r} out of the plan"
        )
    lacking = {arm: int((panel.in_arm(arm) & ~is_known).sum()) for arm in panel.treated_arms}
    note = {
        arm: f"{counted(n, 'treated unit is', 'treated units are')} left out: the dose is not known"
        if n
        else ""
        for arm, n in lacking.items()
    }
    return _Known(
        place=np.flatnonzero(is_known), panel=within(panel, is_known), dose=dose[is_known], note=note
    )


def _doses(panel: Panel, design: Dose, treated: Bool1D) -> Float1D:
    """Dose of each unit; 0 for comparison units, NaN for treated ones of unknown dose."""
    values = panel.covariates[design.dose]
    low = np.where(np.isnan(values), np.inf, values).min(axis=1)
    high = np.where(np.isnan(values), -np.inf, values).max(axis=1)
    unknown = low > high
    _refuse(panel, design, (low < high), "has several doses; give each unit the dose it had in the end")
    _refuse(panel, design, treated & ~unknown & (low <= 0), "is treated with a dose of 0 or less; correct it")
    _refuse(
        panel, design, ~treated & ~unknown & (low != 0), "is in the comparison and has a dose; correct it"
    )
    return np.where(treated, np.where(unknown, np.nan, low), 0.0)


def _refuse(panel: Panel, design: Dose, wrong: Bool1D, what: str) -> None:
    if wrong.any():
        first = ", ".join(str(u) for u in panel.unit_ids[wrong][:5])
        raise DataError(f"column {design.dose}: {wrong.sum()} units, of whom each {what} (first: {first})")


def _panel_by_dose(known: _Known, design: Dose) -> tuple[dict[str, _Group], Panel]:
    """Make an arm of each arm and range of doses, named so that they sort by dose."""
    panel = known.panel
    treated = panel.cohort < NEVER_TREATED
    code, terms = _ranges(known.dose, treated, design)
    suffix = np.char.add(" ", np.char.zfill(code.astype(np.str_), 6))
    names = np.where(treated, np.char.add(panel.arm, suffix), panel.arm)
    first = np.unique(names, return_index=True)[1]
    groups = {str(names[i]): _Group(arm=str(panel.arm[i]), term=terms[code[i]]) for i in first if treated[i]}
    return groups, replace(panel, arm=names)


def _ranges(dose: Float1D, treated: Bool1D, design: Dose) -> tuple[Int1D, list[str]]:
    """Position of each unit's range of doses, and the names of ranges.

    A dose belongs to the last cut not above it; doses below the first cut are a range of their own.
    """
    cuts = np.array(design.cuts)
    if len(cuts):
        edges = [_text(c) for c in (0.0, *cuts)]
        terms = [f"dose={low}-{high}" for low, high in pairwise(edges)]
        return np.searchsorted(cuts, dose, side="right"), [*terms, f"dose={edges[-1]}+"]
    distinct = np.unique(dose[treated])
    if len(distinct) > MOST_DOSES:
        raise IdentificationError(
            f"design {design.name!r}: {len(distinct)} distinct values of {design.dose!r}, most of few "
            "units; set `cuts` to compare ranges of doses"
        )
    return np.searchsorted(distinct, dose), [f"dose={_text(d)}" for d in distinct]


def _text(dose: float) -> str:
    return np.format_float_positional(dose, trim="-")


def _not_estimable(cells: Effects) -> Effects:
    """One NaN effect for each dose of which no period from treatment on could be compared."""
    after = [j for j, key in enumerate(cells.keys) if overall(key) is not None]
    found = {cells.keys[j].arm for j in after if not np.isnan(cells.estimate[j])}
    first = {cells.keys[j].arm: j for j in reversed(after) if cells.keys[j].arm not in found}
    js = sorted(first.values())
    return replace(
        cells,
        keys=tuple(EffectKey(estimand="simple", arm=cells.keys[j].arm, note=cells.keys[j].note) for j in js),
        estimate=cells.estimate[js],
        influence=cells.influence[:, js],
        in_sample=cells.in_sample[:, js],
        treated_side=cells.treated_side[:, js],
        comparison_side=cells.comparison_side[:, js],
        n_obs=cells.n_obs[js],
        baseline_mean=cells.baseline_mean[js],
        cells=(),
    )


def _relabel(effects: Effects, groups: dict[str, _Group]) -> Effects:
    """Say arm and dose of effects whose arms are those of ``_panel_by_dose``."""
    keys = []
    for key in effects.keys:
        group = groups[str(key.arm)]
        estimand = "att_dose" if key.estimand == "simple" else key.estimand
        keys.append(replace(key, estimand=estimand, arm=group.arm, term=group.term))
    return replace(effects, keys=tuple(keys))


def _on_panel(effects: Effects, panel: Panel, known: _Known, design: Dose) -> Effects:
    """Put effects of the units of known dose on all units, with the count of the others."""

    def wide(values: npt.NDArray[Scalar]) -> npt.NDArray[Scalar]:
        found = np.zeros((panel.n_units, values.shape[1]), dtype=values.dtype)
        found[known.place] = values
        return found

    return replace(
        effects,
        estimator=design.estimator,
        keys=noted(effects.keys, [known.note[str(key.arm)] for key in effects.keys]),
        unit_ids=panel.unit_ids,
        influence=wide(effects.influence) * (panel.n_units / len(known.place)),
        in_sample=wide(effects.in_sample),
        treated_side=wide(effects.treated_side),
        comparison_side=wide(effects.comparison_side),
    )
