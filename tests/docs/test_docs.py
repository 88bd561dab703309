"""The documents say what the code does: links, commands, columns and options."""

import re
from dataclasses import fields
from pathlib import Path
from typing import get_args, get_type_hints

import pytest

from impacteval import checks, design, designs
from impacteval.codebook import Variable
from impacteval.config import CORRECTION_COLUMNS
from impacteval.sensitivity.crosscheck import CROSSCHECK_COLUMNS
from impacteval.tables import CELL_COLUMNS, ESTIMATE_COLUMNS, FINDING_COLUMNS

PROJECT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted([*PROJECT.glob("*.md"), *PROJECT.glob("docs/**/*.md"), *PROJECT.glob("data/**/*.md")])


def text_of(name: str) -> str:
    return (PROJECT / name).read_text(encoding="utf-8")


def section(text: str, title: str) -> str:
    """Text below a heading, up to the next one of its level."""
    return text.split(f"\n## {title}\n")[1].split("\n## ", maxsplit=1)[0]


def first_column(text: str) -> list[str]:
    """Names in code marks in the first column of the tables of a text, in order."""
    cells = [line.split("|")[1] for line in text.splitlines() if line.startswith("| `")]
    return [name for cell in cells for name in re.findall(r"`([^`]+)`", cell)]


def designs_in_studies() -> list[str]:
    """The table of designs of docs/studies.md, and that of their options."""
    table = section(text_of("docs/studies.md"), "plan.yaml").split("\n| `estimator`")[1]
    return table.split("\n| option ")


def choices(hint: object) -> list[str]:
    """What a type hint allows, in a list too."""
    parts = get_args(hint)
    return [part for part in parts if isinstance(part, str)] + [c for part in parts for c in choices(part)]


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


def test_every_kind_of_check_is_documented() -> None:
    kinds = {get_args(get_type_hints(t)["kind"])[0] for t in get_args(checks.AnyCheck)} - {"of_type"}
    assert kinds <= set(first_column(section(text_of("docs/studies.md"), "checks.yaml")))


@pytest.mark.parametrize(
    ("title", "columns"),
    [
        ("outcomes.csv", [f.name for f in fields(design.Outcome)]),
        ("codebook.csv", [f.name for f in fields(Variable)]),
        ("corrections.csv", list(CORRECTION_COLUMNS)),
    ],
)
def test_every_column_of_a_configuration_table_is_documented(title: str, columns: list[str]) -> None:
    words = set(re.findall(r"[a-z_]+", section(text_of("docs/studies.md"), title)))
    assert set(columns) <= words
