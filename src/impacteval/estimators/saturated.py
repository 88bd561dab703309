"""The saturated two-way model: a coefficient for each treated cohort and period."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from impacteval.arrays import Bool1D, Bool2D, Float1D, Int1D, codes_of, mean_by_code
from impacteval.designs import ExtendedTwoWay
from impacteval.effects import EffectKey
from impacteval.errors import IdentificationError
from impacteval.estimators.absorbed import AbsorbedRows
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
    cell = table[group, column]
    covariates = {name: _of_unit(panel, name, cells, notes)[unit] for name in design.covariates}
    treatment = _treatment_columns(keys, cell, covariates, group)
    notes += _without_product(covariates, keys, treatment)
    untreated = _period_columns(panel, column, covariates)
    if not design.unit_effects:
        untreated |= _cohort_columns(groups, group, covariates)
    names, values = zip(*treatment.items(), *untreated.items(), strict=True)
    return Saturated(
        groups=groups,
        unit=unit,
        column=column,
        group=group,
        cell=cell,
        keys=keys,
        rows=AbsorbedRows(
            regressors=np.column_stack(values),
            names=names,
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
    usable = ~np.isnan(panel.outcome) & (np.nan_to_num(panel.weight) > 0)
    for name in design.columns:
        usable &= ~np.isnan(panel.covariates[name])
    compared = usable & comparison_cells(panel, design)
    has_comparison = np.asarray(compared.any(axis=0))
    notes = []
    if not has_comparison.any():
        raise IdentificationError(
            f"{panel.name}: no {design.control_group} unit is observed; choose another control_group or take "
            f"this outcome out of {design.name!r}"
        )
    n_lost = int(usable[:, ~has_comparison].sum())
    if n_lost:
        lost = ", ".join(str(p) for p in panel.periods[~has_comparison])
        notes.append(f"{n_lost} cells of period {lost} are left out: no {design.control_group} unit there")
    usable &= has_comparison[None, :]
    if design.unit_effects:
        once = usable.sum(axis=1) == 1
        if once.any():
            notes.append(f"{int(once.sum())} units observed once are left out: their unit effect takes it up")
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
            f"{panel.name}: no treated unit is observed together with a comparison unit; take the outcome "
            "out of the plan or of this design"
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
            f"{name} changes over time in {n_changing} units: its value in their first period is used"
        )
    return np.asarray(first)


def _treatment_columns(
    keys: tuple[EffectKey, ...], cell: Int1D, covariates: dict[str, Float1D], group: Int1D
) -> dict[str, Float1D]:
    """Indicators of cells, and of cells times the deviation of a covariate from its cohort's mean.

    A covariate without variation in a cell has no product: the cell's effect is at its value there.
    """
    labels = [f"effect on cohort {k.cohort} of arm {k.arm} in period {k.period}" for k in keys]
    inside = [cell == j for j in range(len(keys))]
    columns = {label: at.astype(np.float64) for label, at in zip(labels, inside, strict=True)}
    for name, values in covariates.items():
        deviation = values - mean_by_code(values[:, None], group, int(group.max()) + 1)[group, 0]
        for label, at in zip(labels, inside, strict=True):
            if np.ptp(values[at]) > 0:
                columns[f"{label}, by {name}"] = np.where(at, deviation, 0.0)
    return columns


def _without_product(
    covariates: dict[str, Float1D], keys: tuple[EffectKey, ...], columns: dict[str, Float1D]
) -> list[str]:
    """Say in how many cells a covariate does not vary."""
    n_products = {name: sum(c.endswith(f", by {name}") for c in columns) for name in covariates}
    return [
        f"{name} does not vary in {len(keys) - n} of {len(keys)} cells: their effect is at its value there"
        for name, n in n_products.items()
        if n < len(keys)
    ]


def _period_columns(panel: Panel, column: Int1D, covariates: dict[str, Float1D]) -> dict[str, Float1D]:
    """Period effects but the first, and covariates times these."""
    present = np.unique(column)
    columns = {f"period {panel.periods[t]}": (column == t).astype(np.float64) for t in present[1:]}
    for name, values in covariates.items():
        columns |= {
            f"{name} in period {panel.periods[t]}": np.where(column == t, values - values.mean(), 0.0)
            for t in present[1:]
        }
    return columns


def _cohort_columns(groups: Groups, group: Int1D, covariates: dict[str, Float1D]) -> dict[str, Float1D]:
    """Covariates by cohort, where they vary; unit effects would take these up."""
    return {
        f"{name} in cohort {groups.cohort[g]:g} of arm {groups.arm[g]}": np.where(
            group == g, values - values.mean(), 0.0
        )
        for name, values in covariates.items()
        for g in np.unique(group)
        if np.ptp(values[group == g]) > 0
    }
