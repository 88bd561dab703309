"""How much answers depend on who asks, and whether arms and enumerators are crossed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from scipy import stats
from statsmodels.stats.anova import anova_lm

from impacteval.closed import OptionError
from impacteval.validation.enumerator_effects import (
    Answers,
    check_enumerator_effect,
    cramers_v,
    enumerator_effects,
    intraclass_correlation,
    permutation_p,
)
from support.enumerators import EFFECT, NUMBERS
from support.interviews import interviews, said


def draw_sales(rng, sizes, effects, *, noise=1.0):
    who = np.repeat(np.arange(len(sizes)), sizes)
    return who, rng.normal(size=len(who)) * noise + np.asarray(effects)[who]


def effect_survey(who, sales, **columns):
    cells = {"enumerator": [f"E{w:02d}" for w in who], "sales": [repr(float(v)) for v in sales]}
    return interviews(
        len(who), {**cells, **columns}, types=NUMBERS, arm_labels={"0": "control", "1": "treated"}
    )


def test_correlation_is_that_of_the_analysis_of_variance_of_statsmodels():
    who, sales = draw_sales(np.random.default_rng(3), [5, 9, 12, 4], [0, 1, -1, 2])
    table = anova_lm(smf.ols("y ~ C(e)", pd.DataFrame({"y": sales, "e": who})).fit())
    between, within = table["mean_sq"]
    n0 = (30 - (25 + 81 + 144 + 16) / 30) / 3
    found = enumerator_effects(effect_survey(who, sales), EFFECT)
    assert found["icc"][0] == pytest.approx((between - within) / (between + (n0 - 1) * within), rel=1e-9)


def test_net_of_balanced_cells_it_is_that_of_the_two_way_analysis_of_variance():
    rng = np.random.default_rng(4)
    who, cell = np.repeat(np.arange(5), 12), np.tile(np.repeat([0, 1, 2], 4), 5)
    sales = rng.normal(size=60) + 3 * cell + 0.8 * who
    table = anova_lm(smf.ols("y ~ C(c) + C(e)", pd.DataFrame({"y": sales, "e": who, "c": cell})).fit())
    between, within = table.loc["C(e)", "mean_sq"], table.loc["Residual", "mean_sq"]
    survey = effect_survey(who, sales, stratum=[f"s{c}" for c in cell])
    found = enumerator_effects(survey, EFFECT)
    assert found["icc"][0] == pytest.approx((between - within) / (between + 11 * within), rel=1e-9)


def test_correlation_of_a_textbook_table():
    """Six targets by four judges, one-way: Shrout and Fleiss (1979) print 0.17 for ICC(1,1)."""
    ratings = [9, 2, 5, 8, 6, 1, 3, 2, 8, 4, 6, 8, 7, 1, 2, 6, 10, 5, 6, 9, 6, 2, 4, 7]
    found = enumerator_effects(effect_survey(np.repeat(np.arange(6), 4), ratings), EFFECT)
    assert round(found["icc"][0], 2) == 0.17


def test_standard_error_of_a_mean_is_exact_under_independence():
    """The share of an enumerator's variance that cell means take off, against the residual maker itself."""
    who = np.array([0, 0, 0, 1, 1, 1, 1, 2, 2, 2])
    cell = np.array([0, 0, 1, 0, 1, 1, 1, 0, 1, 1])
    sales = np.random.default_rng(5).normal(size=10)
    found = enumerator_effects(
        effect_survey(who, sales, stratum=[f"s{c}" for c in cell]), replace(EFFECT, least=1)
    )
    cells = np.eye(2)[cell]
    maker = np.eye(10) - cells @ np.linalg.inv(cells.T @ cells) @ cells.T
    means = np.eye(3)[who].T / np.bincount(who)[:, None] @ maker
    both = np.hstack([cells, np.eye(3)[who]])
    within = np.sum((sales - both @ np.linalg.pinv(both) @ sales) ** 2)
    assert found["mean"].to_numpy() == pytest.approx(means @ sales, rel=1e-9)
    expected = np.sqrt(np.diag(means @ means.T) * within / (10 - 3 - 1))
    assert found["std_error"].to_numpy() == pytest.approx(expected, rel=1e-9)


