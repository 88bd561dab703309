"""Contradictions between the files of a study."""

from __future__ import annotations

import re
from collections.abc import Iterable

from impacteval.checks import AtMost, ConstantWithinUnit, InRange, MostlyPresent, Unique, columns_of_check
from impacteval.config.design_rules import wrong_designs, wrong_headline
from impacteval.config.folder import StudyFolder
from impacteval.design import FirstSwitch, Plan, carried_columns, columns_of
from impacteval.errors import nearest

NAME_PATTERN = re.compile(r"^[a-z][a-z0-9_]{0,40}$")
CHECK_ID_PATTERN = re.compile(r"^[a-z][a-z0-9_-]{0,60}$")
NUMBERS = ("integer", "decimal")
# Columns that the enterprise panel has of its own.
RESERVED = ("unit", "period", "arm", "first_treat", "cluster", "source_file", "source_row", "baseline")
FILE_PATTERN = re.compile(r"^[A-Za-z0-9][A-Za-z0-9_. -]{0,120}$")


def name_rule(name: str) -> str:
    """Say that a name is not allowed, and what names are."""
    return (
        f"the name {name!r} is not allowed; names begin with a small letter and hold small letters, "
        "digits and _, 41 at most"
    )


def _duplicates(names: Iterable[str]) -> list[str]:
    seen = list(names)
    return sorted({name for name in seen if seen.count(name) > 1})


def contradictions(folder: StudyFolder) -> Iterable[str]:
    """Everything that is wrong between the files of a study."""
    yield from _wrong_names(folder)
    yield from _wrong_tables(folder)
    yield from _wrong_outcome_columns(folder)
    yield from _wrong_plan_columns(folder)
    yield from _wrong_check_columns(folder)
    yield from _checks_of_nothing(folder)
    yield from _wrong_bounds(folder)
    yield from _wrong_panel_key(folder)
    yield from _wrong_types(folder)
    yield from _wrong_allowed_values(folder)
    yield from _reserved_names(folder)
    yield from _wrong_outcomes(folder)
    yield from _wrong_primary(folder)
    yield from wrong_designs(folder)
    yield from _wrong_subgroups(folder)
    yield from _wrong_clock(folder.plan)
    yield from _wrong_levels(folder.plan)
    yield from _wrong_arms(folder.plan)


def _wrong_names(folder: StudyFolder) -> Iterable[str]:
    plan = folder.plan
    named = {
        "outcomes.csv: outcome": [o.name for o in folder.outcomes],
        "plan.yaml: design": [d.name for d in plan.designs],
        "plan.yaml: arm": [a.name for a in (*plan.treatment.arms, plan.treatment.comparison)],
        "plan.yaml: subgroups": [s.name for s in plan.subgroups],
        "study.yaml: table": [t.name for t in folder.study.tables],
    }
    for where, names in named.items():
        yield from (f"{where}: {name_rule(n)}" for n in names if not NAME_PATTERN.match(n))
        yield from (f"{where}: the name {n!r} stands twice" for n in _duplicates(names))
    for family in folder.families:
        if not NAME_PATTERN.match(family):
            yield f"outcomes.csv: family: {name_rule(family)}"
    ids = [c.id for c in folder.checks]
    yield from (
        f"checks.yaml: id {i!r}: only small letters, digits, - and _"
        for i in ids
        if not CHECK_ID_PATTERN.match(i)
    )
    yield from (f"checks.yaml: the id {i!r} stands twice" for i in _duplicates(ids))
    yield from (
        f"codebook.csv: column {c!r} of table {t!r} stands twice"
        for t, c in sorted({(v.table, v.column) for v in folder.codebook.variables})
        if [(v.table, v.column) for v in folder.codebook.variables].count((t, c)) > 1
    )


def _wrong_tables(folder: StudyFolder) -> Iterable[str]:
    tables = [t.name for t in folder.study.tables]
    listed = [f for t in folder.study.tables for f in t.files]
    yield from (
        f"study.yaml: file {f!r}: a plain file name is expected" for f in listed if not FILE_PATTERN.match(f)
    )
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
    panel = folder.plan.panel.table
    if panel not in tables:
        yield f"plan.yaml: panel.table {panel!r} is not in study.yaml; {nearest(panel, tables)}"


