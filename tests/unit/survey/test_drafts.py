"""Drafts load at once, say what they could not place, and propose nothing that the files do not show."""

from __future__ import annotations

import csv
import io
import json
import typing

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from impacteval.checks import AnyCheck
from impacteval.config import CORRECTION_COLUMNS, load_survey
from impacteval.delivery import Roles
from impacteval.errors import ConfigError
from impacteval.survey.data_files import DataFile, look_at, with_header
from impacteval.survey.draft_checks import DraftTable, _asked_for, batteries, one_answer
from impacteval.survey.draft_codebook import variable_of
from impacteval.survey.draft_columns import expected_columns
from impacteval.survey.draft_constraint import interval_of
from impacteval.survey.draft_values import looks_personal, type_of
from impacteval.survey.draft_words import (
    codes_in_hint,
    is_identifier,
    is_personal,
    label_languages,
    missing_reason,
)
from impacteval.survey.drafts import draft_from_data, draft_study
from impacteval.survey.read import read_tables
from impacteval.survey.system_columns import system_name
from impacteval.survey.types import type_columns
from support.forms import CHOICES, SURVEY, make_form, write_rows, write_workbook

KOBO = (
    "start", "end", "deviceid", "enumerator_id", "firm_id", "consent", "main/owner_name", "main/workers", "main/sales",
    "main/inputs", "main/inputs/steel", "main/inputs/rubber", "main/inputs/other", "main/inputs_other", "main/exports",
    "main/export_share", "main/export_years", "main/export_country", "main/place", "main/_place_latitude",
    "main/_place_longitude", "main/_place_altitude", "main/_place_precision", "main/comment_of_office",
    "_id", "_uuid", "_submission_time", "__version__", "_index",
)  # fmt: skip
ROW = (
    "2024-02-01T08:00:00.000+07:00", "2024-02-01T09:00:00.000+07:00", "d1", "7", "F{n}", "1", "Ani", "12", "1500000",
    "steel other", "1", "0", "1", "glue", "1", "20", "3", "Japan", "-6.2 106.8 0 0", "-6.2", "106.8", "0", "5", "x",
    "{n}", "u{n}", "2024-02-01T10:00:00", "v1", "{n}",
)  # fmt: skip


def drafted(form, data, **options):
    return draft_study(form, data, correction_columns=CORRECTION_COLUMNS, **options)


def loaded(drafts, root, name="study"):
    folder = root / "config" / name
    folder.mkdir(parents=True)
    for file, text in drafts.files.items():
        (folder / file).write_text(text, encoding="utf-8")
    return load_survey(root, name)


def variables(drafts):
    return {row["column"]: row for row in csv.DictReader(io.StringIO(drafts.codebook))}


def kobo_rows():
    return [KOBO, *([cell.format(n=n) for cell in ROW] for n in (1, 2))]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("form")


@pytest.fixture(scope="module")
def form(folder):
    return make_form(folder, version="v1")


@pytest.fixture(scope="module")
def kobo(form, folder):
    return drafted(form, look_at(write_rows(folder / "firms.csv", kobo_rows()), "firms"))


@pytest.fixture
def kobo_file(tmp_path):
    return write_rows(tmp_path / "firms.csv", kobo_rows())


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


def test_codebook_says_what_the_form_says(kobo):
    found = variables(kobo)
    workers = found["workers"]
    assert (workers["type"], workers["hard_minimum"], workers["hard_maximum"], workers["constraint"]) == (
        "integer",
        "1",
        "499",
        "",
    )
    assert (workers["label"], workers["label_id"]) == ("How many workers?", "Berapa pekerja?")
    assert workers["relevant"] == "${consent} = '1'"
    assert workers["required"] == "yes"
    sales = found["sales"]
    assert (sales["type"], sales["hard_minimum"], sales["hard_maximum"]) == ("decimal", "0", "1000000000")
    assert sales["missing_codes"] == "-99=dont_know"
    inputs = found["inputs"]
    assert (inputs["type"], inputs["allowed"], inputs["missing_codes"]) == (
        "multiple",
        "steel|rubber|other",
        "none=refused",
    )
    assert (inputs["choice_labels"], inputs["choice_labels_id"]) == (
        "Steel|Rubber|Other",
        "Baja|Karet|Lainnya",
    )
    consent = found["consent"]
    assert (consent["type"], consent["allowed"], consent["missing_codes"]) == (
        "category",
        "1|0",
        "-99=dont_know",
    )


