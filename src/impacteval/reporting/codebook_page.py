"""The codebook as one HTML page in all its languages: no script, no network, all values escaped."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pandas as pd

from impacteval.codebook import Codebook, Variable
from impacteval.reporting.indicator_rows import Indicators
from impacteval.reporting.page import rendered
from impacteval.tables import records

MOST_CHOICES_SHOWN = 8
# A form names a language with its code behind it, `Arabic (ar)`, or by its code alone.
LANGUAGE_CODE = re.compile(r"\(([A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*)\)\s*$|^\s*([A-Za-z]{2})\s*$")
INDONESIAN = "Bahasa Indonesia"
LANGUAGE_CODES = {
    "english": "en",
    "bahasa indonesia": "id",
    "indonesian": "id",
    "bahasa": "id",
    "arabic": "ar",
    "french": "fr",
    "portuguese": "pt",
    "spanish": "es",
    "swahili": "sw",
    "kiswahili": "sw",
    "urdu": "ur",
}
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
class Said:
    """A label and its language as ``lang`` has it; empty: unknown."""

    text: str
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceLine:
    """An allowed value and its label in each language of the page."""

    value: str
    labels: tuple[Said, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VariableRow:
    """A variable as the page shows it."""

    variable: Variable
    labels: tuple[Said, ...]
    type: str
    plausible: str
    possible: str
    choices: tuple[ChoiceLine, ...]
    missing: tuple[tuple[str, str], ...]

    @property
    def has_labels(self) -> bool:
        """Whether any choice says what it means."""
        return any(label.text for choice in self.choices for label in choice.labels)

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
    indicators: Indicators | None = None,
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
    indicators : Indicators, optional
        The outcomes made from the columns; the page has no section of them without.
    """
    tables = list(dict.fromkeys(v.table for v in codebook.variables))
    columns = _columns(codebook.variables)
    values = {
        "title": title,
        "languages": [_heading(codebook.variables, column) for column in columns],
        "tables": {name: [_row(v, columns) for v in codebook.of_table(name)] for name in tables},
        "changes": records(changes),
        "change_words": CHANGES,
        "indicators": indicators,
    }
    return rendered("codebook.html.j2", values, is_synthetic=is_synthetic)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Column:
    """A column of labels: which it is of ``labels_of``, and its heading where no language is named."""

    place: int
    heading: str


COLUMNS = (
    _Column(place=0, heading="Label"),
    _Column(place=1, heading=INDONESIAN),
    _Column(place=2, heading="Other language"),
)


def _labels_of(variable: Variable) -> tuple[tuple[str, str], ...]:
    """Label and language of each column of labels."""
    return (
        (variable.label, variable.language),
        (variable.label_id, INDONESIAN),
        (variable.label_2, variable.language_2),
    )


def _columns(variables: Sequence[Variable]) -> tuple[_Column, ...]:
    """Columns of labels that say something; of two that say the same, the first."""
    kept = [COLUMNS[0]]
    for column in COLUMNS[1:]:
        said = [(_labels_of(v)[column.place][0], v.labels_of_choices[column.place]) for v in variables]
        first = [(v.label, v.choice_labels) for v in variables]
        if any(label or any(choices) for label, choices in said) and said != first:
            kept.append(column)
    return tuple(kept)


def _heading(variables: Sequence[Variable], column: _Column) -> str:
    """The language of a column as forms name it; all names where several do."""
    names = list(dict.fromkeys(filter(None, (_labels_of(v)[column.place][1] for v in variables))))
    return " / ".join(names) or column.heading


def language_code(name: str) -> str:
    """The code of a language that a form names, as ``lang`` has it; empty where it cannot be told."""
    found = LANGUAGE_CODE.search(name)
    if found:
        return str(found[1] or found[2]).lower()
    return LANGUAGE_CODES.get(name.strip().casefold(), "")


def _row(variable: Variable, columns: Sequence[_Column]) -> VariableRow:
    said = _labels_of(variable)
    return VariableRow(
        variable=variable,
        labels=tuple(_said(*said[c.place]) for c in columns),
        type=TYPES[variable.type],
        plausible=_range(variable.minimum, variable.maximum),
        possible=_range(variable.hard_minimum, variable.hard_maximum),
        choices=tuple(_choices(variable, columns)),
        missing=tuple((code, REASONS.get(reason, reason)) for code, reason in variable.reasons.items()),
    )


def _said(label: str, language: str) -> Said:
    return Said(text=label, code=language_code(language))


def _choices(variable: Variable, columns: Sequence[_Column]) -> Iterator[ChoiceLine]:
    """Allowed values with their labels; labels that are not as many as the values are left out."""
    n = len(variable.allowed)
    said = _labels_of(variable)
    labels = [variable.labels_of_choices[c.place] for c in columns]
    whole = [texts if len(texts) == n else ("",) * n for texts in labels]
    for place, value in enumerate(variable.allowed):
        shown = (_said(texts[place], said[c.place][1]) for texts, c in zip(whole, columns, strict=True))
        yield ChoiceLine(value=value, labels=tuple(shown))


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
