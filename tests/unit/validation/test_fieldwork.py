"""When interviews were held, how long they took, whether they overlap, and with which form."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from impacteval.checks.fieldwork import Duration, FormVersion, InterviewTime, Overlap
from impacteval.closed import OptionError
from impacteval.delivery import Fieldwork, FormFile
from impacteval.validation.durations import check_duration, durations
from impacteval.validation.fieldwork import (
    FUNCTIONS,
    check_form_version,
    check_interview_time,
    interview_days,
)
from impacteval.validation.overlaps import check_overlap
from impacteval.validation.survey import CheckedTable
from support.interviews import ROLES, in_other_order, interviews, rows_said, said

TIME = InterviewTime(kind="interview_time", id="t", table="firms")
DURATION = Duration(kind="duration", id="d", table="firms")
OVERLAP = Overlap(kind="overlap", id="o", table="firms")
VERSION = FormVersion(kind="form_version", id="v", table="firms")
DECLARED = {
    "fieldwork": (Fieldwork(period="1", first_day="2023-05-01", last_day="2023-05-31"),),
    "exported_on": "2023-06-01",
    "time_zone": "Asia/Jakarta",
}
FORMS = (
    FormFile(table="firms", file="v1.xlsx", version="v1", deployed="2023-05-01"),
    FormFile(table="firms", file="v2.xlsx", version="v2", deployed="2023-05-10"),
)


def at(*clocks: str, day: str = "2023-05-02") -> list[str]:
    return [f"{day}T{clock}:00" if clock else "" for clock in clocks]


def without_roles(survey, *roles):
    old = survey.tables["firms"]
    changed = replace(old.roles, **dict.fromkeys(roles, ""))
    return replace(survey, tables={"firms": replace(old, roles=changed)})


def test_interviews_within_the_declared_fieldwork_pass():
    survey = interviews(2, {"start": at("09:00", "23:30"), "end": at("10:00", "23:59")}, **DECLARED)
    assert said(check_interview_time, survey, TIME).empty


def test_interviews_that_do_not_end_after_their_start_are_errors():
    survey = interviews(
        3, {"start": at("10:00", "10:00", "10:00"), "end": at("09:25", "10:00", "10:01")}, **DECLARED
    )
    found = said(check_interview_time, survey, TIME)
    assert found["source_row"].tolist() == [2, 3]
    assert "ends 35.0 minutes before it starts" in found["message"][0]
    assert set(found["severity"]) == {"error"}


@pytest.mark.parametrize(
    ("day", "words"),
    [
        ("2023-04-28", "3 days before the fieldwork"),
        ("2023-06-10", "10 days after the fieldwork of its round; after the day of the export"),
    ],
)
def test_days_outside_the_window_of_the_round_are_said_with_their_distance(day, words):
    survey = interviews(1, {"start": at("09:00", day=day), "end": at("10:00", day=day)}, **DECLARED)
    found = said(check_interview_time, survey, TIME)
    assert len(found) == 1
    assert words in found["message"][0]


def test_first_and_last_day_of_fieldwork_and_the_day_of_export_belong_to_it():
    days = ["2023-05-01", "2023-05-31"]
    columns = {"start": [f"{d}T00:00:00" for d in days], "end": [f"{d}T23:59:59" for d in days]}
    assert said(
        check_interview_time, interviews(2, columns, **{**DECLARED, "exported_on": "2023-05-31"}), TIME
    ).empty


def test_each_round_has_its_own_window_and_one_without_period_is_for_all():
    windows = (*DECLARED["fieldwork"], Fieldwork(first_day="2024-01-01", last_day="2024-01-02"))
    survey = interviews(2, {"round": ["1", "2"]}, **{**DECLARED, "fieldwork": windows})
    assert rows_said(check_interview_time, survey, TIME) == [3]


def test_rounds_without_declared_fieldwork_are_counted_in_an_info():
    survey = interviews(3, {"round": ["1", "2", "2"]}, **DECLARED)
    found = said(check_interview_time, survey, TIME)
    assert found[["source_row", "severity", "value_shown"]].to_numpy().tolist() == [
        [0, "info", "interviews of rounds without declared fieldwork: 2"]
    ]


def test_what_a_study_does_not_declare_is_an_info_and_no_error():
    found = said(check_interview_time, interviews(1, {}), TIME)
    assert found["severity"].tolist() == ["info"]
    for word in ("time_zone", "fieldwork", "exported_on"):
        assert word in found["value_shown"][0]


def test_a_submission_after_the_export_is_an_error_though_the_interview_was_before():
    survey = interviews(1, {"sent": at("09:00", day="2023-06-02")}, types={"sent": "datetime"}, **DECLARED)
    old = survey.tables["firms"]
    survey = replace(survey, tables={"firms": replace(old, roles=replace(old.roles, submitted="sent"))})
    assert "after the day of the export" in said(check_interview_time, survey, TIME)["message"][0]


def test_nights_are_found_only_on_request_and_only_warned_of():
    clocks = ("22:00", "04:59", "05:00", "21:59")
    survey = interviews(4, {"start": at(*clocks), "end": at(*clocks, day="2023-05-03")}, **DECLARED)
    assert rows_said(check_interview_time, survey, TIME) == []
    found = said(check_interview_time, survey, replace(TIME, finds_nights=True))
    assert found["source_row"].tolist() == [2, 3]
    assert set(found["severity"]) == {"warning"}


def test_a_row_that_is_wrong_twice_is_one_finding_of_the_gravest_kind():
    survey = interviews(1, {"start": at("23:00"), "end": at("22:00")}, **DECLARED)
    found = said(check_interview_time, survey, replace(TIME, finds_nights=True))
    assert len(found) == 1
    assert found["severity"][0] == "error"
    assert "ends 60.0 minutes before it starts; starts at night" in found["message"][0]


def test_days_without_clocks_are_compared_as_days():
    columns = {"start": ["2023-05-02", "2023-05-03"], "end": ["2023-05-02", "2023-05-02"]}
    survey = interviews(2, columns, types={"start": "date", "end": "date"}, **DECLARED)
    assert rows_said(check_interview_time, survey, replace(TIME, finds_nights=True)) == [3]


def test_confidential_days_are_not_given_away_by_their_distance():
    survey = interviews(
        1,
        {"start": at("09:00", day="2023-04-28"), "end": at("10:00", day="2023-04-28")},
        hidden=("start", "end"),
        **DECLARED,
    )
    found = said(check_interview_time, survey, TIME)
    assert found["message"][0].endswith("outside the fieldwork of its round")
    assert found["value_shown"][0] == "[confidential] | [confidential]"


def test_times_with_a_zone_are_read_on_the_clocks_of_the_study():
    survey = interviews(1, {}, **DECLARED)
    old = survey.tables["firms"]
    frame = old.frame.assign(
        start=pd.to_datetime(["2023-05-31T17:30:00Z"]), end=pd.to_datetime(["2023-05-31T18:30:00Z"])
    )
    moved = replace(survey, tables={"firms": replace(old, frame=frame)})
    assert "1 day after the fieldwork" in said(check_interview_time, moved, TIME)["message"][0]


def with_minutes(*minutes: float, **columns) -> dict[str, list[str]]:
    start = pd.Timestamp("2023-05-02T08:00:00")
    ends = [(start + pd.Timedelta(minutes=m)).strftime("%Y-%m-%dT%H:%M:%S") for m in minutes]
    return {"start": ["2023-05-02T08:00:00"] * len(minutes), "end": ends, **columns}


def test_interviews_shorter_than_half_the_median_of_their_form_are_found():
    columns = with_minutes(40, 44, 19.5, 20, 48, 10, 10, 10, version=["v1"] * 5 + ["v2"] * 3)
    found = said(check_duration, interviews(8, columns), DURATION)
    assert found["source_row"].tolist() == [4], "half the median itself passes"
    assert "19.5 minutes, median of the form version 40.0" in found["message"][0]


def test_a_form_that_is_shorter_in_one_round_is_compared_within_the_round():
    columns = with_minutes(40, 44, 42, 41, 15, 14, 16, round=["1"] * 4 + ["2"] * 3)
    assert rows_said(check_duration, interviews(7, columns), DURATION) == []
    in_one = {**columns, "round": ["1"] * 7}
    assert rows_said(check_duration, interviews(7, in_one), DURATION) == [6, 7, 8]
    by_form = {**in_one, "version": ["v1"] * 4 + ["v2"] * 3}
    assert rows_said(check_duration, interviews(7, by_form), DURATION) == []


def test_the_shortest_are_found_only_under_the_declared_floor():
    columns = with_minutes(*range(30, 70))
    survey = interviews(40, columns)
    assert rows_said(check_duration, survey, DURATION) == []
    assert rows_said(check_duration, survey, replace(DURATION, floor_minutes=32)) == [2, 3]
    assert rows_said(check_duration, survey, replace(DURATION, floor_minutes=90)) == [2, 3], (
        "5th percentile is 31.95"
    )


def test_interviews_above_six_hours_are_found_and_six_hours_are_not():
    assert rows_said(check_duration, interviews(3, with_minutes(300, 360, 361)), DURATION) == [4]


def test_a_column_of_durations_serves_where_there_is_no_end():
    survey = interviews(4, {"minutes": ["40", "50", "0", ""], "end": [""] * 4})
    check = replace(DURATION, minutes="minutes")
    assert rows_said(check_duration, survey, check) == [4]
    assert (check.roles_needed, DURATION.roles_needed) == ((), ("start", "end"))


def test_a_confidential_duration_is_not_said():
    survey = interviews(3, {"minutes": ["40", "50", "13"]}, hidden=("minutes",))
    found = said(check_duration, survey, replace(DURATION, minutes="minutes"))
    assert found["source_row"].tolist() == [4]
    assert "13" not in found.drop(columns="raw_value").to_string()


def test_negative_durations_are_left_to_interview_times_and_move_no_median():
    columns = with_minutes(40, 44, -600, 48)
    assert rows_said(check_duration, interviews(4, columns), DURATION) == []


def test_histogram_of_durations_counts_each_interview_once_and_has_no_ids():
    found = durations(interviews(6, with_minutes(4, 5, 9.9, 12, 1000, -5)), "firms")
    assert list(found.columns) == ["from_minutes", "to_minutes", "n_interviews"]
    assert found["n_interviews"].sum() == 5
    assert found["n_interviews"].tolist()[:3] == [1, 2, 1]
    assert found.iloc[-1].tolist()[0] == 500 and pd.isna(found.iloc[-1]["to_minutes"])


def test_timeline_counts_interviews_by_round_and_day():
    columns = {
        "start": ["2023-05-02T09:00:00", "2023-05-02T23:00:00", "2023-05-03T09:00:00", ""],
        "round": ["1", "1", "2", "2"],
    }
    found = interview_days(interviews(4, columns), "firms")
    assert found.to_numpy().tolist() == [["1", "2023-05-02", 2], ["2", "2023-05-03", 1]]


def test_overlapping_interviews_of_an_enumerator_are_both_found():
    columns = {"start": at("09:00", "09:48", "11:00"), "end": at("10:00", "10:30", "12:00")}
    found = said(check_overlap, interviews(3, columns), OVERLAP)
    assert found["source_row"].tolist() == [2, 3]
    assert "overlaps by 12.0 minutes with the interview in firms.csv, row 3" in found["message"][0]
    assert "overlaps by 12.0 minutes with the interview in firms.csv, row 2" in found["message"][1]


def test_interviews_of_others_and_those_that_touch_do_not_overlap():
    columns = {
        "start": at("09:00", "09:30", "10:00"),
        "end": at("10:00", "10:30", "11:00"),
        "enumerator": ["E1", "E2", "E1"],
    }
    survey = interviews(3, columns)
    assert rows_said(check_overlap, survey, OVERLAP) == []
    assert rows_said(check_overlap, survey, replace(OVERLAP, by="device")) == [2, 3, 4]


def test_an_interview_that_spans_several_overlaps_each_of_them():
    columns = {"start": at("09:00", "09:10", "09:30"), "end": at("12:00", "09:20", "09:40")}
    found = said(check_overlap, interviews(3, columns), OVERLAP)
    assert found["source_row"].tolist() == [2, 3, 4]
    assert "row 2" in found["message"][2], "not with the interview between, which had ended"


def near_bandung(*kilometres: float) -> dict[str, list[str]]:
    """Places north of each other: a degree of latitude is 111.195 km on the sphere."""
    return {"lat": [repr(-6.9 + km / 111.19493) for km in kilometres], "lon": ["107.6"] * len(kilometres)}


def test_a_journey_of_thirty_kilometres_in_five_minutes_is_found_at_both_ends():
    columns = {
        "start": at("09:00", "10:05", "12:00"),
        "end": at("10:00", "11:00", "13:00"),
        **near_bandung(0, 30, 30.1),
    }
    found = said(check_overlap, interviews(3, columns), OVERLAP)
    assert found["source_row"].tolist() == [2, 3]
    assert "30.0 km and 5.0 minutes before the interview in firms.csv, row 3" in found["message"][0]
    assert "30.0 km and 5.0 minutes after the interview in firms.csv, row 2" in found["message"][1]


@pytest.mark.parametrize(("km", "rows"), [(79.9, []), (80.1, [2, 3])])
def test_the_limit_of_speed_is_eighty_kilometres_an_hour(km, rows):
    columns = {"start": at("09:00", "11:00"), "end": at("10:00", "12:00"), **near_bandung(0, km)}
    assert rows_said(check_overlap, interviews(2, columns), OVERLAP) == rows


def test_neighbours_may_be_interviewed_without_a_break():
    columns = {
        "start": at("09:00", "10:00", "11:00"),
        "end": at("10:00", "11:00", "12:00"),
        **near_bandung(0, 0.19, 0.5),
    }
    assert rows_said(check_overlap, interviews(3, columns), OVERLAP) == [3, 4]


def test_interviews_without_enumerator_or_end_are_left_to_other_checks():
    columns = {
        "start": at("09:00", "09:10", "09:20"),
        "end": at("10:00", "10:00", ""),
        "enumerator": ["", "", "E1"],
    }
    assert rows_said(check_overlap, interviews(3, columns), OVERLAP) == []


def test_newest_form_of_the_day_passes_and_older_or_later_ones_do_not():
    days = ["2023-05-09", "2023-05-10", "2023-05-10", "2023-05-09"]
    columns = {"start": [f"{d}T09:00:00" for d in days], "version": ["v1", "v2", "v1", "v2"]}
    found = said(check_form_version, interviews(4, columns, forms=FORMS), VERSION)
    assert found["source_row"].tolist() == [4, 5]
    assert "version v2 was deployed" in found["message"][0]
    assert "deployed after the day of the interview" in found["message"][1]


def test_days_of_grace_allow_the_form_before():
    days = ["2023-05-11", "2023-05-12"]
    columns = {"start": [f"{d}T09:00:00" for d in days], "version": ["v1", "v1"]}
    assert rows_said(
        check_form_version, interviews(2, columns, forms=FORMS), replace(VERSION, grace_days=2)
    ) == [3]


def test_unknown_versions_are_found_and_missing_ones_are_left_to_other_checks():
    columns = {"version": ["v9", "", "v1"]}
    found = said(check_form_version, interviews(3, columns, forms=FORMS), VERSION)
    assert found["source_row"].tolist() == [2]
    assert found["value_shown"].tolist() == ["v9"]


def test_versions_that_are_numbers_are_known_by_their_number():
    forms = (FormFile(table="firms", file="a.xlsx", version="2305021814"),)
    survey = interviews(
        2, {"version": ["2305021814", "2305021814.0"]}, types={"version": "integer"}, forms=forms
    )
    assert said(check_form_version, survey, VERSION).empty


def test_forms_of_another_table_do_not_count():
    found = said(check_form_version, interviews(1, {}, forms=(replace(FORMS[0], table="workers"),)), VERSION)
    assert found[["source_row", "severity"]].to_numpy().tolist() == [[0, "info"]]


def test_a_question_of_changed_meaning_is_found_where_two_versions_answered_it():
    columns = {
        "version": ["v1", "v2", "v2"],
        "sales": ["1", "2", "3"],
        "staff": ["", "2", "3"],
        "start": at("09:00", "09:00", "09:00", day="2023-05-12"),
    }
    check = replace(VERSION, changed=("sales", "staff"), grace_days=30)
    found = said(check_form_version, interviews(3, columns, forms=FORMS, types={"sales": "integer"}), check)
    assert found[["source_row", "column"]].to_numpy().tolist() == [[0, "sales"]]
    assert "v1 (1), v2 (2)" in found["value_shown"][0]


ALL = {
    InterviewTime: replace(TIME, finds_nights=True),
    Duration: DURATION,
    Overlap: OVERLAP,
    FormVersion: VERSION,
}


@pytest.mark.parametrize("kind", ALL)
def test_a_table_without_rows_has_no_findings(kind):
    empty = interviews(0, {}, forms=FORMS)
    assert said(FUNCTIONS[kind], empty, ALL[kind]).empty


@pytest.mark.parametrize("kind", ALL)
def test_missing_values_everywhere_are_no_findings_on_rows(kind):
    blank = dict.fromkeys(("round", "start", "end", "version", "enumerator", "lat"), [""] * 2)
    assert rows_said(FUNCTIONS[kind], interviews(2, blank, forms=FORMS, **DECLARED), ALL[kind]) == []


@pytest.mark.parametrize("kind", ALL)
def test_columns_that_hold_no_times_raise_nothing(kind):
    survey = interviews(2, {}, types={"start": "text", "end": "text"}, forms=FORMS, **DECLARED)
    assert rows_said(FUNCTIONS[kind], survey, ALL[kind]) == []


def test_durations_and_days_of_a_table_without_times_are_empty():
    survey = without_roles(interviews(2, {}), "start", "end")
    assert durations(survey, "firms").empty
    assert interview_days(survey, "firms").empty


@pytest.mark.parametrize(
    "change", [{"share": 1.5}, {"percentile": -0.1}, {"longest_minutes": -1.0}, {"floor_minutes": -1.0}]
)
def test_thresholds_outside_their_bounds_are_refused(change):
    with pytest.raises(OptionError, match=next(iter(change))):
        replace(DURATION, **change)


CLOCK = st.integers(0, 23 * 60)
ROW = st.tuples(
    CLOCK,
    st.integers(-30, 400),
    st.sampled_from(["E1", "E2", ""]),
    st.sampled_from(["v1", "v2", "v7"]),
    st.integers(0, 40),
)


def made(rows):
    start = [pd.Timestamp("2023-05-09") + pd.Timedelta(minutes=r[0] * 2) for r in rows]
    end = [s + pd.Timedelta(minutes=r[1]) for s, r in zip(start, rows, strict=True)]
    columns = {
        "start": [s.strftime("%Y-%m-%dT%H:%M:%S") for s in start],
        "end": [e.strftime("%Y-%m-%dT%H:%M:%S") for e in end],
        "enumerator": [r[2] for r in rows],
        "version": [r[3] for r in rows],
        **near_bandung(*[r[4] for r in rows]),
    }
    return interviews(len(rows), columns, forms=FORMS, **DECLARED)


@settings(max_examples=8, deadline=None)
@given(
    st.lists(ROW, min_size=1, max_size=8).flatmap(
        lambda rows: st.tuples(st.just(rows), st.permutations(range(len(rows))))
    )
)
def test_findings_do_not_depend_on_the_order_of_rows(drawn):
    rows, order = drawn
    survey = made(rows)
    for kind, check in ALL.items():
        pd.testing.assert_frame_equal(
            said(FUNCTIONS[kind], survey, check), said(FUNCTIONS[kind], in_other_order(survey, order), check)
        )


@settings(max_examples=8, deadline=None)
@given(st.lists(ROW, min_size=2, max_size=8))
def test_overlaps_are_those_that_a_comparison_of_all_pairs_finds(rows):
    survey = made(rows)
    table: CheckedTable = survey.tables["firms"]
    frame = table.frame[(table.frame["start"] < table.frame["end"]) & table.frame["enumerator"].notna()]
    wanted = set()
    for one in frame.itertuples():
        for two in frame.itertuples():
            same = one.enumerator == two.enumerator and one.Index != two.Index
            if same and one.start < two.end and two.start < one.end:
                wanted.add(one.source_row)
    slow = replace(OVERLAP, speed_kmh=float("inf"))
    assert rows_said(check_overlap, survey, slow) == sorted(wanted)


def test_roles_of_the_checks_exist():
    for check in ALL.values():
        assert all(hasattr(ROLES, role) for role in check.roles_needed)
