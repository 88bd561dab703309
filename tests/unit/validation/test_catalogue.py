"""The fifty checks of the catalogue, each on data that pass it and on data that do not, as a study runs them."""

from __future__ import annotations

import re
import typing
from dataclasses import replace

import numpy as np
import pytest

from impacteval.checks import AnyCheck
from impacteval.checks.catalogue import CATALOGUE
from impacteval.delivery import SourceTable
from impacteval.errors import DataError
from impacteval.provenance import check_lock, locked
from impacteval.survey.problems import FileProblem
from impacteval.survey.read import read_all
from impacteval.tables import FINDING_COLUMNS, table_of
from impacteval.validation.catalogue import catalogue_table
from impacteval.validation.checked import Log, check_survey, file_findings
from impacteval.validation.finding import ORDER
from impacteval.validation.run import validate, with_text
from support.catalogue_examples import EXAMPLES
from support.sound_survey import columns_of, narrowed, rules, sound
from support.tables import codebook, variable

pytestmark = pytest.mark.usefixtures("great_expectations")
CODES = [entry.code for entry in CATALOGUE]
FILES = ("C01", "C02", "C03")
SHOWN = ["value_shown", "message", "suggestion", "unit_id", "submission", "enumerator", "partner"]
# Shorter cells, such as 1 and yes, stand in any sentence.
LEAST_LENGTH = 3


@pytest.fixture(scope="module")
def sound_checked():
    """What checking the sound survey with all checks of the examples gives."""
    checks = [example.check for example in EXAMPLES.values()]
    return check_survey(sound(), rules(checks), Log())


def places_of(findings):
    return set(zip(findings["table"], findings["source_row"], findings["column"], strict=True))


def shuffled_findings(example, *, secret):
    """What the check finds in the changed survey with its rows in another order."""
    text, said = narrowed(example, secret=secret)
    rng = np.random.default_rng(11)
    mixed = {name: frame.iloc[rng.permutation(len(frame))] for name, frame in text.items()}
    survey, unreadable = with_text(said.survey(()), mixed, said.codebook, said.roles)
    found = validate(survey, unreadable, said.checks).findings
    return found.sort_values(ORDER, kind="stable", ignore_index=True)


@pytest.fixture(scope="module", params=EXAMPLES)
def failing(request):
    """An example, and what its check finds in the changed survey."""
    example = EXAMPLES[request.param]
    text, said = narrowed(example)
    return example, check_survey(text, said, Log()).findings


def test_sound_survey_passes_all_checks(sound_checked):
    shown = sound_checked.findings[["check_id", "source_row", "value_shown", "message"]]
    assert shown.to_numpy().tolist() == []


def test_summary_and_catalogue_of_a_study_that_asks_for_everything_hold_all_fifty(sound_checked):
    summary, catalogue = sound_checked.tables["summary"], sound_checked.tables["catalogue"]
    assert set(summary["code"]) == set(CODES)
    assert summary["check_id"].is_unique
    assert catalogue["code"].tolist() == CODES
    assert set(catalogue["is_run"]) == {"yes"}


def test_catalogue_says_of_checks_that_compare_arms_that_they_knew_none():
    said = rules([example.check for example in EXAMPLES.values()])
    roles = {name: replace(r, arm="") for name, r in said.roles.items()}
    survey, _ = with_text(said.survey(()), sound(), said.codebook, roles)
    without = catalogue_table(said.checks, table_of([], FINDING_COLUMNS), survey).set_index("code")
    codes = ["C12", "C13", "C14", "C38", "C40", "C48"]
    assert without.index[without["is_run"] == "yes, without arms"].tolist() == codes
    assert set(without.loc[codes, "needs"]) == {"roles: arm"}
    assert set(without["is_run"].drop(codes)) == {"yes"}
    fewer = catalogue_table((), table_of([], FINDING_COLUMNS), survey)
    assert fewer.loc[fewer["is_run"] != "no", "code"].tolist() == list(FILES)


def test_summary_counts_what_is_wrong_with_files():
    places = [("C02", "error"), ("C02", "warning"), ("C05", "error")]
    problems = [FileProblem(code=c, table="firms", file="a.csv", message="m", severity=s) for c, s in places]
    counted = check_survey({}, rules([]), Log(), files=file_findings(problems)).tables["summary"]
    assert dict(zip(counted["check_id"], counted["n_open"], strict=True)) == {
        "file-c01": 0, "file-c02": 2, "file-c03": 0, "file-c05": 1, "file-c10": 0,
    }  # fmt: skip


def test_changed_survey_is_found_in_its_place_and_nowhere_else(failing):
    example, findings = failing
    assert set(findings["code"]) == {example.code}
    assert places_of(findings) == example.places


