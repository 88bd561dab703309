"""Effects on subgroups and the differences between them."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from impacteval.designs import ExtendedTwoWay, Imputation, Stacked, SunAbraham, TripleDifference, TwoStage
from impacteval.effects import joint
from impacteval.errors import DataError, IdentificationError
from impacteval.estimators.aggregate import aggregate, by_event_time, overall
from impacteval.estimators.ancova import ancova
from impacteval.estimators.etwfe import extended_two_way
from impacteval.estimators.fixed_effects import event_study, two_way_fixed_effects
from impacteval.estimators.group_time import att_group_time
from impacteval.estimators.imputation import imputation
from impacteval.estimators.stacked import stacked
from impacteval.estimators.subgroups import by_subgroup, difference, on_all_units, within
from impacteval.estimators.sun_abraham import sun_abraham
from impacteval.estimators.triple_difference import triple_difference
from impacteval.estimators.two_stage import two_stage
from impacteval.inference.errors import cluster_covariance, with_errors
from support import designs
from support.panels import NEVER_TREATED, make_panel, random_panel

NAN = float("nan")


def group_time(panel):
    cells = att_group_time(panel, designs.two_by_two())
    return (cells, aggregate(cells, panel, overall), aggregate(cells, panel, by_event_time))


def two_way(panel):
    return (two_way_fixed_effects(panel, designs.twfe(covariates=("z",))),)


ESTIMATORS = {
    "group_time": group_time,
    "two_way": two_way,
    "event_study": lambda p: (event_study(p, designs.event_study()),),
    "ancova": lambda p: (ancova(p, designs.ancova(covariates=("z",))),),
}
VCOVS = {
    "group_time": ("cr0", "cr1_groups"),
    **dict.fromkeys(("two_way", "event_study", "ancova"), ("cr0", "cr1_nested", "classical", "hc1")),
}
# These answer for a slice like any other; their differences need no test of their own.
OTHERS = {
    "sun_abraham": lambda p: (sun_abraham(p, SunAbraham(name="d")),),
    "imputation": lambda p: (imputation(p, Imputation(name="d")),),
    "two_stage": lambda p: (two_stage(p, TwoStage(name="d")),),
    "extended": lambda p: (extended_two_way(p, ExtendedTwoWay(name="d")),),
    "stacked": lambda p: (stacked(p, Stacked(name="d", periods_before=1)),),
}
every_estimator = pytest.mark.parametrize("name", ESTIMATORS)


def panel_and_sizes(seed=1, *, units_per_cluster=1):
    """Thirty units, alternately small and large, of two cohorts and a comparison; some in no subgroup."""
    panel = random_panel(
        cohorts={2: 10, 3: 8, NEVER_TREATED: 14}, n_periods=5, seed=seed, share_missing=0.05, covariate="z"
    )
    panel = replace(panel, cluster=np.arange(panel.n_units, dtype=np.int64) // units_per_cluster)
    size = np.where(np.arange(panel.n_units) % 2 == 0, "small", "large").astype(np.str_)
    size[[4, 25]] = ""
    return panel, size


def of_subgroup(parts, subgroup):
    return [part for part in parts if part.keys[0].subgroup == subgroup]


def test_two_subgroups_by_hand():
    panel = make_panel(
        [[1, 4], [1, 6], [0, 1], [0, 3], [2, 12], [2, 14], [0, 2], [0, 2]],
        [1, 1, NEVER_TREATED, NEVER_TREATED] * 2,
    )
    size = np.array(["a"] * 4 + ["b"] * 4)
    a, b, b_minus_a = by_subgroup(panel, lambda p: (att_group_time(p, designs.two_by_two()),), size)
    # Changes 3 and 5 against 1 and 3; 10 and 12 against 2 and 2.
    assert_allclose([e.estimate[0] for e in (a, b, b_minus_a)], [2, 9, 7], rtol=1e-14)
    assert [e.keys[0].subgroup for e in (a, b, b_minus_a)] == ["a", "b", "b - a"]
    # n / n_side times the deviation from the side's mean, with n = 8 and n_side = 2.
    assert_allclose(a.influence[:, 0], [-4, 4, 4, -4, 0, 0, 0, 0], atol=1e-12)
    assert_allclose(b_minus_a.influence[:, 0], [4, -4, -4, 4, -4, 4, 0, 0], atol=1e-12)
    assert [int(e.n_treated[0]) for e in (a, b, b_minus_a)] == [2, 2, 4]
    assert b_minus_a.n_obs.tolist() == [16]


@pytest.mark.parametrize("name", [*ESTIMATORS, *OTHERS])
def test_errors_are_those_of_the_slice_alone(name):
    panel, size = panel_and_sizes()
    estimator = {**ESTIMATORS, **OTHERS}[name]
    parts = by_subgroup(panel, estimator, size)
    for value in ("small", "large"):
        alone = within(panel, size == value)
        for part, own in zip(of_subgroup(parts, value), estimator(alone), strict=True):
            for vcov in VCOVS.get(name, ("cr0", "cr1_groups")):
                found, expected = (
                    with_errors(part, vcov, panel.cluster),
                    with_errors(own, vcov, alone.cluster),
                )
                assert_allclose(found.std_error, expected.std_error, rtol=1e-12)
                assert_array_equal(found.df, expected.df)
                assert_array_equal(found.n_clusters, expected.n_clusters)
            assert_array_equal(part.estimate, own.estimate)
            assert_array_equal(part.n_obs, own.n_obs)
            assert_array_equal(part.n_treated, own.n_treated)


@every_estimator
def test_variance_of_a_difference_is_the_sum_where_no_cluster_straddles(name):
    panel, size = panel_and_sizes()
    parts = by_subgroup(panel, ESTIMATORS[name], size)
    trio = zip(*(of_subgroup(parts, value) for value in ("small", "large", "small - large")), strict=True)
    for small, large, apart in trio:
        errors = [with_errors(part, "cr0", panel.cluster).std_error for part in (small, large, apart)]
        assert_allclose(apart.estimate, small.estimate - large.estimate, rtol=1e-14)
        assert_allclose(errors[2] ** 2, errors[0] ** 2 + errors[1] ** 2, rtol=1e-12)


@every_estimator
def test_variance_of_a_difference_holds_the_covariance_of_shared_clusters(name):
    panel, size = panel_and_sizes(units_per_cluster=2)
    parts = by_subgroup(panel, ESTIMATORS[name], size)
    trio = zip(*(of_subgroup(parts, value) for value in ("small", "large", "small - large")), strict=True)
    for small, large, apart in trio:
        covariance = cluster_covariance(np.hstack([small.influence, large.influence]), panel.cluster)
        k = len(small.keys)
        shared = np.diag(covariance[:k, k:])
        assert (np.abs(shared) > 0).all()
        expected = np.diag(covariance)[:k] + np.diag(covariance)[k:] - 2 * shared
        assert_allclose(with_errors(apart, "cr0", panel.cluster).std_error ** 2, expected, rtol=1e-10)


@pytest.mark.parametrize("vcov", ["cr1_nested", "cr1_counted", "hc1"])
def test_a_difference_of_regressions_is_the_interaction_of_one(vcov):
    """Ordinary least squares of both subgroups with unit dummies and everything times the subgroup."""
    from statsmodels.regression.linear_model import OLS

    panel, size = panel_and_sizes(units_per_cluster=2)
    known = size != ""
    panel, size = within(panel, known), size[known]
    *_, apart = by_subgroup(panel, two_way, size)
    cells = ~np.isnan(panel.outcome) & (np.sum(~np.isnan(panel.outcome), axis=1) > 1)[:, None]
    unit, period = np.nonzero(cells)
    small = (size[unit] == "small").astype(float)
    dummies = (period[:, None] == np.arange(1, 5)[None, :]).astype(float)
    units = (unit[:, None] == np.unique(unit)[None, :]).astype(float)
    base = np.column_stack([panel.is_treated[cells], panel.covariates["z"][cells], dummies])
    x = np.column_stack([base[:, :1] * small[:, None], base, base[:, 1:] * small[:, None], units])
    model = OLS(panel.outcome[cells], x)
    if vcov == "hc1":
        expected = model.fit(cov_type="HC1").bse[0]
    else:
        fitted = model.fit(
            cov_type="cluster", cov_kwds={"groups": panel.cluster[unit], "use_correction": True}
        )
        expected = fitted.bse[0]
        if vcov == "cr1_nested":
            # statsmodels counts unit effects; left out, 2 terms and 5 periods of each subgroup remain.
            n_obs = len(unit)
            expected *= np.sqrt((n_obs - x.shape[1]) / (n_obs - 2 * (2 + 5)))
    found = with_errors(apart, vcov, panel.cluster)
    assert_allclose(apart.estimate[0], model.fit().params[0], rtol=1e-9)
    assert_allclose(found.std_error[0], expected, rtol=1e-9)
    if vcov == "hc1":
        assert found.df[0] == len(unit) - x.shape[1]


def test_a_difference_counts_the_parameters_of_one_pooled_regression():
    """K once was one too small, 5 of 6 with two periods, where unit effects do not count.

    A difference of two-way regressions is a triple difference, with every convention of errors.
    """
    panel = random_panel(cohorts={1: 40, NEVER_TREATED: 40}, n_periods=2, seed=12)
    half = np.arange(80) % 2
    *_, apart = by_subgroup(
        panel, lambda p: (two_way_fixed_effects(p, designs.twfe()),), np.where(half == 1, "b", "a")
    )
    wide = np.repeat(half[:, None].astype(float), 2, axis=1)
    pooled = triple_difference(
        replace(panel, covariates={"half": wide}), TripleDifference(name="t", subgroup="half")
    )
    assert apart.regression[0].n_parameters == pooled.regression[1].n_parameters == 6
    assert apart.regression[0].n_counted == pooled.regression[1].n_counted
    for vcov in ("cr0", "cr1_groups", "cr1_nested", "cr1_counted", "hc1"):
        errors = [with_errors(e, vcov, panel.cluster).std_error[-1] for e in (apart, pooled)]
        assert_allclose(*errors, rtol=1e-9)


@pytest.mark.parametrize("name", ["two_way", "stacked"])
def test_one_unit_on_a_side_of_a_subgroup_leaves_the_difference_without_hc1(name):
    """The other subgroup's HC1 variance once stood for both."""
    panel = random_panel(cohorts={2: 5, NEVER_TREATED: 8}, n_periods=4, seed=7, covariate="z")
    size = np.array(["a"] * 4 + ["b"] + ["a", "b"] * 4)
    a, _, apart = by_subgroup(panel, {**ESTIMATORS, **OTHERS}[name], size)
    found = with_errors(apart, "hc1", panel.cluster)
    assert np.isfinite(with_errors(a, "hc1", panel.cluster).std_error).all()
    assert np.isnan(found.std_error).all()
    assert all(re.search("subgroup 'b': .*one", note) for note in found.notes)


