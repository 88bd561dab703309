"""Regressions beside pyfixest, a second engine, with its small-sample options fixed."""

from __future__ import annotations

import pandas as pd
import pytest
from numpy.testing import assert_allclose

from impacteval.designs import EventStudy, SunAbraham, TwoStage, TwoWayFixedEffects
from impacteval.estimators.fixed_effects import event_study, two_way_fixed_effects
from impacteval.estimators.sun_abraham import sun_abraham
from impacteval.estimators.two_stage import two_stage
from impacteval.inference.errors import with_errors
from support.golden import golden_panel, score_frame

pf = pytest.importorskip("pyfixest", reason="`make test-engine` installs it")

# pyfixest 0.60.0 uses what pandas 3.1 deprecates.
pytestmark = [
    pytest.mark.filterwarnings("ignore:The inplace keyword"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
]
NEVER = -1000
CASES = [("", "unit"), ("w", "unit"), ("", "estate"), ("w", "estate")]


def long_frame(complete_only: bool = False) -> pd.DataFrame:
    frame = score_frame(complete_only=complete_only)
    started = frame["first_treat"].notna()
    event_time = frame["period"] - frame["first_treat"].fillna(0)
    return frame.assign(
        treated=(started & (event_time >= 0)).astype(float),
        event_time=event_time.where(started, NEVER).astype(int),
        estate=frame["estate"].astype(str),
    )


def fit(formula: str, frame: pd.DataFrame, weight: str, cluster: str):
    """pyfixest's fit with absorbed effects that are nested in clusters left out of the count."""
    return pf.feols(
        formula,
        data=frame,
        weights=weight or None,
        vcov={"CRV1": cluster},
        ssc=pf.ssc(k_adj=True, k_fixef="nonnested", G_adj=True, G_df="min"),
        # It demeans by iteration, by default to 1e-6.
        fixef_tol=1e-13,
    )


@pytest.mark.parametrize(("weight", "cluster"), CASES)
def test_two_way_fixed_effects(weight, cluster):
    frame = long_frame()
    theirs = fit("lvapw ~ treated | unit + period", frame, weight, cluster)
    panel = golden_panel(frame, "lvapw", weight=weight, cluster=cluster)
    ours = with_errors(two_way_fixed_effects(panel, TwoWayFixedEffects()), "cr1_nested", panel.cluster)
    assert_allclose(ours.effects.estimate, theirs.coef().to_numpy(), rtol=1e-8)
    assert_allclose(ours.std_error, theirs.se().to_numpy(), rtol=1e-8)


@pytest.mark.parametrize(("weight", "cluster"), CASES)
def test_event_study(weight, cluster):
    frame = long_frame()
    frame["event_time"] = frame["event_time"].replace(NEVER, -1)
    theirs = fit("lvapw ~ i(event_time, ref=-1) | unit + period", frame, weight, cluster)
    panel = golden_panel(frame, "lvapw", weight=weight, cluster=cluster)
    ours = with_errors(event_study(panel, EventStudy()), "cr1_nested", panel.cluster)
    assert_allclose(ours.effects.estimate, theirs.coef().to_numpy(), rtol=1e-8)
    assert_allclose(ours.std_error, theirs.se().to_numpy(), rtol=1e-8)


@pytest.mark.parametrize(("weight", "cluster"), CASES)
def test_saturated_event_study(weight, cluster):
    """Sun and Abraham's regression of cohort by event time, coefficient by coefficient."""
    frame = long_frame()
    dummies = []
    for (cohort, e), _ in frame[frame["first_treat"].notna()].groupby(["first_treat", "event_time"]):
        if e != -1:
            name = f"c{int(cohort)}_{int(cohort + e)}"
            frame[name] = ((frame["first_treat"] == cohort) & (frame["event_time"] == e)).astype(float)
            dummies.append(name)
    theirs = fit(f"lvapw ~ {' + '.join(dummies)} | unit + period", frame, weight, cluster)
    panel = golden_panel(frame, "lvapw", weight=weight, cluster=cluster)
    ours = with_errors(sun_abraham(panel, SunAbraham()), "cr1_nested", panel.cluster)
    cells = [j for j, key in enumerate(ours.effects.keys) if key.estimand == "att_gt"]
    names = [f"c{ours.effects.keys[j].cohort}_{ours.effects.keys[j].period}" for j in cells]
    assert sorted(names) == sorted(dummies)
    assert_allclose(ours.effects.estimate[cells], theirs.coef()[names].to_numpy(), rtol=1e-8)
    assert_allclose(ours.std_error[cells], theirs.se()[names].to_numpy(), rtol=1e-8)


def test_two_stage():
    """Without the first cohort, whose units have one untreated row: version 0.60.0 fails on those."""
    frame = long_frame(complete_only=True)
    frame = frame[frame["cohort"] != 2011].reset_index(drop=True)
    theirs = pf.did2s(
        frame,
        yname="lvapw",
        first_stage="~ 0 | unit + period",
        second_stage="~ i(treated, ref=0)",
        treatment="treated",
        cluster="unit",
    )
    panel = golden_panel(frame, "lvapw")
    ours = two_stage(panel, TwoStage(averages=("simple",)))
    error = with_errors(ours, "cr0", panel.cluster).std_error
    # Its demeaning stops at a tolerance that did2s does not let one set.
    assert_allclose(ours.estimate, theirs.coef().to_numpy(), rtol=2e-5)
    assert_allclose(error, theirs.se().to_numpy(), rtol=2e-5)
