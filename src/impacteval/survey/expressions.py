"""Conditions of forms: which rows of a table they hold in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd

from impacteval.arrays import Bool1D
from impacteval.errors import ConfigError, nearest, raise_together
from impacteval.survey.expression_functions import COMPARISONS, OPERATORS, called
from impacteval.survey.expression_parser import (
    Call,
    Chain,
    Constant,
    Node,
    Parser,
    Question,
    UnsupportedExpression,
)
from impacteval.survey.expression_values import Texts, Truths, Value, answers, constant, truths

__all__ = ["Expression", "UnsupportedExpression", "holds", "parse"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Expression:
    """A condition that was parsed; ``names`` are the columns it reads besides its own question's."""

    text: str
    tree: Node
    names: frozenset[str]
    reads_own: bool


@lru_cache(maxsize=4096)
def parse(text: str, *, clock: str = "") -> Expression:
    """Parse a condition as XLSForm writes it.

    Parameters
    ----------
    text : str
        ``${name}`` and ``.`` (the question itself), numbers, texts in quotes, ``= != < <= > >=``,
        ``+ - * div mod``, ``and or``, brackets and the functions in ``FUNCTIONS``.
    clock : str
        What ``today()`` and ``now()`` stand for: a column of dates or times, or a day ``YYYY-MM-DD``.

    Raises
    ------
    ConfigError
        For what is no expression: where it breaks, what was found and what is allowed.
    UnsupportedExpression
        For what a form may use and is not evaluated here: other functions, paths, ``today()`` without
        a clock, an answer that is compared with nothing, patterns that are not matched in linear time.
    """
    tree = Parser(text, clock).parse()
    names = frozenset(_names(tree))
    return Expression(text=text, tree=tree, names=names - {""}, reads_own="" in names)


def _names(node: Node) -> Iterator[str]:
    match node:
        case Question():
            yield node.name
        case Call():
            for argument in node.arguments:
                yield from _names(argument)
        case Chain():
            for part in (node.first, *(operand for _, operand in node.rest)):
                yield from _names(part)


def holds(expression: Expression, text: pd.DataFrame, column: str = "") -> Bool1D:
    """Say in which rows a condition holds.

    Comparisons are those of XPath 1.0 as form engines make them: an empty answer is the empty text
    and, compared with a number, no number, so that only ``!=`` is true; a text is never less than
    another; a date in ISO form counts as days since 1970. Two answers are equal where their texts are,
    or where both are the same number.

    Parameters
    ----------
    expression : Expression
    text : DataFrame
        The answers as text, as the form stored them: missing codes are answers.
    column : str
        The question that the expression belongs to, ``.`` in it.

    Returns
    -------
    (n_rows,)

    Raises
    ------
    ConfigError
        When the table lacks a column that the expression reads.
    """
    needed = sorted(expression.names | ({column} if expression.reads_own else set()))
    known = [str(name) for name in text.columns]
    missing = [f"no column {name!r}; {nearest(name, known)}" for name in needed if name not in known]
    raise_together(missing, ConfigError, repr(expression.text))
    questions = {name: answers(text[name]) for name in needed}
    if expression.reads_own:
        questions[""] = questions[column]
    # What reads no column at all is one value for all rows.
    found = truths(_value(expression.tree, questions))
    return np.broadcast_to(found, (len(text),)).copy()


def _value(node: Node, questions: dict[str, Texts]) -> Value:
    match node:
        case Constant():
            return constant(node.value)
        case Question():
            return questions[node.name]
        case Call():
            return called(node.function, [_value(a, questions) for a in node.arguments])
        case Chain():
            found = _value(node.first, questions)
            for operator, operand in node.rest:
                found = _joined(operator, found, _value(operand, questions))
            return found


def _joined(operator: str, left: Value, right: Value) -> Value:
    if operator == "or":
        return Truths(truths(left) | truths(right))
    if operator == "and":
        return Truths(truths(left) & truths(right))
    if operator in COMPARISONS:
        return Truths(COMPARISONS[operator](left, right))
    return OPERATORS[operator](left, right)
