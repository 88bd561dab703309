"""Average effect on each cohort in each period, from the changes of units that are followed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from impacteval.arrays import Bool1D, Float1D, Float2D
from impacteval.designs import GroupTimeDesign
from impacteval.effects import CellFacts, Effects
from impacteval.errors import IdentificationError
from impacteval.estimators.cell_batches import Batch, Source, batches_of, columns_of, weights_of
from impacteval.estimators.comparisons import cells_of, cohorts_of, note_of_size
from impacteval.estimators.effect_sheet import (
    EffectSheet,
    Units,
    first_weight,
    method_of,
    reason_of,
    score_facts,
    weighted_mean,
)
from impacteval.estimators.notes import note_of_weightless
from impacteval.estimators.propensity import Sample
from impacteval.estimators.sections_group_time import att_group_time_rows
from impacteval.estimators.two_period import Contrast, compare_changes
from impacteval.panel import Panel


def att_group_time(panel: Panel, design: GroupTimeDesign) -> Effects:
    """Compare changes since the base period, for each arm, cohort and period.

    The group-time average treatment effect of Callaway and Sant'Anna (2021, Journal of Econometrics
    225(2)), equations 2.2 to 2.9: the change of the cohort between base period and period, minus
    that of comparison units, made alike in covariates by ``design.method``. Covariates and weights
    are those of the earlier of the two periods; units of weight zero take no part and are counted.

    Parameters
    ----------
    panel : Panel
    design : TwoByTwo or CallawaySantAnna
        ``missing: pairs`` uses units observed in both periods of a comparison, ``complete_units``
        those observed in all periods, ``rows`` all observed rows as repeated cross-sections.

    Returns
    -------
    Effects
        ``att_gt`` by arm, cohort and period but the base one, in the unit of the outcome, with
        ``cells``. What cannot be compared is NaN and says why.

    Raises
    ------
    IdentificationError
        When a cohort has no period before its treatment, or nothing at all can be compared.
    """
    return att_group_time_of([panel], design)[0]


def att_group_time_of(panels: Sequence[Panel], design: GroupTimeDesign) -> tuple[Effects, ...]:
    """Estimate the effects of ``att_group_time`` on several outcomes.

    Outcomes of the same units, with the same covariates and weights, share propensity scores and
    regressions wherever they are observed for the same units.

    Parameters
    ----------
    panels : sequence of Panel
        One an outcome.

    Returns
    -------
    tuple of Effects
        In the order of ``panels``.
    """
    if design.missing == "rows":
        return tuple(att_group_time_rows(panel, design) for panel in panels)
    effects: dict[int, Effects] = {}
    for positions in _alike(panels, design.covariates):
        together = _estimate([panels[p] for p in positions], design)
        effects.update(zip(positions, together, strict=True))
    return tuple(effects[position] for position in range(len(panels)))


def _is_complete(panel: Panel, covariates: Sequence[str]) -> Bool1D:
    """Which units have the outcome, some covariates and the weight in every period, (n_units,)."""
    known = ~np.isnan(panel.outcome).any(axis=1)
    for values in (panel.weight, *(panel.covariates[name] for name in covariates)):
        known &= ~np.isnan(values).any(axis=1)
    return np.asarray(known)


def _alike(panels: Sequence[Panel], covariates: Sequence[str]) -> list[list[int]]:
    """Group panels by units, treatment, covariates and weights."""
    groups: list[list[int]] = []
    for position, panel in enumerate(panels):
        alike = next((g for g in groups if _is_alike(panel, panels[g[0]], covariates)), None)
        if alike is None:
            groups.append([position])
        else:
            alike.append(position)
    return groups


def _is_alike(one: Panel, other: Panel, covariates: Sequence[str]) -> bool:
    names = ("unit_ids", "periods", "cohort", "arm", "weight")
    pairs = [(getattr(one, name), getattr(other, name)) for name in names]
    pairs += [(one.covariates[name], other.covariates[name]) for name in covariates]
    return all(a is b or np.array_equal(a, b, equal_nan=a.dtype.kind == "f") for a, b in pairs)


def _estimate(panels: Sequence[Panel], design: GroupTimeDesign) -> list[Effects]:
    first = panels[0]
    cohorts = cohorts_of(first.arm, first.cohort, first.treated_arms, first.comparison_arm)
    source = Source(
        outcomes=tuple(columns_of(panel.outcome) for panel in panels),
        allowed=tuple(
            _is_complete(panel, design.covariates) if design.missing == "complete_units" else None
            for panel in panels
        ),
        covariates=tuple(columns_of(first.covariates[name]) for name in design.covariates),
        weight=weights_of(first.weight),
        cohorts=cohorts,
        periods=first.periods,
        cells=cells_of(cohorts.known, first.periods, design, name=first.name),
    )
    sheets = [EffectSheet(source.cells, first.n_units) for _ in panels]
    for batch in batches_of(source):
        _fill(batch, source, sheets, design)
    return [
        sheet.effects(panel.name, _units(panel, allowed), cohorts.known, first.periods, design=design)
        for sheet, panel, allowed in zip(sheets, panels, source.allowed, strict=True)
    ]


def _units(panel: Panel, allowed: Bool1D | None) -> Units:
    weight = first_weight(panel)
    return Units(
        ids=panel.unit_ids, share_weight=weight if allowed is None else np.where(allowed, weight, 0.0)
    )


def _fill(batch: Batch, source: Source, sheets: Sequence[EffectSheet], design: GroupTimeDesign) -> None:
    """Estimate the comparisons of a batch and enter them in the sheets of their outcomes."""
    reason, contrast = "", None
    changes, base_means = _changes(batch, source)
    if batch.is_estimable:
        try:
            contrast = compare_changes(
                changes.T,
                _sample(batch, source),
                method=method_of(design),
                highest_score=design.highest_score,
            )
        except IdentificationError as error:
            reason = reason_of(error, design.covariates)
    score = score_facts(contrast, batch.is_treated)
    for row, (k, j) in enumerate(batch.members):
        sheet, cell = sheets[k], source.cells[j]
        sheet.enter_sides(j, batch.treated, batch.comparison)
        sheet.notes[j] = _note(batch, contrast, reason, source.n_weightless(k, cell))
        sheet.n_obs[j] = 2 * len(batch.units)
        sheet.baseline_mean[j] = base_means[row]
        sheet.facts[j] = CellFacts(
            base_period=int(source.periods[cell.base]),
            n_treated=len(batch.treated),
            n_comparison=len(batch.comparison),
            n_treated_dropped=source.cohorts.known[cell.cohort].n_units - len(batch.treated),
            n_comparison_dropped=sum(source.cohorts.known[c].n_units for c in cell.comparison)
            - len(batch.comparison),
            **score,
        )
        if contrast is not None:
            sheet.estimate[j] = contrast.estimate[row]
            sheet.is_fitted[j] = bool(contrast.note) and not batch.has_side_of_one
            _enter_influence(sheet.influence[j], batch, contrast, row)


def _note(batch: Batch, contrast: Contrast | None, reason: str, n_weightless: tuple[int, int]) -> str:
    """Why a comparison or its error is not known, and what takes no part in it."""
    if not reason and contrast is not None and not batch.has_side_of_one:
        reason = contrast.note
    size = note_of_size(len(batch.treated), len(batch.comparison), n_weightless=n_weightless)
    return "; ".join(filter(None, (reason or size, note_of_weightless(*n_weightless))))


def _enter_influence(target: Float1D, batch: Batch, contrast: Contrast, row: int) -> None:
    """Scale influence from the rows of a comparison to all units."""
    if contrast.note or batch.has_side_of_one:
        # The mean of one unit fits it exactly: its influence vanishes although its error does not.
        target[:] = np.nan
    else:
        target[batch.units] = contrast.influence[:, row] * (len(target) / len(batch.units))


def _changes(batch: Batch, source: Source) -> tuple[Float2D, Float1D]:
    """Changes of a batch's units, (n_comparisons, n), and treated units' means in base periods."""
    changes = np.empty((len(batch.members), len(batch.units)))
    base_means = np.empty(len(batch.members))
    weight = source.weight.at(batch.column)[batch.treated]
    gathered: dict[tuple[int, int], Float1D] = {}
    for row, (k, j) in enumerate(batch.members):
        cell = source.cells[j]
        for column in (cell.column, cell.base):
            if (k, column) not in gathered:
                gathered[k, column] = source.outcomes[k].at(column)[batch.units]
        np.subtract(gathered[k, cell.column], gathered[k, cell.base], out=changes[row])
        base_means[row] = weighted_mean(gathered[k, cell.base][: len(weight)], weight)
    return changes, base_means


def _sample(batch: Batch, source: Source) -> Sample:
    x = np.empty((len(batch.units), 1 + len(source.covariates)), order="F")
    x[:, 0] = 1
    for j, covariate in enumerate(source.covariates, start=1):
        x[:, j] = covariate.at(batch.column)[batch.units]
    return Sample(treated=batch.is_treated, x=x, weight=source.weight.at(batch.column)[batch.units])
