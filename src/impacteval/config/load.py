"""From the files of a study to its checked configuration."""

from __future__ import annotations

import csv
import json
import re
import typing
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import MISSING, fields, replace
from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from impacteval.checks import AnyCheck, ConstantWithinUnit, checks_of_codebook
from impacteval.codebook import Codebook, Variable
from impacteval.config.consistency import contradictions
from impacteval.config.explain import explain
from impacteval.config.folder import ChecksFile, StudyFolder, SurveyFolder
from impacteval.config.survey_rules import NAME_PATTERN, name_rule, survey_contradictions
from impacteval.delivery import Roles
from impacteval.derivation import DerivedColumn, Parameter, Prior
from impacteval.design import ArmColumn, FirstSwitch, Outcome, Plan, Study
from impacteval.designs import Design
from impacteval.errors import ConfigError, nearest, raise_together
from impacteval.programme.types import FrameworkRow, Programme
from impacteval.survey.corrections import CORRECTION_COLUMNS, OPTIONAL_COLUMNS
from impacteval.yaml_files import read_yaml

_T = TypeVar("_T")
_Row = TypeVar("_Row", Outcome, Variable, DerivedColumn, Parameter, Prior, FrameworkRow)
DERIVED = "derived.csv"
PARAMETERS = "parameters.csv"
PRIORS = "priors.csv"
# What a study computes from its survey stands in files that it may lack.
PROGRAMME = "programme.yaml"
FRAMEWORK = "results_framework.csv"
OPTIONAL_FILES = (DERIVED, PARAMETERS, PRIORS, PROGRAMME, FRAMEWORK)


def load_survey(root: Path, name: str) -> SurveyFolder:
    """Read and check what ``config/<name>/`` says of the survey; a plan may be missing.

    Raises
    ------
    ConfigError
        With every problem found: file, key, what was found, what is allowed, the nearest match.
    """
    _refuse_unknown(root, name)
    folder = root / "config" / name
    shown = Path("config") / name
    study = _parse(Study, read_yaml(folder / "study.yaml"), shown / "study.yaml")
    codebook = Codebook(variables=_parse_rows(Variable, folder / "codebook.csv", shown / "codebook.csv"))
    asked = _parse(ChecksFile, read_yaml(folder / "checks.yaml"), shown / "checks.yaml")
    roles = {table.name: table.roles for table in study.tables}
    survey = SurveyFolder(
        name=name,
        study=study,
        codebook=codebook,
        checks=asked.checks,
        roles=roles,
        grouping=asked.grouping,
    )
    raise_together(list(survey_contradictions(survey)), ConfigError, f"config/{name}")
    return replace(survey, checks=_all_checks(checks_of_codebook(codebook, roles), asked.checks, name))


def load_study(root: Path, name: str) -> StudyFolder:
    """Read and check ``config/<name>/`` below a root folder, its plan and outcomes included.

    Raises
    ------
    ConfigError
        With every problem found: file, key, what was found, what is allowed, the nearest match.
    """
    _refuse_unknown(root, name)
    folder = root / "config" / name
    shown = Path("config") / name
    study = _parse(Study, read_yaml(folder / "study.yaml"), shown / "study.yaml")
    plan_file = read_yaml(folder / "plan.yaml")
    raise_together(_missing_in_designs(plan_file), ConfigError, str(shown / "plan.yaml"))
    plan = _parse(Plan, plan_file, shown / "plan.yaml")
    outcomes = _parse_rows(Outcome, folder / "outcomes.csv", shown / "outcomes.csv")
    codebook = Codebook(variables=_parse_rows(Variable, folder / "codebook.csv", shown / "codebook.csv"))
    asked = _parse(ChecksFile, read_yaml(folder / "checks.yaml"), shown / "checks.yaml")
    corrections = "corrections.csv"
    read_rows(folder / corrections, CORRECTION_COLUMNS, shown / corrections, optional=OPTIONAL_COLUMNS)
    derived = _rows_if_there(DerivedColumn, folder / DERIVED, shown / DERIVED)
    roles = _completed({table.name: table.roles for table in study.tables}, plan, derived)
    loaded = StudyFolder(
        name=name,
        study=study,
        plan=plan,
        outcomes=outcomes,
        codebook=codebook,
        checks=asked.checks,
        roles=roles,
        grouping=asked.grouping,
        derived=derived,
        parameters=_rows_if_there(Parameter, folder / PARAMETERS, shown / PARAMETERS),
        priors=_rows_if_there(Prior, folder / PRIORS, shown / PRIORS),
        programme=_programme_if_there(folder / PROGRAMME, shown / PROGRAMME),
        framework=_rows_if_there(FrameworkRow, folder / FRAMEWORK, shown / FRAMEWORK),
    )
    problems = [*survey_contradictions(loaded), *contradictions(loaded)]
    raise_together(problems, ConfigError, f"config/{name}")
    implied = checks_of_codebook(codebook, roles) + _check_of_arm(plan, derived)
    return replace(loaded, checks=_all_checks(implied, asked.checks, name))


