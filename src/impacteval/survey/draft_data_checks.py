"""Checks that data alone allow: each says what in the data it was drafted from."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields

from impacteval.codebook import Variable
from impacteval.delivery import Roles
from impacteval.survey.data_files import DataFile
from impacteval.survey.draft_checks import LEAST_ITEMS, MOST_ITEMS, OTHER_WORDS, DraftTable, Fields, with_ids
from impacteval.survey.draft_evidence import CONFIRM, id_pattern, is_money
from impacteval.survey.draft_words import is_identifier, tokens
from impacteval.survey.system_columns import system_column
from impacteval.survey.wording import plain_words

NUMBERS = {"integer", "decimal"}
TYPED = {*NUMBERS, "category", "multiple", "date", "datetime"}
DURATIONS, MINUTES = {"duration", "length", "lama", "durasi"}, {"minutes", "minute", "min", "mins", "menit"}
OTHER_TEXT = re.compile(
    r"(?P<column>.+?)_+(?:other|oth|others|specify|other_specify|lain|lainnya)", re.IGNORECASE
)
# Kind, a name where a kind is asked for more than once, the fields beyond table and id, and why.
Asked = tuple[str, str, Fields, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class DataChecks:
    """Checks as ``checks.yaml`` holds them, and by their ids what they were drafted from."""

    checks: Sequence[Mapping[str, object]]
    evidence: Mapping[str, str]


def checks_of_data(table: DraftTable, data: DataFile) -> DataChecks:
    """Draft the checks that the columns and the roles of a table allow."""
    asked = list(_asked_for(table, data))
    checks = with_ids(table.name, [(kind, name, said) for kind, name, said, _ in asked])
    evidence = {
        str(check["id"]): f"{CONFIRM}: {why}" for check, (_, _, _, why) in zip(checks, asked, strict=True)
    }
    return DataChecks(checks=checks, evidence=evidence)


def _asked_for(table: DraftTable, data: DataFile) -> Iterator[Asked]:
    roles, answers = table.roles, _answers(table)
    yield from _of_keys(table, data)
    yield from _of_times(table)
    numbers = [v.column for v in answers if v.type in NUMBERS and v.confidential == "no" and not v.allowed]
    money = [v.column for v in answers if v.column in numbers and is_money(v)]
    typed = [v.column for v in answers if v.type in TYPED]
    if numbers:
        yield "outlier", "", {"columns": numbers}, "columns in which every value is a number"
    if money and roles.enumerator:
        yield "heaping", "", {"columns": money}, f"columns named as money is, asked by {roles.enumerator}"
    if typed:
        yield "item_non_response", "", {"columns": typed}, "columns that are no text, without roles"
    yield from _other_specify(table)
    if len(typed) >= LEAST_ITEMS:
        items = {"items": typed} if len(typed) <= MOST_ITEMS else {}
        yield "near_duplicates", "", items, f"{len(typed)} columns that are no text"
    yield "personal_data", "", {}, "text columns are searched for what looks like personal data"


def _answers(table: DraftTable) -> list[Variable]:
    """Variables that hold answers: no role, no number of a thing, nothing that software adds."""
    roles = table.roles
    said = [getattr(roles, f.name) for f in fields(Roles)]
    apart = {column for column in said if isinstance(column, str)} | {_minutes(table)}
    return [
        v
        for v in table.variables
        if v.column not in apart and not is_identifier(v.column) and system_column(v.column) is None
    ]


def _of_keys(table: DraftTable, data: DataFile) -> Iterator[Asked]:
    """How ids are written, and enterprises that stand twice under two ids."""
    roles = table.roles
    if roles.unit and roles.unit != roles.submission:
        cells = data.cells(roles.unit)
        pattern = id_pattern([str(cell) for cell in cells])
        if pattern:
            said = {"column": roles.unit, "pattern": pattern, "severity": "warning"}
            yield "matches", roles.unit, said, f"all {len(cells)} values are written so"
    if roles.unit and roles.name:
        yield "duplicate_firms", "", {}, f"{roles.name} is named as names of enterprises are"
    elif roles.phone:
        shared: Fields = {
            "columns": [roles.phone],
            "severity": "warning",
            "message": "two rows have one telephone",
            "suggestion": "find out whether they are one enterprise",
        }
        yield "unique", roles.phone, shared, f"{roles.phone} is named as telephones are"
    if roles.unit and roles.latitude and roles.longitude:
        yield "location", "", {}, f"{roles.latitude} and {roles.longitude} hold degrees"


def _of_times(table: DraftTable) -> Iterator[Asked]:
    """When interviews were held, and for how long."""
    roles = table.roles
    types = {v.column: v.type for v in table.variables}
    by = "enumerator" if roles.enumerator else "device" if roles.device else ""
    if roles.start:
        yield (
            "interview_time",
            "",
            {},
            f"{roles.start} says when interviews began; see fieldwork in study.yaml",
        )
    if types.get(roles.start) == types.get(roles.end) == "datetime":
        yield "duration", "", {}, f"{roles.start} and {roles.end} are times"
        if by:
            yield (
                "overlap",
                "",
                {"by": by},
                f"{roles.start} and {roles.end} are times of {getattr(roles, by)}",
            )
    elif minutes := _minutes(table):
        yield "duration", "", {"minutes": minutes}, f"{minutes} is named as minutes are"


def _minutes(table: DraftTable) -> str:
    """The only column of numbers that is named as a duration in minutes."""
    found = [
        v.column
        for v in table.variables
        if v.type in NUMBERS and tokens(v.column) & DURATIONS and tokens(v.column) & MINUTES
    ]
    return found[0] if len(found) == 1 else ""


def _other_specify(table: DraftTable) -> Iterator[Asked]:
    """Closed columns, and the text beside them that is named as their ``other``."""
    closed = {v.column: v for v in table.variables if v.type in {"category", "multiple"}}
    for v in table.variables:
        named = OTHER_TEXT.fullmatch(v.column)
        answered = closed.get(named["column"]) if named else None
        other = [a for a in answered.allowed if OTHER_WORDS & set(plain_words(a)[:2])] if answered else []
        if answered and v.type == "text" and len(other) == 1:
            said = {"column": answered.column, "other": other[0], "text": v.column}
            yield "other_specify", v.column, said, f"{v.column} is named after {answered.column}"
