"""What must not change a regression's effects, and what must change them in proportion."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from impacteval.designs import Ancova, EventStudy, SunAbraham, TripleDifference, TwoWayFixedEffects
from impacteval.estimators.ancova import ancova
from impacteval.estimators.fixed_effects import event_study, two_way_fixed_effects
from impacteval.estimators.sun_abraham import sun_abraham
from impacteval.estimators.triple_difference import triple_difference
from impacteval.inference.errors import with_errors
from impacteval.panel import Panel
from support.panels import NEVER_TREATED, random_panel

SMALL = settings(derandomize=True, deadline=None, max_examples=10)
seeds = st.integers(min_value=0, max_value=10_000)
BY_PERIOD = {"covariates": ("z",), "covariates_by_period": ("size",), "effects_by_period": ("half",)}
ESTIMATORS = {
    "twfe": lambda p: two_way_fixed_effects(p, TwoWayFixedEffects(name="t", **BY_PERIOD)),
    "dose": lambda p: two_way_fixed_effects(p, TwoWayFixedEffects(name="t", dose="hours")),
    "event_study": lambda p: event_study(p, EventStudy(name="e", **BY_PERIOD)),
    "sun_abraham": lambda p: sun_abraham(p, SunAbraham(name="s", covariates=("z",))),
    "last_treated": lambda p: sun_abraham(p, SunAbraham(name="s", control_group="last_treated")),
    "triple": lambda p: triple_difference(p, TripleDifference(name="d", subgroup="half")),
    "ancova": lambda p: ancova(p, Ancova(name="a", covariates=("z",))),
}
every_estimator = pytest.mark.parametrize("run", ESTIMATORS.values(), ids=ESTIMATORS.keys())
CONVENTIONS = ("classical", "hc1", "cr0", "cr1_nested", "cr1_counted")


def panel_of(seed):
    """Two cohorts and a comparison in four periods, with weights and a few missing cells."""
    panel = random_panel(
        cohorts={2: 12, 3: 12, NEVER_TREATED: 14}, n_periods=4, seed=seed, share_missing=0.03, covariate="z"
    )
    rng = np.random.default_rng(seed)
    size = np.repeat(rng.uniform(1, 2, (38, 1)), 4, axis=1)
    hours = np.where(np.isfinite(panel.cohort)[:, None], size, 0.0)
    half = np.repeat((np.arange(38) % 2)[:, None].astype(float), 4, axis=1)
    return replace(
        panel,
        weight=rng.uniform(0.5, 2, (38, 4)),
        covariates={**panel.covariates, "size": size, "half": half, "hours": hours},
    )


def rearranged(panel, rows, *, weight=None, cluster=None):
    """The units in another order, or more than once, under new names."""
    return Panel(
        name=panel.name,
        unit_ids=np.array([f"v{i:05d}" for i in range(len(rows))]),
        periods=panel.periods,
        outcome=panel.outcome[rows],
        cohort=panel.cohort[rows],
        arm=panel.arm[rows],
        comparison_arm=panel.comparison_arm,
        cluster=np.arange(len(rows)) if cluster is None else cluster,
        covariates={name: values[rows] for name, values in panel.covariates.items()},
        weight=panel.weight[rows] if weight is None else weight,
    )


def errors(effects, panel, conventions=CONVENTIONS):
    return np.array([with_errors(effects, vcov, panel.cluster).std_error for vcov in conventions])


def same(ours, theirs):
    assert_allclose(ours, theirs, rtol=1e-8, atol=1e-10)


@every_estimator
@SMALL
@given(seed=seeds)
def test_names_and_order_of_units_do_not_matter(run, seed):
    panel = panel_of(seed)
    rows = np.random.default_rng(seed).permutation(panel.n_units)
    turned = rearranged(panel, rows)
    one, other = run(panel), run(turned)
    same(one.estimate, other.estimate)
    same(one.influence[rows], other.influence)
    same(errors(one, panel), errors(other, turned))


@every_estimator
@SMALL
@given(seed=seeds, constant=st.floats(-100, 100), factor=st.floats(0.01, 100))
def test_outcomes_shift_and_scale(run, seed, constant, factor):
    panel = panel_of(seed)
    changed = replace(panel, outcome=constant + factor * panel.outcome)
    one, other = run(panel), run(changed)
    assert_allclose(other.estimate, factor * one.estimate, rtol=1e-7, atol=1e-9 * factor)
    assert_allclose(errors(other, panel), factor * errors(one, panel), rtol=1e-7)


@every_estimator
@SMALL
@given(seed=seeds, factor=st.floats(1e-3, 1e3))
def test_weights_matter_only_in_proportion(run, seed, factor):
    panel = panel_of(seed)
    changed = replace(panel, weight=factor * panel.weight)
    one, other = run(panel), run(changed)
    same(one.estimate, other.estimate)
    same(errors(one, panel), errors(other, changed))


@every_estimator
@SMALL
@given(seed=seeds)
def test_a_unit_twice_at_half_weight_in_one_cluster_is_the_unit(run, seed):
    panel = panel_of(seed)
    rows = np.repeat(np.arange(panel.n_units), 2)
    twice = rearranged(panel, rows, weight=panel.weight[rows] / 2, cluster=rows)
    one, other = run(panel), run(twice)
    same(one.estimate, other.estimate)
    same(errors(one, panel, ("cr0",)), errors(other, twice, ("cr0",)))


@every_estimator
@SMALL
@given(seed=seeds)
def test_scale_of_a_covariate_does_not_matter(run, seed):
    panel = panel_of(seed)
    scaled = {**panel.covariates, "z": 1e8 * panel.covariates["z"]}
    one, other = run(panel), run(replace(panel, covariates=scaled))
    same(one.estimate, other.estimate)
    same(errors(one, panel), errors(other, panel))


@every_estimator
@SMALL
@given(seed=seeds)
def test_influence_sums_to_zero(run, seed):
    influence = run(panel_of(seed)).influence
    assert_allclose(influence.sum(axis=0), 0, atol=1e-11 * np.abs(influence).sum())


def shares_are_fixed(key):
    """Averages whose weights are taken as given: their influence leaves the change of weights out."""
    return key.estimand in {"simple", "event_time", "cohort"}


# Both effects of a triple difference of several cohorts are such averages.
@pytest.mark.parametrize("name", [name for name in ESTIMATORS if name != "triple"])
def test_influence_is_the_derivative_in_the_weight_of_a_unit(name):
    run, panel = ESTIMATORS[name], panel_of(7)
    effects = run(panel)
    compared = [j for j, key in enumerate(effects.keys) if name == "event_study" or not shares_are_fixed(key)]
    step = 1e-3
    for unit in range(0, panel.n_units, 5):
        factor = np.where(np.arange(panel.n_units) == unit, step, 0.0)[:, None]
        more, less = (run(replace(panel, weight=panel.weight * (1 + s * factor))) for s in (1, -1))
        derivative = (more.estimate - less.estimate) / (2 * step) * panel.n_units
        # The error of a central difference is of the order of the step squared, 1e-6.
        assert_allclose(
            derivative[compared],
            effects.influence[unit, compared],
            rtol=1e-5,
            atol=1e-5 * np.abs(effects.influence).max(),
        )
