"""The interaction-weighted estimator of Sun and Abraham."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import statsmodels.api as sm
from numpy.testing import assert_allclose

from impacteval.designs import SunAbraham
from impacteval.errors import IdentificationError
from impacteval.estimators.fixed_effects import event_study
from impacteval.estimators.sun_abraham import sun_abraham
from impacteval.inference.errors import with_errors
from support import designs
from support.panels import NEVER_TREATED, copies, make_panel, random_panel

NAN = float("nan")
SA = SunAbraham(name="sa", vcov=("cr1_nested",))
LAST = replace(SA, control_group="last_treated")


def weighted_panel(seed):
    panel = random_panel(
        cohorts={2: 7, 3: 9, NEVER_TREATED: 11}, n_periods=5, seed=seed, share_missing=0.15, covariate="z"
    )
    return replace(panel, weight=np.random.default_rng(seed).uniform(0.5, 2, panel.outcome.shape))


def test_effects_and_averages_by_hand():
    # Changes since the period before: 3 of 2 units in cohort 1, 9 of 1 in cohort 2, 1 without treatment.
    panel = make_panel(
        [[0, 4, 5], [1, 5, 6], [2, 3, 13], [0, 1, 2], [5, 6, 7]], [1, 1, 2, NEVER_TREATED, NEVER_TREATED]
    )
    effects = sun_abraham(panel, SA)
    found = {
        (k.estimand, k.cohort, k.period, k.event_time): v
        for k, v in zip(effects.keys, effects.estimate, strict=True)
    }
    expected = {
        ("att_gt", 1, 1, 0): 3,
        ("att_gt", 1, 2, 1): 3,
        ("att_gt", 2, 0, -2): 0,
        ("att_gt", 2, 2, 0): 9,
        ("simple", None, None, None): (2 * 3 + 2 * 3 + 9) / 5,
        ("event_time", None, None, -2): 0,
        ("event_time", None, None, 0): (2 * 3 + 9) / 3,
        ("event_time", None, None, 1): 3,
        ("cohort", 1, None, None): 3,
        ("cohort", 2, None, None): 9,
    }
    assert list(found) == list(expected)
    assert_allclose(list(found.values()), list(expected.values()), rtol=1e-12, atol=1e-12)


def test_with_one_cohort_it_is_the_event_study():
    panel = random_panel(cohorts={2: 6, NEVER_TREATED: 8}, n_periods=5, seed=1, share_missing=0.1)
    effects = sun_abraham(panel, replace(SA, averages=("event_time",)))
    study = event_study(panel, designs.event_study())
    n = len(study.keys)
    assert effects.keys[n:] == study.keys
    assert_allclose(effects.estimate[n:], study.estimate, rtol=1e-12)
    assert_allclose(effects.influence[:, n:], study.influence, rtol=1e-10, atol=1e-12)
    assert_allclose(effects.influence[:, :n], study.influence, rtol=1e-10, atol=1e-12)


def test_weighted_unbalanced_panel_equals_explicit_dummies_and_linear_tests():
    panel = weighted_panel(2)
    effects = sun_abraham(panel, replace(SA, covariates=("z",)))
    cells = ~np.isnan(panel.outcome)
    cells &= (cells.sum(axis=1) > 1)[:, None]
    unit, period = np.nonzero(cells)
    n = sum(k.estimand == "att_gt" for k in effects.keys)
    at = [(panel.cohort[unit] == k.cohort) & (period == k.period) for k in effects.keys[:n]]
    columns = [
        *at,
        panel.covariates["z"][cells],
        *(period == t for t in range(1, 5)),
        *(unit == i for i in np.unique(unit)),
    ]
    weight = panel.weight[cells]
    model = sm.WLS(panel.outcome[cells], np.column_stack(columns).astype(float), weights=weight)
    fitted = model.fit(cov_type="cluster", cov_kwds={"groups": unit})
    shares = np.zeros((len(effects.keys), len(columns)))
    for j, key in enumerate(effects.keys):
        members = [
            key.estimand in {"att_gt", "simple", "cohort"} and k.event_time >= 0
            if key.estimand in {"simple", "cohort"} and key.cohort in {None, k.cohort}
            else key.estimand == "event_time" and key.event_time == k.event_time
            for k in effects.keys[:n]
        ]
        total = np.array([weight[here].sum() * member for here, member in zip(at, members, strict=True)])
        shares[j, :n] = np.eye(n)[j] if j < n else total / total.sum()
    expected = fitted.t_test(shares)
    assert_allclose(effects.estimate, expected.effect, rtol=1e-8, atol=1e-12)
    assert_allclose(with_errors(effects, "cr1_counted", panel.cluster).std_error, expected.sd, rtol=1e-8)
    hc1 = model.fit(cov_type="HC1").t_test(shares)
    assert_allclose(with_errors(effects, "hc1", panel.cluster).std_error, hc1.sd, rtol=1e-8)
    plain = model.fit().t_test(shares)
    assert_allclose(with_errors(effects, "classical", panel.cluster).std_error, plain.sd, rtol=1e-8)


def test_influence_of_cells_is_the_derivative_of_the_estimate():
    panel = random_panel(cohorts={2: 4, 3: 4, NEVER_TREATED: 5}, n_periods=4, seed=3, share_missing=0.08)
    design = replace(SA, averages=())
    influence = sun_abraham(panel, design).influence
    k = 256
    for unit in range(0, panel.n_units, 3):
        step = np.arange(panel.n_units) == unit
        more, less = (sun_abraham(copies(panel, k + sign * step), design).estimate for sign in (1, -1))
        # The error of a central difference is of order k^-2, 1.5e-5.
        derivative = (more - less) * k / 2 * panel.n_units
        assert_allclose(derivative, influence[unit], rtol=1e-4, atol=1e-4 * np.abs(influence).max())


def test_shares_are_fixed_in_the_influence_of_averages():
    panel = weighted_panel(4)
    effects = sun_abraham(panel, SA)
    j = next(j for j, k in enumerate(effects.keys) if k.estimand == "cohort" and k.cohort == 2)
    parts = [
        i for i, k in enumerate(effects.keys) if (k.estimand, k.cohort) == ("att_gt", 2) and k.event_time >= 0
    ]
    weight = np.where(np.isnan(panel.outcome), 0, panel.weight)[panel.cohort == 2]
    share = np.array([weight[:, effects.keys[i].period].sum() for i in parts])
    assert_allclose(
        effects.influence[:, j], effects.influence[:, parts] @ (share / share.sum()), rtol=1e-10, atol=1e-12
    )


def test_last_treated_cohort_is_compared_with_before_its_treatment():
    panel = random_panel(cohorts={2: 6, 4: 8, NEVER_TREATED: 5}, n_periods=6, seed=5)
    effects = sun_abraham(panel, LAST)
    early = panel.cohort < NEVER_TREATED
    alone = make_panel(panel.outcome[early, :4], [2.0] * 6 + [NEVER_TREATED] * 8)
    expected = sun_abraham(alone, SA)
    assert_allclose(effects.estimate, expected.estimate, rtol=1e-12)
    # Influence is scaled by the units of the panel, among them those that are not used.
    assert_allclose(effects.influence[early] * 14 / 19, expected.influence, rtol=1e-10, atol=1e-12)
    assert (effects.influence[~early] == 0).all()
    assert set(effects.n_comparison) == {8} and set(effects.n_treated) == {6}
    assert effects.comparison == "cohort 4"
    assert {k.note for k in effects.keys} == {
        "compared with cohort 4 before its treatment, 5 never-treated units left out"
    }


def test_last_treated_cohort_needs_an_earlier_one():
    panel = random_panel(cohorts={2: 6, NEVER_TREATED: 5}, n_periods=4, seed=6)
    with pytest.raises(IdentificationError, match="none treated later to compare it with"):
        sun_abraham(panel, LAST)


def test_each_arm_has_its_own_cohorts_and_averages():
    panel = random_panel(cohorts={1: 8, 2: 8, NEVER_TREATED: 6}, n_periods=3, seed=7)
    arm = np.where(np.isinf(panel.cohort), "control", np.where(np.arange(22) % 2, "a", "b"))
    effects = sun_abraham(replace(panel, arm=arm), replace(SA, averages=("simple",)))
    keys = [(k.estimand, k.arm, k.cohort) for k in effects.keys]
    assert keys[-2:] == [("simple", "a", None), ("simple", "b", None)]
    assert set(keys[:-2]) == {("att_gt", a, g) for a in "ab" for g in (1, 2)}
    assert effects.n_treated[-2:].tolist() == [8, 8]


def test_cohort_that_is_never_seen_before_treatment_is_named():
    outcome = [[0, NAN, 3, 2], [1, NAN, 2, 1], [0, 1, 2, 1], [1, 1, 4, 2], [3, 1, 1, 1]]
    panel = make_panel(outcome, [2, 2, 3, NEVER_TREATED, NEVER_TREATED])
    with pytest.raises(
        IdentificationError, match="no unit of cohort 2, arm trained, is observed one period before"
    ):
        sun_abraham(panel, SA)


def test_cohort_that_is_never_seen_after_treatment_is_named():
    outcome = [[0, 1, NAN, NAN], [1, 2, NAN, NAN], [0, 1, 2, 1], [1, 1, 4, 2], [3, 1, 1, 1]]
    panel = make_panel(outcome, [2, 2, 3, NEVER_TREATED, NEVER_TREATED])
    with pytest.raises(IdentificationError, match="no unit of cohort 2, arm trained, is observed after"):
        sun_abraham(panel, SA)


def test_cohort_treated_after_the_last_period_has_effects_before_treatment_only():
    panel = random_panel(cohorts={2: 6, 4: 5, NEVER_TREATED: 7}, n_periods=4, seed=9)
    effects = sun_abraham(panel, SA)
    assert [k.event_time for k in effects.keys if (k.estimand, k.cohort) == ("att_gt", 4)] == [-4, -3, -2]
    assert [k.cohort for k in effects.keys if k.estimand == "cohort"] == [2]


@pytest.mark.parametrize("vcov", ["cr0", "cr1_nested", "hc1"])
def test_average_that_holds_a_cohort_of_one_unit_has_no_robust_error(vcov):
    """The unit is fitted exactly: an error from the other cohort's units alone would be too small."""
    panel = random_panel(cohorts={2: 1, 3: 6, NEVER_TREATED: 8}, n_periods=5, seed=10)
    effects = sun_abraham(panel, SA)
    found = with_errors(effects, vcov, panel.cluster)
    of = {(k.estimand, k.cohort): j for j, k in enumerate(effects.keys) if k.estimand in {"simple", "cohort"}}
    assert np.isfinite(effects.estimate).all()
    assert np.isnan(found.std_error[[of["simple", None], of["cohort", 2]]]).all()
    assert np.isfinite(found.std_error[of["cohort", 3]])
    assert found.notes[of["simple", None]].startswith("3 of 5 averaged effects rest on one unit")
    assert np.isfinite(with_errors(effects, "classical", panel.cluster).std_error).all()


