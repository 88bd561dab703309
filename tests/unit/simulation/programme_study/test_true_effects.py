from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from impacteval.simulation.programme_study.true_effects import true_effects
from support.programme_parameters import drawn, parameters, reported, true_of


def share_in_use(answers: pd.DataFrame) -> pd.DataFrame:
    items = answers[[f"mp{k:02d}" for k in range(1, 21)]]
    return answers[["enterprise_id", "wave"]].assign(
        mgmt=100 * (items == "yes").mean(axis=1), size=answers["emp_total_reported"]
    )


@pytest.fixture(scope="module")
def effects():
    made = [share_in_use(true_of(name).tables["enterprise"]) for name in ("observed", "untreated")]
    return true_effects(drawn(), *made).set_index(["indicator", "cohort", "wave"])


def test_effects_are_told_for_rounds_in_which_a_cohort_had_entered(effects):
    rounds = effects.loc["mgmt"].reset_index().groupby("cohort")["wave"].apply(list).to_dict()
    assert rounds == {"C0": [2, 3], "C1": [2, 3], "C2": [3], "all": [2, 3]}
    assert effects.loc[("mgmt", "all", 3), "n"] == 60
    assert effects.loc[("mgmt", "all", 2), "n"] == 27


def test_effects_of_scores_made_from_items_are_near_those_of_the_latent_score(effects):
    truth = drawn()
    rows = (truth.firms["arm"] == "score").to_numpy()
    latent = (truth.potential.observed["mgmt"] - truth.potential.untreated["mgmt"])[rows, 3].mean()
    # Items round both scores to five points by the same chance.
    assert abs(effects.loc[("mgmt", "all", 3), "effect"] - latent) < 4 * 2.5 / np.sqrt(60)
    assert (effects.loc["size", "effect"] == 0).all()


def test_enterprises_without_a_value_count_for_nothing():
    made = [share_in_use(true_of(name).tables["enterprise"]) for name in ("observed", "untreated")]
    first = drawn().firms.loc[drawn().firms["cohort"] == "C0", "enterprise_id"].iloc[0]
    made[0].loc[made[0]["enterprise_id"] == first, "mgmt"] = np.nan
    found = true_effects(drawn(), *made).set_index(["indicator", "cohort", "wave"])
    assert found.loc[("mgmt", "C0", 3), "n"] == 4


@pytest.mark.parametrize("scenario", list(parameters().scenarios))
def test_every_scenario_can_be_reported(scenario):
    tables = reported(scenario).tables
    assert len(tables["assignment"]) == 180 and len(tables["contacts"]) == 720
    assert len(tables["workers"]) == 10 * len(tables["enterprise"])
    said = tables["enterprise"].query("wave == 3").set_index("enterprise_id")["score_modules_reported"]
    assert said[said.index.isin(tables["training"]["enterprise_id"])].gt(0).mean() > 0.8
