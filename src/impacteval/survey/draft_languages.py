"""In which columns of the codebook the labels of a form's languages stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from impacteval.codebook import Variable
from impacteval.survey.draft_words import is_indonesian, label_in, label_languages
from impacteval.survey.form_parts import Choice, Form

# What stands behind a label, by the column of the label.
Suffixes = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Languages:
    """Languages of ``label``, ``label_id`` and ``label_2`` as a form names them, None where it has none.

    ``left_out`` are those for which the codebook has no column.
    """

    first: str
    indonesian: str | None
    second: str | None
    left_out: tuple[str, ...] = ()

    @property
    def by_column(self) -> dict[str, str]:
        """The language of each column of labels that there is."""
        columns = {"label": self.first, "label_id": self.indonesian, "label_2": self.second}
        return {column: language for column, language in columns.items() if language is not None}


def languages_of(form: Form) -> Languages:
    """Choose the columns: Bahasa Indonesia has one of its own, the first of the others is ``label``."""
    first, second = label_languages(form.languages)
    indonesian = second if is_indonesian(second) else None
    others = [name for name in form.languages if name not in {first, indonesian} and not is_indonesian(name)]
    more = [name for name in form.languages if is_indonesian(name) and name not in {first, indonesian}]
    return Languages(
        first=first,
        indonesian=indonesian,
        second=others[0] if others else None,
        left_out=(*others[1:], *more),
    )


def with_labels(variable: Variable, labels: Mapping[str, str], form: Form) -> Variable:
    """A variable with the labels of its question, and the names of their languages."""
    languages = languages_of(form)
    said = {column: label_in(labels, language) for column, language in languages.by_column.items()}
    second = said.get("label_2", "")
    return replace(
        variable,
        label=said["label"],
        label_id=said.get("label_id", ""),
        label_2=second,
        language=languages.first if said["label"] else "",
        language_2=languages.second or "" if second else "",
    )


def with_choice_labels(variable: Variable, choices: tuple[Choice, ...], form: Form) -> Variable:
    """A variable with the labels of its choices; where a language has none, nothing is said in it.

    An answer that is allowed besides them is the ``other`` of ``or_other``.
    """
    languages = languages_of(form)
    extra = ("Other",) * (len(variable.allowed) - len(choices))
    found = {
        column: tuple(label_in(c.labels, language) for c in choices)
        for column, language in languages.by_column.items()
    }
    second = found.get("label_2", ())
    return replace(
        variable,
        choice_labels=(*found["label"], *extra),
        choice_labels_id=(*found["label_id"], *extra) if any(found.get("label_id", ())) else (),
        choice_labels_2=(*second, *extra) if any(second) else (),
        language=languages.first if variable.label or any(found["label"]) else "",
        language_2=languages.second or "" if variable.label_2 or any(second) else "",
    )


def with_suffixes(variable: Variable, suffixes: Suffixes, name: str) -> Variable:
    """A variable of which each label that there is says which part it is; ``name`` where it has no label."""

    def said(label: str, column: str) -> str:
        return f"{label}: {suffixes[column]}" if label and suffixes[column] else label

    return replace(
        variable,
        label=said(variable.label or name, "label"),
        label_id=said(variable.label_id, "label_id"),
        label_2=said(variable.label_2, "label_2"),
    )


def suffixes_of(labels: Mapping[str, str], form: Form) -> dict[str, str]:
    """Labels of a choice by the column in which they stand; those that are missing are empty."""
    found = languages_of(form).by_column
    return {
        column: label_in(labels, found[column]) if column in found else ""
        for column in ("label", "label_id", "label_2")
    }


def language_notes(form: Form) -> list[str]:
    """Say which labels the codebook has no place for, and that those in Bahasa Indonesia are missing."""
    languages = languages_of(form)
    notes = []
    if languages.indonesian is None:
        also = f"; label_2 holds {languages.second}" if languages.second else ""
        notes.append(f"label_id is empty: the form has no labels in Bahasa Indonesia{also}")
    if languages.left_out:
        named = ", ".join(name or "no language" for name in languages.left_out)
        notes.append(f"labels in {named} are not in the codebook: it holds those of three languages")
    return notes
