"""Average effect on each cohort in each period, from cross-sections of other people or firms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from impacteval.arrays import Bool1D, Float1D, Int1D
from impacteval.designs import GroupTimeDesign
from impacteval.effects import CellFacts, Effects
from impacteval.errors import IdentificationError
from impacteval.estimators.comparisons import (
    NO_WEIGHT,
    Cell,
    Cohort,
    cells_of,
    cohorts_of,
    note_of_size,
)
from impacteval.estimators.effect_sheet import (
    EffectSheet,
    Units,
    first_weight,
    method_of,
    reason_of,
    score_facts,
    weighted_mean,
)
from impacteval.estimators.notes import UNKNOWN, note_of_weightless
from impacteval.estimators.propensity import Sample
from impacteval.estimators.two_period import Contrast
from impacteval.estimators.two_sections import compare_sections
from impacteval.panel import Panel
from impacteval.sections import Sections, sections_of


def att_group_time_sections(sections: Sections, design: GroupTimeDesign) -> Effects:
    """Compare rows of a cohort and of its comparison, before and after.

    As ``att_group_time``, for repeated cross-sections whose composition does not change (Callaway
    and Sant'Anna 2021, Journal of Econometrics 225(2), appendix B). A row's covariates and weight
    are its own. ``missing`` plays no part: every row is complete.

    Parameters
    ----------
    sections : Sections
    design : TwoByTwo or CallawaySantAnna

    Returns
    -------
    Effects
        A unit is a row: ``unit_ids`` are those of the rows.

    Raises
    ------
    IdentificationError
        When a cohort has no period before its treatment, or nothing at all can be compared.
    """
    units = Units(ids=sections.row_ids, share_weight=sections.weight)
    owners = _Owners(unit=np.arange(sections.n_rows), units=units, n_in_panel=None)
    return _estimate(sections, owners, sections.periods, design)


def att_group_time_rows(panel: Panel, design: GroupTimeDesign) -> Effects:
    """Take the observed rows of a panel as cross-sections, with influence summed by unit."""
    sections, unit = sections_of(panel, design.covariates)
    cohorts = cohorts_of(panel.arm, panel.cohort, panel.treated_arms, panel.comparison_arm).known
    n_in_panel = {(c.arm, c.start): c.n_units for c in cohorts}
    units = Units(ids=panel.unit_ids, share_weight=first_weight(panel))
    owners = _Owners(unit=unit, units=units, n_in_panel=n_in_panel)
    return _estimate(sections, owners, panel.periods, design)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Owners:
    """To whom rows belong.

    Attributes
    ----------
    unit : (n_rows,)
        Position of each row's unit.
    units : Units
    n_in_panel : mapping, optional
        Units by arm and cohort, each of which could have a row in every period; None for
        cross-sections, which lack only those without weight.
    """

    unit: Int1D
    units: Units
    n_in_panel: Mapping[tuple[str, float], int] | None

    @property
    def what(self) -> str:
        """What a unit is."""
        return "row" if self.n_in_panel is None else "unit"

    def counted(self, cohorts: Sequence[Cohort]) -> tuple[Cohort, ...]:
        """Cohorts of rows with the number of their units, which cross-sections do not know."""
        if self.n_in_panel is None:
            return tuple(replace(c, what=self.what) for c in cohorts)
        return tuple(replace(c, n_units=self.n_in_panel[c.arm, c.start]) for c in cohorts)

    def n_dropped(self, cohorts: Sequence[Cohort], side: _Side) -> int:
        """How many rows units of some cohorts lack in a pair of periods."""
        if self.n_in_panel is None:
            return side.n_weightless
        return 2 * sum(c.n_units for c in cohorts) - len(side.rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Side:
    """Rows of one side of a comparison in its base period and in its period, by position.

    ``n_weightless`` more rows have the weight zero.
    """

    base: Int1D
    now: Int1D
    n_weightless: int

    @property
    def rows(self) -> Int1D:
        """Rows of both periods."""
        return np.concatenate([self.base, self.now])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Group:
    """Rows of one side in one period, by position, with what to call both."""

    rows: Int1D
    side: str
    when: str

    def lies_in_one(self, cluster: Int1D) -> bool:
        """Whether all rows are of one cluster, whose mean theirs then is."""
        of_group = cluster[self.rows]
        return bool((of_group == of_group[0]).all())


@dataclass(frozen=True, slots=True, kw_only=True)
class _Comparison:
    """Rows that a cell compares."""

    treated: _Side
    untreated: _Side

    @property
    def rows(self) -> Int1D:
        """All rows, by position, treated ones first."""
        return np.concatenate([self.treated.rows, self.untreated.rows])

    @property
    def is_treated(self) -> Bool1D:
        """Which of ``rows`` are treated."""
        return np.asarray(np.arange(len(self.rows)) < len(self.treated.rows))

    @property
    def n_weightless(self) -> tuple[int, int]:
        """Rows of both sides that have the weight zero."""
        return self.treated.n_weightless, self.untreated.n_weightless

    def groups(self) -> list[_Group]:
        """The four groups whose means or regressions are compared."""
        return [
            _Group(rows=rows, side=side, when=when)
            for side, of_side in (("treated", self.treated), ("comparison", self.untreated))
            for rows, when in ((of_side.base, "in the base period"), (of_side.now, "in the period"))
        ]


def _estimate(sections: Sections, owners: _Owners, periods: Int1D, design: GroupTimeDesign) -> Effects:
    cohorts = cohorts_of(sections.arm, sections.cohort, sections.treated_arms, sections.comparison_arm)
    known = owners.counted(cohorts.known)
    cells = cells_of(known, periods, design, name=sections.name)
    by_period = _rows_by_period(cohorts.code, np.searchsorted(periods, sections.period), len(periods))
    sheet = EffectSheet(cells, len(owners.units.ids))
    for j, cell in enumerate(cells):
        if cell.comparison:
            pair = _Comparison(
                treated=_side(by_period, (cell.cohort,), cell, sections.weight),
                untreated=_side(by_period, cell.comparison, cell, sections.weight),
            )
            contrast = _enter(sheet, j, pair, sections, owners, design)
            sheet.facts[j] = CellFacts(
                base_period=int(periods[cell.base]),
                n_treated=len(pair.treated.rows),
                n_comparison=len(pair.untreated.rows),
                n_treated_dropped=owners.n_dropped([known[cell.cohort]], pair.treated),
                n_comparison_dropped=owners.n_dropped([known[k] for k in cell.comparison], pair.untreated),
                **score_facts(contrast, pair.is_treated),
            )
    return sheet.effects(sections.name, owners.units, known, periods, design=design)


def _rows_by_period(code: Int1D, column: Int1D, n_periods: int) -> list[list[Int1D]]:
    """Positions of rows by cohort and period."""
    joint = code * n_periods + column
    n_cohorts = int(code.max()) + 1
    order = np.argsort(joint, kind="stable")
    ends = np.cumsum(np.bincount(joint, minlength=n_cohorts * n_periods))[:-1]
    parts = np.split(order, ends)
    return [parts[k * n_periods : (k + 1) * n_periods] for k in range(n_cohorts)]


def _side(by_period: list[list[Int1D]], cohorts: Sequence[int], cell: Cell, weight: Float1D) -> _Side:
    """Rows of some cohorts that have weight."""
    found = [np.concatenate([by_period[k][at] for k in cohorts]) for at in (cell.base, cell.column)]
    base, now = (rows[weight[rows] > 0] for rows in found)
    return _Side(base=base, now=now, n_weightless=sum(map(len, found)) - len(base) - len(now))


def _enter(
    sheet: EffectSheet,
    j: int,
    pair: _Comparison,
    sections: Sections,
    owners: _Owners,
    design: GroupTimeDesign,
) -> Contrast | None:
    """Estimate a cell and enter it in the sheet; None where it cannot be estimated."""
    contrast, unit, rows = None, owners.unit, pair.rows
    sheet.enter_sides(j, unit[pair.treated.rows], unit[pair.untreated.rows])
    sheet.n_obs[j] = len(rows)
    base = pair.treated.base
    sheet.baseline_mean[j] = weighted_mean(sections.outcome[base], sections.weight[base])
    reason = _why_not_estimable(pair, owners.what)
    if not reason:
        try:
            contrast = _compare(pair, sections, design)
        except IdentificationError as error:
            reason = reason_of(error, design.covariates, what="row")
    if contrast is not None:
        sheet.estimate[j] = contrast.estimate[0]
        scaled = contrast.influence[:, 0] * (len(owners.units.ids) / len(rows))
        np.add.at(sheet.influence[j], unit[rows], scaled)
        reason = _enter_unknown(sheet, j, pair, contrast, sections.cluster)
    lost = note_of_weightless(*pair.n_weightless, what="row")
    sheet.notes[j] = "; ".join(
        filter(None, (reason or note_of_size(*sheet.n_sides(j), what=owners.what), lost))
    )
    return contrast


def _compare(pair: _Comparison, sections: Sections, design: GroupTimeDesign) -> Contrast:
    rows = pair.rows
    columns = [sections.covariates[name][rows] for name in design.covariates]
    sample = Sample(
        treated=pair.is_treated,
        x=np.column_stack([np.ones(len(rows)), *columns]),
        weight=sections.weight[rows],
    )
    is_now = np.concatenate(
        [np.arange(len(side.rows)) >= len(side.base) for side in (pair.treated, pair.untreated)]
    )
    return compare_sections(
        sections.outcome[rows, None],
        sample,
        is_now,
        method=method_of(design),
        highest_score=design.highest_score,
    )


def _why_not_estimable(pair: _Comparison, what: str) -> str:
    """Which group has no row; empty where all have one."""
    empty = next((group for group in pair.groups() if not len(group.rows)), None)
    if empty is None:
        return ""
    side = pair.treated if empty.side == "treated" else pair.untreated
    if side.n_weightless and not len(side.rows):
        return NO_WEIGHT.format(side=empty.side, what=what)
    return f"no {empty.side} row{' with a positive weight' if side.n_weightless else ''} {empty.when}"


def _enter_unknown(sheet: EffectSheet, j: int, pair: _Comparison, contrast: Contrast, cluster: Int1D) -> str:
    """Take out the influence of an estimate whose error is not known and say why; empty where it is."""
    groups, n_sides = pair.groups(), sheet.n_sides(j)
    alone = next((group for group in groups if len(group.rows) == 1), None)
    lone = next((group for group in groups if group.lies_in_one(cluster)), None)
    if alone is not None:
        reason = f"one {alone.side} row {alone.when}: its error is not known"
    elif min(n_sides) == 1:
        reason = note_of_size(*n_sides)
    elif lone is not None:
        sheet.in_one_cluster[j] = True
        reason = f"all {lone.side} rows {lone.when} lie in one cluster: {UNKNOWN}"
    else:
        sheet.is_fitted[j], reason = bool(contrast.note), contrast.note
    if reason:
        sheet.influence[j] = np.nan
    return reason
