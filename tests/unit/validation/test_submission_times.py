"""Interviews that were sent before they were over."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from impacteval.checks.fieldwork import SubmissionTime
from impacteval.closed import OptionError
from impacteval.delivery import Roles
from impacteval.validation.submission_times import check_submission_time
from support.interviews import in_other_order, rows_said, said
from support.surveys import make_survey
from support.tables import variable

CHECK = SubmissionTime(kind="submission_time", id="sent", table="firms")
ROLES = Roles(unit="firm", start="start", end="end", submitted="sent")
SOUND = ("2023-05-02T09:00:00", "2023-05-02T10:00:00", "2023-05-02T18:00:00")


def survey_of(rows, *, roles=ROLES, type_="datetime", **facts):
    """A survey of rows of start, end and time of sending."""
    columns = {"firm": [f"F{i}" for i in range(len(rows))]}
    columns |= {name: [row[i] for row in rows] for i, name in enumerate(("start", "end", "sent"))}
    book = [variable("firm"), *(variable(c, type_) for c in ("start", "end", "sent"))]
    return make_survey({"firms": columns}, book, {"firms": roles}, **facts)[0]


def sent(time, *, n=11):
    """An interview sent at a time of its day, among sound ones."""
    return [(SOUND[0], SOUND[1], f"2023-05-02T{time}"), *([SOUND] * (n - 1))]


def test_interviews_sent_after_their_end_pass():
    assert said(check_submission_time, survey_of([SOUND] * 3), CHECK).empty
    assert said(check_submission_time, survey_of(sent("10:00:00")), CHECK).empty


def test_an_interview_sent_before_its_end_is_found_with_the_minutes():
    found = said(check_submission_time, survey_of(sent("09:48:00")), CHECK)
    assert found[["source_row", "severity", "column"]].to_numpy().tolist() == [
        [2, "warning", "start+end+sent"]
    ]
    assert "sent 12.0 minutes before it ended" in found.loc[0, "message"]


def test_an_interview_sent_before_its_start_is_said_to_be():
    found = said(check_submission_time, survey_of(sent("08:30:00")), CHECK)
    assert "sent 30.0 minutes before it started" in found.loc[0, "message"]


def test_without_an_end_the_start_is_compared():
    rows = sent("09:30:00")
    rows[0] = (rows[0][0], "", rows[0][2])
    assert said(check_submission_time, survey_of(rows), CHECK).empty
    rows[0] = (rows[0][0], "", "2023-05-02T08:59:00")
    assert rows_said(check_submission_time, survey_of(rows), CHECK) == [2]
    assert rows_said(check_submission_time, survey_of(rows, roles=replace(ROLES, end="")), CHECK) == [2]


def test_minutes_of_slack_are_allowed_to_the_minute():
    survey = survey_of(sent("09:55:00"))
    assert said(check_submission_time, survey, replace(CHECK, slack_minutes=5)).empty
    assert rows_said(check_submission_time, survey, replace(CHECK, slack_minutes=4.9)) == [2]


def test_days_are_compared_where_times_have_no_clock():
    day = ("2023-05-02", "2023-05-02", "2023-05-02")
    early = ("2023-05-02", "2023-05-02", "2023-05-01")
    assert rows_said(check_submission_time, survey_of([early, *[day] * 9], type_="date"), CHECK) == [2]


def test_clocks_of_two_zones_are_one_finding_on_the_column():
    rows = [(SOUND[0], SOUND[1], "2023-05-02T03:10:00")] * 12
    found = said(check_submission_time, survey_of(rows), CHECK)
    assert found[["source_row", "column"]].to_numpy().tolist() == [[0, "sent"]]
    assert "12 of 12 interviews were sent before they ended" in found.loc[0, "value_shown"]
    assert rows_said(check_submission_time, survey_of(rows), replace(CHECK, most_share=1)) == list(
        range(2, 14)
    )
    assert rows_said(check_submission_time, survey_of(rows[:9]), CHECK) == list(range(2, 11))


def test_offsets_that_are_written_are_taken_off_before_times_are_compared():
    """Bug: an offset is dropped when times are read, so that a time of a server in UTC came first."""
    rows = [(f"{a}+07:00", f"{b}+0700", "2023-05-02T03:05:00Z") for a, b, _ in [SOUND] * 3]
    assert said(check_submission_time, survey_of(rows), CHECK).empty
    rows[0] = (rows[0][0], rows[0][1], "2023-05-02T02:55:00Z")
    found = said(check_submission_time, survey_of(rows), CHECK)
    assert found["source_row"].tolist() == [2]
    assert "sent 5.0 minutes before it ended" in found.loc[0, "message"]


def test_times_of_which_one_has_no_offset_are_compared_as_written():
    rows = [(SOUND[0], SOUND[1], "2023-05-02T10:05:00Z"), (SOUND[0], SOUND[1], "2023-05-02T09:55:00Z")]
    assert rows_said(check_submission_time, survey_of(rows), CHECK) == [3]


@pytest.mark.parametrize("rows", [[], [("", "", "")], [(SOUND[0], SOUND[1], "")]])
def test_what_is_not_known_is_not_judged(rows):
    assert said(check_submission_time, survey_of(rows), CHECK).empty


def test_order_of_rows_changes_nothing():
    survey = survey_of(sent("09:48:00"))
    mixed = in_other_order(survey, np.random.default_rng(3).permutation(11))
    assert said(check_submission_time, mixed, CHECK).equals(said(check_submission_time, survey, CHECK))


@pytest.mark.parametrize("options", [{"slack_minutes": -1}, {"most_share": 1.1}])
def test_thresholds_outside_their_bounds_are_refused(options):
    with pytest.raises(OptionError):
        replace(CHECK, **options)
