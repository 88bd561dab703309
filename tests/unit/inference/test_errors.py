"""Error conventions by their formulas."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import stats

from impacteval.designs import TwoByTwo, TwoWayFixedEffects
from impacteval.errors import ConfigError
from impacteval.estimators.fixed_effects import two_way_fixed_effects
from impacteval.estimators.group_time import att_group_time
from impacteval.inference.errors import NOT_CLUSTERED, cluster_covariance, with_errors
from support.effects import make_effects, make_facts
from support.panels import make_panel

INFLUENCE = [[3.0], [-1.0], [2.0], [-4.0]]
OWN = np.arange(4)
PAIRS = np.array([0, 0, 1, 1])
# Sum of squares over units 9 + 1 + 4 + 16 = 30; over pairs 2^2 + 2^2 = 8.


@pytest.mark.parametrize(
    ("vcov", "cluster", "variance"),
    [
        ("cr0", OWN, 30 / 16),
        ("cr1_groups", OWN, 30 / 16 * 4 / 3),
        ("cr1_nested", OWN, 30 / 16 * 4 / 3 * 19 / (20 - 3)),
        ("cr1_counted", OWN, 30 / 16 * 4 / 3 * 19 / (20 - (3 + 4 - 1))),
        ("cr0", PAIRS, 8 / 16),
        ("cr1_groups", PAIRS, 8 / 16 * 2),
        ("cr1_nested", PAIRS, 8 / 16 * 2 * 19 / 17),
        ("cr1_counted", PAIRS, 8 / 16 * 2 * 19 / 14),
    ],
)
def test_clustered_conventions_by_hand(vcov, cluster, variance):
    effects = make_effects(INFLUENCE, [1.5], facts=[make_facts(n_parameters=3, n_absorbed=4)], n_obs=20)
    estimates = with_errors(effects, vcov, cluster, cluster_name="estate")
    assert_allclose(estimates.std_error, [np.sqrt(variance)], rtol=1e-12)
    n_clusters = cluster.max() + 1
    assert estimates.n_clusters[0] == n_clusters and estimates.df[0] == n_clusters - 1
    assert estimates.vcov == f"{vcov}(estate)"


@pytest.mark.parametrize(("vcov", "error"), [("classical", 2.0), ("hc1", 3.0)])
def test_errors_by_row_are_those_of_the_regression(vcov, error):
    effects = make_effects(INFLUENCE, [1.5], facts=[make_facts(n_parameters=3, n_absorbed=4)], n_obs=20)
    estimates = with_errors(effects, vcov, OWN)
    assert_allclose(estimates.std_error, [error], rtol=1e-12)
    assert estimates.df[0] == 20 - (3 + 4 - 1)
    assert estimates.n_clusters[0] == NOT_CLUSTERED
    assert estimates.vcov == vcov


@pytest.mark.parametrize("level", [0.9, 0.95])
def test_interval_and_p_value_are_those_of_student_t(level):
    effects = make_effects(INFLUENCE, [1.5])
    estimates = with_errors(effects, "cr0", OWN, level=level)
    error = np.sqrt(30) / 4
    assert_allclose(estimates.statistic, [1.5 / error], rtol=1e-12)
    assert_allclose(estimates.p_value, [2 * stats.t.sf(1.5 / error, 3)], rtol=1e-10)
    low, high = stats.t.interval(level, 3, loc=1.5, scale=error)
    assert_allclose([estimates.conf_low[0], estimates.conf_high[0]], [low, high], rtol=1e-10)
    assert estimates.level == level


def test_one_cluster_has_no_error():
    effects = make_effects(INFLUENCE, [1.5])
    for vcov in ("cr0", "cr1_groups"):
        estimates = with_errors(effects, vcov, np.zeros(4, dtype=np.int64))
        for column in ("std_error", "df", "statistic", "p_value", "conf_low", "conf_high"):
            assert np.isnan(getattr(estimates, column)).all(), column
        assert estimates.notes == ("fewer than two clusters: the error is not known",)


def test_outcome_without_variation_has_no_error_rather_than_zero():
    estimates = with_errors(make_effects([[0.0], [0.0]], [0.0]), "cr0", np.arange(2))
    assert np.isnan(estimates.std_error[0]) and np.isnan(estimates.p_value[0])
    assert estimates.notes == ("the outcome does not vary within the sample: the error is not known",)


def test_influence_that_cancels_within_clusters_has_no_error_rather_than_rounding():
    """One treated and one comparison cluster once had an error of 3e-16 and a p-value near zero."""
    deviation = np.array([0.1, 0.2, -0.3, 0.7, -0.4, -0.3])
    effects = make_effects(deviation[:, None], [1.5])
    for vcov in ("cr0", "cr1_groups"):
        estimates = with_errors(effects, vcov, np.array([0, 0, 0, 1, 1, 1]))
        assert np.isnan(estimates.std_error[0])
        assert np.isnan(estimates.p_value[0])
        assert estimates.notes[0].endswith("the error is not known")


def test_only_clusters_in_the_sample_are_counted():
    effects = make_effects(INFLUENCE, [1.5])
    in_sample = np.array([[True], [True], [True], [False]])
    smaller = type(effects)(
        **{f: getattr(effects, f) for f in effects.__slots__ if f != "in_sample"}, in_sample=in_sample
    )
    assert with_errors(smaller, "cr0", OWN).n_clusters[0] == 3


@pytest.mark.parametrize("vcov", ["classical", "hc1", "cr1_nested", "cr1_counted"])
def test_conventions_of_a_regression_are_refused_for_averages(vcov):
    with pytest.raises(ConfigError, match=f"vcov '{vcov}' needs a single regression"):
        with_errors(make_effects(INFLUENCE, [1.5]), vcov, OWN)


def test_joint_covariance_by_hand():
    effects = make_effects([[3.0, 1.0], [-1.0, 0.0], [2.0, 2.0], [-4.0, -3.0]], [1.5, 0.0])
    assert_allclose(
        cluster_covariance(effects.influence, OWN), np.array([[30.0, 19.0], [19.0, 14.0]]) / 16, rtol=1e-12
    )
    assert_allclose(
        cluster_covariance(effects.influence, PAIRS), np.array([[8.0, 4.0], [4.0, 2.0]]) / 16, rtol=1e-12
    )


def test_one_treated_cluster_among_many_has_no_error_rather_than_one_too_small():
    """Its mean is fitted exactly, so that its influence vanished from the sum over clusters."""
    rng = np.random.default_rng(5)
    panel = make_panel(
        outcome=rng.normal(size=(20, 2)),
        cohort=[1.0] * 4 + [np.inf] * 16,
        cluster=[0] * 4 + [1 + i // 4 for i in range(16)],
    )
    for effects in (
        att_group_time(panel, TwoByTwo(estimator="drdid", name="d", label="", vcov=("cr0",))),
        two_way_fixed_effects(panel, TwoWayFixedEffects(estimator="twfe", name="w", label="", vcov=("cr0",))),
    ):
        estimates = with_errors(effects, "cr1_groups", panel.cluster)
        assert np.isnan([estimates.std_error[0], estimates.p_value[0], estimates.conf_low[0]]).all()
        assert estimates.notes[0].endswith(
            "one side of the comparison lies in one cluster: the error is not known"
        )
        assert np.isfinite(with_errors(effects, "cr1_groups", np.arange(20)).std_error[0])


def test_rounding_beside_the_level_of_the_outcome_is_no_error():
    """Bug: an outcome that is unit plus period exactly had an error of 2.5e-17 and a p-value."""
    unit, period = np.arange(12.0) * 0.1 + 100, np.array([0.0, 0.3])
    panel = make_panel(outcome=unit[:, None] + period, cohort=[1.0] * 6 + [np.inf] * 6)
    estimates = with_errors(att_group_time(panel, TwoByTwo()), "cr0", panel.cluster)
    assert np.isnan(estimates.std_error[0]) and np.isnan(estimates.p_value[0])
    assert "does not vary" in estimates.notes[0]
