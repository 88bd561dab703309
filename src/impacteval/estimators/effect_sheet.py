"""Estimates and influence of all cells of one outcome while they are being filled in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypedDict

import numpy as np

from impacteval.arrays import Bool1D, Float1D, Int1D, Text1D
from impacteval.designs import GroupTimeDesign
from impacteval.effects import CellFacts, Effects
from impacteval.errors import IdentificationError
from impacteval.estimators.comparisons import Cell, Cohort, key_of, note_of_late_cohorts
from impacteval.estimators.propensity import CollinearError
from impacteval.estimators.two_period import Contrast, Method
from impacteval.panel import Panel


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupTimeEffects(Effects):
    """Group-time effects, with what averages of them need to know of the units.

    Attributes
    ----------
    share_weight : (n_units,)
        Weight of each unit in the shares of cohorts; zero for units that the design leaves out
        altogether.
    late : str
        What there is to say of units treated after the last period; empty where there are none.
    in_one_cluster, is_fitted : (n_effects,)
        Effects of which no error is known since one of the means compared is of one cluster, or
        since a regression fits its units exactly.
    """

    share_weight: Float1D
    late: str
    in_one_cluster: Bool1D
    is_fitted: Bool1D


@dataclass(frozen=True, slots=True, kw_only=True)
class Units:
    """Units of an outcome and their weights in the shares of cohorts, both (n_units,)."""

    ids: Text1D
    share_weight: Float1D


class EffectSheet:
    """Arrays with a row a cell, so that each is filled in place and in order of memory.

    ``estimate``, ``influence`` (n_cells, n_units), sides, ``n_obs``, ``baseline_mean``, reasons why
    no error is known and ``notes`` begin as those of cells that nothing is known of.
    """

    def __init__(self, cells: Sequence[Cell], n_units: int) -> None:
        shape = (len(cells), n_units)
        self.cells = cells
        self.estimate: Float1D = np.full(len(cells), np.nan)
        self.influence = np.zeros(shape)
        self.treated_side = np.zeros(shape, dtype=np.bool_)
        self.comparison_side = np.zeros(shape, dtype=np.bool_)
        self.n_obs: Int1D = np.zeros(len(cells), dtype=np.int64)
        self.baseline_mean: Float1D = np.full(len(cells), np.nan)
        self.in_one_cluster = np.zeros(len(cells), dtype=np.bool_)
        self.is_fitted = np.zeros(len(cells), dtype=np.bool_)
        self.notes = [cell.note for cell in cells]
        self.facts: list[CellFacts | None] = [None] * len(cells)

    def enter_sides(self, j: int, treated: Int1D, comparison: Int1D) -> None:
        """Say which units a cell compares."""
        self.treated_side[j, treated] = True
        self.comparison_side[j, comparison] = True

    def n_sides(self, j: int) -> tuple[int, int]:
        """Units on both sides of a cell."""
        return int(self.treated_side[j].sum()), int(self.comparison_side[j].sum())

    def effects(
        self,
        outcome: str,
        units: Units,
        cohorts: Sequence[Cohort],
        periods: Int1D,
        *,
        design: GroupTimeDesign,
    ) -> GroupTimeEffects:
        """All cells as effects.

        Raises
        ------
        IdentificationError
            When no cell could be estimated, with the reasons.
        """
        if np.isnan(self.estimate).all():
            noted_cells = list(zip(self.cells, self.notes, strict=True))
            raise failure(design, outcome, cohorts=cohorts, periods=periods, noted_cells=noted_cells)
        late = note_of_late_cohorts(cohorts, periods, design.anticipation)
        return GroupTimeEffects(
            estimator=design.estimator,
            outcome=outcome,
            comparison=design.control_group,
            keys=tuple(
                key_of(cell, cohorts, periods, "; ".join(filter(None, (note, late))))
                for cell, note in zip(self.cells, self.notes, strict=True)
            ),
            unit_ids=units.ids,
            estimate=self.estimate,
            influence=self.influence.T,
            in_sample=(self.treated_side | self.comparison_side).T,
            treated_side=self.treated_side.T,
            comparison_side=self.comparison_side.T,
            n_obs=self.n_obs,
            baseline_mean=self.baseline_mean,
            share_weight=units.share_weight,
            late=late,
            in_one_cluster=self.in_one_cluster,
            is_fitted=self.is_fitted,
            cells=tuple(
                facts or _facts_of_nothing(cell, cohorts, periods)
                for cell, facts in zip(self.cells, self.facts, strict=True)
            ),
        )


def failure(
    design: GroupTimeDesign,
    outcome: str,
    *,
    cohorts: Sequence[Cohort],
    periods: Int1D,
    noted_cells: Sequence[tuple[Cell, str]],
) -> IdentificationError:
    """The error of an outcome of which no cell could be estimated, with the reason of each."""
    reasons: dict[str, dict[str, list[str]]] = {}
    has_arms = len({cohorts[cell.cohort].arm for cell, _ in noted_cells}) > 1
    for cell, note in noted_cells:
        arm = f" of arm {cohorts[cell.cohort].arm!r}" if has_arms else ""
        cohort = f"cohort {cohorts[cell.cohort].start:.0f}{arm}"
        reasons.setdefault(note, {}).setdefault(cohort, []).append(str(periods[cell.column]))
    found = "; ".join(
        f"{', '.join(cohort + ' in ' + ' '.join(at) for cohort, at in places.items())}: {reason}"
        for reason, places in reasons.items()
    )
    return IdentificationError(
        f"{outcome}: no cohort can be compared with {design.control_group} units in any period "
        f"({found}); choose another control_group or drop this outcome from the design"
    )


def _facts_of_nothing(cell: Cell, cohorts: Sequence[Cohort], periods: Int1D) -> CellFacts:
    return CellFacts(
        base_period=int(periods[cell.base]),
        n_treated=0,
        n_comparison=0,
        n_treated_dropped=cohorts[cell.cohort].n_units,
        n_comparison_dropped=sum(cohorts[k].n_units for k in cell.comparison),
    )


def method_of(design: GroupTimeDesign) -> Method:
    """How to make units alike; without covariates every method is the difference of means."""
    return design.method if design.covariates else "reg"


def weighted_mean(values: Float1D, weight: Float1D) -> float:
    """Mean with weights; NaN where they are all zero."""
    total = weight.sum()
    return float(weight @ values / total) if total > 0 else float("nan")


class ScoreFacts(TypedDict, total=False):
    """What a propensity score adds to ``CellFacts``."""

    n_trimmed: int
    score_treated: tuple[float, float]
    score_comparison: tuple[float, float]


def score_facts(contrast: Contrast | None, is_treated: Bool1D) -> ScoreFacts:
    """Facts of the propensity score of a comparison; none where it has no score."""
    if contrast is None or contrast.propensity is None:
        return {}
    score = contrast.propensity.score
    return {
        "n_trimmed": int(np.sum(~contrast.propensity.kept)),
        "score_treated": _range(score[is_treated]),
        "score_comparison": _range(score[~is_treated]),
    }


def _range(values: Float1D) -> tuple[float, float]:
    return float(values.min()), float(values.max())


def reason_of(error: IdentificationError, covariates: Sequence[str], *, what: str = "unit") -> str:
    """Message of a comparison that failed, with covariates by name, and ``what`` for units."""
    message = re.sub(r"\bunit(?=s?\b)", what, str(error))
    if not isinstance(error, CollinearError):
        return message
    names = ["the constant", *covariates]
    return message.replace(
        f"covariate column {', '.join(map(str, error.columns))}",
        f"covariate {', '.join(names[j] for j in error.columns)}",
    )


def first_weight(panel: Panel) -> Float1D:
    """First positive weight of each unit, zero where none is, (n_units,)."""
    first = np.asarray(panel.weight[:, 0])
    if (first > 0).all():
        return first
    at = (panel.weight > 0).argmax(axis=1)
    return np.asarray(np.nan_to_num(panel.weight[np.arange(panel.n_units), at]))