def test_nobody_treated_is_refused():
    panel = random_panel(cohorts={NEVER_TREATED: 8}, n_periods=4, seed=11)
    with pytest.raises(IdentificationError, match="no treated unit has a value"):
        sun_abraham(panel, SA)


def test_no_comparison_unit_is_refused():
    panel = random_panel(cohorts={2: 6, 3: 5}, n_periods=4, seed=8)
    with pytest.raises(IdentificationError, match="no unit of the comparison group 'control'"):
        sun_abraham(panel, SA)


def test_periods_with_gaps_are_refused():
    panel = make_panel([[0, 1, 2], [1, 3, 1], [0, 2, 2]], [4, 4, NEVER_TREATED], periods=[1, 4, 7])
    with pytest.raises(IdentificationError, match="cohort 4 has no period one before its treatment"):
        sun_abraham(panel, SA)


def in_three_clusters(panel):
    """Each cohort in a cluster of its own, comparison units each in one."""
    cohort = np.searchsorted(np.unique(panel.cohort), panel.cohort)
    never = np.isinf(panel.cohort)
    return replace(panel, cluster=np.where(never, cohort + np.cumsum(never) - 1, cohort))


def test_cohorts_of_one_cluster_each_leave_averages_without_clustered_error():
    """Averages once had the errors of the comparison alone, with intervals that covered in 21 % of samples.

    A cell that lies in one cluster is fitted exactly, so that no average with it has a clustered error.
    """
    panel = in_three_clusters(random_panel(cohorts={2: 6, 3: 6, NEVER_TREATED: 12}, n_periods=5, seed=12))
    effects = sun_abraham(panel, SA)
    for vcov in ("cr0", "cr1_nested"):
        found = with_errors(effects, vcov, panel.cluster)
        assert np.isfinite(effects.estimate).all()
        assert np.isnan(found.std_error).all()
        at = next(j for j, key in enumerate(effects.keys) if key.estimand == "simple")
        assert found.notes[at] == "5 of 5 averaged effects rest on one cluster: the error is not known"
    assert np.isfinite(with_errors(effects, "hc1", panel.cluster).std_error).all()


