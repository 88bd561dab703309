"""Two-way fixed effects and the event study."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import statsmodels.api as sm
from numpy.testing import assert_allclose

from impacteval.designs import EventStudy, TwoWayFixedEffects
from impacteval.errors import ConfigError, DataError, IdentificationError
from impacteval.estimators.fixed_effects import event_study, two_way_fixed_effects
from impacteval.estimators.group_time import att_group_time
from impacteval.inference.errors import with_errors
from impacteval.panel import Panel
from support import designs
from support.panels import NEVER_TREATED, make_panel, random_panel

NAN = float("nan")


def dummies_of(panel, cells):
    """Indicators of units and of periods but the first, for observed cells."""
    unit, period = np.nonzero(cells)
    units = (unit[:, None] == np.unique(unit)[None, :]).astype(float)
    periods = (period[:, None] == np.unique(period)[None, 1:]).astype(float)
    return unit, np.hstack([units, periods])


def test_with_two_periods_the_coefficient_is_the_two_by_two_difference():
    panel = random_panel(cohorts={1: 6, NEVER_TREATED: 8}, n_periods=2, seed=21)
    twfe = two_way_fixed_effects(panel, designs.twfe())
    cells = att_group_time(panel, designs.two_by_two())
    assert_allclose(twfe.estimate, cells.estimate, rtol=1e-10)
    # A change is two deviations from its mean of opposite sign: influences agree unit by unit.
    assert_allclose(twfe.influence, cells.influence, rtol=1e-8, atol=1e-12)


def test_with_one_cohort_the_event_study_is_the_two_by_two_difference_of_each_period():
    panel = random_panel(cohorts={2: 6, NEVER_TREATED: 8}, n_periods=5, seed=22)
    study = event_study(panel, designs.event_study())
    cells = att_group_time(panel, designs.two_by_two())
    assert [k.event_time for k in study.keys] == [-2, 0, 1, 2] == [k.event_time for k in cells.keys]
    assert_allclose(study.estimate, cells.estimate, rtol=1e-9)
    assert_allclose(study.influence, cells.influence, rtol=1e-8, atol=1e-11)


def test_with_one_cohort_the_coefficient_is_the_difference_of_mean_changes():
    panel = random_panel(cohorts={2: 6, NEVER_TREATED: 8}, n_periods=5, seed=23)
    change = panel.outcome[:, 2:].mean(axis=1) - panel.outcome[:, :2].mean(axis=1)
    expected = change[:6].mean() - change[6:].mean()
    assert_allclose(two_way_fixed_effects(panel, designs.twfe()).estimate, [expected], rtol=1e-10)


def test_staggered_unbalanced_panel_equals_explicit_dummies():
    panel = random_panel(
        cohorts={1: 5, 3: 6, NEVER_TREATED: 7}, n_periods=5, seed=24, share_missing=0.2, covariate="z"
    )
    cells = ~np.isnan(panel.outcome)
    cells &= (cells.sum(axis=1) > 1)[:, None]
    unit, dummies = dummies_of(panel, cells)
    x = np.column_stack([panel.is_treated[cells], panel.covariates["z"][cells], dummies]).astype(float)
    explicit = sm.OLS(panel.outcome[cells], x).fit(cov_type="cluster", cov_kwds={"groups": unit})
    effects = two_way_fixed_effects(panel, designs.twfe(covariates=("z",)))
    assert_allclose(effects.estimate, explicit.params[:1], rtol=1e-8)
    assert_allclose(with_errors(effects, "cr1_counted", panel.cluster).std_error, explicit.bse[:1], rtol=1e-8)
    assert effects.n_obs[0] == cells.sum()


def test_event_study_equals_explicit_dummies():
    panel = random_panel(cohorts={1: 5, 3: 6, NEVER_TREATED: 7}, n_periods=5, seed=25, share_missing=0.1)
    effects = event_study(panel, designs.event_study())
    event_time = panel.periods[None, :] - panel.cohort[:, None]
    cells = ~np.isnan(panel.outcome)
    cells &= (cells.sum(axis=1) > 1)[:, None]
    unit, dummies = dummies_of(panel, cells)
    at = [(event_time == k.event_time)[cells] for k in effects.keys]
    explicit = sm.OLS(panel.outcome[cells], np.column_stack([*at, dummies]).astype(float)).fit(
        cov_type="cluster", cov_kwds={"groups": unit}
    )
    assert [k.event_time for k in effects.keys] == [-3, -2, 0, 1, 2, 3]
    assert_allclose(effects.estimate, explicit.params[:6], rtol=1e-8)
    assert_allclose(with_errors(effects, "cr1_counted", panel.cluster).std_error, explicit.bse[:6], rtol=1e-8)


def test_units_seen_once_are_not_in_the_sample():
    panel = make_panel(
        [[0, 5, 4], [1, 4, 6], [0, 1, 1], [2, 3, 1], [NAN, 9, NAN]],
        [1, 1, NEVER_TREATED, NEVER_TREATED, NEVER_TREATED],
    )
    effects = two_way_fixed_effects(panel, designs.twfe())
    assert effects.n_obs[0] == 12
    assert not effects.in_sample[4, 0]
    assert (effects.n_treated[0], effects.n_comparison[0]) == (2, 2)


def test_own_regressors_replace_the_arms_and_leave_out_period_effects():
    panel = random_panel(cohorts={1: 5, NEVER_TREATED: 7}, n_periods=3, seed=26, covariate="z")
    effects = two_way_fixed_effects(panel, designs.twfe(regressors=("z",), period_effects=False))
    x = panel.covariates["z"] - panel.covariates["z"].mean(axis=1, keepdims=True)
    assert_allclose(effects.estimate, [(x * panel.outcome).sum() / (x * x).sum()], rtol=1e-10)
    assert [(k.term, k.arm) for k in effects.keys] == [("z", None)]
    assert effects.regression[0].n_parameters == 2


def test_baseline_mean_is_the_mean_of_the_treated_before_treatment():
    panel = make_panel(
        [[1, 9, 9, 9], [9, 4, 9, 9], [0, 1, 1, 2], [2, 3, 1, 2]], [1, 2, NEVER_TREATED, NEVER_TREATED]
    )
    assert_allclose(two_way_fixed_effects(panel, designs.twfe()).baseline_mean, [2.5], rtol=1e-12)


def test_no_comparison_unit_seen_twice_is_refused():
    panel = make_panel([[0, 5, 4], [1, 4, 6], [0, 1, 2], [2, NAN, NAN]], [1, 2, 2, NEVER_TREATED])
    with pytest.raises(
        IdentificationError, match="no unit of the comparison group 'control' is observed twice"
    ):
        two_way_fixed_effects(panel, designs.twfe())


def test_arm_whose_baseline_is_never_seen_is_named():
    panel = make_panel([[NAN, 5, 4], [NAN, 4, 6], [0, 1, 2], [2, 2, 1]], [1, 1, NEVER_TREATED, NEVER_TREATED])
    with pytest.raises(IdentificationError, match="regressor treated, arm trained"):
        two_way_fixed_effects(panel, designs.twfe())


def test_event_study_without_the_period_before_treatment_says_so():
    """Periods with gaps once ended in a message about collinear terms."""
    panel = make_panel(
        [[0.0, 1.0, 3.0], [1.0, 2.0, 5.0], [0.0, 1.0, 1.0], [0.0, 0.0, 2.0]],
        [2014.0, 2014.0, NEVER_TREATED, NEVER_TREATED],
        periods=[2010, 2014, 2018],
    )
    with pytest.raises(IdentificationError, match="cohort 2014 has no period one before its treatment"):
        event_study(panel, designs.event_study())


def test_outcome_that_no_treated_unit_has_is_refused():
    """It once ended in a ValueError about an empty list."""
    panel = make_panel([[0.0, 1.0], [1.0, 1.0], [0.0, 2.0]], [NEVER_TREATED] * 3)
    with pytest.raises(IdentificationError, match="no treated unit has a value"):
        two_way_fixed_effects(panel, designs.twfe())


def weighted_panel(seed, **columns):
    """Two cohorts and a comparison in four periods, some cells missing, with weights and columns by unit."""
    panel = random_panel(
        cohorts={1: 9, 2: 9, NEVER_TREATED: 12}, n_periods=4, seed=seed, share_missing=0.1, covariate="z"
    )
    rng = np.random.default_rng(seed)
    by_unit = {name: np.repeat(draw(rng)[:, None], 4, axis=1) for name, draw in columns.items()}
    return replace(
        panel,
        weight=rng.uniform(0.5, 2.0, panel.outcome.shape),
        covariates={**panel.covariates, **by_unit},
    )


def explicit(panel, *columns, by_period=()):
    """statsmodels with indicators: columns first, then units, periods and further groups by period."""
    cells = ~np.isnan(panel.outcome) & (panel.weight > 0)
    cells &= (cells.sum(axis=1) > 1)[:, None]
    unit, dummies = dummies_of(panel, cells)
    period = np.nonzero(cells)[1]
    groups = [
        (values[cells] == level) & (period == t)
        for values in by_period
        for level in np.unique(values)[1:]
        for t in range(1, 4)
    ]
    x = np.column_stack([*(c[cells] for c in columns), dummies, *groups]).astype(float)
    return sm.WLS(panel.outcome[cells], x, weights=panel.weight[cells]), unit


def compare(effects, panel, model, unit):
    """Estimates and errors of three conventions against those of an explicit model."""
    n = len(effects.keys)
    clustered = {"cov_type": "cluster", "cov_kwds": {"groups": unit}}
    for vcov, options in (
        ("classical", {}),
        ("hc1", {"cov_type": "HC1"}),
        ("cr1_counted", clustered),
    ):
        fitted = model.fit(**options)
        assert_allclose(effects.estimate, fitted.params[:n], rtol=1e-8)
        assert_allclose(with_errors(effects, vcov, panel.cluster).std_error, fitted.bse[:n], rtol=1e-8)


def test_weights_and_covariates_equal_weighted_explicit_dummies():
    panel = weighted_panel(31)
    effects = two_way_fixed_effects(panel, designs.twfe(covariates=("z",)))
    model, unit = explicit(panel, panel.is_treated, panel.covariates["z"])
    compare(effects, panel, model, unit)


def test_weighted_event_study_equals_weighted_explicit_dummies():
    panel = weighted_panel(32)
    effects = event_study(panel, designs.event_study())
    event_time = panel.periods[None, :] - panel.cohort[:, None]
    model, unit = explicit(panel, *[event_time == k.event_time for k in effects.keys])
    compare(effects, panel, model, unit)


def test_cells_without_weight_are_left_out():
    panel = weighted_panel(33)
    weight = panel.weight.copy()
    weight[:3, 0], weight[3:6, 1] = 0.0, np.nan
    outcome = np.where(weight > 0, panel.outcome, np.nan)
    without = two_way_fixed_effects(replace(panel, outcome=outcome), designs.twfe())
    effects = two_way_fixed_effects(replace(panel, weight=weight), designs.twfe())
    assert_allclose(effects.estimate, without.estimate, rtol=1e-12)
    assert effects.n_obs[0] == without.n_obs[0]


def test_baseline_values_by_period_equal_explicit_interactions():
    panel = weighted_panel(34, size=lambda rng: 1e6 * rng.normal(size=30))
    first = panel.covariates["size"]
    later = np.where(np.arange(4) > 1, 7.0, first)
    panel = replace(panel, covariates={"size": later})
    effects = two_way_fixed_effects(panel, TwoWayFixedEffects(name="t", covariates_by_period=("size",)))
    by_period = [first * (np.arange(4) == t) for t in (1, 2, 3)]
    model, unit = explicit(panel, panel.is_treated, *by_period)
    compare(effects, panel, model, unit)
    assert effects.keys[0].note == ""


def test_effects_by_period_equal_explicit_indicators():
    panel = weighted_panel(35, buyer=lambda rng: rng.integers(0, 3, 30).astype(float))
    design = TwoWayFixedEffects(name="t", effects_by_period=("buyer",))
    effects = two_way_fixed_effects(panel, design)
    model, unit = explicit(panel, panel.is_treated, by_period=[panel.covariates["buyer"]])
    compare(effects, panel, model, unit)
    # fixest counts all levels of buyer by period, 3 x 4, beside the regressor.
    assert effects.regression[0].n_parameters == 1 + 12


def test_two_columns_of_effects_by_period_equal_explicit_indicators():
    panel = weighted_panel(
        36,
        buyer=lambda rng: rng.integers(0, 3, 30).astype(float),
        estate=lambda rng: rng.integers(0, 2, 30).astype(float),
    )
    design = EventStudy(name="e", effects_by_period=("buyer", "estate"))
    effects = event_study(panel, design)
    event_time = panel.periods[None, :] - panel.cohort[:, None]
    model, unit = explicit(
        panel,
        *[event_time == k.event_time for k in effects.keys],
        by_period=[panel.covariates["buyer"], panel.covariates["estate"]],
    )
    compare(effects, panel, model, unit)


def test_effects_by_period_that_are_nested_in_clusters_do_not_count():
    panel = weighted_panel(37, estate=lambda rng: np.arange(30) % 5 * 1.0)
    estate = panel.covariates["estate"][:, 0].astype(np.int64)
    design = TwoWayFixedEffects(name="t", effects_by_period=("estate",))
    crossed = two_way_fixed_effects(panel, design)
    nested = two_way_fixed_effects(replace(panel, cluster=estate), design)
    assert nested.regression[0].n_parameters == 2
    assert crossed.regression[0].n_parameters == 1 + 5 * 4
    assert crossed.regression[0].n_counted == nested.regression[0].n_counted
    assert_allclose(nested.estimate, crossed.estimate, rtol=1e-12)


def test_effects_by_period_that_change_within_a_unit_are_refused():
    panel = weighted_panel(38)
    with pytest.raises(IdentificationError, match=r"column 'z' changes within \d+ units, first u000"):
        two_way_fixed_effects(panel, TwoWayFixedEffects(name="t", effects_by_period=("z",)))


def large_panel(outcome, n_treated, cohort):
    """The first units are treated."""
    n_units, n_periods = outcome.shape
    is_treated = np.arange(n_units) < n_treated
    return Panel(
        name="y",
        unit_ids=np.array([f"u{i:05d}" for i in range(n_units)]),
        periods=np.arange(n_periods),
        outcome=outcome,
        cohort=np.where(is_treated, cohort, NEVER_TREATED),
        arm=np.where(is_treated, "trained", "control"),
        comparison_arm="control",
        cluster=np.arange(n_units),
    )


def test_too_many_effects_by_period_of_a_second_column_are_refused():
    panel = large_panel(np.random.default_rng(0).normal(size=(4000, 2)), 2000, 1)
    ids = np.repeat(np.arange(4000.0)[:, None], 2, axis=1)
    panel = replace(panel, covariates={"id": ids, "other": ids})
    with pytest.raises(
        IdentificationError, match="effects of 'other' by period are more than can be estimated"
    ):
        two_way_fixed_effects(panel, TwoWayFixedEffects(name="t", effects_by_period=("id", "other")))


def test_effects_of_many_groups_by_period_are_absorbed():
    """Pairs of a treated and a comparison unit: the mean difference within pairs."""
    outcome = np.random.default_rng(1).normal(size=(4000, 2))
    panel = large_panel(outcome, 2000, 1)
    pair = np.arange(4000.0) % 2000
    panel = replace(panel, covariates={"pair": np.repeat(pair[:, None], 2, axis=1)})
    effects = two_way_fixed_effects(panel, TwoWayFixedEffects(name="t", effects_by_period=("pair",)))
    change = outcome[:, 1] - outcome[:, 0]
    assert_allclose(effects.estimate, [(change[:2000] - change[2000:]).mean()], rtol=1e-10)
    assert effects.regression[0].n_counted == 4000 + 2000 + 1


def test_each_arm_has_its_own_effect():
    panel = weighted_panel(39)
    arm = np.where(np.isinf(panel.cohort), "control", np.where(np.arange(30) % 2, "class", "mentor"))
    panel = replace(panel, arm=arm)
    effects = two_way_fixed_effects(panel, designs.twfe())
    assert [k.arm for k in effects.keys] == ["class", "mentor"]
    of = [panel.is_treated & (arm == name)[:, None] for name in ("class", "mentor")]
    model, unit = explicit(panel, *of)
    compare(effects, panel, model, unit)
    assert effects.n_treated.tolist() == [9, 9] and effects.n_comparison.tolist() == [12, 12]


def test_dose_is_the_column_times_treated_by_now():
    panel = weighted_panel(40, modules=lambda rng: rng.integers(0, 9, 30).astype(float))
    modules = np.where(np.isinf(panel.cohort)[:, None], np.nan, panel.covariates["modules"])
    design = TwoWayFixedEffects(name="t", dose="modules", covariates=("z",))
    effects = two_way_fixed_effects(
        replace(panel, covariates={**panel.covariates, "modules": modules}), design
    )
    assert [(k.arm, k.term) for k in effects.keys] == [("trained", "dose:modules")]
    dose = np.where(panel.is_treated, panel.covariates["modules"], 0.0)
    model, unit = explicit(panel, dose, panel.covariates["z"])
    compare(effects, panel, model, unit)
    assert effects.n_treated[0] == ((dose != 0) & ~np.isnan(panel.outcome)).any(axis=1).sum()


@pytest.mark.parametrize("option", ["covariates_by_period", "effects_by_period"])
def test_what_is_by_period_needs_period_effects(option):
    panel = weighted_panel(41)
    design = TwoWayFixedEffects(name="t", regressors=("z",), period_effects=False, **{option: ("z",)})
    with pytest.raises(ConfigError, match="without period effects there are no"):
        two_way_fixed_effects(panel, design)


def test_covariate_that_changes_after_treatment_is_noted():
    hours = [[3, 3, 3], [3, 3, 9], [2, 4, 4], [1, 2, 3], [5, 5, 6]]
    panel = make_panel(
        [[0, 5, 4], [1, 4, 6], [0, 1, 1], [2, 3, 2], [NAN, 3, 9]],
        [1, 2, 2, NEVER_TREATED, NEVER_TREATED],
        covariates={"hours": hours},
    )
    effects = two_way_fixed_effects(panel, designs.twfe(covariates=("hours",)))
    assert effects.keys[0].note == (
        "covariate hours changes after treatment in 1 treated units; the coefficient may absorb part of the effect"
    )


def test_baseline_value_that_is_known_only_after_treatment_is_noted():
    panel = weighted_panel(42)
    z = panel.covariates["z"].copy()
    z[:2, :2] = np.nan
    panel = replace(panel, covariates={"z": z})
    effects = event_study(panel, EventStudy(name="e", covariates_by_period=("z",)))
    assert {k.note for k in effects.keys} == {"covariate z is first known after treatment in 2 treated units"}


def test_large_panel_in_many_blocks_equals_its_sufficient_statistics():
    """With one cohort and no missing cell the coefficient is a difference of mean changes."""
    rng = np.random.default_rng(43)
    outcome = rng.normal(size=(5000, 8))
    panel = large_panel(outcome, 2000, 4)
    change = outcome[:, 4:].mean(axis=1) - outcome[:, :4].mean(axis=1)
    effects = two_way_fixed_effects(panel, designs.twfe())
    assert_allclose(effects.estimate, [change[:2000].mean() - change[2000:].mean()], rtol=1e-10)
    expected = np.append(change[:2000] - change[:2000].mean(), -change[2000:] + change[2000:].mean())
    expected *= 5000 / np.repeat([2000, 3000], [2000, 3000])
    assert_allclose(effects.influence[:, 0], expected, rtol=1e-8, atol=1e-11)


def dose_panel(seed=50):
    """Ten treated units with doses 1 to 3 and ten others with none, in five periods."""
    panel = random_panel(cohorts={2: 10, NEVER_TREATED: 10}, n_periods=5, seed=seed)
    dose = np.where(np.arange(20) < 10, np.arange(20) % 3 + 1.0, 0.0)
    return panel, np.repeat(dose[:, None], 5, axis=1)


DOSE = TwoWayFixedEffects(name="t", dose="hours")


def test_treated_unit_of_unknown_dose_is_as_no_unit():
    """Its cells before treatment once stayed, with dose 0, and its others left without a word."""
    panel, hours = dose_panel()
    hours[:4] = np.nan
    effects = two_way_fixed_effects(replace(panel, covariates={"hours": hours}), DOSE)
    without = make_panel(panel.outcome[4:], panel.cohort[4:], covariates={"hours": hours[4:]})
    assert_allclose(effects.estimate, two_way_fixed_effects(without, DOSE).estimate, rtol=1e-12)
    assert effects.n_obs[0] == 16 * 5 and not effects.in_sample[:4].any()
    assert effects.keys[0].note == "20 cells of 4 units are left out: the dose 'hours' is not known"


def test_cells_of_unknown_dose_of_a_unit_with_others_are_counted():
    panel, hours = dose_panel()
    hours[0, 4] = hours[1, 1] = np.nan
    effects = two_way_fixed_effects(replace(panel, covariates={"hours": hours}), DOSE)
    assert effects.keys[0].note == "1 cell of 1 unit is left out: the dose 'hours' is not known"
    assert effects.n_obs[0] == 99


def test_comparison_unit_with_a_dose_is_refused():
    """Its dose was once taken as none."""
    panel, hours = dose_panel()
    hours[[12, 15], 2] = 7
    with pytest.raises(DataError, match=r"hours: 2 units, .*comparison and has a dose.*first: u012, u015"):
        two_way_fixed_effects(replace(panel, covariates={"hours": hours}), DOSE)


@pytest.mark.parametrize("vcov", ["cr0", "cr1_nested", "hc1"])
@pytest.mark.parametrize("sizes", [(1, 12), (12, 1)])
def test_side_of_one_unit_leaves_no_robust_error(vcov, sizes):
    """HC1 errors once were finite and covered in 21 % of samples: the unit's change is fitted exactly."""
    panel = random_panel(cohorts={1: sizes[0], NEVER_TREATED: sizes[1]}, n_periods=3, seed=51)
    effects = two_way_fixed_effects(panel, designs.twfe())
    found = with_errors(effects, vcov, panel.cluster)
    side = "treated" if sizes[0] == 1 else "comparison"
    assert np.isnan(found.std_error[0]) and np.isfinite(effects.estimate[0])
    assert found.notes[0] == f"one {side} unit: its error is not known"
    assert np.isfinite(with_errors(effects, "classical", panel.cluster).std_error[0])


