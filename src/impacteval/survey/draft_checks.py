"""Checks that a form and its columns allow, with the defaults of their kinds."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from impacteval.codebook import Variable
from impacteval.delivery import Roles
from impacteval.survey.draft_columns import Placed
from impacteval.survey.draft_evidence import is_money
from impacteval.survey.draft_words import is_identifier
from impacteval.survey.form_parts import Choice, Form, Question, references
from impacteval.survey.wording import plain_words

Fields = Mapping[str, object]
NUMBERS = {"integer", "decimal"}
OTHER_WORDS = {"other", "others", "lain", "lainnya"}
# Conditions that one answer meets: ${q} = 'x', selected(${q}, 'x').
ONE_ANSWER = re.compile(
    r"\$\{(?P<a>[^}]+)\}\s*=\s*['\"]?(?P<x>[\w.-]+)['\"]?|selected\(\s*\$\{(?P<b>[^}]+)\}\s*,\s*['\"]?(?P<y>[\w.-]+)['\"]?\s*\)"
)
LEAST_BATTERY = 8
LONGEST_ID = 110
LEAST_MODULE = 3
LEAST_ITEMS, MOST_ITEMS = 30, 250


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftTable:
    """A drafted table: its columns, its form, its roles, and whether its form's versions are known."""

    name: str
    placed: Sequence[Placed]
    variables: Sequence[Variable]
    roles: Roles
    form: Form | None = None
    has_versions: bool = False

    @property
    def asked(self) -> tuple[tuple[Question, Variable], ...]:
        """Questions and their variables, without answers' details, parts of positions and repeats."""
        by_column = {v.column: v for v in self.variables}
        return tuple(
            (p.question, by_column[p.column])
            for p in self.placed
            if p.question and not p.choice and not p.part and not p.instance
        )


def drafted_checks(table: DraftTable) -> list[dict[str, object]]:
    """Checks of the kinds that can be asked for, each as the mapping that ``checks.yaml`` holds."""
    return with_ids(table.name, _asked_for(table))


def with_ids(table: str, asked: Iterable[tuple[str, str, Fields]]) -> list[dict[str, object]]:
    """Checks of a table with an id each: of its kind and, where it has one, its name."""
    checks: list[dict[str, object]] = []
    ids: dict[str, int] = {}
    for kind, name, said in asked:
        id_ = f"{table}-{_slug(f'{kind}-{name}' if name else kind)}"[:LONGEST_ID]
        ids[id_] = ids.get(id_, 0) + 1
        again = f"-{ids[id_]}" if ids[id_] > 1 else ""
        checks.append({"id": id_ + again, "kind": kind, "table": table, **said})
    return checks


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9_-]+", "-", text.lower().replace("_", "-"))


def _asked_for(table: DraftTable) -> Iterator[tuple[str, str, Fields]]:
    """Kind, a name where a kind is asked for more than once, and the fields beyond table and id.

    Whoever changes the fields of a kind changes them here.
    """
    yield from _of_interviews(table)
    roles, numbers, amounts, answered = table.roles, _numbers(table), _amounts(table), _answered(table)
    if numbers:
        yield "outlier", "", {"columns": numbers}
    if amounts and roles.enumerator:
        yield "heaping", "", {"columns": amounts}
    if answered:
        yield "item_non_response", "", {"columns": answered}
    yield from _other_specify(table)
    yield from _gates(table) if roles.enumerator else ()
    if len(answered) >= LEAST_ITEMS:
        yield "near_duplicates", "", {"items": answered} if len(answered) <= MOST_ITEMS else {}
    yield "personal_data", "", {}


def _of_interviews(table: DraftTable) -> Iterator[tuple[str, str, Fields]]:
    """Whether, when and with which form interviews were held."""
    roles = table.roles
    by = "enumerator" if roles.enumerator else "device" if roles.device else ""
    if roles.consent:
        yield "consent", "", {}
    if roles.start:
        yield "interview_time", "", {}
    if roles.start and roles.end:
        yield "duration", "", {}
    if roles.start and roles.end and by:
        yield "overlap", "", {"by": by}
    if roles.form_version and roles.start and table.has_versions:
        yield "form_version", "", {}


