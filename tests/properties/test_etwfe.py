"""What must not change a saturated or a stacked estimate, and what must change it in proportion."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from impacteval.designs import ExtendedTwoWay, Stacked
from impacteval.estimators.etwfe import extended_two_way
from impacteval.estimators.stacked import stacked
from impacteval.inference.errors import with_errors
from impacteval.panel import Panel, panel_of

SMALL = settings(derandomize=True, deadline=None, max_examples=6)
ALL = ("simple", "event_time", "cohort", "calendar")
LINEAR = {
    "units": ExtendedTwoWay(name="units", averages=ALL, covariates=("x",)),
    "cohorts": ExtendedTwoWay(
        name="cohorts", averages=ALL, unit_effects=False, control_group="never_treated", covariates=("x",)
    ),
    "stacked": Stacked(name="stacked", covariates=("z",)),
    "stacked_never": Stacked(name="stacked_never", control_group="never_treated"),
}
COUNTS = {
    "count_units": ExtendedTwoWay(name="count_units", model="poisson", averages=ALL, exposure="hours"),
    "count_cohorts": ExtendedTwoWay(
        name="count_cohorts",
        model="poisson",
        averages=ALL,
        exposure="hours",
        unit_effects=False,
        covariates=("x",),
    ),
}
EVERY = {**LINEAR, **COUNTS}
every_design = pytest.mark.parametrize("design", EVERY.values(), ids=EVERY)
linear_design = pytest.mark.parametrize("design", LINEAR.values(), ids=LINEAR)
count_design = pytest.mark.parametrize("design", COUNTS.values(), ids=COUNTS)
seeds = st.integers(min_value=0, max_value=10_000)


def frame_of(seed):
    """Units of two cohorts and a comparison in six periods, some cells missing."""
    rng = np.random.default_rng(seed)
    sizes = rng.integers(5, 8, size=3)
    rows = []
    for i, cohort in enumerate(np.repeat([3, 4, 0], sizes)):
        level, x = rng.normal(), rng.normal()
        for period in range(1, 7):
            y = rng.poisson(6 * np.exp(0.2 * level + 0.1 * period - 0.3 * (0 < cohort <= period)))
            arm = "none" if cohort == 0 else "grant"
            rows.append(
                (
                    f"u{i:02d}",
                    period,
                    arm,
                    cohort or None,
                    y,
                    x,
                    rng.normal(),
                    rng.uniform(0.5, 2),
                    rng.uniform(1, 3),
                )
            )
    columns = ["unit", "period", "arm", "first_treat", "y", "x", "z", "hours", "w"]
    frame = pd.DataFrame(rows, columns=columns).astype({"first_treat": "Int64", "y": "float64"})
    frame.loc[rng.random(len(frame)) < 0.03, "y"] = np.nan
    return frame.assign(cluster=frame["unit"])


def run(frame, design):
    """Effects with errors of a design."""
    panel = panel_of(
        frame,
        outcome="y",
        covariates=["x", "z", "hours"],
        periods=[1, 2, 3, 4, 5, 6],
        comparison_arm="none",
        weight="w",
    )
    return on_panel(panel, design)


def on_panel(panel: Panel, design):
    """Effects with errors of a design on a panel."""
    estimator = stacked if isinstance(design, Stacked) else extended_two_way
    return with_errors(estimator(panel, design), "cr0", panel.cluster)


def is_log(estimates):
    """Which effects are logarithms of ratios."""
    return np.array([key.estimand == "rate_ratio" for key in estimates.effects.keys])


@every_design
@SMALL
@given(seed=seeds)
def test_order_of_rows_changes_no_bit(design, seed):
    frame = frame_of(seed)
    one, other = run(frame, design), run(frame.sample(frac=1, random_state=seed), design)
    assert_array_equal(one.effects.estimate, other.effects.estimate)
    assert_array_equal(one.effects.influence, other.effects.influence)


@linear_design
@SMALL
@given(seed=seeds, constant=st.floats(min_value=-100, max_value=100))
def test_a_constant_added_to_the_outcome_changes_nothing(design, seed, constant):
    frame = frame_of(seed)
    before, after = run(frame, design), run(frame.assign(y=frame["y"] + constant), design)
    assert_allclose(after.effects.estimate, before.effects.estimate, rtol=1e-9, atol=1e-10)
    assert_allclose(after.std_error, before.std_error, rtol=1e-9, atol=1e-10)


@every_design
@SMALL
@given(seed=seeds, factor=st.sampled_from([0.25, 3.0, 1024.0]))
def test_another_unit_of_measure_scales_differences_and_leaves_ratios(design, seed, factor):
    frame = frame_of(seed)
    before, after = run(frame, design), run(frame.assign(y=frame["y"] * factor), design)
    scale = np.where(is_log(before), 1.0, factor)
    assert_allclose(after.effects.estimate, scale * before.effects.estimate, rtol=1e-8, atol=1e-9)
    assert_allclose(after.std_error, scale * before.std_error, rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize("name", ["units", "stacked", "stacked_never"])
@SMALL
@given(seed=seeds)
def test_levels_of_units_and_shocks_of_periods_change_neither_estimate_nor_error(name, seed):
    frame = frame_of(seed)
    rng = np.random.default_rng(seed)
    levels = {unit: rng.normal(0, 10) for unit in frame["unit"].unique()}
    moved = (
        frame["y"] + frame["unit"].map(levels) + frame["period"].map(dict(enumerate(rng.normal(0, 10, 7))))
    )
    before, after = run(frame, EVERY[name]), run(frame.assign(y=moved), EVERY[name])
    assert_allclose(after.effects.estimate, before.effects.estimate, rtol=1e-9, atol=1e-10)
    assert_allclose(after.std_error, before.std_error, rtol=1e-8, atol=1e-10)


@count_design
@SMALL
@given(seed=seeds, factor=st.sampled_from([0.001, 2000.0]))
def test_the_unit_of_exposure_changes_nothing(design, seed, factor):
    frame = frame_of(seed)
    before, after = run(frame, design), run(frame.assign(hours=frame["hours"] * factor), design)
    assert_allclose(after.effects.estimate, before.effects.estimate, rtol=1e-8, atol=1e-10)
    assert_allclose(after.std_error, before.std_error, rtol=1e-8, atol=1e-10)


@every_design
@SMALL
@given(seed=seeds)
def test_other_names_of_units_change_nothing_but_names(design, seed):
    frame = frame_of(seed)
    names = sorted(frame["unit"].unique())
    turned = dict(zip(names, np.random.default_rng(seed).permutation(names), strict=True))
    before = run(frame, design)
    after = run(frame.assign(unit=frame["unit"].map(turned), cluster=frame["cluster"].map(turned)), design)
    # Units are summed in another order, so that the last digits may differ.
    assert_allclose(after.effects.estimate, before.effects.estimate, rtol=1e-8, atol=1e-10)
    assert_allclose(after.std_error, before.std_error, rtol=1e-8, atol=1e-10)
    assert [key.estimand for key in after.effects.keys] == [key.estimand for key in before.effects.keys]


@every_design
@SMALL
@given(seed=seeds)
def test_units_split_in_two_of_half_the_weight_in_the_same_cluster_change_nothing(design, seed):
    frame = frame_of(seed)
    halves = [frame.assign(unit=frame["unit"] + half, w=frame["w"] / 2) for half in ("a", "b")]
    before, after = run(frame, design), run(pd.concat(halves), design)
    assert_allclose(after.effects.estimate, before.effects.estimate, rtol=1e-8, atol=1e-10)
    assert_allclose(after.std_error, before.std_error, rtol=1e-8, atol=1e-10)


@every_design
@SMALL
@given(seed=seeds)
def test_influence_sums_to_zero_and_stays_in_the_sample(design, seed):
    effects = run(frame_of(seed), design).effects
    influence = effects.influence
    assert np.isfinite(influence).all()
    assert_allclose(influence.sum(axis=0), 0, atol=1e-10 * np.abs(influence).sum())
    assert not influence[~effects.in_sample].any()


@every_design
@SMALL
@given(seed=seeds, factor=st.sampled_from([0.5, 64.0]))
def test_the_scale_of_weights_changes_nothing(design, seed, factor):
    frame = frame_of(seed)
    before, after = run(frame, design), run(frame.assign(w=frame["w"] * factor), design)
    assert_allclose(after.effects.estimate, before.effects.estimate, rtol=1e-8, atol=1e-10)
    assert_allclose(after.std_error, before.std_error, rtol=1e-8, atol=1e-10)
