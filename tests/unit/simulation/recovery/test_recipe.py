"""What of a study's plan trials keep."""

from __future__ import annotations

from dataclasses import replace

import pytest

from impacteval.errors import ConfigError
from impacteval.simulation.recovery.recipe import recipe_of
from impacteval.simulation.recovery.studies import seed_of
from support.recovery import recipe


def test_only_primary_outcomes_and_what_they_rest_on_are_kept():
    kept = recipe()
    assert {o.role for o in kept.outcomes} == {"primary"}
    derived = {d.name for d in kept.rules.derived}
    assert {"va_real", "va_idr", "entry_day", "astra"} <= derived
    assert "scope1_kg" not in derived
    assert {"wpi"} == {p.parameter for p in kept.rules.parameters}
    assert set(kept.tables) == {"enterprise", "workers", "frame", "assignment"}


def test_designs_of_other_outcomes_are_left_out():
    assert "injuries" not in [d.name for d in recipe().plan.designs]
    assert recipe().plan.primary in [d.name for d in recipe().plan.designs]


def test_a_study_without_primary_outcomes_is_refused():
    kept = recipe()
    secondary = tuple(replace(o, role="secondary") for o in kept.outcomes)
    with pytest.raises(ConfigError, match="no primary outcome"):
        recipe_of(kept.generator, kept.plan, secondary, kept.rules, seed=1)


def test_seeds_of_trials_differ_and_follow_from_the_seed_of_the_study():
    kept = recipe()
    seeds = [seed_of(kept, n) for n in range(200)]
    assert len(set(seeds)) == 200
    assert seeds == [seed_of(kept, n) for n in range(200)]
    assert seed_of(replace(kept, seed=kept.seed + 1), 0) not in seeds