def test_event_time_whose_cells_cannot_be_used_has_no_effect():
    """It once was an indicator without cells, and the whole outcome was refused as collinear.

    Event times are those of the cells used: here event time 3 is of a unit seen once.
    """
    panel = random_panel(cohorts={2: 1, 5: 9, NEVER_TREATED: 10}, n_periods=6, seed=52)
    outcome = panel.outcome.copy()
    outcome[0, :5] = NAN
    effects = event_study(replace(panel, outcome=outcome), designs.event_study())
    assert [k.event_time for k in effects.keys] == [-5, -4, -3, -2, 0]
    assert {k.note for k in effects.keys} == {"1 unit observed once is left out: a unit effect takes it up"}


def test_event_time_without_a_covariate_has_no_effect():
    panel = random_panel(cohorts={3: 10, NEVER_TREATED: 10}, n_periods=6, seed=53, covariate="z")
    z = panel.covariates["z"].copy()
    z[:, 0] = NAN
    panel = replace(panel, covariates={"z": z})
    effects = event_study(panel, EventStudy(name="e", covariates=("z",)))
    assert [k.event_time for k in effects.keys] == [-2, 0, 1, 2]
    assert effects.keys[0].note.startswith("20 cells of 20 units are left out: covariate z is missing; ")


def test_arm_that_is_never_used_before_treatment_is_named():
    panel = random_panel(cohorts={2: 6, NEVER_TREATED: 6}, n_periods=5, seed=54)
    outcome = panel.outcome.copy()
    outcome[:6, 1] = NAN
    with pytest.raises(IdentificationError, match="no unit of arm trained can be used one period before"):
        event_study(replace(panel, outcome=outcome), designs.event_study())


