"""The codebook as one HTML page in two languages: no script, no network, all values escaped."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

import pandas as pd
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from impacteval.codebook import Codebook, Variable
from impacteval.tables import records

TEMPLATES = Path(__file__).parent / "templates"
MOST_CHOICES_SHOWN = 8
LANGUAGE_NAMES = {"en": "English", "id": "Bahasa Indonesia", "ar": "Arabic", "fr": "French", "es": "Spanish"}
TYPES = {
    "integer": "whole number",
    "decimal": "number",
    "text": "text",
    "category": "one choice",
    "multiple": "several choices",
    "date": "date",
    "datetime": "date and time",
}
REASONS = {
    "dont_know": "does not know",
    "refused": "refused",
    "not_applicable": "not applicable",
    "coded": "no reason said",
}
CHANGES = {
    "question_added": "question added",
    "question_removed": "question removed",
    "question_renamed": "question renamed",
    "type_changed": "type changed",
    "repeat_changed": "moved into or out of a repeat",
    "group_changed": "moved to another group",
    "wording_changed": "wording changed",
    "list_changed": "list of choices has another name",
    "choice_added": "choice added",
    "choice_removed": "choice removed",
    "choice_relabelled": "choice reworded",
    "code_reused": "code used for another answer",
    "relevant_changed": "asked under another condition",
    "constraint_changed": "constraint changed",
    "required_changed": "requirement changed",
    "calculation_changed": "calculation changed",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """A language of labels: its code for browsers, and its name."""

    code: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceLine:
    """An allowed value and its labels in both languages."""

    value: str
    label: str
    label_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VariableRow:
    """A variable as the page shows it."""

    variable: Variable
    type: str
    plausible: str
    possible: str
    choices: tuple[ChoiceLine, ...]
    missing: tuple[tuple[str, str], ...]

    @property
    def has_labels(self) -> bool:
        """Whether any choice says what it means."""
        return any(choice.label or choice.label_id for choice in self.choices)

    @property
    def is_folded(self) -> bool:
        """Whether its choices are so many that they are shown on demand."""
        return len(self.choices) > MOST_CHOICES_SHOWN


def codebook_page(
    codebook: Codebook,
    title: str,
    changes: pd.DataFrame,
    *,
    is_synthetic: bool = False,
    languages: tuple[str, str] = ("en", "id"),
) -> str:
    """Render a codebook as HTML.

    Parameters
    ----------
    codebook : Codebook
    title : str
        Title of the study.
    changes : DataFrame
        What changed between versions of the forms, as ``changes_table`` returns it; it may be empty.
    is_synthetic : bool
        Whether the page says that the data were simulated.
    languages : (str, str)
        Codes of the languages of ``label`` and ``label_id``, as ``lang`` has them.
    """
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    tables = list(dict.fromkeys(v.table for v in codebook.variables))
    return environment.get_template("codebook.html.j2").render(
        title=title,
        is_synthetic=is_synthetic,
        first=_language(languages[0]),
        second=_language(languages[1]),
        tables={name: [_row(v) for v in codebook.of_table(name)] for name in tables},
        has_second=any(v.label_id or any(v.choice_labels_id) for v in codebook.variables),
        changes=records(changes),
        change_words=CHANGES,
    )


def _language(code: str) -> Language:
    return Language(code=code, name=LANGUAGE_NAMES.get(code, code))


def _row(variable: Variable) -> VariableRow:
    return VariableRow(
        variable=variable,
        type=TYPES[variable.type],
        plausible=_range(variable.minimum, variable.maximum),
        possible=_range(variable.hard_minimum, variable.hard_maximum),
        choices=tuple(_choices(variable)),
        missing=tuple((code, REASONS.get(reason, reason)) for code, reason in variable.reasons.items()),
    )


def _choices(variable: Variable) -> Iterator[ChoiceLine]:
    """Allowed values with their labels; labels that are not as many as the values are left out."""
    n = len(variable.allowed)
    labels = variable.choice_labels if len(variable.choice_labels) == n else ()
    labels_id = variable.choice_labels_id if len(variable.choice_labels_id) == n else ()
    for value, label, label_id in zip_longest(variable.allowed, labels, labels_id, fillvalue=""):
        yield ChoiceLine(value=value, label=label, label_id=label_id)


def _range(low: float | None, high: float | None) -> str:
    """Inclusive bounds in words."""
    if low is None and high is None:
        return ""
    if high is None:
        return f"{_number(low)} or more"
    return f"{_number(high)} or less" if low is None else f"{_number(low)} to {_number(high)}"


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if value.is_integer() else f"{value:,}"
