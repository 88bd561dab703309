"""Two cross-sections, compared for rows with like covariates."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from impacteval.errors import ConfigError, DataError, IdentificationError
from impacteval.estimators.propensity import CollinearError, Sample
from impacteval.estimators.two_period import compare_changes
from impacteval.estimators.two_sections import compare_sections

# Method, and whether the outcomes of treated rows are regressed.
KINDS = {
    "reg": ("reg", True),
    "ipw": ("ipw", True),
    "ipw_ht": ("ipw_ht", True),
    "dr": ("dr", True),
    "dr_comparison": ("dr", False),
    "dr_improved": ("dr_improved", True),
    "dr_improved_comparison": ("dr_improved", False),
}
every_kind = pytest.mark.parametrize("kind", KINDS)
SMALL = settings(derandomize=True, deadline=None, max_examples=15)
seeds = st.integers(min_value=0, max_value=10_000)


def compare(kind, outcome, sample, after, highest_score=0.995):
    method, locally_efficient = KINDS[kind]
    return compare_sections(
        outcome,
        sample,
        after,
        method=method,
        highest_score=highest_score,
        locally_efficient=locally_efficient,
    )


def case_of(seed, n=120, m=2, weighted=True):
    """Two cross-sections; outcomes and treatment depend on two covariates."""
    rng = np.random.default_rng(seed)
    x = np.column_stack([np.ones(n), rng.normal(size=n), rng.integers(0, 2, n)])
    treated = rng.random(n) < 1 / (1 + np.exp(0.4 - 0.6 * x[:, 1]))
    after = rng.random(n) < 0.45
    for i in range(32):
        treated[i], after[i] = i % 2 == 0, i % 4 < 2
    outcome = x @ rng.normal(size=(3, m)) + (treated & after)[:, None] + rng.normal(size=(n, m))
    weight = rng.uniform(0.5, 2, n) if weighted else np.ones(n)
    return outcome, Sample(treated=treated, x=x, weight=weight), after


def stacked(seed, n=60):
    """The same units in both cross-sections, and their changes."""
    rng = np.random.default_rng(seed)
    x = np.column_stack([np.ones(n), rng.normal(size=n)])
    treated = rng.random(n) < 1 / (1 + np.exp(0.4 - 0.6 * x[:, 1]))
    weight = rng.uniform(0.5, 2, n)
    before, later = rng.normal(size=(2, n, 1)) + x[:, [1]]
    two = Sample(treated=np.tile(treated, 2), x=np.tile(x, (2, 1)), weight=np.tile(weight, 2))
    one = Sample(treated=treated, x=x, weight=weight)
    return np.vstack([before, later]), two, np.repeat([False, True], n), later - before, one


def rows_of(outcome, sample, after, rows):
    chosen = Sample(treated=sample.treated[rows], x=sample.x[rows], weight=sample.weight[rows])
    return outcome[rows], chosen, after[rows]


def derivative(kind, outcome, sample, after, unit):
    """Of the estimate in the logarithm of a row's weight, times the number of rows; Richardson's."""
    n = len(after)

    def at(step):
        weight = sample.weight.copy()
        weight[unit] *= 1 + step
        other = Sample(treated=sample.treated, x=sample.x, weight=weight)
        return compare(kind, outcome, other, after, highest_score=1).estimate

    coarse, fine = ((at(h) - at(-h)) / (2 * h) * n for h in (2e-3, 1e-3))
    return (4 * fine - coarse) / 3


@every_kind
def test_without_covariates_it_is_the_difference_of_four_means(kind):
    outcome, sample, after = case_of(1, weighted=False)
    found = compare(
        kind, outcome, Sample(treated=sample.treated, x=sample.x[:, :1], weight=sample.weight), after
    )
    groups = [(d, a) for d in (True, False) for a in (True, False)]
    means, errors = [], []
    for d, a in groups:
        values = outcome[(sample.treated == d) & (after == a)]
        means.append(values.mean(axis=0))
        errors.append(values.var(axis=0) / len(values))
    if kind == "ipw_ht":
        # The share of the later period is taken as the same on both sides, in the sample it is not.
        share = after.mean()
        scale = [
            after[sample.treated == d].mean() / share
            if a
            else (1 - after[sample.treated == d].mean()) / (1 - share)
            for d, a in groups
        ]
        means = [s * mean for s, mean in zip(scale, means, strict=True)]
    assert_allclose(found.estimate, (means[0] - means[1]) - (means[2] - means[3]), rtol=1e-10)
    if kind != "ipw_ht":
        assert_allclose(np.sum(np.square(found.influence), axis=0) / 120**2, sum(errors), rtol=1e-8)


@every_kind
def test_the_same_units_twice_give_the_estimate_from_their_changes(kind):
    outcome, two, after, change, one = stacked(2)
    expected = compare_changes(change, one, method=KINDS[kind][0])
    found = compare(kind, outcome, two, after)
    assert_allclose(found.estimate, expected.estimate, rtol=1e-9)


def test_the_same_units_twice_have_the_influence_of_their_changes():
    # The two rows of a unit together; the earlier period's sign of DRDID is the only difference.
    for kind in ("reg", "ipw", "dr_improved", "dr_improved_comparison"):
        outcome, two, after, change, one = stacked(3)
        expected = compare_changes(change, one, method=KINDS[kind][0]).influence
        found = compare(kind, outcome, two, after).influence
        assert_allclose((found[:60] + found[60:]) / 2, expected, rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize("kind", ["reg", "ipw", "ipw_ht"])
def test_influence_is_the_derivative_of_the_estimate(kind):
    # DRDID takes the mean weight as known, which matters where odds are not divided by their own mean.
    outcome, sample, after = case_of(4, weighted=kind != "ipw_ht")
    influence = compare(kind, outcome, sample, after, highest_score=1).influence
    for unit in range(0, 120, 7):
        expected = derivative(kind, outcome, sample, after, unit)
        assert_allclose(influence[unit], expected, rtol=1e-7, atol=1e-8)


@pytest.mark.parametrize("kind", ["dr", "dr_comparison"])
def test_influence_is_the_derivative_but_for_the_sign_that_drdid_gives_the_earlier_period(kind):
    """DRDID adds twice the earlier regression's influence on the difference of covariate means."""
    outcome, sample, after = case_of(5)
    found = compare(kind, outcome, sample, after, highest_score=1)
    w = sample.weight
    treated, comparison = (sample.treated & ~after), (~sample.treated & ~after)
    odds_weight = np.where(comparison, w * found.propensity.odds, 0)
    gap = np.average(sample.x, axis=0, weights=odds_weight) - np.average(
        sample.x[treated], axis=0, weights=w[treated]
    )
    x, y = sample.x[comparison], outcome[comparison]
    gram = (x * w[comparison, None]).T @ x
    residual = y - x @ np.linalg.solve(gram, (x * w[comparison, None]).T @ y)
    shift = np.zeros_like(outcome)
    shift[comparison] = 120 * (w[comparison] * (x @ np.linalg.solve(gram, 2 * gap)))[:, None] * residual
    for unit in range(0, 120, 7):
        expected = derivative(kind, outcome, sample, after, unit)
        assert_allclose(found.influence[unit] - shift[unit], expected, rtol=1e-7, atol=1e-8)
    assert np.abs(shift).max() > 0


