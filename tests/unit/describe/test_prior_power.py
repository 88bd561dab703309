"""Power before the data: the figures of the design, and doses by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from impacteval.derivation import Prior
from impacteval.describe.prior_power import PRIOR_POWER_COLUMNS, prior_power
from support.plans import BY_ARM, BY_SWITCH, make_plan

PLAN = replace(make_plan(BY_SWITCH), dose="dose")
N_TREATED, N_COMPARISON = 60, 120


def prior(outcome="practices", effect=9.0, sd=15.0, autocorrelation=0.6, coverage=0.95, **changes):
    """What was expected of an outcome, with the attrition, overlap and clustering of the design."""
    expected = Prior(
        outcome=outcome,
        effect_full_dose=effect,
        sd=sd,
        autocorrelation=autocorrelation,
        coverage=coverage,
        attrition=0.12,
        overlap=0.85,
        variance_inflation=1.15,
        n_before=1,
        n_after=2,
        source="literature",
    )
    return replace(expected, **changes)


PRACTICES = prior()
VALUE_ADDED = prior("value_added", 0.08, 0.87, 0.63, 0.8)


def panel(dose=0.62, *, n_treated=N_TREATED, n_comparison=N_COMPARISON):
    """Enterprises in two rounds; half of the mean dose is received in the first."""
    rows = [
        (f"{arm}{i}", period, arm, share * dose if arm == "grant" else 0.0)
        for arm, n in (("grant", n_treated), ("none", n_comparison))
        for i in range(n)
        for period, share in ((1, 0.0), (2, 0.5), (3, 1.0))
    ]
    return pd.DataFrame(rows, columns=["unit", "period", "arm", "dose"])


def found(*priors, frame=None, plan=PLAN):
    table = prior_power(panel() if frame is None else frame, plan, priors)
    assert list(table.columns) == list(PRIOR_POWER_COLUMNS)
    return table.set_index(["outcome", "dose", "method"]).sort_index()


def test_enterprises_are_reduced_by_attrition_coverage_and_overlap():
    table = found(PRACTICES)
    # 60 x .88 x .95 = 50.2 and 120 x .88 x .95 x .85 = 85.3
    assert table[["n_treated", "n_comparison"]].drop_duplicates().to_numpy().tolist() == [[50, 85]]


def test_error_by_hand():
    row = found(PRACTICES).loc[("practices", "full", "did")]
    factor = (1 + 0.6) / 2 + 1 - 2 * 0.6
    assert_allclose(row["std_error"], 15 * np.sqrt(factor * (1 / 50 + 1 / 85) * 1.15), rtol=1e-12)


@pytest.mark.parametrize(
    ("expected", "mde_did", "mde_ancova"),
    [
        (PRACTICES, 6.3, 5.4),
        (prior("fives", 14.0, 16.0, 0.5, 0.92), 7.6, 6.2),
        (VALUE_ADDED, 0.38, 0.33),
        (prior("defects", -0.22, 1.3, 0.8, 0.55), 0.51, 0.47),
        (prior("on_time", 4.0, 12.0, 0.55, 0.6), 6.7, 5.6),
        (prior("absence", -0.4, 1.9, 0.45, 0.75), 1.05, 0.83),
        (prior("turnover", -3.0, 13.0, 0.45, 0.85), 6.7, 5.4),
    ],
)
def test_detectable_effects_are_those_of_the_design(expected, mde_did, mde_ancova):
    table = found(expected).loc[(expected.outcome, "full")]
    digits = 1 if mde_did > 5 else 2
    assert table.loc["did", "mde"] == pytest.approx(mde_did, abs=0.6 * 10**-digits)
    assert table.loc["ancova", "mde"] == pytest.approx(mde_ancova, abs=0.6 * 10**-digits)


@pytest.mark.parametrize(
    ("expected", "dose", "power_did", "power_ancova"),
    [
        (PRACTICES, "full", 0.98, 1.00),
        (PRACTICES, "received", 0.70, 0.83),
        (VALUE_ADDED, "full", 0.09, 0.10),
        (prior("fives", 14.0, 16.0, 0.5, 0.92), "received", 0.89, 0.98),
        (prior("absence", -0.4, 1.9, 0.45, 0.75), "full", 0.19, 0.27),
    ],
)
def test_power_is_that_of_the_design_at_the_full_dose_and_the_one_received(
    expected, dose, power_did, power_ancova
):
    power = found(expected).loc[(expected.outcome, dose), "power"]
    assert power["did"] == pytest.approx(power_did, abs=0.01)
    assert power["ancova"] == pytest.approx(power_ancova, abs=0.01)


def test_a_significant_estimate_of_value_added_is_about_four_times_too_large():
    exaggeration = found(VALUE_ADDED).loc[("value_added", "full"), "exaggeration"]
    assert exaggeration["ancova"] == pytest.approx(3.6, abs=0.1)
    assert exaggeration["did"] == pytest.approx(4.1, abs=0.1)


def test_received_dose_is_that_of_the_last_round_in_which_it_is_known():
    frame = panel()
    frame.loc[frame["period"] == 3, "dose"] = np.nan
    frame.loc[(frame["period"] == 2) & (frame["unit"] == "grant0"), "dose"] = np.nan
    table = found(PRACTICES, frame=frame)
    assert_allclose(table.loc[("practices", "received", "did"), ["dose_share", "effect"]], [0.31, 9 * 0.31])


def test_a_dose_that_nobody_knows_gives_no_power_and_no_failure():
    table = found(PRACTICES, frame=panel().assign(dose=np.nan))
    received = table.loc[("practices", "received", "did")]
    assert received[["dose_share", "effect", "power", "exaggeration"]].isna().all()
    assert np.isfinite(received["mde"])


def test_a_dose_of_nothing_has_the_power_of_chance():
    row = found(PRACTICES, frame=panel(0.0)).loc[("practices", "received", "did")]
    assert_allclose(row[["effect", "power", "wrong_sign"]].astype(float), [0, 0.05, 0.5], atol=1e-10)


def test_without_a_dose_there_is_the_full_one_alone():
    table = found(PRACTICES, plan=replace(PLAN, dose=""))
    assert table.index.get_level_values("dose").tolist() == ["full", "full"]


@pytest.mark.parametrize(("n_treated", "n_comparison"), [(1, 120), (60, 2), (2, 2)])
def test_fewer_than_two_followed_on_a_side_have_no_error(n_treated, n_comparison):
    frame = panel(n_treated=n_treated, n_comparison=n_comparison)
    table = found(prior(attrition=0.5), frame=frame)
    assert table[["std_error", "mde", "power", "exaggeration", "wrong_sign"]].isna().all().all()


def test_each_arm_has_its_rows_and_one_without_enterprises_no_power():
    frame = panel().assign(arm=lambda f: f["arm"].map({"grant": "class", "none": "control"}))
    table = prior_power(frame, replace(make_plan(BY_ARM), dose="dose"), (PRACTICES,))
    assert table["arm"].tolist() == ["class", "class", "mentor", "mentor"] * 2
    assert table.groupby("arm")["mde"].count().to_dict() == {"class": 4, "mentor": 0}


def test_no_expectation_is_an_empty_table():
    assert found().empty


def test_rows_of_the_panel_may_come_in_any_order():
    pd.testing.assert_frame_equal(
        found(PRACTICES), found(PRACTICES, frame=panel().sample(frac=1, random_state=3))
    )