def test_a_strong_effect_is_found_with_the_smallest_p():
    who, sales = draw_sales(np.random.default_rng(6), [20] * 6, [0, 0, 0, 0, 0, 4])
    found = said(check_enumerator_effect, effect_survey(who, sales), EFFECT)
    assert any("p = 0.001; 6 enumerators, 120 answers" in v for v in found["value_shown"])
    assert any(v.startswith("enumerator E05: the mean is +") for v in found["value_shown"])
    assert set(found["column"]) == {"sales"}


def test_effects_of_strata_are_not_those_of_enumerators():
    who, noise = draw_sales(np.random.default_rng(7), [20] * 6, [0] * 6)
    survey = effect_survey(who, noise + 10 * (who % 3), stratum=[f"s{w % 3}" for w in who])
    assert said(check_enumerator_effect, survey, EFFECT).empty
    assert not said(check_enumerator_effect, effect_survey(who, noise + 10 * (who % 3)), EFFECT).empty


def test_an_enumerator_alone_in_a_stratum_has_no_error_and_is_not_judged():
    who, sales = draw_sales(np.random.default_rng(8), [10, 10, 10], [0, 0, 50])
    survey = effect_survey(who, sales, stratum=["a"] * 20 + ["b"] * 10)
    found = enumerator_effects(survey, EFFECT)
    assert np.isnan(found["z"][2]) and np.isnan(found["std_error"][2])
    assert np.isfinite(found["z"][:2]).all()


def net_of(groups, values, n_cells=1):
    cell = np.arange(len(values)) * n_cells // len(values)
    order = np.lexsort((groups, cell))
    cell, groups, values = cell[order], groups[order], values[order]
    mean = np.bincount(cell, weights=values) / np.bincount(cell)
    names = tuple(f"E{i}" for i in range(groups.max() + 1))
    return Answers(residual=values - mean[cell], cell=cell, who=groups, names=names)


def test_p_is_uniform_where_nothing_depends_on_the_enumerator():
    """Rejections at 5, 20 and 50% within four Monte Carlo errors of their level."""
    rng = np.random.default_rng(9)
    n = 400
    p = []
    for _ in range(n):
        groups = rng.integers(0, 4, 24)
        groups[:4] = np.arange(4)
        p.append(permutation_p(net_of(groups, rng.exponential(size=24), n_cells=2), 199, rng))
    for level in (0.05, 0.2, 0.5):
        error = np.sqrt(level * (1 - level) / n)
        assert abs(np.mean(np.array(p) <= level) - level) < 4 * error


def test_p_is_that_of_all_permutations_up_to_its_monte_carlo_error():
    """Two enumerators of two answers each: of the three splits of 1 2 5 9 one has the largest statistic."""
    answers = net_of(np.array([0, 0, 1, 1]), np.array([1.0, 2.0, 5.0, 9.0]))
    draws = 4999
    assert abs(permutation_p(answers, draws, np.random.default_rng(10)) - 1 / 3) < 4 * np.sqrt(2 / 9 / draws)


def test_permutations_stay_within_cells():
    """Each enumerator has a cell of her own: every permutation is the observed one."""
    answers = net_of(np.array([0, 0, 1, 1]), np.array([1.0, 2.0, 5.0, 9.0]), n_cells=2)
    assert permutation_p(answers, 99, np.random.default_rng(11)) == 1


@pytest.mark.parametrize(
    ("who", "sales"),
    [([0] * 6, [1, 2, 3, 4, 5, 6]), ([0, 1, 2], [1, 2, 3]), ([0, 0, 1, 1], [0.1, 0.1, 0.1, 0.1])],
)
def test_an_undefined_correlation_is_missing_and_no_finding(who, sales):
    survey = effect_survey(who, sales)
    found = enumerator_effects(survey, EFFECT)
    assert found["icc"].isna().all() and found["p_value"].isna().all()
    assert said(check_enumerator_effect, survey, EFFECT).empty


def test_answers_without_value_or_enumerator_are_left_out():
    columns = {"enumerator": ["E1", "E1", "", "E2", "E2"], "sales": ["1", "", "3", "4", "6"]}
    assert enumerator_effects(interviews(5, columns, types=NUMBERS), EFFECT)["n_interviews"].tolist() == [
        1,
        2,
    ]


def test_a_mean_of_few_answers_is_not_shown():
    who, sales = draw_sales(np.random.default_rng(12), [4, 20, 20], [9, 0, 0])
    found = enumerator_effects(effect_survey(who, sales), EFFECT)
    assert found[["mean", "std_error", "z"]].isna().all(axis=1).tolist() == [True, False, False]


