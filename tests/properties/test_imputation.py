"""What must not change imputed effects, and what must change them in proportion."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from impacteval.designs import Imputation, TwoStage
from impacteval.errors import IdentificationError
from impacteval.estimators.imputation import imputation
from impacteval.estimators.two_stage import two_stage
from impacteval.estimators.untreated_model import fit_untreated
from impacteval.inference.errors import cluster_covariance
from impacteval.panel import panel_of
from support.dummies import dummies
from support.panels import NEVER_TREATED, random_panel

SMALL = settings(derandomize=True, deadline=None, max_examples=15)
RUNS = {
    "imputation": lambda p: imputation(p, Imputation(averages=("simple", "event_time", "cohort"))),
    "imputation_covariate": lambda p: imputation(p, Imputation(covariates=("z",))),
    "two_stage": lambda p: two_stage(p, TwoStage()),
    "two_stage_all": lambda p: two_stage(
        p, TwoStage(covariates=("z",), covariates_by_period=("x",), effects_by_period=("g",))
    ),
}
every_run = pytest.mark.parametrize("run", RUNS.values(), ids=RUNS.keys())
seeds = st.integers(min_value=0, max_value=10_000)


def frame_of(seed):
    """Two cohorts and a comparison of eight to eleven units each, in five periods, some cells missing."""
    rng = np.random.default_rng(seed)
    first = np.repeat([3, 4, 0], rng.integers(8, 12, size=3))
    n = len(first)
    frame = pd.DataFrame(
        {
            "unit": np.repeat([f"u{i:02d}" for i in range(n)], 5),
            "period": np.tile([1, 2, 3, 4, 5], n),
            "cohort": np.repeat(first, 5),
            "x": np.repeat(rng.normal(size=n), 5),
            "g": np.repeat(rng.integers(0, 2, n), 5),
            "z": rng.normal(size=5 * n),
            "w": rng.uniform(0.5, 2, 5 * n),
        }
    )
    treated = (frame["cohort"] > 0) & (frame["period"] >= frame["cohort"])
    y = np.repeat(rng.normal(size=n), 5) + 0.2 * frame["period"] + treated + rng.normal(size=5 * n)
    return frame.assign(
        cluster=frame["unit"],
        arm=np.where(frame["cohort"] > 0, "grant", "none"),
        first_treat=frame["cohort"].where(frame["cohort"] > 0).astype("Int64"),
        y=y.mask(rng.random(5 * n) < 0.03),
    )


def panel(frame):
    return panel_of(
        frame,
        outcome="y",
        covariates=["z", "x", "g"],
        periods=[1, 2, 3, 4, 5],
        comparison_arm="none",
        weight="w",
    )


def results(frame, run):
    """Estimates, errors clustered without factor, influence and unit ids."""
    data = panel(frame)
    effects = run(data)
    error = np.sqrt(np.diag(cluster_covariance(effects.influence, data.cluster)))
    return effects.estimate, error, effects.influence, effects.unit_ids


@every_run
@SMALL
@given(seed=seeds)
def test_order_of_rows_changes_no_bit(run, seed):
    frame = frame_of(seed)
    turned = frame.sample(frac=1, random_state=seed)
    for one, other in zip(results(frame, run), results(turned, run), strict=True):
        assert_array_equal(one, other)


@every_run
@SMALL
@given(seed=seeds)
def test_other_names_of_units_change_nothing_but_names(run, seed):
    frame = frame_of(seed)
    names = sorted(frame["unit"].unique())
    order = np.random.default_rng(seed).permutation(len(names))
    turned = {name: f"x{place:02d}" for name, place in zip(names, order, strict=True)}
    renamed = frame.assign(unit=frame["unit"].map(turned), cluster=frame["cluster"].map(turned))
    before, after = results(frame, run), results(renamed, run)
    # Units are summed in another order, so that the last digits may differ.
    assert_allclose(after[0], before[0], rtol=1e-9, atol=1e-12)
    assert_allclose(after[1], before[1], rtol=1e-9, atol=1e-12)
    assert_allclose(after[2][order], before[2], rtol=1e-8, atol=1e-10)


@every_run
@SMALL
@given(seed=seeds, constant=st.floats(min_value=-100, max_value=100))
def test_levels_of_units_and_shocks_to_periods_change_nothing(run, seed, constant):
    frame = frame_of(seed)
    levels = frame["unit"].map({u: 10 * k for k, u in enumerate(frame["unit"].unique())})
    shock = frame["period"].map({1: 0.0, 2: 5.0, 3: -3.0, 4: 11.0, 5: 2.0})
    before, after = results(frame, run), results(frame.assign(y=frame["y"] + levels + shock + constant), run)
    # The sum rounds to 1e-14 of several hundreds; a solve may lose two digits of that.
    assert_allclose(after[0], before[0], rtol=1e-9, atol=1e-10)
    assert_allclose(after[1], before[1], rtol=1e-9, atol=1e-10)


@every_run
@SMALL
@given(seed=seeds, factor=st.sampled_from([-8.0, -1.0, 0.25, 1024.0]))
def test_another_unit_of_measure_scales_estimates_and_errors(run, seed, factor):
    frame = frame_of(seed)
    before, after = results(frame, run), results(frame.assign(y=frame["y"] * factor), run)
    assert_allclose(after[0], factor * before[0], rtol=1e-9, atol=1e-12 * abs(factor))
    assert_allclose(after[1], abs(factor) * before[1], rtol=1e-9, atol=1e-12 * abs(factor))


@every_run
@SMALL
@given(seed=seeds, factor=st.sampled_from([1e-3, 7.0, 1e4]))
def test_the_scale_of_weights_changes_nothing(run, seed, factor):
    frame = frame_of(seed)
    before, after = results(frame, run), results(frame.assign(w=frame["w"] * factor), run)
    assert_allclose(after[0], before[0], rtol=1e-9, atol=1e-12)
    assert_allclose(after[2], before[2], rtol=1e-8, atol=1e-10)


@every_run
@SMALL
@given(seed=seeds)
def test_halves_of_units_clustered_together_change_nothing(run, seed):
    frame = frame_of(seed)
    halves = [frame.assign(unit=frame["unit"] + half, w=frame["w"] / 2) for half in ("a", "b")]
    before, after = results(frame, run), results(pd.concat(halves), run)
    assert_allclose(after[0], before[0], rtol=1e-9, atol=1e-12)
    assert_allclose(after[1], before[1], rtol=1e-8, atol=1e-12)


@SMALL
@given(seed=seeds)
def test_imputation_and_two_stages_agree_after_treatment(seed):
    data = panel(frame_of(seed))
    one, other = imputation(data, Imputation()), two_stage(data, TwoStage())
    after = [[j for j, k in enumerate(e.keys) if (k.event_time or 0) >= 0] for e in (one, other)]
    assert_allclose(one.estimate[after[0]], other.estimate[after[1]], rtol=1e-11, atol=1e-13)


@every_run
@SMALL
@given(seed=seeds)
def test_influence_sums_to_zero(run, seed):
    # With weights imputation averages effects with their squares, as its authors do, which leaves a rest.
    data = panel(frame_of(seed))
    influence = run(replace(data, weight=np.ones(data.outcome.shape))).influence
    assert_allclose(influence.sum(axis=0), 0, atol=1e-10 * max(np.abs(influence).sum(), 1))


@pytest.mark.parametrize("by_period", [(), ("x",)])
@settings(derandomize=True, deadline=None, max_examples=60)
@given(seed=seeds)
def test_cells_are_imputed_exactly_when_untreated_rows_span_them(by_period, seed):
    rng = np.random.default_rng(seed)
    cohorts = {float(c): int(rng.integers(1, 4)) for c in rng.integers(0, 5, 3)} | {NEVER_TREATED: 2}
    data = random_panel(cohorts=cohorts, n_periods=5, seed=seed, share_missing=0.4)
    constant = np.repeat(rng.normal(size=(data.n_units, 1)), 5, axis=1)
    data = replace(data, covariates={"x": constant})
    d = dummies(data, by_period=by_period)
    z0 = d.z[d.untreated]
    gap = np.abs(d.z - d.z @ (np.linalg.pinv(z0) @ z0)).max(axis=1)
    expected = np.zeros(data.outcome.shape, dtype=np.bool_)
    expected[d.unit, d.period] = (gap < 1e-8) & ~d.untreated
    found = np.zeros_like(expected)
    try:
        cells = fit_untreated(data, Imputation(covariates_by_period=by_period)).fit.cells
    except IdentificationError as error:
        # A covariate that nothing identifies is refused whatever else could be imputed.
        assume("explained entirely" not in str(error))
    else:
        found[cells.unit, cells.period] = ~cells.is_untreated
    assert_array_equal(found, expected)