def _all_checks(
    implied: tuple[AnyCheck, ...], asked: tuple[AnyCheck, ...], name: str
) -> tuple[AnyCheck, ...]:
    """Implied and asked checks; one that is asked may not take the place of one that is implied."""
    taken = {check.id for check in implied} & {check.id for check in asked}
    problems = [f"checks.yaml: id {i!r} is that of a check that the codebook implies" for i in sorted(taken)]
    raise_together(problems, ConfigError, f"config/{name}")
    return implied + asked


def _refuse_unknown(root: Path, name: str) -> None:
    studies = sorted(p.parent.name for p in (root / "config").glob("*/study.yaml"))
    if name not in studies:
        raise ConfigError(f"config/{name}/study.yaml: not found; {nearest(name, studies)}")
    if not NAME_PATTERN.match(name):
        raise ConfigError(f"config/{name}: {name_rule(name)}")


def _completed(
    roles: Mapping[str, Roles], plan: Plan, derived: tuple[DerivedColumn, ...]
) -> dict[str, Roles]:
    """Roles of each table; the panel's unit and period, and an arm that is assigned once, are the plan's.

    A column that is derived is in no delivery and has no role there.
    """
    panel = plan.panel
    said = roles.get(panel.table, Roles())
    names = {d.name for d in derived}
    arm = plan.treatment.column if isinstance(plan.treatment, ArmColumn) else ""
    completed = replace(
        said,
        unit=said.unit or panel.unit,
        period=said.period or panel.period,
        arm=said.arm or ("" if arm in names else arm),
        weight=said.weight or ("" if plan.weight in names else plan.weight),
    )
    return {**roles, panel.table: completed} if panel.table in roles else dict(roles)


def read_rows(
    path: Path, columns: Sequence[str], shown: Path, *, optional: Sequence[str] = ()
) -> dict[int, dict[str, str]]:
    """Read a configuration table as text: its rows by the line each begins on.

    Raises
    ------
    ConfigError
        When the file is missing, its header differs from ``columns``, those that are ``optional``
        aside, or a row is ragged.
    """
    if not path.is_file():
        raise ConfigError(f"{shown}: not found; it needs the header {','.join(columns)}")
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            rows = _lines_and_records(lines)
    except (UnicodeDecodeError, csv.Error) as error:
        raise ConfigError(f"{shown}: not UTF-8 comma-separated text ({error})") from error
    header = rows.pop(min(rows)) if rows else []
    problems = [
        f"column {name!r} is missing from the header"
        for name in columns
        if name not in header and name not in optional
    ]
    problems += [
        f"column {name!r} is unknown; {nearest(name, list(columns))}"
        for name in header
        if name not in columns
    ]
    problems += [
        f"column {name!r} stands twice" for name in sorted({n for n in header if header.count(n) > 1})
    ]
    problems += [
        f"line {number}: {len(row)} cells where the header has {len(header)}"
        for number, row in rows.items()
        if len(row) != len(header)
    ]
    raise_together(problems, ConfigError, str(shown))
    return {number: dict(zip(header, row, strict=True)) for number, row in rows.items()}


