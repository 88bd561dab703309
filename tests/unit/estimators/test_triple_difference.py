"""Triple differences."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import statsmodels.api as sm
from numpy.testing import assert_allclose

from impacteval.designs import SunAbraham, TripleDifference
from impacteval.errors import IdentificationError
from impacteval.estimators.fixed_effects import two_way_fixed_effects
from impacteval.estimators.subgroups import by_subgroup
from impacteval.estimators.sun_abraham import sun_abraham
from impacteval.estimators.triple_difference import triple_difference
from impacteval.inference.errors import with_errors
from support import designs
from support.panels import NEVER_TREATED, make_panel, random_panel

DESIGN = TripleDifference(name="ddd", subgroup="women")


def with_women(panel, seed=0, share_weighted=False):
    rng = np.random.default_rng(seed)
    women = (np.arange(panel.n_units) % 2).astype(float)
    weight = rng.uniform(0.5, 2, panel.outcome.shape) if share_weighted else np.ones(panel.outcome.shape)
    wide = np.repeat(women[:, None], len(panel.periods), axis=1)
    return replace(panel, covariates={**panel.covariates, "women": wide}, weight=weight), women


def explicit(panel, women):
    """statsmodels of one cohort: triple, treated, subgroup by period, period and unit indicators."""
    cells = ~np.isnan(panel.outcome)
    cells &= (cells.sum(axis=1) > 1)[:, None]
    unit, period = np.nonzero(cells)
    treated = panel.is_treated[cells]
    later = range(1, len(panel.periods))
    columns = [
        treated * women[unit],
        treated,
        *(women[unit] * (period == t) for t in later),
        *(period == t for t in later),
        *(unit == i for i in np.unique(unit)),
    ]
    x = np.column_stack(columns).astype(float)
    return sm.WLS(panel.outcome[cells], x, weights=panel.weight[cells]), unit


def explicit_by_cohort(panel, women, cohorts):
    """statsmodels of several cohorts, and the two averages as weights of its columns.

    Columns are cohort by period, the same for women, then effects. The first average weighs the former
    by men, the second the latter by women.
    """
    cells = ~np.isnan(panel.outcome)
    cells &= (cells.sum(axis=1) > 1)[:, None]
    unit, period = np.nonzero(cells)
    weight, n = panel.weight[cells], len(panel.periods)
    pairs = [(g, t) for g in cohorts for t in range(n) if t - g != -1]
    here = [(panel.cohort[unit] == g) & (period == t) for g, t in pairs]
    columns = [
        *here,
        *(h & (women[unit] == 1) for h in here),
        *(women[unit] * (period == t) for t in range(1, n)),
        *(period == t for t in range(1, n)),
        *(unit == i for i in np.unique(unit)),
    ]
    shares = np.zeros((2, len(columns)))
    for value in (0, 1):
        total = [
            weight[h & (women[unit] == value)].sum() * (t >= g) for h, (g, t) in zip(here, pairs, strict=True)
        ]
        shares[value, value * len(pairs) : (value + 1) * len(pairs)] = np.array(total) / sum(total)
    return sm.WLS(panel.outcome[cells], np.column_stack(columns).astype(float), weights=weight), unit, shares


def test_two_periods_are_the_difference_of_two_differences_by_hand():
    # Changes: treated men 3, women 8; other men 1, women 2. Men gain 2, women 6: 4 more.
    panel = make_panel(
        [[0, 3], [1, 4], [2, 10], [0, 8], [5, 6], [4, 5], [1, 3], [1, 3]],
        [1, 1, 1, 1] + [NEVER_TREATED] * 4,
        covariates={"women": [[0, 0], [0, 0], [1, 1], [1, 1]] * 2},
    )
    effects = triple_difference(panel, DESIGN)
    assert [(k.estimand, k.arm, k.term) for k in effects.keys] == [
        ("coefficient", "trained", "treated"),
        ("coefficient", "trained", "treated x women"),
    ]
    assert_allclose(effects.estimate, [2.0, 4.0], rtol=1e-12)
    assert effects.n_treated.tolist() == [2, 2] and effects.n_comparison.tolist() == [2, 4]


def test_one_cohort_is_the_difference_of_two_two_way_regressions():
    panel, women = with_women(random_panel(cohorts={2: 12, NEVER_TREATED: 10}, n_periods=5, seed=1))
    effects = triple_difference(panel, DESIGN)
    parts = [
        two_way_fixed_effects(make_panel(panel.outcome[women == w], panel.cohort[women == w]), designs.twfe())
        for w in (0, 1)
    ]
    men, gap = parts[0].estimate[0], parts[1].estimate[0] - parts[0].estimate[0]
    assert_allclose(effects.estimate, [men, gap], rtol=1e-10)
    assert_allclose(effects.influence[women == 0, 0] / 2, parts[0].influence[:, 0], rtol=1e-9, atol=1e-12)
    assert_allclose(effects.influence[women == 1, 1] / 2, parts[1].influence[:, 0], rtol=1e-9, atol=1e-12)


CONVENTIONS = ("classical", "hc1", "cr1_counted")


def options_of(vcov, unit):
    return {
        "classical": {},
        "hc1": {"cov_type": "HC1"},
        "cr1_counted": {"cov_type": "cluster", "cov_kwds": {"groups": unit}},
    }[vcov]


def test_unbalanced_weighted_panel_equals_explicit_dummies():
    panel, women = with_women(
        random_panel(cohorts={2: 20, NEVER_TREATED: 14}, n_periods=5, seed=2, share_missing=0.1),
        share_weighted=True,
    )
    effects = triple_difference(panel, DESIGN)
    model, unit = explicit(panel, women)
    for vcov in CONVENTIONS:
        fitted = model.fit(**options_of(vcov, unit))
        assert_allclose(effects.estimate[::-1], fitted.params[:2], rtol=1e-8)
        found = with_errors(effects, vcov, panel.cluster).std_error
        assert_allclose(found[::-1], fitted.bse[:2], rtol=1e-8)


def test_several_cohorts_equal_explicit_cells_and_linear_tests():
    panel, women = with_women(
        random_panel(cohorts={2: 14, 3: 14, NEVER_TREATED: 16}, n_periods=5, seed=2, share_missing=0.1),
        share_weighted=True,
    )
    effects = triple_difference(panel, DESIGN)
    model, unit, shares = explicit_by_cohort(panel, women, [2, 3])
    for vcov in CONVENTIONS:
        expected = model.fit(**options_of(vcov, unit)).t_test(shares)
        assert_allclose(effects.estimate, expected.effect, rtol=1e-8)
        assert_allclose(with_errors(effects, vcov, panel.cluster).std_error, expected.sd, rtol=1e-8)


def staggered(effect, *, n_never=6):
    """Ten men and ten women of cohorts 2 and 6 in ten periods; women gain an effect, men nothing."""
    cohort = np.repeat([2.0, 6.0, np.inf], [20, 20, n_never])
    women, period = (np.arange(len(cohort)) % 2).astype(float), np.arange(10)
    since = period - np.where(np.isinf(cohort), 0, cohort)[:, None]
    gain = np.where(period >= cohort[:, None], women[:, None] * effect(since, cohort[:, None]), 0.0)
    outcome = np.random.default_rng(1).normal(size=(len(cohort), 1)) + 0.3 * period + gain
    panel = make_panel(outcome, cohort, covariates={"women": np.repeat(women[:, None], 10, axis=1)})
    return panel, gain[(period >= cohort[:, None]) & (women[:, None] == 1)]


@pytest.mark.parametrize(
    "effect",
    [lambda since, cohort: since + 1.0, lambda since, cohort: np.where(cohort == 2, since**2 + 1.0, 1.0)],
)
def test_several_cohorts_with_growing_effects_give_their_mean(effect):
    """One coefficient on treated x subgroup once gave 0.99 where effects of 1 to 8 have the mean 3.83,
    and -23.7 where none was below 1: treated cohorts were compared with cohorts treated before.

    Without noise, the effect is the mean over treated cells of the subgroup, and nothing outside it.
    """
    panel, gains = staggered(effect)
    effects = triple_difference(panel, DESIGN)
    assert_allclose(effects.estimate, [0.0, gains.mean()], rtol=1e-10, atol=1e-10)


def test_several_cohorts_are_two_regressions_of_sun_and_abraham():
    """Men and women have their own period effects, so that they meet in no coefficient.

    As many men as women in each cohort: the difference gives women's cells their shares among women.
    """
    panel, women = with_women(random_panel(cohorts={2: 14, 3: 14, NEVER_TREATED: 16}, n_periods=5, seed=3))
    effects = triple_difference(panel, DESIGN)
    design = SunAbraham(name="sa", averages=("simple",))
    sex = np.where(women == 1, "b women", "a men")
    parts = by_subgroup(replace(panel, covariates={}), lambda p: (sun_abraham(p, design),), sex)
    for j, part in ((0, parts[0]), (1, parts[2])):
        at = next(i for i, key in enumerate(part.keys) if key.estimand == "simple")
        assert_allclose(effects.estimate[j], part.estimate[at], rtol=1e-9)
        assert_allclose(effects.influence[:, j], part.influence[:, at], rtol=1e-8, atol=1e-10)
        for vcov in ("hc1", "cr0", "cr1_nested", "cr1_counted") if j else ("cr0",):
            errors = (with_errors(e, vcov, panel.cluster).std_error[i] for e, i in ((effects, j), (part, at)))
            assert_allclose(*errors, rtol=1e-9)


def test_average_over_cohorts_and_periods_by_hand():
    """Outcomes without noise: units and subgroups by period add up, women gain 4 more than men.

    Two men of cohort 1 gain 2, then 4; one of cohort 2 gains 9 after 1 one period before treatment.
    """
    cohort = np.array([1, 1, 2, 1, 2, np.inf, np.inf, np.inf])
    women = np.array([0, 0, 0, 1, 1, 0, 1, 1.0])
    gain = {1: [0, 2, 4], 2: [0, 1, 9], np.inf: [0, 0, 0]}
    outcome = np.arange(8.0)[:, None] + np.outer(women, [0, 3, 1]) + np.array([0, 5, 7])
    outcome += np.array([gain[g] for g in cohort])
    outcome += 4 * women[:, None] * (np.arange(3) >= cohort[:, None])
    panel = make_panel(outcome, cohort, covariates={"women": np.repeat(women[:, None], 3, axis=1)})
    effects = triple_difference(panel, DESIGN)
    assert_allclose(effects.estimate, [(2 * 2 + 2 * 4 + 8) / 5, 4.0], rtol=1e-12)
    assert np.isnan(with_errors(effects, "classical", panel.cluster).std_error).all()


def groups_of_sizes(counts, seed=0):
    """Treated men and women, comparison men and women, in two periods."""
    n = sum(counts)
    women = np.repeat([0.0, 1.0, 0.0, 1.0], counts)
    outcome = np.random.default_rng(seed).normal(size=(n, 2))
    cohort = np.repeat([1.0, 1.0, np.inf, np.inf], counts)
    return make_panel(outcome, cohort, covariates={"women": np.repeat(women[:, None], 2, axis=1)})


@pytest.mark.parametrize(
    ("counts", "unknown", "words"),
    [
        ((1, 9, 9, 9), [True, True], "'trained' with women = 0 is one unit: the error is not known"),
        ((9, 1, 9, 9), [False, True], "one treated unit: its error is not known"),
        ((9, 9, 1, 9), [True, True], "'control' with women = 0 is one unit: the error is not known"),
        ((9, 9, 9, 1), [False, True], "'control' with women = 1 is one unit: the error is not known"),
    ],
)
def test_half_of_one_unit_leaves_no_robust_error(counts, unknown, words):
    """A half of one unit was seen only where it was a whole side: intervals covered in 49 % of samples.

    The mean change of one unit is fitted exactly, whichever of the four halves it is.
    """
    panel = groups_of_sizes(counts)
    effects = triple_difference(panel, DESIGN)
    for vcov in ("cr0", "cr1_nested", "hc1"):
        found = with_errors(effects, vcov, panel.cluster)
        assert np.isnan(found.std_error).tolist() == unknown
        assert words in found.notes[1]
    assert np.isfinite(with_errors(effects, "classical", panel.cluster).std_error).all()


def test_half_of_one_cluster_leaves_no_clustered_error():
    """As a half of one unit does; errors by row do not depend on clusters."""
    panel = groups_of_sizes((3, 9, 9, 9))
    panel = replace(panel, cluster=np.maximum(np.arange(30) - 2, 0))
    effects = triple_difference(panel, DESIGN)
    found = with_errors(effects, "cr0", panel.cluster)
    assert np.isnan(found.std_error).all()
    assert "'trained' with women = 0 lies in one cluster: the error is not known" in found.notes[1]
    assert np.isfinite(with_errors(effects, "hc1", panel.cluster).std_error).all()


def test_cohorts_of_one_cluster_each_leave_no_clustered_error():
    """Averages over cells that each lie in one cluster once had errors of the comparison alone."""
    panel, _ = with_women(random_panel(cohorts={2: 8, 3: 8, NEVER_TREATED: 16}, n_periods=5, seed=4))
    cluster = np.concatenate([np.repeat([0, 1], 8), 2 + np.arange(16)])
    effects = triple_difference(replace(panel, cluster=cluster), DESIGN)
    found = with_errors(effects, "cr1_nested", cluster)
    assert np.isnan(found.std_error).all()
    assert found.notes[0] == "5 of 5 averaged effects rest on one cluster: the error is not known"
    assert found.notes[1] == "10 of 10 averaged effects rest on one cluster: the error is not known"
    assert np.isfinite(with_errors(effects, "hc1", cluster).std_error).all()


def test_arms_have_their_own_effects():
    panel, _ = with_women(random_panel(cohorts={2: 24, NEVER_TREATED: 12}, n_periods=4, seed=4))
    arm = np.where(np.isinf(panel.cohort), "control", np.where(np.arange(36) % 4 < 2, "a", "b"))
    effects = triple_difference(replace(panel, arm=arm), DESIGN)
    assert [(k.arm, k.term) for k in effects.keys] == [
        (a, term) for a in "ab" for term in ("treated", "treated x women")
    ]
    assert effects.n_treated.tolist() == [6, 6, 6, 6]
    keep = arm != "b"
    alone = replace(
        make_panel(panel.outcome[keep], panel.cohort[keep]),
        covariates={"women": panel.covariates["women"][keep]},
    )
    # With one date and no missing cell, arms do not meet but in the comparison.
    assert_allclose(effects.estimate[:2], triple_difference(alone, DESIGN).estimate, rtol=1e-9)


@pytest.mark.parametrize(
    ("women", "message"),
    [
        ([0, 2, 1, 0, 1, 0], "has the values 0, 1, 2; a triple difference needs a column of 0 and 1"),
        ([0, 0, 0, 0, 1, 0], "no unit of 'trained' with women = 1 is observed twice"),
        ([0, 1, 1, 1, 1, 1], "no unit of 'control' with women = 0 is observed twice"),
    ],
)
def test_subgroup_that_identifies_nothing_is_refused(women, message):
    panel = random_panel(cohorts={1: 3, NEVER_TREATED: 3}, n_periods=3, seed=5)
    panel = replace(panel, covariates={"women": np.repeat(np.array(women, dtype=float)[:, None], 3, axis=1)})
    with pytest.raises(IdentificationError, match=message):
        triple_difference(panel, DESIGN)


def test_subgroup_that_changes_within_a_unit_is_refused():
    panel, _ = with_women(random_panel(cohorts={1: 4, NEVER_TREATED: 4}, n_periods=3, seed=6))
    women = panel.covariates["women"].copy()
    women[2, 1] = 1 - women[2, 1]
    with pytest.raises(IdentificationError, match="column 'women' changes within 1 units, first u002"):
        triple_difference(replace(panel, covariates={"women": women}), DESIGN)


def test_cohort_of_one_subgroup_informs_the_other_effect_only():
    """Five men of cohort 2 and a woman of cohort 3 say nothing of how women differ from men."""
    panel = random_panel(cohorts={1: 10, 2: 5, 3: 1, NEVER_TREATED: 10}, n_periods=4, seed=7)
    women = np.array([0, 1] * 5 + [0] * 5 + [1] + [0, 1] * 5)
    wide = np.repeat(women[:, None].astype(float), 4, axis=1)
    effects = triple_difference(replace(panel, covariates={"women": wide}), DESIGN)
    assert effects.n_treated.tolist() == [5 + 5, 5]
    assert [key.note for key in effects.keys] == [
        "",
        "2 cohorts have units of one value of women only: 6 units left out",
    ]
    assert np.isfinite(with_errors(effects, "cr0", panel.cluster).std_error).all()


def test_average_that_holds_a_cohort_of_one_unit_has_no_error():
    panel, _ = with_women(random_panel(cohorts={1: 1, 2: 9, NEVER_TREATED: 8}, n_periods=4, seed=8))
    effects = triple_difference(panel, DESIGN)
    found = with_errors(effects, "cr1_nested", panel.cluster)
    assert np.isnan(found.std_error[0]) and np.isfinite(found.std_error[1])
    assert "averaged effects rest on one unit: the error is not known" in found.notes[0]


def test_period_in_which_a_cohort_has_one_subgroup_is_left_out_of_the_difference():
    panel, women = with_women(random_panel(cohorts={1: 8, 2: 8, NEVER_TREATED: 8}, n_periods=4, seed=10))
    outcome = panel.outcome.copy()
    outcome[(panel.cohort == 1) & (women == 1), 3] = np.nan
    effects = triple_difference(replace(panel, outcome=outcome), DESIGN)
    assert effects.keys[0].note == ""
    assert effects.keys[1].note == "1 period of a cohort is left out: one value of women only is observed"


def test_cohorts_of_one_subgroup_each_are_refused():
    panel = random_panel(cohorts={1: 6, 2: 6, NEVER_TREATED: 8}, n_periods=4, seed=11)
    women = np.array([0] * 6 + [1] * 6 + [0, 1] * 4)
    wide = np.repeat(women[:, None].astype(float), 4, axis=1)
    with pytest.raises(
        IdentificationError, match="no cohort of 'trained' has units of both values of 'women'"
    ):
        triple_difference(replace(panel, covariates={"women": wide}), DESIGN)


def test_half_of_a_cohort_that_is_not_seen_before_treatment_is_named():
    panel, women = with_women(random_panel(cohorts={2: 8, 3: 8, NEVER_TREATED: 8}, n_periods=5, seed=12))
    outcome = panel.outcome.copy()
    outcome[(panel.cohort == 3) & (women == 1), 2] = np.nan
    with pytest.raises(IdentificationError, match="no unit of cohort 3, arm trained, with women = 1 is"):
        triple_difference(replace(panel, outcome=outcome), DESIGN)


def test_units_of_unknown_subgroup_are_counted():
    """They were left out of every regression without a word."""
    panel, _ = with_women(random_panel(cohorts={2: 8, NEVER_TREATED: 8}, n_periods=4, seed=13))
    wide = panel.covariates["women"].copy()
    wide[[0, 9, 10]] = np.nan
    effects = triple_difference(replace(panel, covariates={"women": wide}), DESIGN)
    assert [k.note for k in effects.keys] == ["12 cells of 3 units are left out: women is not known"] * 2


def test_nobody_treated_is_refused():
    panel, _ = with_women(random_panel(cohorts={NEVER_TREATED: 8}, n_periods=3, seed=9))
    with pytest.raises(IdentificationError, match="no treated unit has a value"):
        triple_difference(panel, DESIGN)
