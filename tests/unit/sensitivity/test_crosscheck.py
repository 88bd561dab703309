"""Headlines beside other designs, designs beside statsmodels."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from impacteval.analysis import analyse_family, panel_for, stack_influence
from impacteval.designs import (
    CallawaySantAnna,
    EventStudy,
    Imputation,
    SunAbraham,
    TwoByTwo,
    TwoWayFixedEffects,
)
from impacteval.effects import EffectKey
from impacteval.result_rows import estimates_table
from impacteval.sensitivity import second_engine as engine
from impacteval.sensitivity.crosscheck import IDENTICAL, crosscheck_rows, engine_rows
from impacteval.sensitivity.second_engine import second_engine
from impacteval.sensitivity.stored import StoredInfluence
from support.panels import ARM, make_panel
from support.plans import BY_SWITCH, make_outcome, make_plan

CR0 = ("cr0",)
DESIGNS = (
    TwoByTwo(name="two_by_two", label="", vcov=CR0),
    CallawaySantAnna(name="group_time", label="", vcov=CR0, base_period="universal"),
    CallawaySantAnna(name="not_yet", label="", vcov=CR0, control_group="not_yet_treated"),
    Imputation(name="imputation", label="", vcov=CR0),
    TwoWayFixedEffects(name="two_way", label="", vcov=CR0),
    EventStudy(name="event_study", label="", vcov=CR0),
    SunAbraham(name="sun_abraham", label="", vcov=CR0),
)
OUTCOME = make_outcome()


def frame_of(seed=5, n_units=60):
    """Cohorts from rounds 2 and 3 and never; estates of five as clusters; some values missing."""
    rng = np.random.default_rng(seed)
    rows = []
    for i in range(n_units):
        first = [2, 3, None][i % 3]
        level = rng.normal()
        for period in (1, 2, 3):
            effect = 0.5 * (first is not None and period >= first) * (1 + period)
            gone = rng.random() < 0.05
            value = np.nan if gone else level + effect + rng.normal()
            rows.append(
                (f"u{i:02d}", period, "none" if first is None else "grant", first, f"e{i // 5}", value)
            )
    frame = pd.DataFrame(rows, columns=["unit", "period", "arm", "first_treat", "cluster", "profit"])
    return frame.astype({"first_treat": "Int64"})


@pytest.fixture(scope="module")
def study():
    frame = frame_of()
    plan = replace(make_plan(BY_SWITCH, cluster="estate"), designs=DESIGNS)
    results = analyse_family(frame, (OUTCOME,), plan, "made_up", seed=1)
    unit_ids, effect_ids, influence = stack_influence(results)
    stored = StoredInfluence(unit_ids=unit_ids, effect_ids=effect_ids, influence=influence)
    estimates = estimates_table([row for r in results for row in r.rows])
    return frame, plan, estimates, stored


@pytest.fixture(scope="module")
def compared(study):
    frame, plan, estimates, stored = study
    cluster_of = frame.drop_duplicates("unit").set_index("unit")["cluster"]
    return pd.DataFrame(crosscheck_rows(estimates, stored, cluster_of, plan))


def test_every_other_design_with_an_average_is_compared(compared):
    averages = compared[compared["effects"] == "average"]
    assert list(averages["against"]) == ["group_time", "not_yet", "imputation", "two_way", "sun_abraham"]
    assert set(averages["design"]) == {"two_by_two"} and set(averages["arm"]) == {"grant"}


def test_the_same_estimate_is_called_so_and_not_tested(compared):
    same = compared[compared["against"] == "group_time"]
    assert set(same["note"]) == {IDENTICAL}
    assert same["p_value"].isna().all()


def test_error_of_a_difference_is_from_joint_influence(compared, study):
    frame, _, estimates, stored = study
    row = compared[(compared["against"] == "two_way") & (compared["effects"] == "average")].iloc[0]
    ids = ["profit.two_by_two.simple.arm=grant", "profit.two_way.coefficient.arm=grant.term=treated"]
    value = estimates.set_index("estimate_id")["estimate"]
    assert_allclose(row["difference"], value[f"{ids[0]}.cr0-estate"] - value[f"{ids[1]}.cr0-estate"])
    influence = stored.of([ids[0]])[:, 0] - stored.of([ids[1]])[:, 0]
    by_unit = frame.drop_duplicates("unit").set_index("unit").loc[list(stored.unit_ids), "cluster"]
    sums = pd.Series(influence).groupby(by_unit.to_numpy()).sum()
    error = np.sqrt((sums**2).sum()) / len(influence)
    assert_allclose(row["std_error_difference"], error)
    assert_allclose(row["statistic"], (row["difference"] / error) ** 2)


def test_event_times_are_tested_together(compared):
    row = compared[(compared["against"] == "imputation") & compared["effects"].str.startswith("event")].iloc[
        0
    ]
    assert row["n_effects"] == 2 and row["df"] == 2
    assert 0 <= row["p_value"] <= 1


def test_second_engine_gives_the_same_estimates_and_errors(study):
    frame, plan, estimates, stored = study
    rows = pd.DataFrame(engine_rows(frame, estimates, stored, OUTCOME, plan))
    covered = ["two_by_two", "group_time", "not_yet", "two_way", "event_study", "sun_abraham"]
    assert list(rows["design"]) == covered
    assert (rows["n_effects"] > 0).all()
    assert (rows["largest_relative_difference"] < 1e-9).all()


def test_a_wrong_estimate_would_be_seen(study):
    frame, plan, estimates, stored = study
    wrong = estimates.assign(estimate=estimates["estimate"] * (1 + 1e-4))
    rows = pd.DataFrame(engine_rows(frame, wrong, stored, OUTCOME, plan))
    assert (rows["largest_relative_difference"] > 1e-6).all()


def test_a_panel_too_large_for_dummies_is_not_run(study, monkeypatch):
    frame, plan, estimates, stored = study
    monkeypatch.setattr(engine, "LARGEST_MATRIX", 100)
    rows = pd.DataFrame(engine_rows(frame, estimates, stored, OUTCOME, plan)).set_index("design")
    assert "too many for explicit dummies" in rows.loc["two_way", "note"]
    assert rows.loc["two_way", "n_effects"] == 0


def test_designs_with_covariates_are_not_covered(study):
    frame, plan, _, _ = study
    panel = panel_for(frame.assign(size=1.0), OUTCOME, TwoByTwo(name="d", covariates=("size",)), plan)
    assert second_engine(panel, TwoByTwo(name="d", covariates=("size",))) == {}


def test_engine_has_its_own_two_by_two_by_hand():
    panel = make_panel([[0, 3], [0, 5], [0, 4], [1, 2], [2, 3], [0, 4]], [1] * 3 + [np.inf] * 3)
    found = second_engine(panel, TwoByTwo(name="d"))
    key = EffectKey(estimand="att_gt", arm=ARM, cohort=1, period=1, event_time=0)
    assert_allclose(found[key], (2.0, np.sqrt((1 + 1) / 9 + (1 + 1 + 4) / 9)), rtol=1e-12)


def test_errors_by_row_are_not_mixed_up(study):
    """The comparison is with errors by clusters, whatever conventions the plan names."""
    frame, plan, estimates, stored = study
    by_row = replace(plan, designs=(TwoWayFixedEffects(name="two_way", label="", vcov=("classical",)),))
    rows = pd.DataFrame(engine_rows(frame, estimates, stored, OUTCOME, by_row))
    assert (rows["largest_relative_difference"] < 1e-9).all()
