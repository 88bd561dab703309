"""Effects by dose and their slope: by hand, by regression, by derivative, and at the edges."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose

from impacteval.designs import CallawaySantAnna, Dose
from impacteval.errors import ConfigError, DataError, IdentificationError
from impacteval.estimators.aggregate import aggregate, overall
from impacteval.estimators.dose import dose_effects
from impacteval.estimators.group_time import att_group_time
from impacteval.estimators.subgroups import within
from impacteval.inference.errors import with_errors
from support.panels import NEVER_TREATED, copies, make_panel, random_panel


def design(**options):
    return Dose(name="by_dose", dose="modules", **options)


def with_dose(panel, dose):
    """The panel with a dose a unit."""
    values = np.repeat(np.array(dose, dtype=np.float64)[:, None], len(panel.periods), axis=1)
    return replace(panel, covariates={**panel.covariates, "modules": values})


def dosed_panel(seed=3, sizes=(8, 7, 9), share_missing=0.0, covariate=None):
    """Two cohorts of which units got one, two or four modules, and units that got none."""
    cohorts = dict(zip((2.0, 3.0, NEVER_TREATED), sizes, strict=True))
    panel = random_panel(
        cohorts=cohorts, n_periods=5, seed=seed, share_missing=share_missing, covariate=covariate
    )
    dose = np.where(np.isfinite(panel.cohort), np.resize([1, 2, 4], panel.n_units), 0)
    outcome = panel.outcome + 0.5 * dose[:, None] * panel.is_treated
    return with_dose(replace(panel, outcome=outcome), dose)


def pick(effects, estimand, **fields):
    """Position of the effect with a key."""
    (j,) = [
        j
        for j, key in enumerate(effects.keys)
        if key.estimand == estimand and all(getattr(key, name) == value for name, value in fields.items())
    ]
    return j


# By hand: changes of 5, 7 (dose 1), 10 (dose 3) and 13 (dose 4) beside 1 and 3 of comparison units.
OUTCOME = [[0, 5], [1, 8], [2, 12], [0, 13], [4, 5], [5, 8]]
COHORT = [1.0, 1.0, 1.0, 1.0, np.inf, np.inf]
DOSES = [1, 1, 3, 4, 0, 0]
HAND = with_dose(make_panel(OUTCOME, COHORT), DOSES)


def test_each_dose_is_compared_with_units_that_got_none():
    effects = dose_effects(HAND, design())
    assert [(k.estimand, k.arm, k.term, k.event_time) for k in effects.keys] == [
        *[("att_dose", "trained", f"dose={d}", None) for d in (1, 3, 4)],
        *[("event_time", "trained", f"dose={d}", 0) for d in (1, 3, 4)],
    ]
    assert_allclose(effects.estimate, [4, 8, 11] * 2)
    assert effects.n_treated.tolist() == [2, 1, 1] * 2
    assert effects.n_comparison.tolist() == [2] * 6
    assert_allclose(effects.baseline_mean[:3], [0.5, 2, 0])
    assert effects.estimator == "dose"
    # Variance of both means: (1 + 1) / 2^2 each.
    assert_allclose(with_errors(effects, "cr0", HAND.cluster).std_error[0], np.sqrt(0.5 + 0.5))
    # One unit: its error is not known.
    assert np.isnan(with_errors(effects, "cr0", HAND.cluster).std_error[1:3]).all()


def test_a_dose_belongs_to_the_last_cut_not_above_it():
    effects = dose_effects(HAND, design(cuts=(2.0, 4.0)))
    assert [k.term for k in effects.keys[:3]] == ["dose=0-2", "dose=2-4", "dose=4+"]
    assert_allclose(effects.estimate[:3], [4, 8, 11])
    effects = dose_effects(HAND, design(cuts=(1.0, 2.5)))
    assert [k.term for k in effects.keys[:2]] == ["dose=1-2.5", "dose=2.5+"]
    assert_allclose(effects.estimate[:2], [4, 9.5])


def test_slope_by_hand():
    effects = dose_effects(HAND, design(slope=True))
    j = pick(effects, "average_slope", arm="trained", term="modules")
    own, dose = np.array([3, 5, 8, 11.0]), np.array(DOSES[:4], dtype=float)
    assert_allclose(effects.estimate[j], np.polyfit(dose, own, 1)[0], rtol=1e-12)
    assert "average causal response" in effects.keys[j].note
    assert "strong parallel trends" in effects.keys[j].note
    assert effects.n_treated[j] == 4 and effects.n_comparison[j] == 2
    # With one cohort the comparison mean moves all own effects alike, and has no influence.
    assert not effects.influence[4:, j].any()


# What it collapses to.


@pytest.mark.parametrize("control_group", ["never_treated", "not_yet_treated"])
@pytest.mark.parametrize("method", ["reg", "ipw", "dr"])
def test_one_dose_for_all_is_the_average_effect(control_group, method):
    panel = dosed_panel(covariate="z", sizes=(14, 13, 22))
    panel = with_dose(panel, np.where(np.isfinite(panel.cohort), 2, 0))
    effects = dose_effects(panel, design(control_group=control_group, method=method, covariates=("z",)))
    group_time = CallawaySantAnna(
        control_group=control_group, base_period="universal", method=method, covariates=("z",)
    )
    expected = aggregate(att_group_time(panel, group_time), panel, overall)
    assert_allclose(effects.estimate[0], expected.estimate[0], rtol=1e-12)
    assert_allclose(effects.influence[:, 0], expected.influence[:, 0], rtol=1e-10, atol=1e-12)


def test_each_dose_is_the_average_effect_without_the_other_doses():
    panel = dosed_panel()
    effects = dose_effects(panel, design())
    dose = panel.covariates["modules"][:, 0]
    for j, d in enumerate((1, 2, 4)):
        # The effect of a dose does not look at units of other doses, their share included.
        others = np.isfinite(panel.cohort) & (dose != d)
        blank = replace(panel, outcome=np.where(others[:, None], np.nan, panel.outcome))
        alone = dose_effects(blank, design())
        k = pick(alone, "att_dose", term=f"dose={d}")
        assert_allclose(effects.estimate[j], alone.estimate[k], rtol=1e-12)


def test_slope_of_one_cohort_is_the_regression_of_changes_with_its_robust_error():
    """By statsmodels: HC0 of the changes of treated units on dose."""
    from statsmodels.regression.linear_model import OLS

    panel = dosed_panel(sizes=(12, 0, 9))
    treated = np.isfinite(panel.cohort)
    own = panel.outcome[:, 2:].mean(axis=1) - panel.outcome[:, 1]
    x = np.column_stack([panel.covariates["modules"][:, 0], np.ones(panel.n_units)])
    fit = OLS(own[treated], x[treated]).fit(cov_type="HC0")
    effects = dose_effects(panel, design(slope=True))
    j = pick(effects, "average_slope")
    assert_allclose(effects.estimate[j], fit.params[0], rtol=1e-10)
    assert_allclose(with_errors(effects, "cr0", panel.cluster).std_error[j], fit.bse[0], rtol=1e-10)


def test_slope_with_covariates_predicts_changes_from_the_comparison():
    """By statsmodels, for one cohort: changes less those predicted, on dose."""
    from statsmodels.regression.linear_model import OLS

    panel = dosed_panel(sizes=(12, 0, 9), covariate="z")
    treated = np.isfinite(panel.cohort)
    x = np.column_stack([np.ones(panel.n_units), panel.covariates["z"][:, 1]])
    own = np.zeros(panel.n_units)
    for column in (2, 3, 4):
        change = panel.outcome[:, column] - panel.outcome[:, 1]
        own += (change - x @ OLS(change[~treated], x[~treated]).fit().params) / 3
    dose = np.column_stack([panel.covariates["modules"][:, 0], np.ones(panel.n_units)])
    effects = dose_effects(panel, design(slope=True, covariates=("z",), method="reg"))
    assert_allclose(
        effects.estimate[pick(effects, "average_slope")],
        OLS(own[treated], dose[treated]).fit().params[0],
        rtol=1e-10,
    )


def test_effects_that_are_linear_in_dose_are_found():
    panel = dosed_panel()
    level = np.arange(panel.n_units)[:, None] + np.array([0, 3.0, 1, 4, 1])
    dose = panel.covariates["modules"]
    panel = replace(panel, outcome=level + (2 + 0.5 * dose) * panel.is_treated)
    effects = dose_effects(panel, design(slope=True))
    assert_allclose(effects.estimate[:3], [2.5, 3, 4], rtol=1e-12)
    assert_allclose(effects.estimate[pick(effects, "average_slope")], 0.5, rtol=1e-12)
    before = [j for j, k in enumerate(effects.keys) if k.event_time is not None and k.event_time < 0]
    assert_allclose(effects.estimate[before], 0, atol=1e-12)


# Influence.

K = 64
DERIVATIVES = {
    "never_treated": design(slope=True),
    "not_yet_treated": design(slope=True, control_group="not_yet_treated"),
    "cuts": design(cuts=(1.0, 2.0), slope=True),
    "covariates": design(covariates=("z",), method="reg", slope=True),
}


def central_difference(run, panel, unit, k):
    """Derivative of the estimate in a unit's weight, times the number of units."""
    times = np.full(panel.n_units, k)
    step = np.arange(panel.n_units) == unit
    more, less = run(copies(panel, times + step)), run(copies(panel, times - step))
    return (more.estimate - less.estimate) * k / 2 * panel.n_units


