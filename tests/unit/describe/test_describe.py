"""Balance, attrition, coverage, means, exposure and power by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from scipy import stats

from impacteval.describe.attrition import attrition, coverage
from impacteval.describe.balance import balance, normalised_difference
from impacteval.describe.means import exposure, means
from impacteval.describe.tables import describe
from support.plans import BY_SWITCH, make_outcome, make_plan

NAN = float("nan")
PERIODS = (1, 2)


def panel():
    """Arm ``grant`` (a, b, c), comparison ``none`` (d, e): c is not interviewed in 2; e has no profit in 2."""
    rows = [
        ("a", 1, "grant", 2, 4.0), ("a", 2, "grant", 2, 9.0),
        ("b", 1, "grant", 2, 6.0), ("b", 2, "grant", 2, 7.0),
        ("c", 1, "grant", 2, 8.0),
        ("d", 1, "none", None, 1.0), ("d", 2, "none", None, 3.0),
        ("e", 1, "none", None, 5.0), ("e", 2, "none", None, NAN),
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["unit", "period", "arm", "first_treat", "profit"])
    return frame.astype({"first_treat": "Int64"})


def test_balance_by_hand():
    frame = panel()
    row = balance(frame[frame["period"] == 1], ["profit"], ["grant"], "none").iloc[0]
    assert (row["n_treated"], row["n_comparison"]) == (3, 2)
    assert (row["mean_treated"], row["mean_comparison"], row["difference"]) == (6.0, 3.0, 3.0)
    assert_allclose([row["sd_treated"], row["sd_comparison"]], [2.0, np.sqrt(8)], rtol=1e-12)
    assert_allclose(row["normalised_difference"], 3 / np.sqrt((4 + 8) / 2), rtol=1e-12)


def test_normalised_difference_without_variation_is_not_defined():
    assert np.isnan(normalised_difference(np.ones(3), np.zeros(3)))
    assert np.isnan(normalised_difference(np.array([1.0]), np.array([0.0, 1.0])))


def test_attrition_by_hand():
    table = attrition(panel(), ["none", "grant"], "none", PERIODS).set_index(["arm", "period"])
    assert table.loc[("grant", 2), ["n_expected", "n_interviewed"]].tolist() == [3, 2]
    assert_allclose(table.loc[("grant", 2), "share_interviewed"], 2 / 3, rtol=1e-12)
    assert_allclose(table.loc[("grant", 2), "difference_to_comparison"], 2 / 3 - 1, rtol=1e-12)
    assert table.loc[("none", 2), "difference_to_comparison"] == 0


def test_coverage_by_hand():
    table = coverage(panel(), ["profit"], ["none", "grant"], (*PERIODS, 3)).set_index(["arm", "period"])
    assert table.loc[("none", 2), ["n_interviewed", "n_values", "share_with_value"]].tolist() == [2, 1, 0.5]
    assert table.loc[("grant", 2), "share_with_value"] == 1
    assert np.isnan(table.loc[("none", 3), "share_with_value"])


def test_means_by_hand():
    table = means(panel(), ["profit"], ["none", "grant"], PERIODS, level=0.95).set_index(["arm", "period"])
    row = table.loc[("grant", 1)]
    error = 2 / np.sqrt(3)
    assert (row["n_units"], row["mean"]) == (3, 6.0)
    assert_allclose(row["std_error"], error, rtol=1e-12)
    assert_allclose(
        row[["conf_low", "conf_high"]].tolist(), stats.t.interval(0.95, 2, loc=6, scale=error), rtol=1e-10
    )


def test_mean_of_one_unit_has_no_error():
    row = means(panel(), ["profit"], ["none"], (2,), level=0.95).iloc[0]
    assert row["mean"] == 3.0
    assert row[["std_error", "conf_low", "conf_high"]].isna().all()


def test_exposure_by_hand():
    table = exposure(panel(), PERIODS).set_index("arm")
    assert table.loc["grant", ["first_treat", "n_units", "n_periods_treated"]].tolist() == [2, 3, 1]
    assert table.loc["none", ["n_units", "n_periods_treated"]].tolist() == [2, 0]
    assert pd.isna(table.loc["none", "first_treat"])


@pytest.fixture(scope="module")
def described():
    rng = np.random.default_rng(61)
    rows = []
    for number in range(40):
        level = rng.normal()
        arm, first = ("grant", 2) if number % 2 else ("none", None)
        rows += [(f"u{number:02d}", p, arm, first, level + rng.normal()) for p in (1, 2, 3)]
    frame = pd.DataFrame(rows, columns=["unit", "period", "arm", "first_treat", "profit"]).astype(
        {"first_treat": "Int64"}
    )
    return frame, describe(frame, make_plan(BY_SWITCH), (make_outcome(),))


def test_power_rests_on_the_baseline_spread_and_the_comparison_autocorrelation(described):
    frame, tables = described
    row = tables["power"].iloc[0]
    none = frame[frame["arm"] == "none"].pivot(index="unit", columns="period", values="profit")
    pairs = [none[a].corr(none[b]) for a, b in ((1, 2), (1, 3), (2, 3))]
    rho, sd = np.mean(pairs), frame.loc[frame["period"] == 1, "profit"].std()
    assert_allclose([row["autocorrelation"], row["sd_baseline"]], [rho, sd], rtol=1e-10)
    error = sd * np.sqrt(((1 + rho) / 2 + 1 - 2 * rho) * (1 / 20 + 1 / 20))
    assert_allclose(row["mde_did"], error * (stats.t.ppf(0.975, 38) + stats.t.ppf(0.8, 38)), rtol=1e-10)
    assert (row["n_before"], row["n_after"], row["n_treated"], row["n_comparison"]) == (1, 2, 20, 20)


def test_spread_and_balance_are_those_of_the_last_period_before_treatment(described):
    frame = described[0].assign(first_treat=lambda f: f["first_treat"].where(f["first_treat"].isna(), 3))
    tables = describe(frame, make_plan(BY_SWITCH), (make_outcome(),))
    last = frame[frame["period"] == 2]
    assert_allclose(tables["power"]["sd_baseline"], [last["profit"].std()], rtol=1e-12)
    grant = last.loc[last["arm"] == "grant", "profit"].mean()
    assert_allclose(tables["balance"]["mean_treated"], [grant], rtol=1e-12)
    assert (tables["power"]["n_before"].item(), tables["power"]["n_after"].item()) == (2, 1)


def test_power_is_not_defined_where_the_autocorrelation_is_not_known(described):
    frame, _ = described
    few = frame[frame["unit"] < "u18"]
    row = describe(few, make_plan(BY_SWITCH), (make_outcome(),))["power"].iloc[0]
    assert np.isnan(row["autocorrelation"])
    assert row[["mde_post", "mde_did", "mde_ancova"]].isna().all()


def test_description_has_its_eight_tables(described):
    expected = {"balance", "attrition", "coverage", "means", "exposure", "power"}
    assert set(described[1]) == expected | {"prior_power", "before_after"}
