"""Real forms and exports are read whole, and their drafts load and fit the data."""

from __future__ import annotations

from collections import Counter

import pytest

from impacteval.config import CORRECTION_COLUMNS, load_survey
from impacteval.survey.data_files import DataFile, look_at, with_header
from impacteval.survey.drafts import draft_from_data, draft_study
from impacteval.survey.forms import read_form
from impacteval.survey.read import read_tables
from impacteval.survey.types import type_columns

pytestmark = pytest.mark.reference


@pytest.fixture(scope="module")
def kobo(reference):
    folder = ("data", "survey")
    return read_form(reference.path(*folder, "kobo_survey.csv"), reference.path(*folder, "kobo_choices.csv"))


@pytest.fixture(scope="module")
def ipa(reference):
    return read_form(reference.path("data", "survey", "ipa_Household_Survey.xlsx"))


@pytest.fixture(scope="module")
def kobo_data(reference):
    return look_at(reference.path("data", "survey", "kobo_raw_data.csv"), "households")


@pytest.fixture(scope="module")
def kobo_draft(kobo, kobo_data):
    return draft_study(kobo, kobo_data, correction_columns=CORRECTION_COLUMNS)


def loaded(drafts, root):
    folder = root / "config" / "study"
    folder.mkdir(parents=True)
    for file, text in drafts.files.items():
        (folder / file).write_text(text, encoding="utf-8")
    return load_survey(root, "study")


def test_the_kobo_form_is_read_whole(kobo):
    types = Counter(q.type for q in kobo.questions)
    assert len(kobo.questions) == 223
    assert (
        types["select_one"],
        types["select_multiple"],
        types["integer"],
        types["text"],
        types["note"],
    ) == (89, 24, 55, 43, 4)
    assert (len(kobo.choices), sum(map(len, kobo.choices.values()))) == (47, 969)
    assert kobo.languages == ("English (en)", "Arabic (ar)")
    age = next(q for q in kobo.questions if q.name == "age_hoh")
    assert (age.constraint, age.groups) == (".> 17 and .< 120", ("hh_info",))


def test_the_surveycto_form_is_read_whole_and_its_doubled_code_is_said(ipa):
    types = Counter(q.type for q in ipa.questions)
    assert len(ipa.questions) == 267
    assert (types["select_one"], types["decimal"], types["calculate"], types["note"]) == (124, 24, 28, 26)
    assert (len(ipa.choices), sum(map(len, ipa.choices.values()))) == (60, 508)
    assert (ipa.settings.form_id, ipa.settings.version) == ("household_survey", "2206191528")
    assert ipa.repeats == ("f_hr_rpt",)
    assert [d.split(" stands")[0] for d in ipa.doubts] == [
        "ipa_Household_Survey.xlsx, sheet choices, row 71: the value '21' of list 'relation'"
    ]


def test_the_kobo_draft_loads_and_reads_every_cell(kobo_draft, kobo_data, reference, tmp_path):
    survey = loaded(kobo_draft, tmp_path)
    folder = reference.path("data", "survey", "kobo_raw_data.csv").parent
    text = read_tables(folder, survey.study.tables, survey.codebook)["households"]
    typed = type_columns(text, survey.codebook.of_table("households"))
    assert typed.unreadable == ()
    assert len(text) == 632
    assert len(kobo_data.header) == 348
    found = {v.column: v for v in survey.codebook.variables}
    assert set(kobo_data.header) - {"X.U.FEFF.start"} <= set(found)
    for column in ("shelter_occupation", "gender_hoh", "water_source_drinking"):
        assert set(typed.frame[column].dropna()) <= set(found[column].allowed)


