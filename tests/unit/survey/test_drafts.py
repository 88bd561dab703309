"""Drafts load at once, say what they could not place, and propose nothing that the files do not show."""

from __future__ import annotations

import pytest

from impacteval.config import CORRECTION_COLUMNS
from impacteval.errors import ConfigError
from impacteval.survey.data_files import DataFile, look_at, with_header
from impacteval.survey.read import read_tables
from impacteval.survey.types import type_columns
from support.drafts import KOBO, drafted, loaded, variables


def test_a_draft_loads_and_reads_its_file_at_once(kobo, kobo_file, tmp_path):
    survey = loaded(kobo, tmp_path)
    text = read_tables(kobo_file.parent, survey.study.tables, survey.codebook)["firms"]
    typed = type_columns(text, survey.codebook.of_table("firms"))
    assert typed.unreadable == ()
    assert text["inputs"].tolist() == ["steel other"] * 2
    assert text["main/inputs/steel" if "main/inputs/steel" in text else "inputs/steel"].tolist() == ["1", "1"]
    assert typed.frame["start"].dt.hour.tolist() == [8, 8]


def test_a_draft_without_data_loads_with_a_table_for_each_repeat(form, tmp_path):
    drafts = drafted(form, DataFile(table="firms"))
    survey = loaded(drafts, tmp_path)
    assert [t.name for t in survey.study.tables] == ["firms", "roster"]
    assert survey.codebook.columns("roster") == ("age",)
    assert survey.study.forms[0].version == "v1"
    asked = {q.name for q in form.questions} - {"thanks", "place", "age"}
    assert asked <= set(survey.codebook.columns("firms"))


def test_columns_that_nothing_explains_are_said_and_ignored(kobo, tmp_path):
    assert kobo.unplaced == {"firms": ("main/comment_of_office",)}
    assert loaded(kobo, tmp_path).study.tables[0].ignored == ("main/comment_of_office",)


def test_questions_without_a_column_are_said_and_declared_absent(form, tmp_path):
    header = [name for name in KOBO if name not in {"main/sales", "main/exports"}]
    drafts = drafted(form, with_header("firms", header))
    assert drafts.absent == {"firms": ("sales", "exports")}
    survey = loaded(drafts, tmp_path)
    assert survey.study.tables[0].details[0].absent == ("sales", "exports")
    assert survey.codebook.find("firms", "sales").required == "no"


def test_roles_are_found_by_types_and_names(kobo, tmp_path):
    roles = loaded(kobo, tmp_path).roles["firms"]
    found = {
        n: getattr(roles, n)
        for n in ("submission", "start", "end", "submitted", "device", "enumerator", "form_version")
    }
    assert found == {
        "submission": "_uuid",
        "start": "start",
        "end": "end",
        "submitted": "_submission_time",
        "device": "deviceid",
        "enumerator": "enumerator_id",
        "form_version": "__version__",
    }
    assert (roles.consent, roles.consent_given) == ("consent", ("1",))
    assert roles.latitude.endswith("_place_latitude")


def test_a_unit_is_proposed_only_where_it_is_unique_and_that_is_said(form, kobo_file, tmp_path, kobo):
    assert loaded(kobo, tmp_path).roles["firms"].unit == "firm_id"
    assert any("firm_id is proposed since its 2 values differ" in note for note in kobo.notes)
    text = kobo_file.read_text(encoding="utf-8").replace("F2", "F1")
    kobo_file.write_text(text, encoding="utf-8")
    again = drafted(form, look_at(kobo_file, "firms"))
    assert loaded(again, tmp_path, "again").roles["firms"].unit == "_uuid"
    assert any("roles.unit: _uuid, the submission" in note for note in again.notes)


def test_a_unit_and_a_period_can_be_given_and_must_be_columns(form, tmp_path):
    drafts = drafted(form, with_header("firms", KOBO), unit="firm_id", period="workers")
    roles = loaded(drafts, tmp_path).roles["firms"]
    assert (roles.unit, roles.period) == ("firm_id", "workers")
    assert variables(drafts)["firm_id"]["required"] == "yes"
    with pytest.raises(ConfigError, match="unit 'firmid' is no column of table firms"):
        drafted(form, with_header("firms", KOBO), unit="firmid")


def test_names_that_r_mangled_are_recognised_and_mapped(form, tmp_path):
    header = [
        "X.U.FEFF.start",
        "end",
        "firm_id",
        "consent",
        "inputs",
        "inputs.steel",
        "Owner.Name",
        "X_uuid",
        "X__version__",
    ]
    drafts = drafted(form, with_header("firms", header))
    assert drafts.unplaced == {}
    table = loaded(drafts, tmp_path).study.tables[0]
    assert table.details[0].renamed == {"X.U.FEFF.start": "start", "Owner.Name": "owner_name"}
    assert table.roles.submission == "X_uuid"
    assert table.roles.form_version == "X__version__"
    assert variables(drafts)["inputs.steel"]["allowed"] == "0|1"


def test_a_wide_file_has_numbered_columns_of_a_repeat(form, tmp_path):
    drafts = drafted(form, with_header("firms", ["firm_id", "consent", "age_1", "age_2", "KEY"]))
    found = variables(drafts)
    assert (found["age_2"]["type"], found["age_2"]["label"], found["age_2"]["hard_minimum"]) == (
        "integer",
        "Age (2)",
        "15",
    )
    assert drafts.unplaced == {}
    assert loaded(drafts, tmp_path).roles["firms"].submission == "KEY"


def test_a_repeat_s_table_is_linked_to_its_interviews(form, tmp_path):
    main = with_header("firms", ["firm_id", "consent", "KEY"])
    roster = with_header("workers", ["age", "PARENT_KEY", "KEY"], repeat="roster")
    drafts = drafted(form, main, repeats=[roster], unit="firm_id")
    survey = loaded(drafts, tmp_path)
    parent = survey.study.tables[1].parent
    assert (parent.table, parent.own, parent.key) == ("firms", "PARENT_KEY", "KEY")
    assert parent.carried == ("firm_id", "consent")
    assert survey.roles["workers"].unit == "firm_id"
    assert survey.codebook.find("workers", "age").relevant == "${consent} = '1'"


def test_a_repeat_without_a_file_is_said(kobo):
    assert any(note.startswith("repeat roster: none of its 1 questions is in a file") for note in kobo.notes)


@pytest.mark.parametrize(
    ("data", "repeats", "said"),
    [
        (DataFile(table="Firms"), [], "table 'Firms'"),
        (
            DataFile(table="firms"),
            [with_header("firms", ["a"], repeat="roster")],
            "table 'firms' stands twice",
        ),
        (
            DataFile(table="firms"),
            [with_header("w", ["a"], repeat="plots")],
            "no repeat 'plots'; repeats: roster",
        ),
        (DataFile(table="firms"), [with_header("w", ["a"])], "say which repeat"),
    ],
)
def test_tables_that_cannot_be_are_refused(form, data, repeats, said):
    with pytest.raises(ConfigError, match="draft: ") as error:
        drafted(form, data, repeats=repeats)
    assert said in str(error.value)


def test_corrections_have_the_header_that_is_asked_for(kobo):
    assert kobo.corrections == ",".join(CORRECTION_COLUMNS) + "\n"
