"""A study's configuration, read once and checked as a whole before any job runs."""

from __future__ import annotations

import csv
import json
import re
import types
import typing
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields, is_dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from impacteval.checks import AnyCheck, ConstantWithinUnit, checks_of_codebook, columns_of_check
from impacteval.codebook import Codebook, Variable
from impacteval.design import (
    CLUSTER_BY_UNIT,
    Ancova,
    Closed,
    FirstSwitch,
    Outcome,
    Plan,
    SourceTable,
    Study,
    columns_of,
)
from impacteval.errors import ConfigError, nearest, raise_together
from impacteval.yaml_files import read_yaml

NAME_PATTERN = re.compile(r"^[a-z][a-z0-9_]{0,40}$")
CHECK_ID_PATTERN = re.compile(r"^[a-z][a-z0-9_-]{0,60}$")
FILE_PATTERN = re.compile(r"^[A-Za-z0-9][A-Za-z0-9_. -]{0,120}$")
CORRECTION_COLUMNS = (
    "table",
    "source_file",
    "source_row",
    "column",
    "old_value",
    "new_value",
    "reason",
    "decided_by",
)
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChecksFile(Closed):
    """``checks.yaml``."""

    checks: tuple[AnyCheck, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyFolder:
    """All configuration of one study."""

    name: str
    study: Study
    plan: Plan
    outcomes: tuple[Outcome, ...]
    codebook: Codebook
    checks: tuple[AnyCheck, ...]

    @property
    def families(self) -> tuple[str, ...]:
        """Outcome families, in sorted order."""
        return tuple(sorted({o.family for o in self.outcomes}))


def load_study(root: Path, name: str) -> StudyFolder:
    """Read and check ``config/<name>/`` below a root folder.

    Raises
    ------
    ConfigError
        With every problem found: file, key, what was found, what is allowed, the nearest match.
    """
    studies = sorted(p.parent.name for p in (root / "config").glob("*/study.yaml"))
    if name not in studies:
        raise ConfigError(f"config/{name}/study.yaml: not found; {nearest(name, studies)}")
    if not NAME_PATTERN.match(name):
        raise ConfigError(f"config/{name}: {_name_rule(name)}")
    folder = root / "config" / name
    shown = Path("config") / name
    study = _parse(Study, read_yaml(folder / "study.yaml"), shown / "study.yaml")
    plan = _parse(Plan, read_yaml(folder / "plan.yaml"), shown / "plan.yaml")
    outcomes = _parse_rows(Outcome, folder / "outcomes.csv", shown / "outcomes.csv")
    codebook = Codebook(variables=_parse_rows(Variable, folder / "codebook.csv", shown / "codebook.csv"))
    asked = _parse(ChecksFile, read_yaml(folder / "checks.yaml"), shown / "checks.yaml").checks
    read_rows(folder / "corrections.csv", CORRECTION_COLUMNS, shown / "corrections.csv")
    loaded = StudyFolder(
        name=name, study=study, plan=plan, outcomes=outcomes, codebook=codebook, checks=asked
    )
    raise_together(list(_contradictions(loaded)), ConfigError, f"config/{name}")
    implied = checks_of_codebook(codebook, plan.panel) + _check_of_arm(plan)
    return StudyFolder(
        name=name, study=study, plan=plan, outcomes=outcomes, codebook=codebook, checks=implied + asked
    )


def read_rows(path: Path, columns: Sequence[str], shown: Path) -> list[dict[str, str]]:
    """Read a configuration table as text.

    Raises
    ------
    ConfigError
        When the file is missing, its header differs from ``columns``, or a row is ragged.
    """
    if not path.is_file():
        raise ConfigError(f"{shown}: not found; it needs the header {','.join(columns)}")
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            rows = list(csv.reader(lines, strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise ConfigError(f"{shown}: not UTF-8 comma-separated text ({error})") from error
    header = rows[0] if rows else []
    problems = [
        f"column {name!r} is missing from the header" for name in columns if name not in header
    ]
    problems += [
        f"column {name!r} is unknown; {nearest(name, list(columns))}" for name in header if name not in columns
    ]
    problems += [f"column {name!r} stands twice" for name in sorted({n for n in header if header.count(n) > 1})]
    problems += [
        f"line {number}: {len(row)} cells where the header has {len(header)}"
        for number, row in enumerate(rows[1:], start=2)
        if row and len(row) != len(header)
    ]
    raise_together(problems, ConfigError, str(shown))
    return [dict(zip(header, row, strict=True)) for row in rows[1:] if row]


def dump(item: _T, type_: type[_T]) -> object:
    """Turn configuration into plain values that a workflow can compare; ``restore`` reverses it."""
    return json.loads(TypeAdapter(type_).dump_json(item))


def restore(type_: type[_T], values: object) -> _T:
    """Rebuild configuration from what ``dump`` gave."""
    return TypeAdapter(type_).validate_json(json.dumps(values))


def _parse(type_: type[_T], content: Mapping[str, object], shown: Path) -> _T:
    try:
        return TypeAdapter(type_).validate_json(json.dumps(content))
    except ValidationError as error:
        raise_together(_explain(error, type_, content), ConfigError, str(shown))
        raise


def _explain(error: ValidationError, type_: object, content: object) -> list[str]:
    """Say of each invalid value which key it stands under, what was found and what is allowed."""
    lines = []
    for item in error.errors():
        where = [part for part in item["loc"] if not _is_union_tag(part, content)]
        key = ".".join(str(part) for part in where)
        found = item["input"]
        if item["type"] in {"unexpected_keyword_argument", "extra_forbidden"}:
            allowed = _keys_allowed(type_, where[:-1], content)
            lines.append(f"key {key!r} is unknown; {nearest(str(where[-1]), allowed)}")
        elif item["type"] in {"missing", "missing_argument", "missing_keyword_only_argument"}:
            lines.append(f"key {key!r} is missing")
        elif item["type"] == "literal_error" and isinstance(found, str):
            choices = re.findall(r"'([^']+)'", str(item.get("ctx", {}).get("expected", "")))
            lines.append(f"key {key!r}: found {found!r}; {nearest(found, choices)}")
        else:
            lines.append(f"key {key!r}: found {found!r}; {item['msg']}")
    return sorted(set(lines))


def _is_union_tag(part: object, content: object) -> bool:
    """Whether pydantic put this name of a type, not a key of the file, into an error's location."""
    return isinstance(part, str) and part[:1].isupper() and part.isidentifier()


def _keys_allowed(type_: object, where: Sequence[int | str], content: object) -> list[str]:
    """Keys of the type that stands at a place in the file."""
    for part in where:
        if isinstance(part, int):
            content = content[part] if isinstance(content, list) and part < len(content) else {}
            continue
        choices = [t for t in _dataclasses_in(type_) if _fits(t, content)]
        annotations = typing.get_type_hints(choices[0]) if choices else {}
        type_ = annotations.get(part, object)
        content = content.get(part, {}) if isinstance(content, dict) else {}
    fitting = [t for t in _dataclasses_in(type_) if _fits(t, content)] or _dataclasses_in(type_)
    return sorted({f.name for t in fitting for f in fields(t)})


def _dataclasses_in(annotation: object) -> list[type]:
    if isinstance(annotation, type) and is_dataclass(annotation):
        return [annotation]
    if isinstance(annotation, types.GenericAlias | types.UnionType) or typing.get_origin(annotation):
        return [t for part in typing.get_args(annotation) for t in _dataclasses_in(part)]
    return []


def _fits(type_: type, content: object) -> bool:
    """Whether the literal fields of a type (its tag, say ``estimator``) agree with the file."""
    hints = typing.get_type_hints(type_)
    if not isinstance(content, dict):
        return False
    for f in fields(type_):
        choices = typing.get_args(hints[f.name])
        is_tag = typing.get_origin(hints[f.name]) is typing.Literal and f.default is MISSING
        if is_tag and len(choices) == 1 and content.get(f.name) not in choices:
            return False
    return True


def _parse_rows(type_: type[_T], path: Path, shown: Path) -> tuple[_T, ...]:
    names = [f.name for f in fields(type_)]  # type: ignore[arg-type]
    hints = typing.get_type_hints(type_)
    parsed, problems = [], []
    for number, row in enumerate(read_rows(path, names, shown), start=2):
        try:
            values = {name: _cell(row[name], hints[name]) for name in names}
            parsed.append(TypeAdapter(type_).validate_json(json.dumps(values)))
        except ValidationError as error:
            problems += [f"line {number}, {text.removeprefix('key ')}" for text in _explain(error, type_, row)]
        except ValueError as error:
            problems.append(f"line {number}: {error}")
    raise_together(problems, ConfigError, str(shown))
    return tuple(parsed)


def _cell(text: str, hint: object) -> object:
    """Read a cell as its field wants it: a number, a list separated by ``|``, or text."""
    if hint == float | None:
        if text == "":
            return None
        if not re.fullmatch(r"-?\d+(\.\d+)?", text):
            raise ValueError(f"found {text!r} where a number with a decimal point is expected")
        return float(text)
    if typing.get_origin(hint) is tuple:
        return text.split("|") if text else []
    return text


def _name_rule(name: str) -> str:
    return (
        f"the name {name!r} is not allowed; names begin with a small letter and hold small letters, "
        "digits and _, 41 at most"
    )


def _duplicates(names: Iterable[str]) -> list[str]:
    seen = list(names)
    return sorted({name for name in seen if seen.count(name) > 1})


def _contradictions(folder: StudyFolder) -> Iterable[str]:
    """Everything that is wrong between the files of a study."""
    yield from _wrong_names(folder)
    yield from _wrong_tables(folder)
    yield from _wrong_columns(folder)
    yield from _wrong_plan(folder)


def _wrong_names(folder: StudyFolder) -> Iterable[str]:
    plan = folder.plan
    named = {
        "outcomes.csv: outcome": [o.name for o in folder.outcomes],
        "plan.yaml: design": [d.name for d in plan.designs],
        "plan.yaml: arm": [a.name for a in (*plan.treatment.arms, plan.treatment.comparison)],
        "study.yaml: table": [t.name for t in folder.study.tables],
    }
    for where, names in named.items():
        yield from (f"{where}: {_name_rule(n)}" for n in names if not NAME_PATTERN.match(n))
        yield from (f"{where}: the name {n!r} stands twice" for n in _duplicates(names))
    for family in folder.families:
        if not NAME_PATTERN.match(family):
            yield f"outcomes.csv: family: {_name_rule(family)}"
    ids = [c.id for c in folder.checks]
    yield from (f"checks.yaml: id {i!r}: only small letters, digits, - and _" for i in ids if not CHECK_ID_PATTERN.match(i))
    yield from (f"checks.yaml: the id {i!r} stands twice" for i in _duplicates(ids))
    yield from (
        f"codebook.csv: column {c!r} of table {t!r} stands twice"
        for t, c in sorted({(v.table, v.column) for v in folder.codebook.variables})
        if [(v.table, v.column) for v in folder.codebook.variables].count((t, c)) > 1
    )


def _wrong_tables(folder: StudyFolder) -> Iterable[str]:
    tables = [t.name for t in folder.study.tables]
    listed = [f for t in folder.study.tables for f in t.files]
    yield from (f"study.yaml: file {f!r}: a plain file name is expected" for f in listed if not FILE_PATTERN.match(f))
    yield from (f"study.yaml: file {f!r} belongs to two tables" for f in _duplicates(listed))
    yield from (f"study.yaml: table {t.name!r} has no files" for t in folder.study.tables if not t.files)
    source = folder.study.source
    if source is not None and source.file not in listed:
        yield f"study.yaml: source.file {source.file!r} is in no table; {nearest(source.file, listed)}"
    for v in folder.codebook.variables:
        if v.table not in tables:
            yield f"codebook.csv: table {v.table!r} is not in study.yaml; {nearest(v.table, tables)}"
    for c in folder.checks:
        if c.table not in tables:
            yield f"checks.yaml: {c.id}: table {c.table!r} is not in study.yaml; {nearest(c.table, tables)}"
    if folder.plan.panel.table not in tables:
        yield f"plan.yaml: panel.table {folder.plan.panel.table!r} is not in study.yaml; {nearest(folder.plan.panel.table, tables)}"


def _wrong_columns(folder: StudyFolder) -> Iterable[str]:
    plan, codebook = folder.plan, folder.codebook
    known = list(codebook.columns(plan.panel.table))
    for outcome in folder.outcomes:
        for column in outcome.columns:
            if column not in known:
                yield f"outcomes.csv: {outcome.name}: column {column!r} is not in codebook.csv; {nearest(column, known)}"
        if outcome.name in known and outcome.name != outcome.column:
            yield f"outcomes.csv: {outcome.name}: the codebook has a column of this name; choose another"
    of_outcomes = {c for o in folder.outcomes for c in o.columns}
    for column in columns_of(plan, ()):
        if column not in known and column not in of_outcomes:
            yield f"plan.yaml: column {column!r} is not in codebook.csv; {nearest(column, known)}"
    for check in folder.checks:
        for column in columns_of_check(check):
            if column not in codebook.columns(check.table):
                yield f"checks.yaml: {check.id}: column {column!r} is not in codebook.csv; {nearest(column, list(codebook.columns(check.table)))}"
    for key in (plan.panel.unit, plan.panel.period):
        if key in known and codebook.find(plan.panel.table, key).required != "yes":
            yield f"codebook.csv: {key!r} is part of the panel's key; its column `required` must be yes"
    if plan.panel.period in known and codebook.find(plan.panel.table, plan.panel.period).type != "integer":
        yield f"codebook.csv: {plan.panel.period!r} is the panel's period; its type must be integer"


def _wrong_plan(folder: StudyFolder) -> Iterable[str]:
    plan = folder.plan
    names = [d.name for d in plan.designs]
    outcomes = [o.name for o in folder.outcomes]
    if not folder.outcomes:
        yield "outcomes.csv: no outcome"
    if plan.primary not in names:
        yield f"plan.yaml: primary {plan.primary!r} is no design; {nearest(plan.primary, names)}"
    for design in plan.designs:
        yield from (
            f"plan.yaml: {design.name}: outcome {o!r} is not in outcomes.csv; {nearest(o, outcomes)}"
            for o in design.outcomes
            if o not in outcomes
        )
        if not design.vcov:
            yield f"plan.yaml: {design.name}: vcov is empty; name at least one"
        if design.name == plan.primary and isinstance(design, Ancova) and plan.assignment != "random":
            yield (
                f"plan.yaml: primary {design.name!r} is an ANCOVA, which is a headline only under random "
                f"assignment; assignment is {plan.assignment!r}; choose a difference-in-differences design"
            )
        if design.name == plan.primary and design.outcomes:
            yield f"plan.yaml: {design.name}: the primary design covers all outcomes; take `outcomes` out"
    for outcome in folder.outcomes:
        if outcome.transform == "log" and outcome.baseline_column:
            yield f"outcomes.csv: {outcome.name}: baseline_column is not transformed; leave it empty with log"
    yield from _wrong_clock(plan)


def _wrong_clock(plan: Plan) -> Iterable[str]:
    panel, treatment = plan.panel, plan.treatment
    if len(panel.periods) < 2 or list(panel.periods) != sorted(set(panel.periods)):
        yield f"plan.yaml: panel.periods {list(panel.periods)}: two or more, rising, none twice"
    if panel.period_labels and len(panel.period_labels) != len(panel.periods):
        yield f"plan.yaml: panel.period_labels has {len(panel.period_labels)} labels for {len(panel.periods)} periods"
    if not 0.5 < plan.level < 1:
        yield f"plan.yaml: level {plan.level}: between 0.5 and 1"
    if not 0.5 <= plan.power < 1:
        yield f"plan.yaml: power {plan.power}: at least 0.5 and below 1"
    if isinstance(treatment, FirstSwitch):
        return
    if treatment.first_period not in panel.periods[1:]:
        yield f"plan.yaml: treatment.first_period {treatment.first_period}: one of {list(panel.periods[1:])}"
    values = [a.value for a in (*treatment.arms, treatment.comparison)]
    if None in values:
        yield "plan.yaml: treatment: every arm and the comparison need a `value`"
    if len(set(values)) < len(values):
        yield f"plan.yaml: treatment: two arms have the same value; found {values}"
    if not treatment.arms:
        yield "plan.yaml: treatment.arms is empty"


def _check_of_arm(plan: Plan) -> tuple[AnyCheck, ...]:
    """An arm that is assigned once must not change within a unit."""
    if isinstance(plan.treatment, FirstSwitch):
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


def table_of_file(study: Study, file: str) -> SourceTable:
    """The table that a raw file belongs to."""
    return next(t for t in study.tables if file in t.files)