def test_findings_are_the_same_in_any_order_of_rows(failing):
    example, findings = failing
    said = [c for c in findings.columns if c not in {"finding_id", "status"}]
    shuffled = shuffled_findings(example, secret=False)
    assert sorted(shuffled[said].astype("str").to_numpy().tolist()) == sorted(
        findings[said].astype("str").to_numpy().tolist()
    )


def test_findings_in_confidential_columns_show_no_value_of_them(failing):
    example, findings = failing
    hidden = shuffled_findings(example, secret=True)
    assert places_of(hidden) == places_of(findings)
    assert [cell for cell in secrets_of(example) if stands_in(cell, shown_in(hidden))] == []


@pytest.mark.parametrize("name", ["C16-open", "C27-age-child"])
def test_personal_data_and_ages_below_working_age_are_shown_in_no_column(name):
    text, said = narrowed(EXAMPLES[name])
    shown = shown_in(check_survey(text, said, Log()).findings)
    (change,) = EXAMPLES[name].changes
    (value,) = change.values.values()
    assert value.split()[-1] not in shown


def secrets_of(example):
    """Cells of confidential columns, of the rows found and of those changed, long enough to be told apart."""
    text = example.tables()
    rows = {(table, row) for table, row, _ in example.places}
    rows |= {(change.table, row) for change in example.changes for row in change.rows}
    cells = {
        str(cell).strip()
        for table, columns in columns_of(example).items()
        for column in columns
        for cell in text[table].loc[
            text[table]["source_row"].isin([r for t, r in rows if t == table]), column
        ]
    }
    return {cell for cell in cells if len(cell) >= LEAST_LENGTH}


def shown_in(findings):
    """All that findings show, with numbers as they stand in files: without commas between thousands."""
    return "\n".join(str(cell).replace(",", "") for cell in findings[SHOWN].to_numpy().ravel())


def stands_in(cell, shown):
    """Whether a value stands in a text as a word of its own."""
    return re.search(rf"(?<![\w.]){re.escape(cell)}(?![\w])", shown) is not None


def read(folder, content):
    """Read a file of one table as a study does."""
    (folder / "firms.csv").write_bytes(content)
    table = SourceTable(name="firms", files=("firms.csv",), format="csv")
    text, problems = read_all(folder, [table], codebook(variable("firm"), variable("sales", "decimal")))
    findings = file_findings(problems)
    return text, list(zip(findings["code"], findings["source_row"], findings["column"], strict=True))


SOUND_FILE = b"firm,sales\nF1,10\nF2,20\n"
DAMAGED = {
    "not_utf8": (b"firm,sales\nF1,10\nF\xff2,20\n", ("C02", 3, "")),
    "null": (b"firm,sales\nF1,10\nF2,2\x000\n", ("C02", 3, "sales")),
    "one_name_twice": (b"firm,sales,Sales \nF1,10,1\nF2,20,2\n", ("C02", 1, "")),
    "extra_cell": (b"firm,sales\nF1,10\nF2,20,30\n", ("C03", 3, "")),
    "lost_cell": (b"firm,sales\nF1\nF2,20\n", ("C03", 2, "")),
}


def test_sound_file_is_read_without_a_problem(tmp_path):
    text, found = read(tmp_path, SOUND_FILE)
    assert found == []
    assert text["firms"]["sales"].tolist() == ["10", "20"]


@pytest.mark.parametrize("name", DAMAGED)
def test_damaged_file_is_found_where_it_is_damaged_and_not_used(tmp_path, name):
    content, place = DAMAGED[name]
    text, found = read(tmp_path, content)
    assert [problem for problem in found if problem[0] in FILES] == [place]
    assert text == {}


def test_raw_file_is_the_one_that_was_locked_or_named(tmp_path):
    path = tmp_path / "firms.csv"
    path.write_bytes(SOUND_FILE)
    lock = [locked(path)]
    check_lock(tmp_path, lock, {}, tmp_path / "raw.lock")
    path.write_bytes(SOUND_FILE.replace(b"20", b"21"))
    with pytest.raises(DataError, match=r"firms\.csv: not the file that was locked"):
        check_lock(tmp_path, lock, {}, tmp_path / "raw.lock")
    path.unlink()
    with pytest.raises(DataError, match=r"firms\.csv: missing"):
        check_lock(tmp_path, lock, {}, tmp_path / "raw.lock")


def test_catalogue_has_fifty_checks_each_with_an_example():
    assert [f"C{number:02d}" for number in range(1, 51)] == CODES
    assert {example.code for example in EXAMPLES.values()} == set(CODES) - set(FILES)
    assert {place[0] for _, place in DAMAGED.values()} == {"C02", "C03"}


def test_every_kind_of_check_is_in_the_catalogue_and_has_an_example():
    kinds = set(typing.get_args(AnyCheck))
    assert {kind.catalogue for kind in kinds} <= set(CODES)
    assert {type(example.check) for example in EXAMPLES.values()} == kinds