@pytest.mark.parametrize("name", DERIVATIVES)
def test_influence_is_the_derivative_of_the_estimate(name):
    panel = dosed_panel(seed=51, share_missing=0.05, covariate="z")

    def run(p):
        return dose_effects(p, DERIVATIVES[name])

    influence = run(panel).influence
    known = np.isfinite(influence).all(axis=0)
    assert known.sum() > 6
    for unit in range(0, panel.n_units, 3):
        near, far = central_difference(run, panel, unit, 2 * K), central_difference(run, panel, unit, K)
        derivative = (4 * near - far) / 3
        # K^-4 is 6e-8; constants of a few times the influence give 1e-6.
        assert_allclose(
            derivative[known], influence[unit, known], rtol=1e-6, atol=1e-6 * np.nanmax(np.abs(influence))
        )


# Edges.


def test_units_of_unknown_dose_are_left_out_and_counted():
    panel = dosed_panel()
    dose = panel.covariates["modules"].copy()
    dose[[0, 9]] = np.nan
    dose[1, 2] = np.nan
    effects = dose_effects(replace(panel, covariates={"modules": dose}), design(slope=True))
    kept = ~np.isin(np.arange(panel.n_units), [0, 9])
    smaller = replace(
        panel,
        unit_ids=panel.unit_ids[kept],
        outcome=panel.outcome[kept],
        cohort=panel.cohort[kept],
        arm=panel.arm[kept],
        cluster=np.arange(kept.sum()),
        covariates={"modules": panel.covariates["modules"][kept]},
        weight=panel.weight[kept],
    )
    expected = dose_effects(smaller, design(slope=True))
    assert_allclose(effects.estimate, expected.estimate, rtol=1e-12)
    assert_allclose(
        with_errors(effects, "cr0", panel.cluster).std_error,
        with_errors(expected, "cr0", smaller.cluster).std_error,
        rtol=1e-12,
    )
    assert not effects.in_sample[[0, 9]].any() and not np.nan_to_num(effects.influence[[0, 9]]).any()
    assert all(k.note.endswith("2 treated units are left out: the dose is not known") for k in effects.keys)


