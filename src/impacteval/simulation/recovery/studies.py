"""One drawn study: its enterprise panel as the study's own steps build it, and its true effects."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from impacteval.build.enterprise import build_enterprises
from impacteval.build.outcomes import derive
from impacteval.derive.panel import Derivations
from impacteval.derive.rules import DerivationRules
from impacteval.design import Outcome
from impacteval.simulation.programme_study.columns import ASSIGNMENT
from impacteval.simulation.programme_study.enterprise_table import enterprise_table
from impacteval.simulation.programme_study.report import PotentialName, report
from impacteval.simulation.programme_study.telling import tell
from impacteval.simulation.programme_study.truth import Truth, draw_truth
from impacteval.simulation.programme_study.worker_table import worker_table
from impacteval.simulation.recovery.held_indices import hold, hold_column
from impacteval.simulation.recovery.recipe import Recipe

KEYS = ["unit", "period"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnStudy:
    """One drawn study.

    ``panel`` is the enterprise panel of what was reported. ``gains`` has a row for each enterprise of
    the study and period, reached or not, with ``unit``, ``period`` and for each outcome what training
    changed of its true value, 0 where nobody was trained.
    """

    truth: Truth
    panel: pd.DataFrame
    gains: pd.DataFrame


def seed_of(recipe: Recipe, number: int) -> int:
    """Seed of a trial: a digest of the study's seed and the trial's number.

    It does not depend on the scenario, so that scenarios share the draws that they do not change; nor
    on which trials run together.
    """
    digest = hashlib.sha256(f"{recipe.seed}/recovery/{number}".encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1


def draw_study(recipe: Recipe, scenario: str, number: int) -> DrawnStudy:
    """Draw a study, report it without errors of entry, and build its panel."""
    truth = draw_truth(recipe.generator, scenario, seed_of(recipe, number))
    made = _derived(_trimmed(recipe, report(truth).tables), recipe, recipe.rules, recipe.outcomes)
    built = build_enterprises(made.panel, recipe.plan, recipe.outcomes, made.reasons)
    rules = replace(recipe.rules, derived=tuple(hold_column(d, made.indices) for d in recipe.rules.derived))
    outcomes = tuple(hold(o, made.indices) for o in recipe.outcomes)
    observed, untreated = (_true_values(truth, recipe, rules, outcomes, p) for p in ("observed", "untreated"))
    names = [o.name for o in outcomes]
    gains = observed[KEYS].assign(**{n: observed[n] - untreated[n] for n in names})
    return DrawnStudy(truth=truth, panel=built.panel, gains=gains)


def _true_values(
    truth: Truth,
    recipe: Recipe,
    rules: DerivationRules,
    outcomes: tuple[Outcome, ...],
    potential: PotentialName,
) -> pd.DataFrame:
    """Outcomes of all enterprises in all periods, without errors of reporting and complete."""
    told = tell(truth, potential, "true")
    enterprise = enterprise_table(truth, told)
    tables = {
        "enterprise": enterprise,
        "frame": truth.frame,
        "assignment": truth.firms.rename(columns={"entry_day": "entry_date"})[list(ASSIGNMENT)],
        "training": truth.training,
    }
    if "workers" in recipe.tables:
        tables["workers"] = worker_table(truth, told, enterprise)
    made = _derived(_trimmed(recipe, tables), recipe, rules, outcomes)
    panel = recipe.plan.panel
    keyed = made.panel.assign(unit=made.panel[panel.unit], period=made.panel[panel.period].astype("Int64"))
    values = {o.name: derive(keyed, o).values for o in outcomes}
    return keyed[KEYS].assign(**values)


def _trimmed(recipe: Recipe, tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """The tables and columns that formulas read, with places as if they had been read from files."""
    return {name: _placed(name, tables[name], recipe.columns) for name in recipe.tables}


def _placed(name: str, table: pd.DataFrame, columns: frozenset[str]) -> pd.DataFrame:
    kept = table[[c for c in table.columns if c in columns]].reset_index(drop=True)
    return kept.assign(source_file=name, source_row=np.arange(2, len(kept) + 2))


def _derived(
    tables: Mapping[str, pd.DataFrame], recipe: Recipe, rules: DerivationRules, outcomes: tuple[Outcome, ...]
) -> Derivations:
    return rules.apply(tables, recipe.plan, outcomes)
