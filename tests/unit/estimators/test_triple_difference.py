"""Triple differences."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import statsmodels.api as sm
from numpy.testing import assert_allclose

from impacteval.designs import TripleDifference
from impacteval.errors import IdentificationError
from impacteval.estimators.fixed_effects import two_way_fixed_effects
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


def explicit(panel, women, *, by_cohort):
    """statsmodels: triple, then the arm's terms, subgroup by period, period and unit indicators."""
    cells = ~np.isnan(panel.outcome)
    cells &= (cells.sum(axis=1) > 1)[:, None]
    unit, period = np.nonzero(cells)
    treated = panel.is_treated[cells]
    later = range(1, len(panel.periods))
    cohorts = np.unique(panel.cohort[np.isfinite(panel.cohort)])
    arm = (
        [(panel.cohort[unit] == g) & (period == t) for g in cohorts for t in later]
        if by_cohort
        else [treated]
    )
    columns = [
        treated * women[unit],
        *arm,
        *(women[unit] * (period == t) for t in later),
        *(period == t for t in later),
        *(unit == i for i in np.unique(unit)),
    ]
    x = np.column_stack(columns).astype(float)
    return sm.WLS(panel.outcome[cells], x, weights=panel.weight[cells]), unit


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


@pytest.mark.parametrize("cohorts", [{2: 20, NEVER_TREATED: 14}, {2: 14, 3: 14, NEVER_TREATED: 16}])
def test_unbalanced_weighted_panel_equals_explicit_dummies(cohorts):
    panel, women = with_women(
        random_panel(cohorts=cohorts, n_periods=5, seed=2, share_missing=0.1), share_weighted=True
    )
    effects = triple_difference(panel, DESIGN)
    model, unit = explicit(panel, women, by_cohort=len(cohorts) > 2)
    for vcov, options in (
        ("classical", {}),
        ("hc1", {"cov_type": "HC1"}),
        ("cr1_counted", {"cov_type": "cluster", "cov_kwds": {"groups": unit}}),
    ):
        fitted = model.fit(**options)
        assert_allclose(effects.estimate[1], fitted.params[0], rtol=1e-8)
        assert_allclose(with_errors(effects, vcov, panel.cluster).std_error[1], fitted.bse[0], rtol=1e-8)


def test_average_over_cohorts_and_periods_by_hand():
    """Outcomes without noise: units and subgroups by period add up, women gain 4 more than men.

    Two men of cohort 1 gain 2, then 4; one of cohort 2 gains 9 after 0 and 1 before treatment, that
    is 8.5 more than the mean before.
    """
    cohort = np.array([1, 1, 2, 1, 2, np.inf, np.inf, np.inf])
    women = np.array([0, 0, 0, 1, 1, 0, 1, 1.0])
    gain = {1: [0, 2, 4], 2: [0, 1, 9], np.inf: [0, 0, 0]}
    outcome = np.arange(8.0)[:, None] + np.outer(women, [0, 3, 1]) + np.array([0, 5, 7])
    outcome += np.array([gain[g] for g in cohort])
    outcome += 4 * women[:, None] * (np.arange(3) >= cohort[:, None])
    panel = make_panel(outcome, cohort, covariates={"women": np.repeat(women[:, None], 3, axis=1)})
    effects = triple_difference(panel, DESIGN)
    assert_allclose(effects.estimate, [(2 * 2 + 2 * 4 + 8.5) / 5, 4.0], rtol=1e-12)
    assert np.isnan(with_errors(effects, "classical", panel.cluster).std_error).all()


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
    """Five men of cohort 2 say nothing of how women differ; one woman of cohort 3 is fitted exactly."""
    panel = random_panel(cohorts={1: 10, 2: 5, 3: 1, NEVER_TREATED: 10}, n_periods=4, seed=7)
    women = np.array([0, 1] * 5 + [0] * 5 + [1] + [0, 1] * 5)
    wide = np.repeat(women[:, None].astype(float), 4, axis=1)
    effects = triple_difference(replace(panel, covariates={"women": wide}), DESIGN)
    assert effects.n_treated.tolist() == [5 + 5, 5]
    assert np.isfinite(with_errors(effects, "cr0", panel.cluster).std_error).all()


def test_average_that_holds_a_cohort_of_one_unit_has_no_error():
    panel, _ = with_women(random_panel(cohorts={1: 1, 2: 9, NEVER_TREATED: 8}, n_periods=4, seed=8))
    effects = triple_difference(panel, DESIGN)
    found = with_errors(effects, "cr1_nested", panel.cluster)
    assert np.isnan(found.std_error[0]) and np.isfinite(found.std_error[1])
    assert "averaged effects rest on one unit: the error is not known" in found.notes[0]


def test_nobody_treated_is_refused():
    panel, _ = with_women(random_panel(cohorts={NEVER_TREATED: 8}, n_periods=3, seed=9))
    with pytest.raises(IdentificationError, match="no treated unit has a value"):
        triple_difference(panel, DESIGN)
