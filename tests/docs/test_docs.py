"""The documents say what the code does: links, commands, columns and options."""

import re
from dataclasses import fields
from pathlib import Path
from typing import get_args, get_type_hints

import pytest

from impacteval import delivery, design, designs
from impacteval.build.flow import FLOW_COLUMNS
from impacteval.checks import NotMissing
from impacteval.codebook import Variable
from impacteval.config import CORRECTION_COLUMNS
from impacteval.reporting.validation_files import PAGES
from impacteval.sensitivity.crosscheck import CROSSCHECK_COLUMNS
from impacteval.survey.form_versions import CHANGE_COLUMNS
from impacteval.survey.removed import DROPPED, NO_CONSENT, REMOVED_COLUMNS, WITHDRAWN
from impacteval.survey.types import missing_table, summary_of, type_columns
from impacteval.tables import CELL_COLUMNS, ESTIMATE_COLUMNS, FINDING_COLUMNS
from impacteval.validation.back_checks import BACK_CHECK_COLUMNS
from impacteval.validation.catalogue import COLUMNS as CATALOGUE_COLUMNS
from impacteval.validation.coverage import COVERAGE_COLUMNS, MISSINGNESS_COLUMNS
from impacteval.validation.durations import DURATION_BINS
from impacteval.validation.enumerator_dashboard import DASHBOARD
from impacteval.validation.enumerator_effects import EFFECTS
from impacteval.validation.fieldwork import DAYS_COLUMNS
from impacteval.validation.finding import SEVERITIES, STATUSES
from impacteval.validation.other_specify import RECODE_COLUMNS
from impacteval.validation.run import by_arm, summary, validate
from impacteval.validation.written import TABLE_NAMES
from support.documents import PROJECT, first_column, marked, rows_of, section, text_of
from support.surveys import make_survey
from support.tables import text_table, variable

DOCUMENTS = sorted([*PROJECT.glob("*.md"), *PROJECT.glob("docs/**/*.md"), *PROJECT.glob("data/**/*.md")])


def designs_in_studies() -> list[str]:
    """The table of designs of docs/studies.md, and that of their options."""
    table = section(text_of("docs/studies.md"), "plan.yaml").split("\n| `estimator`")[1]
    return table.split("\n| option ")


def choices(hint: object) -> list[str]:
    """What a type hint allows, in a list too."""
    parts = get_args(hint)
    return [part for part in parts if isinstance(part, str) and part] + [
        c for part in parts for c in choices(part)
    ]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda p: p.relative_to(PROJECT).as_posix())
def test_relative_links_lead_to_files(document: Path) -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", document.read_text(encoding="utf-8"))
    assert [link for link in links if not (document.parent / link).exists()] == []


def test_readme_commands_are_targets() -> None:
    targets = set(re.findall(r"^([a-z-]+):", text_of("Makefile"), flags=re.MULTILINE))
    texts = "".join(text_of(name) for name in ("README.md", "CONTRIBUTING.md", "docs/studies.md"))
    named = set(re.findall(r"(?:^|`)make ([a-z-]+)", texts, flags=re.MULTILINE))
    assert {"report", "test"} <= named <= targets


@pytest.mark.parametrize(
    ("title", "columns"),
    [
        ("tables/estimates.csv", ESTIMATE_COLUMNS),
        ("tables/cells.csv", CELL_COLUMNS),
        ("tables/crosscheck.csv", dict.fromkeys(CROSSCHECK_COLUMNS, "")),
        ("validation/findings.csv", FINDING_COLUMNS),
    ],
)
def test_every_column_is_documented_in_its_order(title: str, columns: dict[str, str]) -> None:
    assert first_column(section(text_of("docs/tables.md"), title)) == list(columns)


@pytest.mark.parametrize(("title", "type_"), [("study.yaml", design.Study), ("plan.yaml", design.Plan)])
def test_every_key_of_a_file_is_documented(title: str, type_: type) -> None:
    part = section(text_of("docs/studies.md"), title).split("\n| `estimator`")[0]
    assert {f.name for f in fields(type_)} <= set(first_column(part))


@pytest.mark.parametrize("type_", get_args(designs.Design))
def test_every_option_of_a_design_is_documented(type_: type) -> None:
    options = {f.name for f in fields(type_)} - {"estimator", "name", "label", "vcov"}
    tag = get_args(get_type_hints(type_)["estimator"])[0]
    table, meanings = designs_in_studies()
    row = next(line for line in table.splitlines() if line.startswith(f"| `{tag}` |"))
    assert options <= set(re.findall(r"`([^`]+)`", row))
    assert options <= set(first_column(meanings))


@pytest.mark.parametrize("type_", get_args(designs.Design))
def test_choices_and_defaults_of_a_design_are_those_documented(type_: type) -> None:
    """In the row of the design, the default in bold; other defaults in the table of options."""
    tag = get_args(get_type_hints(type_)["estimator"])[0]
    table, meanings = designs_in_studies()
    row = next(line for line in table.splitlines() if line.startswith(f"| `{tag}` |"))
    listed = dict(re.findall(r"`([a-z_]+)` \(([^)]+)\)", row))
    for f in fields(type_):
        if f.name in listed:
            named = set(re.findall(r"`([^`]+)`", listed[f.name]))
            bold = re.findall(r"\*\*`([^`]+)`", listed[f.name])
            assert named == set(choices(get_type_hints(type_)[f.name]))
            assert bold == list(f.default if isinstance(f.default, tuple) else (f.default,))
        elif isinstance(f.default, bool | int | float):
            rows = [line.split("|") for line in meanings.splitlines() if line.startswith("| `")]
            default = next(cells[2] for cells in rows if f"`{f.name}`" in cells[1])
            assert str(f.default).lower() in re.findall(r"[\w.]+", default)