def test_answers_of_a_multiple_question_have_columns_of_their_own(kobo):
    steel = variables(kobo)["inputs/steel"]
    assert (steel["type"], steel["allowed"], steel["label"]) == ("integer", "0|1", "Which inputs?: Steel")
    assert steel["label_id"] == "Bahan apa?: Baja"


def test_a_text_that_is_named_like_an_answer_stays_a_question(kobo):
    found = variables(kobo)
    assert found["inputs_other"]["type"] == "text"
    assert found["inputs/other"]["type"] == "integer"


def test_personal_questions_are_confidential(kobo):
    found = variables(kobo)
    hidden = {name for name, row in found.items() if row["confidential"] == "yes"}
    assert hidden == {"owner_name", "place", *(name for name in found if "_place_" in name)}


def test_a_position_has_bounds_of_degrees(kobo):
    latitude = next(row for name, row in variables(kobo).items() if name.endswith("_place_latitude"))
    assert (latitude["type"], latitude["hard_minimum"], latitude["hard_maximum"], latitude["unit"]) == (
        "decimal",
        "-90",
        "90",
        "degrees",
    )


def test_wording_has_another_name_once_it_changes(form, tmp_path):
    first = variables(drafted(form, DataFile(table="firms")))
    other = make_form(
        tmp_path, [tuple(c.replace("How many workers", "How many people") for c in r) for r in SURVEY]
    )
    second = variables(drafted(other, DataFile(table="firms")))
    differ = {name for name in first if first[name]["question"] != second[name]["question"]}
    assert differ == {"workers"}


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


def test_conditions_that_cannot_be_evaluated_are_left_out_and_said(form, tmp_path):
    survey = [
        tuple("pulldata('a', 'b', 'c', ${firm_id}) = 1" if c == "${exports} = '1'" else c for c in r)
        for r in SURVEY
    ]
    drafts = drafted(make_form(tmp_path, survey), with_header("firms", KOBO))
    assert variables(drafts)["export_share"]["relevant"] == ""
    assert any("export_share" in note and "pulldata" in note for note in drafts.notes)
    loaded(drafts, tmp_path)


def test_labels_in_place_of_values_are_noticed(form, kobo_file, tmp_path):
    text = kobo_file.read_text(encoding="utf-8").replace(",1,Ani,", ",Yes,Ani,")
    kobo_file.write_text(text, encoding="utf-8")
    drafts = drafted(form, look_at(kobo_file, "firms"))
    assert variables(drafts)["consent"]["allowed"] == "Yes|No"
    assert any("consent: the file holds labels and not values" in note for note in drafts.notes)
    assert loaded(drafts, tmp_path).roles["firms"].consent_given == ("Yes",)


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


# Checks


def table_of(form, **roles):
    placed = expected_columns(form, [q for q in form.questions if not q.repeat])
    found = [variable_of(p, form, DataFile(table="firms")).variable for p in placed]
    return DraftTable(
        name="firms", placed=placed, variables=found, roles=Roles(**roles), form=form, has_versions=True
    )


def asked(table):
    return [(kind, name, fields) for kind, name, fields in _asked_for(table)]


def test_checks_that_a_form_allows_are_asked_for_with_fields_that_their_kinds_have(form):
    table = table_of(
        form,
        start="start",
        end="end",
        enumerator="enumerator_id",
        form_version="v",
        consent="consent",
        consent_given=("1",),
    )
    found = asked(table)
    by_kind = {typing.get_args(typing.get_type_hints(c)["kind"])[0]: c for c in typing.get_args(AnyCheck)}
    for kind, name, fields in found:
        content = {"id": f"firms-{kind}-{name}", "kind": kind, "table": "firms", **fields}
        assert TypeAdapter(by_kind[kind]).validate_json(json.dumps(content)).kind == kind
    assert {kind for kind, _, _ in found} == {
        "consent", "interview_time", "duration", "overlap", "form_version", "outlier", "heaping", "item_non_response",
        "other_specify", "gate", "personal_data",
    }  # fmt: skip


def test_amounts_choices_and_gates_are_recognised(form):
    found = {(kind, name): fields for kind, name, fields in asked(table_of(form, enumerator="enumerator_id"))}
    assert found["outlier", ""] == {"columns": ["workers", "sales", "export_share", "export_years"]}
    assert found["heaping", ""] == {"columns": ["sales"]}
    assert found["other_specify", "inputs_other"] == {
        "column": "inputs",
        "other": "other",
        "text": "inputs_other",
    }
    assert found["gate", "exports"] == {"column": "exports", "skipping": ["0"]}


