"""What must not change an estimate, and what must change it in proportion."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from impacteval.estimation import estimate
from impacteval.inference.errors import with_errors
from impacteval.panel import panel_of
from support import designs

SMALL = settings(derandomize=True, deadline=None, max_examples=15)
DESIGNS = {
    "two_by_two": designs.two_by_two(),
    "not_yet_treated": designs.two_by_two(control_group="not_yet_treated"),
    "twfe": designs.twfe(covariates=("z",)),
    "event_study": designs.event_study(),
    "ancova": designs.ancova(covariates=("z",)),
}
every_design = pytest.mark.parametrize("design", DESIGNS.values(), ids=DESIGNS.keys())
seeds = st.integers(min_value=0, max_value=10_000)


def frame_of(seed):
    """Twelve to twenty units of two cohorts and a comparison in four periods, some cells missing."""
    rng = np.random.default_rng(seed)
    sizes = rng.integers(4, 7, size=3)
    first = np.repeat([2, 3, 0], sizes)
    rows = []
    for i, cohort in enumerate(first):
        level = rng.normal()
        for period in (1, 2, 3, 4):
            treated = 0 < cohort <= period
            y = level + 0.2 * period + treated + rng.normal()
            rows.append(
                (
                    f"u{i:02d}",
                    period,
                    "none" if cohort == 0 else "grant",
                    cohort or None,
                    f"u{i:02d}",
                    y,
                    rng.normal(),
                )
            )
    columns = ["unit", "period", "arm", "first_treat", "cluster", "y", "z"]
    frame = pd.DataFrame(rows, columns=columns).astype({"first_treat": "Int64"})
    frame.loc[rng.random(len(frame)) < 0.05, "y"] = np.nan
    return frame


def run(frame, design):
    """Estimates, errors and unit ids of all effects of a design, in order."""
    panel = panel_of(frame, outcome="y", covariates=["z"], periods=[1, 2, 3, 4], comparison_arm="none")
    parts = [with_errors(part, "cr0", panel.cluster) for part in estimate(panel, design, seed=1)]
    effects = np.concatenate([p.effects.estimate for p in parts])
    errors = np.concatenate([p.std_error for p in parts])
    influence = np.hstack([p.effects.influence for p in parts])
    return effects, errors, influence, parts[0].effects.unit_ids


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
@given(seed=seeds, constant=st.floats(min_value=-100, max_value=100))
def test_a_constant_added_to_the_outcome_changes_nothing(design, seed, constant):
    frame = frame_of(seed)
    before, after = run(frame, design), run(frame.assign(y=frame["y"] + constant), design)
    # The sum rounds to 1e-14 of a hundred; demeaning and a solve may lose two digits of that.
    assert_allclose(after[0], before[0], rtol=1e-9, atol=1e-11)
    assert_allclose(after[1], before[1], rtol=1e-9, atol=1e-11)


@every_design
@SMALL
@given(seed=seeds, factor=st.sampled_from([-8.0, -1.0, 0.25, 2.0, 1024.0]))
def test_another_unit_of_measure_scales_estimates_and_errors(design, seed, factor):
    frame = frame_of(seed)
    before, after = run(frame, design), run(frame.assign(y=frame["y"] * factor), design)
    assert_allclose(after[0], factor * before[0], rtol=1e-9, atol=1e-11 * abs(factor))
    assert_allclose(after[1], abs(factor) * before[1], rtol=1e-9)


@every_design
@SMALL
@given(seed=seeds)
def test_other_names_of_units_change_nothing_but_names(design, seed):
    frame = frame_of(seed)
    names = sorted(frame["unit"].unique())
    turned = dict(
        zip(
            names,
            [f"x{n}" for n in np.random.default_rng(seed).permutation(len(names) * 3)[: len(names)]],
            strict=True,
        )
    )
    renamed = frame.assign(unit=frame["unit"].map(turned), cluster=frame["cluster"].map(turned))
    before, after = run(frame, design), run(renamed, design)
    # Units are summed in another order, so that the last digits may differ.
    assert_allclose(after[0], before[0], rtol=1e-9, atol=1e-12)
    assert_allclose(after[1], before[1], rtol=1e-9, atol=1e-12)
    place = {name: position for position, name in enumerate(after[3])}
    same_units = [place[turned[name]] for name in before[3]]
    assert_allclose(after[2][same_units], before[2], rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("name", ["two_by_two", "twfe", "event_study"])
@SMALL
@given(seed=seeds)
def test_a_level_of_each_unit_changes_no_difference(name, seed):
    frame = frame_of(seed)
    rng = np.random.default_rng(seed)
    levels = {unit: rng.normal(0, 10) for unit in frame["unit"].unique()}
    before, after = (
        run(frame, DESIGNS[name]),
        run(frame.assign(y=frame["y"] + frame["unit"].map(levels)), DESIGNS[name]),
    )
    assert_allclose(after[0], before[0], rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("name", ["two_by_two", "not_yet_treated", "twfe", "event_study", "ancova"])
@SMALL
@given(seed=seeds)
def test_a_shock_to_all_units_of_a_period_changes_nothing(name, seed):
    frame = frame_of(seed)
    shock = frame["period"].map({1: 0.0, 2: 5.0, 3: -3.0, 4: 11.0})
    before, after = run(frame, DESIGNS[name]), run(frame.assign(y=frame["y"] + shock), DESIGNS[name])
    assert_allclose(after[0], before[0], rtol=1e-9, atol=1e-11)


@every_design
@SMALL
@given(seed=seeds)
def test_influence_sums_to_zero(design, seed):
    _, _, influence, _ = run(frame_of(seed), design)
    known = influence[:, ~np.isnan(influence).any(axis=0)]
    assert_allclose(known.sum(axis=0), 0, atol=1e-11 * max(np.abs(known).sum(), 1))
