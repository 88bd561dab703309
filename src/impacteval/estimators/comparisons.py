"""Which cohort is compared with which others, in which pair of periods."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from impacteval.arrays import Float1D, Int1D, Text1D
from impacteval.designs import GroupTimeDesign
from impacteval.effects import EffectKey
from impacteval.errors import IdentificationError
from impacteval.estimators.notes import counted, note_of_one
from impacteval.panel import NEVER_TREATED

# The error of a mean of few units is estimated too small and too badly: with normal outcomes a nominal
# 95% interval covers 92% of the time with ten treated units, 87% with five, 64% with two (docs/methods.md).
SMALL_COHORT = 10
NO_TREATED = "no treated unit is observed in both periods"
NO_COMPARISON = "no comparison unit is observed in both periods"
NO_WEIGHT = "no {side} {what} with a positive weight; nothing can be compared"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cohort:
    """Units of one arm first treated in one period; ``start`` is ``NEVER_TREATED`` for the rest.

    ``what`` is what ``n_units`` counts: rows, where these are cross-sections.
    """

    arm: str
    start: float
    n_units: int
    what: str = "unit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cohorts:
    """Units by arm and cohort.

    Attributes
    ----------
    known : (n_cohorts,)
        By arm and start.
    code : (n_units,)
        Position of each unit's cohort.
    members : (n_cohorts,)
        Positions of each cohort's units, rising.
    """

    known: tuple[Cohort, ...]
    code: Int1D
    members: tuple[Int1D, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One cohort in one period: positions of the cohort, its comparison and both periods.

    An empty ``comparison`` says that the cell cannot be estimated, for the reason in ``note``.
    """

    cohort: int
    column: int
    base: int
    comparison: tuple[int, ...]
    note: str

    @property
    def earlier(self) -> int:
        """Position of the earlier of the two periods, whose covariates and weights are used."""
        return min(self.column, self.base)