@pytest.mark.parametrize("kind", ["dr_improved", "dr_improved_comparison"])
def test_influence_of_the_improved_estimator_is_the_derivative_when_composition_does_not_change(kind):
    outcome, sample, after, _, _ = stacked(6)
    found = compare(kind, outcome, sample, after, highest_score=1)
    for unit in range(0, 120, 7):
        expected = derivative(kind, outcome, sample, after, unit)
        assert_allclose(found.influence[unit], expected, rtol=1e-7, atol=1e-8)


@every_kind
@given(seed=seeds)
@SMALL
def test_invariances(kind, seed):
    outcome, sample, after = case_of(seed)
    found = compare(kind, outcome, sample, after)
    assert_allclose(found.influence.mean(axis=0), 0, atol=1e-9)

    order = np.random.default_rng(seed).permutation(120)
    shuffled = compare(kind, *rows_of(outcome, sample, after, order))
    assert_allclose(shuffled.estimate, found.estimate, rtol=1e-9, atol=1e-9)
    assert_allclose(shuffled.influence, found.influence[order], rtol=1e-7, atol=1e-8)

    one = compare(kind, outcome[:, [1]], sample, after)
    assert_allclose(one.influence[:, 0], found.influence[:, 1], rtol=1e-9, atol=1e-9)

    # Odds that are not divided by their own mean do not cancel a constant.
    constant = 0 if kind == "ipw_ht" else 3
    heavier = Sample(treated=sample.treated, x=sample.x, weight=5 * sample.weight)
    moved = compare(kind, constant - 2 * outcome, heavier, after)
    assert_allclose(moved.estimate, -2 * found.estimate, rtol=1e-8, atol=1e-8)
    assert_allclose(moved.influence, -2 * found.influence, rtol=1e-6, atol=1e-7)

    turned = compare(kind, outcome, sample, ~after)
    assert_allclose(turned.estimate, -found.estimate, rtol=1e-8, atol=1e-8)

    twice = np.repeat(np.arange(120), 2)
    doubled = compare(kind, *rows_of(outcome, sample, after, twice))
    assert_allclose(doubled.estimate, found.estimate, rtol=1e-8, atol=1e-8)
    assert_allclose(doubled.influence.reshape(120, 2, 2).sum(axis=1) / 2, found.influence, atol=1e-6)