def test_influence_of_a_difference_is_the_derivative_of_the_estimate():
    """A unit's influence, from estimates in which it counts a little more and a little less."""
    panel, size = panel_and_sizes()

    def run(times):
        rows = np.repeat(np.arange(panel.n_units), times)
        repeated = replace(
            panel,
            unit_ids=np.array([f"c{i:06d}" for i in range(len(rows))]),
            outcome=panel.outcome[rows],
            cohort=panel.cohort[rows],
            arm=panel.arm[rows],
            cluster=np.arange(len(rows)),
            covariates={},
            weight=panel.weight[rows],
        )
        return by_subgroup(repeated, group_time, size[rows])[-2].estimate[0]

    *_, average, _ = by_subgroup(panel, group_time, size)
    for unit in (0, 1, 4, 12, 20):
        step = np.arange(panel.n_units) == unit
        by_step = []
        for k in (32, 64):
            times = np.full(panel.n_units, k)
            by_step.append((run(times + step) - run(times - step)) * k / 2 * panel.n_units)
        derivative = (4 * by_step[1] - by_step[0]) / 3
        # Richardson extrapolation leaves K^-4, which is 1e-6.
        assert_allclose(derivative, average.influence[unit, 0], rtol=1e-5, atol=1e-5)


def test_units_of_no_subgroup_take_no_part():
    panel, size = panel_and_sizes()
    for part in by_subgroup(panel, group_time, size):
        assert not part.in_sample[[4, 25]].any()
        assert (part.influence[[4, 25]] == 0).all()


