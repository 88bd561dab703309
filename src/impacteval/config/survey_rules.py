"""Contradictions between the files that describe a survey."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import fields
from difflib import get_close_matches
from zoneinfo import available_timezones

from impacteval.codebook import Codebook, VariableType
from impacteval.config.check_rules import DAYS, NUMBERS, check_contradictions, used_as
from impacteval.config.folder import SurveyFolder
from impacteval.delivery import SourceTable
from impacteval.errors import nearest
from impacteval.survey.corrections import is_day
from impacteval.survey.declared import codebook_problems
from impacteval.survey.source_options import wrong_options

NAME_PATTERN = re.compile(r"^[a-z][a-z0-9_]{0,40}$")
CHECK_ID_PATTERN = re.compile(r"^[a-z][a-z0-9_-]{0,120}$")
FILE_PATTERN = re.compile(r"^[A-Za-z0-9][A-Za-z0-9_. -]{0,120}$")
DEGREES: tuple[VariableType, ...] = ("decimal",)
TYPES_OF_ROLES: Mapping[str, tuple[tuple[VariableType, ...], str]] = {
    **dict.fromkeys(("start", "end", "submitted"), (DAYS, "day")),
    **dict.fromkeys(("latitude", "longitude"), (DEGREES, "decimal number")),
    "weight": (NUMBERS, "number"),
}


def name_rule(name: str) -> str:
    """Say that a name is not allowed, and what names are."""
    return (
        f"the name {name!r} is not allowed; names begin with a small letter and hold small letters, "
        "digits and _, 41 at most"
    )


def duplicates(names: Iterable[str]) -> list[str]:
    """Names that stand more than once."""
    seen = list(names)
    return sorted({name for name in seen if seen.count(name) > 1})


def survey_contradictions(folder: SurveyFolder) -> Iterable[str]:
    """Everything that is wrong between the files of a survey."""
    yield from _wrong_names(folder)
    yield from _wrong_tables(folder)
    yield from _wrong_roles(folder)
    yield from _wrong_role_types(folder)
    yield from _wrong_delivery(folder)
    yield from _wrong_days(folder)
    yield from _wrong_time_zone(folder.study.time_zone)
    yield from _wrong_bounds(folder.codebook)
    yield from _wrong_allowed_values(folder)
    yield from _numbers_as_text(folder)
    yield from codebook_problems(folder.codebook)
    yield from check_contradictions(folder)


def _wrong_names(folder: SurveyFolder) -> Iterable[str]:
    tables = [t.name for t in folder.study.tables]
    yield from (f"study.yaml: table: {name_rule(n)}" for n in tables if not NAME_PATTERN.match(n))
    yield from (f"study.yaml: table: the name {n!r} stands twice" for n in duplicates(tables))
    ids = [c.id for c in folder.checks]
    yield from (
        f"checks.yaml: id {i!r}: only small letters, digits, - and _"
        for i in ids
        if not CHECK_ID_PATTERN.match(i)
    )
    yield from (f"checks.yaml: the id {i!r} stands twice" for i in duplicates(ids))
    columns = [(v.table, v.column) for v in folder.codebook.variables]
    # Findings and corrections name several columns with + between them.
    yield from (
        f"codebook.csv: column {c!r} of table {t!r}: a name may not hold +; give it another by `renamed`"
        for t, c in columns
        if "+" in c
    )
    yield from (
        f"codebook.csv: column {c!r} of table {t!r} stands twice"
        for t, c in sorted(set(columns))
        if columns.count((t, c)) > 1
    )


def _wrong_tables(folder: SurveyFolder) -> Iterable[str]:
    tables = [t.name for t in folder.study.tables]
    listed = [f for t in folder.study.tables for f in t.files]
    yield from (
        f"study.yaml: file {f!r}: a plain file name is expected" for f in listed if not FILE_PATTERN.match(f)
    )
    parts = [(f, t.member, t.sheet) for t in folder.study.tables for f in t.files]
    yield from (
        f"study.yaml: file {f!r} belongs to two tables; they need another `sheet` or `member` each"
        for f in sorted({f for f, *_ in parts if parts.count((f, *_)) > 1})
    )
    yield from (f"study.yaml: table {t.name!r} has no files" for t in folder.study.tables if not t.files)
    source = folder.study.source
    if source is not None and source.file not in listed:
        yield f"study.yaml: source.file {source.file!r} is in no table; {nearest(source.file, listed)}"
    for v in folder.codebook.variables:
        if v.table not in tables:
            yield f"codebook.csv: table {v.table!r} is not in study.yaml; {nearest(v.table, tables)}"
    for form in folder.study.forms:
        if form.table not in tables:
            close = nearest(form.table, tables)
            yield f"study.yaml: forms: {form.file}: table {form.table!r} is not in study.yaml; {close}"


def _wrong_roles(folder: SurveyFolder) -> Iterable[str]:
    for table, roles in folder.roles.items():
        known = list(folder.codebook.columns(table))
        for role in (f.name for f in fields(roles) if f.name != "consent_given"):
            column = getattr(roles, role)
            if column and column not in known:
                close = nearest(column, known)
                yield f"study.yaml: {table}: roles.{role}: column {column!r} is not in codebook.csv; {close}"
        if roles.consent and not roles.consent_given:
            yield f"study.yaml: {table}: roles.consent_given is empty; say which values mean consent"


def _wrong_role_types(folder: SurveyFolder) -> Iterable[str]:
    """Roles whose columns are of a type that says nothing of it."""
    types = {(v.table, v.column): v.type for v in folder.codebook.variables}
    for table, roles in folder.roles.items():
        for role, (allowed, use) in TYPES_OF_ROLES.items():
            column = getattr(roles, role)
            found = types.get((table, column), allowed[0])
            if found not in allowed:
                yield f"study.yaml: {table}: roles.{role}: {used_as(column, use, found)}"


def _wrong_delivery(folder: SurveyFolder) -> Iterable[str]:
    """What is said of a table's files and format and cannot be."""
    for table in folder.study.tables:
        yield from wrong_options(table)
        yield from _unknown_details(folder, table)
        yield from _unknown_parent(folder, table)


