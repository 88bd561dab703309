"""Consent, age, hours and tenure: rows that pass, rows that fail, and what is said of them."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from impacteval.checks.respondents import ConsentGiven, Hours, Tenure, WorkerAge
from impacteval.closed import OptionError
from impacteval.delivery import Roles
from impacteval.validation.respondents import PROTECTION, as_text, tenure_fails
from support.surveys import findings_in, make_survey, rows_found
from support.tables import variable

pytestmark = pytest.mark.usefixtures("great_expectations")
CONSENT = ConsentGiven(kind="consent", id="consent", table="workers")
AGE = WorkerAge(kind="worker_age", id="age", table="workers", column="age", hazardous="hazard")
HOURS = Hours(kind="hours", id="hours", table="workers", column="hours")
TENURE = Tenure(kind="tenure", id="tenure", table="workers", column="tenure", age="age", firm_age="firm_age")
NUMBERS = {"age", "hours", "tenure", "firm_age", "agreed", "founded", "sales"}


def survey_of(columns, *, roles=None, confidential=(), **types):
    variables = [
        replace(
            variable(c, types.get(c, "integer" if c in NUMBERS else "text")),
            table="workers",
            confidential="yes" if c in confidential else "no",
        )
        for c in columns
    ]
    return make_survey({"workers": columns}, variables, {"workers": roles or Roles()})


# -- consent ------------------------------------------------------------------------------------------
ASKED = Roles(unit="firm", consent="agreed", consent_given=("1", "yes"), enumerator="who")


def test_nothing_may_be_recorded_of_those_who_did_not_consent():
    columns = {
        "firm": ["a", "b", "c", "d"],
        "who": ["E1"] * 4,
        "agreed": ["1", "0", "0", ""],
        "sales": ["5", "5", "", "7"],
        "remark": ["", "busy", "", ""],
    }
    found = findings_in(survey_of(columns, roles=ASKED), CONSENT)
    assert found["source_row"].tolist() == [3, 5]
    assert found["message"].tolist() == [
        "recorded without consent: 2 answers",
        "recorded without consent: 1 answer",
    ]
    assert found["column"].tolist() == ["agreed"] * 2, "the answers themselves are not repeated"
    assert found["value_shown"].tolist() == ["0", ""]


def test_only_the_named_columns_need_consent_where_they_are_named():
    columns = {"firm": ["a"], "agreed": ["0"], "sales": [""], "remark": ["closed on Sunday"], "who": ["E1"]}
    survey = survey_of(columns, roles=ASKED)
    assert rows_found(survey, CONSENT) == [2]
    assert rows_found(survey, replace(CONSENT, columns=("sales",))) == []


def test_respondent_must_be_one_of_those_to_be_asked():
    columns = {"firm": ["a", "b", "c"], "agreed": ["yes", "yes", "yes"], "sales": ["1", "1", "1"],
               "role": ["owner", "guard", ""], "who": ["E1"] * 3}  # fmt: skip
    check = replace(CONSENT, respondent="role", eligible=("owner", "manager"))
    survey = survey_of(columns, roles=ASKED, agreed="text")
    found = findings_in(survey, check)
    assert found["source_row"].tolist() == [3]
    assert found["value_shown"].tolist() == ["guard"]
    assert found["message"].str.contains("none of those to be asked").all()


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        (pd.Series([1, None], dtype="Int64"), ["1", ""]),
        (pd.Series([1.0, 2.5, None]), ["1", "2.5", ""]),
        (pd.Series([" yes ", None], dtype="str"), ["yes", ""]),
    ],
)
def test_values_are_compared_as_they_are_written_in_the_configuration(values, texts):
    assert as_text(values).tolist() == texts


# -- age ----------------------------------------------------------------------------------------------
AGES = {
    "age": ["30", "13", "4", "81", "16", "16", ""],
    "hazard": ["no", "no", "no", "no", "no", "yes", "yes"],
}


def test_impossible_ages_are_errors_and_young_ones_call_for_protection():
    found = findings_in(survey_of(AGES), AGE).set_index("source_row")
    assert found["severity"].to_dict() == {3: "warning", 4: "error", 5: "error", 7: "warning"}
    alerts = found.loc[[3, 7]]
    assert set(alerts["suggestion"]) == {PROTECTION}
    assert set(alerts["message"]) == {"age of a worker: age is below the age for this work"}
    assert set(found.loc[[4, 5], "suggestion"]) == {AGE.suggestion}


def test_age_of_a_child_is_shown_nowhere():
    found = findings_in(survey_of(AGES), AGE)
    young = found[found["severity"] == "warning"]
    assert len(young) == 2
    assert (
        not young.drop(columns=["source_row", "code", "check_id", "raw_value"])
        .map(str)
        .map(lambda t: "13" in t or "16" in t)
        .any(axis=None)
    )


def test_bounds_of_age_are_inclusive():
    columns = {"age": ["5", "15", "18", "80"], "hazard": ["no", "no", "yes", "yes"]}
    found = findings_in(survey_of(columns), AGE)
    assert found["source_row"].tolist() == [2], "five is possible, and too young to work"


def test_without_a_column_of_hazards_only_the_working_age_counts():
    assert rows_found(survey_of({"age": ["16", "14"]}), replace(AGE, hazardous="")) == [3]


# -- hours and tenure ---------------------------------------------------------------------------------
def test_hours_are_impossible_unusual_or_fine():
    columns = {"hours": ["40", "0", "61", "112", "113", "60", "", "-1"]}
    found = findings_in(survey_of(columns), HOURS)
    assert dict(zip(found["source_row"], found["severity"], strict=True)) == {
        3: "error", 4: "warning", 5: "warning", 6: "error", 9: "error",
    }  # fmt: skip


def test_hours_of_an_informative_check_stay_informative():
    found = findings_in(survey_of({"hours": ["61", "200"]}), replace(HOURS, severity="info"))
    assert found["severity"].tolist() == ["info", "info"]


def test_tenure_must_fit_into_the_life_of_worker_and_enterprise():
    columns = {
        "tenure": ["8", "9", "6", "20", "20"],
        "age": ["20", "20", "40", "", "30"],
        "firm_age": ["30", "30", "4", "20", "3"],
    }
    found = findings_in(survey_of(columns), TENURE)
    assert dict(zip(found["source_row"], found["message"].str.partition(": ")[2], strict=True)) == {
        3: "began as a child (1 year too many)",
        4: "began before the enterprise (1 year too many)",
        6: "began as a child (2 years too many); began before the enterprise (16 years too many)",
    }


def test_years_above_the_bound_are_not_said_where_age_is_confidential():
    columns = {"tenure": ["9"], "age": ["20"], "firm_age": ["30"]}
    found = findings_in(survey_of(columns, confidential={"age"}), TENURE)
    assert found["message"].tolist() == ["years with the enterprise: began as a child"]


def test_enterprise_is_as_old_as_the_year_of_the_interview_says():
    check = Tenure(kind="tenure", id="t", table="workers", column="tenure", founded="founded")
    frame = pd.DataFrame(
        {
            "tenure": [10.0, 11.0, 12.0, 50.0],
            "founded": [2015.0, 2015.0, 2015.0, None],
            "start": pd.to_datetime(["2025-06-01", "2026-01-01", "2025-12-31", "2025-06-01"]),
        }
    )
    assert tenure_fails(frame, check, Roles(start="start")).tolist() == [False, False, True, False]
    assert not tenure_fails(frame, check, Roles()).any(), "without the day of the interview nothing is known"


# -- edges --------------------------------------------------------------------------------------------
@pytest.mark.parametrize("n", [0, 1, 3])
def test_no_check_of_respondents_fails_where_nothing_is_given(n):
    columns = ("firm", "who", "agreed", "sales", "age", "hazard", "hours", "tenure", "firm_age")
    survey = survey_of({c: [""] * n for c in columns}, roles=ASKED)
    assert len(findings_in(survey, CONSENT, AGE, HOURS, TENURE)) == 0


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: replace(CONSENT, respondent="role"), "belong together"),
        (lambda: replace(AGE, working_age=4.0), "must rise"),
        (lambda: replace(HOURS, maximum=120.0), "maximum 120: between 0 and 112"),
        (lambda: replace(HOURS, hard_maximum=170.0), "hard_maximum 170: between 0 and 168"),
        (lambda: replace(TENURE, age="", firm_age=""), "nothing to compare with"),
        (lambda: replace(TENURE, founded="founded"), "give one"),
    ],
)
def test_settings_that_contradict_each_other_are_refused(make, message):
    with pytest.raises(OptionError, match=message):
        make()