def test_three_subgroups_are_compared_with_the_first():
    panel = random_panel(cohorts={2: 12, NEVER_TREATED: 12}, n_periods=4, seed=5)
    tier = np.array(["t1", "t2", "t3"] * 8)
    parts = by_subgroup(panel, lambda p: (aggregate(group_time(p)[0], p, overall),), tier)
    assert [p.keys[0].subgroup for p in parts] == ["t1", "t2", "t3", "t2 - t1", "t3 - t1"]
    assert_allclose(parts[4].estimate, parts[2].estimate - parts[0].estimate, rtol=1e-14)


def test_what_one_subgroup_cannot_show_stays_as_a_row_with_a_note():
    panel = random_panel(cohorts={2: 8, 3: 4, NEVER_TREATED: 8}, n_periods=4, seed=6)
    size = np.array(["a", "b"] * 4 + ["b"] * 4 + ["a", "b"] * 4)
    _, _, apart = by_subgroup(panel, lambda p: (event_study(p, designs.event_study()),), size)
    notes = {key.event_time: key.note for key in apart.keys}
    assert notes == {-2: "", 0: "", 1: "", -3: "subgroup 'a': no such effect"}
    j = next(j for j, key in enumerate(apart.keys) if key.event_time == -3)
    assert np.isnan(apart.estimate[j])
    estimates = with_errors(apart, "cr1_nested", panel.cluster)
    assert np.isnan(estimates.std_error[j])
    assert np.isfinite(np.delete(estimates.std_error, j)).all()