def test_one_cohort_in_one_cluster_leaves_only_its_averages_without_error():
    panel = random_panel(cohorts={2: 6, 3: 6, NEVER_TREATED: 12}, n_periods=5, seed=13)
    panel = replace(panel, cluster=np.maximum(np.arange(24) - 5, 0))
    effects = sun_abraham(panel, SA)
    error = with_errors(effects, "cr0", panel.cluster).std_error
    for key, known in zip(effects.keys, np.isfinite(error), strict=True):
        with_first = key.cohort == 2 or key.estimand == "simple" or key.event_time in {-2, 0, 1, 2}
        assert known == (not with_first or (key.estimand, key.cohort) == ("att_gt", 3))


@pytest.mark.parametrize("vcov", ["cr0", "hc1"])
def test_cell_of_one_unit_has_no_robust_error(vcov):
    """HC1 errors of such a cell once were those of the comparison alone: they covered in 21 % of samples."""
    panel = random_panel(cohorts={2: 1, 3: 6, NEVER_TREATED: 8}, n_periods=5, seed=14)
    effects = sun_abraham(panel, SA)
    found = with_errors(effects, vcov, panel.cluster)
    of_one = [j for j, key in enumerate(effects.keys) if key.cohort == 2]
    assert np.isnan(found.std_error[of_one]).all()
    assert {found.notes[j] for j in of_one} == {"one treated unit: its error is not known"}


