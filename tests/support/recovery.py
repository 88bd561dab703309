"""What trials of the recovery of known effects share, from the configuration of the study."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from impacteval.config import load_study
from impacteval.config.formula_rules import derivation_rules
from impacteval.simulation.recovery.recipe import Recipe, recipe_of
from support.programme_parameters import parameters

ROOT = Path(__file__).resolve().parents[2]


@cache
def recipe() -> Recipe:
    """The recipe of the SCORE Indonesia study."""
    study = load_study(ROOT, "score_indonesia")
    return recipe_of(parameters(), study.plan, study.outcomes, derivation_rules(study), seed=study.study.seed)
