from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from impacteval.simulation.programme_study.exports import raw_files, text_of
from impacteval.simulation.programme_study.instruments import INSTRUMENTS
from impacteval.simulation.programme_study.writing import register_text
from impacteval.survey.expressions import holds, parse
from impacteval.survey.problems import UNKNOWN_COLUMN, errors_among
from impacteval.survey.read import read_all
from impacteval.survey.types import type_columns
from support.programme_study import (
    central_study,
    declared_codebook,
    declared_tables,
    instruments,
    variables_of,
    write_raw,
)

KEYS = {"enterprise": ["wave", "enterprise_id"], "workers": ["wave", "enterprise_id", "worker_slot"]}
OURS = ("start", "end", "deviceid", "comments", "_id", "_uuid", "_submission_time", "__version__")


@pytest.fixture(scope="module")
def read(tmp_path_factory):
    """Files without errors, read as a study declares them."""
    folder = write_raw(tmp_path_factory.mktemp("clean"), central_study().clean)
    text, problems = read_all(folder, declared_tables(), declared_codebook())
    assert errors_among(problems) == [] or errors_among(problems) == ()
    assert not [p for p in problems if UNKNOWN_COLUMN in str(p)]
    return {name: type_columns(text[name], variables_of(instruments()[name])) for name in INSTRUMENTS}


@pytest.mark.parametrize("name", INSTRUMENTS)
def test_every_cell_can_be_read(read, name):
    assert read[name].unreadable == ()


@pytest.mark.parametrize("name", INSTRUMENTS)
def test_what_is_read_is_what_was_reported(read, name):
    said = central_study().reported.tables[name]
    found = read[name].frame.merge(said, on=KEYS[name], suffixes=("", "_said"), validate="one_to_one")
    assert len(found) == len(said) == len(read[name].frame)
    compared = [column.removesuffix("_said") for column in found.columns if column.endswith("_said")]
    compared = [column for column in compared if column not in (*OURS, "_submitted_by", "_index")]
    assert len(compared) > 25
    wrong = {c: int((~_same(found[c], found[f"{c}_said"])).sum()) for c in compared}
    assert {c: n for c, n in wrong.items() if n} == {}


def _same(read, said):
    if pd.api.types.is_datetime64_any_dtype(said):
        return (read == said) | (read.isna() & said.isna())
    if pd.api.types.is_numeric_dtype(said):
        numbers = pd.to_numeric(read, errors="coerce").astype("float64")
        return (abs(numbers - said) < 0.0051) | (numbers.isna() & said.isna())
    return read.fillna("").astype("str") == said.fillna("").astype("str")


@pytest.mark.parametrize("name", INSTRUMENTS)
def test_refused_and_unknown_answers_have_their_codes_and_reasons(read, name):
    why = central_study().reported.reasons[name]
    said = central_study().reported.tables[name][KEYS[name]]
    for column in [c for c in why.columns if why[c].isin(["refused", "dont_know"]).any()]:
        merged = (
            read[name]
            .frame[KEYS[name]]
            .assign(found=read[name].reasons[column].reindex(read[name].frame.index).fillna(""))
        )
        merged = merged.merge(said.assign(said=why[column].replace("not_recorded", "")), on=KEYS[name])
        assert (merged["found"] == merged["said"]).all(), column


@pytest.mark.parametrize("name", INSTRUMENTS)
def test_nothing_stands_where_a_question_was_not_asked(name):
    text, form = central_study().clean.interviews[name].text, instruments()[name].form
    for question in form.questions:
        if question.asked_where and question.name in text.columns:
            asked = holds(parse(question.asked_where, clock="2010-01-01"), text)
            assert (text.loc[~asked, question.name] == "").all(), question.name


@pytest.mark.parametrize("name", INSTRUMENTS)
def test_every_choice_is_one_that_the_form_offers(name):
    text, form = central_study().clean.interviews[name].text, instruments()[name].form
    for question in form.questions:
        if question.list_name:
            offered = {choice.value for choice in form.choices[question.list_name]}
            assert set(text[question.name]) - {""} <= offered, question.name


