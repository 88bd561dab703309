"""Forms (XLSForm) as they were programmed: reading them, and what is wrong with them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from impacteval.errors import DataError, nearest, raise_together
from impacteval.survey.form_parts import YES, Choice, Form, FormSettings, Question, references
from impacteval.survey.form_sheets import Sheet, read_sheets
from impacteval.survey.form_walk import Walk

__all__ = ["Choice", "Form", "FormSettings", "Question", "read_form", "references"]
MOST_LISTED = 200


def read_form(path: Path, choices_path: Path | None = None) -> Form:
    """Read a form from a workbook, or from its sheets ``survey`` and ``choices`` saved as CSV.

    Rows whose column ``disabled`` says yes are left out, as the collecting software leaves them out.

    Raises
    ------
    DataError
        Listing everything that is wrong with the form, by sheet and row.
    """
    sheets = read_sheets(path, choices_path)
    walk = _walked(sheets["survey"])
    filtered = _may_repeat_values(walk.questions, sheets)
    choices, choice_problems, doubts = _choices_in(sheets["choices"], filtered)
    problems = [
        *_missing_headings(sheets),
        *walk.problems,
        *_contradictions(walk, choices),
        *choice_problems,
    ]
    if len(problems) > MOST_LISTED:
        problems = [*problems[:MOST_LISTED], f"and {len(problems) - MOST_LISTED} more"]
    raise_together(problems, DataError, path.name)
    return Form(
        file=path.name,
        questions=tuple(walk.questions),
        choices=choices,
        settings=_form_settings(sheets["settings"]),
        languages=sheets["survey"].languages,
        repeats=tuple(b.name for b in walk.brackets if b.kind == "repeat"),
        choices_file=choices_path.name if choices_path else "",
        doubts=tuple(doubts),
    )


def _walked(sheet: Sheet) -> Walk:
    walk = Walk(where=sheet.where)
    for row in sheet.rows:
        if row.text("disabled").lower() not in YES:
            walk.step(row)
    walk.close()
    return walk


def _may_repeat_values(questions: Iterable[Question], sheets: Mapping[str, Sheet]) -> set[str]:
    """Lists in which a value may stand twice: those of questions that filter their choices."""
    if _settings_in(sheets["settings"]).get("allow_choice_duplicates", "").lower() in YES:
        return {row.text("list_name") for row in sheets["choices"].rows}
    return {q.list_name for q in questions if q.choice_filter}


def _missing_headings(sheets: Mapping[str, Sheet]) -> Iterator[str]:
    for sheet, wanted in (("survey", ("type", "name")), ("choices", ("list_name",))):
        found = [heading for heading, _ in sheets[sheet].headings if heading]
        missing = [w for w in wanted if w not in found] if sheet == "survey" or found else []
        for heading in missing:
            yield f"{sheets[sheet].where}, row 1: no column {heading!r}; {nearest(heading, found)}"


def _settings_in(sheet: Sheet) -> dict[str, str]:
    return {heading: text for (heading, _), text in sheet.rows[0].cells.items()} if sheet.rows else {}


def _form_settings(sheet: Sheet) -> FormSettings:
    found = _settings_in(sheet)
    return FormSettings(
        form_title=found.get("form_title", ""),
        form_id=found.get("form_id", ""),
        version=found.get("version", ""),
        default_language=found.get("default_language", ""),
    )


def _choices_in(
    sheet: Sheet, filtered: set[str]
) -> tuple[dict[str, tuple[Choice, ...]], list[str], list[str]]:
    """Lists of choices, what is wrong with them, and what is doubtful.

    A value may stand twice in a list that ``filtered`` names: choices are then picked by a filter, as
    villages are by their district. Where its labels differ the value has two meanings, which is doubtful.
    """
    lists: dict[str, dict[str, Choice]] = {}
    problems, doubts = [], []
    for row in sheet.rows:
        list_name, value = row.text("list_name"), row.text("value") or row.text("name")
        here = f"{sheet.where}, row {row.number}"
        if not list_name or not value:
            problems += _half_a_choice(here, list_name, value)
            continue
        if "|" in value:
            problems.append(f"{here}: the value {value!r} of list {list_name!r} holds `|`; choose another")
        found = Choice(value=value, labels=row.by_language("label"), row=row.number)
        earlier = lists.setdefault(list_name, {}).setdefault(value, found)
        if earlier is found:
            continue
        again = f"{here}: the value {value!r} of list {list_name!r} stands on row {earlier.row} already"
        if list_name not in filtered:
            problems.append(f"{again}; keep one, or give the second a value of its own")
        elif earlier.labels != found.labels:
            doubts.append(f"{again} with another label; its answers cannot be told apart")
            lists[list_name][value] = _with_both_meanings(earlier, found)
    return {name: tuple(choices.values()) for name, choices in lists.items()}, problems, doubts


def _half_a_choice(here: str, list_name: str, value: str) -> list[str]:
    if not list_name and not value:
        return []
    return [f"{here}: a choice without {'list_name' if value else 'value'}; fill it in or delete the row"]


def _with_both_meanings(first: Choice, second: Choice) -> Choice:
    languages = dict.fromkeys([*first.labels, *second.labels])
    labels = {
        name: " / ".join(dict.fromkeys(c.labels[name] for c in (first, second) if name in c.labels))
        for name in languages
    }
    return replace(first, labels=labels)


def _contradictions(walk: Walk, choices: Mapping[str, Sequence[Choice]]) -> Iterator[str]:
    yield from _repeated_names(walk)
    names = {q.name for q in walk.questions} | {b.name for b in walk.brackets}
    for q in walk.questions:
        here = f"{walk.where}, row {q.row}: {q.name}"
        if q.list_name and q.has_listed_choices and q.list_name not in choices:
            yield f"{here}: no list {q.list_name!r} in the choices; {nearest(q.list_name, sorted(choices))}"
        if q.type in {"select_multiple", "rank"} and q.has_listed_choices:
            spaced = [c.value for c in choices.get(q.list_name, ()) if re.search(r"\s", c.value)]
            yield from (
                f"{here}: the choice {value!r} holds a blank, which separates the answers of one cell; "
                "use _ in its value"
                for value in spaced
            )
        yield from (
            f"{here}: {what} refers to ${{{name}}}, which is no question; {_close(name, names)}"
            for what in ("relevant", "constraint", "calculation", "choice_filter")
            for name in references(getattr(q, what))
            if name not in names
        )
    yield from (
        f"{walk.where}, row {b.row}: {b.name}: relevant refers to ${{{name}}}, which is no question; "
        f"{_close(name, names)}"
        for b in walk.brackets
        for name in references(b.relevant)
        if name not in names
    )


def _close(name: str, names: set[str]) -> str:
    """What was probably meant; forms have too many names to list."""
    hint = nearest(name, sorted(names)).rpartition("did you mean ")
    return f"did you mean {hint[2]}" if hint[1] else "correct the name"


def _repeated_names(walk: Walk) -> Iterator[str]:
    """Columns of data are named by questions alone, so a name stands once, small or capital."""
    first: dict[str, int] = {}
    for q in walk.questions:
        earlier = first.setdefault(q.name.casefold(), q.row) if q.name else q.row
        if earlier != q.row:
            yield f"{walk.where}, row {q.row}: the name {q.name!r} stands on row {earlier} too; rename one"
    repeats: dict[str, int] = {}
    for b in walk.brackets:
        earlier = repeats.setdefault(b.name.casefold(), b.row) if b.kind == "repeat" and b.name else b.row
        if earlier != b.row:
            yield f"{walk.where}, row {b.row}: a repeat {b.name!r} begins on row {earlier} too; rename one"