@every_kind
def test_arguments_are_not_changed(kind):
    outcome, sample, after = case_of(7)
    before = outcome.copy()
    compare(kind, outcome, sample, after)
    assert (outcome == before).all()


@pytest.mark.parametrize(
    ("treated", "after", "name"),
    [
        (True, True, "treated rows after"),
        (True, False, "treated rows before"),
        (False, True, "comparison rows after"),
        (False, False, "comparison rows before"),
    ],
)
def test_an_empty_group_is_refused(treated, after, name):
    outcome, sample, is_after = case_of(8)
    rows = np.nonzero((sample.treated != treated) | (is_after != after))[0]
    with pytest.raises(IdentificationError, match=f"no {name} with a positive weight"):
        compare("dr", *rows_of(outcome, sample, is_after, rows))


def test_a_group_that_the_score_leaves_empty_is_refused():
    outcome, sample, after = case_of(9)
    score = compare("ipw", outcome, sample, after).propensity.score
    cut = np.median(score[~sample.treated])
    late = np.where(sample.treated, after, score >= cut)
    with pytest.raises(IdentificationError, match="score leaves no comparison rows after"):
        compare("ipw", outcome, sample, late, highest_score=cut)


def test_covariates_that_do_not_vary_in_a_group_are_named():
    outcome, sample, after = case_of(10)
    x = np.column_stack([sample.x, (np.arange(120) % 3 == 0) & ~(~sample.treated & after)]).astype(float)
    fixed = Sample(treated=sample.treated, x=x, weight=sample.weight)
    with pytest.raises(CollinearError, match=r"covariate column 3: .* \d+ comparison rows after") as raised:
        compare("reg", outcome, fixed, after)
    assert raised.value.columns == (3,)


def test_too_few_treated_rows_need_the_estimator_that_does_not_regress_them():
    outcome, sample, after = case_of(11)
    late = np.nonzero(sample.treated & after)[0]
    rows = np.setdiff1d(np.arange(120), late[2:])
    few = rows_of(outcome, sample, after, rows)
    with pytest.raises(IdentificationError, match="2 treated rows after for 3 coefficients"):
        compare("dr", *few)
    assert np.isfinite(compare("dr_comparison", *few).estimate).all()


def test_missing_outcomes_and_wrong_shapes_are_refused():
    outcome, sample, after = case_of(12)
    with pytest.raises(DataError, match="missing or infinite"):
        compare("dr", np.where(outcome > 0, outcome, np.nan), sample, after)
    with pytest.raises(DataError, match="one row for each of 120 rows"):
        compare("dr", outcome, sample, after[:5])


@pytest.mark.parametrize(
    ("treated", "late", "name", "kinds"),
    [
        (True, True, "treated rows after", ("dr", "dr_improved")),
        (True, False, "treated rows before", ("dr", "dr_improved")),
        (False, True, "comparison rows after", ("reg", "dr", "dr_comparison")),
        (False, False, "comparison rows before", ("reg", "dr", "dr_comparison")),
    ],
)
def test_a_group_with_as_many_rows_as_coefficients_leaves_the_error_unknown(treated, late, name, kinds):
    """A regression of two rows on two columns fits them, and its error once seemed to be zero.

    Each of the four groups with a regression needs a row more than it has coefficients.
    """
    outcome, sample, after = case_of(13)
    sample = Sample(treated=sample.treated, x=sample.x[:, :2], weight=sample.weight)
    group = np.nonzero((sample.treated == treated) & (after == late))[0]
    for n_rows, is_unknown in ((2, True), (3, False)):
        rows = np.setdiff1d(np.arange(120), group[n_rows:])
        for kind in kinds:
            found = compare(kind, *rows_of(outcome, sample, after, rows), highest_score=1)
            assert np.isfinite(found.estimate).all()
            assert np.isnan(found.influence).all() == is_unknown
            note = f"as many {name} as coefficients: their fit is exact and the error not known"
            assert found.note == (note if is_unknown else "")


def test_one_row_that_is_kept_leaves_the_error_unknown():
    """The mean of the one comparison row that trimming leaves in a period fits it."""
    outcome, sample, after = case_of(14)
    score = compare("ipw", outcome, sample, after).propensity.score
    lowest = [score[~sample.treated & late].min() for late in (after, ~after)]
    cut = max(lowest) + 1e-9
    found = compare("ipw", outcome, sample, after, highest_score=cut)
    assert np.isfinite(found.estimate).all() and np.isnan(found.influence).all()
    assert "carries all weight: its error is not known" in found.note


def test_an_unknown_method_is_refused():
    """Any other word once meant ``dr``."""
    outcome, sample, after = case_of(15)
    with pytest.raises(ConfigError, match="method 'IPW': allowed: reg, ipw, ipw_ht, dr, dr_improved"):
        compare_sections(outcome, sample, after, method="IPW")
