"""The model of untreated outcomes: against explicit dummies, and what it cannot identify."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from statsmodels.regression.linear_model import WLS

from impacteval.designs import Imputation
from impacteval.errors import DataError, IdentificationError
from impacteval.estimators import untreated_columns
from impacteval.estimators.covariates import baseline_values
from impacteval.estimators.untreated_columns import cells_at, cells_of_design, regressors
from impacteval.estimators.untreated_model import fit_untreated, fit_within
from support.dummies import dummies
from support.panels import NEVER_TREATED, make_panel, random_panel

NAN = float("nan")


def panel_with(*, share_missing=0.1, weighted=True, seed=3):
    """Staggered cohorts with a moving covariate z, a constant one x and a group g."""
    panel = random_panel(
        cohorts={2: 5, 3: 6, 4: 4, NEVER_TREATED: 9},
        n_periods=5,
        seed=seed,
        share_missing=share_missing,
        covariate="z",
    )
    rng = np.random.default_rng(seed)
    constant = np.repeat(rng.normal(size=(panel.n_units, 1)), 5, axis=1)
    group = np.repeat(np.arange(panel.n_units)[:, None] % 2, 5, axis=1).astype(np.float64)
    weight = rng.uniform(0.5, 2, panel.outcome.shape) if weighted else np.ones(panel.outcome.shape)
    return replace(panel, weight=weight, covariates={**panel.covariates, "x": constant, "g": group})


CASES = {
    "plain": ({}, {}),
    "covariate": ({"covariates": ("z",)}, {"covariates": ("z",)}),
    "by_period": ({"covariates_by_period": ("x",)}, {"by_period": ("x",)}),
    "groups": ({"effects_by_period": ("g",)}, {"groups": "g"}),
    "all": (
        {"covariates": ("z",), "covariates_by_period": ("x",), "effects_by_period": ("g",)},
        {"covariates": ("z",), "by_period": ("x",), "groups": "g"},
    ),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("weighted", [False, True])
def test_residuals_are_those_of_explicit_dummies(case, weighted):
    options, reference = CASES[case]
    panel = panel_with(weighted=weighted)
    fit = fit_untreated(panel, Imputation(**options)).fit
    dense = dummies(panel, **reference)
    expected = np.full(panel.outcome.shape, NAN)
    expected[dense.unit, dense.period] = dense.residual
    assert_allclose(fit.residual, expected[fit.cells.unit, fit.cells.period], rtol=1e-10, atol=1e-11)


def test_coefficients_are_those_of_weighted_least_squares():
    panel = panel_with()
    cells = cells_at(panel, cells_of_design(panel, Imputation(covariates=("z",))) & ~panel.is_treated)
    columns = regressors(panel, Imputation(covariates=("z",)), cells)
    fit, _ = fit_within(cells, columns, n_units=panel.n_units, name="y")
    units = (cells.unit[:, None] == np.unique(cells.unit)).astype(np.float64)
    reference = WLS(cells.outcome, np.hstack([columns.values, units]), weights=cells.weight).fit()
    assert_allclose(fit.coefficient, reference.params[: len(columns.names)], rtol=1e-10)
    assert_allclose(
        fit.solve(np.eye(len(columns.names))),
        reference.normalized_cov_params[: len(columns.names), : len(columns.names)],
        rtol=1e-9,
    )


def test_the_first_period_is_the_reference():
    panel = panel_with()
    design = Imputation(covariates_by_period=("x",))
    columns = regressors(panel, design, cells_at(panel, cells_of_design(panel, design)))
    assert columns.names == (
        *(f"period {t}" for t in (1, 2, 3, 4)),
        *(f"x in period {t}" for t in (1, 2, 3, 4)),
    )


def test_a_covariate_by_period_has_the_first_observed_value():
    values = np.array([[NAN, 2.0, 3.0], [1.0, NAN, 5.0], [NAN, NAN, NAN]])
    panel = make_panel(np.zeros((3, 3)), [2, NEVER_TREATED, NEVER_TREATED], covariates={"x": values})
    assert_array_equal(baseline_values(panel, "x"), [2.0, 1.0, NAN])


def test_residuals_of_untreated_cells_sum_to_zero_within_units():
    panel = panel_with()
    fit = fit_untreated(panel, Imputation(covariates=("z",))).fit
    rows = fit.cells.is_untreated
    sums = np.bincount(fit.cells.unit[rows], weights=(fit.cells.weight * fit.residual)[rows])
    assert_allclose(sums, 0, atol=1e-12)
    assert_allclose(fit.score.sum(axis=0), 0, atol=1e-11)


@pytest.mark.parametrize("option", ["covariates", "covariates_by_period"])
def test_a_covariate_that_explains_nothing_is_named(option):
    panel = panel_with()
    same = np.repeat(np.array([[1.0, 4.0, 2.0, 7.0, 3.0]]), panel.n_units, axis=0)
    constant = np.full(panel.outcome.shape, 2.0)
    values = same if option == "covariates" else constant
    panel = replace(panel, covariates={"copy": values})
    with pytest.raises(IdentificationError, match=r"covariate copy.*explained entirely"):
        fit_untreated(panel, Imputation(**{option: ("copy",)}))


def test_the_second_of_two_equal_covariates_is_named():
    panel = panel_with()
    panel = replace(panel, covariates={"z": panel.covariates["z"], "z2": 3 * panel.covariates["z"]})
    with pytest.raises(IdentificationError, match="covariate z2:"):
        fit_untreated(panel, Imputation(covariates=("z", "z2")))


def test_groups_that_change_are_refused():
    panel = panel_with()
    moved = panel.covariates["g"].copy()
    moved[4, 2] = 5.0
    panel = replace(panel, covariates={"g": moved})
    with pytest.raises(DataError, match=r"g: changes over time in 1 units, first u004"):
        fit_untreated(panel, Imputation(effects_by_period=("g",)))


def test_two_columns_of_groups_are_both_taken_out():
    panel = panel_with(share_missing=0.0)
    other = np.repeat(np.arange(panel.n_units)[:, None] % 3, 5, axis=1).astype(np.float64)
    panel = replace(panel, covariates={**panel.covariates, "h": other})
    shock = np.where(other == 1, np.arange(5.0) ** 2, 0.0) + np.where(panel.covariates["g"] == 1, 3.0, 0.0)
    design = Imputation(effects_by_period=("g", "h"))
    before, after = (fit_untreated(p, design) for p in (panel, replace(panel, outcome=panel.outcome + shock)))
    assert_allclose(after.fit.residual, before.fit.residual, atol=1e-11)


def test_cells_without_weight_or_covariate_take_no_part():
    panel = panel_with(share_missing=0.0)
    weight, z = panel.weight.copy(), panel.covariates["z"].copy()
    weight[0, 0], weight[1, 0], z[2, 1] = 0.0, NAN, NAN
    dropped = replace(panel, weight=weight, covariates={"z": z})
    outcome = panel.outcome.copy()
    outcome[[0, 1, 2], [0, 0, 1]] = NAN
    one = fit_untreated(dropped, Imputation(covariates=("z",))).fit
    other = fit_untreated(replace(panel, outcome=outcome), Imputation(covariates=("z",))).fit
    assert_array_equal(one.residual, other.residual)


def test_periods_that_no_unit_links_cannot_be_compared():
    # Unit 0 is treated in 2 and seen untreated only before; periods 2 and 3 hang on units 2 and 3 alone.
    y = [
        [1.0, 2.0, 5.0, 6.0],
        [1.0, 3.0, NAN, NAN],
        [NAN, NAN, 2.0, 4.0],
        [NAN, NAN, 1.0, 1.0],
        [0.0, 1.0, NAN, NAN],
    ]
    panel = make_panel(y, [2, *[NEVER_TREATED] * 4])
    with pytest.raises(IdentificationError, match=r"no untreated outcome can be imputed: period 2, 3"):
        fit_untreated(panel, Imputation())
    linked = make_panel([*y, [1.0, NAN, 2.0, NAN]], [2, *[NEVER_TREATED] * 5])
    assert (~fit_untreated(linked, Imputation()).fit.cells.is_untreated).sum() == 2


def test_a_unit_with_one_untreated_cell_is_fitted_exactly_and_used():
    panel = make_panel([[1.0, 4.0, 6.0], [2.0, 3.0, 3.5], [1.0, 2.5, 2.0]], [1, NEVER_TREATED, NEVER_TREATED])
    fit = fit_untreated(panel, Imputation()).fit
    assert fit.residual[0] == pytest.approx(0, abs=1e-15)
    # Changes of the comparison since period 0: 1.25 and 1.25.
    assert_allclose(fit.residual[1:3], [4 - 1 - 1.25, 6 - 1 - 1.25])


def test_nothing_untreated_and_nothing_treated_are_refused():
    with pytest.raises(IdentificationError, match="no untreated cell"):
        fit_untreated(make_panel([[1.0, 2.0], [2.0, 3.0]], [0, 0]), Imputation())
    with pytest.raises(IdentificationError, match="no treated unit has a value after treatment"):
        fit_untreated(make_panel([[1.0, 2.0], [2.0, 3.0]], [5, NEVER_TREATED]), Imputation())
    always = make_panel([[1.0, 2.0], [2.0, 3.0], [2.0, 2.0]], [0, NEVER_TREATED, NEVER_TREATED])
    with pytest.raises(IdentificationError, match="1 treated unit has no untreated observation"):
        fit_untreated(always, Imputation())


def test_more_period_effects_than_fit_into_memory_are_refused(monkeypatch):
    monkeypatch.setattr(untreated_columns, "MOST_NUMBERS", 500)
    panel = panel_with()
    fit_untreated(panel, Imputation())
    with pytest.raises(IdentificationError, match=r"8 period effects of groups in .* name a coarser column"):
        fit_untreated(panel, Imputation(effects_by_period=("g",)))


def test_a_group_without_untreated_units_in_a_period_loses_its_cells_alone():
    panel = random_panel(cohorts={1: 4, 2: 4, NEVER_TREATED: 6}, n_periods=4, seed=2)
    group = np.where(np.isinf(panel.cohort) | (np.arange(14) % 2 == 0), 0.0, 1.0)
    panel = replace(panel, covariates={"g": np.repeat(group[:, None], 4, axis=1)})
    model = fit_untreated(panel, Imputation(effects_by_period=("g",)))
    # In group 1 the cohort of 2 is untreated until period 1: later periods have nobody untreated.
    lost = panel.is_treated & (group == 1)[:, None] & (panel.periods >= 2)
    assert_array_equal(model.without_period_effect, lost)


def test_a_period_that_one_unit_says_something_about_does_not_hold_up_the_others():
    # Two unknowns, period effect and slope, in period 3, where unit 6 alone is untreated; rounding in
    # how the slope there follows from the period effect made cells of period 2 look unknown as well.
    y = np.random.default_rng(4).normal(size=(7, 4))
    missing = [
        [1, 0, 0, 1],
        [0, 1, 0, 1],
        [0, 1, 0, 1],
        [0, 0, 0, 0],
        [0, 1, 0, 1],
        [0, 0, 0, 0],
        [0, 0, 0, 0],
    ]
    x = np.repeat(np.random.default_rng(5).normal(size=(7, 1)), 4, axis=1)
    panel = make_panel(
        np.where(missing, NAN, y),
        [3, NEVER_TREATED, NEVER_TREATED, 2, 2, 2, NEVER_TREATED],
        covariates={"x": x},
    )
    model = fit_untreated(panel, Imputation(covariates_by_period=("x",)))
    treated = ~model.fit.cells.is_untreated
    assert set(zip(model.fit.cells.unit[treated], model.fit.cells.period[treated], strict=True)) == {
        (3, 2),
        (4, 2),
        (5, 2),
    }
    assert np.argwhere(model.without_period_effect).tolist() == [[3, 3], [5, 3]]
