"""Codebook rows for the questions of a form and the columns of the collecting software."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd

from impacteval.codebook import Variable, VariableType
from impacteval.survey.data_files import DataFile
from impacteval.survey.draft_columns import Placed
from impacteval.survey.draft_constraint import interval_of
from impacteval.survey.draft_languages import suffixes_of, with_choice_labels, with_labels, with_suffixes
from impacteval.survey.draft_values import time_format, type_of
from impacteval.survey.draft_words import (
    codes_in_hint,
    is_personal,
    missing_reason,
)
from impacteval.survey.form_parts import Choice, Form, Question
from impacteval.survey.form_types import MEDIA
from impacteval.survey.system_columns import system_column

TYPES: dict[str, VariableType] = {
    "integer": "integer",
    "decimal": "decimal",
    "range": "decimal",
    "select_one": "category",
    "acknowledge": "category",
    "select_multiple": "multiple",
    "rank": "multiple",
    "date": "date",
    "today": "date",
    "datetime": "datetime",
    "start": "datetime",
    "end": "datetime",
}
LABELS = ("label", "label_id", "label_2")
# The answer that ``or_other`` adds has no label in the form.
OTHER = {"label": "Other", "label_id": "Lainnya", "label_2": "Other"}
OTHER_AS_WRITTEN = {"label": "other, as written", "label_id": "lainnya", "label_2": "other, as written"}
GEO_UNITS = {"latitude": "degrees", "longitude": "degrees", "altitude": "m", "precision": "m"}
ALWAYS_PERSONAL = {
    *MEDIA,
    *("geopoint", "start-geopoint", "geotrace", "geoshape", "audio_audit"),
    *("phonenumber", "simserial", "subscriberid", "email"),
}
# Answers to closed questions are codes, whatever the question's name.
CLOSED = {"select_one", "select_multiple", "rank", "acknowledge", "note", "date", "today"}
PLAIN = Variable(
    table="",
    column="",
    type="text",
    unit="",
    required="no",
    confidential="no",
    minimum=None,
    maximum=None,
    allowed=(),
    missing_codes=(),
    label="",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftedVariable:
    """A codebook row and what should be looked at before it is used."""

    variable: Variable
    doubt: str = ""


def variable_of(placed: Placed, form: Form, data: DataFile) -> DraftedVariable:
    """Draft the codebook row of a column that was placed."""
    cells = data.cells(placed.header)
    if placed.question is None:
        drafted = _of_system(placed, cells)
    elif placed.choice:
        drafted = _of_detail(placed.question, placed.choice, form, cells)
    elif placed.part in GEO_UNITS:
        drafted = _of_position(placed.question, placed.part, form)
    elif placed.part:
        drafted = _of_other(placed.question, form)
    else:
        drafted = _of_question(placed.question, form, cells)
    variable = replace(drafted.variable, table=data.table, column=placed.column)
    if placed.instance:
        number = f" ({placed.instance.replace('_', ', ')})"
        variable = replace(variable, label=variable.label + number, relevant="", constraint="", required="no")
    return replace(drafted, variable=variable)


def _of_system(placed: Placed, cells: pd.Series) -> DraftedVariable:
    system = system_column(placed.header)
    if system is None:
        return DraftedVariable(variable=PLAIN)
    format_, doubt = _time_format(cells, system.type)
    is_fitting = system.type != "integer" or cells.empty or type_of(cells).type == "integer"
    return DraftedVariable(
        variable=replace(
            PLAIN,
            type=system.type if is_fitting and not doubt else "text",
            confidential="yes" if system.is_personal else "no",
            label=system.label,
            format=format_,
        ),
        doubt=doubt,
    )


def _time_format(cells: pd.Series, type_: VariableType) -> tuple[str, str]:
    if type_ not in {"date", "datetime"} or cells.empty:
        return "", ""
    format_, doubt = time_format(cells, has_time=type_ == "datetime")
    if format_ is None:
        return "", doubt or "its times are not all written alike, or not in a known way; say type and format"
    return format_, ""


def _plain_question(question: Question, form: Form) -> Variable:
    return replace(
        with_labels(PLAIN, question.labels, form),
        relevant=" ".join(question.asked_where.split()),
        question=wording_id(question, form),
        confidential="yes" if _is_personal(question) else "no",
    )


def _is_personal(question: Question) -> bool:
    if question.type in ALWAYS_PERSONAL:
        return True
    return question.type not in CLOSED and is_personal(question.name, question.labels.values())


def wording_id(question: Question, form: Form) -> str:
    """A name for the wording of a question: another one as soon as its labels or answers are others."""
    said = [sorted(question.labels.items())]
    said += [[(c.value, ""), *sorted(c.labels.items())] for c in form.choices_of(question)]
    return f"{question.name}-{hashlib.sha256(repr(said).encode()).hexdigest()[:8]}"


def _of_question(question: Question, form: Form, cells: pd.Series) -> DraftedVariable:
    variable = _plain_question(question, form)
    type_ = TYPES.get(question.type, "text")
    if question.type == "calculate" and not cells.empty:
        found = type_of(cells)
        type_ = found.type if found.type in {"integer", "decimal"} and not found.format else "text"
    format_, doubt = _time_format(cells, type_)
    type_ = "text" if doubt else type_
    variable = replace(variable, type=type_, format=format_, required="yes" if question.is_required else "no")
    if question.list_name:
        return _with_choices(variable, question, form, cells)
    if type_ in {"integer", "decimal"}:
        return DraftedVariable(variable=_with_interval(variable, question, form), doubt=doubt)
    constraint = " ".join(question.constraint.split())
    return DraftedVariable(variable=replace(variable, constraint=constraint), doubt=doubt)


def _with_choices(variable: Variable, question: Question, form: Form, cells: pd.Series) -> DraftedVariable:
    choices = form.choices_of(question)
    doubt = ""
    shown = {c.value: c.value for c in choices}
    if labels := _labels_used(choices, question, cells):
        shown, doubt = labels, "the file holds labels and not values; export values (XML names)"
    reasons = {c.value: _reason(c) for c in choices}
    kept = [c for c in choices if not reasons[c.value]]
    codes = [f"{shown[value]}={reason}" for value, reason in reasons.items() if reason]
    allowed = [shown[c.value] for c in kept]
    chosen = replace(
        variable,
        allowed=tuple(
            allowed + ["other"] * (question.has_other and bool(choices) and "other" not in allowed)
        ),
        missing_codes=tuple(codes),
        constraint=" ".join(question.constraint.split()),
    )
    return DraftedVariable(variable=with_choice_labels(chosen, tuple(kept), form), doubt=doubt)


def _reason(choice: Choice) -> str:
    return next((r for r in map(missing_reason, choice.labels.values()) if r), "")


def _labels_used(choices: Sequence[Choice], question: Question, cells: pd.Series) -> dict[str, str]:
    """Labels by value where the file's cells are labels of one language and not values."""
    values = {c.value for c in choices}
    if cells.empty or question.type != "select_one" or cells.isin(values).any():
        return {}
    for language in {language for c in choices for language in c.labels}:
        labels = {c.value: c.labels.get(language, c.value) for c in choices}
        if cells.isin(list(labels.values())).all():
            return labels
    return {}


