"""Synthetic difference-in-differences by hand, against plain references, and at the edges."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from impacteval.designs import Synthetic
from impacteval.errors import ConfigError, IdentificationError
from impacteval.estimators.fixed_effects import two_way_fixed_effects
from impacteval.estimators.frank_wolfe import simplex_problems, simplex_weights
from impacteval.estimators.synthetic import synthetic, synthetic_weights
from impacteval.inference.errors import with_errors
from support.designs import twfe
from support.panels import NEVER_TREATED, make_panel, random_panel

EVERY_SCHEME = ("jackknife", "placebo", "bootstrap")
KINDS = ("sdid", "sc", "did")


def run(panel, *, kind="sdid", vcov=(), replications=8, seed=1):
    design = Synthetic(kind=kind, vcov=vcov, replications=replications)
    return synthetic(panel, design, np.random.default_rng(seed))


def weights_of(panel, kind="sdid"):
    return synthetic_weights(panel, Synthetic(kind=kind))


def block(seed=7, n_treated=5, n_comparison=12):
    return random_panel(cohorts={4: n_treated, NEVER_TREATED: n_comparison}, n_periods=6, seed=seed)


def staggered(seed=7, sizes=(4, 3, 12)):
    cohorts = dict(zip((2.0, 3.0, NEVER_TREATED), sizes, strict=True))
    return random_panel(cohorts=cohorts, n_periods=5, seed=seed)


def only(panel, units):
    """The panel of some units."""
    return replace(
        panel,
        unit_ids=panel.unit_ids[units],
        outcome=panel.outcome[units],
        cohort=panel.cohort[units],
        arm=panel.arm[units],
        cluster=np.arange(np.sum(units)),
        covariates={},
        weight=panel.weight[units],
    )


# By hand.


def test_a_comparison_unit_that_moves_as_the_treated_one_is_all_that_counts():
    """Unit 1 is unit 0 without the effect of 5; units 2 and 3 move against it."""
    path = np.array([1.0, 3.0, 2.0, 4.0, 3.0])
    effect = np.array([0, 0, 0, 5, 5])
    panel = make_panel([path + effect, path, -3 * path, 50 - 5 * path], [3.0, *[np.inf] * 3])
    weights = weights_of(panel, "sc")[0]
    # The penalty that breaks ties moves weights by its square, 1e-12 of the noise's.
    assert_allclose(weights.unit, [0, 1, 0, 0], atol=1e-10)
    assert_allclose(run(panel, kind="sc").estimate, 5, atol=1e-9)
    assert not weights.period.any()


def test_plain_difference_by_hand():
    outcome = [[1, 3, 9, 11], [2, 2, 3, 5], [0, 4, 4, 6]]
    effects = run(make_panel(outcome, [2.0, np.inf, np.inf]), kind="did")
    # Treated: 10 - 2 = 8; comparison: mean of 4 - 2 and 5 - 2.
    assert_allclose(effects.estimate, 8 - 2.5)
    assert [(k.estimand, k.cohort) for k in effects.keys] == [("cohort", 2), ("simple", None)]
    assert effects.baseline_mean.tolist() == [3, 3]
    assert effects.n_obs.tolist() == [12, 12]
    assert effects.n_treated.tolist() == [1, 1] and effects.n_comparison.tolist() == [2, 2]


# Closed forms.


def test_equal_weights_are_two_way_fixed_effects():
    panel = block()
    assert_allclose(
        run(panel, kind="did").estimate, two_way_fixed_effects(panel, twfe()).estimate[0], rtol=1e-10
    )


def test_estimate_is_two_way_fixed_effects_with_the_weights():
    """Equation 1 of the paper, by statsmodels."""
    from statsmodels.regression.linear_model import WLS

    panel = block()
    n_units, n_periods = panel.outcome.shape
    found = weights_of(panel)[0]
    treated = np.isfinite(panel.cohort)
    unit = np.where(treated, 1 / treated.sum(), found.unit)
    after = panel.periods >= 4
    period = np.where(after, 1 / after.sum(), found.period)
    rows, columns = np.divmod(np.arange(n_units * n_periods), n_periods)
    dummies = np.hstack([np.eye(n_units)[rows], np.eye(n_periods)[columns]])
    weight = np.outer(unit, period).ravel()
    used = weight > 0
    dummies = dummies[used][:, dummies[used].any(axis=0)]
    x = np.column_stack([panel.is_treated.ravel()[used], dummies[:, :-1]])
    fit = WLS(panel.outcome.ravel()[used], x, weights=weight[used]).fit()
    assert_allclose(run(panel).estimate, fit.params[0], rtol=1e-8)


def test_jackknife_of_equal_weights_has_a_closed_form():
    panel = block()
    after = panel.periods >= 4
    change = panel.outcome[:, after].mean(axis=1) - panel.outcome[:, ~after].mean(axis=1)
    sides = [change[np.isfinite(panel.cohort)], change[np.isinf(panel.cohort)]]
    m = panel.n_units
    variance = (m - 1) / m * sum(np.sum((s - s.mean()) ** 2) / (len(s) - 1) ** 2 for s in sides)
    assert_allclose(run(panel, kind="did").resampled["jackknife"], np.sqrt(variance), rtol=1e-10)


# The solver against plain references.


def plain_steps(a, b, x, *, ridge, min_decrease, max_steps):
    """Frank-Wolfe steps of one problem, one by one."""
    n_rows, values = len(a), []
    eta = n_rows * ridge
    while len(values) < max_steps and (len(values) < 2 or values[-2] - values[-1] > min_decrease**2):
        gradient = a.T @ (a @ x - b) + eta * x
        move = -x
        move[np.argmin(gradient)] += 1
        curvature = np.sum((a @ move) ** 2) + eta * np.sum(move**2)
        x = x + np.clip(-(gradient @ move) / curvature, 0, 1) * move
        values.append(ridge * np.sum(x**2) + np.sum((a @ x - b) ** 2) / n_rows)
    return x


def plain_weights(a, b, x, *, ridge, min_decrease, intercept):
    if intercept:
        a, b = a - a.mean(axis=0), b - b.mean()
    terms = {"ridge": ridge, "min_decrease": min_decrease}
    x = plain_steps(a, b, x, max_steps=100, **terms)
    x = np.where(x > x.max() / 4, x, 0)
    return plain_steps(a, b, x / x.sum(), max_steps=10_000, **terms)


@pytest.mark.parametrize("intercept", [True, False])
@pytest.mark.parametrize(("n_rows", "n_weights"), [(30, 4), (4, 9), (5, 5)])
def test_problems_side_by_side_are_those_one_by_one(intercept, n_rows, n_weights):
    """Problems of other sizes beside it, and long columns made short, change no step."""
    rng = np.random.default_rng(n_rows)
    sizes = [(n_rows, n_weights), (n_rows - 1, n_weights - 1), (n_rows - 2, n_weights)]
    matrix, target = np.zeros((3, n_rows, n_weights)), np.zeros((3, n_rows))
    rows, usable = np.zeros((3, n_rows), bool), np.zeros((3, n_weights), bool)
    start = np.zeros((3, n_weights))
    expected = np.zeros((3, n_weights))
    for k, (m, w) in enumerate(sizes):
        a, b = rng.normal(size=(m, w)), rng.normal(size=m)
        matrix[k, :m, :w], target[k, :m], rows[k, :m], usable[k, :w] = a, b, True, True
        start[k, :w] = 1 / w
        expected[k, :w] = plain_weights(
            a, b, start[k, :w].copy(), ridge=0.02, min_decrease=1e-4, intercept=intercept
        )
    problems = simplex_problems(matrix, target, rows=rows, usable=usable, intercept=intercept, ridge=0.02)
    # Rounding may differ by the order of sums; steps do not.
    assert_allclose(simplex_weights(problems, start, min_decrease=1e-4), expected, rtol=1e-8, atol=1e-12)


def test_solver_reaches_the_minimum():
    """Against a solver of another kind; steps stop when they gain less than 1e-14."""
    from scipy.optimize import minimize

    rng = np.random.default_rng(3)
    a, b, ridge = rng.normal(size=(8, 5)), rng.normal(size=8), 0.5

    def objective(x):
        return np.sum((a @ x - b) ** 2) / 8 + ridge * np.sum(x**2)

    best = minimize(
        objective,
        np.full(5, 0.2),
        bounds=[(0, 1)] * 5,
        constraints={"type": "eq", "fun": lambda x: x.sum() - 1},
        options={"ftol": 1e-14},
    )
    every = {"rows": np.ones((1, 8), bool), "usable": np.ones((1, 5), bool)}
    problems = simplex_problems(a[None], b[None], intercept=False, ridge=ridge, **every)
    found = simplex_weights(problems, np.full((1, 5), 0.2), min_decrease=1e-7)[0]
    # The gap of Frank-Wolfe falls as one over the number of steps: 1e-4 at the end of the second round.
    assert objective(found) - best.fun < 1e-4
    assert_allclose(found.sum(), 1, rtol=1e-12)
    assert found.min() >= 0


def test_weights_are_on_the_simplex_and_only_where_they_may_be():
    panel = staggered()
    for found in weights_of(panel):
        assert_allclose([found.unit.sum(), found.period.sum()], 1, rtol=1e-12)
        assert found.unit.min() >= 0 and not found.unit[np.isfinite(panel.cohort)].any()
        assert not found.period[panel.periods >= found.cohort].any()


# Staggered adoption.


@pytest.mark.parametrize("kind", KINDS)
def test_each_cohort_is_as_on_its_own_and_the_average_is_by_unit_periods(kind):
    panel = staggered()
    effects = run(panel, kind=kind)
    alone = [run(only(panel, (panel.cohort == c) | np.isinf(panel.cohort)), kind=kind) for c in (2, 3)]
    assert_allclose(effects.estimate[:2], [a.estimate[0] for a in alone], rtol=1e-12)
    # Four units are treated for three periods, three for two.
    assert_allclose(
        effects.estimate[2], (12 * effects.estimate[0] + 6 * effects.estimate[1]) / 18, rtol=1e-12
    )
    assert_allclose(
        effects.resampled["jackknife"][:2], [a.resampled["jackknife"][0] for a in alone], rtol=1e-10
    )


def fixed_weight_average(panel, fitted, kept):
    """The average without the units that are not kept, at given weights."""
    total = size = 0.0
    for found in fitted:
        treated = kept & (panel.cohort == found.cohort)
        unit = np.where(kept, found.unit, 0)
        after = panel.periods >= found.cohort
        contrast = panel.outcome @ (after / after.sum() - found.period)
        effect = contrast[treated].mean() - unit / unit.sum() @ contrast
        n = treated.sum() * after.sum()
        total, size = total + n * effect, size + n
    return total / size


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("make", [block, staggered])
def test_jackknife_is_leave_one_out(make, kind):
    panel = make()
    fitted = weights_of(panel, kind)
    everyone = np.ones(panel.n_units, dtype=bool)
    assert_allclose(
        run(panel, kind=kind).estimate[-1], fixed_weight_average(panel, fitted, everyone), rtol=1e-10
    )
    without = np.array(
        [fixed_weight_average(panel, fitted, np.arange(panel.n_units) != i) for i in range(panel.n_units)]
    )
    m = panel.n_units
    error = np.sqrt((m - 1) / m * np.sum((without - without.mean()) ** 2))
    effects = run(panel, kind=kind)
    assert_allclose(effects.resampled["jackknife"][-1], error, rtol=1e-8)
    assert_allclose(
        effects.influence[:, -1], m * np.sqrt((m - 1) / m) * (without.mean() - without), rtol=1e-6, atol=1e-10
    )
    assert_allclose(with_errors(effects, "cr0", panel.cluster).std_error, effects.resampled["jackknife"])


# Placebo and bootstrap.


def test_placebo_of_equal_weights_is_the_spread_of_comparison_units():
    """One treated unit: the draw of unit k is its change less the mean of the others."""
    panel = block(n_treated=1, n_comparison=9)
    after = panel.periods >= 4
    change = (panel.outcome[:, after].mean(axis=1) - panel.outcome[:, ~after].mean(axis=1))[1:]
    n_draws = 4000
    error = run(panel, kind="did", vcov=("placebo",), replications=n_draws).resampled["placebo"]
    deviation = 9 / 8 * (change - change.mean())
    exact = np.sqrt(np.mean(deviation**2))
    # Delta method on the variance of the draws, whose fourth moment is known.
    monte_carlo = np.sqrt((np.mean(deviation**4) - exact**4) / n_draws) / (2 * exact)
    assert_allclose(error, exact, atol=4 * monte_carlo)


def test_bootstrap_of_equal_weights_is_the_variance_of_two_means():
    """Given how many units are drawn on each side, both means are of independent draws."""
    from scipy.stats import binom

    panel = block(n_treated=5, n_comparison=12)
    after = panel.periods >= 4
    change = panel.outcome[:, after].mean(axis=1) - panel.outcome[:, ~after].mean(axis=1)
    n, n_treated, n_draws = 17, np.arange(1, 17), 4000
    chance = binom.pmf(n_treated, n, 5 / n)
    chance = chance / chance.sum()
    variance = chance @ (1 / n_treated) * change[:5].var() + chance @ (1 / (n - n_treated)) * change[5:].var()
    error = run(panel, kind="did", vcov=("bootstrap",), replications=n_draws).resampled["bootstrap"]
    # Twice the Monte Carlo error of normal draws, for mixtures have longer tails.
    assert_allclose(error, np.sqrt(variance), rtol=4 * 2 / np.sqrt(2 * n_draws))


@pytest.mark.parametrize("kind", KINDS)
def test_every_scheme_gives_an_error_to_every_effect(kind):
    effects = run(staggered(), kind=kind, vcov=EVERY_SCHEME)
    assert sorted(effects.resampled) == sorted(EVERY_SCHEME)
    for errors in effects.resampled.values():
        assert errors.shape == (3,) and (errors > 0).all()


def test_draws_depend_on_the_seed_alone():
    panel = staggered()
    both = run(panel, vcov=EVERY_SCHEME)
    assert_array_equal(run(panel, vcov=("bootstrap",)).resampled["bootstrap"], both.resampled["bootstrap"])
    assert_array_equal(run(panel, vcov=("placebo",)).resampled["placebo"], both.resampled["placebo"])
    assert (run(panel, vcov=("placebo",), seed=2).resampled["placebo"] != both.resampled["placebo"]).all()
    assert sorted(run(panel).resampled) == ["jackknife"]


def test_samples_solved_in_chunks_are_those_solved_at_once(monkeypatch):
    panel = staggered()
    at_once = run(panel, vcov=EVERY_SCHEME)
    monkeypatch.setattr("impacteval.estimators.synthetic_draws.CELLS_AT_ONCE", 3 * panel.outcome.size)
    in_chunks = run(panel, vcov=EVERY_SCHEME)
    for scheme in EVERY_SCHEME:
        assert_allclose(in_chunks.resampled[scheme], at_once.resampled[scheme], rtol=1e-8)


# Invariances.


@pytest.mark.parametrize("seed", range(2))
def test_levels_of_units_and_a_common_trend_change_nothing(seed):
    """Other shocks to periods change the noise, which is not taken by period, and so the penalty."""
    panel = staggered(seed)
    levels = np.random.default_rng(seed).normal(size=(panel.n_units, 1))
    moved = replace(panel, outcome=panel.outcome + levels + 0.7 * panel.periods)
    before, after = run(panel, vcov=EVERY_SCHEME), run(moved, vcov=EVERY_SCHEME)
    assert_allclose(after.estimate, before.estimate, rtol=1e-8)
    for scheme in EVERY_SCHEME:
        assert_allclose(after.resampled[scheme], before.resampled[scheme], rtol=1e-8)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("factor", [-8.0, 1e-3])
def test_another_unit_of_measure_scales_estimates_and_errors(kind, factor):
    panel = staggered()
    scaled = replace(panel, outcome=panel.outcome * factor)
    before, after = run(panel, kind=kind, vcov=EVERY_SCHEME), run(scaled, kind=kind, vcov=EVERY_SCHEME)
    assert_allclose(after.estimate, factor * before.estimate, rtol=1e-8)
    for scheme in EVERY_SCHEME:
        assert_allclose(after.resampled[scheme], abs(factor) * before.resampled[scheme], rtol=1e-8)


@pytest.mark.parametrize("kind", KINDS)
def test_order_of_units_changes_nothing(kind):
    panel = staggered()
    order = np.random.default_rng(1).permutation(panel.n_units)
    turned = replace(
        panel,
        outcome=panel.outcome[order],
        cohort=panel.cohort[order],
        arm=panel.arm[order],
        covariates={},
    )
    before, after = run(panel, kind=kind), run(turned, kind=kind)
    assert_allclose(after.estimate, before.estimate, rtol=1e-8)
    assert_allclose(after.influence, before.influence[order], rtol=1e-6, atol=1e-8)


def test_influence_sums_to_zero_and_is_zero_for_units_not_used():
    effects = run(staggered())
    assert_allclose(effects.influence.sum(axis=0), 0, atol=1e-10)
    assert not effects.influence[~effects.in_sample].any()
    assert not effects.in_sample[:4, 1].any()


def test_arms_are_estimated_apart():
    panel = staggered()
    arm = np.where(panel.cohort == 2, "long", np.where(panel.cohort == 3, "short", "control"))
    effects = run(replace(panel, arm=arm), vcov=EVERY_SCHEME)
    keys = [(k.estimand, k.arm, k.cohort) for k in effects.keys]
    assert keys == [
        ("cohort", "long", 2),
        ("simple", "long", None),
        ("cohort", "short", 3),
        ("simple", "short", None),
    ]
    assert_allclose(effects.estimate[[0, 2]], run(panel).estimate[:2], rtol=1e-12)
    assert all(errors.shape == (4,) for errors in effects.resampled.values())


# Edges.


def test_units_with_gaps_are_left_out_and_counted():
    panel = staggered()
    outcome = panel.outcome.copy()
    outcome[[0, 5, 10], [1, 2, 3]] = np.nan
    effects = run(replace(panel, outcome=outcome), vcov=EVERY_SCHEME)
    whole = only(panel, ~np.isnan(outcome).any(axis=1))
    expected = run(whole, vcov=EVERY_SCHEME)
    assert_allclose(effects.estimate, expected.estimate, rtol=1e-12)
    assert all(key.note == "3 units not observed in every period are left out" for key in effects.keys)
    assert not effects.in_sample[[0, 5, 10]].any() and not effects.influence[[0, 5, 10]].any()
    # Influence is scaled to all units of the panel: errors are those of the units in use.
    assert_allclose(with_errors(effects, "cr0", panel.cluster).std_error, expected.resampled["jackknife"])
    assert_allclose(effects.resampled["jackknife"], expected.resampled["jackknife"])


def test_units_treated_after_the_last_period_are_taken_as_never_treated_and_counted():
    panel = block()
    cohort = np.where(np.arange(panel.n_units) >= 15, 9.0, panel.cohort)
    late = replace(panel, cohort=cohort, arm=np.where(np.isfinite(cohort), "trained", "control"))
    effects = run(late)
    assert_allclose(effects.estimate, run(panel).estimate, rtol=1e-12)
    assert effects.keys[0].note == "2 units treated after the last period are taken as never treated"
    assert effects.n_treated.tolist() == [5, 5] and effects.n_comparison.tolist() == [12, 12]


def test_one_treated_unit_has_no_jackknife_or_bootstrap_but_a_placebo():
    panel = block(n_treated=1)
    effects = run(panel, vcov=EVERY_SCHEME)
    assert np.isnan([effects.resampled["jackknife"], effects.resampled["bootstrap"]]).all()
    assert (effects.resampled["placebo"] > 0).all()
    assert np.isnan(effects.influence[effects.in_sample]).all()
    for scheme in ("jackknife", "bootstrap", "cr0"):
        estimates = with_errors(effects, scheme, panel.cluster)
        assert np.isnan(estimates.std_error).all() and np.isfinite(effects.estimate).all()
        assert all("jackknife: the error is not known" in note for note in estimates.notes)
        assert all("bootstrap: the error is not known" in note for note in estimates.notes)


def test_no_more_comparison_than_treated_units_have_no_placebo():
    effects = run(block(n_treated=6, n_comparison=6), vcov=EVERY_SCHEME)
    assert np.isnan(effects.resampled["placebo"]).all()
    assert all("placebo: the error is not known" in key.note for key in effects.keys)
    assert np.isfinite([effects.resampled["jackknife"], effects.resampled["bootstrap"]]).all()


def test_all_weight_on_one_comparison_unit_has_no_jackknife():
    effects = run(block(n_comparison=1), kind="did", vcov=("jackknife",))
    assert np.isnan(effects.resampled["jackknife"]).all()
    assert all("one weighted comparison unit" in key.note for key in effects.keys)


def test_an_outcome_that_never_varies_has_no_error_rather_than_zero():
    panel = make_panel(np.full((6, 4), 3.0), [2.0, 2.0, *[np.inf] * 4])
    for kind in KINDS:
        effects = run(panel, kind=kind, vcov=EVERY_SCHEME)
        assert_allclose(effects.estimate, 0, atol=1e-12)
        for scheme in EVERY_SCHEME:
            assert np.isnan(with_errors(effects, scheme, panel.cluster).std_error).all()


def test_sampling_weights_are_refused():
    panel = block()
    weight = np.ones_like(panel.outcome)
    weight[0] = 2
    with pytest.raises(ConfigError, match="takes no sampling weights"):
        run(replace(panel, weight=weight))


@pytest.mark.parametrize("kind", ["sdid", "sc"])
def test_too_few_periods_before_treatment_are_refused(kind):
    panel = random_panel(cohorts={1: 3, NEVER_TREATED: 5}, n_periods=3, seed=1)
    with pytest.raises(IdentificationError, match="cohort 1 has 1 periods before its treatment"):
        run(panel, kind=kind)
    assert np.isfinite(run(panel, kind="did").estimate).all()


def test_a_cohort_treated_from_the_start_is_refused():
    panel = random_panel(cohorts={0: 3, NEVER_TREATED: 5}, n_periods=3, seed=1)
    with pytest.raises(IdentificationError, match="cohort 0 has 0 periods before its treatment"):
        run(panel, kind="did")


def test_nobody_to_compare_with_is_refused():
    panel = block()
    outcome = panel.outcome.copy()
    outcome[5:, 0] = np.nan
    with pytest.raises(IdentificationError, match=r"no never-treated unit .* is observed in every period"):
        run(replace(panel, outcome=outcome))
    outcome = panel.outcome.copy()
    outcome[:5, 0] = np.nan
    with pytest.raises(IdentificationError, match="no unit of arm 'trained' is observed in every period"):
        run(replace(panel, outcome=outcome))
    with pytest.raises(IdentificationError, match="no unit is treated"):
        run(only(panel, np.isinf(panel.cohort)))


@pytest.mark.slow
def test_jackknife_intervals_cover_the_effect():
    """Effects of one, parallel trends; the jackknife is if anything too wide (theorem 2 of the paper)."""
    n_draws, covered = 200, 0
    for seed in range(n_draws):
        panel = random_panel(cohorts={2: 15, NEVER_TREATED: 25}, n_periods=4, seed=seed)
        estimates = with_errors(run(panel), "jackknife", panel.cluster)
        covered += estimates.conf_low[-1] <= 1 <= estimates.conf_high[-1]
    assert covered / n_draws > 0.95 - 4 * np.sqrt(0.95 * 0.05 / n_draws)
