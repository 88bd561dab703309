"""Which column of a data file holds which question of a form."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from impacteval.survey.form_parts import Form, Question
from impacteval.survey.form_types import SILENT
from impacteval.survey.system_columns import system_column, system_name

SEPARATORS = ("/", "-", ".", ":")
GEO_PARTS = ("latitude", "longitude", "altitude", "precision")


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A column of the file and what it holds.

    ``column`` is its name in the codebook. A detail column of a question with several answers names
    the answer in ``choice``, a part of a position names it in ``part``; ``instance`` numbers the
    columns of a repeat in a wide file, as ``1`` or ``1_2``. A column of the collecting software has
    no question.
    """

    header: str
    column: str
    question: Question | None = None
    choice: str = ""
    part: str = ""
    instance: str = ""


@dataclass(slots=True, kw_only=True)
class _Search:
    """Headers that are still to be placed, and those that were."""

    form: Form
    free: list[str]
    placed: list[Placed] = field(default_factory=list)

    def take(self, placed: Placed) -> None:
        """Put a column into its place."""
        self.free.remove(placed.header)
        self.placed.append(placed)

    def is_placed(self, question: Question) -> bool:
        """Whether the question has its column."""
        return any(p.question is question and not p.choice and not p.part for p in self.placed)


def placed_columns(form: Form, questions: Sequence[Question], header: Sequence[str]) -> tuple[Placed, ...]:
    """Find the columns of questions in a header, then those of the collecting software.

    A question is found by its name, then behind the names of its groups, then its answers and the
    parts of its position, and at last without regard to case and punctuation, since R and Stata
    rename columns. What is found twice is not placed.

    Returns
    -------
    tuple of Placed
        In the order of the header; columns that are not there could not be placed.
    """
    search = _Search(form=form, free=list(header))
    asked = [q for q in questions if q.name]
    _place_by(search, asked, lambda name, q: name == q.name)
    _place_by(search, asked, _is_behind_groups)
    _place_answers(search, asked)
    _place_positions(search, asked)
    _place_others(search, asked)
    _place_repeated(search, asked)
    _place_by(search, asked, lambda name, q: squashed(name) == squashed(q.name))
    for name in list(search.free):
        if system_column(name) is not None:
            search.take(Placed(header=name, column=name))
    order = {name: position for position, name in enumerate(header)}
    return tuple(sorted(search.placed, key=lambda p: order[p.header]))


def squashed(name: str) -> str:
    """A name without what statistical software changes: its case and its punctuation."""
    return re.sub(r"[\W_]+", "", system_name(name))


def parted(name: str) -> str:
    """A name with one sign for every kind of punctuation, so that its parts stay apart."""
    return re.sub(r"[\W_]+", "_", system_name(name)).strip("_")


def _place_by(search: _Search, questions: Sequence[Question], fits: Callable[[str, Question], bool]) -> None:
    for q in questions:
        if search.is_placed(q):
            continue
        found = [name for name in search.free if fits(name, q)]
        if len(found) == 1:
            search.take(Placed(header=found[0], column=q.name, question=q))


def _is_behind_groups(name: str, question: Question) -> bool:
    return any(
        name == separator.join([*question.groups[depth:], question.name])
        for separator in SEPARATORS
        for depth in range(len(question.groups))
    )


def _stem(search: _Search, question: Question) -> list[str]:
    """How headers that belong to a question may begin."""
    whole = [p.header for p in search.placed if p.question is question and not p.choice]
    paths = [s.join([*question.groups, question.name]) for s in SEPARATORS]
    return list(dict.fromkeys([*whole, question.name, *paths]))


def _place_answers(search: _Search, questions: Sequence[Question]) -> None:
    """Place detail columns, which say of each answer whether it was given."""
    for q in questions:
        if q.type not in {"select_multiple", "rank"}:
            continue
        values = [c.value for c in search.form.choices_of(q)] + ["other"] * q.has_other
        known = {parted(value): value for value in values}
        for name, stem in _beginning_with(search, q):
            value = known.get(parted(name[len(stem) + 1 :]), "")
            negative = known.get(parted("-" + name[len(stem) + 1 :].lstrip("_-")), "")
            if value or negative:
                column = q.name + name[len(stem) :]
                search.take(Placed(header=name, column=column, question=q, choice=value or negative))


