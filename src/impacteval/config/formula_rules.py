"""What is wrong with the formulas, parameters and expectations of a study."""

from __future__ import annotations

from collections.abc import Iterator

from impacteval.config.folder import StudyFolder
from impacteval.config.study_formulas import StudyFormulas
from impacteval.config.survey_rules import NAME_PATTERN, duplicates, name_rule
from impacteval.derivation import Parameter, Prior
from impacteval.derive.grammar import FUNCTIONS
from impacteval.derive.kinds import kinds_of, wrong_formulas
from impacteval.derive.order import ordered
from impacteval.derive.parameters import day_number, overlaps, uncovered, unreadable_days
from impacteval.derive.rules import DerivationRules
from impacteval.derive.vocabulary import CLOCK, Formula, Kind
from impacteval.design import EntryDay, Outcome, Plan, columns_of
from impacteval.errors import ConfigError, nearest
from impacteval.survey.read import SOURCE_COLUMNS

MOST_CUT = 25.0


def wrong_derivations(folder: StudyFolder) -> Iterator[str]:
    """Everything that is wrong with what a study derives from its survey."""
    study = folder.derivations
    yield from wrong_days(folder.plan)
    yield from _wrong_place(study)
    yield from _wrong_names(folder)
    for outcome in folder.outcomes:
        yield from wrong_outcome(outcome, folder.plan)
    formulas, problems = study.read()
    yield from problems
    yield from wrong_formulas(formulas, study.vocabulary)
    yield from _circle(formulas, study)
    yield from _wrong_parameters(study)
    yield from _clock_without_days(formulas, study)
    for prior in folder.priors:
        yield from wrong_prior(prior, [o.name for o in folder.outcomes])
    names = duplicates(p.outcome for p in folder.priors)
    yield from (f"priors.csv: the outcome {name!r} stands twice" for name in names)


def kinds_of_panel(study: StudyFormulas) -> dict[str, Kind]:
    """The kind of each column that is derived for the panel table."""
    formulas, _ = study.read()
    kinds = kinds_of(formulas, study.vocabulary)
    return {name: kind for (table, name), kind in kinds.items() if table == study.plan.panel.table}


def unused_derived(folder: StudyFolder) -> tuple[str, ...]:
    """Derived columns that no formula, outcome or key of the plan uses."""
    used = {(r.table, r.name) for r in folder.derivations.used() if r.source == "derived"}
    panel = folder.plan.panel
    named = {*columns_of(folder.plan, folder.outcomes), panel.place}
    used |= {(panel.table, name) for name in named}
    return tuple(d.name for d in folder.derived if (d.table, d.name) not in used)


def derivation_rules(folder: StudyFolder) -> DerivationRules:
    """What the build of the panel needs of a study."""
    return DerivationRules(
        derived=folder.derived,
        parameters=folder.parameters,
        roles=folder.roles,
        unused=unused_derived(folder),
    )


def wrong_days(plan: Plan) -> Iterator[str]:
    """Days and baseline of a plan's periods."""
    panel = plan.panel
    if isinstance(plan.treatment, EntryDay) and not panel.days:
        yield "plan.yaml: panel.days is missing; with the rule entry_day each period needs a day"
    if panel.days and len(panel.days) != len(panel.periods):
        yield f"plan.yaml: panel.days has {len(panel.days)} days for {len(panel.periods)} periods"
    unreadable = [day for day in panel.days if not _is_day(day)]
    yield from (f"plan.yaml: panel.days: {day!r} is no day YYYY-MM-DD" for day in unreadable)
    if not unreadable and list(panel.days) != sorted(set(panel.days)):
        yield f"plan.yaml: panel.days {list(panel.days)}: rising, none twice"
    if panel.baseline is not None and panel.baseline not in panel.periods:
        yield f"plan.yaml: panel.baseline {panel.baseline}: one of {list(panel.periods)}"


def _is_day(text: str) -> bool:
    try:
        day_number(text)
    except ValueError:
        return False
    return len(text) == len("2000-01-01")


def _wrong_place(study: StudyFormulas) -> Iterator[str]:
    panel = study.plan.panel
    if not panel.place:
        return
    columns = study.vocabulary.columns.get(panel.table, {})
    kind = {**columns, **kinds_of_panel(study)}.get(panel.place)
    if kind is None:
        known = [*columns, *study.derived_of_panel]
        yield f"plan.yaml: panel.place {panel.place!r} is no column; {nearest(panel.place, known)}"
    elif kind != "text":
        yield f"plan.yaml: panel.place {panel.place!r} holds numbers; places are texts"


def _wrong_names(folder: StudyFolder) -> Iterator[str]:
    tables = [t.name for t in folder.study.tables]
    names = [d.name for d in folder.derived]
    for d in folder.derived:
        where = f"derived.csv: {d.name}"
        if not NAME_PATTERN.match(d.name):
            yield f"derived.csv: {name_rule(d.name)}"
        if d.table not in tables:
            yield f"{where}: table {d.table!r} is not in study.yaml; {nearest(d.table, tables)}"
        if d.name in folder.codebook.columns(d.table):
            yield f"{where}: the codebook has a column of this name; choose another"
        if d.name in (*FUNCTIONS, *CLOCK, *SOURCE_COLUMNS, *tables):
            yield f"{where}: this name has a meaning of its own in formulas; choose another"
    yield from (f"derived.csv: the name {name!r} stands twice" for name in duplicates(names))
    yield from _wrong_parameter_names(folder, names)


