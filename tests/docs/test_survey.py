"""docs/survey.md: its commands print what it says, and its tables say what the code does."""

from __future__ import annotations

import argparse
import contextlib
import csv
import io
import re
import shlex
import shutil
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import get_args, get_type_hints

import pandas as pd
import pytest
import yaml

from impacteval.cli import _parser, main
from impacteval.config import restore
from impacteval.delivery import Fieldwork, FileDetail, FileFormat, FormFile, ParentLink, Roles, SourceTable
from impacteval.design import Study
from impacteval.survey.consent import WITHDRAWAL_COLUMNS
from impacteval.survey.corrections import ACTIONS, CORRECTION_COLUMNS, SOURCES
from impacteval.survey.decisions import DECISION_COLUMNS, VERDICTS
from impacteval.survey.expression_functions import FUNCTIONS
from impacteval.survey.source_options import wrong_options
from impacteval.survey.types import type_columns
from impacteval.tables import FINDING_COLUMNS, read_csv
from support.documents import PROJECT, first_column, marked, rows_of, section, text_of
from support.tables import text_table, variable
from support.workbooks import fill

TEXT = text_of("docs/survey.md")
EXAMPLE = PROJECT / "docs" / "examples" / "survey"
STORY = section(TEXT, "From an export to findings")
RUNS = re.findall(r"```sh\n(.*?)```.*?```text\n(.*?)```", STORY, flags=re.DOTALL)


def write_into_codebook(sentence: str) -> None:
    """Do what the document asks its reader to do by hand: ``Write `id` in the column `format` of `sales```."""
    value, column, name = re.findall(r"Write `(.*?)` in the column `(.*?)` of `(.*?)`", sentence)[0]
    path = Path("config/example/codebook.csv")
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    with path.open("w", encoding="utf-8", newline="") as lines:
        table = csv.DictWriter(lines, list(rows[0]))
        table.writeheader()
        table.writerows({**row, column: value} if row["column"] == name else row for row in rows)


def answer_workbook() -> None:
    """Type the example's answers into the workbook."""
    with (EXAMPLE / "answers.csv").open(encoding="utf-8", newline="") as lines:
        answers = {row.pop("finding_id"): row for row in csv.DictReader(lines)}
    fill(Path("results/example/check/findings.xlsx"), answers)


@dataclass(frozen=True)
class Story:
    """What the commands of each step printed, and the findings after each step that checked."""

    printed: tuple[str, ...]
    findings: tuple[pd.DataFrame, ...]


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory, great_expectations: None) -> Story:
    """Run all commands of the document once, with what its reader does by hand between them."""
    folder = tmp_path_factory.mktemp("survey")
    for path in EXAMPLE.glob("*.csv"):
        shutil.copy(path, folder)
    by_hand = {2: lambda: write_into_codebook(STORY), 3: answer_workbook}
    printed, findings = [], []
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for step, (commands, _) in enumerate(RUNS):
            by_hand.get(step, lambda: None)()
            said = io.StringIO()
            with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
                for command in commands.splitlines():
                    main(shlex.split(command)[1:])
            printed.append(said.getvalue())
            path = Path("results/example/check/findings.csv")
            findings.append(read_csv(path, FINDING_COLUMNS) if path.exists() else pd.DataFrame())
    return Story(printed=tuple(printed), findings=tuple(findings))


def test_every_command_of_the_story_is_run_and_has_its_output() -> None:
    assert STORY.count("```sh\n") == STORY.count("```text\n") == len(RUNS) == 4


@pytest.mark.parametrize("step", range(len(RUNS)))
def test_the_commands_print_what_the_document_says(story: Story, step: int) -> None:
    assert story.printed[step] == RUNS[step][1]


def test_every_planted_mistake_is_found_and_nothing_else_is_an_error(story: Story) -> None:
    found = story.findings[2]
    errors = found[found["severity"] == "error"]
    rows = {"C04": 9, "C07": 4, "C17": 8, "C30": 6}
    expected = [*rows.items(), ("C09", 3), ("C09", 10), ("C18", 0)]
    assert sorted(zip(errors["code"], errors["source_row"], strict=True)) == sorted(expected)


def test_nothing_is_open_once_all_is_answered_but_what_is_not_declared(story: Story) -> None:
    left = story.findings[3]
    assert left.loc[left["status"] == "open", "severity"].tolist() == ["info"]


def commands() -> dict[str, argparse.ArgumentParser]:
    found = next(a for a in _parser()._actions if isinstance(a, argparse._SubParsersAction))
    return dict(found.choices)


def test_every_command_has_a_row() -> None:
    named = [name.split()[1] for name in first_column(TEXT) if name.startswith("impacteval ")]
    assert sorted(named) == sorted(commands())


@pytest.mark.parametrize("command", commands())
def test_options_of_a_command_are_those_documented(command: str) -> None:
    row = next(cells for cells in rows_of(TEXT) if cells[0].startswith(f"`impacteval {command} "))
    options = {o for a in commands()[command]._actions for o in a.option_strings} - {"-h", "--help"}
    assert {name.split()[0] for name in marked(row[1]) if name.startswith("--")} == options


