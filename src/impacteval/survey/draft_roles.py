"""Roles of a drafted table: what its columns are for, as far as their names and types tell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from impacteval.codebook import Variable
from impacteval.delivery import Roles
from impacteval.errors import ConfigError, nearest
from impacteval.survey.data_files import DataFile
from impacteval.survey.draft_columns import Placed
from impacteval.survey.draft_words import (
    CONSENT_GIVEN,
    CONSENT_LABEL,
    CONSENT_NAME,
    ENUMERATOR,
    NOT_ENUMERATOR,
    is_identifier,
    tokens,
)
from impacteval.survey.form_parts import Choice, Form
from impacteval.survey.form_types import METADATA
from impacteval.survey.system_columns import PREFERRED, system_column, system_name
from impacteval.survey.wording import plain_text

ROLES_OF_TYPES = {"start": "start", "end": "end", "deviceid": "device"}
CLOSED_TYPES = {"select_one", "acknowledge"}


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftedRoles:
    """Roles and what a reader should know of how they were found."""

    roles: Roles
    notes: tuple[str, ...] = ()


def drafted_roles(
    placed: Sequence[Placed], form: Form | None, data: DataFile, *, unit: str, period: str
) -> DraftedRoles:
    """Find the roles of a table's columns.

    The unit is the column that is asked for; else a column that numbers things and never repeats in
    the file; else the submission. A period is never guessed.

    Raises
    ------
    ConfigError
        When the unit or period that is asked for is no column.
    """
    columns = [p.column for p in placed]
    for what, name in (("unit", unit), ("period", period)):
        if name and name not in columns:
            raise ConfigError(f"{what} {name!r} is no column of table {data.table}; {nearest(name, columns)}")
    found = {**_system_roles(placed), **_question_roles(placed)}
    found["enumerator"] = _enumerator(placed) or found.get("enumerator", "")
    found |= _position(placed)
    consent = _consent(placed, form, data) if form else _Consent()
    submission = found.get("submission", "")
    proposed = unit or _unique_identifier(placed, data)
    notes = []
    if not unit:
        notes.append(_unit_note(proposed, submission, data))
    if consent.note:
        notes.append(consent.note)
    roles = Roles(
        unit=proposed or submission,
        period=period,
        submission=submission,
        enumerator=found.get("enumerator", ""),
        device=found.get("device", ""),
        start=found.get("start", ""),
        end=found.get("end", ""),
        submitted=found.get("submitted", ""),
        form_version=found.get("form_version", ""),
        consent=consent.column,
        consent_given=consent.given,
        latitude=found.get("latitude", ""),
        longitude=found.get("longitude", ""),
    )
    return DraftedRoles(roles=roles, notes=tuple(notes))


def _unit_note(proposed: str, submission: str, data: DataFile) -> str:
    if proposed:
        return f"roles.unit: {proposed} is proposed since its {len(data.text):,} values differ; check it"
    if submission:
        return f"roles.unit: {submission}, the submission; name the column that identifies an enterprise"
    return "roles.unit is empty; name the column that identifies an enterprise"


def _system_roles(placed: Sequence[Placed]) -> dict[str, str]:
    """Roles of the columns of the collecting software."""
    found: dict[str, dict[str, str]] = {}
    for p in placed:
        system = system_column(p.header)
        if p.question is None and system is not None and system.role:
            found.setdefault(system.role, {})[system_name(p.header)] = p.column
    return {role: _preferred(role, columns) for role, columns in found.items()}


def _preferred(role: str, columns: Mapping[str, str]) -> str:
    order = [*PREFERRED.get(role, ()), *columns]
    return next(columns[name] for name in order if name in columns)


def _question_roles(placed: Sequence[Placed]) -> dict[str, str]:
    """Roles of questions that record something, such as the start."""
    roles: dict[str, str] = {}
    for p in placed:
        if p.question and not p.part and p.question.type in ROLES_OF_TYPES:
            roles.setdefault(ROLES_OF_TYPES[p.question.type], p.column)
    return roles


def _enumerator(placed: Sequence[Placed]) -> str:
    """A column that says who asked, best by a number; else the account of the device."""
    named = [
        p.column
        for p in placed
        if tokens(p.column) & ENUMERATOR and not tokens(p.column) & NOT_ENUMERATOR and not p.choice
    ]
    numbered = [name for name in named if is_identifier(name)]
    accounts = [p.column for p in placed if p.question and p.question.type == "username"]
    return next(iter([*numbered, *named, *accounts]), "")


def _position(placed: Sequence[Placed]) -> dict[str, str]:
    """Coordinates, where the form asks for one position."""
    parts = {part: [p.column for p in placed if p.part == part] for part in ("latitude", "longitude")}
    return {part: columns[0] for part, columns in parts.items() if len(columns) == 1}


def _unique_identifier(placed: Sequence[Placed], data: DataFile) -> str:
    """A column that numbers things and has another value in every row."""
    if not len(data.text):
        return ""
    for p in placed:
        if _numbers_things(p):
            cells = data.text[p.header].str.strip()
            if (cells != "").all() and cells.is_unique:
                return p.column
    return ""


def _numbers_things(placed: Placed) -> bool:
    """Whether a column may number what is surveyed: not the device, the row or the submission."""
    if placed.choice or placed.part or not is_identifier(placed.column) or system_column(placed.header):
        return False
    q = placed.question
    return q is None or not (q.type in METADATA or q.has_listed_choices)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Consent:
    column: str = ""
    given: tuple[str, ...] = ()
    note: str = ""


def _consent(placed: Sequence[Placed], form: Form, data: DataFile) -> _Consent:
    """The closed question that asks for consent, the shortest name first; forms often ask for more."""
    asked = [p for p in placed if p.question and p.question.type in CLOSED_TYPES and not p.part]
    named = [p for p in asked if CONSENT_NAME.search(p.column.lower())]
    labelled = [p for p in asked if p.question and _says_consent(p.question.labels.values())]
    for p in [*sorted(named, key=lambda p: len(p.column)), *labelled]:
        given = _given(p, form, data)
        if given:
            others = [o.column for o in named if o is not p]
            note = f"roles.consent: {p.column}; other questions for consent: {', '.join(others)}"
            return _Consent(column=p.column, given=given, note=note if others else "")
    return _Consent()


def _says_consent(labels: Iterable[str]) -> bool:
    return any(CONSENT_LABEL.search(plain_text(label).casefold()) for label in labels)


def _given(placed: Placed, form: Form, data: DataFile) -> tuple[str, ...]:
    """Answers that mean consent, as the file holds them: values, or labels where it has no value."""
    if placed.question is None:
        return ()
    choices = [c for c in form.choices_of(placed.question) if _means_yes(c)]
    found = data.cells(placed.header)
    values = {c.value for c in form.choices_of(placed.question)}
    if found.empty or found.isin(list(values)).any():
        return tuple(c.value for c in choices)
    return tuple(label for c in choices for label in c.labels.values() if label in set(found))


def _means_yes(choice: Choice) -> bool:
    texts = (*choice.labels.values(), choice.value.replace("_", " "))
    return any(CONSENT_GIVEN.match(plain_text(text).casefold()) for text in texts)


def without_wrong_times(roles: Roles, variables: Sequence[Variable]) -> Roles:
    """Roles without times whose columns could not be read as times."""
    types = {v.column: v.type for v in variables}

    def time_or_nothing(column: str) -> str:
        return column if types.get(column) in {"date", "datetime"} else ""

    return replace(
        roles,
        start=time_or_nothing(roles.start),
        end=time_or_nothing(roles.end),
        submitted=time_or_nothing(roles.submitted),
    )


def with_keys_required(variables: Sequence[Variable], roles: Roles) -> tuple[Variable, ...]:
    """Variables of which those that identify a row must have a value."""
    keys = {roles.unit, roles.period, roles.submission} - {""}
    return tuple(replace(v, required="yes") if v.column in keys else v for v in variables)