def _wrong_parameter_names(folder: StudyFolder, derived: list[str]) -> Iterator[str]:
    columns = {v.column for v in folder.codebook.variables}
    for name in sorted({p.parameter for p in folder.parameters}):
        if not NAME_PATTERN.match(name):
            yield f"parameters.csv: {name_rule(name)}"
        if name in columns or name in derived:
            yield f"parameters.csv: {name}: a column has this name; choose another"
        if name in (*FUNCTIONS, *CLOCK):
            yield f"parameters.csv: {name}: this name has a meaning of its own in formulas; choose another"


def wrong_outcome(outcome: Outcome, plan: Plan) -> Iterator[str]:
    """What one row of ``outcomes.csv`` may not say."""
    where = f"outcomes.csv: {outcome.name}"
    if outcome.formula and (outcome.column or outcome.divide_by):
        yield f"{where}: a formula stands beside column or divide_by; leave these empty, or the formula"
    if not outcome.formula and not outcome.column:
        yield f"{where}: column and formula are both empty; fill one"
    if outcome.winsorise is not None and not 0 < outcome.winsorise <= MOST_CUT:
        yield f"{where}: winsorise {outcome.winsorise:g}: above 0 and at most {MOST_CUT:g} percent an end"
    if outcome.winsorise is not None and outcome.transform == "recorded":
        yield f"{where}: winsorise has no meaning with the transform recorded; leave it empty"
    limits = (outcome.minimum, outcome.maximum)
    if None not in limits and not float(limits[0] or 0) < float(limits[1] or 0):
        yield f"{where}: minimum {outcome.minimum:g} is not below maximum {outcome.maximum:g}"
    if outcome.role == "primary" and outcome.direction == "neutral":
        yield f"{where}: a primary outcome says which way is better; write higher or lower, or another role"
    if not outcome.is_estimated:
        yield from _wrong_descriptive(outcome, plan, where)


def _wrong_descriptive(outcome: Outcome, plan: Plan, where: str) -> Iterator[str]:
    if outcome.design:
        yield f"{where}: a descriptive outcome is not estimated; leave design empty"
    for design in plan.designs:
        if outcome.name in design.outcomes:
            yield f"plan.yaml: {design.name}: outcome {outcome.name!r} is descriptive; take it out"


def _circle(formulas: tuple[Formula, ...], study: StudyFormulas) -> Iterator[str]:
    try:
        ordered(formulas, study.vocabulary, study.plan)
    except ConfigError as error:
        yield str(error)


def _clock_without_days(formulas: tuple[Formula, ...], study: StudyFormulas) -> Iterator[str]:
    if study.plan.panel.days or not formulas:
        return
    for name in sorted({r.name for r in study.used() if r.source == "clock"} - {"period"}):
        yield f"plan.yaml: panel.days is missing; formulas use {name!r}, which is read from them"


def _wrong_parameters(study: StudyFormulas) -> Iterator[str]:
    unreadable = list(unreadable_days(study.parameters))
    if unreadable:
        yield from unreadable
        return
    yield from overlaps(study.parameters)
    used = sorted({r.name for r in study.used() if r.source == "parameter"})
    for name in used:
        yield from _uncovered([p for p in study.parameters if p.parameter == name], study)


def _uncovered(rows: list[Parameter], study: StudyFormulas) -> Iterator[str]:
    """Days and places on which a formula would find no value of a parameter that it uses."""
    panel, name = study.plan.panel, rows[0].parameter
    where = f"parameters.csv: {name}"
    if any(row.place for row in rows) and not panel.place:
        yield f"{where}: it differs between places, and plan.yaml names no column panel.place"
        return
    if not panel.days and any(row.valid_from or row.valid_to for row in rows):
        yield f"{where}: it is valid for some days only, and plan.yaml gives periods no panel.days"
        return
    if any(not _is_day(day) for day in panel.days):
        return
    for day, place in uncovered(rows, panel.days, _places(rows, study)):
        on_day = f" on {day}" if day else ""
        yield f"{where}: no value{on_day}{f' in {place}' if place else ''}, and formulas use it; add a row"


def _places(rows: list[Parameter], study: StudyFormulas) -> list[str]:
    """Places that the panel's rows can have: those the codebook allows, else those of the parameter."""
    panel = study.plan.panel
    allowed = study.vocabulary.allowed.get((panel.table, panel.place), ())
    return list(allowed) or sorted({row.place for row in rows if row.place})


def wrong_prior(prior: Prior, outcomes: list[str]) -> Iterator[str]:
    """What one row of ``priors.csv`` may not say."""
    where = f"priors.csv: {prior.outcome}"
    if prior.outcome not in outcomes:
        yield f"{where}: no such outcome; {nearest(prior.outcome, outcomes)}"
    limits = (
        ("sd", prior.sd, prior.sd > 0, "above 0"),
        ("variance_inflation", prior.variance_inflation, prior.variance_inflation > 0, "above 0"),
        ("autocorrelation", prior.autocorrelation, 0 <= prior.autocorrelation < 1, "0 or more and below 1"),
        ("coverage", prior.coverage, 0 < prior.coverage <= 1, "above 0 and at most 1"),
        ("overlap", prior.overlap, 0 < prior.overlap <= 1, "above 0 and at most 1"),
        ("attrition", prior.attrition, 0 <= prior.attrition < 1, "0 or more and below 1"),
        ("n_before", prior.n_before, prior.n_before >= 1, "1 or more"),
        ("n_after", prior.n_after, prior.n_after >= 1, "1 or more"),
    )
    yield from (f"{where}: {key} {value:g}: {said}" for key, value, is_right, said in limits if not is_right)
