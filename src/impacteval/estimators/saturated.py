"""The saturated two-way model: a coefficient for each treated cohort and period."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from impacteval.arrays import Bool1D, Bool2D, Float1D, Int1D, codes_of, mean_by_code
from impacteval.designs import ExtendedTwoWay
from impacteval.effects import EffectKey
from impacteval.errors import IdentificationError
from impacteval.estimators.absorbed import AbsorbedRows
from impacteval.estimators.notes import counted, in_brackets, weight_note
from impacteval.estimators.rows import observed_cells
from impacteval.estimators.table_regressors import TableColumn, table_regressors
from impacteval.panel import Panel

NO_CELL = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Groups:
    """Cohorts of each arm, of which the never-treated are one.

    Attributes
    ----------
    arm, cohort : (n_groups,)
    of_unit : (n_units,)
        Code of each unit's group.
    """

    arm: tuple[str, ...]
    cohort: Float1D
    of_unit: Int1D


@dataclass(frozen=True, slots=True, kw_only=True)
class Saturated:
    """Rows and regressors of a saturated two-way model.

    Attributes
    ----------
    unit, column, group : (n_rows,)
        Positions of each row's unit and period, and code of its cohort.
    cell : (n_rows,)
        Position of the row's effect in ``keys``, or ``NO_CELL``.
    keys : (n_cells,)
        The effect of each cohort and period.
    rows : AbsorbedRows
        Regressors: first the cells, then cells times covariates, then the untreated model.
    n_treatment : int
        How many leading regressors treatment turns on.
    note : str
        What was left out.
    """

    groups: Groups
    unit: Int1D
    column: Int1D
    group: Int1D
    cell: Int1D
    keys: tuple[EffectKey, ...]
    rows: AbsorbedRows
    n_treatment: int
    note: str

    @property
    def n_rows_of_cell(self) -> Int1D:
        """Rows of each cell, (n_cells,)."""
        return np.bincount(self.cell[self.cell >= 0], minlength=len(self.keys)).astype(np.int64)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Layout:
    """Cell of each group and period, (n_groups, n_periods), and where rows lie, (n_rows,)."""

    table: Int1D
    group: Int1D
    place: Int1D

    def column(
        self, name: str, table: Bool2D, *, factor: int = 0, centre: Float1D | float = 0.0
    ) -> TableColumn:
        """A regressor; table and centre are repeated over groups and periods where they are the same."""
        return TableColumn(
            name=name,
            table=np.broadcast_to(table, self.table.shape),
            factor=factor,
            centre=np.broadcast_to(centre, len(self.table)),
        )

    def group_means(self, values: Float1D) -> Float1D:
        """Mean of each group's rows, (n_groups,); 0 without rows."""
        return np.nan_to_num(mean_by_code(values[:, None], self.group, len(self.table))[:, 0])


def saturate(panel: Panel, design: ExtendedTwoWay) -> Saturated:
    """Lay out the rows and regressors of the saturated model (Wooldridge 2025, equations 5.3, 5.7 and 6.4).

    Raises
    ------
    IdentificationError
        When a cohort has no row to compare its treated rows with, or nobody is untreated.
    """
    groups = groups_of(panel)
    cells, notes = usable_cells(panel, design)
    unit, column = np.nonzero(cells)
    unit, column = unit.astype(np.int64), column.astype(np.int64)
    group = groups.of_unit[unit]
    table, keys = _cell_table(panel, design, groups, (group, column))
    covariates = {name: _centred(_of_unit(panel, name, cells, notes)[unit]) for name in design.covariates}
    layout = _Layout(table=table, group=group, place=column)
    treatment = _treatment_columns(keys, layout, covariates, notes)
    untreated = _period_columns(panel, layout, covariates)
    if not design.unit_effects:
        untreated += _cohort_columns(groups, layout, covariates)
    return Saturated(
        groups=groups,
        unit=unit,
        column=column,
        group=group,
        cell=table[group, column],
        keys=keys,
        rows=AbsorbedRows(
            regressors=table_regressors([*treatment, *untreated], group, column, list(covariates.values())),
            weight=panel.weight[cells],
            group=np.unique(unit if design.unit_effects else group, return_inverse=True)[1].astype(np.int64),
            unit=unit,
            is_nested=design.unit_effects,
        ),
        n_treatment=len(treatment),
        note="; ".join(notes),
    )


