"""The value of a formula in each of its rows."""

from __future__ import annotations

from dataclasses import dataclass, field

from impacteval.derive import functions as f
from impacteval.derive.aggregates import aggregated
from impacteval.derive.grammar import INDICES
from impacteval.derive.indices import Index, combined_items, index_of
from impacteval.derive.nodes import (
    Aggregate,
    Binary,
    Call,
    Choice,
    Comparison,
    Logic,
    Member,
    Name,
    Negative,
    Node,
    Not,
    Number,
    Word,
)
from impacteval.derive.panel_rows import PanelRows
from impacteval.derive.rows import LinkedRows
from impacteval.derive.values import Numbers, Value, constant, missing_of, numbers
from impacteval.errors import ConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluator:
    """Computes one formula; ``rows`` are those of its table, ``label`` is its name.

    Indices that the formula makes are added to ``indices``.
    """

    panel: PanelRows
    rows: PanelRows | LinkedRows
    label: str
    indices: list[Index] = field(default_factory=list)

    def value(self, node: Node) -> Value:
        """The value of a node in each row."""
        match node:
            case Number() | Word():
                return constant(node.value, len(self.rows))
            case Name():
                return self.rows.named(node.name)
            case Call():
                return self._called(node)
            case Aggregate():
                return self._aggregated(node)
            case _:
                return self._operation(node)

    def _number(self, node: Node) -> Numbers:
        return f.number(self.value(node))

    def _operation(self, node: Node) -> Value:
        reasons = self.panel.reasons
        match node:
            case Negative():
                operand = self._number(node.operand)
                return numbers(-operand.values, operand.why)
            case Binary():
                left, right = self._number(node.left), self._number(node.right)
                return f.calculated(node.operator, left, right, node.right_text, reasons)
            case Choice():
                return f.chosen(self._number(node.condition), self.value(node.yes), self.value(node.no))
            case _:
                return self._condition(node)

    def _condition(self, node: Node) -> Value:
        match node:
            case Comparison():
                return f.compared(node.operator, self.value(node.left), self.value(node.right))
            case Member():
                return f.is_among(self.value(node.operand), node.among)
            case Logic():
                return f.joined(node.operator, [self._number(part) for part in node.parts])
            case Not():
                return f.negated(self._number(node.operand))
        raise TypeError(f"a node of an unknown kind: {node}")

    def _called(self, node: Call) -> Value:
        if node.function == "known":
            return f.known(self.value(node.arguments[0]))
        if node.function == "baseline":
            return self._at_baseline(node)
        values = [self._number(argument) for argument in node.arguments]
        if node.function in INDICES:
            return self._index(node, values)
        if node.function in f.ROW_FUNCTIONS:
            return f.ROW_FUNCTIONS[node.function](values, self.panel.reasons)
        return f.combined(node.function, values, node.at_least, self.panel.reasons)

    def _at_baseline(self, node: Call) -> Value:
        if isinstance(self.rows, LinkedRows):
            raise ConfigError(
                f"{self.label}: baseline(..) is read for rows of the panel, not within aggregates"
            )
        return self.panel.at_baseline(self.value(node.arguments[0]))

    def _index(self, node: Call, values: list[Numbers]) -> Value:
        reference = self.panel.reference()
        if isinstance(self.rows, LinkedRows):
            reference = self.rows.of_panel(reference)
        name = f"{self.label}_{len(self.indices) + 1}" if self.indices else self.label
        index, scored = index_of(node.function, values, node.texts, reference, name)
        self.indices.append(index)
        return combined_items(index, values, scored, node.at_least, self.panel.reasons)

    def _aggregated(self, node: Aggregate) -> Value:
        if isinstance(self.rows, LinkedRows):
            raise ConfigError(
                f"{self.label}: an aggregate within an aggregate; name the inner one in derived.csv"
            )
        linked = self.panel.linked(node.table)
        inside = Evaluator(panel=self.panel, rows=linked, label=self.label, indices=self.indices)
        value = inside.value(node.expression)
        where = constant(1.0, len(linked)) if node.where is None else inside.value(node.where)
        used = (f.number(where).values != 0) & ~missing_of(where)
        return aggregated(
            node.function, value, used, linked.groups, at_least=node.at_least, reasons=self.panel.reasons
        )