def test_arm_that_is_the_last_cohort_is_named():
    """It once was missing from the results without a word."""
    panel = random_panel(cohorts={2: 6, 4: 6, NEVER_TREATED: 6}, n_periods=6, seed=15)
    panel = replace(panel, arm=np.repeat(["a", "b", "control"], 6))
    effects = sun_abraham(panel, LAST)
    assert {key.arm for key in effects.keys} == {"a"}
    assert {key.note for key in effects.keys} == {
        "compared with cohort 4 before its treatment, 6 never-treated units left out; "
        "arm b has no effect of its own: 6 units, all of cohort 4"
    }


def test_cohort_after_the_last_period_is_named_as_such():
    """The message once told to number rounds 1, 2, 3, which changes nothing."""
    panel = random_panel(cohorts={2: 6, 9: 5, NEVER_TREATED: 7}, n_periods=5, seed=16)
    with pytest.raises(
        IdentificationError, match=r"cohort 9 is treated after the last period, 4, .*never treated"
    ):
        sun_abraham(panel, SA)


def test_cells_that_cannot_be_used_are_counted():
    """Cells without a covariate or a weight, and units seen once, were left out without a word."""
    panel = random_panel(cohorts={2: 6, NEVER_TREATED: 8}, n_periods=4, seed=17, covariate="z")
    z, weight, outcome = panel.covariates["z"].copy(), np.ones(panel.outcome.shape), panel.outcome.copy()
    z[0], z[7, 2], weight[1], weight[8, :2], outcome[9, 1:] = np.nan, np.nan, 0.0, np.nan, np.nan
    panel = replace(panel, covariates={"z": z}, weight=weight, outcome=outcome)
    effects = sun_abraham(panel, replace(SA, covariates=("z",)))
    for key in effects.keys:
        assert key.note.startswith(
            "1 treated unit with weight zero takes no part; 2 cells of 1 unit are left out: weight zero or "
            "missing; 5 cells of 2 units are left out: covariate z is missing; 1 unit observed once is left "
            "out: a unit effect takes it up; covariate z changes"
        )


def test_baseline_mean_is_weighted():
    """It once was the plain mean, beside weighted ones of other estimators."""
    panel = make_panel([[0, 4, 5], [2, 5, 7], [0, 1, 2], [5, 6, 8]], [1, 1, NEVER_TREATED, NEVER_TREATED])
    weight = np.repeat([[3.0], [1.0], [1.0], [1.0]], 3, axis=1)
    effects = sun_abraham(replace(panel, weight=weight), SA)
    assert_allclose(effects.baseline_mean, 0.5, rtol=1e-12)