def groups_of(panel: Panel) -> Groups:
    """Number the cohorts of each arm."""
    arm, labels = codes_of(panel.arm)
    pairs, of_unit = np.unique(np.column_stack([arm, panel.cohort]), axis=0, return_inverse=True)
    return Groups(
        arm=tuple(str(labels[int(code)]) for code in pairs[:, 0]),
        cohort=pairs[:, 1],
        of_unit=of_unit.ravel().astype(np.int64),
    )


def usable_cells(panel: Panel, design: ExtendedTwoWay) -> tuple[Bool2D, list[str]]:
    """Cells that enter the regression, and what was left out of those observed, with counts."""
    usable = observed_cells(panel, [panel.covariates[name] for name in design.columns])
    compared = usable & comparison_cells(panel, design)
    has_comparison = np.asarray(compared.any(axis=0))
    without_weight = weight_note(panel)
    notes = [without_weight] if without_weight else []
    if not has_comparison.any():
        raise IdentificationError(
            f"{panel.name}: no {design.control_group} unit is observed{in_brackets(without_weight)}; choose "
            f"another control_group or take this outcome out of {design.name!r}"
        )
    n_lost = int(usable[:, ~has_comparison].sum())
    if n_lost:
        lost = ", ".join(str(p) for p in panel.periods[~has_comparison])
        cells = counted(n_lost, f"cell of period {lost} is", f"cells of period {lost} are")
        notes.append(f"{cells} left out: no {design.control_group} unit there")
    usable &= has_comparison[None, :]
    if design.unit_effects:
        once = usable.sum(axis=1) == 1
        if once.any():
            units = counted(int(once.sum()), "unit observed once is", "units observed once are")
            notes.append(f"{units} left out: a unit effect takes it up")
        usable &= ~once[:, None]
    return usable, notes


def comparison_cells(panel: Panel, design: ExtendedTwoWay) -> Bool2D:
    """Cells that stand for the absence of treatment, (n_units, n_periods)."""
    if design.control_group == "never_treated":
        return np.broadcast_to(np.isinf(panel.cohort)[:, None], panel.outcome.shape)
    return ~panel.is_treated


def _cell_table(
    panel: Panel, design: ExtendedTwoWay, groups: Groups, place: tuple[Int1D, Int1D]
) -> tuple[Int1D, tuple[EffectKey, ...]]:
    """Position of each group's and period's effect, (n_groups, n_periods), and the effects' keys."""
    n_rows = np.zeros((len(groups.arm), len(panel.periods)), dtype=np.int64)
    np.add.at(n_rows, place, 1)
    treated = panel.periods[None, :] >= groups.cohort[:, None]
    base = np.searchsorted(panel.periods, groups.cohort) - 1
    before = np.arange(len(panel.periods))[None, :] == base[:, None]
    leads = design.control_group == "never_treated"
    is_cell = (n_rows > 0) & (~before if leads else treated) & np.isfinite(groups.cohort)[:, None]
    reference = before if leads else ~treated
    _refuse_without_reference(panel, groups, is_cell, np.asarray(((n_rows > 0) & reference).any(axis=1)))
    table = np.full(n_rows.shape, NO_CELL, dtype=np.int64)
    table[is_cell] = np.arange(is_cell.sum())
    keys = tuple(
        EffectKey(
            estimand="att_gt",
            arm=groups.arm[g],
            cohort=int(groups.cohort[g]),
            period=int(panel.periods[t]),
            event_time=int(panel.periods[t] - groups.cohort[g]),
        )
        for g, t in zip(*np.nonzero(is_cell), strict=True)
    )
    return table, keys


