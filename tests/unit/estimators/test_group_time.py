"""Group-time effects of panels: by hand, against their kernel, and what is said of cells that fail."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from impacteval.designs import CallawaySantAnna, TwoByTwo
from impacteval.errors import IdentificationError
from impacteval.estimators.comparisons import SMALL_COHORT
from impacteval.estimators.group_time import att_group_time, att_group_time_of
from impacteval.estimators.propensity import Sample
from impacteval.estimators.sections_group_time import att_group_time_sections
from impacteval.estimators.two_period import compare_changes
from impacteval.inference.errors import with_errors
from impacteval.sections import sections_of
from support.designs import two_by_two
from support.panels import NEVER_TREATED, make_panel, random_panel

NAN = float("nan")


def effect(effects, *, cohort, period, arm="trained"):
    """Position of one group-time effect."""
    return next(j for j, k in enumerate(effects.keys) if (k.arm, k.cohort, k.period) == (arm, cohort, period))


def test_two_by_two_by_hand():
    # Changes of the treated 5 and 3 (mean 4), of the comparison 1 and 2 (mean 1.5).
    panel = make_panel([[1, 6], [2, 5], [0, 1], [4, 6]], [1, 1, NEVER_TREATED, NEVER_TREATED])
    effects = att_group_time(panel, two_by_two())
    assert len(effects.keys) == 1
    assert (effects.keys[0].estimand, effects.keys[0].event_time) == ("att_gt", 0)
    assert_allclose(effects.estimate, [2.5], rtol=1e-12)
    # Deviations +-1 and -+.5 over the size of each group, times the four units.
    assert_allclose(effects.influence[:, 0], [2, -2, 1, -1], rtol=1e-12)
    assert_allclose(
        with_errors(effects, "cr0", panel.cluster).std_error, [np.sqrt(4 + 4 + 1 + 1) / 4], rtol=1e-12
    )
    assert_allclose(effects.baseline_mean, [1.5], rtol=1e-12)
    assert (effects.n_treated[0], effects.n_comparison[0], effects.n_obs[0]) == (2, 2, 8)


def test_every_effect_is_the_difference_of_mean_changes():
    panel = random_panel(cohorts={2: 7, 3: 6, NEVER_TREATED: 9}, n_periods=5, seed=11, share_missing=0.15)
    effects = att_group_time(panel, two_by_two())
    assert len(effects.keys) == 2 * 4
    for j, key in enumerate(effects.keys):
        change = panel.outcome[:, key.period] - panel.outcome[:, key.cohort - 1]
        treated, comparison = panel.cohort == key.cohort, np.isinf(panel.cohort)
        assert_allclose(
            effects.estimate[j], np.nanmean(change[treated]) - np.nanmean(change[comparison]), rtol=1e-10
        )
        assert effects.n_treated[j] == np.isfinite(change[treated]).sum()
        assert effects.n_comparison[j] == np.isfinite(change[comparison]).sum()
        assert key.event_time == key.period - key.cohort


def test_arms_are_compared_one_at_a_time_with_the_same_comparison():
    panel = make_panel(
        [[0, 5], [0, 7], [0, 1], [0, 2], [0, 0], [0, 1]],
        [1, 1, 1, 1, NEVER_TREATED, NEVER_TREATED],
        arm=["class", "class", "mentor", "mentor", "control", "control"],
    )
    effects = att_group_time(panel, two_by_two())
    assert [k.arm for k in effects.keys] == ["class", "mentor"]
    assert_allclose(effects.estimate, [5.5, 1.0], rtol=1e-12)


def test_not_yet_treated_units_are_compared_until_they_are_treated():
    panel = random_panel(cohorts={1: 3, 2: 4, 3: 5}, n_periods=4, seed=12)
    effects = att_group_time(panel, two_by_two(control_group="not_yet_treated"))
    change = panel.outcome[:, 1] - panel.outcome[:, 0]
    at_1 = effect(effects, cohort=1, period=1)
    assert_allclose(effects.estimate[at_1], change[:3].mean() - change[3:].mean(), rtol=1e-10)
    change = panel.outcome[:, 2] - panel.outcome[:, 0]
    at_2 = effect(effects, cohort=1, period=2)
    assert_allclose(effects.estimate[at_2], change[:3].mean() - change[7:].mean(), rtol=1e-10)
    last = effect(effects, cohort=1, period=3)
    assert np.isnan(effects.estimate[last])
    assert effects.keys[last].note == "no comparison unit is observed in both periods"


def test_before_treatment_the_comparison_must_be_untreated_until_the_base_period():
    panel = random_panel(cohorts={1: 3, 3: 4, NEVER_TREATED: 5}, n_periods=4, seed=13)
    effects = att_group_time(panel, two_by_two(control_group="not_yet_treated"))
    j = effect(effects, cohort=3, period=0)
    change = panel.outcome[:, 0] - panel.outcome[:, 2]
    assert_allclose(effects.estimate[j], change[3:7].mean() - change[7:].mean(), rtol=1e-10)


def test_anticipation_moves_the_base_period_and_the_comparison():
    panel = random_panel(cohorts={2: 4, 3: 4, NEVER_TREATED: 4}, n_periods=4, seed=14)
    effects = att_group_time(panel, two_by_two(control_group="not_yet_treated", anticipation=1))
    j = effect(effects, cohort=2, period=2)
    change = panel.outcome[:, 2] - panel.outcome[:, 0]
    assert_allclose(effects.estimate[j], change[:4].mean() - change[8:].mean(), rtol=1e-10)
    assert (2, 0) not in {(k.cohort, k.period) for k in effects.keys}
    assert (2, 1) in {(k.cohort, k.period) for k in effects.keys}


def test_one_treated_unit_has_an_estimate_but_no_error():
    panel = make_panel([[0, 5], [0, 1], [0, 3]], [1, NEVER_TREATED, NEVER_TREATED])
    effects = att_group_time(panel, two_by_two())
    assert_allclose(effects.estimate, [3.0], rtol=1e-12)
    estimates = with_errors(effects, "cr0", panel.cluster)
    assert (
        np.isnan(estimates.std_error[0])
        and np.isnan(estimates.p_value[0])
        and np.isnan(estimates.conf_low[0])
    )
    assert estimates.notes == ("one treated unit: its error is not known",)


def test_one_comparison_unit_has_an_estimate_but_no_error():
    panel = make_panel([[0, 5], [0, 1], [0, 3]], [1, 1, NEVER_TREATED])
    estimates = with_errors(att_group_time(panel, two_by_two()), "cr0", panel.cluster)
    assert_allclose(estimates.effects.estimate, [0.0], atol=1e-14)
    assert np.isnan(estimates.std_error[0])
    assert estimates.notes == ("one comparison unit: its error is not known",)


def test_cell_that_nobody_was_observed_in_is_nan_with_a_note():
    panel = make_panel([[0, 5, NAN], [0, 4, NAN], [0, 1, 1], [0, 3, 2]], [1, 1, NEVER_TREATED, NEVER_TREATED])
    effects = att_group_time(panel, two_by_two())
    j = effect(effects, cohort=1, period=2)
    assert np.isnan(effects.estimate[j])
    assert effects.keys[j].note == "no treated unit is observed in both periods"
    assert np.isnan(with_errors(effects, "cr0", panel.cluster).std_error[j])


def test_cohort_without_a_period_before_treatment_is_refused():
    panel = make_panel([[0, 5], [0, 4], [0, 1]], [0, 1, NEVER_TREATED])
    with pytest.raises(
        IdentificationError, match=r"cohort 0 of arm 'trained' has no period before its treatment"
    ):
        att_group_time(panel, two_by_two())


def test_anticipation_that_leaves_no_base_period_is_refused():
    panel = make_panel([[0, 5], [0, 4], [0, 1]], [1, 1, NEVER_TREATED])
    with pytest.raises(IdentificationError, match="cohort 1"):
        att_group_time(panel, two_by_two(anticipation=1))


def test_nothing_to_compare_with_is_refused():
    panel = make_panel([[0, 5], [0, 4], [0, NAN]], [1, 1, NEVER_TREATED])
    with pytest.raises(IdentificationError, match="no cohort can be compared with never_treated units"):
        att_group_time(panel, two_by_two())


def test_cohorts_without_a_period_before_treatment_are_all_named_with_their_size():
    panel = make_panel([[0, 5], [0, 4], [0, 1]], [0, -1, NEVER_TREATED])
    with pytest.raises(
        IdentificationError, match=r"cohort -1 .*\(1 unit\), cohort 0 .*add a period before 0"
    ):
        att_group_time(panel, two_by_two())


def staggered(design, **changes):
    """Twelve units of two cohorts and ten never-treated ones, with a covariate that varies over time."""
    panel = random_panel(
        cohorts={2: 6, 3: 6, NEVER_TREATED: 10}, n_periods=5, seed=21, covariate="z", **changes
    )
    return panel, att_group_time(panel, design)


def test_a_varying_base_compares_neighbouring_periods_before_treatment():
    panel, effects = staggered(CallawaySantAnna(name="cs"))
    assert {(k.cohort, k.period) for k in effects.keys} == {(g, t) for g in (2, 3) for t in (1, 2, 3, 4)}
    for j, key in enumerate(effects.keys):
        base = min(key.cohort, key.period) - 1
        change = panel.outcome[:, key.period] - panel.outcome[:, base]
        expected = change[panel.cohort == key.cohort].mean() - change[np.isinf(panel.cohort)].mean()
        assert_allclose(effects.estimate[j], expected, rtol=1e-10)
        assert effects.cells[j].base_period == base


@pytest.mark.parametrize("method", ["reg", "ipw", "dr"])
@pytest.mark.parametrize("base_period", ["varying", "universal"])
def test_covariates_are_those_of_the_earlier_period(method, base_period):
    panel, effects = staggered(
        CallawaySantAnna(name="cs", covariates=("z",), method=method, base_period=base_period)
    )
    for j, key in enumerate(effects.keys):
        base = effects.cells[j].base_period
        units = np.isin(panel.cohort, (key.cohort, np.inf))
        x = np.column_stack([np.ones(units.sum()), panel.covariates["z"][units, min(base, key.period)]])
        sample = Sample(treated=panel.cohort[units] == key.cohort, x=x, weight=np.ones(units.sum()))
        change = (panel.outcome[:, key.period] - panel.outcome[:, base])[units, None]
        alone = compare_changes(change, sample, method=method)
        assert_allclose(effects.estimate[j], alone.estimate[0], rtol=1e-10)
        scaled = alone.influence[:, 0] * panel.n_units / units.sum()
        assert_allclose(effects.influence[units, j], scaled, rtol=1e-9, atol=1e-11)
        assert_array_equal(effects.influence[~units, j], 0.0)


def test_methods_agree_without_covariates():
    results = [
        staggered(TwoByTwo(name="d", method=m))[1].estimate
        for m in ("reg", "ipw", "ipw_ht", "dr", "dr_improved")
    ]
    for other in results[1:]:
        assert_array_equal(other, results[0])


def test_weights_are_those_of_the_earlier_period():
    panel = make_panel([[0, 4], [0, 8], [0, 1], [0, 3]], [1, 1, NEVER_TREATED, NEVER_TREATED])
    weight = np.array([[1.0, 9], [3, 9], [1, 9], [1, 1]])
    effects = att_group_time(replace(panel, weight=weight), two_by_two())
    assert_allclose(effects.estimate, [(4 + 3 * 8) / 4 - 2], rtol=1e-12)
    assert_allclose(effects.baseline_mean, [0.0], atol=1e-14)


def test_whole_weights_are_copies_of_units():
    panel = random_panel(cohorts={2: 5, NEVER_TREATED: 6}, n_periods=4, seed=22, covariate="z")
    times = np.arange(panel.n_units) % 3 + 1
    rows = np.repeat(np.arange(panel.n_units), times)
    many = make_panel(panel.outcome[rows], panel.cohort[rows], covariates={"z": panel.covariates["z"][rows]})
    weighted = replace(panel, weight=np.repeat(times[:, None].astype(float), 4, axis=1))
    design = CallawaySantAnna(name="cs", covariates=("z",))
    one, other = att_group_time(weighted, design), att_group_time(many, design)
    assert_allclose(one.estimate, other.estimate, rtol=1e-9)
    summed = np.add.reduceat(other.influence, np.r_[0, np.cumsum(times)[:-1]], axis=0)
    assert_allclose(one.influence / panel.n_units, summed / len(rows), rtol=1e-8, atol=1e-10)


def test_complete_units_are_those_observed_in_all_periods():
    panel = random_panel(cohorts={2: 6, NEVER_TREATED: 9}, n_periods=4, seed=23)
    outcome = panel.outcome.copy()
    outcome[0, 3] = outcome[9, 0] = NAN
    gaps = make_panel(outcome, panel.cohort)
    kept = ~np.isnan(outcome).any(axis=1)
    effects = att_group_time(gaps, CallawaySantAnna(name="cs", missing="complete_units"))
    alone = att_group_time(make_panel(outcome[kept], panel.cohort[kept]), CallawaySantAnna(name="cs"))
    assert_allclose(effects.estimate, alone.estimate, rtol=1e-12)
    scale = panel.n_units / kept.sum()
    assert_allclose(effects.influence[kept], alone.influence * scale, rtol=1e-10, atol=1e-12)
    assert not effects.in_sample[~kept].any() and not effects.influence[~kept].any()
    assert {(c.n_treated_dropped, c.n_comparison_dropped) for c in effects.cells} == {(1, 1)}


def test_rows_of_a_panel_are_cross_sections_whose_influence_is_summed_by_unit():
    panel = random_panel(
        cohorts={2: 7, NEVER_TREATED: 9}, n_periods=4, seed=24, covariate="z", share_missing=0.1
    )
    design = CallawaySantAnna(name="cs", covariates=("z",), missing="rows")
    effects = att_group_time(panel, design)
    sections, unit = sections_of(panel)
    rows = att_group_time_sections(sections, design)
    assert_allclose(effects.estimate, rows.estimate, rtol=1e-12)
    summed = np.stack([np.bincount(unit, weights=column) for column in rows.influence.T], axis=1)
    assert_allclose(effects.influence / panel.n_units, summed / sections.n_rows, rtol=1e-10, atol=1e-13)
    missing = np.isnan(panel.outcome)
    for j, key in enumerate(effects.keys):
        facts, pair = effects.cells[j], [effects.cells[j].base_period, key.period]
        assert facts.n_treated_dropped == missing[panel.cohort == 2][:, pair].sum()
        assert effects.n_obs[j] == facts.n_treated + facts.n_comparison


def test_cross_sections_without_covariates_are_differences_of_means():
    panel = random_panel(cohorts={2: 4, NEVER_TREATED: 5}, n_periods=3, seed=25, share_missing=0.1)
    sections, _ = sections_of(panel)
    effects = att_group_time_sections(sections, CallawaySantAnna(name="cs"))
    mean = {
        (g, t): sections.outcome[(sections.cohort == g) & (sections.period == t)].mean()
        for g in (2, np.inf)
        for t in range(3)
    }
    j = effect(effects, cohort=2, period=2)
    expected = mean[2, 2] - mean[2, 1] - mean[np.inf, 2] + mean[np.inf, 1]
    assert_allclose(effects.estimate[j], expected, rtol=1e-12)
    assert_array_equal(effects.unit_ids, sections.row_ids)


def test_cross_section_with_one_row_in_a_group_has_an_estimate_but_no_error():
    outcome = [[0, 5], [NAN, 6], [0, 1], [0, 3], [1, 2]]
    panel = make_panel(outcome, [1, 1, *[NEVER_TREATED] * 3])
    sections, _ = sections_of(panel)
    effects = att_group_time_sections(sections, CallawaySantAnna(name="cs"))
    assert np.isfinite(effects.estimate[0]) and np.isnan(effects.influence).all()
    assert effects.keys[0].note == "one treated row in the base period: its error is not known"


def test_cross_section_without_a_row_in_a_group_says_so():
    outcome = [[0, NAN, 5], [0, NAN, 6], [0, 1, 1], [0, 3, 2], [1, 2, 3]]
    sections, _ = sections_of(make_panel(outcome, [2, 2, *[NEVER_TREATED] * 3]))
    with pytest.raises(IdentificationError, match=r"\(cohort 2 in 0 2: no treated row in the base period\)"):
        att_group_time_sections(sections, CallawaySantAnna(name="cs", base_period="universal"))
    effects = att_group_time_sections(sections, CallawaySantAnna(name="cs", anticipation=1))
    assert [(k.period, k.note) for k in effects.keys] == [
        (1, "no treated row in the period"),
        (2, "4 treated rows: nominal intervals cover too little; use randomisation inference"),
    ]


def test_several_outcomes_at_once_are_each_alone():
    first = random_panel(cohorts={2: 6, 3: 6, NEVER_TREATED: 9}, n_periods=5, seed=26, covariate="z")
    rng = np.random.default_rng(1)
    gaps = first.outcome.copy()
    gaps[rng.random(gaps.shape) < 0.05] = NAN
    panels = [
        first,
        replace(first, name="other", outcome=rng.normal(size=gaps.shape)),
        replace(first, name="gaps", outcome=gaps),
        random_panel(cohorts={2: 7, NEVER_TREATED: 9}, n_periods=5, seed=27, covariate="z"),
    ]
    for design in (
        CallawaySantAnna(name="cs", covariates=("z",)),
        CallawaySantAnna(
            name="cs", covariates=("z",), control_group="not_yet_treated", missing="complete_units"
        ),
        CallawaySantAnna(name="cs", missing="rows"),
    ):
        for panel, together in zip(panels, att_group_time_of(panels, design), strict=True):
            alone = att_group_time(panel, design)
            assert together.outcome == panel.name and together.keys == alone.keys
            assert_allclose(together.estimate, alone.estimate, rtol=1e-12)
            assert_allclose(together.influence, alone.influence, rtol=1e-10, atol=1e-12)


def test_one_propensity_score_serves_all_periods_of_a_cohort_and_all_outcomes(monkeypatch):
    panel = random_panel(cohorts={2: 6, 3: 6, NEVER_TREATED: 9}, n_periods=5, seed=28, covariate="z")
    constant = np.repeat(panel.covariates["z"][:, :1], 5, axis=1)
    panel = replace(panel, covariates={"z": constant})
    calls = []

    def counted(change, sample, **options):
        calls.append(change.shape[1])
        return compare_changes(change, sample, **options)

    monkeypatch.setattr("impacteval.estimators.group_time.compare_changes", counted)
    att_group_time_of([panel, replace(panel, name="other")], CallawaySantAnna(name="cs", covariates=("z",)))
    assert calls == [8, 8]


def test_cohorts_treated_after_the_last_period_are_taken_as_never_treated():
    cohorts = [*[2] * SMALL_COHORT, 9, 9, 9, NEVER_TREATED, NEVER_TREATED]
    panel = make_panel(np.random.default_rng(3).normal(size=(SMALL_COHORT + 5, 4)), cohorts)
    effects = att_group_time(panel, CallawaySantAnna(name="cs"))
    assert {k.cohort for k in effects.keys} == {2} and set(effects.n_comparison) == {5}
    assert {k.note for k in effects.keys} == {
        "units treated after the last period (3 of cohort 9) are taken as never treated"
    }


def test_a_cohort_that_anticipates_within_the_periods_is_not_taken_as_never_treated():
    panel = make_panel(np.random.default_rng(3).normal(size=(12, 4)), [2] * 5 + [4] * 3 + [NEVER_TREATED] * 4)
    effects = att_group_time(panel, CallawaySantAnna(name="cs", anticipation=1))
    assert {k.cohort for k in effects.keys} == {2, 4} and set(effects.n_comparison) == {4}


def test_without_never_treated_units_the_cohort_treated_last_is_comparison_only():
    panel = random_panel(cohorts={1: 5, 2: 5, 3: 6}, n_periods=5, seed=29)
    effects = att_group_time(panel, CallawaySantAnna(name="cs", control_group="not_yet_treated"))
    estimated = {
        (k.cohort, k.period) for k, e in zip(effects.keys, effects.estimate, strict=True) if np.isfinite(e)
    }
    assert estimated == {(1, 1), (1, 2), (2, 1), (2, 2)}
    notes = {k.note for k in effects.keys if (k.cohort, k.period) not in estimated}
    assert notes == {
        "no comparison unit is observed in both periods",
        "cohort 3 is treated last and nobody never: it serves as comparison only",
    }


def test_without_never_treated_units_there_is_nobody_to_compare_with():
    panel = random_panel(cohorts={1: 5, 2: 5}, n_periods=4, seed=29)
    with pytest.raises(
        IdentificationError, match=r"never_treated units in any period \(cohort 1 in 1 2 3, cohort 2"
    ):
        att_group_time(panel, CallawaySantAnna(name="cs"))


def test_nobody_treated_within_the_periods_is_refused():
    panel = make_panel([[0, 5], [0, 4], [0, 1]], [7, 7, NEVER_TREATED])
    with pytest.raises(IdentificationError, match="no unit is treated in periods 0 to 1"):
        att_group_time(panel, two_by_two())


def test_few_treated_units_are_noted():
    panel = random_panel(
        cohorts={2: SMALL_COHORT - 1, 3: SMALL_COHORT, NEVER_TREATED: 20}, n_periods=4, seed=30
    )
    effects = att_group_time(panel, CallawaySantAnna(name="cs"))
    assert {(k.cohort, k.note) for k in effects.keys} == {
        (2, "9 treated units: nominal intervals cover too little; use randomisation inference"),
        (3, ""),
    }


def test_a_cell_that_fails_says_why_and_the_others_go_on():
    """Cohort 2 has the covariate of no comparison unit, so that its propensity score is one."""
    panel = random_panel(cohorts={2: 6, 3: 6, NEVER_TREATED: 12}, n_periods=4, seed=31, covariate="z")
    z = np.repeat(panel.covariates["z"][:, :1], 4, axis=1)
    z[panel.cohort == 2] = 100.0 + np.arange(6)[:, None]
    effects = att_group_time(
        replace(panel, covariates={"z": z}), CallawaySantAnna(name="cs", covariates=("z",))
    )
    failed = [k.cohort == 2 for k in effects.keys]
    assert_array_equal(np.isnan(effects.estimate), failed)
    assert all("tell treated from comparison units" in k.note for k in effects.keys if k.cohort == 2)
    assert_array_equal(effects.n_treated, 6)
    assert np.isnan(with_errors(effects, "cr0", panel.cluster).std_error[failed]).all()


def test_when_all_cells_fail_the_reasons_are_listed():
    panel = random_panel(cohorts={2: 6, NEVER_TREATED: 9}, n_periods=4, seed=32, covariate="z")
    doubled = replace(panel, covariates={"z": panel.covariates["z"], "twice": 2 * panel.covariates["z"]})
    design = CallawaySantAnna(name="cs", covariates=("z", "twice"))
    with pytest.raises(IdentificationError, match=r"cohort 2 in 1 2 3: covariate twice: explained entirely"):
        att_group_time(doubled, design)


def test_the_ledger_counts_trimmed_units_and_gives_the_range_of_scores():
    panel = random_panel(cohorts={1: 8, NEVER_TREATED: 12}, n_periods=2, seed=33, covariate="z")
    design = CallawaySantAnna(name="cs", covariates=("z",), highest_score=0.4)
    facts = att_group_time(panel, design).cells[0]
    assert (facts.n_treated, facts.n_comparison, facts.n_treated_dropped) == (8, 12, 0)
    assert 0 < facts.n_trimmed < 12
    assert facts.score_comparison[0] < 0.4 <= facts.score_comparison[1] < 1
    plain = att_group_time(panel, CallawaySantAnna(name="cs")).cells[0]
    assert plain.n_trimmed == 0 and np.isnan(plain.score_treated).all()


def test_weights_of_zero_on_a_side_say_so():
    panel = make_panel([[0, 4], [0, 8], [0, 1], [0, 3]], [1, 1, NEVER_TREATED, NEVER_TREATED])
    weight = np.array([[0.0, 0], [0, 0], [1, 1], [1, 1]])
    with pytest.raises(IdentificationError, match="no treated unit with a positive weight"):
        att_group_time(replace(panel, weight=weight), two_by_two())


def test_missing_covariates_and_weights_drop_units_from_their_cells():
    panel, effects = staggered(CallawaySantAnna(name="cs"))
    z, weight = panel.covariates["z"].copy(), np.ones(panel.outcome.shape)
    z[0, 1] = weight[1, 2] = NAN
    gaps = replace(panel, covariates={"z": z}, weight=weight)
    effects = att_group_time(gaps, CallawaySantAnna(name="cs", covariates=("z",)))
    dropped = {
        (k.cohort, k.period): c.n_treated_dropped for k, c in zip(effects.keys, effects.cells, strict=True)
    }
    # Cohort 2 uses period 1 after treatment and period 0 before; nobody uses its period 2.
    assert {key: n for key, n in dropped.items() if n} == {(2, 2): 1, (2, 3): 1, (2, 4): 1}