def test_comparison_units_may_lack_the_dose():
    dose = HAND.covariates["modules"].copy()
    dose[4:] = np.nan
    effects = dose_effects(replace(HAND, covariates={"modules": dose}), design())
    assert_allclose(effects.estimate, dose_effects(HAND, design()).estimate)


@pytest.mark.parametrize(
    ("cells", "value", "message"),
    [
        ([0, 0], 2.0, "column modules: 1 units, of whom each has several doses"),
        ([slice(0, 2)], 0.0, "column modules: 2 units, of whom each is treated with a dose of 0 or less"),
        ([5], 1.0, "column modules: 1 units, of whom each is in the comparison and has a dose"),
        ([slice(4, 6)], -1.0, "column modules: 2 units, of whom each is in the comparison and has a dose"),
    ],
)
def test_impossible_doses_are_refused(cells, value, message):
    dose = HAND.covariates["modules"].copy()
    dose[tuple(cells)] = value
    with pytest.raises(DataError, match=message):
        dose_effects(replace(HAND, covariates={"modules": dose}), design())


def test_no_known_dose_is_refused():
    with pytest.raises(IdentificationError, match="is not known of any of 4 treated units"):
        dose_effects(with_dose(HAND, [np.nan] * 4 + [0, 0]), design())


@pytest.mark.parametrize("cuts", [(2.0, 1.0), (1.0, 1.0), (0.0, 1.0)])
def test_cuts_must_rise_from_above_zero(cuts):
    with pytest.raises(ConfigError, match="above 0, rising, none twice"):
        dose_effects(HAND, design(cuts=cuts))