def _refuse_without_reference(panel: Panel, groups: Groups, is_cell: Bool2D, has_reference: Bool1D) -> None:
    if not is_cell.any():
        raise IdentificationError(
            f"{panel.name}: no treated unit is observed together with a comparison unit"
            f"{in_brackets(weight_note(panel))}; take the outcome out of the plan or of this design"
        )
    for g in np.nonzero(is_cell.any(axis=1) & ~has_reference)[0]:
        raise IdentificationError(
            f"{panel.name}: cohort {int(groups.cohort[g])} of arm {groups.arm[g]!r} is not observed before "
            "its treatment; drop these units from the study or take the outcome out of this design"
        )


def _of_unit(panel: Panel, name: str, cells: Bool2D, notes: list[str]) -> Float1D:
    """Value of a covariate in each unit's first row, (n_units,); say so where it changes later."""
    values = panel.covariates[name]
    first = values[np.arange(panel.n_units), cells.argmax(axis=1)]
    n_changing = int((cells & (values != first[:, None])).any(axis=1).sum())
    if n_changing:
        notes.append(
            f"{name} changes over time in {counted(n_changing, 'unit')}: its value in their first period is "
            "used"
        )
    return np.asarray(first)


def _centred(values: Float1D) -> Float1D:
    return np.asarray(values - values.mean())


def _treatment_columns(
    keys: tuple[EffectKey, ...], layout: _Layout, covariates: dict[str, Float1D], notes: list[str]
) -> list[TableColumn]:
    """Indicators of cells, and of cells times the deviation of a covariate from its cohort's mean.

    A covariate without variation in a cell has no product: the cell's effect is at its value there,
    which the notes say.
    """
    labels = [f"effect on cohort {k.cohort} of arm {k.arm} in period {k.period}" for k in keys]
    columns = [layout.column(label, layout.table == j) for j, label in enumerate(labels)]
    cell = layout.table[layout.group, layout.place]
    inside = cell >= 0
    for factor, (name, values) in enumerate(covariates.items(), start=1):
        centre = layout.group_means(values)
        varies = _varies(values[inside], cell[inside], len(keys))
        columns += [
            layout.column(f"{labels[j]}, by {name}", layout.table == j, factor=factor, centre=centre)
            for j in np.flatnonzero(varies)
        ]
        if not varies.all():
            notes.append(
                f"{name} does not vary in {(~varies).sum()} of {len(keys)} cells: their effect is at its "
                "value there"
            )
    return columns


def _period_columns(panel: Panel, layout: _Layout, covariates: dict[str, Float1D]) -> list[TableColumn]:
    """Period effects but the first, and covariates times these."""
    later = np.unique(layout.place)[1:]
    at = np.arange(len(panel.periods))
    columns = [layout.column(f"period {panel.periods[t]}", at == t) for t in later]
    for factor, name in enumerate(covariates, start=1):
        columns += [
            layout.column(f"{name} in period {panel.periods[t]}", at == t, factor=factor) for t in later
        ]
    return columns


def _cohort_columns(groups: Groups, layout: _Layout, covariates: dict[str, Float1D]) -> list[TableColumn]:
    """Covariates by cohort, where they vary; unit effects would take these up."""
    of = np.arange(len(groups.arm))[:, None]
    return [
        layout.column(
            f"{name} in cohort {groups.cohort[g]:g} of arm {groups.arm[g]}",
            of == g,
            factor=factor,
        )
        for factor, (name, values) in enumerate(covariates.items(), start=1)
        for g in np.flatnonzero(_varies(values, layout.group, len(groups.arm)))
    ]


def _varies(values: Float1D, code: Int1D, n_codes: int) -> Bool1D:
    """Codes whose rows have different values, (n_codes,)."""
    low, high = np.full(n_codes, np.inf), np.full(n_codes, -np.inf)
    np.minimum.at(low, code, values)
    np.maximum.at(high, code, values)
    return np.asarray(low < high)
