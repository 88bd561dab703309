"""What documents say of files that a study may have, and of the tables made from them."""

from __future__ import annotations

import re
from dataclasses import fields

import pytest

from impacteval.cli import _parser
from impacteval.derivation import DerivedColumn, Parameter, Prior
from impacteval.derive.grammar import AGGREGATES, FUNCTIONS
from impacteval.derive.indices import INDEX_COLUMNS
from impacteval.derive.vocabulary import CLOCK
from impacteval.describe.before_after import BEFORE_AFTER_COLUMNS
from impacteval.describe.prior_power import PRIOR_POWER_COLUMNS
from impacteval.design import EntryDay, PanelRule
from impacteval.programme.costs import COST_COLUMNS, UNIT_COST_COLUMNS
from impacteval.programme.monitoring import MONITORING_COLUMNS
from impacteval.programme.types import CostLedger, FrameworkRow, Programme, Reached
from impacteval.result_rows import NOT_ESTIMATED
from impacteval.simulation.programme_study.reading import read_generator
from support.documents import PROJECT, first_column, marked, rows_of, section, text_of

STUDIES = text_of("docs/studies.md")
STUDY = text_of("docs/score_indonesia.md")


def names_of(type_: type) -> list[str]:
    return [f.name for f in fields(type_)]


@pytest.mark.parametrize(
    ("title", "type_"),
    [("parameters.csv", Parameter), ("priors.csv", Prior), ("results_framework.csv", FrameworkRow)],
)
def test_every_column_of_an_optional_file_is_documented_and_no_other(title: str, type_: type) -> None:
    said = first_column(section(STUDIES, title))
    assert sorted(said) == sorted(names_of(type_))


def test_columns_of_derived_columns_are_documented_in_their_order() -> None:
    assert marked(section(STUDIES, "derived.csv"))[:5] == names_of(DerivedColumn)
    assert f"\n{','.join(names_of(DerivedColumn))}\n" in section(STUDIES, "derived.csv")


def test_every_key_of_the_programme_is_documented() -> None:
    part = section(STUDIES, "programme.yaml")
    assert first_column(part) == names_of(Programme)
    costs, trained = (set(marked(cells[1])) for cells in rows_of(part))
    assert set(names_of(CostLedger)) <= costs
    assert set(names_of(Reached)) <= trained


@pytest.mark.parametrize("type_", [PanelRule, EntryDay])
def test_every_key_of_panel_and_treatment_is_documented(type_: type) -> None:
    assert set(names_of(type_)) <= set(re.findall(r"[a-z_]+", section(STUDIES, "plan.yaml")))


def test_every_function_of_formulas_is_documented() -> None:
    words = set(re.findall(r"[a-z_]+", section(STUDIES, "Formulas")))
    assert {*FUNCTIONS, *AGGREGATES, *CLOCK} <= words


@pytest.mark.parametrize(
    ("file", "columns"),
    [
        ("monitoring", MONITORING_COLUMNS),
        ("costs", COST_COLUMNS),
        ("unit_costs", UNIT_COST_COLUMNS),
        ("prior_power", PRIOR_POWER_COLUMNS),
        ("before_after", BEFORE_AFTER_COLUMNS),
        ("tables/indices.csv", tuple(INDEX_COLUMNS)),
    ],
)
def test_every_column_of_these_tables_is_documented_in_its_order(file: str, columns: tuple[str, ...]) -> None:
    row = next(cells for cells in rows_of(text_of("docs/tables.md")) if cells[0] == f"`{file}`")
    said = [name for name in marked(row[1]) if name in columns]
    assert list(dict.fromkeys(said)) == list(columns)


def test_effects_that_cannot_be_estimated_are_documented() -> None:
    assert NOT_ESTIMATED in marked(section(text_of("docs/tables.md"), "tables/estimates.csv"))


def test_every_scenario_is_documented_in_its_order() -> None:
    generator = read_generator(PROJECT / "config" / "score_indonesia" / "generator.yaml")
    said = first_column(section(STUDY, "Draw it again"))
    assert [name for name in said if not name.startswith("--")] == list(generator.scenarios)


def test_commands_that_draw_the_study_are_understood() -> None:
    commands = re.findall(r"^\.venv/bin/impacteval (.+)$", STUDY, flags=re.MULTILINE)
    assert {command.split()[0] for command in commands} == {"simulate", "lock", "check"}
    for command in commands:
        _parser().parse_args(command.split())
