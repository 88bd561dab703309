"""Contradictions between the files of a study."""

from __future__ import annotations

from collections.abc import Iterable

from impacteval.config.check_rules import DAYS, NUMBERS, not_a_number
from impacteval.config.design_rules import wrong_designs, wrong_headline
from impacteval.config.folder import StudyFolder
from impacteval.config.formula_rules import kinds_of_panel, wrong_derivations
from impacteval.config.programme_rules import wrong_programme
from impacteval.config.survey_rules import NAME_PATTERN, duplicates, name_rule
from impacteval.design import ArmColumn, EntryDay, Plan, carried_columns, columns_of, estimated
from impacteval.errors import nearest

# Columns that the enterprise panel has of its own.
RESERVED = ("unit", "period", "arm", "first_treat", "cluster", "source_file", "source_row", "baseline")


def contradictions(folder: StudyFolder) -> Iterable[str]:
    """Everything that is wrong between the files of a study."""
    yield from _wrong_names(folder)
    yield from _wrong_panel_table(folder)
    yield from _wrong_outcome_columns(folder)
    yield from _wrong_plan_columns(folder)
    yield from _wrong_panel_key(folder)
    yield from _wrong_types(folder)
    yield from _reserved_names(folder)
    yield from _wrong_outcomes(folder)
    yield from _wrong_primary(folder)
    yield from wrong_designs(folder)
    yield from _wrong_subgroups(folder)
    yield from _wrong_clock(folder.plan)
    yield from _wrong_levels(folder.plan)
    yield from _wrong_arms(folder.plan)
    yield from wrong_programme(folder)
    yield from _wrong_dose(folder)
    yield from wrong_derivations(folder)


def _wrong_dose(folder: StudyFolder) -> Iterable[str]:
    dose, names = folder.plan.dose, [o.name for o in folder.outcomes]
    if dose and dose not in names:
        yield f"plan.yaml: dose {dose!r} is no outcome; {nearest(dose, names)}"


def _wrong_names(folder: StudyFolder) -> Iterable[str]:
    plan = folder.plan
    named = {
        "outcomes.csv: outcome": [o.name for o in folder.outcomes],
        "plan.yaml: design": [d.name for d in plan.designs],
        "plan.yaml: arm": [a.name for a in (*plan.treatment.arms, plan.treatment.comparison)],
        "plan.yaml: subgroups": [s.name for s in plan.subgroups],
    }
    for where, names in named.items():
        yield from (f"{where}: {name_rule(n)}" for n in names if not NAME_PATTERN.match(n))
        yield from (f"{where}: the name {n!r} stands twice" for n in duplicates(names))
    for family in folder.families:
        if not NAME_PATTERN.match(family):
            yield f"outcomes.csv: family: {name_rule(family)}"


def _wrong_panel_table(folder: StudyFolder) -> Iterable[str]:
    tables = [t.name for t in folder.study.tables]
    panel = folder.plan.panel.table
    if panel not in tables:
        yield f"plan.yaml: panel.table {panel!r} is not in study.yaml; {nearest(panel, tables)}"


def _wrong_outcome_columns(folder: StudyFolder) -> Iterable[str]:
    known = _known_columns(folder)
    for outcome in folder.outcomes:
        yield from (
            f"outcomes.csv: {outcome.name}: column {c!r} is not in codebook.csv; {nearest(c, known)}"
            for c in outcome.columns
            if c not in known
        )
        if outcome.name in known and outcome.name not in (outcome.column, outcome.formula.strip()):
            where = _where(outcome.name, folder)
            yield f"outcomes.csv: {outcome.name}: {where} has a column of this name; choose another"


def _known_columns(folder: StudyFolder) -> list[str]:
    """Columns of the panel table: those of the codebook, then those that are derived for it."""
    return [*folder.codebook.columns(folder.plan.panel.table), *folder.derivations.derived_of_panel]


def _where(column: str, folder: StudyFolder) -> str:
    return "derived.csv" if column in folder.derivations.derived_of_panel else "the codebook"


def _wrong_plan_columns(folder: StudyFolder) -> Iterable[str]:
    known = _known_columns(folder)
    of_outcomes = {c for o in folder.outcomes for c in o.columns}
    for column in columns_of(folder.plan, ()):
        if column not in known and column not in of_outcomes:
            yield f"plan.yaml: column {column!r} is not in codebook.csv; {nearest(column, known)}"


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
    types = {(v.table, v.column): v.type for v in folder.codebook.variables}
    for column, kind in kinds_of_panel(folder.derivations).items():
        types[table, column] = "decimal" if kind == "number" else "text"
    if isinstance(plan.treatment, EntryDay):
        used = {place: where for place, where in used.items() if types.get(place) not in DAYS}
    for place, where in used.items():
        if types.get(place, "integer") not in NUMBERS:
            yield not_a_number(where, place[1], types[place])


def _reserved_names(folder: StudyFolder) -> Iterable[str]:
    names = {"outcomes.csv: outcome": [o.name for o in folder.outcomes]}
    names["plan.yaml: column"] = list(carried_columns(folder.plan, folder.outcomes))
    names["derived.csv"] = [d.name for d in folder.derived]
    for where, used in names.items():
        yield from (
            f"{where}: the name {n!r} is taken by the panel; rename it" for n in used if n in RESERVED
        )


def _wrong_outcomes(folder: StudyFolder) -> Iterable[str]:
    if not estimated(folder.outcomes):
        yield "outcomes.csv: no outcome" if not folder.outcomes else "outcomes.csv: no outcome is estimated"
    for outcome in folder.outcomes:
        if outcome.transform in {"log", "recorded"} and outcome.baseline_column:
            yield (
                f"outcomes.csv: {outcome.name}: baseline_column is not transformed; leave it empty with "
                f"{outcome.transform}"
            )
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
    for outcome in estimated(folder.outcomes):
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
        yield from (f"{where}: the group {n!r} stands twice" for n in duplicates(names))
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
    if not isinstance(treatment, ArmColumn):
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