def test_an_error_unknown_in_one_subgroup_is_unknown_in_the_difference():
    panel = random_panel(cohorts={2: 5, NEVER_TREATED: 8}, n_periods=4, seed=7)
    size = np.array(["a"] * 4 + ["b"] + ["a", "b"] * 4)
    _, _, apart = by_subgroup(panel, lambda p: (group_time(p)[0],), size)
    estimates = with_errors(apart, "cr0", panel.cluster)
    assert np.isfinite(apart.estimate).all()
    assert np.isnan(estimates.std_error).all()
    assert all("subgroup 'b': one treated unit: its error is not known" in note for note in estimates.notes)


def test_one_cluster_on_a_side_of_one_subgroup_is_not_hidden_by_the_other():
    """Both subgroups' treated units together lie in several clusters; those of b lie in one."""
    panel = random_panel(cohorts={2: 6, NEVER_TREATED: 8}, n_periods=4, seed=8)
    size = np.array(["a"] * 4 + ["b"] * 2 + ["a", "b"] * 4)
    panel = replace(panel, cluster=np.array([0, 1, 2, 3, 4, 4, *range(5, 13)]))
    a, b, apart = by_subgroup(panel, lambda p: (group_time(p)[0],), size)
    errors = [with_errors(part, "cr0", panel.cluster).std_error for part in (a, b, apart)]
    assert np.isfinite(errors[0]).all()
    assert np.isnan(errors[1]).all()
    assert np.isnan(errors[2]).all()
    assert all("'b': one side of the comparison lies in one cluster" in key.note for key in apart.keys)