def _wrong_outcome_columns(folder: StudyFolder) -> Iterable[str]:
    known = list(folder.codebook.columns(folder.plan.panel.table))
    for outcome in folder.outcomes:
        yield from (
            f"outcomes.csv: {outcome.name}: column {c!r} is not in codebook.csv; {nearest(c, known)}"
            for c in outcome.columns
            if c not in known
        )
        if outcome.name in known and outcome.name != outcome.column:
            yield f"outcomes.csv: {outcome.name}: the codebook has a column of this name; choose another"


def _wrong_plan_columns(folder: StudyFolder) -> Iterable[str]:
    known = list(folder.codebook.columns(folder.plan.panel.table))
    of_outcomes = {c for o in folder.outcomes for c in o.columns}
    for column in columns_of(folder.plan, ()):
        if column not in known and column not in of_outcomes:
            yield f"plan.yaml: column {column!r} is not in codebook.csv; {nearest(column, known)}"


def _wrong_check_columns(folder: StudyFolder) -> Iterable[str]:
    for check in folder.checks:
        known = list(folder.codebook.columns(check.table))
        yield from (
            f"checks.yaml: {check.id}: column {c!r} is not in codebook.csv; {nearest(c, known)}"
            for c in columns_of_check(check)
            if c not in known
        )
        if isinstance(check, MostlyPresent) and not 0 <= check.share <= 1:
            yield f"checks.yaml: {check.id}: share {check.share}: between 0 and 1"


def _checks_of_nothing(folder: StudyFolder) -> Iterable[str]:
    """Checks that would pass whatever the data are."""
    panel = folder.plan.panel.table
    for check in folder.checks:
        if isinstance(check, ConstantWithinUnit) and check.table != panel:
            yield (
                f"checks.yaml: {check.id}: table {check.table!r} has no units; constant_within_unit is for "
                f"the panel's table, {panel!r}"
            )
        if isinstance(check, InRange) and check.minimum is None and check.maximum is None:
            yield f"checks.yaml: {check.id}: no bound; give `minimum`, `maximum` or both"
        if isinstance(check, Unique) and not check.columns:
            yield f"checks.yaml: {check.id}: columns is empty; name at least one"


def _wrong_bounds(folder: StudyFolder) -> Iterable[str]:
    bounds = {f"codebook.csv: {v.column!r}": (v.minimum, v.maximum) for v in folder.codebook.variables}
    bounds |= {
        f"checks.yaml: {c.id}": (c.minimum, c.maximum) for c in folder.checks if isinstance(c, InRange)
    }
    for where, (low, high) in bounds.items():
        if low is not None and high is not None and low > high:
            yield f"{where}: minimum {low:g} is above maximum {high:g}; no value lies between"


def _wrong_panel_key(folder: StudyFolder) -> Iterable[str]:
    panel, codebook = folder.plan.panel, folder.codebook
    known = codebook.columns(panel.table)
    for key in (panel.unit, panel.period):
        if key in known and codebook.find(panel.table, key).required != "yes":
            yield f"codebook.csv: {key!r} is part of the panel's key; its column `required` must be yes"
    if panel.period in known and codebook.find(panel.table, panel.period).type != "integer":
        yield f"codebook.csv: {panel.period!r} is the panel's period; its type must be integer"


def _wrong_types(folder: StudyFolder) -> Iterable[str]:
    """Columns that are used as numbers and are not."""
    plan, table = folder.plan, folder.plan.panel.table
    used = {(table, c): "outcomes.csv" for o in folder.outcomes for c in o.columns}
    used |= {(table, c): "plan.yaml" for c in (*carried_columns(plan, ()), plan.treatment.column)}
    used |= {
        (c.table, column): f"checks.yaml: {c.id}"
        for c in folder.checks
        if isinstance(c, InRange | AtMost)
        for column in columns_of_check(c)
    }
    types = {(v.table, v.column): v.type for v in folder.codebook.variables}
    for place, where in used.items():
        if types.get(place, "integer") not in NUMBERS:
            yield (
                f"{where}: column {place[1]!r} is used as a number but is {types[place]} in codebook.csv; "
                "name a column of numbers or change its type"
            )