def _with_interval(variable: Variable, question: Question, form: Form) -> Variable:
    hinted: dict[str, str] = {}
    for text in (*question.hints.values(), *question.labels.values()):
        hinted = {**codes_in_hint(text), **hinted}
    known = {**_codes_of_lists(form), **hinted}
    interval = interval_of(question.constraint, known, is_whole=variable.type == "integer")
    codes = {**{code: known.get(code, "coded") for code in interval.codes}, **hinted}
    return replace(
        variable,
        hard_minimum=interval.low,
        hard_maximum=interval.high,
        missing_codes=tuple(f"{code}={reason}" for code, reason in codes.items()),
        constraint="" if interval.is_whole else " ".join(question.constraint.split()),
    )


def _codes_of_lists(form: Form) -> dict[str, str]:
    """Negative codes that the form's lists give to missing answers, and so do its numbers."""
    choices = [c for listed in form.choices.values() for c in listed if re.fullmatch(r"-\d+", c.value)]
    return {c.value: reason for c in choices if (reason := _reason(c))}


def _of_detail(question: Question, value: str, form: Form, cells: pd.Series) -> DraftedVariable:
    variable = _plain_question(question, form)
    choice = next((c for c in form.choices_of(question) if c.value == value), None)
    said = suffixes_of(choice.labels, form) if choice else OTHER
    type_, allowed = _detail_type(set(cells))
    return DraftedVariable(
        variable=replace(with_suffixes(variable, said, question.name), type=type_, allowed=allowed)
    )


def _detail_type(found: set[str]) -> tuple[VariableType, tuple[str, ...]]:
    """Whether an answer was given: 1 and 0, or the words that some software writes."""
    for words in (("False", "True"), ("FALSE", "TRUE"), ("false", "true")):
        if found and found <= set(words):
            return "category", words
    is_number = all(re.fullmatch(r"[01](?:\.0)?", cell) for cell in found)
    return ("integer", ("0", "1")) if is_number else ("text", ())


def _of_position(question: Question, part: str, form: Form) -> DraftedVariable:
    plain = _plain_question(question, form)
    variable = with_suffixes(plain, dict.fromkeys(LABELS, part), question.name)
    bounds = {"latitude": 90.0, "longitude": 180.0}.get(part)
    return DraftedVariable(
        variable=replace(
            variable,
            type="decimal",
            unit=GEO_UNITS[part],
            confidential="yes",
            hard_minimum=None if bounds is None else -bounds,
            hard_maximum=bounds,
        )
    )


def _of_other(question: Question, form: Form) -> DraftedVariable:
    return DraftedVariable(
        variable=with_suffixes(_plain_question(question, form), OTHER_AS_WRITTEN, question.name)
    )
