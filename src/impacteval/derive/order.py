"""In which order derived columns are computed, so that each finds those that it uses."""

from __future__ import annotations

from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter

from impacteval.derive.vocabulary import Formula, Vocabulary, references, uses_baseline
from impacteval.design import Plan
from impacteval.errors import ConfigError


def ordered(formulas: tuple[Formula, ...], vocabulary: Vocabulary, plan: Plan) -> tuple[Formula, ...]:
    """Formulas in an order in which each stands after those it uses; outcomes come last.

    Raises
    ------
    ConfigError
        When formulas use each other in a circle, naming it.
    """
    of_name = {(f.table, f.name): f for f in formulas if not f.is_outcome}
    graph = {key: list(_needed(f, vocabulary, plan)) for key, f in of_name.items()}
    try:
        order = list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        # The circle is given from what is used to what uses it.
        circle = " uses ".join(name for _, name in reversed(error.args[1]))
        raise ConfigError(f"derived.csv: formulas in a circle: {circle}; break it") from error
    derived = tuple(of_name[key] for key in order if key in of_name)
    return (*derived, *(f for f in formulas if f.is_outcome))


def _needed(formula: Formula, vocabulary: Vocabulary, plan: Plan) -> Iterator[tuple[str, str]]:
    """Derived columns that a formula needs: by name, and by what parameters and indices rest on."""
    found = tuple(references(formula, vocabulary))
    yield from ((r.table, r.name) for r in found if r.source == "derived")
    behind = []
    if any(r.source == "parameter" for r in found) and plan.panel.place:
        behind.append(plan.panel.place)
    if uses_baseline(formula.tree):
        behind.append(plan.treatment.column)
    yield from ((plan.panel.table, n) for n in behind if n in vocabulary.derived.get(plan.panel.table, ()))