def test_checks_have_ids_of_their_own_though_their_columns_differ_only_in_signs(tmp_path):
    texts = [
        ("text", name, "Which?", "${x} = 'other'") for name in ("x_other", "x-other", "y" * 130, "y" * 131)
    ]
    survey = (("type", "name", "label", "relevant"), ("select_one inputs", "x", "X", ""), *texts)
    survey = loaded(drafted(make_form(tmp_path, survey), DataFile(table="firms")), tmp_path)
    ids = [c.id for c in survey.checks if c.kind == "other_specify"]
    assert len(ids) == len(set(ids)) == 4


def test_checks_need_the_roles_they_read(form):
    kinds = {kind for kind, _, _ in asked(table_of(form))}
    assert not kinds & {"interview_time", "duration", "overlap", "form_version", "heaping", "gate", "consent"}


def test_batteries_are_named_and_not_checked_since_reversed_items_cannot_be_seen(tmp_path):
    items = [("select_one yesno", f"item{n}", f"Item {n}") for n in range(9)]
    form = make_form(
        tmp_path, (("type", "name", "label"), ("text", "a", "A"), *items, ("select_one inputs", "b", "B"))
    )
    table = table_of(form)
    assert batteries(table) == [[f"item{n}" for n in range(9)]]
    drafts = drafted(form, DataFile(table="firms"))
    assert "9 items in a row share one list, from item0 to item8" in drafts.checks


@pytest.mark.parametrize(
    ("relevant", "found"),
    [
        ("${a} = 'x'", ("a", "x")),
        ("${a}=1", ("a", "1")),
        ("selected(${a}, 'other')", ("a", "other")),
        ("${a} = -666", ("a", "-666")),
        ("${a} != 'x'", None),
        ("${a} = 1 and ${b} = 2", None),
        ("", None),
    ],
)
def test_a_condition_on_one_answer_is_recognised(relevant, found):
    assert one_answer(relevant) == found


# Words and constraints


@pytest.mark.parametrize(
    ("label", "reason"),
    [
        ("Don't know", "dont_know"),
        ("Don\u2019t know", "dont_know"),
        ("Tidak tahu", "dont_know"),
        ("Refused to answer", "refused"),
        ("Prefer not to answer", "refused"),
        ("Menolak menjawab", "refused"),
        ("N/A", "not_applicable"),
        ("Tidak berlaku", "not_applicable"),
        ("Don't know / refused", "dont_know"),
        ("Water office staff refused connection", ""),
        ("Don't know how to register", ""),
        ("No", ""),
        ("", ""),
    ],
)
def test_answers_that_are_none_are_recognised_by_their_whole_label(label, reason):
    assert missing_reason(label) == reason


@pytest.mark.parametrize(
    ("hint", "codes"),
    [
        ("Enter 999 if the respondent is not willing to answer", {"999": "refused"}),
        ("Use:\n-888 for Refuses to Answer\n-999 for Don't know", {"-888": "refused", "-999": "dont_know"}),
        ("Isi -99 jika tidak tahu", {"-99": "dont_know"}),
        ("In the last 30 days", {}),
        ("Between 1,000 and 2,000 if they refuse", {}),
        ("", {}),
    ],
)
def test_codes_are_read_from_hints(hint, codes):
    assert codes_in_hint(hint) == codes


@pytest.mark.parametrize(
    ("name", "label", "personal"),
    [
        ("owner_name", "", True),
        ("ownerPhone", "", True),
        ("nomor_hp", "", True),
        ("q7", "Nama lengkap", True),
        ("q8", "What is your e-mail?", True),
        ("npwp", "", True),
        ("district_name", "", False),
        ("username", "", False),
        ("workers", "How many workers?", False),
        ("named_plan", "Is there a plan?", False),
    ],
)
def test_personal_data_are_suspected_by_name_and_label(name, label, personal):
    assert is_personal(name, [label]) is personal


@pytest.mark.parametrize(
    ("name", "numbers"),
    [
        ("firm_id", True),
        ("hhid", True),
        ("firm_number", True),
        ("kode_desa", True),
        ("nomor_perusahaan", True),
        ("number_of_workers", False),
        ("num_hh_member", False),
        ("sales", False),
    ],
)
def test_identifiers_number_things_and_counts_do_not(name, numbers):
    assert is_identifier(name) is numbers


