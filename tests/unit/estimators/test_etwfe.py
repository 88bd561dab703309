"""Extended two-way fixed effects."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from numpy.testing import assert_allclose, assert_array_equal

from impacteval.designs import ExtendedTwoWay, Stacked
from impacteval.errors import ConfigError, IdentificationError
from impacteval.estimators.etwfe import extended_two_way
from impacteval.estimators.group_time import att_group_time
from impacteval.estimators.stacked import stacked
from impacteval.inference.errors import with_errors
from support import designs
from support.panels import ARM, NEVER_TREATED, copies, make_panel, random_panel

ALL = ("simple", "event_time", "cohort", "calendar")
K = 64


def design(**options):
    return ExtendedTwoWay(**{"name": "etwfe", "averages": ALL, **options})


def by_key(effects):
    """Estimates by estimand, cohort, period and event time."""
    return {
        (k.estimand, k.cohort, k.period, k.event_time): e
        for k, e in zip(effects.keys, effects.estimate, strict=True)
    }


def staggered(seed=5, **options):
    return random_panel(cohorts={2: 5, 3: 4, NEVER_TREATED: 6}, n_periods=5, seed=seed, **options)


def with_constant(panel, name="x", seed=0):
    """The panel with a covariate that is constant within units."""
    values = np.random.default_rng(seed).normal(size=(panel.n_units, 1))
    return replace(panel, covariates={name: np.repeat(values, len(panel.periods), axis=1)})


def test_two_units_by_hand():
    # Treated 1, 2 -> 7; comparison 0, 1 -> 2: the change is 7 - 1.5 against 2 - 0.5.
    panel = make_panel([[1, 2, 7], [1, 2, 7], [0, 1, 2], [0, 1, 2.0]], [2, 2, NEVER_TREATED, NEVER_TREATED])
    found = by_key(extended_two_way(panel, design()))
    assert found[("att_gt", 2, 2, 0)] == pytest.approx(4.0)
    assert found[("simple", None, None, None)] == pytest.approx(4.0)


def test_never_treated_cells_are_two_by_two_differences():
    panel = staggered()
    saturated = by_key(extended_two_way(panel, design(control_group="never_treated")))
    pairs = by_key(att_group_time(panel, designs.two_by_two()))
    assert {key for key in saturated if key[0] == "att_gt"} == set(pairs)
    for key, estimate in pairs.items():
        assert_allclose(saturated[key], estimate, rtol=1e-10)


def test_not_yet_treated_cells_of_a_balanced_panel_are_imputed_from_untreated_rows():
    panel = staggered()
    effects = extended_two_way(panel, design(control_group="not_yet_treated"))
    untreated = ~panel.is_treated & ~np.isnan(panel.outcome)
    unit, period = np.nonzero(untreated)
    frame = pd.DataFrame({"y": panel.outcome[untreated], "unit": unit, "period": period})
    fitted = smf.ols("y ~ C(unit) + C(period)", frame).fit()
    treated = panel.is_treated & ~np.isnan(panel.outcome)
    at = np.nonzero(treated)
    gap = panel.outcome[treated] - fitted.predict(pd.DataFrame({"unit": at[0], "period": at[1]}))
    assert_allclose(by_key(effects)[("simple", None, None, None)], np.mean(gap), rtol=1e-10)


@pytest.mark.parametrize("control_group", ["never_treated", "not_yet_treated"])
@pytest.mark.parametrize("covariates", [(), ("x",)])
def test_cohort_effects_give_the_same_as_unit_effects_in_a_balanced_panel(control_group, covariates):
    panel = with_constant(staggered())
    options = {"control_group": control_group, "covariates": covariates}
    one = extended_two_way(panel, design(**options))
    other = extended_two_way(panel, design(**options, unit_effects=False))
    assert one.keys == other.keys
    assert_allclose(one.estimate, other.estimate, rtol=1e-9)
    assert_allclose(one.influence, other.influence, rtol=1e-8, atol=1e-10)


def test_averages_count_treated_rows():
    panel = staggered(share_missing=0.15)
    effects = extended_two_way(panel, design())
    cells = {k: e for k, e in zip(effects.keys, effects.estimate, strict=True) if k.estimand == "att_gt"}
    n_rows = {
        k: (~np.isnan(panel.outcome[panel.cohort == k.cohort, panel.column(k.period)])).sum() for k in cells
    }
    for key, estimate in zip(effects.keys, effects.estimate, strict=True):
        if key.estimand == "att_gt":
            continue
        mine = [
            k
            for k in cells
            if key.cohort in {None, k.cohort}
            and key.period in {None, k.period}
            and key.event_time in {None, k.event_time}
        ]
        expected = np.average([cells[k] for k in mine], weights=[n_rows[k] for k in mine])
        assert_allclose(estimate, expected, rtol=1e-10)


@pytest.mark.parametrize("unit_effects", [True, False])
@pytest.mark.parametrize("control_group", ["never_treated", "not_yet_treated"])
def test_regression_with_a_covariate_is_that_of_statsmodels(unit_effects, control_group):
    panel = with_constant(staggered(share_missing=0.1))
    panel = replace(panel, weight=np.random.default_rng(1).uniform(0.5, 2, panel.outcome.shape))
    options = {"unit_effects": unit_effects, "control_group": control_group, "covariates": ("x",)}
    effects = extended_two_way(panel, design(**options))
    observed = ~np.isnan(panel.outcome)
    unit, period = np.nonzero(observed)
    cohort = np.where(np.isinf(panel.cohort), 99, panel.cohort).astype(int)[unit]
    x = panel.covariates["x"][observed]
    centre = np.array([x[cohort == g].mean() for g in cohort])
    frame = {"y": panel.outcome[observed], "unit": unit, "t": period, "g": cohort, "x": x}
    terms = []
    for key in effects.keys:
        if key.estimand == "att_gt":
            name = f"d{key.cohort}_{key.period}"
            inside = ((cohort == key.cohort) & (period == key.period)).astype(float)
            frame |= {name: inside, f"{name}x": inside * (x - centre)}
            terms += [name, f"{name}x"]
    terms += [f"I((t == {s}) * x)" for s in range(1, 5)]
    effect = "C(unit)" if unit_effects else "C(g) + C(g):x"
    formula = f"y ~ {' + '.join(terms)} + C(t) + {effect}"
    fitted = smf.wls(formula, pd.DataFrame(frame), weights=panel.weight[observed]).fit(
        cov_type="cluster", cov_kwds={"groups": unit, "use_correction": False}
    )
    errors = with_errors(effects, "cr0", panel.cluster).std_error
    for key, estimate, error in zip(effects.keys, effects.estimate, errors, strict=True):
        if key.estimand == "att_gt":
            name = f"d{key.cohort}_{key.period}"
            assert_allclose(estimate, fitted.params[name], rtol=1e-7)
            assert_allclose(error, fitted.bse[name], rtol=1e-7)


@pytest.mark.parametrize("unit_effects", [True, False])
@pytest.mark.parametrize("covariates", [(), ("x",)])
def test_influence_is_the_derivative_in_regression_weights(unit_effects, covariates):
    """Weights move coefficients and leave the counts and covariates that averages are taken at."""
    panel = with_constant(staggered(share_missing=0.1))
    options = {"unit_effects": unit_effects, "covariates": covariates, "control_group": "never_treated"}
    effects = extended_two_way(panel, design(**options))

    def shifted(unit, step):
        weight = np.ones(panel.outcome.shape)
        weight[unit] += step
        return extended_two_way(replace(panel, weight=weight), design(**options)).estimate

    for unit in range(0, panel.n_units, 3):
        wide, narrow = ((shifted(unit, h) - shifted(unit, -h)) / (2 * h) for h in (2e-2, 1e-2))
        derivative = panel.n_units * (4 * narrow - wide) / 3
        # The extrapolated central difference has an error of order 1e-2 to the fourth.
        assert_allclose(
            derivative, effects.influence[unit], rtol=1e-6, atol=1e-7 * np.abs(effects.influence).max()
        )


def test_influence_of_cells_is_the_derivative_in_copies_of_a_unit():
    panel = staggered(share_missing=0.1)
    run = lambda p: extended_two_way(p, design(averages=()))  # noqa: E731
    influence = run(panel).influence
    times = np.full(panel.n_units, K)
    for unit in (0, 6, 12):
        step = np.arange(panel.n_units) == unit
        derivative = (
            (run(copies(panel, times + step)).estimate - run(copies(panel, times - step)).estimate) * K / 2
        )
        # A plain central difference has an error of order K^-2.
        assert_allclose(
            panel.n_units * derivative, influence[unit], rtol=5e-3, atol=5e-3 * np.abs(influence).max()
        )


def test_whole_number_weights_are_copies():
    panel = staggered(share_missing=0.1)
    times = np.array([1, 2, 3] * 5)
    weighted = replace(panel, weight=np.repeat(times[:, None].astype(float), 5, axis=1))
    one = by_key(extended_two_way(weighted, design(averages=())))
    other = by_key(extended_two_way(copies(panel, times), design(averages=())))
    for key, estimate in other.items():
        assert_allclose(one[key], estimate, rtol=1e-9)


def test_arms_have_their_own_cells():
    panel = staggered()
    arm = np.where(np.isinf(panel.cohort), "control", np.where(np.arange(panel.n_units) % 2, "a", "b"))
    effects = extended_two_way(replace(panel, arm=arm), design(averages=("simple",)))
    assert [(k.arm, k.estimand) for k in effects.keys if k.estimand == "simple"] == [
        ("a", "simple"),
        ("b", "simple"),
    ]
    cells = [k for k in effects.keys if k.estimand == "att_gt"]
    assert len(cells) == 2 * (3 + 2)


def test_sides_count_units_of_the_cell_and_the_untreated():
    panel = staggered()
    effects = extended_two_way(panel, design())
    at = {(k.estimand, k.cohort, k.period): j for j, k in enumerate(effects.keys)}
    early, late = at[("att_gt", 2, 2)], at[("att_gt", 2, 4)]
    assert (effects.n_treated[early], effects.n_comparison[early]) == (5, 10)
    assert (effects.n_treated[late], effects.n_comparison[late]) == (5, 6)
    assert set(effects.n_obs) == {75}
    base = panel.outcome[panel.cohort == 2, 1].mean()
    assert_allclose(effects.baseline_mean[early], base)


def test_without_never_treated_the_last_cohort_is_the_comparison():
    panel = random_panel(cohorts={2: 5, 4: 5}, n_periods=6, seed=2)
    effects = extended_two_way(panel, design())
    assert [(k.cohort, k.period) for k in effects.keys if k.estimand == "att_gt"] == [(2, 2), (2, 3)]
    assert all(
        "20 cells of period 4, 5 are left out: no not_yet_treated unit" in k.note for k in effects.keys
    )
    with pytest.raises(IdentificationError, match="no never_treated unit is observed"):
        extended_two_way(panel, design(control_group="never_treated"))


def test_a_cohort_that_is_never_seen_before_treatment_is_refused():
    panel = staggered()
    outcome = panel.outcome.copy()
    outcome[panel.cohort == 3, :3] = np.nan
    with pytest.raises(IdentificationError, match=f"cohort 3 of arm '{ARM}' is not observed before"):
        extended_two_way(replace(panel, outcome=outcome), design())


def test_no_treated_unit_in_sight_is_refused():
    panel = random_panel(cohorts={9: 4, NEVER_TREATED: 4}, n_periods=4, seed=1)
    with pytest.raises(IdentificationError, match="no treated unit is observed together"):
        extended_two_way(panel, design())


def test_a_cell_of_one_unit_has_no_known_error():
    panel = random_panel(cohorts={2: 1, 3: 4, NEVER_TREATED: 6}, n_periods=5, seed=3)
    effects = extended_two_way(panel, design())
    estimates = with_errors(effects, "cr0", panel.cluster)
    for key, error, note in zip(effects.keys, estimates.std_error, estimates.notes, strict=True):
        if key.cohort == 2 and key.estimand == "att_gt":
            assert np.isnan(error) and note == "one treated unit: its error is not known"
        if key.estimand == "simple":
            assert np.isnan(error) and "3 of 5 averaged effects rest on one unit" in note
        if key.cohort == 3:
            assert error > 0 and not note
    assert np.isfinite(effects.estimate).all()


@pytest.mark.parametrize("model", ["linear", "poisson"])
def test_an_average_over_a_cell_of_one_cluster_has_no_known_error(model):
    """Averages of cohorts that each lie in one cluster once had errors, far too small.

    Where a cell has no error since a side lies in one cluster, an average over it has none either.
    """
    panel = random_panel(cohorts={2: 6, 3: 6, NEVER_TREATED: 20}, n_periods=5, seed=3)
    cluster = np.concatenate([[0] * 6, [1] * 3, [2] * 3, 3 + np.arange(20)])
    panel = replace(panel, cluster=cluster, outcome=np.exp(panel.outcome / 4))
    effects = extended_two_way(panel, design(model=model, vcov=("cr0",)))
    estimates = with_errors(effects, "cr0", cluster)
    for key, error, note in zip(effects.keys, estimates.std_error, estimates.notes, strict=True):
        holds = key.cohort == 2 or (key.cohort is None and key.event_time != -1)
        assert np.isnan(error) == holds
        if key.estimand == "simple":
            assert note == "3 of 5 averaged effects rest on one cluster: the error is not known"
    raw = extended_two_way(replace(panel, cluster=np.arange(32)), design(model=model, vcov=("cr0",)))
    assert np.isfinite(raw.influence).all()
    assert_array_equal(raw.estimate, effects.estimate)


def test_averages_say_that_they_count_rows_where_weights_differ():
    """Nothing once said that averages leave sampling weights out.

    Rows that average cells say so, cells on their own and weights of zero alone do not.
    """
    panel = staggered()
    weighted = replace(panel, weight=np.random.default_rng(1).uniform(0.5, 2, panel.outcome.shape))
    said = "averages count enterprises, not their sampling weights, as the R package etwfe does"
    for key in extended_two_way(weighted, design()).keys:
        assert key.note == ("" if key.estimand == "att_gt" else said)


def test_a_unit_observed_once_is_left_out_and_counted():
    panel = staggered()
    outcome = panel.outcome.copy()
    outcome[0, 1:] = np.nan
    effects = extended_two_way(replace(panel, outcome=outcome), design())
    assert all("1 unit observed once is left out" in k.note for k in effects.keys)
    assert not effects.in_sample[0].any()
    assert (effects.influence[0] == 0).all()


def test_a_covariate_that_changes_counts_with_its_first_value_and_says_so():
    panel = staggered(covariate="x")
    first = np.repeat(panel.covariates["x"][:, :1], 5, axis=1)
    changing = extended_two_way(panel, design(covariates=("x",)))
    constant = extended_two_way(replace(panel, covariates={"x": first}), design(covariates=("x",)))
    assert_allclose(changing.estimate, constant.estimate, rtol=1e-12)
    assert all("x changes over time in 15 units" in k.note for k in changing.keys)
    assert not any(k.note for k in constant.keys)


@pytest.mark.parametrize("unit_effects", [True, False])
def test_a_covariate_without_variation_in_a_cohort_leaves_its_effects_unadjusted_within(unit_effects):
    panel = with_constant(staggered())
    values = panel.covariates["x"].copy()
    values[panel.cohort == 3] = 0.5
    effects = extended_two_way(
        replace(panel, covariates={"x": values}), design(covariates=("x",), unit_effects=unit_effects)
    )
    assert np.isfinite(effects.estimate).all()
    assert all("x does not vary in 2 of 5 cells" in k.note for k in effects.keys)


def test_an_exposure_without_counts_is_refused():
    with pytest.raises(ConfigError, match="exposure goes with `model: poisson` only"):
        extended_two_way(with_constant(staggered()), design(exposure="x"))


def test_rows_without_weight_or_covariate_are_not_used():
    panel = with_constant(staggered())
    weight = np.ones(panel.outcome.shape)
    weight[0, 2], weight[1, 3] = 0.0, np.nan
    values = panel.covariates["x"].copy()
    values[7, 4] = np.nan
    effects = extended_two_way(
        replace(panel, weight=weight, covariates={"x": values}), design(covariates=("x",))
    )
    assert set(effects.n_obs) == {75 - 3}


@pytest.mark.slow
@pytest.mark.parametrize("name", ["linear", "rate_ratio", "stacked"])
def test_intervals_cover_the_truth(name):
    """Effects of 1, or of -0.4 in logs, that are the same for all; errors that lean on their past."""
    n_draws, covered, rng = 400, 0, np.random.default_rng(17)
    cohort = np.repeat([2, 3, NEVER_TREATED], [40, 30, 50])
    treated = np.arange(5)[None, :] >= cohort[:, None]
    for _ in range(n_draws):
        level = rng.normal(size=(120, 1))
        if name == "rate_ratio":
            y = rng.poisson(3 * np.exp(0.4 * level + 0.1 * np.arange(5) - 0.4 * treated)).astype(float)
        else:
            y = level + treated + np.cumsum(rng.normal(size=(120, 5)), axis=1)
        panel = make_panel(y, cohort)
        if name == "stacked":
            effects = stacked(panel, Stacked(name=name))
        else:
            model = "poisson" if name == "rate_ratio" else "linear"
            effects = extended_two_way(panel, design(model=model, averages=("simple",)))
        estimates = with_errors(effects, "cr1_groups", panel.cluster)
        truth = -0.4 if name == "rate_ratio" else 1.0
        covered += bool(estimates.conf_low[-1] <= truth <= estimates.conf_high[-1])
    assert abs(covered / n_draws - 0.95) <= 4 * np.sqrt(0.95 * 0.05 / n_draws)


@pytest.mark.parametrize("unit_effects", [True, False])
def test_robust_errors_by_row_of_a_cell_of_one_unit_are_not_known_either(unit_effects):
    panel = random_panel(cohorts={2: 1, 3: 4, NEVER_TREATED: 6}, n_periods=5, seed=3)
    effects = extended_two_way(panel, design(averages=("simple",), unit_effects=unit_effects))
    estimates = with_errors(effects, "hc1", panel.cluster)
    alone = np.array([key.cohort in {2, None} for key in effects.keys])
    assert_array_equal(np.isnan(estimates.std_error), alone)
    assert all("one" in estimates.notes[j] for j in np.flatnonzero(alone))
    assert np.isfinite(with_errors(effects, "classical", panel.cluster).std_error).all()


def test_units_without_weight_are_counted_and_change_nothing():
    panel = staggered()
    weight = np.ones(panel.outcome.shape)
    weight[[0, 5, 9]] = 0
    lost = np.isin(np.arange(panel.n_units), [0, 5, 9])
    one = extended_two_way(replace(panel, weight=weight), design())
    other = extended_two_way(replace(panel, outcome=np.where(lost[:, None], np.nan, panel.outcome)), design())
    assert_allclose(one.estimate, other.estimate, rtol=1e-12)
    said = "2 treated units with weight zero take no part; 1 comparison unit with weight zero takes no part"
    assert {key.note for key in one.keys} == {said}
    assert {key.note for key in other.keys} == {""}


@pytest.mark.parametrize("unit_effects", [True, False])
def test_the_level_of_a_covariate_does_not_matter(unit_effects):
    panel = with_constant(staggered(share_missing=0.1))
    far = replace(panel, covariates={"x": panel.covariates["x"] + 1e6})
    chosen = design(covariates=("x",), unit_effects=unit_effects)
    one, other = extended_two_way(panel, chosen), extended_two_way(far, chosen)
    # Beside 1e6 the covariate itself is only known to 1e-10.
    assert_allclose(one.estimate, other.estimate, rtol=1e-8)
    assert_allclose(one.influence, other.influence, rtol=1e-7, atol=1e-8)
