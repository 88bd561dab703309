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
    Dose,
    EventStudy,
    Imputation,
    Stacked,
    SunAbraham,
    Synthetic,
    TwoByTwo,
    TwoWayFixedEffects,
)
from impacteval.effects import EffectKey
from impacteval.result_rows import estimates_table
from impacteval.sensitivity import second_engine as engine
from impacteval.sensitivity.crosscheck import (
    IDENTICAL,
    NO_ESTIMATE,
    NOTHING_SHARED,
    OTHER_TIMES,
    OWN_WEIGHTS,
    _largest,
    crosscheck_rows,
    engine_rows,
)
from impacteval.sensitivity.second_engine import (
    ENGINE,
    ENGINE_OF_DUMMIES,
    ENGINE_OF_PAIRS,
    HAS_COVARIATES,
    HAS_REGRESSORS,
    LAST_TREATED,
    NO_ONE_EQUATION,
    NO_PAIRS,
    NO_SECOND_VERSION,
    engine_of,
    reason_not_compared,
    second_engine,
)
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
    Stacked(name="stacked", label="", vcov=CR0, periods_before=1, periods_after=0),
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


def test_averages_are_of_the_same_event_times_or_say_that_they_are_not(compared):
    """Bug: an average over event time 0 was tested against one over 0 and 1, and read as refuted."""
    stacked = compared[compared["against"] == "stacked"]
    assert list(stacked["effects"]) == ["event times from 0"]
    assert list(stacked["n_effects"]) == [1]
    assert list(stacked["note"]) == [OTHER_TIMES]
    by_average = compared[compared["effects"] == "average"].set_index("against")["note"]
    assert by_average["two_way"] == OWN_WEIGHTS
    assert by_average["imputation"] == ""


def test_a_design_with_nothing_in_common_is_a_row_that_says_so(study):
    frame, plan, estimates, stored = study
    asked = replace(plan, designs=(*DESIGNS, CallawaySantAnna(name="unknown", label="", vcov=CR0)))
    cluster_of = frame.drop_duplicates("unit").set_index("unit")["cluster"]
    row = list(crosscheck_rows(estimates, stored, cluster_of, asked))[-1]
    assert (row["against"], row["n_effects"], row["note"]) == ("unknown", 0, NOTHING_SHARED)
    other = replace(plan, designs=(replace(asked.designs[-1], outcomes=("sales",)),))
    assert list(crosscheck_rows(estimates, stored, cluster_of, other)) == []


def test_gaps_of_estimators_are_not_shown_relative_to_the_estimate(compared):
    assert "largest_relative_difference" not in compared


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
    covered = rows[rows["n_effects"] > 0]
    by_pairs, by_dummies = ["two_by_two", "group_time", "not_yet"], ["two_way", "event_study", "sun_abraham"]
    assert list(covered["design"]) == by_pairs + by_dummies
    assert list(covered["against"]) == [ENGINE_OF_PAIRS] * 3 + [ENGINE_OF_DUMMIES] * 3
    assert (covered["largest_relative_difference"] < 1e-9).all()


def test_a_design_without_second_engine_is_a_row_with_its_reason(study):
    """Bug: designs that are not compared were absent, which looked like agreement."""
    frame, plan, estimates, stored = study
    rows = pd.DataFrame(engine_rows(frame, estimates, stored, OUTCOME, plan))
    assert list(rows["design"]) == [design.name for design in plan.designs]
    row = rows[rows["design"] == "imputation"].iloc[0]
    assert (row["n_effects"], row["note"]) == (0, NO_ONE_EQUATION)
    assert np.isnan(row["largest_relative_difference"])


def test_a_design_of_other_outcomes_has_no_row(study):
    frame, plan, estimates, stored = study
    other = replace(plan, designs=(Imputation(name="imputation", label="", vcov=CR0, outcomes=("sales",)),))
    assert list(engine_rows(frame, estimates, stored, OUTCOME, other)) == []


def test_a_design_without_estimates_says_so(study):
    frame, plan, estimates, stored = study
    unknown = replace(plan, designs=(EventStudy(name="unknown", label="", vcov=CR0),))
    (row,) = engine_rows(frame, estimates, stored, OUTCOME, unknown)
    assert (row["n_effects"], row["note"]) == (0, NO_ESTIMATE)


@pytest.mark.parametrize(
    ("design", "reason"),
    [
        (TwoByTwo(), ""),
        (TwoByTwo(covariates=("size",)), HAS_COVARIATES),
        (TwoByTwo(missing="rows"), NO_PAIRS),
        (TwoWayFixedEffects(), ""),
        (TwoWayFixedEffects(effects_by_period=("estate",)), HAS_COVARIATES),
        (TwoWayFixedEffects(dose="hours"), HAS_REGRESSORS),
        (SunAbraham(control_group="last_treated"), LAST_TREATED),
        (Stacked(), NO_SECOND_VERSION),
        (Synthetic(), NO_ONE_EQUATION),
    ],
)
def test_every_reason_not_to_compare(design, reason):
    assert reason_not_compared(design) == reason
    assert (engine_of(design) == ENGINE) is bool(reason)


def test_a_wrong_estimate_would_be_seen(study):
    frame, plan, estimates, stored = study
    wrong = estimates.assign(estimate=estimates["estimate"] * (1 + 1e-4))
    rows = pd.DataFrame(engine_rows(frame, wrong, stored, OUTCOME, plan))
    assert (rows.loc[rows["n_effects"] > 0, "largest_relative_difference"] > 1e-6).all()


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


def test_dose_groups_do_not_disturb_the_comparison():
    """Bug: effects by event time of several dose groups ended in a ValueError of shapes."""
    frame = frame_of()
    frame["modules"] = np.where(frame["arm"] == "grant", 1.0 + frame["unit"].str[1:].astype(int) % 2, 0.0)
    designs = (DESIGNS[0], Dose(name="dose", label="", vcov=CR0, dose="modules"))
    plan = replace(make_plan(BY_SWITCH), designs=designs)
    results = analyse_family(frame, (OUTCOME,), plan, "made_up", seed=1)
    unit_ids, effect_ids, influence = stack_influence(results)
    stored = StoredInfluence(unit_ids=unit_ids, effect_ids=effect_ids, influence=influence)
    estimates = estimates_table([row for r in results for row in r.rows])
    cluster_of = frame.drop_duplicates("unit").set_index("unit")["cluster"]
    rows = pd.DataFrame(crosscheck_rows(estimates, stored, cluster_of, plan))
    assert list(rows["against"]) == ["dose"] and list(rows["n_effects"]) == [0]


def test_estimates_are_compared_where_an_error_is_not_known():
    """Bug: an estimate of 1 beside one of 2 agreed perfectly when its error was not known."""
    ours, other = np.array([[1.0], [np.nan]]), np.array([[2.0], [0.1]])
    assert _largest(ours, other) == 0.5
