"""Checks find the errors that were planted, and leave clean records as they are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from impacteval.simulation.planting import RATES, plant
from impacteval.simulation.record_rules import record_rules
from impacteval.simulation.records import Habits, clean_records
from impacteval.simulation.scoring import EXPECTED, lower_bound, pooled, score
from impacteval.simulation.trials import Trial, changed_cells, run_trial, tables

pytestmark = pytest.mark.usefixtures("great_expectations")
SURVEYS = tuple(Trial(n_enterprises=300, n_rounds=4, seed=900 + number) for number in range(3))
EXACT = ("duplicate", "id_changed", "skip_violation", "total_mismatch")
SURE = ("other_locale", "negative", "missing_code", "straight_line", "pii_in_text", "gps_out")
SLIPS = ("money_unit", "kwh_mwh")
LEAST_RECALL, LEAST_PRECISION = 0.95, 0.98
# Measured by tools/validation_page.py over ten surveys; a month among years hides in ordinary variation.
MONTH_RECALL = 0.60


def allowance(target, n):
    """Four Monte Carlo standard errors of a share of n that is on target."""
    return 4 * np.sqrt(target * (1 - target) / n)


@pytest.fixture(scope="module")
def results():
    return [run_trial(trial) for trial in SURVEYS]


@pytest.fixture(scope="module")
def scores(results):
    return pooled([r.scores for r in results]).set_index("error")


@pytest.mark.slow
@pytest.mark.parametrize("error", EXACT)
def test_duplicates_ids_skips_and_totals_are_all_found_and_nothing_else_is(scores, error):
    assert scores.loc[error, "recall"] == 1.0
    assert scores.loc[error, "precision"] == 1.0


@pytest.mark.slow
@pytest.mark.parametrize("error", SURE)
def test_other_errors_are_all_found(scores, error):
    assert scores.loc[error, "recall"] == 1.0


@pytest.mark.slow
@pytest.mark.parametrize("error", SLIPS)
def test_thousands_and_millions_are_found(scores, error):
    row = scores.loc[error]
    assert row["recall"] >= LEAST_RECALL - allowance(LEAST_RECALL, row["n_planted"])
    assert row["precision"] >= LEAST_PRECISION - allowance(LEAST_PRECISION, row["n_findings"])


@pytest.mark.slow
def test_months_among_years_are_found_more_often_than_not(scores):
    row = scores.loc["month_vs_year"]
    assert row["recall"] >= MONTH_RECALL - allowance(MONTH_RECALL, row["n_planted"])


@pytest.mark.slow
def test_clean_records_give_no_error_and_no_change(results):
    for result in results:
        assert not (result.found["severity"] == "error").any()
        assert result.n_changed == 0


def test_clean_tables_equal_what_was_drawn():
    rules = record_rules()
    text = tables(clean_records(60, 2, np.random.default_rng(1)))
    assert changed_cells(text, rules) == 0


def test_cell_that_is_read_otherwise_than_it_is_written_is_counted():
    """An enumerator declared to be a missing code is lost from each row."""
    rules = record_rules()
    text = tables(clean_records(60, 1, np.random.default_rng(1)))
    wrong = replace(
        rules.codebook,
        variables=tuple(
            replace(v, missing_codes=("E01",)) if v.column == "enumerator" else v
            for v in rules.codebook.variables
        ),
    )
    n_lost = (text["firms"]["enumerator"] == "E01").sum()
    assert n_lost > 0
    assert changed_cells(text, replace(rules, codebook=wrong)) == n_lost


def test_every_planted_kind_of_error_is_scored():
    planted = plant(clean_records(200, 2, np.random.default_rng(3)), RATES, np.random.default_rng(4))
    assert set(planted.ledger["error"]) == set(EXPECTED)


def test_changes_between_rounds_vary_as_much_as_was_measured():
    """Standard deviations of changes, within 10 %: tails of Student's t make a sample vary."""
    habits = Habits(attrition=0, unknown=0)
    firms = clean_records(3000, 2, np.random.default_rng(5), habits=habits).firms
    sales = np.log(firms["sales"].str.replace(".", "", regex=False).astype("float64"))
    staff = np.log(firms["emp_total"].astype("float64"))
    wide = (
        pd.DataFrame({"unit": firms["firm_id"], "ratio": sales - staff, "staff": staff})
        .groupby("unit")
        .diff()
    )
    assert wide["ratio"].std() == pytest.approx(habits.sd_change, rel=0.1)
    assert wide["staff"].std() == pytest.approx(habits.sd_change_staff, rel=0.1)


def test_some_enterprises_are_lost_and_some_amounts_are_not_told():
    firms = clean_records(1000, 4, np.random.default_rng(6)).firms
    sizes = firms["round"].value_counts().sort_index()
    assert (sizes.diff().dropna() < 0).all()
    untold = firms["sales"].isin(["-98", "-99"]).mean()
    assert untold == pytest.approx(0.04, abs=allowance(0.04, len(firms)))


FINDINGS = pd.DataFrame(
    {
        "code": ["C24", "C24", "C24"],
        "check_id": ["unit-sales"] * 3,
        "column": ["sales+emp_total"] * 3,
        "submission": ["a", "b", "c"],
        "unit_id": ["u", "v", "w"],
        "value_shown": ["1 | 2"] * 3,
        "message": ["m"] * 3,
        "suggestion": ["multiplied by 1,000; ask", "multiplied by 12; ask", "multiplied by 12,000; ask"],
    }
)
LEDGER = pd.DataFrame(
    {
        "error": ["money_unit", "month_vs_year", "money_unit"],
        "submission": ["a", "b", "d"],
        "column": ["sales"] * 3,
        "clean": "",
        "planted": "",
    }
)


def test_score_counts_findings_of_the_right_place_column_and_factor():
    """By hand: of two slips in money one is found; both findings that name 12 or 1,000 are right."""
    found = score(FINDINGS, LEDGER).set_index("error")
    assert found.loc["money_unit", ["n_planted", "n_found", "n_findings", "n_right"]].tolist() == [2, 1, 1, 1]
    assert found.loc["month_vs_year", ["n_planted", "n_found", "n_findings", "n_right"]].tolist() == [
        1,
        1,
        1,
        1,
    ]


def test_finding_in_another_column_does_not_count():
    elsewhere = FINDINGS.assign(column="materials+emp_total")
    found = score(elsewhere, LEDGER).set_index("error")
    assert found.loc["money_unit", ["n_found", "n_right"]].tolist() == [0, 0]
    assert found.loc["money_unit", "n_noticed"] == 1


def test_lower_bound_of_a_share_without_failures_is_known():
    """With n of n the bound is 0.05 to the power 1/n."""
    assert lower_bound(60, 60) == pytest.approx(0.05 ** (1 / 60), rel=1e-12)
    assert lower_bound(0, 10) == 0.0
