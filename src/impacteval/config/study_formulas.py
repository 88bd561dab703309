"""The formulas of a study, and the names that its codebook gives them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from impacteval.codebook import Codebook, Variable
from impacteval.delivery import Roles
from impacteval.derivation import DerivedColumn, Parameter
from impacteval.derive.vocabulary import Formula, Kind, Reference, Vocabulary, read_formulas, references
from impacteval.design import Outcome, Plan

TEXTS = frozenset({"text", "category", "multiple"})


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyFormulas:
    """Everything that formulas of a study rest on."""

    plan: Plan
    outcomes: tuple[Outcome, ...]
    derived: tuple[DerivedColumn, ...]
    parameters: tuple[Parameter, ...]
    codebook: Codebook
    roles: Mapping[str, Roles]

    @property
    def derived_of_panel(self) -> tuple[str, ...]:
        """Names of columns that are derived for the panel table."""
        return tuple(d.name for d in self.derived if d.table == self.plan.panel.table)

    @property
    def vocabulary(self) -> Vocabulary:
        """The names that formulas may use."""
        columns: dict[str, dict[str, Kind]] = {}
        for v in self.codebook.variables:
            columns.setdefault(v.table, {})[v.column] = "text" if v.type in TEXTS else "number"
        derived: dict[str, set[str]] = {}
        for d in self.derived:
            derived.setdefault(d.table, set()).add(d.name)
        panel = self.plan.panel.table
        return Vocabulary(
            panel=panel,
            columns=columns,
            derived={table: frozenset(names) for table, names in derived.items()},
            parameters=frozenset(p.parameter for p in self.parameters),
            linked=frozenset(t for t in columns if t != panel and t in self.roles and self.roles[t].unit),
            allowed={(v.table, v.column): v.allowed for v in self.codebook.variables if _is_closed(v)},
        )

    def read(self) -> tuple[tuple[Formula, ...], list[str]]:
        """Formulas that can be read, and what is wrong with the others."""
        return read_formulas(self.derived, self.outcomes, self.plan.panel.table)

    def columns_behind(self, column: str) -> tuple[str, ...]:
        """Columns of the survey, as ``table.column``, that a column of the panel table is or is made from."""
        panel = self.plan.panel.table
        if column not in self.derived_of_panel:
            return (f"{panel}.{column}",)
        formulas, _ = self.read()
        vocabulary = self.vocabulary
        of_name = {(f.table, f.name): f for f in formulas if not f.is_outcome}
        seen: set[tuple[str, str]] = set()
        found = set(_columns_behind((panel, column), of_name, vocabulary, seen))
        return tuple(sorted(found))

    def used(self) -> frozenset[Reference]:
        """What the formulas of the study use."""
        formulas, _ = self.read()
        vocabulary = self.vocabulary
        return frozenset(r for f in formulas for r in references(f, vocabulary))


def _is_closed(variable: Variable) -> bool:
    return variable.type == "category" and bool(variable.allowed)


def _columns_behind(
    key: tuple[str, str],
    formulas: Mapping[tuple[str, str], Formula],
    vocabulary: Vocabulary,
    seen: set[tuple[str, str]],
) -> Iterator[str]:
    if key in seen or key not in formulas:
        return
    seen.add(key)
    for reference in references(formulas[key], vocabulary):
        if reference.source == "column":
            yield f"{reference.table}.{reference.name}"
        if reference.source == "derived":
            yield from _columns_behind((reference.table, reference.name), formulas, vocabulary, seen)
