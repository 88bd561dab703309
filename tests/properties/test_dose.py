"""What must not change effects by dose, and what must change them in proportion."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from impacteval.designs import Dose
from impacteval.estimators.dose import dose_effects
from impacteval.inference.errors import with_errors
from impacteval.panel import panel_of

SMALL = settings(derandomize=True, deadline=None, max_examples=10)
DESIGNS = {
    "distinct": Dose(dose="hours", slope=True),
    "cuts": Dose(dose="hours", cuts=(1.0, 3.0), slope=True, control_group="not_yet_treated"),
    "covariates": Dose(dose="hours", slope=True, covariates=("z",), method="reg"),
}
every_design = pytest.mark.parametrize("design", DESIGNS.values(), ids=DESIGNS.keys())
seeds = st.integers(min_value=0, max_value=10_000)


def frame_of(seed):
    """Two cohorts of nine units with one to four hours, and nine units with none, in four periods."""
    rng = np.random.default_rng(seed)
    rows = []
    for i, cohort in enumerate(np.repeat([2, 3, 0], 9)):
        level, hours = rng.normal(), (i % 4 + 1) * (cohort > 0)
        for period in (1, 2, 3, 4):
            y = level + 0.2 * period + (0 < cohort <= period) * hours + rng.normal()
            arm = "trained" if cohort else "none"
            rows.append((f"u{i:02d}", period, arm, cohort or None, f"u{i:02d}", y, rng.normal(), hours))
    columns = ["unit", "period", "arm", "first_treat", "cluster", "y", "z", "hours"]
    frame = pd.DataFrame(rows, columns=columns).astype({"first_treat": "Int64"})
    frame.loc[rng.random(len(frame)) < 0.03, "y"] = np.nan
    return frame


def run(frame, design):
    """Estimates, errors and influence of all effects of a design."""
    panel = panel_of(
        frame, outcome="y", covariates=["z", "hours"], periods=[1, 2, 3, 4], comparison_arm="none"
    )
    effects = dose_effects(panel, design)
    return effects.estimate, with_errors(effects, "cr0", panel.cluster).std_error, effects.influence


@every_design
@SMALL
@given(seed=seeds)
def test_order_of_rows_changes_no_bit(design, seed):
    frame = frame_of(seed)
    turned = frame.sample(frac=1, random_state=seed)
    for one, other in zip(run(frame, design), run(turned, design), strict=True):
        assert_array_equal(one, other)


@every_design
@SMALL
@given(seed=seeds)
def test_other_names_of_units_change_nothing(design, seed):
    frame = frame_of(seed)
    names = sorted(frame["unit"].unique())
    turned = dict(zip(names, np.random.default_rng(seed).permutation(names), strict=True))
    renamed = frame.assign(unit=frame["unit"].map(turned), cluster=frame["cluster"].map(turned))
    before, after = run(frame, design), run(renamed, design)
    # Units are summed in another order, so that the last digits may differ.
    assert_allclose(after[0], before[0], rtol=1e-9, atol=1e-11)
    assert_allclose(after[1], before[1], rtol=1e-9, atol=1e-11)


@every_design
@SMALL
@given(seed=seeds, factor=st.sampled_from([-8.0, 0.25, 1024.0]))
def test_another_unit_of_measure_scales_estimates_and_errors(design, seed, factor):
    frame = frame_of(seed)
    before, after = run(frame, design), run(frame.assign(y=frame["y"] * factor), design)
    assert_allclose(after[0], factor * before[0], rtol=1e-9, atol=1e-11 * abs(factor))
    assert_allclose(after[1], abs(factor) * before[1], rtol=1e-9)


@SMALL
@given(seed=seeds, factor=st.sampled_from([0.5, 4.0]))
def test_another_unit_of_dose_scales_the_slope_alone(seed, factor):
    frame = frame_of(seed)
    design = DESIGNS["distinct"]
    before, after = run(frame, design), run(frame.assign(hours=frame["hours"] * factor), design)
    scale = np.append(np.ones(len(before[0]) - 1), 1 / factor)
    assert_allclose(after[0], scale * before[0], rtol=1e-9)
    assert_allclose(after[1], scale * before[1], rtol=1e-9)


@every_design
@SMALL
@given(seed=seeds)
def test_levels_of_units_and_shocks_to_periods_change_nothing(design, seed):
    frame = frame_of(seed)
    rng = np.random.default_rng(seed)
    level = frame["unit"].map({unit: rng.normal(0, 10) for unit in frame["unit"].unique()})
    shock = frame["period"].map({1: 0.0, 2: 5.0, 3: -3.0, 4: 11.0})
    before, after = run(frame, design), run(frame.assign(y=frame["y"] + level + shock), design)
    assert_allclose(after[0], before[0], rtol=1e-9, atol=1e-11)
    assert_allclose(after[1], before[1], rtol=1e-9, atol=1e-11)


@every_design
@SMALL
@given(seed=seeds)
def test_units_twice_in_one_cluster_change_nothing(design, seed):
    frame = frame_of(seed)
    twice = pd.concat([frame, frame.assign(unit=frame["unit"] + "b")])
    before, after = run(frame, design), run(twice, design)
    assert_allclose(after[0], before[0], rtol=1e-9, atol=1e-11)
    # A dose of one unit has no error at all, and one of two copies none by cluster.
    known = ~np.isnan(before[1])
    assert_allclose(after[1][known], before[1][known], rtol=1e-9, atol=1e-11)


@every_design
@SMALL
@given(seed=seeds)
def test_influence_sums_to_zero(design, seed):
    _, _, influence = run(frame_of(seed), design)
    known = influence[:, ~np.isnan(influence).any(axis=0)]
    assert_allclose(known.sum(axis=0), 0, atol=1e-11 * max(np.abs(known).sum(), 1))
