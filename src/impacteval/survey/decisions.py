"""Decisions on pairs of enterprises: once somebody looked, nobody is asked again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from impacteval.errors import DataError, nearest, raise_together
from impacteval.survey.corrections import is_day

DECISION_COLUMNS = ("first", "second", "verdict", "reason", "decided_by", "decided_on")
VERDICTS = ("same", "different")


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A line of ``decisions.csv``: whether two enterprises are one; which stands first says nothing."""

    first: str
    second: str
    verdict: str
    reason: str = ""
    decided_by: str = ""
    decided_on: str = ""

    @property
    def pair(self) -> tuple[str, str]:
        """The two enterprises, sorted."""
        return (min(self.first, self.second), max(self.first, self.second))


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdicts:
    """What decisions say together: who is one enterprise, and which enterprises are not one.

    ``group_of`` gives the first enterprise, in sorted order, of those that it was decided are the
    same; ``different`` holds pairs of these.
    """

    group_of: Mapping[str, str]
    different: frozenset[tuple[str, str]]

    def group(self, unit: str) -> str:
        """Who stands for an enterprise; itself where nothing was decided."""
        return self.group_of.get(unit, unit)

    def is_settled(self, first: str, second: str) -> bool:
        """Whether decisions say of two enterprises, also by way of others, that they are one or not."""
        ours, theirs = self.group(first), self.group(second)
        return ours == theirs or (min(ours, theirs), max(ours, theirs)) in self.different


def read_decisions(rows: Mapping[int, Mapping[str, str]]) -> tuple[Decision, ...]:
    """Read the rows of ``decisions.csv``, by the line each begins on.

    Raises
    ------
    DataError
        Listing lines with an unknown verdict, without both enterprises, a reason, a person or a day,
        about one enterprise only, about a pair that another line is about, and lines that contradict
        others: when A and B are the same and so are B and C, then A and C are not different.
    """
    problems: list[str] = []
    by_line: dict[int, Decision] = {}
    for line, row in rows.items():
        decision = Decision(**{name: row[name] for name in DECISION_COLUMNS})
        wrong = list(_wrong(decision))
        problems += [f"line {line}: {problem}" for problem in wrong]
        if not wrong:
            by_line[line] = decision
    problems += _repeated(by_line)
    problems += _contradictions(by_line)
    raise_together(problems, DataError, "decisions.csv")
    return tuple(sorted(by_line.values(), key=lambda d: d.pair))


def verdicts_of(decisions: Sequence[Decision]) -> Verdicts:
    """Join decisions: what is the same as the same enterprise is the same."""
    group_of = _groups([d for d in decisions if d.verdict == "same"])
    settled = Verdicts(group_of=group_of, different=frozenset())
    pairs = [
        sorted((settled.group(d.first), settled.group(d.second)))
        for d in decisions
        if d.verdict == "different"
    ]
    return Verdicts(group_of=group_of, different=frozenset((first, second) for first, second in pairs))


def _wrong(decision: Decision) -> Iterator[str]:
    """What is wrong with one line; enterprises are not named, since their ids may be confidential."""
    yield from _wrong_unit("first", decision.first)
    yield from _wrong_unit("second", decision.second)
    if decision.first.strip() == decision.second.strip() != "":
        yield "first and second are one enterprise; a decision is about two"
    if decision.verdict not in VERDICTS:
        yield f"verdict {decision.verdict!r} is unknown; {nearest(decision.verdict, VERDICTS)}"
    for name in ("reason", "decided_by"):
        if not getattr(decision, name).strip():
            yield f"{name} is empty; a decision says why and who decided"
    if not is_day(decision.decided_on):
        yield f"decided_on {decision.decided_on!r} is not a day; write it as 2024-03-31"


def _wrong_unit(name: str, unit: str) -> Iterator[str]:
    if not unit.strip():
        yield f"{name} is empty; write the id of an enterprise"
    elif unit != unit.strip():
        yield f"{name} begins or ends with white space; write the id as it stands in the data"


def _repeated(by_line: Mapping[int, Decision]) -> list[str]:
    first: dict[tuple[str, str], int] = {}
    problems = []
    for line, decision in by_line.items():
        earlier = first.setdefault(decision.pair, line)
        if earlier != line:
            is_same = by_line[earlier].verdict == decision.verdict
            said = "the same" if is_same else "the opposite"
            problems.append(f"line {line}: line {earlier} says {said} of these two; keep one of them")
    return problems


def _contradictions(by_line: Mapping[int, Decision]) -> list[str]:
    """Lines that call different what others, taken together, call the same."""
    alike = {line: d for line, d in by_line.items() if d.verdict == "same"}
    group_of = _groups(list(alike.values()))
    direct = {d.pair for d in alike.values()}
    problems = []
    for line, decision in by_line.items():
        ours = group_of.get(decision.first, decision.first)
        is_joined = ours == group_of.get(decision.second, decision.second)
        if decision.verdict == "different" and is_joined and decision.pair not in direct:
            others = ", ".join(str(n) for n, d in sorted(alike.items()) if group_of[d.first] == ours)
            problems.append(
                f"line {line}: different, but lines {others} together say that these two are the same; "
                "one of these decisions is wrong"
            )
    return problems


def _groups(alike: Sequence[Decision]) -> dict[str, str]:
    """For each enterprise in decisions that two are the same, the first of all it is the same as."""
    members: dict[str, set[str]] = {}
    for decision in alike:
        joined = members.get(decision.first, {decision.first}) | members.get(
            decision.second, {decision.second}
        )
        members.update(dict.fromkeys(joined, joined))
    return {unit: min(group) for unit, group in members.items()}
