"""Which names formulas may use, and what each stands for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from impacteval.derivation import DerivedColumn
from impacteval.derive.grammar import INDICES, parse
from impacteval.derive.nodes import Aggregate, Call, Name, Node, parts_of
from impacteval.design import Outcome
from impacteval.errors import ConfigError, nearest

Kind: TypeAlias = Literal["number", "text"]
Source: TypeAlias = Literal["column", "derived", "clock", "parameter"]
CLOCK = ("day", "period", "year")


@dataclass(frozen=True, slots=True, kw_only=True)
class Formula:
    """A formula that was read: what it makes, for the rows of which table, and where it stands."""

    name: str
    table: str
    tree: Node
    where: str
    is_outcome: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """What a name stands for; ``table`` is empty for the clock and for parameters."""

    source: Source
    table: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """Names that formulas may use.

    ``columns`` gives, for each table, its columns and their kind; ``allowed`` the texts that a column
    may hold, where they are known. ``linked`` are the tables whose rows can be joined to the panel's.
    """

    panel: str
    columns: Mapping[str, Mapping[str, Kind]]
    derived: Mapping[str, frozenset[str]]
    parameters: frozenset[str]
    linked: frozenset[str]
    allowed: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)

    def resolve(self, name: str, table: str) -> Reference | None:
        """What a name means in a formula for the rows of a table: the table's own first."""
        for place in dict.fromkeys((table, self.panel)):
            if name in self.columns.get(place, {}):
                return Reference(source="column", table=place, name=name)
            if name in self.derived.get(place, frozenset()):
                return Reference(source="derived", table=place, name=name)
        if name in CLOCK:
            return Reference(source="clock", table="", name=name)
        if name in self.parameters:
            return Reference(source="parameter", table="", name=name)
        return None

    def unknown(self, name: str, table: str) -> str:
        """Say that a name is unknown, with the nearest that is."""
        places = dict.fromkeys((table, self.panel))
        known = {n for place in places for n in (*self.columns.get(place, {}), *self.derived.get(place, ()))}
        hint = nearest(name, sorted(known | set(CLOCK) | self.parameters))
        close = hint.partition("; did you mean")
        where = " or ".join(places)
        more = f"; did you mean{close[2]}" if close[1] else ""
        return f"no column, derived column or parameter {name!r} for the rows of {where}{more}"


def read_formulas(
    derived: tuple[DerivedColumn, ...], outcomes: tuple[Outcome, ...], panel: str
) -> tuple[tuple[Formula, ...], list[str]]:
    """Read all formulas of a study; those that cannot be read are listed as problems."""
    asked = [(d.name, d.table, d.formula, f"derived.csv: {d.name}", False) for d in derived]
    asked += [(o.name, panel, o.formula, f"outcomes.csv: {o.name}", True) for o in outcomes if o.formula]
    formulas, problems = [], []
    for name, table, text, where, is_outcome in asked:
        try:
            tree = parse(text, where)
        except ConfigError as error:
            problems.append(str(error))
            continue
        formulas.append(Formula(name=name, table=table, tree=tree, where=where, is_outcome=is_outcome))
    return tuple(formulas), problems


def names_in(node: Node, table: str) -> Iterator[tuple[Name, str]]:
    """Names of a formula, each with the table whose rows it is read for."""
    if isinstance(node, Name):
        yield node, table
    inside = node.table if isinstance(node, Aggregate) else table
    for part in parts_of(node):
        yield from names_in(part, inside)


def references(formula: Formula, vocabulary: Vocabulary) -> Iterator[Reference]:
    """What the names of a formula stand for; unknown names are left out."""
    for name, table in names_in(formula.tree, formula.table):
        found = vocabulary.resolve(name.name, table)
        if found is not None:
            yield found


def uses_index(node: Node) -> bool:
    """Whether a formula standardises by the comparison rows at baseline."""
    if isinstance(node, Call) and node.function in INDICES:
        return True
    return any(uses_index(part) for part in parts_of(node))


def uses_baseline(node: Node) -> bool:
    """Whether a formula refers to the baseline period."""
    if isinstance(node, Call) and (node.function == "baseline" or node.function in INDICES):
        return True
    return any(uses_baseline(part) for part in parts_of(node))