@pytest.mark.parametrize(
    ("languages", "chosen"),
    [
        (("English (en)", "Bahasa Indonesia (id)"), ("English (en)", "Bahasa Indonesia (id)")),
        (("Bahasa Indonesia (id)", "English (en)"), ("English (en)", "Bahasa Indonesia (id)")),
        (("English (en)", "Arabic (ar)"), ("English (en)", "Arabic (ar)")),
        (("bahasa",), ("bahasa", "bahasa")),
        (("english",), ("english", "")),
        ((), ("", "")),
    ],
)
def test_labels_are_taken_in_a_first_language_and_indonesian(languages, chosen):
    assert label_languages(languages) == chosen


@pytest.mark.parametrize(
    ("constraint", "is_whole", "bounds", "codes", "says_all"),
    [
        (". > 17 and . < 120", True, (18, 119), (), True),
        (".>0 and .<=8", False, (0, 8), (), False),
        (". >= 0", False, (0, None), (), True),
        ("(. >= 0 and . <= 50) or . = -99", True, (0, 50), ("-99",), True),
        (". = -888 or . = -999 or (. >= 1 and . <= 6000)", True, (1, 6000), ("-888", "-999"), True),
        (".=0 or .>=9999 and .<= 10000000", True, (None, None), (), False),
        (". <= ${m} or . = -99", True, (None, None), ("-99",), False),
        ("regex(., '^0')", True, (None, None), (), False),
        (". > 5 and . < 5", True, (None, None), (), False),
        ("", True, (None, None), (), False),
    ],
)  # fmt: skip
def test_plain_intervals_and_codes_are_read_from_constraints(constraint, is_whole, bounds, codes, says_all):
    found = interval_of(constraint, {}, is_whole=is_whole)
    assert (found.low, found.high) == bounds
    assert (found.codes, found.is_whole) == (codes, says_all)


@given(st.integers(-1000, 1000), st.integers(0, 1000), st.integers(-1500, 2500))
def test_a_whole_number_is_within_the_bounds_exactly_where_the_constraint_holds(low, width, value):
    high = low + width + 2
    found = interval_of(f". > {low} and . < {high}", {}, is_whole=True)
    assert (found.low <= value <= found.high) == (low < value < high)


@given(st.text(alphabet=".=<>()orand 0123456789-", max_size=30))
def test_any_text_is_an_interval_or_none(text):
    found = interval_of(text, {}, is_whole=True)
    assert found.low is None or found.high is None or found.low <= found.high


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("X_uuid", "_uuid"),
        ("X__version__", "__version__"),
        ("\ufeffstart", "start"),
        ("meta/instanceID", "meta-instanceid"),
        ("KEY", "key"),
        ("X-ray", "x-ray"),
    ],
)
def test_names_of_the_collecting_software_are_recognised(header, name):
    assert system_name(header) == name


# Data without a form


@pytest.mark.parametrize(
    ("cells", "type_", "format_"),
    [
        (["1", "-20"], "integer", ""),
        (["1.0", "20"], "integer", ""),
        (["1.5", "2"], "decimal", ""),
        (["1.234.567,5", "2"], "decimal", "id"),
        (["1,234,567.5", "2"], "decimal", "en"),
        (["2024-01-31"], "date", ""),
        (["31/01/2024", "01/02/2024"], "date", "%d/%m/%Y"),
        (["2024-01-31T08:00:00.000+07:00"], "datetime", ""),
        (["Jan 31, 2024 8:00:00 AM"], "datetime", "%b %d, %Y %I:%M:%S %p"),
        (["0012", "0034"], "text", ""),
        (["1", "two"], "text", ""),
        (["1.500", "2.500"], "text", ""),
        (["01/02/2024"], "text", ""),
        ([], "text", ""),
    ],
)
def test_a_type_is_proposed_only_where_every_cell_fits_it_and_no_other(cells, type_, format_):
    found = type_of(pd.Series(cells, dtype="str"))
    assert (found.type, found.format) == (type_, format_)


@pytest.mark.parametrize(
    ("cells", "said"),
    [(["1.500"], "1.500 and 1,500"), (["01/02/2024"], "cannot be told apart"), ([], "no row")],
)
def test_what_keeps_a_type_from_being_sure_is_said(cells, said):
    assert said in type_of(pd.Series(cells, dtype="str")).doubt


