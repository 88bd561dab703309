"""The parts of a form (XLSForm): its questions, its lists of choices, its settings."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

REFERENCE = re.compile(r"\$\{\s*([^}]*?)\s*\}")
YES = {"yes", "true", "true()", "1", "required"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """An answer that a list offers: the value that is stored, and its labels by language."""

    value: str
    labels: Mapping[str, str]
    row: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A row of the sheet ``survey`` that asks, computes or records something.

    ``type`` is the plain word (``select_one``, ``integer``); ``list_name`` its list of choices, which
    is in the form unless ``is_outside``. ``groups`` are the groups and repeats around it, outermost
    first, ``group_relevant`` the conditions of these; ``repeat`` the innermost repeat.
    """

    name: str
    type: str
    row: int
    list_name: str = ""
    is_outside: bool = False
    has_other: bool = False
    labels: Mapping[str, str] = field(default_factory=dict)
    hints: Mapping[str, str] = field(default_factory=dict)
    required: str = ""
    relevant: str = ""
    constraint: str = ""
    constraint_messages: Mapping[str, str] = field(default_factory=dict)
    calculation: str = ""
    appearance: str = ""
    choice_filter: str = ""
    groups: tuple[str, ...] = ()
    group_relevant: tuple[str, ...] = ()
    repeat: str = ""

    @property
    def is_required(self) -> bool:
        """Whether an answer is always required where the question is asked."""
        return self.required.lower() in YES

    @property
    def asked_where(self) -> str:
        """The condition under which it is asked, those of its groups included; empty: always."""
        parts = [part for part in (*self.group_relevant, self.relevant) if part]
        return parts[0] if len(parts) == 1 else " and ".join(f"({part})" for part in parts)

    @property
    def has_listed_choices(self) -> bool:
        """Whether its form lists all answers; not where they come from another file."""
        return bool(self.list_name) and not self.is_outside and "search(" not in self.appearance


@dataclass(frozen=True, slots=True, kw_only=True)
class FormSettings:
    """The sheet ``settings``."""

    form_title: str = ""
    form_id: str = ""
    version: str = ""
    default_language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A form: its questions in order and its lists of choices.

    ``languages`` are named as the form names them, say ``English (en)``; empty text is the language of
    labels that name none. ``repeats`` are the names of its repeats, outermost first; ``doubts`` are
    flaws that a form which was in the field may have.
    """

    file: str
    questions: tuple[Question, ...]
    choices: Mapping[str, tuple[Choice, ...]]
    settings: FormSettings
    languages: tuple[str, ...]
    repeats: tuple[str, ...] = ()
    choices_file: str = ""
    doubts: tuple[str, ...] = ()

    def choices_of(self, question: Question) -> tuple[Choice, ...]:
        """All answers that a question offers; none where they are written down elsewhere."""
        return self.choices.get(question.list_name, ()) if question.has_listed_choices else ()


def references(expression: str) -> list[str]:
    """Names of the questions that an expression refers to, in order."""
    return list(dict.fromkeys(name.removeprefix("last-saved#") for name in REFERENCE.findall(expression)))
