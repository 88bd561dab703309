"""From what was decided to numbered lines of the log: equal decisions are one line, others contradict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from impacteval.survey.corrections import Correction, correction_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """An answer as a message names it, the place where it stands, and the cells of its lines."""

    named: str
    where: str
    lines: Sequence[Mapping[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLines:
    """New lines, the answer that each came from by its id, and what contradicts."""

    lines: tuple[Correction, ...]
    origin: Mapping[int, Decided]
    problems: tuple[str, ...] = field(default=())


def numbered(decided: Sequence[Decided], existing: Sequence[Correction]) -> NewLines:
    """Number new lines on from those of the log."""
    first_line = max((c.line for c in existing), default=1) + 1
    new: dict[tuple[object, ...], Correction] = {}
    origin: dict[int, Decided] = {}
    problems = []
    for answer in decided:
        for row in answer.lines:
            number = len(existing) + len(new) + 1
            line = correction_of(first_line + len(new), {**row, "correction_id": str(number)})
            earlier = new.setdefault(_decides(line), line)
            if earlier is line:
                origin[number] = answer
            elif earlier.new_value != line.new_value:
                other = origin[earlier.correction_id].where
                problems.append(f"{answer.named}: {other} gives the same cell another value; keep one")
    return NewLines(lines=tuple(new.values()), origin=origin, problems=tuple(problems))


def _decides(correction: Correction) -> tuple[object, ...]:
    """What a new line decides; two answers about the same are one line."""
    c = correction
    check = c.check_id if c.action == "okay" else ""
    return (c.table, c.source_file, c.source_row, c.submission, c.column, c.action, check, c.partner)
