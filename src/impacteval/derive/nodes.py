"""What a formula is made of, once it was read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

Arithmetic: TypeAlias = Literal["+", "-", "*", "/", "**", "%"]
Relation: TypeAlias = Literal["<", "<=", ">", ">=", "==", "!="]


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A number as it is written."""

    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A text in quotes."""

    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """A column, a derived column, a parameter, or ``day``, ``period``, ``year``; ``at`` is its position."""

    name: str
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Negative:
    """The negative of a number."""

    operand: Node
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Not:
    """True where the operand is false."""

    operand: Node
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Binary:
    """Arithmetic with two numbers; ``right_text`` is the right side as it is written."""

    operator: Arithmetic
    left: Node
    right: Node
    right_text: str
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A comparison of two values of one kind."""

    operator: Relation
    left: Node
    right: Node
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """Whether a value is one of those listed."""

    operand: Node
    among: tuple[float, ...] | tuple[str, ...]
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Logic:
    """``and`` or ``or`` of several conditions."""

    operator: Literal["and", "or"]
    parts: tuple[Node, ...]
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One value where the condition is true, another where it is false."""

    condition: Node
    yes: Node
    no: Node
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A function of values of the same row; ``texts`` are the arguments as they are written."""

    function: str
    arguments: tuple[Node, ...]
    texts: tuple[str, ...]
    at_least: int
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Aggregate:
    """A function of the rows of another table that belong to a row."""

    table: str
    function: str
    expression: Node
    where: Node | None
    at_least: int | None
    at: int


Node: TypeAlias = (
    Number | Word | Name | Negative | Not | Binary | Comparison | Member | Logic | Choice | Call | Aggregate
)


def parts_of(node: Node) -> tuple[Node, ...]:
    """The nodes directly below a node, in the order in which they are written."""
    match node:
        case Negative() | Not() | Member():
            return (node.operand,)
        case Binary() | Comparison():
            return (node.left, node.right)
        case Logic():
            return node.parts
        case Choice():
            return (node.yes, node.condition, node.no)
        case Call():
            return node.arguments
        case Aggregate():
            return (node.expression, *(() if node.where is None else (node.where,)))
    return ()


def walk(node: Node) -> Iterator[Node]:
    """A node and all that is below it."""
    yield node
    for part in parts_of(node):
        yield from walk(part)
