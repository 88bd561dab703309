"""All designs of a plan on the outcomes of a family: from the enterprise panel to rows of estimates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from impacteval.arrays import Float2D, Text1D
from impacteval.design import Outcome, Plan, Subgroups
from impacteval.designs import Ancova, CallawaySantAnna, Design, TwoByTwo
from impacteval.effects import Effects
from impacteval.errors import IdentificationError
from impacteval.estimation import estimate, estimate_subgroups, estimate_together
from impacteval.estimators.ancova import BASELINE
from impacteval.panel import Panel, panel_of
from impacteval.result_rows import Origin, cell_rows, estimate_rows, rows_without_estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeResults:
    """What there is about one outcome.

    ``rows`` are those of ``estimates.csv``, ``cells`` those of ``cells.csv``; ``effects`` are behind
    them, with their ids before an error convention is chosen.
    """

    rows: tuple[dict[str, object], ...]
    cells: tuple[dict[str, object], ...]
    effects: tuple[Effects, ...]
    effect_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job:
    """One design on one outcome: what it gave, or why it gave nothing, as a whole or by subgroups."""

    outcome: Outcome
    design: Design
    panel: Panel | None
    parts: tuple[Effects, ...] = ()
    problem: str = ""
    lost: tuple[tuple[str, str], ...] = ()

    def must_succeed(self, plan: Plan) -> bool:
        """Whether the study cannot do without it: the headline of a primary outcome."""
        is_headline = self.design.name == (self.outcome.design or plan.primary)
        return is_headline and self.outcome.role == "primary"


def panel_for(frame: pd.DataFrame, outcome: Outcome, design: Design, plan: Plan) -> Panel:
    """The panel of an outcome with the columns that a design and its subgroups need."""
    columns = list(dict.fromkeys([*design.columns, *(s.column for s in _subgroups(plan, outcome, design))]))
    if isinstance(design, Ancova) and outcome.baseline_column:
        frame = frame.assign(**{BASELINE: frame[outcome.baseline_column]})
        columns.append(BASELINE)
    return panel_of(
        frame,
        outcome=outcome.name,
        covariates=columns,
        periods=plan.panel.periods,
        comparison_arm=plan.treatment.comparison.name,
        weight=plan.weight,
    )


def _subgroups(plan: Plan, outcome: Outcome, design: Design) -> tuple[Subgroups, ...]:
    """Subgroups that a design is asked for."""
    own = outcome.design or plan.primary
    return tuple(s for s in plan.subgroups if design.name in (s.designs or (own,)))


def analyse_family(
    frame: pd.DataFrame, outcomes: Sequence[Outcome], plan: Plan, study: str, *, seed: int
) -> tuple[OutcomeResults, ...]:
    """Estimate every design of the plan on the outcomes of a family, with every error it names.

    Group-time designs take all outcomes at once, since they share propensity scores.

    Parameters
    ----------
    frame : DataFrame
        The enterprise panel.
    outcomes : sequence of Outcome
    plan : Plan
    study : str
        Name of the study, for the rows.
    seed : int
        Of the study, for designs that draw.

    Raises
    ------
    IdentificationError
        When the headline of a primary outcome cannot be identified: by outcome, what cannot be in any
        of the designs. Other effects that cannot be are rows without numbers, their note says why.
    """
    jobs = [job for design in plan.designs for job in _run(frame, outcomes, plan, design, seed)]
    if any(job.problem and job.must_succeed(plan) for job in jobs):
        problems = (_problems(outcome, jobs) for outcome in outcomes)
        raise IdentificationError("\n".join(filter(None, problems)))
    return tuple(_results(outcome, jobs, plan, study, seed) for outcome in outcomes)


def _problems(outcome: Outcome, jobs: Sequence[_Job]) -> str:
    mine = [j for j in jobs if j.outcome == outcome and j.problem]
    lines = [f"  - design {j.design.name}: {j.problem}" for j in mine]
    return "\n".join([f"outcome {outcome.name}:", *lines]) if lines else ""


def _run(
    frame: pd.DataFrame, outcomes: Sequence[Outcome], plan: Plan, design: Design, seed: int
) -> list[_Job]:
    """One design on every outcome that it covers."""
    asked = [o for o in outcomes if not design.outcomes or o.name in design.outcomes]
    jobs = [_prepared(frame, outcome, plan, design) for outcome in asked]
    panels = [_without_subgroups(job.panel, design) for job in jobs if job.panel is not None]
    if isinstance(design, TwoByTwo | CallawaySantAnna) and 1 < len(panels) == len(jobs):
        try:
            together = estimate_together(panels, design)
        except IdentificationError:
            # One by one, to say which outcomes cannot be estimated and why.
            together = ()
        if together:
            done = [replace(job, parts=parts) for job, parts in zip(jobs, together, strict=True)]
            return [_with_subgroups(job, plan, seed) for job in done]
    return [_with_subgroups(_alone(job, seed), plan, seed) for job in jobs]


def _prepared(frame: pd.DataFrame, outcome: Outcome, plan: Plan, design: Design) -> _Job:
    try:
        return _Job(outcome=outcome, design=design, panel=panel_for(frame, outcome, design, plan))
    except IdentificationError as error:
        return _Job(outcome=outcome, design=design, panel=None, problem=str(error))


def _without_subgroups(panel: Panel, design: Design) -> Panel:
    """The panel with the covariates of the design alone."""
    wanted = {*design.columns, BASELINE}
    covariates = {name: values for name, values in panel.covariates.items() if name in wanted}
    return replace(panel, covariates=covariates)


def _alone(job: _Job, seed: int) -> _Job:
    if job.panel is None:
        return job
    try:
        return replace(job, parts=estimate(_without_subgroups(job.panel, job.design), job.design, seed=seed))
    except IdentificationError as error:
        return replace(job, problem=str(error))


def _with_subgroups(job: _Job, plan: Plan, seed: int) -> _Job:
    for subgroups in _subgroups(plan, job.outcome, job.design):
        if job.panel is None or job.problem:
            return job
        try:
            more = estimate_subgroups(job.panel, job.design, subgroups, seed=seed)
            job = replace(job, parts=(*job.parts, *more))
        except IdentificationError as error:
            job = replace(job, lost=(*job.lost, (subgroups.name, str(error))))
    return job


def _results(outcome: Outcome, jobs: Sequence[_Job], plan: Plan, study: str, seed: int) -> OutcomeResults:
    rows: list[dict[str, object]] = []
    cells: list[dict[str, object]] = []
    effects: list[Effects] = []
    ids: list[str] = []
    for job in (j for j in jobs if j.outcome == outcome):
        failed = [("", job.problem)] if job.problem else []
        for subgroup, problem in (*failed, *job.lost):
            rows += rows_without_estimate(
                problem, study, plan=plan, design=job.design, outcome=outcome, subgroup=subgroup
            )
        if job.panel is None:
            continue
        origin = Origin(
            study=study,
            seed=seed,
            plan=plan,
            design=job.design,
            outcome=outcome,
            panel=_without_subgroups(job.panel, job.design),
        )
        for part in job.parts:
            effects.append(part)
            ids += [origin.id_of(key) for key in part.keys]
            rows += estimate_rows(part, origin)
            cells += cell_rows(part, origin)
    return OutcomeResults(rows=tuple(rows), cells=tuple(cells), effects=tuple(effects), effect_ids=tuple(ids))


def stack_influence(results: Sequence[OutcomeResults]) -> tuple[Text1D, Text1D, Float2D]:
    """Put the influence of all effects on one set of units.

    Returns
    -------
    unit_ids : (n_units,)
        Units of any effect, sorted.
    effect_ids : (n_effects,)
    influence : (n_units, n_effects)
        Scaled to ``n_units``, so that the covariance of the estimates is ``influence' influence /
        n_units^2``; zero for units that an outcome does not have.
    """
    parts = [part for result in results for part in result.effects]
    if not parts:
        return np.empty(0, dtype=np.str_), np.empty(0, dtype=np.str_), np.empty((0, 0))
    unit_ids = np.unique(np.concatenate([part.unit_ids for part in parts]))
    blocks = []
    for part in parts:
        block = np.zeros((len(unit_ids), len(part.keys)))
        block[np.searchsorted(unit_ids, part.unit_ids)] = part.influence * (
            len(unit_ids) / len(part.unit_ids)
        )
        blocks.append(block)
    ids = np.array([name for result in results for name in result.effect_ids], dtype=np.str_)
    return unit_ids, ids, np.hstack(blocks)
