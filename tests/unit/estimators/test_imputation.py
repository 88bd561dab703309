"""Imputation: cases by hand, closed forms, explicit weights of rows, and the edges."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from statsmodels.regression.linear_model import OLS, WLS

from impacteval.designs import Imputation, TwoStage
from impacteval.errors import ConfigError, IdentificationError
from impacteval.estimators.imputation import imputation, pretrends
from impacteval.estimators.two_stage import two_stage
from impacteval.inference.errors import with_errors
from impacteval.panel import Panel
from support.dummies import dummies, imputation_influence
from support.panels import NEVER_TREATED, copies, make_panel, random_panel

NAN = float("nan")
ALL = ("simple", "event_time", "cohort")


def found(effects):
    """Position of each effect by what it is of."""
    return {(k.estimand, k.arm, k.cohort, k.event_time): j for j, k in enumerate(effects.keys)}


def get(effects, estimand, *, arm="trained", cohort=None, event_time=None):
    return found(effects)[estimand, arm, cohort, event_time]


def value(effects, estimand, **of):
    return effects.estimate[get(effects, estimand, **of)]


def note(effects, estimand, **of):
    return effects.keys[get(effects, estimand, **of)].note


def staggered(*, seed=5, share_missing=0.0, weighted=False):
    panel = random_panel(
        cohorts={2: 6, 3: 5, 5: 4, NEVER_TREATED: 8},
        n_periods=6,
        seed=seed,
        share_missing=share_missing,
        covariate="z",
    )
    weight = np.random.default_rng(seed).uniform(0.5, 3, panel.outcome.shape)
    return replace(panel, weight=weight) if weighted else panel


def test_two_periods_and_one_cohort_are_the_difference_of_mean_changes():
    panel = make_panel([[1.0, 4.0], [2.0, 7.0], [3.0, 4.0], [1.0, 1.0]], [1, 1, NEVER_TREATED, NEVER_TREATED])
    effects = imputation(panel, Imputation(averages=ALL))
    # Changes 3 and 5 against 1 and 0.
    assert_allclose([value(effects, "simple"), value(effects, "event_time", event_time=0)], 3.5)
    assert value(effects, "cohort", cohort=1) == pytest.approx(3.5)
    # Each unit's change less its side's mean, over the side's share of units.
    assert_allclose(effects.influence[:, 0], [-2.0, 2.0, -1.0, 1.0])
    assert effects.n_obs.tolist() == [8, 8, 8]


def test_a_case_by_hand_with_three_periods():
    # Period effects 0, 2, 3 from the comparison; unit effects are means before treatment less these.
    panel = make_panel(
        [[1.0, 3.0, 7.0], [0.0, 2.0, 3.0], [4.0, 6.0, 7.0], [1.0, 6.0, 9.0]], [2, *[NEVER_TREATED] * 2, 1]
    )
    effects = imputation(panel, Imputation(averages=ALL))
    # Unit 0: 7 - (1 + 3) = 3. Unit 3: 6 - (1 + 2) = 3 and 9 - (1 + 3) = 5.
    assert value(effects, "cohort", cohort=2) == pytest.approx(3)
    assert value(effects, "cohort", cohort=1) == pytest.approx(4)
    assert value(effects, "event_time", event_time=0) == pytest.approx(3)
    assert value(effects, "event_time", event_time=1) == pytest.approx(5)
    assert value(effects, "simple") == pytest.approx(11 / 3)


def test_one_cohort_is_the_gain_over_the_mean_before_treatment():
    panel = random_panel(cohorts={3: 7, NEVER_TREATED: 9}, n_periods=6, seed=1)
    effects = imputation(panel, Imputation())
    gain = panel.outcome - panel.outcome[:, :3].mean(axis=1)[:, None]
    treated = np.isfinite(panel.cohort)
    expected = gain[treated].mean(axis=0) - gain[~treated].mean(axis=0)
    assert_allclose([value(effects, "event_time", event_time=e) for e in range(3)], expected[3:], rtol=1e-12)
    assert value(effects, "simple") == pytest.approx(expected[3:].mean(), rel=1e-12)
    influence = effects.influence[:, get(effects, "event_time", event_time=1)]
    deviation = gain[:, 4] - np.where(treated, gain[treated, 4].mean(), gain[~treated, 4].mean())
    share = np.where(treated, treated.mean(), -(~treated).mean())
    assert_allclose(influence, deviation / share, rtol=1e-11, atol=1e-12)


def full_rank(d):
    """Dummies of units, and of periods but the first."""
    return np.delete(d.z, d.n_units, axis=1)


def test_equals_the_saturated_regression_in_a_balanced_panel():
    panel = staggered()
    effects = imputation(panel, Imputation())
    d = dummies(panel)
    cohort = panel.cohort[d.unit]
    cells = np.unique(np.column_stack([cohort, d.period])[~d.untreated], axis=0)
    own = np.column_stack([(cohort == g) & (d.period == t) for g, t in cells]).astype(float)
    size = own.sum(axis=0)
    cell = OLS(d.outcome, np.hstack([own, full_rank(d)])).fit().params[: len(cells)]
    assert value(effects, "simple") == pytest.approx(size @ cell / size.sum(), rel=1e-10)
    for e in range(4):
        mine = cells[:, 1] - cells[:, 0] == e
        expected = size[mine] @ cell[mine] / size[mine].sum()
        assert value(effects, "event_time", event_time=e) == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize("weighted", [False, True])
def test_equals_two_stages(weighted):
    panel = staggered(share_missing=0.1, weighted=weighted)
    one = imputation(panel, Imputation(covariates=("z",)))
    other = two_stage(panel, TwoStage(covariates=("z",)))
    keys = [k for k in found(one) if k[0] == "simple" or k[3] >= 0]
    assert len(keys) == 5
    assert_allclose(
        [one.estimate[found(one)[k]] for k in keys],
        [other.estimate[found(other)[k]] for k in keys],
        rtol=1e-12,
    )


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("covariates", [(), ("z",)])
def test_influence_is_the_weight_of_each_row_times_its_residual(covariates, weighted):
    panel = staggered(share_missing=0.1, weighted=weighted)
    effects = imputation(panel, Imputation(averages=ALL, covariates=covariates))
    d = dummies(panel, covariates=covariates)
    cohort = panel.cohort[d.unit]
    event_time = d.period - cohort
    cell = np.where(d.untreated, -1, cohort * 10 + d.period).astype(np.int64)
    reach = {
        "simple": lambda _: ~d.untreated,
        "event_time": lambda k: event_time == k.event_time,
        "cohort": lambda k: ~d.untreated & (cohort == k.cohort),
    }
    for j, key in enumerate(effects.keys):
        if key.event_time is None or key.event_time >= 0:
            expected = imputation_influence(d, reach[key.estimand](key), cell)
            assert_allclose(effects.influence[:, j], expected, rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("unit", [0, 4, 9])
def test_influence_is_the_derivative_of_the_estimate(unit):
    # With one cohort an event time is one cell, so that no cohort shares are held fixed.
    panel = random_panel(
        cohorts={2: 7, NEVER_TREATED: 9}, n_periods=4, seed=8, share_missing=0.05, covariate="z"
    )
    design = Imputation(averages=("event_time",), covariates=("z",))
    step = 1e-4
    more, less = (imputation(_scaled(panel, unit, 1 + h), design).estimate for h in (step, -step))
    influence = imputation(panel, design).influence[unit]
    # The central difference errs by the square of the step, 1e-8, times a few.
    assert_allclose((more - less) / (2 * step) * panel.n_units, influence, rtol=1e-6, atol=1e-6)


def _scaled(panel: Panel, unit: int, factor: float) -> Panel:
    weight = panel.weight.copy()
    weight[unit] *= factor
    return replace(panel, weight=weight)


def test_whole_weights_are_copies():
    panel = staggered(share_missing=0.05)
    times = np.random.default_rng(2).integers(1, 4, panel.n_units)
    weighted = replace(panel, weight=np.repeat(times[:, None], 6, axis=1).astype(float))
    design = Imputation(averages=ALL, covariates=("z",))
    one, other = imputation(weighted, design), imputation(copies(panel, times.tolist()), design)
    assert_allclose(one.estimate, other.estimate, rtol=1e-11)


def test_influence_sums_to_zero():
    effects = imputation(staggered(share_missing=0.1), Imputation(averages=ALL, covariates=("z",)))
    assert_allclose(effects.influence.sum(axis=0), 0, atol=1e-10)


def test_another_arms_treated_cells_do_not_matter():
    panel = staggered()
    arm = np.where(panel.cohort == 3, "loan", panel.arm).astype(np.str_)
    panel = replace(panel, arm=arm)
    effects = imputation(panel, Imputation(averages=ALL))
    outcome = np.where((arm == "loan")[:, None] & panel.is_treated, NAN, panel.outcome)
    alone = imputation(replace(panel, outcome=outcome), Imputation(averages=ALL))
    shared = [k for k in found(effects) if k[1] == "trained"]
    assert {k[1] for k in found(effects)} == {"trained", "loan"}
    assert {k for k in found(alone) if k[1] == "trained"} == set(shared)
    for k in shared:
        one, other = found(effects)[k], found(alone)[k]
        assert effects.estimate[one] == pytest.approx(alone.estimate[other], rel=1e-12)
        assert_allclose(effects.influence[:, one], alone.influence[:, other], rtol=1e-9, atol=1e-11)


def test_units_without_an_untreated_observation_are_left_out_and_counted():
    panel = staggered()
    outcome = panel.outcome.copy()
    outcome[[0, 1], :2] = NAN
    effects = imputation(replace(panel, outcome=outcome), Imputation(averages=ALL))
    counted = "left out: 2 treated units without an untreated observation"
    assert note(effects, "simple") == note(effects, "cohort", cohort=2) == counted
    assert note(effects, "cohort", cohort=3) == ""
    without = imputation(
        replace(panel, outcome=np.where(np.arange(23)[:, None] < 2, NAN, outcome)), Imputation()
    )
    assert value(effects, "simple") == pytest.approx(value(without, "simple"), rel=1e-12)
    assert not effects.in_sample[:2, get(effects, "cohort", cohort=2)].any()


def test_an_always_treated_cohort_is_a_row_that_says_so():
    panel = replace(staggered(), periods=np.arange(2, 8))
    effects = imputation(panel, Imputation(averages=ALL))
    always = get(effects, "cohort", cohort=2)
    assert np.isnan(effects.estimate[always])
    assert effects.keys[always].note == "left out: 6 treated units without an untreated observation"
    assert np.isfinite(value(effects, "simple"))
    assert np.isnan(with_errors(effects, "cr0", panel.cluster).std_error[always])


@pytest.mark.parametrize("estimator", [imputation, two_stage])
def test_units_without_weight_are_counted_where_they_would_be_averaged(estimator):
    panel = staggered()
    weight = np.ones(panel.outcome.shape)
    weight[(panel.cohort == 5) | (np.arange(23) == 0)] = 0
    design = Imputation(averages=ALL) if estimator is imputation else TwoStage(averages=ALL[:2])
    effects = estimator(replace(panel, weight=weight), design)
    without = estimator(replace(panel, outcome=np.where(weight > 0, panel.outcome, NAN)), design)
    assert value(effects, "simple") == pytest.approx(value(without, "simple"), rel=1e-12)
    all_five, one = "units with weight zero take no part", "1 treated unit with weight zero takes no part"
    assert note(effects, "simple") == f"5 treated {all_five}"
    assert note(effects, "event_time", event_time=0) == f"5 treated {all_five}"
    assert note(effects, "event_time", event_time=2) == one
    assert note(effects, "event_time", event_time=-3) == f"4 treated {all_five}"
    assert not effects.in_sample[0].any()


def test_a_cohort_without_weight_is_a_row_that_says_so():
    panel = staggered()
    weight = np.where((panel.cohort == 5)[:, None], 0.0, np.ones(panel.outcome.shape))
    effects = imputation(replace(panel, weight=weight), Imputation(averages=ALL))
    lost = get(effects, "cohort", cohort=5)
    assert np.isnan(effects.estimate[lost])
    assert np.isnan(with_errors(effects, "cr0", panel.cluster).std_error[lost])
    assert effects.keys[lost].note == "4 treated units with weight zero take no part"
    assert note(effects, "cohort", cohort=3) == ""


def test_a_covariate_that_changes_after_treatment_is_noted():
    panel = staggered()
    constant = np.repeat(panel.covariates["z"][:, :1], 6, axis=1)
    before = np.where(panel.is_treated, constant, panel.covariates["z"])
    last = before[np.arange(23), np.clip(np.nan_to_num(panel.cohort, posinf=6) - 1, 0, 5).astype(int)]
    still = np.where(panel.is_treated, last[:, None], before)
    moved = still.copy()
    moved[[0, 6], 5] += 1
    design = Imputation(covariates=("z",))
    notes = [
        {
            k.note
            for k in imputation(replace(panel, covariates={"z": z}), design).keys
            if (k.event_time or 0) >= 0
        }
        for z in (still, moved)
    ]
    said = "covariate z changes after treatment in 2 treated units; the coefficient may absorb part of the effect"
    assert notes == [{""}, {said}]


def test_periods_without_an_untreated_unit_are_left_out_and_named():
    panel = random_panel(cohorts={1: 5, 2: 5, 3: 5}, n_periods=5, seed=4)
    effects = imputation(panel, Imputation(averages=ALL))
    assert note(effects, "cohort", cohort=1) == (
        "left out: 10 treated cells in period 3, 4, which no untreated unit says enough about"
    )
    assert np.isnan(value(effects, "cohort", cohort=3))
    assert np.isnan(value(effects, "event_time", event_time=3))
    outcome = panel.outcome.copy()
    outcome[:, 3:] = NAN
    early = imputation(replace(panel, outcome=outcome), Imputation(averages=ALL))
    assert value(effects, "simple") == pytest.approx(value(early, "simple"), rel=1e-12)


def test_a_cohort_treated_after_the_last_period_is_untreated_throughout():
    panel = staggered()
    later = replace(panel, cohort=np.where(panel.cohort == 5, 9.0, panel.cohort))
    never = replace(
        panel,
        cohort=np.where(panel.cohort == 5, NEVER_TREATED, panel.cohort),
        arm=np.where(panel.cohort == 5, "control", panel.arm).astype(np.str_),
    )
    design = Imputation(averages=("simple", "cohort"))
    one, other = imputation(later, design), imputation(never, design)
    assert_array_equal(one.estimate, other.estimate)
    assert_array_equal(one.influence, other.influence)


def test_a_cohort_of_one_unit_has_no_known_error():
    panel = random_panel(cohorts={2: 5, 3: 1, NEVER_TREATED: 6}, n_periods=5, seed=4)
    effects = imputation(panel, Imputation(averages=ALL))
    assert note(effects, "simple") == "2 of 5 averaged effects rest on one unit: the error is not known"
    error = with_errors(effects, "cr0", panel.cluster).std_error
    assert np.isnan(error[[get(effects, "simple"), get(effects, "cohort", cohort=3)]]).all()
    assert np.isfinite(
        error[[get(effects, "cohort", cohort=2), get(effects, "event_time", event_time=2)]]
    ).all()


def test_a_cohort_in_one_cluster_leaves_no_error_to_averages_with_it():
    """Averages of cohorts that each lie in one cluster once had errors, which covered a third of the time.

    The mean of a cohort in a period fits its cluster exactly: where an effect has no error for that
    reason, an average over it has none either.
    """
    panel = random_panel(cohorts={2: 6, 3: 6, 4: 6, NEVER_TREATED: 20}, n_periods=6, seed=1)
    design = Imputation(averages=ALL)
    cohort = replace(panel, cluster=np.concatenate([np.repeat([0, 1, 2], 6), 3 + np.arange(20)]))
    effects = imputation(cohort, design)
    is_lead = np.array([key.event_time is not None and key.event_time < 0 for key in effects.keys])
    assert np.isnan(with_errors(effects, "cr0", cohort.cluster).std_error[~is_lead]).all()
    assert note(effects, "simple") == "9 of 9 averaged effects rest on one cluster: the error is not known"
    mixed = np.concatenate([[0] * 6, [1] * 3, [2] * 9, 3 + np.arange(20)])
    effects = imputation(replace(panel, cluster=mixed), design)
    assert note(effects, "simple") == "6 of 9 averaged effects rest on one cluster: the error is not known"
    known = with_errors(effects, "cr0", mixed).std_error
    assert np.isfinite(known[get(effects, "cohort", cohort=3)])
    assert np.isnan(known[get(effects, "event_time", event_time=0)])
    assert_array_equal(effects.estimate, imputation(panel, design).estimate)


@pytest.mark.parametrize("by_group", [False, True])
def test_a_period_effect_of_one_cluster_leaves_no_error_to_averages_with_it(by_group):
    """Only units untreated in any of an average's periods were once counted.

    A period effect that one unit or cluster identifies fits it exactly, so that an average with effects
    in that period has no known error.
    """
    panel = random_panel(cohorts={2: 8, 5: 7, NEVER_TREATED: 2}, n_periods=6, seed=2)
    outcome = panel.outcome.copy()
    outcome[-1, 4:] = NAN
    group = np.repeat((np.arange(17) % 2 == 0)[:, None].astype(float), 6, axis=1)
    panel = replace(panel, outcome=outcome, covariates={"half": group})
    effects = imputation(
        panel, Imputation(averages=("simple", "event_time"), effects_by_period=("half",) * by_group)
    )
    # Those with half = 1 lack a comparison in the last period and are left out there.
    assert note(effects, "simple").endswith(
        "2 of 5 averaged effects rest on one unit: the error is not known"
    )
    error = with_errors(effects, "cr0", panel.cluster).std_error
    assert np.isnan(error[get(effects, "simple")])
    assert np.isfinite(error[get(effects, "event_time", event_time=1)])


@pytest.mark.parametrize("estimator", [imputation, two_stage])
def test_a_covariate_first_known_after_treatment_is_noted(estimator):
    """Only the other regressions once said so.

    A value that is first known after treatment may be its effect: whoever uses it says of how many units.
    """
    panel = staggered()
    values = np.repeat(np.arange(panel.n_units, dtype=float)[:, None] % 5, 6, axis=1)
    values[:4, :3] = NAN
    panel = replace(panel, covariates={"x": values})
    chosen = Imputation if estimator is imputation else TwoStage
    effects = estimator(panel, chosen(covariates_by_period=("x",)))
    assert note(effects, "simple") == "covariate x is first known after treatment in 4 treated units"


def test_the_base_mean_is_weighted():
    """Base means once counted units alike, unlike those of group-time effects.

    A unit that stands for two counts twice.
    """
    panel = staggered()
    times = 1 + np.arange(panel.n_units) % 3
    weighted = replace(panel, weight=np.repeat(times[:, None], 6, axis=1).astype(float))
    found = imputation(weighted, Imputation(averages=ALL)).baseline_mean
    assert_allclose(
        found, imputation(copies(panel, times), Imputation(averages=ALL)).baseline_mean, rtol=1e-12
    )


def test_an_exact_fit_leaves_no_error_to_estimate():
    panel = make_panel([[1.0, 3.0], [2.0, 5.0], [1.0, 2.0]], [1, 1, NEVER_TREATED])
    effects = imputation(panel, Imputation(averages=("simple",)))
    assert effects.estimate[0] == pytest.approx(1.5)
    assert "fitted exactly: the error is not known" in effects.keys[0].note
    assert np.isnan(effects.influence).all()


def test_a_constant_outcome_has_an_effect_of_zero_and_no_error():
    panel = staggered()
    effects = imputation(replace(panel, outcome=np.full(panel.outcome.shape, 0.1)), Imputation(averages=ALL))
    assert_allclose(effects.estimate, 0, atol=1e-15)
    estimates = with_errors(effects, "cr0", panel.cluster)
    assert np.isnan(estimates.std_error).all()
    assert set(estimates.notes) == {"the outcome does not vary within the sample: the error is not known"}


def test_sides_are_who_is_averaged_and_who_is_untreated_then():
    panel = staggered()
    effects = imputation(panel, Imputation(averages=ALL))
    late = get(effects, "event_time", event_time=3)
    # Event time 3 is periods 5 and 6 of cohorts 2 and 3; then only never-treated units are untreated.
    assert_array_equal(effects.treated_side[:, late], np.isin(panel.cohort, [2]))
    assert_array_equal(effects.comparison_side[:, late], np.isinf(panel.cohort))
    first = get(effects, "cohort", cohort=2)
    assert_array_equal(effects.comparison_side[:, first], panel.cohort > 2)
    base = panel.outcome[panel.cohort == 2, 1].mean()
    assert effects.baseline_mean[first] == pytest.approx(base)


def lead_regression(panel, leads):
    """Coefficients and their errors clustered by unit, without factor, from explicit dummies."""
    d = dummies(panel)
    rows = d.untreated & (np.bincount(d.unit[d.untreated], minlength=d.n_units)[d.unit] > 1)
    event_time = (d.period - panel.cohort[d.unit])[rows]
    x = np.column_stack([event_time == e for e in leads]).astype(float)
    used = full_rank(d)[rows]
    used = used[:, used.any(axis=0)]
    fit = WLS(d.outcome[rows], np.hstack([x, used]), weights=d.weight[rows]).fit()
    score = np.hstack([x, used]) * (d.weight[rows] * fit.resid)[:, None]
    sums = np.array([np.bincount(d.unit[rows], weights=s, minlength=d.n_units) for s in score.T])
    covariance = np.linalg.inv(np.hstack([x, used]).T * d.weight[rows] @ np.hstack([x, used]))
    influence = covariance @ sums
    return fit.params[: len(leads)], np.sqrt(np.sum(influence**2, axis=1))[: len(leads)]


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(("periods", "leads"), [(0, (-5, -4, -3, -2)), (1, (-1,)), (2, (-2, -1))])
def test_pretrends_are_a_regression_on_untreated_rows(periods, leads, weighted):
    panel = staggered(share_missing=0.05, weighted=weighted)
    effects = pretrends(panel, Imputation(pretrend_periods=periods))
    assert tuple(k.event_time for k in effects.keys) == leads
    estimate, error = lead_regression(panel, leads)
    assert_allclose(effects.estimate, estimate, rtol=1e-9)
    assert_allclose(with_errors(effects, "cr0", panel.cluster).std_error, error, rtol=1e-8)
    assert set(with_errors(effects, "cr0", panel.cluster).notes) == {""}


def test_pretrends_stand_before_event_times():
    effects = imputation(staggered(), Imputation(averages=("event_time",)))
    assert [k.event_time for k in effects.keys] == [-5, -4, -3, -2, 0, 1, 2, 3]


def test_without_never_treated_units_the_earliest_event_time_is_a_reference_too():
    panel = random_panel(cohorts={2: 5, 3: 5, 4: 5}, n_periods=5, seed=4)
    effects = pretrends(panel, Imputation())
    assert [k.event_time for k in effects.keys] == [-4, -3, -2]
    assert_array_equal(np.isnan(effects.estimate), [True, False, False])
    assert effects.keys[0].note == "explained by unit and period effects and later event times"
    assert effects.keys[1].note == "relative to event time -4 (trained) too, which the other terms explain"
    assert_allclose(effects.estimate[1:], lead_regression(panel, (-3, -2))[0], rtol=1e-10)


def test_no_event_time_before_the_last_gives_no_pretrends():
    panel = random_panel(cohorts={1: 5, NEVER_TREATED: 5}, n_periods=3, seed=4)
    assert pretrends(panel, Imputation()) is None
    assert [k.event_time for k in imputation(panel, Imputation(averages=("event_time",))).keys] == [0, 1]


def test_contradictory_options_are_refused():
    with pytest.raises(ConfigError, match="add event_time to averages"):
        imputation(staggered(), Imputation(averages=("simple",), pretrend_periods=2))
    with pytest.raises(ConfigError, match="averages is empty"):
        imputation(staggered(), Imputation(averages=()))
    with pytest.raises(IdentificationError, match="no treated unit has a value after treatment"):
        imputation(replace(staggered(), periods=np.arange(-9, -3)), Imputation())


@pytest.mark.slow
@pytest.mark.parametrize("weighted", [False, True])
def test_errors_are_those_of_repeated_samples(weighted):
    # Effects are equal within cohort and period, so that the conservative variance is not conservative.
    rng = np.random.default_rng(77)
    cohort = np.repeat([2.0, 3.0, NEVER_TREATED], [40, 40, 60])
    weight = np.repeat(rng.uniform(0.5, 2, (140, 1)), 5, axis=1) if weighted else np.ones((140, 5))
    base = make_panel(np.zeros((140, 5)), cohort)
    effect = base.is_treated * (1 + np.where(np.isinf(cohort), 0, cohort)[:, None])
    n, estimates, variances = 1500, [], []
    for _ in range(n):
        noise = np.cumsum(rng.normal(size=(140, 5)), axis=1) * rng.uniform(0.5, 2, (140, 1))
        panel = replace(base, outcome=effect + noise, weight=weight)
        part = imputation(panel, Imputation(averages=("simple",)))
        estimates.append(part.estimate[0])
        variances.append(np.sum(part.influence[:, 0] ** 2) / 140**2)
    squares = np.square(np.array(estimates) - np.mean(estimates))
    gap = np.mean(variances) / (squares.sum() / (n - 1)) - 1
    monte_carlo = np.hypot(squares.std() / squares.mean(), np.std(variances) / np.mean(variances)) / np.sqrt(
        n
    )
    # Residuals of 140 units are too small by about the share of parameters fitted by side, 1 in 40.
    assert abs(gap) < 4 * monte_carlo + 1 / 40