@pytest.mark.parametrize("name", INSTRUMENTS)
def test_every_number_keeps_the_constraint_of_its_question(name):
    text, form = central_study().clean.interviews[name].text, instruments()[name].form
    for question in form.questions:
        if question.type in ("integer", "decimal"):
            told = text[text[question.name] != ""]
            kept = holds(parse(question.constraint, clock="2010-01-01"), told, question.name)
            assert kept.all(), (question.name, told.loc[~kept, question.name].head().tolist())


def test_enterprises_write_money_in_several_ways():
    cells = central_study().clean.interviews["enterprise"].text["sales_idr"]
    for pattern in (r"^\d{1,3}(?:\.\d{3})+$", r"^Rp \d.*,-$", r"^Rp\d", r" M$", r"^-98$"):
        assert cells.str.contains(pattern, regex=True).mean() > 0.02, pattern


@pytest.mark.parametrize("name", INSTRUMENTS)
def test_interviews_are_held_one_after_the_other_in_working_hours(read, name):
    held = read[name].frame.sort_values(["enumerator", "start"])
    start, end = held["start"], held["end"]
    assert (start.dt.normalize() == held["today"]).all()
    assert (start.dt.hour >= 8).all() and (end.dt.hour < 20).all()
    assert (start < end).all() and (held["_submission_time"] > end).all()
    same_person = held["enumerator"].to_numpy()[1:] == held["enumerator"].to_numpy()[:-1]
    assert not (same_person & (start.to_numpy()[1:] < end.to_numpy()[:-1])).any()


@pytest.mark.parametrize("name", INSTRUMENTS)
def test_nobody_is_interviewed_during_friday_prayer(read, name):
    held = read[name].frame
    friday = held[held["today"].dt.day_of_week == 4]
    minutes = [t.dt.hour * 60 + t.dt.minute for t in (friday["start"], friday["end"])]
    assert len(friday) and not ((minutes[0] < 13 * 60 + 30) & (minutes[1] > 11 * 60 + 35)).any()


@pytest.mark.parametrize("name", INSTRUMENTS)
def test_keys_and_numbers_are_one_for_each_interview(name):
    text = central_study().clean.interviews[name].text
    assert text["_uuid"].is_unique and text["_id"].is_unique
    assert set(text["__version__"]) == {instruments()[name].version}


def test_headers_name_their_groups_and_recalled_files_lack_later_groups():
    files = raw_files(central_study().clean)
    headers = {name: content.decode().split("\n", 1)[0].split(";") for name, content in files.items()}
    assert {"finance/sales_idr", "id/_gps_latitude", "start", "_uuid"} <= set(headers["enterprise_R0.csv"])
    groups = {name.rpartition("/")[0] for name in headers["enterprise_R0.csv"]}
    assert groups == {"", "id", "employment", "finance", "hours"}
    assert "attitudes/sat1" in headers["workers_R2.csv"] and "attitudes/sat1" not in headers["workers_R0.csv"]


def test_all_raw_files_are_smaller_than_six_megabytes():
    assert sum(len(content) for content in raw_files(central_study().planted.delivery).values()) < 6e6


def test_cells_with_separators_quotes_and_breaks_are_quoted():
    table = pd.DataFrame({"a": ["x;y", 'say "so"', "one\ntwo"], "b;c": ["", "1", "2"]}, dtype="str")
    assert text_of(table) == b'a;"b;c"\n"x;y";\n"say ""so""";1\n"one\ntwo";2\n'


def test_an_empty_table_is_its_header():
    assert text_of(pd.DataFrame({"a": [], "b": []}, dtype="str")) == b"a;b\n"


def test_registers_write_days_in_iso_form_and_amounts_in_the_indonesian_way():
    table = pd.DataFrame(
        {
            "day": pd.Series(["2010-05-03", None], dtype="datetime64[s]"),
            "amount": [1234.5, 2e6],
            "share": [np.nan, 0.125],
            "payer": ["donor", ""],
        }
    )
    written = register_text(table)
    assert written["day"].tolist() == ["2010-05-03", ""]
    assert written["amount"].tolist() == ["1.234,50", "2.000.000"]
    assert written["share"].tolist() == ["", "0.125"]