def test_every_error_convention_is_documented() -> None:
    names = {name for part in get_args(designs.AnyVcov) for name in get_args(part)}
    assert names == set(designs.VCOV_LABELS)
    for document in ("docs/studies.md", "docs/methods.md"):
        assert names <= set(re.findall(r"`([a-z0-9_]+)`", text_of(document)))


def cells_of_file(name: str) -> list[str]:
    """What docs/tables.md says of a table by the name of its file."""
    return next(cells for cells in rows_of(text_of("docs/tables.md")) if cells[0] == f"`{name}`")


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("catalogue", CATALOGUE_COLUMNS),
        ("enumerators", ("table", *DASHBOARD)),
        ("missingness", ("table", *MISSINGNESS_COLUMNS)),
        ("kpi_coverage", ("table", *COVERAGE_COLUMNS)),
        ("durations", ("table", *DURATION_BINS)),
        ("days", ("table", *DAYS_COLUMNS)),
        ("enumerator_effects", ("check_id", *EFFECTS)),
        ("back_checks", ("check_id", *BACK_CHECK_COLUMNS)),
        ("recode", ("check_id", *RECODE_COLUMNS)),
        ("form_changes", ("table", *CHANGE_COLUMNS)),
        ("removed", tuple(REMOVED_COLUMNS)),
        ("flow", FLOW_COLUMNS),
    ],
)
def test_every_column_of_a_table_of_the_survey_is_documented_in_its_order(
    name: str, columns: tuple[str, ...]
) -> None:
    assert marked(cells_of_file(name)[1])[: len(columns)] == list(columns)


@pytest.mark.usefixtures("great_expectations")
def test_columns_of_counts_by_check_and_by_arm_are_documented() -> None:
    survey, unreadable = make_survey({"firms": {"firm": ["a"]}}, [variable("firm")])
    check = NotMissing(
        kind="not_missing", id="x", table="firms", severity="error", message="", suggestion="", column="firm"
    )
    none = validate(survey, unreadable, [check]).findings.assign(status="open")
    assert marked(cells_of_file("by_arm")[1]) == list(by_arm(none, survey).columns)
    assert marked(cells_of_file("summary")[1]) == list(summary(none, [check]).columns)


def test_every_table_and_page_of_a_check_is_documented() -> None:
    assert first_column(section(text_of("docs/tables.md"), "validation/*.csv")) == list(TABLE_NAMES)
    others = section(text_of("docs/tables.md"), "Others")
    assert set(PAGES) <= {name.rpartition("/")[2] for name in first_column(others)}


def test_columns_of_what_was_read_are_documented() -> None:
    text = text_table({"x": ["-99"]})
    variables = [variable("x", "integer", missing_codes=("-99=refused",))]
    typed = type_columns(text, variables)
    for file, table in (
        ("summary.csv", summary_of(text, variables, typed)),
        ("<table>_missing.parquet", missing_table(typed)),
    ):
        assert marked(cells_of_file(f"read/{file}")[1]) == list(table.columns)


def test_words_of_findings_flow_and_removed_rows_are_documented() -> None:
    said = set(marked(text_of("docs/tables.md")))
    assert {*STATUSES, *SEVERITIES, WITHDRAWN, DROPPED, NO_CONSENT} <= said


@pytest.mark.parametrize(
    ("title", "columns"),
    [
        ("outcomes.csv", [f.name for f in fields(design.Outcome)]),
        ("codebook.csv", [f.name for f in fields(Variable)]),
        ("corrections.csv", list(CORRECTION_COLUMNS)),
    ],
)
def test_every_column_of_a_configuration_table_is_documented(title: str, columns: list[str]) -> None:
    words = set(re.findall(r"[a-z0-9_]+", section(text_of("docs/studies.md"), title)))
    assert set(columns) <= words


@pytest.mark.parametrize(("title", "type_"), [("outcomes.csv", design.Outcome), ("codebook.csv", Variable)])
def test_columns_and_choices_of_a_configuration_table_are_those_of_the_code(title: str, type_: type) -> None:
    part = section(text_of("docs/studies.md"), title)
    assert first_column(part) == [f.name for f in fields(type_)]
    for f in fields(type_):
        row = next(cells for cells in rows_of(part) if f.name in marked(cells[0]))
        assert set(choices(get_type_hints(type_)[f.name])) <= set(marked(row[1]))


@pytest.mark.parametrize(("key", "type_"), [("forms", delivery.FormFile), ("fieldwork", delivery.Fieldwork)])
def test_keys_of_lists_in_a_study_are_documented(key: str, type_: type) -> None:
    rows = rows_of(section(text_of("docs/studies.md"), "study.yaml"))
    assert {f.name for f in fields(type_)} <= set(marked(next(c for c in rows if c[0] == f"`{key}`")[1]))


def test_links_to_parts_of_documents_lead_to_headings() -> None:
    for document in DOCUMENTS:
        for file, anchor in re.findall(r"\]\(([^):]*)#([^)]+)\)", document.read_text(encoding="utf-8")):
            target = (document.parent / file if file else document).read_text(encoding="utf-8")
            headings = re.findall(r"^#+ (.*)$", target, flags=re.MULTILINE)
            assert anchor in {re.sub(r"[^\w -]", "", h).lower().replace(" ", "-") for h in headings}, (
                document,
                anchor,
            )
