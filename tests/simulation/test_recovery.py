"""Known effects found again in drawn studies; limits are wide, the full run is that of `make simulate`."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest

from impacteval.simulation.recovery.estimates import effects_of, panels_of
from impacteval.simulation.recovery.studies import draw_study
from impacteval.simulation.recovery.summary import recovery_table
from impacteval.simulation.recovery.trials import run_block
from impacteval.simulation.recovery.truths import true_effects
from support.recovery import recipe

pytestmark = pytest.mark.slow
TRIALS = 10
BLOCKS = {"central": range(TRIALS), "null_all": range(4)}


@cache
def trials(scenario):
    return run_block(recipe(), scenario, BLOCKS[scenario])


@cache
def recovered(scenario):
    return recovery_table(trials(scenario), [scenario]).set_index(["outcome", "design"])


@pytest.mark.parametrize("outcome", [o.name for o in recipe().outcomes])
def test_the_primary_design_is_not_far_from_the_truth(outcome):
    found = recovered("central").loc[(outcome, recipe().plan.primary)]
    assert found["n_failed"] == 0
    # Few trials estimate their own error badly: the limit is 4 errors by what the studies said of themselves.
    assert abs(found["bias"]) < 4 * found["std_error"] / np.sqrt(TRIALS)
    assert found["coverage"] >= 0.6


def test_practices_before_and_after_rise_by_more_than_training_changed():
    found = recovered("central").loc[("mgmt_score", "before_after")]
    assert found["bias"] > 2 * found["bias_mc"]


def test_nothing_is_changed_where_no_effect_is_drawn():
    assert (trials("null_all")["truth"].dropna() == 0).all()


def test_results_do_not_depend_on_how_trials_are_split():
    alone = run_block(recipe(), "central", [3])
    together = trials("central")
    together = together[together["trial"] == 3].reset_index(drop=True)
    pd.testing.assert_frame_equal(alone, together, check_exact=True)


def test_summaries_do_not_depend_on_the_order_of_blocks():
    table = trials("central")
    turned = pd.concat([table[table["trial"] >= 5], table[table["trial"] < 5]], ignore_index=True)
    pd.testing.assert_frame_equal(
        recovery_table(table, ["central"]), recovery_table(turned, ["central"]), check_exact=True
    )


def test_scenarios_share_the_draws_that_they_do_not_change():
    untreated = [
        draw_study(recipe(), s, 2).truth.potential.untreated["mgmt"] for s in ("central", "null_all")
    ]
    assert np.array_equal(*untreated)


def test_true_effects_are_weighted_as_the_estimate_is():
    shared = recipe()
    study = draw_study(shared, "central", 1)
    panels = panels_of(study.panel, shared.outcomes, shared.plan)
    found = effects_of(panels, shared.plan, shared.seed).effects
    truth = true_effects(study, shared.outcomes)
    for name, panel in panels.items():
        cells, simple = found["group_time_unadjusted", name][:2]
        after = [j for j, key in enumerate(cells.keys) if key.period >= key.cohort]
        size = np.array([(panel.cohort == cells.keys[j].cohort).sum() for j in after])
        assert np.average(cells.estimate[after], weights=size) == pytest.approx(simple.estimate[0], rel=1e-10)
        gains = study.gains.assign(cohort=study.gains["unit"].map(cohorts(study.panel)))
        true = [mean_gain(gains, name, cells.keys[j]) for j in after]
        assert truth[name].simple == pytest.approx(np.average(true, weights=size), rel=1e-10)


def cohorts(panel):
    return panel.drop_duplicates("unit").set_index("unit")["first_treat"].astype(float)


def mean_gain(gains, name, key):
    return gains.loc[(gains["cohort"] == key.cohort) & (gains["period"] == key.period), name].mean()
