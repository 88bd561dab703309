"""Trials: one drawn study each, estimated by every design and checked by every diagnostic."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import pandas as pd

from impacteval.designs import Design, WithCovariates
from impacteval.panel import Panel
from impacteval.simulation.recovery.diagnostics import PRACTICES, diagnostic_rows, exposed_comparisons
from impacteval.simulation.recovery.estimates import (
    BEFORE_AFTER,
    Found,
    before_after_rows,
    effects_of,
    headline_rows,
    panels_of,
)
from impacteval.simulation.recovery.recipe import Recipe
from impacteval.simulation.recovery.rows import DIAGNOSTIC, ESTIMATE, TRIAL_COLUMNS, judged
from impacteval.simulation.recovery.studies import DrawnStudy, draw_study
from impacteval.simulation.recovery.truths import true_effects
from impacteval.tables import table_of

UNEXPOSED = "without_exposed"
Row = dict[str, object]


def run_block(recipe: Recipe, scenario: str, numbers: Sequence[int]) -> pd.DataFrame:
    """Run some trials of a scenario.

    Parameters
    ----------
    recipe : Recipe
    scenario : str
        One of the generator's.
    numbers : sequence of int
        Numbers of the trials; a trial is the same in whatever block it runs.

    Returns
    -------
    DataFrame
        ``TRIAL_COLUMNS``.
    """
    rows = [row for number in numbers for row in trial_rows(recipe, scenario, number)]
    return table_of(rows, TRIAL_COLUMNS)


def trial_rows(recipe: Recipe, scenario: str, number: int) -> Iterator[Row]:
    """Rows of one trial, of estimates and of diagnostics."""
    study = draw_study(recipe, scenario, number)
    plan = recipe.plan
    panels = panels_of(study.panel, recipe.outcomes, plan)
    found = effects_of(panels, plan, recipe.seed)
    key = {"scenario": scenario, "trial": number}
    truth = true_effects(study, recipe.outcomes)
    for row in _estimates(study, recipe, panels, found):
        true = truth[str(row["outcome"])]
        value = true.last if row["design"] == BEFORE_AFTER else true.simple
        yield judged({**row, **key, "kind": ESTIMATE, "truth": value}, level=plan.level)
    main = {name: parts for (design, name), parts in found.effects.items() if design == plan.primary}
    for row in diagnostic_rows(study, plan, panels, main):
        yield judged({**row, **key, "kind": DIAGNOSTIC}, level=plan.level)


def _estimates(study: DrawnStudy, recipe: Recipe, panels: Mapping[str, Panel], found: Found) -> Iterator[Row]:
    plan = recipe.plan
    for design in plan.designs:
        for name, panel in panels.items():
            yield from headline_rows(found.effects.get((design.name, name), ()), panel, design, plan.level)
        for name in (n for d, n in found.problems if d == design.name):
            note = f"not estimated: {found.problems[design.name, name]}"
            for vcov in design.vcov:
                yield {"outcome": name, "design": design.name, "vcov": vcov, "note": note}
    yield from before_after_rows(study.panel, recipe.outcomes, plan)
    yield from _without_exposed(study, recipe)


def _without_exposed(study: DrawnStudy, recipe: Recipe) -> Iterator[Row]:
    """The primary design on practices without comparison enterprises near participants.

    It takes no covariates here: too few enterprises of some main buyers are left to adjust for it.
    """
    plan = recipe.plan
    kept = study.panel[~study.panel["unit"].isin(exposed_comparisons(study))]
    panels = panels_of(kept, [o for o in recipe.outcomes if o.name == PRACTICES], plan)
    design = _without_covariates(next(d for d in plan.designs if d.name == plan.primary))
    found = effects_of(panels, replace(plan, designs=(design,)), recipe.seed)
    for (_, name), parts in found.effects.items():
        for row in headline_rows(parts, panels[name], design, plan.level):
            yield {**row, "design": UNEXPOSED}


def _without_covariates(design: Design) -> Design:
    return replace(design, covariates=()) if isinstance(design, WithCovariates) else design
