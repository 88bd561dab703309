"""Real survey files: what a person counts in them is what the checks find, row by row."""

from __future__ import annotations

import pytest

from impacteval.config import load_survey
from support.sample_counts import KNOWN, compared, found_rows, raw_text
from support.survey_samples import (
    BACK_CHECK,
    ELECTRIC,
    GARMENTS,
    IPA_FORM,
    KOBO,
    LWH,
    findings,
    finish,
    start,
    try_sample,
)

pytestmark = [pytest.mark.reference, pytest.mark.slow, pytest.mark.usefixtures("great_expectations")]
COUNTED = (KOBO, LWH, GARMENTS)
NAMED = [k for k in KNOWN if k.check]


@pytest.fixture(scope="module")
def folder(reference):
    return reference.path("data", "survey", KOBO.data).parent


@pytest.fixture(scope="module")
def tried(folder):
    return {s.name: try_sample(s, folder) for s in (*COUNTED, BACK_CHECK, ELECTRIC)}


@pytest.fixture(scope="module")
def files(folder):
    return {s.name: raw_text(folder / s.data) for s in COUNTED}


@pytest.mark.parametrize("known", NAMED, ids=[f"{k.sample}: {k.what}" for k in NAMED])
def test_rows_that_a_person_counts_are_those_found(known, tried, files):
    result = tried[known.sample]
    by_hand = known.rows(files[known.sample])
    assert by_hand
    assert found_rows(known, result.drafted if known.drafted else result.finished) == by_hand


def test_known_damages_of_the_garments_file_are_as_many_as_published(tried, files):
    counts = compared(files, *({n: getattr(t, w) for n, t in tried.items()} for w in ("drafted", "finished")))
    mine = counts[counts["sample"] == "garments"].set_index("what")["both"]
    assert mine["department is `sweing`"] == 691
    assert mine["productivity above 1"] == 37
    assert mine["work in progress is empty"] == 506


CAUSES = (
    (KOBO, "households-spend_piped-answered", [437]),
    (KOBO, "households-pay_water_charges_when-allowed", [35]),
    (GARMENTS, "lines-department-allowed", [257, 691]),
    (GARMENTS, "lines-wip-required", [506]),
)


@pytest.mark.parametrize(("sample", "check", "rows"), CAUSES, ids=[check for _, check, _ in CAUSES])
def test_a_cause_of_many_rows_is_told_once_a_value(sample, check, rows, tried):
    told = tried[sample.name].told
    mine = told[(told["check_id"] == check) & told["finding_id"].str.contains(":rows")]
    said = mine["message"].str.extract(r"in (\d+) rows")[0].astype(int)
    assert sorted(said) == rows
    left = told[(told["check_id"] == check) & (told["source_row"] != 0)]
    by_row = tried[sample.name].finished
    by_row = by_row[(by_row["check_id"] == check) & (by_row["source_row"] != 0)]
    assert len(by_row) == sum(rows) + len(left)


def test_checks_of_whole_surveys_do_not_accuse_a_large_part_of_one(tried):
    """Of 632 interviews 262 were called near duplicates, and 249 values outliers, before they were compared
    with each other.
    """
    told = tried[KOBO.name].told
    on_rows = told[told["source_row"] != 0]
    assert (on_rows["code"] == "C42").sum() == 2
    assert (on_rows["code"] == "C35").sum() == 143
    assert len(told) < 450


def test_header_that_was_changed_is_found_by_a_codebook_that_knows_the_right_one(folder, tmp_path):
    """The column of dates is called ``year``; the codebook of its publisher calls it ``date``."""
    start(GARMENTS, folder, tmp_path)
    finish(GARMENTS, tmp_path)
    for name, old, new in (
        ("codebook.csv", "lines,year,", "lines,date,"),
        ("checks.yaml", "- year", "- date"),
    ):
        path = tmp_path / "config" / GARMENTS.name / name
        path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    found = findings(GARMENTS, tmp_path)
    missing = found[(found["code"] == "C05") & (found["severity"] == "error")]
    assert missing["message"].str.contains("'date'").tolist() == [True]


def test_findings_show_no_value_of_a_confidential_column(tried, folder, tmp_path):
    start(KOBO, folder, tmp_path)
    hidden = {
        v.column for v in load_survey(tmp_path, KOBO.name).codebook.variables if v.confidential == "yes"
    }
    found = tried[KOBO.name].finished
    shown = found[found["column"].isin(hidden)]
    assert not shown["value_shown"].str.strip("*").str.strip().str.contains(r"\w").any()


def test_code_of_the_back_checks_is_found_and_then_declared(tried):
    drafted, finished = tried[BACK_CHECK.name].drafted, tried[BACK_CHECK.name].finished
    assert (drafted["code"] == "C06").sum() == 9
    assert not (finished["code"] == "C06").any()


def test_statistical_file_with_labels_has_only_unusual_values(tried):
    found = tried[ELECTRIC.name].finished
    assert set(found["severity"]) == {"warning"}


def test_form_without_data_gives_a_study_that_loads(folder, tmp_path):
    start(IPA_FORM, folder, tmp_path)
    loaded = load_survey(tmp_path, IPA_FORM.name)
    assert len(loaded.codebook.variables) > 200
    assert loaded.roles[IPA_FORM.table].consent == "c_consent"