def test_more_distinct_doses_than_can_be_compared_ask_for_cuts(monkeypatch):
    monkeypatch.setattr("impacteval.estimators.dose.MOST_DOSES", 2)
    with pytest.raises(IdentificationError, match=r"3 distinct values of 'modules'.* set `cuts`"):
        dose_effects(HAND, design())
    assert_allclose(dose_effects(HAND, design(cuts=(2.0,))).estimate[:2], [4, 9.5])


def test_a_design_without_a_dose_is_refused():
    with pytest.raises(ConfigError, match="dose: name the column"):
        dose_effects(HAND, Dose(name="by_dose"))


@pytest.mark.parametrize("method", ["dr", "ipw"])
def test_a_slope_with_covariates_is_by_regression(method):
    panel = dosed_panel(covariate="z")
    with pytest.raises(ConfigError, match="a slope with covariates is by regression"):
        dose_effects(panel, design(slope=True, covariates=("z",), method=method))


def test_a_slope_needs_two_doses():
    with pytest.raises(IdentificationError, match="a slope needs two doses"):
        dose_effects(with_dose(HAND, [1, 1, 1, 1, 0, 0]), design(slope=True))


def test_an_arm_with_one_dose_has_no_slope_and_says_so():
    arm = np.where(np.arange(6) < 2, "short", np.where(np.arange(6) < 4, "long", "control"))
    effects = dose_effects(replace(HAND, arm=arm), design(slope=True))
    long, short = (pick(effects, "average_slope", arm=a) for a in ("long", "short"))
    assert_allclose(effects.estimate[long], 3)
    assert np.isnan(effects.estimate[short])
    assert effects.keys[short].note.endswith("all treated units that can be compared have one dose: no slope")
    # Two units fit a line exactly.
    error = with_errors(effects, "cr0", HAND.cluster).std_error
    assert np.isnan(error[[long, short]]).all()
    assert effects.keys[long].note.endswith("the error is not known")


