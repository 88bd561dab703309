from __future__ import annotations

import pytest

from impacteval.errors import DataError
from impacteval.simulation.programme_study import columns as c
from impacteval.simulation.programme_study.instruments import (
    INSTRUMENTS,
    read_instruments,
    write_instrument,
)
from impacteval.survey.data_files import DataFile
from impacteval.survey.drafts import draft_study
from impacteval.survey.forms import read_form
from support.programme_study import FORMS, ROOT, instruments


@pytest.mark.parametrize("name", INSTRUMENTS)
def test_a_workbook_holds_the_form_of_its_sheets(tmp_path, name):
    write_instrument(FORMS, name, tmp_path / "form.xlsx")
    book, sheets = read_form(tmp_path / "form.xlsx"), instruments()[name].form
    assert [(q.name, q.type, q.labels, q.relevant, q.constraint) for q in book.questions] == [
        (q.name, q.type, q.labels, q.relevant, q.constraint) for q in sheets.questions
    ]
    assert book.choices == sheets.choices
    assert book.settings.version == instruments()[name].version
    assert book.doubts == ()


@pytest.mark.parametrize("name", INSTRUMENTS)
def test_equal_sheets_give_equal_workbooks_and_those_of_the_study(tmp_path, name):
    for copy in ("first.xlsx", "second.xlsx"):
        write_instrument(FORMS, name, tmp_path / copy)
    first = (tmp_path / "first.xlsx").read_bytes()
    assert first == (tmp_path / "second.xlsx").read_bytes()
    assert first == (ROOT / "data" / "score_indonesia" / "forms" / f"{name}.xlsx").read_bytes()


@pytest.mark.parametrize(("name", "columns"), [("enterprise", c.ENTERPRISE), ("workers", c.WORKERS)])
def test_a_questionnaire_asks_for_the_columns_of_its_table(name, columns):
    asked = {q.name for q in instruments()[name].form.questions}
    added = {"start", "end", *(("deviceid", "gps", "comments") if name == "enterprise" else ())}
    parts = {"_gps_latitude", "_gps_longitude"}
    assert asked - added == set(columns) - {"wave", *parts}
    assert (parts <= set(columns)) == ("gps" in asked)


@pytest.mark.parametrize("name", INSTRUMENTS)
def test_all_is_said_in_both_languages(name):
    form = instruments()[name].form
    shown = [q for q in form.questions if q.type not in ("start", "end", "today", "deviceid")]
    choices = [choice for listed in form.choices.values() for choice in listed]
    assert form.languages == ("English (en)", "Bahasa Indonesia (id)")
    assert all(len(part.labels) == 2 and all(part.labels.values()) for part in [*shown, *choices])
    assert all(set(q.labels.values()) != {q.labels["English (en)"]} for q in shown)


def test_quantities_are_asked_for_where_a_record_exists():
    conditions = {q.name: q.relevant for q in instruments()["enterprise"].form.questions}
    needing = {name: kpi for kpi, names in c.NEEDS_RECORD.items() for name in names}
    said = {n: t for n, t in conditions.items() if "${kpi_" in t}
    assert set(said) == set(needing)
    assert all(said[name].startswith(f"${{{kpi}}} != 'no'") for name, kpi in needing.items())


def test_follow_up_questions_are_asked_where_there_is_something_to_follow():
    conditions = {q.name: q.relevant for q in instruments()["enterprise"].form.questions}
    for asked, names in c.NEEDS_YES.items():
        assert all(conditions[name] == f"${{{asked}}} = 'yes'" for name in names)
    for asked, names in c.NEEDS_SOME.items():
        assert all(conditions[name].endswith(f"${{{asked}}} > 0") for name in names)


def test_numbers_may_be_refused_or_not_known():
    for instrument in instruments().values():
        numbers = [q for q in instrument.form.questions if q.type in ("integer", "decimal")]
        codes = "or . = -98 or . = -99"
        without = [q.name for q in numbers if codes not in q.constraint]
        assert without == (["worker_slot"] if instrument.name == "workers" else [])


@pytest.mark.parametrize("name", INSTRUMENTS)
def test_a_study_can_be_drafted_from_a_questionnaire(name):
    drafts = draft_study(
        instruments()[name].form,
        DataFile(table=name),
        correction_columns=("table",),
        unit="enterprise_id",
    )
    assert drafts.notes == () and "enterprise_id" in drafts.codebook


def test_a_missing_sheet_is_named(tmp_path):
    with pytest.raises(DataError, match=r"enterprise_survey\.csv: not found"):
        read_instruments(tmp_path)