def _lines_and_records(lines: Iterable[str]) -> dict[int, list[str]]:
    """Records of a CSV file that are not blank, by the line each begins on."""
    reader = csv.reader(lines, strict=True)
    records, begins = {}, 1
    for record in reader:
        if record:
            records[begins] = record
        begins = reader.line_num + 1
    return records


def dump(item: _T, type_: type[_T]) -> object:
    """Turn configuration into plain values that a workflow can compare; ``restore`` reverses it."""
    return json.loads(TypeAdapter(type_).dump_json(item))


def restore(type_: type[_T], values: object) -> _T:
    """Rebuild configuration from what ``dump`` gave."""
    return TypeAdapter(type_).validate_json(json.dumps(values))


def _missing_in_designs(plan: Mapping[str, object]) -> list[str]:
    """What a plan must say of a design, though the same type has defaults for use without a plan."""
    designs = plan.get("designs")
    if not isinstance(designs, list):
        return []
    estimators = [typing.get_args(typing.get_type_hints(d)["estimator"])[0] for d in typing.get_args(Design)]
    hint = {"estimator": f"; {nearest('', estimators)}"}
    return [
        f"key 'designs.{position}.{key}' is missing{hint.get(key, '')}"
        for position, design in enumerate(designs)
        if isinstance(design, Mapping)
        for key in ("estimator", "name", "label", "vcov")
        if key not in design
    ]


def _parse(type_: type[_T], content: Mapping[str, object], shown: Path) -> _T:
    try:
        return TypeAdapter(type_).validate_json(json.dumps(content))
    except ValidationError as error:
        raise_together(explain(error, type_, content), ConfigError, str(shown))
        raise


def _parse_rows(type_: type[_Row], path: Path, shown: Path) -> tuple[_Row, ...]:
    names = [f.name for f in fields(type_)]
    hints = typing.get_type_hints(type_)
    parsed, problems = [], []
    optional = [f.name for f in fields(type_) if f.default is not MISSING]
    for number, row in read_rows(path, names, shown, optional=optional).items():
        try:
            values = {name: _cell(cell, hints[name]) for name, cell in row.items()}
            parsed.append(TypeAdapter(type_).validate_json(json.dumps(values)))
        except ValidationError as error:
            problems += [f"line {number}, {text.removeprefix('key ')}" for text in explain(error, type_, row)]
        except ValueError as error:
            problems.append(f"line {number}: {error}")
    raise_together(problems, ConfigError, str(shown))
    return tuple(parsed)


def _rows_if_there(type_: type[_Row], path: Path, shown: Path) -> tuple[_Row, ...]:
    """Rows of a file that a study may lack; none without it."""
    return _parse_rows(type_, path, shown) if path.is_file() else ()


def _programme_if_there(path: Path, shown: Path) -> tuple[Programme, ...]:
    """What a study says of costs and people trained; nothing without the file."""
    return (_parse(Programme, read_yaml(path), shown),) if path.is_file() else ()


def _cell(text: str, hint: object) -> object:
    """Read a cell as its field wants it: a number, a list separated by ``|``, or text."""
    if hint is int:
        if not re.fullmatch(r"-?\d{1,15}", text):
            raise ValueError(f"found {text!r} where a whole number is expected")
        return int(text)
    if hint is float or hint == float | None:
        if text == "" and hint is not float:
            return None
        if not re.fullmatch(r"-?\d+(\.\d+)?", text):
            raise ValueError(f"found {text!r} where a number with a decimal point is expected")
        return float(text)
    if typing.get_origin(hint) is tuple:
        return text.split("|") if text else []
    return text


def _check_of_arm(plan: Plan, derived: tuple[DerivedColumn, ...]) -> tuple[AnyCheck, ...]:
    """An arm that is assigned once must not change within a unit; a derived one is in no delivery."""
    if isinstance(plan.treatment, FirstSwitch) or plan.treatment.column in {d.name for d in derived}:
        return ()
    column = plan.treatment.column
    return (
        ConstantWithinUnit(
            kind="constant_within_unit",
            id=f"{plan.panel.table}-{column}-changes",
            table=plan.panel.table,
            severity="error",
            column=column,
            message=f"{column}, the arm, changes within an enterprise",
            suggestion="check the assignment list; an enterprise keeps the arm it was assigned to",
        ),
    )
