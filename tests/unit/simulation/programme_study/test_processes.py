from __future__ import annotations

import numpy as np
import pytest

from impacteval.simulation.programme_study.parameters import LatentOutcome
from impacteval.simulation.programme_study.processes import (
    autoregression,
    correlation_of_scores,
    draw_scores,
    permanent_weight,
    value_of,
)
from impacteval.simulation.programme_study.streams import Streams
from support.programme_parameters import parameters

N = 60_000
# A unit of time apart twice, so that the last two times are two years apart as the parameters say.
TIMES = np.array([0.0, 1.0, 3.0])


@pytest.fixture(scope="module")
def scores():
    rule = parameters()
    return draw_scores(
        rule.outcomes, rule.correlated_with, rule.decay_per_year, n=N, times=TIMES, streams=Streams(5)
    )


@pytest.mark.parametrize("name", list(parameters().outcomes))
def test_values_have_the_standard_deviation_and_the_correlation_two_years_apart(scores, name):
    outcome = parameters().outcomes[name]
    value = value_of(outcome, scores.total[name])
    centred = (value - value.mean(axis=0)) ** 2
    se_sd = centred.std(axis=0) / np.sqrt(N) / (2 * outcome.sd)
    assert (np.abs(value.std(axis=0) - outcome.sd) < 4 * se_sd).all()
    # Tails make correlations of skewed values vary more: the error is that of the mean product.
    product = np.prod(value[:, 1:] - value[:, 1:].mean(axis=0), axis=1) / outcome.sd**2
    assert abs(np.corrcoef(value[:, 1], value[:, 2])[0, 1] - outcome.rho_2y) < 4 * product.std() / np.sqrt(N)


@pytest.mark.parametrize("name", ["mgmt", "ln_va", "otd", "absence", "turnover"])
def test_values_have_the_level_asked_for(scores, name):
    outcome = parameters().outcomes[name]
    value = value_of(outcome, scores.total[name])[:, 0]
    assert abs(value.mean() - outcome.level) < 4 * outcome.sd / np.sqrt(N)


def test_the_median_wage_is_its_level_and_low_wages_are_bounded(scores):
    outcome = parameters().outcomes["ln_wage"]
    value = value_of(outcome, scores.total["ln_wage"])
    assert abs(np.median(value[:, 0]) - outcome.level) < 0.01
    assert outcome.level - value.min() < 1.2 * outcome.sd < value.max() - outcome.level


def test_outcomes_are_correlated_as_the_parameters_say(scores):
    for child, parents in parameters().correlated_with.items():
        for parent, r in parents.items():
            found = np.corrcoef(scores.permanent[child], scores.permanent[parent])[0, 1]
            assert abs(found - r) < 4 * (1 - r**2) / np.sqrt(N)


def test_a_lognormal_needs_the_correlation_of_logs_that_theory_gives():
    outcome = LatentOutcome(level=3.0, sd=1.9, rho_2y=0.45, shape="lognormal")
    spread = np.log1p((outcome.sd / outcome.level) ** 2)
    in_logs = np.log1p(outcome.rho_2y * np.expm1(spread)) / spread
    assert correlation_of_scores(outcome) == pytest.approx(in_logs, rel=1e-6)


def test_a_normal_outcome_keeps_its_correlation():
    outcome = LatentOutcome(level=42.0, sd=15.0, rho_2y=0.6, shape="normal")
    assert correlation_of_scores(outcome) == pytest.approx(0.6, abs=1e-12)
    assert permanent_weight(outcome, 0.4) == pytest.approx((0.6 - 0.16) / (1 - 0.16))


def test_an_autoregression_forgets_at_the_pace_asked_for():
    state = autoregression(Streams(2).of("x").standard_normal((N, 3)), TIMES, 0.4)
    assert np.abs(state.std(axis=0) - 1).max() < 4 / np.sqrt(2 * N)
    assert abs(np.corrcoef(state[:, 0], state[:, 1])[0, 1] - 0.4) < 4 / np.sqrt(N)
    assert abs(np.corrcoef(state[:, 1], state[:, 2])[0, 1] - 0.16) < 4 / np.sqrt(N)