def test_cramers_v_is_that_of_scipy_and_its_correction_that_of_bergsma():
    counts = np.array([[10.0, 20.0, 5.0], [15.0, 8.0, 12.0]])
    plain, corrected = cramers_v(counts)
    assert plain == pytest.approx(
        stats.contingency.association(counts.astype(int), method="cramer"), rel=1e-12
    )
    less = plain**2 - 2 / 69
    assert corrected == pytest.approx(np.sqrt(less / (2 - 1 / 69 - 1)), rel=1e-12)


def test_arms_given_to_one_enumerator_each_are_found_and_crossed_ones_are_not():
    who = np.repeat(np.arange(4), 10)
    sales = np.random.default_rng(13).normal(size=40)
    crossed = effect_survey(who, sales, arm=["0", "1"] * 20)
    assert said(check_enumerator_effect, crossed, EFFECT).empty
    apart = effect_survey(who, sales, arm=[str(w % 2) for w in who])
    found = said(check_enumerator_effect, apart, EFFECT)
    assert found[["column", "value_shown"]].to_numpy().tolist() == [
        ["enumerator", "Cramer's V of arm and enumerator is 1.00, corrected for chance 0.97"]
    ]


def test_many_enumerators_with_few_interviews_each_are_not_found_by_chance_alone():
    """Plain V is .5 on average here: 50 enumerators of 4 interviews, arms drawn by lot."""
    rng = np.random.default_rng(14)
    drawn = [cramers_v(np.array([k, 4 - k], dtype=float)) for k in rng.binomial(4, 0.5, (40, 50))]
    plain, corrected = np.array(drawn).T
    assert plain.mean() > 0.4
    assert np.mean(corrected >= EFFECT.cramers_v) < 0.1


@pytest.mark.parametrize("counts", [np.zeros((0, 0)), np.ones((1, 5)), np.ones((5, 1))])
def test_cramers_v_of_one_arm_or_one_enumerator_is_missing(counts):
    assert np.isnan(cramers_v(counts)).all()


def test_draws_that_cannot_reach_the_level_are_refused():
    with pytest.raises(OptionError, match=r"cannot fall below 0\.0101"):
        replace(EFFECT, draws=98)


def test_correlation_ignores_the_scale_of_the_outcome():
    who, sales = draw_sales(np.random.default_rng(15), [6, 6, 6], [0, 1, 2])
    assert intraclass_correlation(net_of(who, sales)) == pytest.approx(
        intraclass_correlation(net_of(who, sales * 1e6)), rel=1e-12
    )


def nested_answers(n_strata, rng, icc=0.2, n_each=20):
    """Two enumerators in each stratum, who work nowhere else."""
    who = np.repeat(np.arange(2 * n_strata), n_each)
    cell = who // 2
    value = np.sqrt(icc) * rng.normal(size=2 * n_strata)[who] + np.sqrt(1 - icc) * rng.normal(size=len(who))
    residual = value - pd.Series(value).groupby(cell).transform("mean").to_numpy()
    names = tuple(f"E{i:02}" for i in range(2 * n_strata))
    return value, Answers(residual=residual, cell=cell, who=who, names=names)


def test_correlation_of_enumerators_nested_in_strata_is_that_of_the_analysis_of_variance():
    """Bug: enumerators of one stratum were given degrees of freedom that the stratum's mean had taken."""
    value, answers = nested_answers(6, np.random.default_rng(3))
    frame = pd.DataFrame({"y": value, "cell": answers.cell, "who": answers.who})
    cells, both = (smf.ols(f"y ~ {terms}", frame).fit() for terms in ("C(cell)", "C(who)"))
    df = cells.df_resid - both.df_resid
    between, within = (cells.ssr - both.ssr) / df, both.ssr / both.df_resid
    n0 = 20 * 0.5 * 12 / df  # Two of 20 in a stratum of 40: each keeps 20 - 20 * 20 / 40.
    assert intraclass_correlation(answers) == pytest.approx(
        (between - within) / (between + (n0 - 1) * within)
    )


def test_correlation_of_nested_enumerators_is_right_on_average():
    rng = np.random.default_rng(8)
    found = [intraclass_correlation(nested_answers(10, rng)[1]) for _ in range(200)]
    assert (
        abs(np.mean(found) - 0.2) < 4 * np.std(found) / np.sqrt(200) + 0.02
    )  # A ratio of variances is biased by about -.015.