def _beginning_with(search: _Search, question: Question) -> Iterator[tuple[str, str]]:
    for stem in _stem(search, question):
        for name in list(search.free):
            begins = name.startswith(stem) and name[len(stem) : len(stem) + 1] in {*SEPARATORS, "_"}
            if begins and name in search.free:
                yield name, stem


def _place_positions(search: _Search, questions: Sequence[Question]) -> None:
    """Place the parts of a position: ``_gps_latitude``, ``gps-Latitude``, ``gpslatitude``."""
    for q in questions:
        if q.type not in {"geopoint", "start-geopoint"}:
            continue
        for part in GEO_PARTS:
            ends = {
                squashed(q.name + word) for word in ((part, "accuracy") if part == "precision" else (part,))
            }
            paths = {squashed("".join(q.groups)) + end for end in ends}
            found = [name for name in search.free if squashed(name) in ends | paths]
            if len(found) == 1:
                end = re.split(r"[/:]", found[0])[-1]
                search.take(Placed(header=found[0], column=end, question=q, part=part))


def _place_others(search: _Search, questions: Sequence[Question]) -> None:
    """Place the text that ``or_other`` asks for, which is no row of the form."""
    for q in questions:
        name = f"{q.name}_other"
        if q.has_other and name in search.free:
            search.take(Placed(header=name, column=name, question=q, part="other"))


def _place_repeated(search: _Search, questions: Sequence[Question]) -> None:
    """Place the numbered columns that a wide file has for each question of a repeat."""
    by_name = {q.name: q for q in questions if q.repeat}
    for name in list(search.free):
        found = re.fullmatch(r"(.+?)((?:_\d+)+)", name)
        question = by_name.get(found[1]) if found else None
        if found and question:
            instance = found[2].removeprefix("_")
            search.take(Placed(header=name, column=name, question=question, instance=instance))


def not_delivered(questions: Sequence[Question], placed: Sequence[Placed]) -> tuple[Question, ...]:
    """Questions of which no column was found; those that have none are left out."""
    found = {id(p.question) for p in placed}
    return tuple(q for q in questions if id(q) not in found and q.type not in SILENT)


def expected_columns(form: Form, questions: Sequence[Question]) -> tuple[Placed, ...]:
    """Columns that questions will have, named as ODK and SurveyCTO name them."""
    placed: list[Placed] = []
    for q in questions:
        if q.type in SILENT or not q.name:
            continue
        if q.type in {"geopoint", "start-geopoint"}:
            words = (*(part.title() for part in GEO_PARTS[:3]), "Accuracy")
            placed += [
                Placed(header="", column=f"{q.name}-{word}", question=q, part=part)
                for part, word in zip(GEO_PARTS, words, strict=True)
            ]
            continue
        placed.append(Placed(header="", column=q.name, question=q))
        if q.has_other:
            placed.append(Placed(header="", column=f"{q.name}_other", question=q, part="other"))
    return tuple(placed)


def separator_of(placed: Sequence[Placed]) -> str:
    """The sign between groups in the file's header, where all columns behind groups can be found by it."""
    grouped = [p for p in placed if p.question and not p.choice and not p.part and p.header != p.column]
    for separator in ("/", "-", "."):
        behind = [p for p in grouped if p.header.rpartition(separator)[2] == p.column]
        if len(behind) > 1 and len(behind) * 2 > len(grouped):
            return separator
    return ""


def renamed(placed: Sequence[Placed], header: Sequence[str], separator: str) -> dict[str, str]:
    """Names in the file to names in the codebook, for columns that are not found without."""
    ends = Counter(name.rpartition(separator)[2] for name in header if separator and separator in name)
    return {
        p.header: p.column
        for p in placed
        if p.header != p.column and not (separator and _is_found(p, separator, ends))
    }


def _is_found(placed: Placed, separator: str, ends: Mapping[str, int]) -> bool:
    end = placed.header.rpartition(separator)[2]
    return separator in placed.header and end == placed.column and ends[end] == 1
