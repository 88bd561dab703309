"""The dashboard: a row for each enumerator with what checks found of their interviews."""

from __future__ import annotations

import pandas as pd
import pytest

from impacteval.checks.enumerators import BackCheck
from impacteval.checks.fieldwork import Duration, Overlap
from impacteval.validation.durations import check_duration
from impacteval.validation.enumerator_dashboard import DASHBOARD, enumerator_dashboard
from impacteval.validation.enumerators import check_straight_line
from impacteval.validation.finding import findings_of
from impacteval.validation.overlaps import check_overlap
from support.enumerators import HEAPING, LINE, NUMBERS, battery
from support.interviews import in_other_order, interviews, with_back_checks


def dashboard_survey():
    start = ["2023-05-02T09:00:00", "2023-05-02T09:30:00", "2023-05-03T09:00:00", "2023-05-04T09:00:00", ""]
    end = ["2023-05-02T10:00:00", "2023-05-02T10:30:00", "2023-05-03T10:00:00", "2023-05-04T09:10:00", ""]
    columns = {
        "enumerator": ["E2", "E2", "E1", "E1", ""],
        "start": start,
        "end": end,
        "sales": ["1000", "2345", "-98", "", "5"],
        "founded": ["1998", "1999", "2000", "2001", "2002"],
        **battery("44444444", "12345123", "12345123", "1234512.", "44444444"),
    }
    survey = interviews(5, columns, types={**NUMBERS, "founded": "integer"})
    again = {"firm": ["F000", "F001", "F002"], "founded": ["1998", "1990", "2000"]}
    return with_back_checks(survey, again, {"founded": "integer"})


CHECKS = (
    Duration(kind="duration", id="d", table="firms"),
    HEAPING,
    LINE,
    Overlap(kind="overlap", id="o", table="firms"),
    BackCheck(kind="back_check", id="b", table="firms", back_checks="again", stable=("founded",)),
)


def dashboard_findings(survey):
    failures = [
        *check_overlap(survey, CHECKS[3]),
        *check_straight_line(survey, LINE),
        *check_duration(survey, CHECKS[0]),
    ]
    return findings_of(survey, failures)


def test_dashboard_has_a_row_for_each_enumerator_with_what_was_found():
    survey = dashboard_survey()
    found = enumerator_dashboard(survey, "firms", dashboard_findings(survey), checks=CHECKS)
    assert tuple(found.columns) == DASHBOARD
    one, two = found.to_dict("records")
    assert (one["enumerator"], two["enumerator"]) == ("E1", "E2")
    assert (two["n_interviews"], two["first_day"], two["last_day"]) == (2, "2023-05-02", "2023-05-02")
    assert (one["first_day"], one["last_day"], one["median_minutes"]) == ("2023-05-03", "2023-05-04", 35)
    assert (one["short_share"], two["short_share"]) == (0.5, 0)
    assert (one["n_overlaps"], two["n_overlaps"]) == (0, 2)
    assert (one["straight_line_share"], two["straight_line_share"]) == (0, 0.5)
    assert two["round_share"] == 0.5
    assert (one["n_findings"], two["n_findings"]) == (1, 3)
    assert (one["back_check_error_rate"], two["back_check_error_rate"]) == (0, 0.5)
    assert two["missing_share"] == 0
    assert one["missing_share"] == pytest.approx((0 + 2 / 10) / 2)


def test_dashboard_counts_open_findings_only():
    survey = dashboard_survey()
    findings = dashboard_findings(survey)
    findings["status"] = "accepted"
    found = enumerator_dashboard(survey, "firms", findings, checks=CHECKS)
    assert found["n_findings"].tolist() == [0, 0]


def test_dashboard_leaves_open_what_no_check_asks_for():
    survey = dashboard_survey()
    found = enumerator_dashboard(survey, "firms", findings_of(survey, []))
    assert found[["short_share", "round_share", "back_check_error_rate"]].isna().all(axis=None)
    assert found["median_minutes"].tolist() == [35, 60]


def test_dashboard_of_a_table_without_enumerators_or_rows_is_empty():
    survey = interviews(0, {"sales": []}, types=NUMBERS)
    found = enumerator_dashboard(survey, "firms", findings_of(survey, []))
    assert found.empty and tuple(found.columns) == DASHBOARD
    blank = interviews(2, {"enumerator": ["", ""]})
    assert enumerator_dashboard(blank, "firms", findings_of(blank, [])).empty


def test_dashboard_masks_confidential_enumerators():
    survey = interviews(3, {"enumerator": ["Citra", "Ani", "Ani"]}, hidden=("enumerator",))
    found = enumerator_dashboard(survey, "firms", findings_of(survey, []))
    assert found[["enumerator", "n_interviews"]].to_numpy().tolist() == [
        ["[confidential] 1", 2],
        ["[confidential] 2", 1],
    ]


def test_dashboard_does_not_depend_on_the_order_of_rows():
    survey = dashboard_survey()
    wanted = enumerator_dashboard(survey, "firms", dashboard_findings(survey), checks=CHECKS)
    moved = in_other_order(survey, [3, 1, 4, 0, 2])
    pd.testing.assert_frame_equal(
        wanted, enumerator_dashboard(moved, "firms", dashboard_findings(moved), checks=CHECKS)
    )