def test_a_dose_that_nobody_can_be_compared_for_is_reported():
    outcome = np.array(HAND.outcome)
    outcome[3, 1] = np.nan
    effects = dose_effects(replace(HAND, outcome=outcome), design(slope=True))
    j = pick(effects, "att_dose", term="dose=4")
    assert (
        np.isnan(effects.estimate[j])
        and "no treated unit is observed in both periods" in effects.keys[j].note
    )
    assert "left out: 1 treated unit that cannot be compared in any period" in effects.keys[-1].note


def test_sampling_weights_weigh_units():
    """A weight of two is a unit twice; errors are those of two units of one cluster."""
    panel = dosed_panel(sizes=(8, 7, 9))
    times = np.resize([1, 2], panel.n_units)
    weighted = replace(panel, weight=np.repeat(times[:, None], 5, axis=1).astype(float))
    twice = copies(panel, times)
    found = dose_effects(weighted, design(slope=True))
    expected = dose_effects(twice, design(slope=True))
    j = pick(found, "average_slope")
    assert_allclose(found.estimate[j], expected.estimate[j], rtol=1e-12)
    cluster = np.repeat(np.arange(panel.n_units), times)
    assert_allclose(
        with_errors(found, "cr0", panel.cluster).std_error[j],
        with_errors(expected, "cr0", cluster).std_error[j],
        rtol=1e-10,
    )


def test_units_of_weight_zero_take_no_part_in_the_slope_and_are_counted():
    """Once treated ones were said not to be comparable, and comparison ones were not counted."""
    panel = dosed_panel(sizes=(8, 7, 9))
    lost = np.isin(np.arange(panel.n_units), [0, 9, 20])
    found = dose_effects(
        replace(panel, weight=np.where(lost[:, None], 0.0, panel.weight)), design(slope=True)
    )
    expected = dose_effects(within(panel, ~lost), design(slope=True))
    assert_allclose(found.estimate, expected.estimate, rtol=1e-12)
    j = pick(found, "average_slope")
    share = (panel.n_units - lost.sum()) / panel.n_units
    assert_allclose(found.influence[~lost, j] * share, expected.influence[:, j], rtol=1e-10, atol=1e-12)
    assert not found.influence[lost, j].any() and not found.in_sample[lost, j].any()
    said = "2 treated units with weight zero take no part; 1 comparison unit with weight zero takes no part"
    assert found.keys[j].note == f"{expected.keys[j].note}; {said}"


def test_a_second_dose_of_weight_zero_leaves_no_slope_and_says_why():
    weight = np.where(np.arange(6)[:, None] < 2, 1.0, [[0.0], [0.0], [0.0], [0.0], [1.0], [1.0]])
    panel = replace(HAND, weight=np.repeat(weight, 2, axis=1))
    message = r"a slope needs two doses .*\(2 treated units with weight zero take no part\)"
    with pytest.raises(IdentificationError, match=message):
        dose_effects(panel, design(slope=True))


def test_anticipation_moves_the_base_period():
    panel = dosed_panel()
    effects = dose_effects(panel, design(anticipation=1, slope=True))
    own = dose_effects(panel, design(slope=True))
    j = pick(effects, "average_slope")
    assert effects.estimate[j] != own.estimate[j]
    base = np.where(panel.cohort == 2, 0, 1)[:15]
    assert_allclose(effects.baseline_mean[j], panel.outcome[np.arange(15), base].mean(), rtol=1e-12)


@pytest.mark.slow
def test_intervals_of_the_slope_cover_it():
    """Strong parallel trends hold: the effect of a dose is half of it for everybody."""
    n_draws, covered = 1000, 0
    for seed in range(n_draws):
        panel = dosed_panel(seed=seed, sizes=(60, 60, 80))
        effects = dose_effects(panel, design(slope=True))
        estimates = with_errors(effects, "cr0", panel.cluster)
        j = pick(effects, "average_slope")
        covered += estimates.conf_low[j] <= 0.5 <= estimates.conf_high[j]
    assert abs(covered / n_draws - 0.95) < 4 * np.sqrt(0.95 * 0.05 / n_draws)
