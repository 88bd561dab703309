"""Conditions of forms, as XLSForm writes them, from text to a tree."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TypeAlias

from impacteval.errors import ConfigError
from impacteval.survey.expression_tokens import Token, shown, tokens
from impacteval.survey.linear_patterns import is_pattern

MOST_CHARACTERS = 20_000
MOST_NESTED = 40
ANY_NUMBER = 99
# Functions that forms may use and that stand for more than the answers in one row.
KNOWN_ELSEWHERE = (
    "area", "checklist", "concat", "count", "count-non-empty", "current", "decimal-date-time",
    "decimal-time", "digest", "distance", "duration", "format-date", "format-date-time", "index",
    "indexed-repeat", "instance", "join", "jr:choice-name", "jr:itext", "once", "position", "property",
    "pulldata", "random", "randomize", "rank-index", "sum", "translate", "uuid", "weighted-checklist",
)  # fmt: skip
# How many arguments each function takes, at least and at most.
FUNCTIONS = {
    "abs": (1, 1),
    "coalesce": (2, 2),
    "contains": (2, 2),
    "count-selected": (1, 1),
    "date": (1, 1),
    "false": (0, 0),
    "if": (3, 3),
    "int": (1, 1),
    "max": (1, ANY_NUMBER),
    "min": (1, ANY_NUMBER),
    "not": (1, 1),
    "now": (0, 0),
    "number": (1, 1),
    "pow": (2, 2),
    "regex": (2, 2),
    "round": (1, 2),
    "selected": (2, 2),
    "selected-at": (2, 2),
    "starts-with": (2, 2),
    "string": (1, 1),
    "string-length": (1, 1),
    "substr": (2, 3),
    "today": (0, 0),
    "true": (0, 0),
}
# From what binds least to what binds most.
LEVELS = (("or",), ("and",), ("=", "!="), ("<", "<=", ">", ">="), ("+", "-"), ("*", "div", "mod"))
# The first levels join conditions.
N_LOGICAL = 2
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class UnsupportedExpression(ConfigError):  # noqa: N818 - named for what was found, as its base is
    """An expression that a form may use and that is not evaluated here."""


@dataclass(frozen=True, slots=True)
class Constant:
    """A number, a text or a truth value."""

    value: float | str | bool


@dataclass(frozen=True, slots=True)
class Question:
    """The answer to a question; with an empty name the one that the expression belongs to."""

    name: str


@dataclass(frozen=True, slots=True)
class Call:
    """A function of arguments; ``-`` of one argument is its negative."""

    function: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Chain:
    """Operands joined from left to right by operators of one level."""

    first: Node
    rest: tuple[tuple[str, Node], ...]


Node: TypeAlias = Constant | Question | Call | Chain


class Parser:
    """Reads one expression; ``clock`` is the column or the day that ``today()`` and ``now()`` stand for."""

    def __init__(self, text: str, clock: str) -> None:
        if len(text) > MOST_CHARACTERS:
            raise ConfigError(f"{shown(text)}: {len(text)} characters; allowed: {MOST_CHARACTERS}")
        self.text, self.clock = text, clock
        self.tokens = [*tokens(text), Token("end", "the end", len(text))]
        self.position, self.depth = 0, 0

    def parse(self) -> Node:
        """The tree of the whole text."""
        start = self.next
        node = self._condition(self._level(0), start)
        if self.next.kind != "end":
            raise self._wrong("an operator or the end")
        return node

    @property
    def next(self) -> Token:
        """The token that is read next."""
        return self.tokens[self.position]

    def _wrong(self, expected: str) -> ConfigError:
        found = self.next
        return ConfigError(
            f"{shown(self.text)}: found {found.text!r} at character {found.at + 1}; expected: {expected}"
        )

    def _unsupported(self, what: str, token: Token) -> UnsupportedExpression:
        return UnsupportedExpression(
            f"{shown(self.text)}: {what} at character {token.at + 1} is not evaluated"
        )

    def _skipped(self, sign: str) -> bool:
        """Step over a sign if it comes next."""
        is_next = (self.next.kind, self.next.text) == ("sign", sign)
        self.position += is_next
        return is_next

    def _expect(self, sign: str) -> None:
        if not self._skipped(sign):
            raise self._wrong(repr(sign))

    def _level(self, level: int) -> Node:
        """Operands of one level, from left to right."""
        if level == len(LEVELS):
            return self._signed()
        start, first = self.next, self._level(level + 1)
        joins_conditions = level < N_LOGICAL
        rest = []
        while self.next.kind in {"sign", "name"} and self.next.text in LEVELS[level]:
            operator = self.next.text
            self.position += 1
            at, operand = self.next, self._level(level + 1)
            rest.append((operator, self._condition(operand, at) if joins_conditions else operand))
        if not rest:
            return first
        return Chain(self._condition(first, start) if joins_conditions else first, tuple(rest))

    def _condition(self, node: Node, at: Token) -> Node:
        """Refuse an answer by itself as a condition: engines differ on the answers 0 and false."""
        if isinstance(node, Question):
            raise self._unsupported("an answer that is compared with nothing", at)
        return node

    def _signed(self) -> Node:
        n_signs = 0
        while self._skipped("-"):
            n_signs += 1
        node = self._primary()
        return Call("-", (node,)) if n_signs % 2 else node

    def _primary(self) -> Node:
        token = self.next
        if token.kind == "name":
            return self._call()
        if token.kind == "path":
            raise self._unsupported(f"the path {token.text!r}", token)
        if self._skipped("("):
            return self._within(")")[0]
        if token.kind not in {"number", "text", "question", "own"}:
            raise self._wrong("a question ${name}, a number, a text in quotes, a function or (")
        self.position += 1
        if token.kind in {"question", "own"}:
            return Question(token.text[2:-1].strip())
        return Constant(float(token.text) if token.kind == "number" else token.text[1:-1])

    def _within(self, end: str) -> list[Node]:
        """One expression or, in a call, several with commas between them, up to the bracket."""
        self.depth += 1
        if self.depth > MOST_NESTED:
            raise ConfigError(f"{shown(self.text)}: brackets nested more than {MOST_NESTED} deep")
        found = [self._level(0)]
        while end == "," and self._skipped(","):
            found.append(self._level(0))
        self._expect(")")
        self.depth -= 1
        return found

    def _call(self) -> Node:
        token = self.next
        self.position += 1
        if not self._skipped("("):
            self.position -= 1
            raise self._wrong("a question ${name}, a text in quotes, or a function with its brackets")
        name = token.text
        if name not in FUNCTIONS:
            raise self._unknown(token)
        starts = self.next
        arguments = [] if self._skipped(")") else self._within(",")
        self._check_count(name, len(arguments), token)
        if name in {"today", "now"}:
            return Call(name, (self._time(token),))
        if name in {"not", "if"}:
            self._condition(arguments[0], starts)
        if name == "regex":
            self._check_pattern(arguments[1], token)
        return Call(name, tuple(arguments))

    def _unknown(self, token: Token) -> ConfigError:
        close = get_close_matches(token.text, FUNCTIONS, n=1, cutoff=0.75)
        if token.text not in KNOWN_ELSEWHERE and close:
            return ConfigError(
                f"{shown(self.text)}: the function {token.text}() at character {token.at + 1} is unknown; "
                f"did you mean {close[0]}()?"
            )
        return self._unsupported(f"the function {token.text}()", token)

    def _check_count(self, name: str, n_found: int, token: Token) -> None:
        least, most = FUNCTIONS[name]
        if not least <= n_found <= most:
            allowed = str(least) if least == most else f"{least} to {most}"
            raise ConfigError(
                f"{shown(self.text)}: {name}() at character {token.at + 1} has {n_found} arguments; "
                f"allowed: {allowed}"
            )

    def _time(self, token: Token) -> Node:
        if not self.clock:
            raise self._unsupported(
                f"{token.text}(), for lack of a column that says when the form was filled,", token
            )
        is_day = DAY.fullmatch(self.clock)
        return Constant(self.clock) if is_day else Question(self.clock)

    def _check_pattern(self, node: Node, token: Token) -> None:
        if not isinstance(node, Constant) or not isinstance(node.value, str):
            raise self._unsupported("regex() with a pattern that is no text in quotes", token)
        if not is_pattern(node.value):
            raise self._unsupported("the pattern of regex()", token)