def test_an_outcome_constant_in_one_subgroup_leaves_the_difference_without_error():
    panel = random_panel(cohorts={2: 8, NEVER_TREATED: 8}, n_periods=4, seed=9)
    size = np.array(["a", "b"] * 8)
    outcome = panel.outcome.copy()
    outcome[size == "b"] = 3.0
    _, b, apart = by_subgroup(
        replace(panel, outcome=outcome), lambda p: (event_study(p, designs.event_study()),), size
    )
    assert (b.estimate == 0).all()
    for vcov in ("cr1_nested", "hc1", "classical"):
        assert np.isnan(with_errors(apart, vcov, panel.cluster).std_error).all()
    assert all("'b': the outcome does not vary" in key.note for key in apart.keys)


def test_subgroups_without_comparison_are_named_together():
    panel = random_panel(cohorts={2: 6, NEVER_TREATED: 6}, n_periods=4, seed=10)
    size = np.array(["a", "b", "c"] * 2 + ["a"] * 6)
    with pytest.raises(IdentificationError) as found:
        by_subgroup(panel, group_time, size)
    lines = str(found.value).splitlines()
    assert lines[0] == "y by subgroup: 2 problems"
    assert lines[1].startswith("  - subgroup 'b': y: no cohort can be compared")
    assert lines[2].startswith("  - subgroup 'c': y: no cohort can be compared")


def test_slices_keep_order_and_number_clusters_anew():
    panel, size = panel_and_sizes(units_per_cluster=4)
    slice_ = within(panel, size == "small")
    assert slice_.unit_ids.tolist() == panel.unit_ids[size == "small"].tolist()
    assert np.unique(slice_.cluster).tolist() == list(range(len(np.unique(panel.cluster[size == "small"]))))
    assert_array_equal(slice_.covariates["z"], panel.covariates["z"][size == "small"])


def test_what_cannot_be_a_subgroup_is_refused():
    panel, size = panel_and_sizes()
    with pytest.raises(DataError, match="3 values of a subgroup for 32 units"):
        by_subgroup(panel, group_time, size[:3])
    with pytest.raises(DataError, match="no unit is in a subgroup"):
        by_subgroup(panel, group_time, np.full(panel.n_units, ""))
    with pytest.raises(IdentificationError, match="no unit is in the subgroup"):
        within(panel, np.zeros(panel.n_units, dtype=np.bool_))
    with pytest.raises(DataError, match="a choice of 3 units"):
        within(panel, np.ones(3, dtype=np.bool_))


def test_effects_of_other_units_are_not_aligned_by_position():
    panel, size = panel_and_sizes()
    small, large = (within(panel, size == value) for value in ("small", "large"))
    effects = group_time(small)[0]
    with pytest.raises(ValueError, match="must be of units of the panel"):
        on_all_units(effects, large, "small")
    with pytest.raises(ValueError, match="different units"):
        difference(effects, group_time(large)[0])
    embedded = on_all_units(effects, panel, "small")
    with pytest.raises(ValueError, match="already are of a subgroup"):
        on_all_units(embedded, panel, "again")
    with pytest.raises(ValueError, match="same key cannot be told apart"):
        difference(joint([embedded, embedded]), embedded)


def test_what_the_two_share_leaves_no_facts_of_one_regression():
    """The difference of an effect to itself is zero, and so is its error: unknown, and not by formula."""
    panel, _ = panel_and_sizes()
    effects = on_all_units(two_way(panel)[0], panel, "all")
    apart = difference(effects, effects)
    assert apart.estimate.tolist() == [0.0]
    assert apart.regression == ()
    assert np.isnan(with_errors(apart, "cr0", panel.cluster).std_error[0])


def test_resampled_errors_of_separate_subgroups_add_up():
    panel, size = panel_and_sizes()

    def resampled(p):
        effects = two_way(p)[0]
        return (replace(effects, resampled={"placebo": np.array([float(p.n_units)])}),)

    small, large, apart = by_subgroup(panel, resampled, np.where(size == "", "small", size))
    assert_allclose(
        apart.resampled["placebo"], np.hypot(small.resampled["placebo"], large.resampled["placebo"])
    )
