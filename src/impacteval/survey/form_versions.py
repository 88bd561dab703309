"""What changed between versions of a form, and which changes make answers incomparable."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, TypeAlias

import pandas as pd

from impacteval.survey.form_parts import Choice, Form, Question
from impacteval.survey.wording import likeness, means_another_thing, plain_words

ChangeKind: TypeAlias = Literal[
    "question_added",
    "question_removed",
    "question_renamed",
    "type_changed",
    "repeat_changed",
    "group_changed",
    "wording_changed",
    "list_changed",
    "choice_added",
    "choice_removed",
    "choice_relabelled",
    "code_reused",
    "relevant_changed",
    "constraint_changed",
    "required_changed",
    "calculation_changed",
]
CHANGE_COLUMNS: dict[str, str] = {
    "old_form": "str",
    "new_form": "str",
    "old_version": "str",
    "new_version": "str",
    "severity": "str",
    "kind": "str",
    "question": "str",
    "list_name": "str",
    "choice": "str",
    "language": "str",
    "old": "str",
    "new": "str",
}
SEVERITIES = ("error", "warning", "info")
# Two questions whose labels are at least so alike may be one that was renamed.
ALIKE = 0.85


@dataclass(frozen=True, slots=True, kw_only=True)
class FormChange:
    """One difference between two versions of a form.

    An error makes answers of the two versions incomparable, a warning may, an info does not.
    ``question`` is its name (the new one where it was renamed; several are separated by blanks where a
    list changed that they share); ``choice`` the value of an answer.
    """

    kind: ChangeKind
    severity: Literal["error", "warning", "info"]
    question: str
    list_name: str = ""
    choice: str = ""
    language: str = ""
    old: str = ""
    new: str = ""


def compare_forms(old: Form, new: Form) -> list[FormChange]:
    """List what differs between two versions of a form, errors first.

    A question counts as renamed where one disappeared, one of the same type and list appeared, and
    their labels are nearly alike. The code of a choice counts as used again where its label means
    another thing: it was the label of another code, a word or number in it is another, or a negation
    came or went.
    """
    before, after = _by_name(old), _by_name(new)
    renamed = _renamed(before, after)
    pairs = [(before[name], after[name]) for name in before if name in after]
    pairs += [(before[a], after[b]) for a, b in renamed.items()]
    changes = [
        *_come_and_gone(before, after, renamed),
        *(change for pair in pairs for change in _question_changes(*pair)),
        *_list_changes(old, new, pairs),
    ]
    return sorted(
        changes, key=lambda c: (SEVERITIES.index(c.severity), c.kind, c.question, c.choice, c.language)
    )


def changes_table(forms: Sequence[Form]) -> pd.DataFrame:
    """Compare each version of a form with the one before it.

    Parameters
    ----------
    forms : sequence of Form
        In the order in which they were deployed.

    Returns
    -------
    DataFrame
        As ``CHANGE_COLUMNS``; no rows where nothing changed.
    """
    rows = [
        {
            "old_form": old.file,
            "new_form": new.file,
            "old_version": old.settings.version,
            "new_version": new.settings.version,
            **{name: getattr(change, name) for name in list(CHANGE_COLUMNS)[4:]},
        }
        for old, new in pairwise(forms)
        for change in compare_forms(old, new)
    ]
    return pd.DataFrame(rows, columns=list(CHANGE_COLUMNS)).astype(CHANGE_COLUMNS)


def _by_name(form: Form) -> dict[str, Question]:
    """Questions that have answers; notes do not."""
    return {q.name: q for q in form.questions if q.type != "note"}


def _renamed(before: Mapping[str, Question], after: Mapping[str, Question]) -> dict[str, str]:
    gone = [q for name, q in before.items() if name not in after]
    come = [q for name, q in after.items() if name not in before]
    found: dict[str, str] = {}
    for old in gone:
        scores = {
            new.name: _alike(old, new)
            for new in come
            if (new.type, new.list_name) == (old.type, old.list_name) and new.name not in found.values()
        }
        best = max(scores, key=lambda name: scores[name], default="")
        if best and scores[best] >= ALIKE:
            found[old.name] = best
    return found


def _alike(old: Question, new: Question) -> float:
    return max((likeness(a, b) for _, a, b in _both(old.labels, new.labels)), default=0.0)


def _both(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """Languages in which both have a text, with the texts."""
    return ((language, old[language], new[language]) for language in old if language in new)


def _come_and_gone(
    before: Mapping[str, Question], after: Mapping[str, Question], renamed: Mapping[str, str]
) -> Iterator[FormChange]:
    for name, q in before.items():
        if name in renamed:
            yield FormChange(
                kind="question_renamed",
                severity="warning",
                question=renamed[name],
                old=name,
                new=renamed[name],
            )
        elif name not in after:
            yield FormChange(kind="question_removed", severity="warning", question=name, old=_first(q.labels))
    for name, q in after.items():
        if name not in before and name not in renamed.values():
            yield FormChange(kind="question_added", severity="info", question=name, new=_first(q.labels))


def _first(labels: Mapping[str, str]) -> str:
    return next(iter(labels.values()), "")


def _question_changes(old: Question, new: Question) -> Iterator[FormChange]:
    if old.type != new.type:
        yield FormChange(kind="type_changed", severity="error", question=new.name, old=old.type, new=new.type)
    if old.repeat != new.repeat:
        yield FormChange(
            kind="repeat_changed", severity="error", question=new.name, old=old.repeat, new=new.repeat
        )
    elif old.groups != new.groups:
        yield FormChange(
            kind="group_changed",
            severity="info",
            question=new.name,
            old="/".join(old.groups),
            new="/".join(new.groups),
        )
    for language, a, b in _both(old.labels, new.labels):
        if plain_words(a) != plain_words(b):
            yield FormChange(
                kind="wording_changed",
                severity="warning",
                question=new.name,
                language=language,
                old=a,
                new=b,
            )
    yield from _rule_changes(old, new)


def _rule_changes(old: Question, new: Question) -> Iterator[FormChange]:
    rules: tuple[tuple[ChangeKind, Literal["warning", "info"], str, str], ...] = (
        ("relevant_changed", "warning", old.asked_where, new.asked_where),
        ("constraint_changed", "warning", old.constraint, new.constraint),
        ("calculation_changed", "warning", old.calculation, new.calculation),
        ("required_changed", "info", old.required.lower(), new.required.lower()),
    )
    for kind, severity, a, b in rules:
        if a.split() != b.split():
            yield FormChange(kind=kind, severity=severity, question=new.name, old=a, new=b)


def _list_changes(old: Form, new: Form, pairs: Sequence[tuple[Question, Question]]) -> Iterator[FormChange]:
    """Changes of lists, once for all questions that share a list before and after."""
    shared: dict[tuple[str, str], list[str]] = {}
    for a, b in pairs:
        if a.list_name and b.list_name:
            shared.setdefault((a.list_name, b.list_name), []).append(b.name)
    for (before, after), names in shared.items():
        questions = " ".join(names)
        if before != after:
            yield FormChange(
                kind="list_changed",
                severity="info",
                question=questions,
                list_name=after,
                old=before,
                new=after,
            )
        lists = (old.choices.get(before, ()), new.choices.get(after, ()))
        yield from _choice_changes(*lists, questions=questions, list_name=after)


def _choice_changes(
    old: Sequence[Choice], new: Sequence[Choice], *, questions: str, list_name: str
) -> Iterator[FormChange]:
    before = {c.value: c for c in old}
    after = {c.value: c for c in new}
    for value, choice in before.items():
        if value not in after:
            yield FormChange(
                kind="choice_removed",
                severity="warning",
                question=questions,
                list_name=list_name,
                choice=value,
                old=_first(choice.labels),
            )
    for value, choice in after.items():
        if value not in before:
            yield FormChange(
                kind="choice_added",
                severity="info",
                question=questions,
                list_name=list_name,
                choice=value,
                new=_first(choice.labels),
            )
        else:
            yield from _label_changes(
                before[value], choice, others=old, questions=questions, list_name=list_name
            )


def _label_changes(
    old: Choice, new: Choice, *, others: Sequence[Choice], questions: str, list_name: str
) -> Iterator[FormChange]:
    """A code is used again where its meaning changed; in one of its languages only, that is a warning."""
    pairs = list(_both(old.labels, new.labels))
    reused = {
        language
        for language, a, b in pairs
        if means_another_thing(a, b)
        or plain_words(b) in [plain_words(o.labels.get(language, "")) for o in others if o.value != old.value]
    }
    for language, a, b in pairs:
        if plain_words(a) != plain_words(b):
            is_reused = language in reused
            is_error = is_reused and len(reused) == len(pairs)
            yield FormChange(
                kind="code_reused" if is_reused else "choice_relabelled",
                severity="error" if is_error else "warning" if is_reused else "info",
                question=questions,
                list_name=list_name,
                choice=new.value,
                language=language,
                old=a,
                new=b,
            )