def _unknown_details(folder: SurveyFolder, table: SourceTable) -> Iterable[str]:
    known = list(folder.codebook.columns(table.name))
    for detail in table.details:
        given = {"constants": detail.constants, "renamed": detail.renamed.values(), "absent": detail.absent}
        for key, columns in given.items():
            for column in columns:
                if column not in known:
                    where = f"study.yaml: table {table.name}: details: {detail.file}: {key}"
                    yield f"{where}: column {column!r} is not in codebook.csv; {nearest(column, known)}"


def _numbers_as_text(folder: SurveyFolder) -> Iterable[str]:
    """Formats of text in columns that hold numbers: a number has no thousands mark to be read."""
    stored = {t.name: t.format for t in folder.study.tables if t.format in {"stata", "spss", "parquet"}}
    for v in folder.codebook.variables:
        if v.table in stored and v.type in NUMBERS and v.format:
            yield (
                f"codebook.csv: {v.column!r}: format {v.format!r}: {stored[v.table]} files hold numbers; "
                "leave format empty"
            )


def _unknown_parent(folder: SurveyFolder, table: SourceTable) -> Iterable[str]:
    link = table.parent
    if link is None:
        return
    tables = [t.name for t in folder.study.tables]
    where = f"study.yaml: table {table.name}: parent"
    if link.table not in tables:
        yield f"{where}.table {link.table!r} is not in study.yaml; {nearest(link.table, tables)}"
        return
    # Withdrawals and corrections follow the link after reading, so both its ends are kept.
    for name, end in ((link.table, link.key), (table.name, link.own)):
        known = list(folder.codebook.columns(name))
        for column in (end, *link.carried):
            if column not in known:
                close = nearest(column, known)
                yield f"{where}: column {column!r} is not in codebook.csv for table {name!r}; {close}"


def _wrong_days(folder: SurveyFolder) -> Iterable[str]:
    study = folder.study
    days = {key: getattr(study, key) for key in ("exported_on", "unblinded_on", "retention_until")}
    days |= {f"forms: {f.file}: deployed": f.deployed for f in study.forms}
    for number, window in enumerate(study.fieldwork):
        first, last = (f"fieldwork.{number}.{key}" for key in ("first_day", "last_day"))
        days |= {first: window.first_day or "nothing", last: window.last_day or "nothing"}
        if is_day(window.first_day) and is_day(window.last_day) and window.first_day > window.last_day:
            yield f"study.yaml: {first} {window.first_day} is after last_day {window.last_day}; swap them"
    for key, day in days.items():
        if day and not is_day(day):
            yield f"study.yaml: {key}: found {day!r}; a day such as 2026-03-31 is expected"


def _wrong_time_zone(name: str) -> Iterable[str]:
    zones = available_timezones()
    if name and name not in zones:
        close = get_close_matches(name, sorted(zones), n=1)
        hint = f"did you mean {close[0]!r}?" if close else "name it by area and city, as in Asia/Jakarta"
        yield f"study.yaml: time_zone {name!r} is no time zone; {hint}"


def _wrong_bounds(codebook: Codebook) -> Iterable[str]:
    for v in codebook.variables:
        pairs = {"minimum": (v.minimum, v.maximum), "hard_minimum": (v.hard_minimum, v.hard_maximum)}
        for key, (low, high) in pairs.items():
            if low is not None and high is not None and low > high:
                words = f"{key} {low:g} is above {key.replace('min', 'max')} {high:g}"
                yield f"codebook.csv: {v.column!r}: {words}; no value lies between"


def _wrong_allowed_values(folder: SurveyFolder) -> Iterable[str]:
    patterns = {"integer": r"[+-]?[0-9]+", "decimal": r"[+-]?[0-9]+(\.[0-9]+)?"}
    for v in folder.codebook.variables:
        pattern = patterns.get(v.type, r"(?s).*")
        for choice in v.allowed:
            if not re.fullmatch(pattern, choice):
                yield f"codebook.csv: {v.column!r}: allowed value {choice!r} is not {v.type}"