def _wrong_allowed_values(folder: StudyFolder) -> Iterable[str]:
    patterns = {"integer": r"[+-]?[0-9]+", "decimal": r"[+-]?[0-9]+(\.[0-9]+)?"}
    for v in folder.codebook.variables:
        pattern = patterns.get(v.type, r"(?s).*")
        for choice in v.allowed:
            if not re.fullmatch(pattern, choice):
                yield f"codebook.csv: {v.column!r}: allowed value {choice!r} is not {v.type}"


def _reserved_names(folder: StudyFolder) -> Iterable[str]:
    names = {"outcomes.csv: outcome": [o.name for o in folder.outcomes]}
    names["plan.yaml: column"] = list(carried_columns(folder.plan, folder.outcomes))
    for where, used in names.items():
        yield from (
            f"{where}: the name {n!r} is taken by the panel; rename it" for n in used if n in RESERVED
        )


def _wrong_outcomes(folder: StudyFolder) -> Iterable[str]:
    if not folder.outcomes:
        yield "outcomes.csv: no outcome"
    for outcome in folder.outcomes:
        if outcome.transform == "log" and outcome.baseline_column:
            yield f"outcomes.csv: {outcome.name}: baseline_column is not transformed; leave it empty with log"
        clock = [str(p) for p in folder.plan.panel.periods]
        yield from (
            f"outcomes.csv: {outcome.name}: period {p!r} is not in plan.yaml; {nearest(p, clock)}"
            for p in outcome.periods
            if p not in clock
        )


def _wrong_primary(folder: StudyFolder) -> Iterable[str]:
    plan = folder.plan
    names = [d.name for d in plan.designs]
    if plan.primary not in names:
        yield f"plan.yaml: primary {plan.primary!r} is no design; {nearest(plan.primary, names)}"
    for outcome in folder.outcomes:
        if outcome.design and outcome.design not in names:
            close = nearest(outcome.design, names)
            yield f"outcomes.csv: {outcome.name}: design {outcome.design!r} is not in plan.yaml; {close}"
        for design in plan.designs:
            if design.name == (outcome.design or plan.primary):
                yield from wrong_headline(plan, design, outcome)


def _wrong_subgroups(folder: StudyFolder) -> Iterable[str]:
    designs = [d.name for d in folder.plan.designs]
    for s in folder.plan.subgroups:
        where = f"plan.yaml: subgroups {s.name}"
        names, values = [g.name for g in s.groups], [g.value for g in s.groups]
        yield from (f"{where}: {name_rule(n)}" for n in (s.name, *names) if not NAME_PATTERN.match(n))
        yield from (f"{where}: the group {n!r} stands twice" for n in _duplicates(names))
        if len(set(values)) < len(values):
            yield f"{where}: two groups have the same value"
        if len(names) < 2:
            yield f"{where}: two groups or more are compared"
        yield from (
            f"{where}: design {d!r} is not in plan.yaml; {nearest(d, designs)}"
            for d in s.designs
            if d not in designs
        )


def _wrong_clock(plan: Plan) -> Iterable[str]:
    periods, labels = plan.panel.periods, plan.panel.period_labels
    if len(periods) < 2 or list(periods) != sorted(set(periods)):
        yield f"plan.yaml: panel.periods {list(periods)}: two or more, rising, none twice"
    if labels and len(labels) != len(periods):
        yield f"plan.yaml: panel.period_labels has {len(labels)} labels for {len(periods)} periods"


def _wrong_levels(plan: Plan) -> Iterable[str]:
    if not 0.5 < plan.level < 1:
        yield f"plan.yaml: level {plan.level}: between 0.5 and 1"
    if not 0.5 <= plan.power < 1:
        yield f"plan.yaml: power {plan.power}: at least 0.5 and below 1"
    if plan.draws < 99:
        yield f"plan.yaml: draws {plan.draws}: 99 or more"


def _wrong_arms(plan: Plan) -> Iterable[str]:
    treatment, later = plan.treatment, list(plan.panel.periods[1:])
    if isinstance(treatment, FirstSwitch):
        return
    if treatment.first_period not in later:
        yield f"plan.yaml: treatment.first_period {treatment.first_period}: one of {later}"
    values = [a.value for a in (*treatment.arms, treatment.comparison)]
    if None in values:
        yield "plan.yaml: treatment: every arm and the comparison need a `value`"
    if len(set(values)) < len(values):
        yield f"plan.yaml: treatment: two arms have the same value; found {values}"
    if not treatment.arms:
        yield "plan.yaml: treatment.arms is empty"
