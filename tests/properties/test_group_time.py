"""What must not change group-time effects and their averages, and what must change them in proportion."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from impacteval.designs import CallawaySantAnna
from impacteval.estimators.aggregate import averages
from impacteval.estimators.group_time import att_group_time
from impacteval.estimators.moments import att_group_time_of_moments, moments_of
from impacteval.estimators.sections_group_time import att_group_time_sections
from impacteval.inference.errors import with_errors
from impacteval.sections import sections_of
from support.panels import ARM, COMPARISON, NEVER_TREATED, make_panel, random_panel

SMALL = settings(derandomize=True, deadline=None, max_examples=10)
KINDS = ("simple", "event_time", "dynamic", "cohort", "calendar")
DESIGNS = {
    "plain": CallawaySantAnna(name="cs"),
    "universal": CallawaySantAnna(name="cs", base_period="universal", control_group="not_yet_treated"),
    "covariate": CallawaySantAnna(name="cs", covariates=("z",)),
    "regression": CallawaySantAnna(
        name="cs", covariates=("z",), method="reg", control_group="not_yet_treated"
    ),
    "complete": CallawaySantAnna(name="cs", missing="complete_units", anticipation=1),
    "rows": CallawaySantAnna(name="cs", covariates=("z",), missing="rows"),
}
every_design = pytest.mark.parametrize("design", DESIGNS.values(), ids=DESIGNS.keys())
seeds = st.integers(min_value=0, max_value=10_000)


def panel_of_seed(seed):
    """Three cohorts and a comparison in six periods, some cells missing, weights and a covariate."""
    panel = random_panel(
        cohorts={2: 10, 3: 9, 5: 11, NEVER_TREATED: 16},
        n_periods=6,
        seed=seed,
        covariate="z",
        share_missing=0.02,
    )
    weight = np.random.default_rng(seed).uniform(0.5, 2, (panel.n_units, 1))
    return replace(panel, weight=np.broadcast_to(weight, panel.outcome.shape))


def everything(panel, design):
    """Estimates, errors and influence of all effects and averages."""
    cells = att_group_time(panel, design)
    parts = (cells, *averages(cells, panel, KINDS))
    return (
        np.concatenate([p.estimate for p in parts]),
        np.concatenate([with_errors(p, "cr0", panel.cluster).std_error for p in parts]),
        np.hstack([p.influence for p in parts]),
    )


def with_rows(panel, rows, cluster=None):
    """Units in another order, or more than once."""
    ids = np.array([f"v{i:04d}" for i in range(len(rows))])
    return replace(
        panel,
        unit_ids=ids,
        outcome=panel.outcome[rows],
        cohort=panel.cohort[rows],
        arm=panel.arm[rows],
        cluster=np.arange(len(rows)) if cluster is None else cluster,
        covariates={name: values[rows] for name, values in panel.covariates.items()},
        weight=panel.weight[rows],
    )


@every_design
@SMALL
@given(seed=seeds)
def test_order_of_units_moves_influence_and_changes_nothing_else(design, seed):
    panel = panel_of_seed(seed)
    order = np.random.default_rng(seed).permutation(panel.n_units)
    before, after = everything(panel, design), everything(with_rows(panel, order), design)
    assert_allclose(after[0], before[0], rtol=1e-9, atol=1e-11)
    assert_allclose(after[1], before[1], rtol=1e-9, atol=1e-11)
    # A logit ends when its steps are below 1e-9, which another order of sums may move.
    assert_allclose(after[2], before[2][order], rtol=1e-7, atol=1e-8)


@every_design
@SMALL
@given(seed=seeds, constant=st.floats(-100, 100), factor=st.sampled_from([-8.0, 0.25, 1024.0]))
def test_constant_and_scale_of_the_outcome(design, seed, constant, factor):
    panel = panel_of_seed(seed)
    changed = replace(panel, outcome=factor * (panel.outcome + constant))
    before, after = everything(panel, design), everything(changed, design)
    assert_allclose(after[0], factor * before[0], rtol=1e-8, atol=1e-10 * abs(factor))
    assert_allclose(after[1], abs(factor) * before[1], rtol=1e-8)


@pytest.mark.parametrize("name", ["plain", "universal", "covariate", "regression", "complete"])
@SMALL
@given(seed=seeds)
def test_levels_of_units_and_shocks_of_periods_cancel(name, seed):
    panel = panel_of_seed(seed)
    rng = np.random.default_rng(seed)
    levels = rng.normal(0, 10, (panel.n_units, 1)) + rng.normal(0, 10, (1, 6))
    before = everything(panel, DESIGNS[name])
    after = everything(replace(panel, outcome=panel.outcome + levels), DESIGNS[name])
    assert_allclose(after[0], before[0], rtol=1e-9, atol=1e-11)
    assert_allclose(after[1], before[1], rtol=1e-8)


@every_design
@SMALL
@given(seed=seeds)
def test_units_twice_at_half_weight_clustered_on_the_original_change_nothing(design, seed):
    panel = panel_of_seed(seed)
    rows = np.repeat(np.arange(panel.n_units), 2)
    twice = replace(with_rows(panel, rows, cluster=rows.copy()), weight=panel.weight[rows] / 2)
    before, after = everything(panel, design), everything(twice, design)
    assert_allclose(after[0], before[0], rtol=1e-9, atol=1e-11)
    assert_allclose(after[1], before[1], rtol=1e-8)


@pytest.mark.parametrize("name", ["plain", "covariate", "rows"])
@SMALL
@given(seed=seeds)
def test_with_never_treated_comparison_another_cohort_plays_no_part(name, seed):
    panel = panel_of_seed(seed)
    kept = np.nonzero(panel.cohort != 3)[0]
    whole, part = (att_group_time(p, DESIGNS[name]) for p in (panel, with_rows(panel, kept)))
    own = [j for j, key in enumerate(whole.keys) if key.cohort != 3]
    assert tuple(whole.keys[j] for j in own) == part.keys
    assert_array_equal(whole.estimate[own], part.estimate)
    scale = len(kept) / panel.n_units
    assert_allclose(whole.influence[np.ix_(kept, own)] * scale, part.influence, rtol=1e-10, atol=1e-12)


@every_design
@SMALL
@given(seed=seeds)
def test_influence_sums_to_zero(design, seed):
    influence = everything(panel_of_seed(seed), design)[2]
    # Averages hold the weighted members of cohorts, whose sum cancels between cohorts.
    assert_allclose(influence.sum(axis=0), 0, atol=1e-9 * np.abs(influence).sum())


@SMALL
@given(seed=seeds)
def test_cross_sections_do_not_know_the_order_of_periods_within_units(seed):
    sections, _ = sections_of(panel_of_seed(seed))
    turned = np.random.default_rng(seed).permutation(sections.n_rows)
    mixed = replace(
        sections,
        period=sections.period[turned],
        outcome=sections.outcome[turned],
        cohort=sections.cohort[turned],
        arm=sections.arm[turned],
        cluster=sections.cluster[turned],
        covariates={name: values[turned] for name, values in sections.covariates.items()},
        weight=sections.weight[turned],
    )
    before, after = (att_group_time_sections(s, DESIGNS["covariate"]) for s in (sections, mixed))
    assert_allclose(after.estimate, before.estimate, rtol=1e-8, atol=1e-10)
    # A logit ends when its steps are below 1e-9, which another order of sums may move.
    assert_allclose(after.influence, before.influence[turned], rtol=1e-7, atol=1e-8)


@SMALL
@given(seed=seeds, chunks=st.integers(1, 9), level=st.sampled_from([0.0, 1e6]))
def test_moments_in_any_chunks_are_the_microdata(seed, chunks, level):
    drawn = random_panel(cohorts={2: 7, 3: 8, NEVER_TREATED: 9}, n_periods=4, seed=seed)
    panel = make_panel(drawn.outcome + level, drawn.cohort)
    parts = [
        moments_of(panel.outcome[rows], panel.cohort[rows], panel.periods, arm=ARM, comparison_arm=COMPARISON)
        for rows in np.array_split(np.arange(panel.n_units), chunks)
    ]
    total = parts[0]
    for part in parts[1:]:
        total = total + part
    found = att_group_time_of_moments(total, DESIGNS["plain"], KINDS)
    estimate, error, _ = everything(panel, DESIGNS["plain"])
    assert_allclose(found.estimate, estimate, rtol=1e-12, atol=1e-13)
    assert_allclose(found.std_error, error, rtol=1e-12)


@every_design
@given(seed=seeds)
@SMALL
def test_units_without_weight_change_nothing(design, seed):
    """Whatever their outcomes, all is as without them but the scale of influence."""
    panel = panel_of_seed(seed)
    n, n_lost = panel.n_units, 8
    rng = np.random.default_rng(seed)
    again = np.r_[np.arange(n), rng.integers(0, n, n_lost)]
    more = make_panel(
        np.vstack([panel.outcome, rng.normal(size=(n_lost, 6))]),
        panel.cohort[again],
        covariates={"z": panel.covariates["z"][again]},
    )
    more = replace(more, weight=np.vstack([panel.weight, np.zeros((n_lost, 6))]))
    one, other = everything(panel, design), everything(more, design)
    assert_allclose(other[0], one[0], rtol=1e-9, atol=1e-10)
    assert_allclose(other[1], one[1], rtol=1e-7, atol=1e-10)
    assert_allclose(other[2][:n] / (n + n_lost), one[2] / n, rtol=1e-6, atol=1e-9)
    assert not other[2][n:].any()