def test_arm_without_a_treated_cell_is_named():
    """The reason once given was that other terms explain it."""
    panel = random_panel(cohorts={2: 6, 9: 6, NEVER_TREATED: 6}, n_periods=5, seed=55)
    panel = replace(panel, arm=np.repeat(["a", "b", "control"], 6))
    with pytest.raises(IdentificationError, match="treated, arm b: no cell that can be used has it"):
        two_way_fixed_effects(panel, designs.twfe())


def test_cohort_after_the_last_period_is_named_as_such():
    """The message once told to number rounds 1, 2, 3, which changes nothing."""
    panel = random_panel(cohorts={2: 6, 9: 5, NEVER_TREATED: 7}, n_periods=5, seed=56)
    with pytest.raises(
        IdentificationError, match=r"cohort 9 is treated after the last period, 4, .*never treated"
    ):
        event_study(panel, designs.event_study())


def test_what_effects_by_period_and_baselines_lack_is_counted():
    """Units of no known group or baseline were left out without a word."""
    panel = weighted_panel(
        57, buyer=lambda rng: rng.integers(0, 2, 30).astype(float), size=lambda rng: rng.normal(size=30)
    )
    buyer, size = (panel.covariates[name].copy() for name in ("buyer", "size"))
    buyer[0], size[10] = NAN, NAN
    panel = replace(panel, covariates={"buyer": buyer, "size": size}, outcome=np.nan_to_num(panel.outcome))
    design = TwoWayFixedEffects(name="t", effects_by_period=("buyer",), covariates_by_period=("size",))
    assert two_way_fixed_effects(panel, design).keys[0].note == (
        "4 cells of 1 unit are left out: covariate size is never known; "
        "4 cells of 1 unit are left out: buyer is not known"
    )
