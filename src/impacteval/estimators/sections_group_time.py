"""Average effect on each cohort in each period, from cross-sections of other people or firms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from impacteval.arrays import Bool1D, Int1D
from impacteval.designs import GroupTimeDesign
from impacteval.effects import CellFacts, Effects
from impacteval.errors import IdentificationError
from impacteval.estimators.comparisons import Cell, Cohort, cells_of, cohorts_of, note_of_size
from impacteval.estimators.effect_sheet import (
    EffectSheet,
    Units,
    first_weight,
    method_of,
    reason_of,
    score_facts,
    weighted_mean,
)
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
    sections, unit = sections_of(panel)
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
        cross-sections, which lack nobody.
    """

    unit: Int1D
    units: Units
    n_in_panel: Mapping[tuple[str, float], int] | None

    def n_dropped(self, cohorts: Sequence[Cohort], side: _Side) -> int:
        """How many rows units of some cohorts lack in a pair of periods."""
        if self.n_in_panel is None:
            return 0
        return 2 * sum(self.n_in_panel[c.arm, c.start] for c in cohorts) - len(side.rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Side:
    """Rows of one side of a comparison in its base period and in its period, by position."""

    base: Int1D
    now: Int1D

    @property
    def rows(self) -> Int1D:
        """Rows of both periods."""
        return np.concatenate([self.base, self.now])


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

    def fewest(self) -> tuple[int, str, bool]:
        """Size of the smallest of the four groups, its side, and whether it is the base period's."""
        groups = [
            (len(rows), side, is_base)
            for side, of_side in (("treated", self.treated), ("comparison", self.untreated))
            for rows, is_base in ((of_side.base, True), (of_side.now, False))
        ]
        return min(groups, key=lambda group: group[0])


def _estimate(sections: Sections, owners: _Owners, periods: Int1D, design: GroupTimeDesign) -> Effects:
    cohorts = cohorts_of(sections.arm, sections.cohort, sections.treated_arms, sections.comparison_arm)
    cells = cells_of(cohorts.known, periods, design, name=sections.name)
    by_period = _rows_by_period(cohorts.code, np.searchsorted(periods, sections.period), len(periods))
    sheet = EffectSheet(cells, len(owners.units.ids))
    for j, cell in enumerate(cells):
        if cell.comparison:
            pair = _Comparison(
                treated=_side(by_period, (cell.cohort,), cell),
                untreated=_side(by_period, cell.comparison, cell),
            )
            contrast = _enter(sheet, j, pair, sections, owners, design)
            sheet.facts[j] = CellFacts(
                base_period=int(periods[cell.base]),
                n_treated=len(pair.treated.rows),
                n_comparison=len(pair.untreated.rows),
                n_treated_dropped=owners.n_dropped([cohorts.known[cell.cohort]], pair.treated),
                n_comparison_dropped=owners.n_dropped(
                    [cohorts.known[k] for k in cell.comparison], pair.untreated
                ),
                **score_facts(contrast, pair.is_treated),
            )
    return sheet.effects(sections.name, owners.units, cohorts.known, periods, design=design)


def _rows_by_period(code: Int1D, column: Int1D, n_periods: int) -> list[list[Int1D]]:
    """Positions of rows by cohort and period."""
    joint = code * n_periods + column
    n_cohorts = int(code.max()) + 1
    order = np.argsort(joint, kind="stable")
    ends = np.cumsum(np.bincount(joint, minlength=n_cohorts * n_periods))[:-1]
    parts = np.split(order, ends)
    return [parts[k * n_periods : (k + 1) * n_periods] for k in range(n_cohorts)]


def _side(by_period: list[list[Int1D]], cohorts: Sequence[int], cell: Cell) -> _Side:
    return _Side(
        base=np.concatenate([by_period[k][cell.base] for k in cohorts]),
        now=np.concatenate([by_period[k][cell.column] for k in cohorts]),
    )


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
    sheet.notes[j] = _note(sheet, j, pair)
    if pair.fewest()[0] > 0:
        try:
            contrast = _compare(pair, sections, design)
        except IdentificationError as error:
            sheet.notes[j] = reason_of(error, design.covariates)
    if contrast is not None:
        sheet.estimate[j] = contrast.estimate[0]
        scaled = contrast.influence[:, 0] * (len(owners.units.ids) / len(rows))
        np.add.at(sheet.influence[j], unit[rows], scaled)
        if pair.fewest()[0] == 1 or min(sheet.n_sides(j)) == 1:
            sheet.influence[j] = np.nan
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


def _note(sheet: EffectSheet, j: int, pair: _Comparison) -> str:
    """What the numbers of rows and units mean for an estimate and its error."""
    n_fewest, side, is_base = pair.fewest()
    when = "in the base period" if is_base else "in the period"
    if n_fewest == 0:
        return f"no {side} row {when}"
    if n_fewest == 1:
        return f"one {side} row {when}: its error is not known"
    return note_of_size(*sheet.n_sides(j))
