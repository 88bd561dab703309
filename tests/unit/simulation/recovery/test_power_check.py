"""Power by the formula beside power counted in trials."""

from __future__ import annotations

import pandas as pd
import pytest

from impacteval.derivation import Prior
from impacteval.power import SampleSize, standard_error_of_difference
from impacteval.simulation.recovery.power_check import POWER_COLUMNS, power_table
from impacteval.simulation.recovery.summary import RECOVERY_COLUMNS
from impacteval.tables import table_of
from support.recovery import recipe

PRIOR = Prior(
    outcome="mgmt_score",
    effect_full_dose=9.0,
    sd=15.0,
    autocorrelation=0.6,
    coverage=1.0,
    attrition=0.0,
    overlap=1.0,
    variance_inflation=1.0,
    n_before=1,
    n_after=2,
    source="made up",
)


def recovery(**changed):
    row = {
        "scenario": "central",
        "outcome": "mgmt_score",
        "design": recipe().plan.primary,
        "truth": 5.0,
        "sd": 2.0,
        "std_error": 2.1,
        "rejected": 0.7,
        "rejected_mc": 0.03,
        "exaggeration": 1.3,
    }
    return table_of([row | changed], RECOVERY_COLUMNS)


def power(table):
    return power_table(table, (PRIOR,), recipe().plan, recipe().generator.design)


def test_the_formula_rests_on_the_enterprises_of_the_design():
    found = power(recovery()).iloc[0]
    size = SampleSize(n_treated=60, n_comparison=120, n_before=1, n_after=2)
    expected = standard_error_of_difference(size, sd=15.0, autocorrelation=0.6, method="did")
    assert found["std_error_formula"] == pytest.approx(expected)
    assert found["method"] == "did"
    assert found["power"] == 0.7


def test_more_spread_over_trials_makes_the_smallest_effect_that_can_be_found_larger():
    small, large = power(recovery(sd=1.0)).iloc[0], power(recovery(sd=3.0)).iloc[0]
    assert large["mde"] == pytest.approx(3 * small["mde"])
    assert large["mde_formula"] == small["mde_formula"]


@pytest.mark.parametrize("changed", [{"truth": 0.0}, {"outcome": "other"}, {"design": "two_way"}])
def test_rows_without_effect_expectation_or_formula_are_left_out(changed):
    found = power(recovery(**changed))
    assert found.empty
    assert list(found.columns) == list(POWER_COLUMNS)


def test_ancova_has_its_own_formula():
    both = power(pd.concat([recovery(), recovery(design="ancova")], ignore_index=True)).set_index("design")
    assert both.loc["ancova", "std_error_formula"] < both.loc[recipe().plan.primary, "std_error_formula"]