@pytest.mark.parametrize(
    ("cell", "personal"),
    [("ani@example.org", True), ("0812345678901", True), ("3175012345678901", True), ("12345", False)],
)
def test_personal_values_are_noticed(cell, personal):
    assert looks_personal(pd.Series([cell, "x"], dtype="str")) is personal


def test_a_file_without_a_form_becomes_a_study(tmp_path):
    rows = [
        ("firm_id", "round", "sales", "remark"),
        ("001", "1", "1.234,5", "ok"),
        ("002", "1", "2.500", "0812345678901"),
    ]
    path = tmp_path / "firms.csv"
    path.write_text("\n".join(";".join(r) for r in rows) + "\n", encoding="utf-8")
    drafts = draft_from_data(path, "firms", correction_columns=CORRECTION_COLUMNS)
    survey = loaded(drafts, tmp_path)
    assert survey.study.tables[0].delimiter == ";"
    assert survey.roles["firms"].unit == "firm_id"
    found = {v.column: (v.type, v.format, v.confidential) for v in survey.codebook.variables}
    assert found == {
        "firm_id": ("text", "", "no"),
        "round": ("integer", "", "no"),
        "sales": ("decimal", "id", "no"),
        "remark": ("text", "", "yes"),
    }
    assert read_tables(tmp_path, survey.study.tables, survey.codebook)["firms"]["sales"].tolist() == [
        "1.234,5",
        "2.500",
    ]


def test_labels_of_a_stata_file_become_choices(tmp_path):
    import pyreadstat

    frame = pd.DataFrame({"firm": [1.0, 2.0, 3.0], "sector": [1.0, 2.0, 9.0]})
    pyreadstat.write_dta(
        frame,
        str(tmp_path / "firms.dta"),
        column_labels=["Firm", "Sector of the firm"],
        variable_value_labels={"sector": {1: "Metal", 2: "Rubber", 9: "Don't know"}},
    )
    drafts = draft_from_data(tmp_path / "firms.dta", "firms", correction_columns=CORRECTION_COLUMNS)
    sector = variables(drafts)["sector"]
    assert (sector["type"], sector["allowed"], sector["missing_codes"]) == (
        "category",
        "Metal|Rubber",
        "Don't know=dont_know",
    )
    assert sector["label"] == "Sector of the firm"
    survey = loaded(drafts, tmp_path)
    text = read_tables(tmp_path, survey.study.tables, survey.codebook)["firms"]
    typed = type_columns(text, survey.codebook.of_table("firms"))
    assert typed.frame["sector"].isna().tolist() == [False, False, True]


def test_values_that_an_spss_file_holds_as_missing_become_codes(tmp_path):
    import pyreadstat

    frame = pd.DataFrame({"sector": [1.0, 2.0, 9.0], "sales": [5.0, 7.5, -99.0]})
    pyreadstat.write_sav(
        frame,
        str(tmp_path / "firms.sav"),
        variable_value_labels={"sector": {1: "Metal", 2: "Rubber", 9: "Refused"}},
        missing_ranges={"sector": [9], "sales": [-99]},
    )
    drafts = draft_from_data(tmp_path / "firms.sav", "firms", correction_columns=CORRECTION_COLUMNS)
    found = variables(drafts)
    assert (found["sector"]["allowed"], found["sector"]["missing_codes"]) == ("Metal|Rubber", "9=refused")
    assert (found["sales"]["type"], found["sales"]["missing_codes"]) == ("decimal", "-99")
    survey = loaded(drafts, tmp_path)
    text = read_tables(tmp_path, survey.study.tables, survey.codebook)["firms"]
    typed = type_columns(text, survey.codebook.of_table("firms"))
    assert typed.unreadable == ()
    assert typed.frame.isna().sum().to_dict() == {"source_file": 0, "source_row": 0, "sector": 1, "sales": 1}


def test_a_sheet_of_a_workbook_is_looked_at(tmp_path):
    book = write_workbook(tmp_path / "f.xlsx", data=(("firm_id", "sales"), ("a", 5.5)), other=CHOICES)
    found = look_at(book, "firms", sheet="data")
    assert found.header == ("firm_id", "sales")
    assert found.text["sales"].tolist() == ["5.5"]


def test_a_file_in_another_encoding_is_read(tmp_path):
    (tmp_path / "f.csv").write_bytes("firm,owner\n1,Andr\xe9\n".encode("cp1252"))
    found = look_at(tmp_path / "f.csv", "firms")
    assert (found.encoding, found.text["owner"].tolist()) == ("cp1252", ["Andr\xe9"])
