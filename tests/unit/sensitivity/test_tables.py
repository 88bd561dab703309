"""Rows of the sensitivity table from hand-made estimates."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from impacteval.config import load_study
from impacteval.design import Plan
from impacteval.designs import EventStudy
from impacteval.sensitivity.stored import StoredInfluence
from impacteval.sensitivity.tables import (
    FIRST_ORDER,
    NO_PRE_PERIOD,
    NO_SET_FLIPS,
    PRETREND_UNDEFINED,
    sensitivity_rows,
)
from impacteval.tables import ESTIMATE_COLUMNS, table_of
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
