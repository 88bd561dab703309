"""Two stages: by hand, against two regressions, and the influence of both stages together."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from statsmodels.regression.linear_model import WLS

from impacteval.designs import TwoStage
from impacteval.errors import ConfigError, IdentificationError
from impacteval.estimators.two_stage import two_stage
from impacteval.inference.errors import with_errors
from support.dummies import dummies, two_stage_influence
from support.panels import NEVER_TREATED, copies, make_panel, random_panel

NAN = float("nan")


def staggered(*, share_missing=0.1, weighted=True, seed=12):
    """Three cohorts and never-treated units, with a covariate and weights."""
    panel = random_panel(
        cohorts={2: 5, 3: 6, 4: 4, NEVER_TREATED: 8},
        n_periods=5,
        seed=seed,
        share_missing=share_missing,
        covariate="z",
    )
    weight = np.random.default_rng(seed).uniform(0.5, 3, panel.outcome.shape)
    return replace(panel, weight=weight) if weighted else panel


def test_a_case_by_hand():
    panel = make_panel(
        [[1.0, 2.0, 6.0], [2.0, 3.0, 7.0], [0.0, 2.0, 3.0], [1.0, 3.0, 4.0]],
        [2, 2, NEVER_TREATED, NEVER_TREATED],
    )
    effects = two_stage(panel, TwoStage())
    # Untreated changes average 1.5 from period 0 to 1. Means before treatment are 1.5, 2.5; of the
    # comparison 5/3 and 8/3; its mean in period 2 is 3.5 and its other periods' mean 1.5.
    keys = [(k.estimand, k.event_time) for k in effects.keys]
    assert keys == [("simple", None), ("event_time", -2), ("event_time", 0)]
    assert_allclose(effects.estimate, [2.5, 0.25, 2.5])
    # The ten untreated cells, and the treated ones that are averaged.
    assert effects.n_obs.tolist() == [12, 10, 12]


@pytest.mark.parametrize("weighted", [False, True])
def test_equals_two_regressions(weighted):
    panel = staggered(weighted=weighted)
    effects = two_stage(panel, TwoStage(covariates=("z",)))
    d = dummies(panel, covariates=("z",))
    z = np.delete(d.z, d.n_units, axis=1)
    seen = z[d.untreated].any(axis=0)
    first = WLS(d.outcome[d.untreated], z[d.untreated][:, seen], weights=d.weight[d.untreated]).fit()
    known = ~z[:, ~seen].any(axis=1)
    left = d.outcome - z[:, seen] @ first.params
    event_time = d.period - panel.cohort[d.unit]
    times = [k.event_time for k in effects.keys if k.estimand == "event_time"]
    assert times == [-4, -3, -2, 0, 1, 2]
    x = np.column_stack([event_time == e for e in times]).astype(float)
    assert_allclose(effects.estimate[1:], WLS(left[known], x[known], weights=d.weight[known]).fit().params)
    treated = (~d.untreated).astype(float)[:, None]
    assert_allclose(
        effects.estimate[:1], WLS(left[known], treated[known], weights=d.weight[known]).fit().params
    )


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("covariates", [(), ("z",)])
def test_influence_is_that_of_the_stacked_moments(covariates, weighted):
    panel = staggered(weighted=weighted)
    effects = two_stage(panel, TwoStage(covariates=covariates))
    d = dummies(panel, covariates=covariates)
    event_time = d.period - panel.cohort[d.unit]
    for j, key in enumerate(effects.keys):
        target = ~d.untreated if key.event_time is None else event_time == key.event_time
        assert_allclose(effects.influence[:, j], two_stage_influence(d, target), rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("unit", [0, 3, 8, 12, 19])
def test_influence_is_the_derivative_of_the_estimate(unit):
    panel, design, step = staggered(), TwoStage(covariates=("z",)), 1e-4

    def at(factor):
        weight = panel.weight.copy()
        weight[unit] *= factor
        return two_stage(replace(panel, weight=weight), design).estimate

    derivative = (at(1 + step) - at(1 - step)) / (2 * step) * panel.n_units
    # The central difference errs by the square of the step, 1e-8, times a few.
    assert_allclose(derivative, two_stage(panel, design).influence[unit], rtol=1e-6, atol=1e-6)


def test_influence_sums_to_zero_with_weights_too():
    assert_allclose(two_stage(staggered(), TwoStage(covariates=("z",))).influence.sum(axis=0), 0, atol=1e-10)


def test_whole_weights_are_copies():
    panel = staggered(weighted=False)
    times = np.random.default_rng(2).integers(1, 4, panel.n_units)
    weighted = replace(panel, weight=np.repeat(times[:, None], 5, axis=1).astype(float))
    one, other = (two_stage(p, TwoStage()) for p in (weighted, copies(panel, times.tolist())))
    assert_allclose(one.estimate, other.estimate, rtol=1e-11)
    # Influence of a unit is the sum over its copies, each scaled by the number of units.
    first = np.concatenate([[0], np.cumsum(times)[:-1]])
    of_copies = np.add.reduceat(other.influence, first, axis=0)
    assert_allclose(one.influence / panel.n_units, of_copies / len(other.influence), rtol=1e-8, atol=1e-12)


def test_arms_have_their_own_effects_and_a_common_model():
    panel = staggered()
    arm = np.where(panel.cohort == 3, "loan", panel.arm).astype(np.str_)
    split = two_stage(replace(panel, arm=arm), TwoStage(averages=("simple",)))
    pooled = two_stage(panel, TwoStage(averages=("simple",)))
    assert [k.arm for k in split.keys] == ["loan", "trained"]
    cells = (panel.is_treated & ~np.isnan(panel.outcome)) * panel.weight
    identified = (~panel.is_treated & ~np.isnan(panel.outcome)).any(axis=1)
    share = np.array([cells[(arm == a) & identified].sum() for a in ("loan", "trained")])
    assert pooled.estimate[0] == pytest.approx(share @ split.estimate / share.sum(), rel=1e-12)


def test_options_choose_the_rows():
    panel = staggered()
    both = two_stage(panel, TwoStage())
    static = two_stage(panel, TwoStage(averages=("simple",)))
    event = two_stage(panel, TwoStage(averages=("event_time",)))
    assert both.keys == (*static.keys, *event.keys)
    assert_array_equal(both.influence, np.hstack([static.influence, event.influence]))
    with pytest.raises(ConfigError, match="averages is empty"):
        two_stage(panel, TwoStage(averages=()))


def test_what_cannot_be_imputed_is_noted():
    panel = staggered(share_missing=0.0)
    outcome = panel.outcome.copy()
    outcome[0, :2] = NAN
    effects = two_stage(replace(panel, outcome=outcome), TwoStage())
    notes = {k.event_time: k.note for k in effects.keys}
    assert notes[None] == notes[0] == "left out: 1 treated unit without an untreated observation"
    assert notes[-2] == ""
    with pytest.raises(IdentificationError, match="no untreated cell"):
        two_stage(make_panel([[1.0, 2.0], [2.0, 3.0]], [0, 0]), TwoStage())


def test_an_event_time_of_one_unit_and_an_exact_fit_have_no_known_error():
    panel = random_panel(cohorts={2: 1, 4: 5, NEVER_TREATED: 6}, n_periods=5, seed=4)
    effects = two_stage(panel, TwoStage())
    error = with_errors(effects, "cr0", panel.cluster).std_error
    assert {k.event_time for k, s in zip(effects.keys, error, strict=True) if np.isnan(s)} == {1, 2}
    exact = two_stage(make_panel([[1.0, 3.0], [2.0, 5.0], [1.0, 2.0]], [1, 1, NEVER_TREATED]), TwoStage())
    assert "fitted exactly: the error is not known" in exact.keys[0].note
    assert np.isnan(exact.influence).all()


def test_a_constant_outcome_has_an_effect_of_zero_and_no_error():
    panel = staggered(share_missing=0.0)
    effects = two_stage(replace(panel, outcome=np.full(panel.outcome.shape, 0.1)), TwoStage())
    assert_allclose(effects.estimate, 0, atol=1e-15)
    assert np.isnan(with_errors(effects, "cr0", panel.cluster).std_error).all()