def test_every_key_of_a_table_is_documented() -> None:
    listed = [n for cells in rows_of(section(TEXT, "Files")) if len(cells) == 4 for n in marked(cells[0])]
    assert sorted(set(listed) - {"key"}) == sorted(f.name for f in fields(SourceTable))


def test_defaults_of_a_table_are_those_documented() -> None:
    rows = [cells for cells in rows_of(section(TEXT, "Files")) if len(cells) == 4]
    for f in fields(SourceTable):
        said = next(cells[2] for cells in rows if f.name in marked(cells[0]))
        if isinstance(f.default, int | str) and f.default is not MISSING and f.default != "":
            assert str(f.default) in re.findall(r"[^`; ]+", said)


@pytest.mark.parametrize("name", ["delimiter", "encoding", "group_separator"])
def test_choices_of_a_table_are_documented(name: str) -> None:
    row = next(cells for cells in rows_of(section(TEXT, "Files")) if cells[0] == f"`{name}`")
    said = {*marked(row[2]), *marked(row[3])}
    written = {"": "none", "\t": "tab"}
    for choice in get_args(get_type_hints(SourceTable)[name]):
        assert choice in said or written.get(choice, "?") in " ".join(row[2:])


def test_formats_are_those_of_the_code() -> None:
    row = next(cells for cells in rows_of(section(TEXT, "Files")) if cells[0] == "`format`")
    assert tuple(marked(row[3])) == get_args(FileFormat)


@pytest.mark.parametrize("type_", [FileDetail, ParentLink])
def test_every_key_below_a_table_is_documented(type_: type) -> None:
    assert {f.name for f in fields(type_)} <= set(marked(section(TEXT, "Files")))


def test_every_role_is_documented() -> None:
    roles = first_column(section(TEXT, "Files").split("\n### Roles\n")[1])
    assert sorted(roles) == sorted(f.name for f in fields(Roles))


@pytest.mark.parametrize("type_", [FormFile, Fieldwork])
def test_every_key_of_forms_and_fieldwork_is_shown(type_: type) -> None:
    words = set(re.findall(r"[a-z_]+", section(TEXT, "Forms and versions")))
    assert {f.name for f in fields(type_)} <= words


def as_documented(cell: str, format_: str) -> str:
    """What a cell is read as, in the words of the table of numbers."""
    typed = type_columns(text_table({"x": [cell]}), [variable("x", "decimal", format=format_)])
    if typed.unreadable:
        return "refused"
    value = typed.frame["x"].iloc[0]
    if pd.notna(value):
        return f"{value:.15g}"
    reason = typed.reasons["x"].iloc[0] if "x" in typed.reasons else ""
    return f"missing, `{reason}`" if reason else "missing"


@pytest.mark.parametrize("row", rows_of(section(TEXT, "Numbers")), ids=lambda row: row[0])
def test_numbers_are_read_as_documented(row: list[str]) -> None:
    cell = row[0].strip("`")
    assert row[1:] == [as_documented(cell, "id"), as_documented(cell, "en")]


def test_functions_of_conditions_are_those_of_the_code() -> None:
    row = next(line for line in TEXT.splitlines() if line.startswith("| functions |"))
    assert sorted(name.removesuffix("()") for name in marked(row)) == sorted(set(FUNCTIONS) - {"-"})


def test_columns_of_the_log_are_documented_in_their_order() -> None:
    log = section(TEXT, "corrections.csv")
    names = first_column(log.split("| `action` | what it does |")[0])
    assert names == list(CORRECTION_COLUMNS)
    assert first_column(log)[len(names) + 1 :] == ["replace", "recode", "newid", "drop", "okay"]
    assert set(ACTIONS) <= set(first_column(log))
    row = next(cells for cells in rows_of(log) if cells[0] == "`source`")
    assert tuple(marked(row[1])) == SOURCES


def test_columns_of_withdrawals_and_decisions_are_documented() -> None:
    assert set(WITHDRAWAL_COLUMNS) <= set(marked(section(TEXT, "Consent and withdrawal")))
    assert {*DECISION_COLUMNS, *VERDICTS} <= set(marked(section(TEXT, "decisions.csv")))


def test_the_page_is_short() -> None:
    assert len(TEXT.splitlines()) < 350


def test_examples_of_study_yaml_can_be_read() -> None:
    found = {}
    for block in re.findall(r"```yaml\n(.*?)```", TEXT, flags=re.DOTALL):
        found |= yaml.safe_load(block)
    words = dict.fromkeys(("title", "question", "programme", "setting"), "")
    study = restore(Study, {"schema_version": 1, "synthetic": True, "seed": 1, **words, **found})
    assert {"tables", "forms", "fieldwork", "exported_on", "time_zone"} == set(found)
    assert [problem for table in study.tables for problem in wrong_options(table)] == []
