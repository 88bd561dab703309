"""Stacked difference-in-differences."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import statsmodels.api as sm
from numpy.testing import assert_allclose

from impacteval.designs import Stacked
from impacteval.errors import ConfigError, IdentificationError
from impacteval.estimators.absorbed import absorbed_fit
from impacteval.estimators.stacked import _rows, _stacks, stacked
from impacteval.inference.errors import with_errors
from support.panels import ARM, NEVER_TREATED, copies, make_panel, random_panel
from support.regressors import plain_regressors

K = 64
both_groups = pytest.mark.parametrize("control_group", ["never_treated", "not_yet_treated"])


def design(**options):
    return Stacked(**{"name": "stacked", **options})


def staggered(seed=1, **options):
    return random_panel(cohorts={3: 4, 4: 5, 5: 3, NEVER_TREATED: 6}, n_periods=8, seed=seed, **options)


def experiments(panel, *, control_group, before=2, after=1, weight=None):
    """Treated weight and two-by-two differences of each cohort, by event time."""
    weight = np.ones(panel.n_units) if weight is None else weight
    found = []
    for cohort in np.unique(panel.cohort[np.isfinite(panel.cohort)]).astype(int):
        columns = np.arange(cohort - before, cohort + after + 1)
        change = panel.outcome[:, columns] - panel.outcome[:, [cohort - 1]]
        treated = panel.cohort == cohort
        clean = np.isinf(panel.cohort) if control_group == "never_treated" else panel.cohort > cohort + after
        means = [np.average(change[side], axis=0, weights=weight[side]) for side in (treated, clean)]
        found.append((weight[treated].sum(), means[0] - means[1]))
    return found


def averaged(found, before=2):
    """Mean of the differences by treated weight, without the period before treatment."""
    by_event_time = np.average([d for _, d in found], axis=0, weights=[w for w, _ in found])
    return np.delete(by_event_time, before - 1)


def test_two_cohorts_by_hand():
    # Changes in the period of treatment: 3 of two firms, 6 of one; of the comparison 1 and 2.
    panel = make_panel(
        [[0, 0, 3, 0], [0, 0, 3, 0], [0, 0, 0, 6], [0, 0, 1, 3], [0, 0, 1, 3.0]],
        [2, 2, 3, NEVER_TREATED, NEVER_TREATED],
    )
    effects = stacked(panel, design(periods_before=1, periods_after=0, control_group="never_treated"))
    assert [(k.estimand, k.event_time) for k in effects.keys] == [("event_time", 0), ("simple", None)]
    assert_allclose(effects.estimate, (2 * (3 - 1) + (6 - 2)) / 3)


@both_groups
def test_effects_are_averages_of_two_by_two_differences_by_treated_units(control_group):
    panel = staggered()
    effects = stacked(panel, design(control_group=control_group))
    expected = averaged(experiments(panel, control_group=control_group))
    assert_allclose(effects.estimate[:-1], expected, rtol=1e-10)
    assert_allclose(effects.estimate[-1], expected[1:].mean(), rtol=1e-10)


@both_groups
def test_sampling_weights_are_those_of_the_period_before_treatment(control_group):
    panel = staggered()
    weight = np.random.default_rng(4).uniform(0.5, 2, size=panel.n_units)
    weighted = replace(panel, weight=np.repeat(weight[:, None], 8, axis=1))
    effects = stacked(weighted, design(control_group=control_group))
    expected = averaged(experiments(panel, control_group=control_group, weight=weight))
    assert_allclose(effects.estimate[:-1], expected, rtol=1e-10)


@both_groups
def test_regression_is_that_of_statsmodels_with_corrective_weights(control_group):
    panel = staggered(covariate="z")
    effects = stacked(panel, design(control_group=control_group, covariates=("z",)))
    rows, label = [], 0
    n_treated = {g: (panel.cohort == g).sum() for g in (3, 4, 5)}
    clean = {
        g: np.isinf(panel.cohort) if control_group == "never_treated" else panel.cohort > g + 1
        for g in n_treated
    }
    n_clean = {g: clean[g].sum() for g in n_treated}
    for g, n in n_treated.items():
        share = n / sum(n_treated.values()) / (n_clean[g] / sum(n_clean.values()))
        for i in np.nonzero((panel.cohort == g) | clean[g])[0]:
            treated = panel.cohort[i] == g
            for t in range(g - 2, g + 2):
                rows.append(
                    (
                        panel.outcome[i, t],
                        panel.covariates["z"][i, t],
                        t - g,
                        g,
                        treated,
                        label,
                        1 if treated else share,
                    )
                )
            label += 1
    y, z, e, cohort, treated, unit, weight = np.array(rows, dtype=float).T
    at = e[:, None] == [-2, 0, 1]
    by_experiment = [at * (cohort == g)[:, None] for g in n_treated]
    x = np.hstack([at * treated[:, None], *by_experiment, z[:, None], unit[:, None] == np.arange(label)])
    fitted = sm.WLS(y, x, weights=weight).fit()
    assert_allclose(effects.estimate[:3], fitted.params[:3], rtol=1e-9)
    facts = effects.regression[0]
    assert_allclose(facts.classical_variance, fitted.bse[0] ** 2, rtol=1e-8)
    assert set(effects.n_obs) == {len(y)}
    assert facts.n_counted == x.shape[1]


@both_groups
@pytest.mark.parametrize("covariates", [(), ("z",)])
def test_influence_is_the_derivative_of_the_estimate(control_group, covariates):
    panel = staggered(covariate="z")
    chosen = design(control_group=control_group, covariates=covariates)

    def central(unit, k):
        times, step = np.full(panel.n_units, k), np.arange(panel.n_units) == unit
        more, less = (
            stacked(copies(panel, times + step), chosen),
            stacked(copies(panel, times - step), chosen),
        )
        return (more.estimate - less.estimate) * k / 2 * panel.n_units

    influence = stacked(panel, chosen).influence
    for unit in (0, 5, 10, 15):
        derivative = (4 * central(unit, 2 * K) - central(unit, K)) / 3
        # K^-4 is 6e-8; constants of a few times the influence give 1e-6.
        assert_allclose(derivative, influence[unit], rtol=1e-6, atol=1e-6 * np.abs(influence).max())


@both_groups
def test_effects_of_event_times_in_common_give_the_same_without_covariates(control_group):
    panel = staggered()
    chosen = design(control_group=control_group)
    stacks, _ = _stacks(panel, chosen, ARM)
    rows, outcome = _rows(panel, chosen, stacks)
    dense, names = rows.regressors.dense(), rows.regressors.names
    by_experiment = dense[:, 3:].reshape(len(outcome), len(stacks), 3)
    in_common = replace(
        rows, regressors=plain_regressors(np.hstack([dense[:, :3], by_experiment.sum(axis=1)]), names[:6])
    )
    one, other = (absorbed_fit(outcome, r, n_units=panel.n_units).coefficient for r in (in_common, rows))
    assert_allclose(one[:3], other[:3], rtol=1e-9)


def test_a_shock_to_all_units_of_a_period_changes_neither_estimate_nor_error():
    panel = staggered()
    shocked = replace(panel, outcome=panel.outcome + 10 * np.arange(8) ** 2)
    one, other = (with_errors(stacked(p, design()), "cr0", p.cluster) for p in (panel, shocked))
    assert_allclose(one.effects.estimate, other.effects.estimate, rtol=1e-9, atol=1e-11)
    assert_allclose(one.std_error, other.std_error, rtol=1e-9)


def test_one_cohort_is_its_event_study():
    panel = random_panel(cohorts={3: 5, NEVER_TREATED: 6}, n_periods=5, seed=3)
    effects = stacked(panel, design())
    change = panel.outcome[:, 1:5] - panel.outcome[:, [2]]
    treated = panel.cohort == 3
    expected = change[treated].mean(axis=0) - change[~treated].mean(axis=0)
    assert_allclose(effects.estimate[:3], np.delete(expected, 1), rtol=1e-10)
    error = with_errors(effects, "cr0", panel.cluster).std_error[1]
    variance = [np.var(change[side, 2]) / side.sum() for side in (treated, ~treated)]
    assert_allclose(error, np.sqrt(sum(variance)), rtol=1e-10)


def test_arms_are_stacked_apart_and_share_their_comparison():
    panel = staggered()
    arm = np.where(np.isinf(panel.cohort), "control", np.where(panel.cohort == 4, "b", "a"))
    effects = stacked(replace(panel, arm=arm), design(control_group="never_treated"))
    assert [k.arm for k in effects.keys] == ["a"] * 4 + ["b"] * 4
    alone = experiments(panel, control_group="never_treated")[1]
    assert_allclose(effects.estimate[4:7], averaged([alone]), rtol=1e-10)
    assert set(effects.n_treated) == {7, 5} and set(effects.n_comparison) == {6}


def test_cohorts_without_the_window_or_comparison_are_left_out_and_named():
    panel = random_panel(cohorts={1: 3, 3: 4, 5: 3}, n_periods=6, seed=5)
    effects = stacked(panel, design(periods_before=2, periods_after=0))
    note = effects.keys[0].note
    assert "cohort 1 is left out: not all periods -1 to 1 exist" in note
    assert "cohort 5 is left out: no not_yet_treated unit is observed in its whole window" in note
    assert set(effects.n_treated) == {4} and set(effects.n_comparison) == {3}


def test_units_not_observed_throughout_are_left_out_and_counted():
    panel = staggered()
    outcome = panel.outcome.copy()
    outcome[0, 2] = np.nan
    outcome[16, 6] = np.nan
    effects = stacked(replace(panel, outcome=outcome), design())
    # The first misses the window of cohort 3; the other, never treated, that of cohort 5.
    assert all(
        "2 units by cohort are left out: not observed in the whole window" in k.note for k in effects.keys
    )
    assert not effects.in_sample[0].any()
    assert effects.in_sample[16].all()


def test_no_window_at_all_is_refused():
    panel = staggered()
    with pytest.raises(IdentificationError, match="no cohort has all periods from 6 before to 1 after"):
        stacked(panel, design(periods_before=6))


def test_periods_with_gaps_are_refused_with_the_remedy():
    panel = staggered()
    apart = replace(panel, periods=panel.periods * 2, cohort=panel.cohort * 2)
    with pytest.raises(IdentificationError, match="number periods 1, 2, 3"):
        stacked(apart, design())


def test_a_window_without_the_period_before_treatment_is_refused():
    with pytest.raises(ConfigError, match="periods_before is 1 or more, periods_after 0 or more"):
        stacked(staggered(), design(periods_before=0))


def test_a_covariate_that_does_not_change_is_named():
    panel = staggered()
    constant = np.repeat(np.arange(18.0)[:, None], 8, axis=1)
    with pytest.raises(IdentificationError, match="regressor size"):
        stacked(replace(panel, covariates={"size": constant}), design(covariates=("size",)))