def test_the_kobo_draft_knows_roles_choices_bounds_and_codes(kobo_draft, tmp_path):
    survey = loaded(kobo_draft, tmp_path)
    roles = survey.roles["households"]
    assert (roles.unit, roles.submission, roles.enumerator) == ("X_uuid", "X_uuid", "enumerator_num")
    assert (roles.start, roles.end, roles.submitted) == ("start", "end", "X_submission_time")
    assert (roles.consent, roles.consent_given) == ("consent_remote", ("yes",))
    age = survey.codebook.find("households", "age_hoh")
    assert (age.type, age.hard_minimum, age.hard_maximum, age.required) == ("integer", 18, 119, "yes")
    assert age.relevant == "selected(${hhh_r}, 'no')"
    income = survey.codebook.find("households", "inc_employment_pension")
    assert income.reasons == {"999": "refused"}
    livelihood = survey.codebook.find("households", "primary_livelihood")
    assert livelihood.reasons == {"dont_know": "dont_know", "prefer_not_answer": "refused"}
    assert len(livelihood.allowed) == len(livelihood.choice_labels) == 16
    detail = survey.codebook.find("households", "primary_livelihood.other")
    assert (detail.type, detail.allowed) == ("category", ("False", "True"))
    assert survey.codebook.find("households", "telephone_number").confidential == "yes"


def test_the_kobo_draft_says_what_it_could_not_place(kobo_draft, kobo, kobo_data):
    assert kobo_draft.unplaced == {}
    absent = set(kobo_draft.absent["households"])
    assert {"gps_point_interview", "telephone_number"} <= absent
    assert not absent & set(kobo_data.header)
    header = [*kobo_data.header, "added_in_the_office"]
    again = draft_study(kobo, with_header("households", header), correction_columns=CORRECTION_COLUMNS)
    assert again.unplaced == {"households": ("added_in_the_office",)}


def test_the_surveycto_draft_loads_with_its_repeat(ipa, tmp_path):
    drafts = draft_study(
        ipa, DataFile(table="households"), correction_columns=CORRECTION_COLUMNS, unit="hhid"
    )
    survey = loaded(drafts, tmp_path)
    assert [t.name for t in survey.study.tables] == ["households", "f_hr_rpt"]
    assert (survey.roles["households"].consent, survey.roles["households"].consent_given) == (
        "c_consent",
        ("1",),
    )
    years = survey.codebook.find("households", "e_hhh_howlong")
    assert (years.hard_minimum, years.hard_maximum) == (0, 120)
    assert years.reasons == {"-888": "refused", "-999": "dont_know"}
    assert survey.codebook.find("households", "a_district_id").allowed == ()
    assert survey.codebook.find("f_hr_rpt", "f_hr_fn_r").confidential == "yes"
    assert survey.study.forms[0].version == "2206191528"
    assert any("index() at character" in note for note in drafts.notes)


def test_the_back_checks_are_placed_beside_the_form(ipa, reference, tmp_path):
    data = look_at(reference.path("data", "survey", "ipa_household_backcheck.dta"), "households")
    drafts = draft_study(ipa, data, correction_columns=CORRECTION_COLUMNS)
    survey = loaded(drafts, tmp_path)
    assert drafts.unplaced == {"households": ("a_bcer_id", "a_bcer_name")}
    assert survey.roles["households"].submission == "key"
    assert survey.roles["households"].consent_given == ("Yes",)
    assert survey.codebook.find("households", "gpslatitude").confidential == "yes"
    assert any("c_consent" in note and "holds labels and not values" in note for note in drafts.notes)


@pytest.mark.parametrize(
    "file",
    [
        "LWH_FUP2_raw_data.csv",
        "electric.sav",
        "garments_worker_productivity_excel_mangled.csv",
        "ipa_household_backcheck.dta",
        "ipa_household_preloads.xlsx",
        "ipa_respondent_targets.xlsx",
        "kobo_sample_frame.csv",
    ],
)
def test_a_file_without_a_form_becomes_a_study_that_reads_it(reference, tmp_path, file):
    path = reference.path("data", "survey", file)
    drafts = draft_from_data(path, "rows", correction_columns=CORRECTION_COLUMNS)
    survey = loaded(drafts, tmp_path)
    text = read_tables(path.parent, survey.study.tables, survey.codebook)["rows"]
    assert len(text) > 0
    assert type_columns(text, survey.codebook.of_table("rows")).unreadable == ()
