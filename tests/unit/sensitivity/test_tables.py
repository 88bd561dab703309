"""Rows of the sensitivity table from hand-made estimates."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from impacteval.analysis import analyse_family, stack_influence
from impacteval.config import load_study
from impacteval.design import Plan
from impacteval.designs import EventStudy, TwoStage
from impacteval.result_rows import estimates_table
from impacteval.sensitivity import tables
from impacteval.sensitivity.stored import StoredInfluence
from impacteval.sensitivity.tables import (
    FIRST_ORDER,
    NO_PRE_PERIOD,
    NO_SET_FLIPS,
    PRETREND_UNDEFINED,
    TRENDS_IN_DOUBT,
    TRENDS_MAY_DIFFER,
    sensitivity_rows,
)
from impacteval.tables import ESTIMATE_COLUMNS, table_of
from support.plans import BY_SWITCH, make_outcome, make_plan
from support.study import make_study

UNITS = ("a", "b", "c")
EFFECTS = {-3: (1.0, -1.0, 0.0), -2: (0.0, 1.0, -1.0), 0: (1.0, 1.0, -2.0)}


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    files = make_study()
    return load_study(files.write(tmp_path), files.name).plan


def event_study(name: str) -> EventStudy:
    return EventStudy(estimator="event_study_twfe", name=name, label=name, vcov=("cr0",))


def rows_of(
    plan: Plan, designs: tuple[str, ...], clusters: str, event_times: tuple[int, ...]
) -> pd.DataFrame:
    """Pre-trend rows of event studies on three units."""
    ids = {(d, e): f"y.{d}.event_time.event_time={e}" for d in designs for e in event_times}
    estimates = table_of(
        [
            {
                "estimate_id": f"{name}.cr0",
                "outcome": "y",
                "arm": "t",
                "role": "supporting",
                "estimator": "event_study_twfe",
                "estimand": "event_time",
                "event_time": e,
                "estimate": 0.5,
            }
            for (_, e), name in ids.items()
        ],
        ESTIMATE_COLUMNS,
    )
    stored = StoredInfluence(
        unit_ids=np.array(UNITS),
        effect_ids=np.array(list(ids.values())),
        influence=np.array([EFFECTS[e] for _, e in ids]).T,
    )
    asked = replace(plan, designs=tuple(event_study(d) for d in designs))
    cluster = pd.Series(list(clusters), index=list(UNITS))
    return pd.DataFrame(sensitivity_rows(estimates, stored, cluster, asked))


def test_a_design_called_event_time_has_its_own_test(plan: Plan) -> None:
    """Bug: a design called event_time matched the effects of all event studies. Each has its own."""
    found = rows_of(plan, ("event_time", "other"), "abc", (-3, 0))
    assert found["df"].tolist() == [1, 1]


@pytest.mark.parametrize(
    ("clusters", "event_times", "note"),
    [("aab", (-3, -2, 0), PRETREND_UNDEFINED), ("abc", (0,), NO_PRE_PERIOD)],
)
def test_a_test_that_cannot_be_computed_says_so(
    plan: Plan, clusters: str, event_times: tuple[int, ...], note: str
) -> None:
    """Bug: a joint test without full rank was noted as "no difference found"."""
    found = rows_of(plan, ("events",), clusters, event_times)
    assert found["note"].tolist() == [note]


@pytest.mark.parametrize(
    ("value", "influence", "notes"),
    [
        (1.0, (1.0, -1.0, 0.0), [FIRST_ORDER, NO_SET_FLIPS]),
        (0.0, (1.0, -1.0, 0.0), [FIRST_ORDER, "not defined: the estimate is zero and has no sign"]),
        (1.0, (np.nan, 0.0, 0.0), ["not defined: the influence of single enterprises is not known"] * 2),
    ],
)
def test_undefined_influence_is_noted(
    plan: Plan, value: float, influence: tuple[float, ...], notes: list[str]
) -> None:
    """Bug: an undefined removal count was noted as robust. It is not defined."""
    row = {"estimate_id": "y.d.simple.cr0", "outcome": "y", "arm": "t", "role": "primary", "estimate": value}
    stored = StoredInfluence(
        unit_ids=np.array(UNITS),
        effect_ids=np.array(["y.d.simple"]),
        influence=np.array(influence)[:, None],
    )
    cluster = pd.Series(list(UNITS), index=list(UNITS))
    found = sensitivity_rows(table_of([row], ESTIMATE_COLUMNS), stored, cluster, plan)
    assert [r["note"] for r in found] == notes


def test_a_headline_without_an_estimate_is_left_out(plan: Plan) -> None:
    rows = [
        {"estimate_id": f"{y}.d.simple.cr0", "outcome": y, "arm": "t", "role": "secondary", "estimate": value}
        for y, value in (("y", 1.0), ("z", np.nan))
    ]
    stored = StoredInfluence(
        unit_ids=np.array(UNITS),
        effect_ids=np.array(["y.d.simple"]),
        influence=np.array([[1.0], [-1.0], [0.0]]),
    )
    cluster = pd.Series(list(UNITS), index=list(UNITS))
    found = sensitivity_rows(table_of(rows, ESTIMATE_COLUMNS), stored, cluster, plan)
    assert [(r["outcome"], r["measure"]) for r in found] == [
        ("y", "leave_one_out"),
        ("y", "fewest_to_flip_sign"),
    ]


def test_two_stages_have_no_test_of_trends(plan: Plan) -> None:
    """Bug: residuals of the rows that gave the effects of unit and period passed for a test."""
    asked = replace(plan, designs=(TwoStage(name="two_stage", label="", vcov=("cr0",)),))
    effect = "y.two_stage.event_time.event_time=-3"
    row = {"estimate_id": f"{effect}.cr0", "outcome": "y", "arm": "t", "role": "supporting"}
    table = table_of([{**row, "estimand": "event_time", "event_time": -3, "estimate": 0.5}], ESTIMATE_COLUMNS)
    stored = StoredInfluence(
        unit_ids=np.array(UNITS), effect_ids=np.array([effect]), influence=np.array(EFFECTS[-3])[:, None]
    )
    assert sensitivity_rows(table, stored, pd.Series(list(UNITS), index=list(UNITS)), asked) == []


@pytest.mark.parametrize(("level", "size"), [(0.95, "5%"), (0.9, "10%"), (0.975, "2.5%")])
def test_a_rejection_is_at_the_level_of_the_plan(level: float, size: str) -> None:
    """Bug: a rejection was noted as trends that differed. It is a test with a level."""
    assert tables._pretrend_note(0.01, level) == TRENDS_IN_DOUBT.format(level=size)
    assert tables._pretrend_note(0.2, level) == TRENDS_MAY_DIFFER


OUTCOMES = (replace(make_outcome("sales"), family="a"), replace(make_outcome("profit"), family="b"))


def survey(*, is_complete: bool) -> pd.DataFrame:
    """Twelve enterprises in three rounds, half of them treated from round 2; one may miss the last."""
    rng = np.random.default_rng(3)
    rows = [
        {
            "unit": f"u{i}",
            "period": period,
            "arm": "none" if i % 2 else "grant",
            "first_treat": None if i % 2 else 2,
            "cluster": f"u{i}",
            "sales": rng.normal(),
            "profit": np.nan if i == 5 or (i == 0 and period == 3 and not is_complete) else rng.normal(),
        }
        for i in range(12)
        for period in (1, 2, 3)
    ]
    return pd.DataFrame(rows).astype({"first_treat": "Int64"})


@pytest.mark.parametrize(("is_complete", "samples"), [(True, ["all"]), (False, ["all", "balanced"])])
def test_a_sample_that_is_the_same_is_not_estimated_again(is_complete: bool, samples: list[str]) -> None:
    """Bug: where all with a value have one in every period each design was listed twice."""
    rows = tables.specification_rows(survey(is_complete=is_complete), OUTCOMES[1:], make_plan(BY_SWITCH), 1)
    assert [row["sample"] for row in rows] == samples


def test_tables_are_in_the_order_of_the_outcomes() -> None:
    """Bug: families came in alphabetical order, whatever the plan's outcomes."""
    frame, plan = survey(is_complete=True), make_plan(BY_SWITCH)
    found, rows = {}, []
    for outcome in OUTCOMES:
        results = analyse_family(frame, (outcome,), plan, "made_up", seed=1)
        unit_ids, effect_ids, influence = stack_influence(results)
        found[outcome.family] = StoredInfluence(unit_ids=unit_ids, effect_ids=effect_ids, influence=influence)
        rows += [row for result in results for row in result.rows]
    made = tables.sensitivity_tables(
        frame, estimates_table(rows), influence=found, outcomes=OUTCOMES[::-1], plan=plan, seed=1
    )
    for table in (made.sensitivity, made.crosscheck, made.specifications, made.bounds):
        assert list(dict.fromkeys(table["outcome"])) == ["profit", "sales"]


def test_the_headline_is_also_shown_with_the_extreme_values_that_were_cut() -> None:
    outcome = replace(OUTCOMES[0], winsorise=1.0)
    frame = survey(is_complete=True)
    frame["sales__unwinsorised"] = frame["sales"] + 3 * ((frame["arm"] == "grant") & (frame["period"] == 3))
    rows = list(tables.specification_rows(frame, (outcome,), make_plan(BY_SWITCH), 1))
    assert [row["sample"] for row in rows] == ["all", "unwinsorised"]
    assert rows[1]["estimate"] - rows[0]["estimate"] == pytest.approx(1.5)


def test_outcomes_that_are_only_described_have_no_rows() -> None:
    frame, plan = survey(is_complete=True), make_plan(BY_SWITCH)
    described = tuple(replace(outcome, role="descriptive") for outcome in OUTCOMES)
    made = tables.sensitivity_tables(
        frame, estimates_table([]), influence={}, outcomes=described, plan=plan, seed=1
    )
    assert len(made.specifications) == len(made.bounds) == 0