def _numbers(table: DraftTable) -> list[str]:
    return [
        v.column
        for q, v in table.asked
        if v.type in NUMBERS and v.confidential == "no" and not is_identifier(q.name)
    ]


def _amounts(table: DraftTable) -> list[str]:
    numbers = set(_numbers(table))
    return [
        v.column
        for q, v in table.asked
        if v.column in numbers and (is_money(v) or "thousands-sep" in q.appearance)
    ]


def _answered(table: DraftTable) -> list[str]:
    """Columns of questions that somebody answers."""
    recorded = {"start", "end", "today", "deviceid", "username", "calculate", "note", "caseid", "hidden"}
    roles = table.roles
    apart = {roles.unit, roles.period, roles.submission, roles.enumerator, roles.consent, roles.device}
    typed = {"integer", "decimal", "category", "multiple", "date", "datetime"}
    return [
        v.column
        for q, v in table.asked
        if q.type not in recorded and v.type in typed and v.column not in apart
    ]


def _other_specify(table: DraftTable) -> Iterator[tuple[str, str, Fields]]:
    """Closed questions, and the text that is written where their answer is ``other``."""
    questions = {q.name: q for q, _ in table.asked}
    allowed = {v.column: v.allowed for v in table.variables}
    for q, v in table.asked:
        gate = one_answer(q.relevant)
        if q.type != "text" or gate is None or gate[0] not in questions or table.form is None:
            continue
        closed = questions[gate[0]]
        choice = next((c for c in table.form.choices_of(closed) if c.value == gate[1]), None)
        if choice is None or not _means_other(choice):
            continue
        # Software that resolves value labels delivers the label of the choice in place of its value.
        stored = [text for text in (choice.value, *choice.labels.values()) if text in allowed[closed.name]]
        if stored:
            yield "other_specify", v.column, {"column": closed.name, "other": stored[0], "text": v.column}
    yield from _written_in(table)


def _written_in(table: DraftTable) -> Iterator[tuple[str, str, Fields]]:
    """Questions declared ``or_other``, whose text has a column of its own."""
    for p in table.placed:
        if p.question and p.part == "other":
            name = p.question.name
            yield "other_specify", p.column, {"column": name, "other": "other", "text": p.column}


def _means_other(choice: Choice) -> bool:
    texts = (choice.value.replace("_", " "), *choice.labels.values())
    return any(OTHER_WORDS & set(plain_words(text)[:2]) for text in texts)


def one_answer(relevant: str) -> tuple[str, str] | None:
    """The question and the answer that a condition asks for, where it asks for one alone."""
    found = ONE_ANSWER.fullmatch(relevant.strip())
    return (found["a"] or found["b"], found["x"] or found["y"]) if found else None


def _gates(table: DraftTable) -> Iterator[tuple[str, str, Fields]]:
    """Closed questions of which some answers skip a module of at least ``LEAST_MODULE`` questions."""
    opened: dict[str, dict[str, int]] = {}
    for q, _ in table.asked:
        for condition in {*q.group_relevant, q.relevant}:
            gate = one_answer(condition)
            if gate is not None and references(condition):
                counts = opened.setdefault(gate[0], {})
                counts[gate[1]] = counts.get(gate[1], 0) + 1
    for q, v in table.asked:
        counts = opened.get(q.name, {})
        is_gate = q.type == "select_one" and v.allowed and sum(counts.values()) >= LEAST_MODULE
        skipping = [answer for answer in v.allowed if answer not in counts]
        if is_gate and skipping and len(counts) < len(v.allowed) and v.column != table.roles.consent:
            yield "gate", v.column, {"column": v.column, "skipping": skipping}


def batteries(table: DraftTable) -> list[list[str]]:
    """Runs of at least ``LEAST_BATTERY`` closed questions that share a list.

    Which of their items are reversed cannot be seen, so no check of them is drafted.
    """
    runs: list[list[str]] = []
    last = ""
    for q, _ in table.asked:
        shared = q.list_name if q.type == "select_one" and q.has_listed_choices else ""
        if shared and shared == last:
            runs[-1].append(q.name)
        elif shared:
            runs.append([q.name])
        if q.type != "note":
            last = shared
    return [run for run in runs if len(run) >= LEAST_BATTERY]
