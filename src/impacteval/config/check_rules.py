"""Checks of ``checks.yaml`` that their study cannot run, or that would find nothing whatever the data are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import MISSING, fields

from impacteval.checks import (
    AddsUp,
    AnyCheck,
    AtMost,
    BackCheck,
    Balance,
    Comparable,
    Components,
    Disposition,
    Duration,
    EnumeratorEffect,
    ExposureOrder,
    Growth,
    Heaping,
    Hours,
    ImpliedWage,
    InRange,
    Location,
    MostlyPresent,
    MultivariateOutlier,
    OtherSpecify,
    Outlier,
    Overlap,
    Quota,
    Shares,
    Tenure,
    UnitSlip,
    WageAgreement,
    Weights,
    WorkerAge,
)
from impacteval.checks.answers import names_in
from impacteval.codebook import VariableType
from impacteval.config.folder import SurveyFolder
from impacteval.delivery import Roles
from impacteval.errors import ConfigError, nearest
from impacteval.survey.expressions import parse

NUMBERS: tuple[VariableType, ...] = ("integer", "decimal")
DAYS: tuple[VariableType, ...] = ("date", "datetime")
CLOCKS: tuple[VariableType, ...] = ("datetime",)
OWN = "table"
# Keys of a check that name other tables than its own.
TABLE_KEYS = (
    "other",
    "members",
    "training",
    "back_checks",
    "frame",
    "deflator",
    "contacts",
    "interviews",
    "reference",
    "register",
    "workers",
)
# Keys that name columns used as numbers, each with the key that names their table.
AS_NUMBERS: Mapping[type, Mapping[str, str]] = {
    InRange: {"column": OWN},
    AtMost: {"column": OWN, "other": OWN},
    AddsUp: {"whole": OWN, "parts": OWN},
    Balance: {"result": OWN, "plus": OWN, "minus": OWN, "base": OWN},
    Components: {"total": OWN, "components": OWN},
    Shares: {"columns": OWN},
    UnitSlip: {"column": OWN, "per": OWN},
    Outlier: {"columns": OWN},
    MultivariateOutlier: {"columns": OWN},
    ImpliedWage: {"wage_bill": OWN, "employment": OWN, "reference_amount": "reference"},
    WageAgreement: {"wage_bill": OWN, "employment": OWN, "worker_wage": "workers"},
    Growth: {"sales": OWN, "employment": OWN},
    Heaping: {"columns": OWN},
    EnumeratorEffect: {"outcome": OWN},
    Duration: {"minutes": OWN},
    Location: {"registered_latitude": OWN, "registered_longitude": OWN},
    WorkerAge: {"column": OWN},
    Hours: {"column": OWN},
    Tenure: {"column": OWN, "age": OWN, "firm_age": OWN, "founded": OWN},
    Quota: {"eligible": OWN, "employment": OWN, "register_employment": "register"},
    ExposureOrder: {
        "employment": OWN,
        "attended": "training",
        "offered": "training",
        "participants": "training",
    },
    Disposition: {"outcomes": "outcome_table"},
    Weights: {"panel_weight": OWN, "total": "frame"},
    Comparable: {"deflator_index": "deflator"},
}
AS_DAYS: Mapping[type, Mapping[str, str]] = {ExposureOrder: {"start_used": OWN, "trained_on": "training"}}


def check_contradictions(folder: SurveyFolder) -> Iterable[str]:
    """Everything that is wrong between the checks asked for and the rest of a study."""
    tables = [t.name for t in folder.study.tables]
    for check in folder.checks:
        if check.table not in tables:
            yield _said(
                check, OWN, f"table {check.table!r} is not in study.yaml; {nearest(check.table, tables)}"
            )
            continue
        yield from _unknown_tables(check, tables)
        yield from _missing_roles(folder, check, tables)
        yield from _unknown_columns(folder, check, tables)
        yield from _wrong_types(folder, check)
        yield from _days_for_times(folder, check)
        yield from _wrong_condition(folder, check)
        yield from _without_effect(folder, check)


def _said(check: AnyCheck, key: str, problem: str) -> str:
    """A problem with the place in which it is; ``table`` and ``column`` name themselves."""
    where = "" if key in {OWN, "column", ""} else f"{key}: "
    return f"checks.yaml: {check.id}: {where}{problem}"


def _listed(check: AnyCheck, key: str) -> tuple[str, ...]:
    """What a key names: one thing, several, or none."""
    value = getattr(check, key, ())
    found = (value,) if isinstance(value, str) else value
    return tuple(v for v in found if isinstance(v, str) and v) if isinstance(found, tuple) else ()


def _tables_named(check: AnyCheck) -> dict[str, str]:
    """Other tables that a check names, each with its key; ``other`` of some kinds is no table."""
    keys = [k for k in TABLE_KEYS if k != "other" or not isinstance(check, AtMost | OtherSpecify)]
    named = {name: key for key in keys for name in _listed(check, key)}
    if isinstance(check, Comparable):
        named |= {asked.elsewhere: "asked.elsewhere" for asked in check.asked if asked.elsewhere}
    return named


def _unknown_tables(check: AnyCheck, tables: Sequence[str]) -> Iterator[str]:
    for name, key in _tables_named(check).items():
        if name not in tables:
            yield _said(check, key, f"table {name!r} is not in study.yaml; {nearest(name, tables)}")


def _missing_roles(folder: SurveyFolder, check: AnyCheck, tables: Sequence[str]) -> Iterator[str]:
    needed = [(check.table, role) for role in check.roles_needed]
    needed += getattr(check, "roles_elsewhere", ())
    if isinstance(check, BackCheck):
        needed.append((check.back_checks, "unit"))
    for table, role in dict.fromkeys(needed):
        if table in tables and not getattr(folder.roles.get(table, Roles()), role):
            kind = getattr(check, "kind")  # noqa: B009 (of every kind of check, not of their base)
            yield _said(
                check,
                "",
                f"{kind} needs roles.{role} of table {table!r}; say in study.yaml which column it is, "
                "or leave the check out",
            )


def _unknown_columns(folder: SurveyFolder, check: AnyCheck, tables: Sequence[str]) -> Iterator[str]:
    elsewhere: Sequence[tuple[str, str]] = getattr(check, "columns_elsewhere", ())
    if isinstance(check, BackCheck):
        elsewhere = [(check.back_checks, column) for column in check.columns_read]
    for table, column in dict.fromkeys([*((check.table, c) for c in check.columns_read), *elsewhere]):
        known = list(folder.codebook.columns(table))
        if table in tables and column not in known:
            of_table = "" if table == check.table else f" for table {table!r}"
            text = f"column {column!r} is not in codebook.csv{of_table}; {nearest(column, known)}"
            yield _said(check, _key_of(check, column), text)


def _key_of(check: AnyCheck, column: str) -> str:
    """The key under which a column stands; empty where it stands within an expression or a list."""
    keys = (
        f.name for f in fields(check) if f.name not in {"id", OWN, "message", "suggestion", *TABLE_KEYS[1:]}
    )
    return next((key for key in keys if column in _listed(check, key)), "")


def _wrong_types(folder: SurveyFolder, check: AnyCheck) -> Iterator[str]:
    types = {(v.table, v.column): v.type for v in folder.codebook.variables}
    for uses, allowed, use in ((AS_NUMBERS, NUMBERS, "number"), (AS_DAYS, DAYS, "day")):
        for key, table_key in uses.get(type(check), {}).items():
            table = getattr(check, table_key)
            for column in _listed(check, key):
                found = types.get((table, column), allowed[0])
                if found not in allowed:
                    yield _said(check, key, used_as(column, use, found))


def not_a_number(where: str, column: str, type_: str) -> str:
    """Say that a column of another type is used as a number."""
    return f"{where}: {used_as(column, 'number', type_)}"


def used_as(column: str, use: str, type_: str) -> str:
    """Say that a column is used as what its type is not, and what to do."""
    return (
        f"column {column!r} is used as a {use} but is {type_} in codebook.csv; "
        f"name a column of {use}s or change its type"
    )


def _days_for_times(folder: SurveyFolder, check: AnyCheck) -> Iterator[str]:
    """Durations and overlaps are judged by the minute, which days do not tell."""
    if not isinstance(check, Duration | Overlap) or "start" not in check.roles_needed:
        return
    roles = folder.roles.get(check.table, Roles())
    types = {v.column: v.type for v in folder.codebook.of_table(check.table)}
    for role in ("start", "end"):
        column = getattr(roles, role)
        if types.get(column, CLOCKS[0]) == "date":
            yield _said(
                check,
                "",
                f"column {column!r}, roles.{role}, holds days without time; {check.kind} needs a datetime",
            )


def _wrong_condition(folder: SurveyFolder, check: AnyCheck) -> Iterator[str]:
    """Conditions on rows must be evaluated; those of forms are known to say so where they are not."""
    if not isinstance(check, InRange | AtMost) or not check.when:
        return
    try:
        parse(check.when)
    except ConfigError as error:
        yield _said(check, "when", str(error))
    known = list(folder.codebook.columns(check.table))
    for column in names_in(check.when):
        if column not in known:
            yield _said(check, "when", f"column {column!r} is not in codebook.csv; {nearest(column, known)}")


def _without_effect(folder: SurveyFolder, check: AnyCheck) -> Iterator[str]:
    """Checks that would pass whatever the data are."""
    if isinstance(check, InRange):
        yield from _wrong_bounds(check)
    if isinstance(check, MostlyPresent) and not 0 < check.share <= 1:
        yield _said(check, "", f"share {check.share}: above 0, at most 1")
    read = check.columns_read
    for column in sorted({c for c in read if read.count(c) > 1}):
        yield _said(check, "", f"column {column!r} stands twice; a column is not compared with itself")
    if isinstance(check, MultivariateOutlier) and len(set(check.columns)) < 2:
        yield _said(check, "", "columns: at least two are needed; outlier judges one")
    elif _is_required(check, "columns") and not _listed(check, "columns"):
        yield _said(check, "", "columns is empty; name at least one")
    if isinstance(check, OtherSpecify) and check.column in folder.codebook.columns(check.table):
        allowed = folder.codebook.find(check.table, check.column).allowed
        if allowed and check.other not in allowed:
            yield _said(
                check,
                "other",
                f"{check.other!r} is no option of {check.column!r}; {nearest(check.other, allowed)}",
            )


def _wrong_bounds(check: InRange) -> Iterator[str]:
    low, high = check.minimum, check.maximum
    if low is None and high is None:
        yield _said(check, "", "no bound; give `minimum`, `maximum` or both")
    elif low is not None and high is not None and low > high:
        yield _said(check, "", f"minimum {low:g} is above maximum {high:g}; no value lies between")


def _is_required(check: AnyCheck, key: str) -> bool:
    return any(f.name == key and f.default is MISSING for f in fields(check))
