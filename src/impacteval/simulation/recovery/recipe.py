"""What every trial shares: the generator, and of the study's plan what its primary outcomes need."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from impacteval.derivation import DerivedColumn
from impacteval.derive.grammar import parse
from impacteval.derive.nodes import Aggregate, Name, walk
from impacteval.derive.rules import DerivationRules
from impacteval.design import CLUSTER_BY_UNIT, Outcome, Plan
from impacteval.designs import CallawaySantAnna, Design, ExtendedTwoWay, Imputation, TwoByTwo
from impacteval.errors import ConfigError
from impacteval.simulation.programme_study.parameters import Generator


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """What every trial shares.

    ``plan``, ``outcomes`` and ``rules`` are those of the study without what its primary outcomes do
    not need; ``columns`` are the columns of the survey that they are made from, ``tables`` the tables.
    """

    generator: Generator
    plan: Plan
    outcomes: tuple[Outcome, ...]
    rules: DerivationRules
    columns: frozenset[str]
    tables: tuple[str, ...]
    seed: int


def recipe_of(
    generator: Generator, plan: Plan, outcomes: tuple[Outcome, ...], rules: DerivationRules, *, seed: int
) -> Recipe:
    """Keep what the primary outcomes need.

    Parameters
    ----------
    generator : Generator
    plan, outcomes, rules
        Those of the study.
    seed : int
        Trials follow from it.

    Raises
    ------
    ConfigError
        When the study has no primary outcome that a formula gives.
    """
    primary = tuple(o for o in outcomes if o.role == "primary" and o.formula)
    if not primary:
        raise ConfigError("outcomes.csv: no primary outcome with a formula; recovery is measured on these")
    designs = tuple(_with_one_average(d) for d in plan.designs if _is_asked(d, primary))
    small = replace(plan, designs=designs, subgroups=(), balance=(), dose="", weight="")
    roles = [value for r in rules.roles.values() for value in (r.unit, r.period) if value]
    start = {small.panel.unit, small.panel.period, small.panel.place, small.treatment.column, *roles}
    start |= {c for d in designs for c in d.columns}
    start |= set() if small.cluster == CLUSTER_BY_UNIT else {small.cluster}
    texts = [o.formula for o in primary]
    derived, names = _derived_behind(rules.derived, texts, start)
    texts += [d.formula for d in derived]
    used = {t for text in texts for t in _tables_in(text)} | {d.table for d in derived}
    return Recipe(
        generator=generator,
        plan=small,
        outcomes=primary,
        rules=replace(
            rules, derived=derived, parameters=tuple(p for p in rules.parameters if p.parameter in names)
        ),
        columns=frozenset(names),
        tables=tuple(sorted({small.panel.table, *used})),
        seed=seed,
    )


def _is_asked(design: Design, primary: tuple[Outcome, ...]) -> bool:
    return not design.outcomes or any(o.name in design.outcomes for o in primary)


def _with_one_average(design: Design) -> Design:
    """A design without the averages that no headline shows."""
    if isinstance(design, TwoByTwo | CallawaySantAnna | Imputation | ExtendedTwoWay):
        return replace(design, averages=("simple",))
    return design


def _derived_behind(
    derived: tuple[DerivedColumn, ...], texts: list[str], start: set[str]
) -> tuple[tuple[DerivedColumn, ...], set[str]]:
    """Derived columns that formulas and names rest on, and all names that then occur."""
    names = start | {name for text in texts for name in _names_in(text)}
    while True:
        kept = tuple(d for d in derived if d.name in names)
        found = names | {name for d in kept for name in _names_in(d.formula)}
        if found == names:
            return kept, names
        names = found


def _names_in(text: str) -> Iterator[str]:
    return (node.name for node in walk(parse(text, "formula")) if isinstance(node, Name))


def _tables_in(text: str) -> Iterator[str]:
    return (node.table for node in walk(parse(text, "formula")) if isinstance(node, Aggregate))