def cohorts_of(arm: Text1D, start: Float1D, treated_arms: Sequence[str], comparison_arm: str) -> Cohorts:
    """Sort units, or rows, by arm and period of first treatment.

    Parameters
    ----------
    arm, start : (n_units,)
    treated_arms : sequence of str
        Arms but the comparison's.
    """
    starts, at = np.unique(start, return_inverse=True)
    arms = [*treated_arms, comparison_arm]
    of_arm = np.full(len(arm), len(arms) - 1, dtype=np.int64)
    if len(treated_arms) == 1:
        of_arm[start != NEVER_TREATED] = 0
    else:
        for position, name in enumerate(treated_arms):
            of_arm[arm == name] = position
    joint = of_arm * len(starts) + at
    sizes = np.bincount(joint, minlength=len(arms) * len(starts))
    present = np.nonzero(sizes)[0]
    place = np.zeros(len(sizes), dtype=np.int64)
    place[present] = np.arange(len(present))
    code = place[joint]
    order = order_by_code(code, len(present))
    known = tuple(
        Cohort(arm=arms[k // len(starts)], start=float(starts[k % len(starts)]), n_units=int(sizes[k]))
        for k in present
    )
    return Cohorts(known=known, code=code, members=tuple(np.split(order, np.cumsum(sizes[present])[:-1])))


def order_by_code(code: Int1D, n_codes: int) -> Int1D:
    """Positions sorted by code, those of a code in rising order.

    Codes of 16 bits or fewer are sorted by radix, which is fast.
    """
    return np.argsort(code.astype(np.min_scalar_type(max(n_codes - 1, 0))), kind="stable")


def cells_of(
    cohorts: Sequence[Cohort], periods: Int1D, design: GroupTimeDesign, *, name: str
) -> tuple[Cell, ...]:
    """List the comparisons of a design: each treated cohort in each period but its base.

    The base period is the last before ``start - anticipation``. With a varying base, periods before
    treatment are compared with the one before each. Cohorts whose treatment (and anticipation)
    begins after the last period are untreated throughout and stand beside the never-treated.
    Where no such unit exists and not-yet-treated ones are compared with, the cohort treated last
    serves as comparison only, and periods from its treatment on have nothing to compare with.

    Parameters
    ----------
    periods : (n_periods,)
        Rising.
    name : str
        Of the outcome, for messages.

    Raises
    ------
    IdentificationError
        When a cohort has no period before its treatment, or none is treated within the periods.
    """
    is_untreated = [c.start > periods[-1] + design.anticipation for c in cohorts]
    treated = [k for k in range(len(cohorts)) if not is_untreated[k]]
    _refuse_always_treated([cohorts[k] for k in treated], periods, design, name)
    if not treated:
        raise IdentificationError(
            f"{name}: no unit is treated in periods {periods[0]} to {periods[-1]}; add later periods or take "
            "the outcome out of the plan"
        )
    last = NEVER_TREATED if any(is_untreated) else max(cohorts[k].start for k in treated)
    cells = []
    for k in treated:
        is_last = cohorts[k].start == last and design.control_group == "not_yet_treated"
        for column, base in _pairs(cohorts[k].start, periods, design):
            comparison = (
                () if is_last else _comparison(cohorts, is_untreated, k, (column, base), periods, design)
            )
            cells.append(
                Cell(
                    cohort=k,
                    column=column,
                    base=base,
                    comparison=comparison,
                    note=_note(cohorts[k], is_last, comparison),
                )
            )
    return tuple(cells)


def _refuse_always_treated(
    treated: Sequence[Cohort], periods: Int1D, design: GroupTimeDesign, name: str
) -> None:
    early = [c for c in treated if _base(c.start, periods, design.anticipation) < 0]
    if early:
        found = ", ".join(
            f"cohort {c.start:.0f} of arm {c.arm!r} has no period before its treatment "
            f"({counted(c.n_units, c.what)})"
            for c in early
        )
        anticipation = f" and its anticipation of {design.anticipation}" if design.anticipation else ""
        raise IdentificationError(
            f"{name}: {found}{anticipation}; drop these units from the study or add a period before "
            f"{periods[0]}"
        )


def _base(start: float, periods: Int1D, anticipation: int) -> int:
    return int(np.searchsorted(periods, start - anticipation)) - 1


def _pairs(start: float, periods: Int1D, design: GroupTimeDesign) -> list[tuple[int, int]]:
    """Pairs of period and base period of a cohort, by position."""
    base = _base(start, periods, design.anticipation)
    if design.base_period == "universal":
        return [(t, base) for t in range(len(periods)) if t != base]
    return [(t, base if periods[t] >= start else t - 1) for t in range(1, len(periods))]


def _comparison(
    cohorts: Sequence[Cohort],
    is_untreated: Sequence[bool],
    own: int,
    pair: tuple[int, int],
    periods: Int1D,
    design: GroupTimeDesign,
) -> tuple[int, ...]:
    """Cohorts that stand for the absence of treatment in a pair of periods."""
    if design.control_group == "never_treated":
        return tuple(k for k, untreated in enumerate(is_untreated) if untreated)
    until = periods[max(pair)] + design.anticipation
    return tuple(
        k
        for k, cohort in enumerate(cohorts)
        if is_untreated[k] or (cohort.start > until and cohort.start != cohorts[own].start)
    )


def _note(cohort: Cohort, is_last: bool, comparison: tuple[int, ...]) -> str:
    if is_last:
        return f"cohort {cohort.start:.0f} is treated last and nobody never: it serves as comparison only"
    return "" if comparison else NO_COMPARISON


def key_of(cell: Cell, cohorts: Sequence[Cohort], periods: Int1D, note: str) -> EffectKey:
    """Key of a cell's effect."""
    cohort, period = int(cohorts[cell.cohort].start), int(periods[cell.column])
    return EffectKey(
        estimand="att_gt",
        arm=cohorts[cell.cohort].arm,
        cohort=cohort,
        period=period,
        event_time=period - cohort,
        note=note,
    )


def note_of_size(
    n_treated: int, n_comparison: int, *, n_weightless: tuple[int, int] = (0, 0), what: str = "unit"
) -> str:
    """What the numbers of units, or rows, on both sides mean for an estimate and its error.

    ``n_weightless`` are those that would be there but for their weight of zero.
    """
    if n_treated == 0:
        return NO_WEIGHT.format(side="treated", what=what) if n_weightless[0] else NO_TREATED
    if n_comparison == 0:
        return NO_WEIGHT.format(side="comparison", what=what) if n_weightless[1] else NO_COMPARISON
    if n_treated + n_comparison <= 2:
        return f"one treated and one comparison {what}: no error can be computed"
    return note_of_one(n_treated, n_comparison, what) or note_of_small_cohort(n_treated, what)


def note_of_small_cohort(n_treated: int, what: str = "unit") -> str:
    """Warning of intervals that rest on few treated units, or rows; empty for others."""
    if n_treated >= SMALL_COHORT:
        return ""
    treated = counted(n_treated, f"treated {what}")
    return f"{treated}: nominal intervals cover too little; use randomisation inference"


def note_of_late_cohorts(cohorts: Sequence[Cohort], periods: Int1D, anticipation: int) -> str:
    """Say which treated units are taken as never treated; empty where none are."""
    late = [c for c in cohorts if periods[-1] + anticipation < c.start < NEVER_TREATED]
    if not late:
        return ""
    found = ", ".join(f"{c.n_units} of cohort {c.start:.0f}" for c in late)
    return f"{late[0].what}s treated after the last period ({found}) are taken as never treated"
