"""Wages that accounts imply are compared with the minimum wage and with what workers say."""

from __future__ import annotations

from dataclasses import replace

import pytest

from impacteval.checks.statistics import ImpliedWage, WageAgreement
from impacteval.validation.wages import check_implied_wage, check_wage_agreement, wage_agreement
from support.statistics import about, firms_survey, notes_on_whole, rows_of, shown
from support.surveys import in_table
from support.tables import variable

VARIABLES = (
    variable("bill", "decimal"),
    variable("staff", "integer"),
    variable("province", "category"),
    *in_table("minimum", variable("where"), variable("year", "integer"), variable("amount", "decimal")),
    *in_table("workers", variable("firm"), variable("round", "integer"), variable("wage", "decimal")),
)
MINIMUM = {"where": ["Banten", "DKI", "DKI"], "year": [1, 1, 2], "amount": [1000.0, 2000.0, 2500.0]}
NO_WORKERS = {"firm": [], "round": [], "wage": []}
IMPLIED = ImpliedWage(
    **about("implied_wage"),
    wage_bill="bill",
    employment="staff",
    province="province",
    reference="minimum",
    reference_province="where",
    reference_year="year",
    reference_amount="amount",
)
AGREEMENT = WageAgreement(
    **about("wage_agreement"), wage_bill="bill", employment="staff", workers="workers", worker_wage="wage"
)


def survey_of(
    bill, staff=None, province=None, *, minimum=MINIMUM, workers=NO_WORKERS, variables=VARIABLES, **more
):
    n = len(bill)
    columns = {"bill": bill, "staff": staff or [10] * n, "province": province or ["Banten"] * n, **more}
    return firms_survey(columns, variables, minimum=minimum, workers=workers)


def test_implied_wages_outside_three_tenths_and_five_times_the_minimum_are_found():
    """10 staff and 12 months: a bill of 120,000 is the minimum wage of 1,000."""
    survey = survey_of([120_000.0, 35_999.0, 36_001.0, 599_999.0, 600_001.0])
    found = check_implied_wage(survey, IMPLIED)
    assert rows_of(found) == [1, 4]
    assert found[0].notes == (
        "implied monthly wage is 0.30 times the minimum wage",
        "implied monthly wage is 5.00 times the minimum wage",
    )
    assert shown(survey, found)["column"].tolist() == ["bill+staff"] * 2


def test_the_minimum_is_that_of_province_and_year_whatever_their_case():
    bill = [70_000.0, 70_000.0, 70_000.0]
    assert rows_of(
        check_implied_wage(survey_of(bill, province=["banten ", "DKI", "dki"], round=[1, 1, 2]), IMPLIED)
    ) == [1, 2]


def test_the_months_that_the_bill_covers_are_those_of_the_check():
    survey = survey_of([10_000.0])
    assert rows_of(check_implied_wage(survey, IMPLIED)) == [0]
    assert rows_of(check_implied_wage(survey, replace(IMPLIED, months=1.0))) == []


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"province": ["Aceh"]}, "aceh 1"),
        ({"round": [3]}, "banten 3"),
        ({"minimum": {"where": ["Banten"] * 2, "year": [1, 1], "amount": [1000.0, 1001.0]}}, "banten 1"),
        ({"minimum": {"where": ["Banten"], "year": [1], "amount": [0.0]}}, "banten 1"),
        ({"minimum": {"where": [], "year": [], "amount": []}}, "banten 1"),
    ],
)
def test_rows_without_a_single_minimum_are_said_not_to_be_judged(change, named):
    survey = survey_of([1.0], **change)
    failures = check_implied_wage(survey, IMPLIED)
    assert rows_of(failures) == []
    note = notes_on_whole(failures)[0]
    assert note.startswith("1 rows not judged: minimum has no single amount") and note.endswith(named)
    assert shown(survey, failures)["severity"].tolist() == ["info"]


def test_the_same_minimum_given_twice_is_one():
    twice = {"where": ["Banten", "BANTEN"], "year": [1, 1], "amount": [1000.0, 1000.0]}
    assert rows_of(check_implied_wage(survey_of([1.0], minimum=twice), IMPLIED)) == [0]


def test_a_confidential_province_is_not_named():
    hidden = tuple(replace(v, confidential="yes") if v.column == "province" else v for v in VARIABLES)
    notes = notes_on_whole(check_implied_wage(survey_of([1.0], province=["Aceh"], variables=hidden), IMPLIED))
    assert len(notes) == 1 and "aceh" not in notes[0].lower()


@pytest.mark.parametrize(
    ("bill", "staff"), [([], []), ([None], [10]), ([5.0], [0]), ([5.0], [-3]), ([5.0], [None])]
)
def test_without_a_bill_or_staff_there_is_no_implied_wage(bill, staff):
    survey = survey_of(bill, staff)
    assert check_implied_wage(survey, IMPLIED) == []
    assert check_wage_agreement(survey, AGREEMENT) == []


def workers_of(**wages):
    """Workers in round 1 by enterprise."""
    firm = [f for f, values in wages.items() for _ in values]
    return {"firm": firm, "round": [1] * len(firm), "wage": [v for values in wages.values() for v in values]}


def test_workers_and_accounts_that_are_a_factor_of_two_apart_are_found():
    """The bill of 120,000 implies 1,000 a month."""
    workers = workers_of(f0=[2000.0] * 4 + [2005.0], f1=[2000.0] * 5, f2=[499.0] * 5, f3=[500.0] * 5)
    survey = survey_of([120_000.0] * 5, workers=workers)
    found = check_wage_agreement(survey, AGREEMENT)
    assert rows_of(found) == [0, 2]
    assert found[0].notes[1] == "mean wage of 5 workers is 0.50 times the wage bill a head and month"


def test_fewer_workers_than_five_say_nothing_and_those_without_a_wage_do_not_count():
    workers = workers_of(f0=[9000.0] * 4, f1=[9000.0] * 4 + [None], f2=[9000.0] * 5)
    assert rows_of(check_wage_agreement(survey_of([120_000.0] * 3, workers=workers), AGREEMENT)) == [2]
    four = replace(AGREEMENT, minimum_workers=4)
    assert rows_of(check_wage_agreement(survey_of([120_000.0] * 3, workers=workers), four)) == [0, 1, 2]


def test_workers_of_another_round_say_nothing():
    survey = survey_of([120_000.0], workers=workers_of(f0=[9000.0] * 5), round=[2])
    assert check_wage_agreement(survey, AGREEMENT) == []


def test_agreement_is_summed_up_by_arm_and_round():
    workers = workers_of(f0=[1000.0] * 5, f1=[3000.0] * 5, f2=[1500.0] * 5)
    survey = survey_of([120_000.0] * 4, workers=workers, arm=["t", "t", "c", "c"])
    table = wage_agreement(survey, AGREEMENT)
    assert table.values.tolist() == [["control", 1, 1, 1.5, 0.0], ["training", 1, 2, 2.0, 0.5]]
