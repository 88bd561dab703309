"""Conditions of forms evaluated row by row, written for reading and not for speed."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal

from impacteval.survey.expression_parser import Call, Chain, Constant, Node, Question


class Answer(str):
    """The answer to a question, as opposed to a text made of it."""

    __slots__ = ()


Row = Mapping[str, str]
Value = float | str | bool


def holds_slowly(tree: Node, row: Row) -> bool:
    """Whether a condition holds in one row; ``row[""]`` is the answer that ``.`` stands for."""
    return as_truth(value_of(tree, row))


def value_of(node: Node, row: Row) -> Value:
    """The value of a node in one row."""
    match node:
        case Constant():
            return node.value
        case Question():
            return Answer(row[node.name].strip())
        case Call():
            return call(node.function, node.arguments, row)
        case Chain():
            value = value_of(node.first, row)
            for operator, operand in node.rest:
                value = join(operator, value, value_of(operand, row))
            return value


def as_number(value: Value) -> float:
    """XPath's number(), and days since 1970 for dates."""
    if isinstance(value, bool):
        return 1.0 if value else 0.0
    if isinstance(value, float):
        return value
    if re.fullmatch(r"\s*-?([0-9]+(\.[0-9]*)?|\.[0-9]+)\s*", value):
        return float(value)
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2})?)?", value):
        return math.nan
    try:
        moment = dt.datetime.fromisoformat(value)
    except ValueError:
        return math.nan
    return (moment - dt.datetime(1970, 1, 1)) / dt.timedelta(days=1)


def as_text(value: Value) -> str:
    """XPath's string()."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    if value == int(value):
        return str(int(value))
    return f"{Decimal(repr(value)):f}"


def as_truth(value: Value) -> bool:
    """XPath's boolean()."""
    if isinstance(value, bool):
        return value
    if isinstance(value, float):
        return value != 0 and not math.isnan(value)
    return value != ""


def near(left: float, right: float) -> bool:
    return left == right or abs(left - right) < 1e-12


def equal(left: Value, right: Value) -> bool:
    if isinstance(left, bool) or isinstance(right, bool):
        return as_truth(left) == as_truth(right)
    if isinstance(left, float) or isinstance(right, float):
        return near(as_number(left), as_number(right))
    if isinstance(left, Answer) and isinstance(right, Answer):
        return str(left) == str(right) or near(as_number(left), as_number(right))
    return str(left) == str(right)


def join(operator: str, left: Value, right: Value) -> Value:
    a, b = as_number(left), as_number(right)
    table = {
        "or": lambda: as_truth(left) or as_truth(right),
        "and": lambda: as_truth(left) and as_truth(right),
        "=": lambda: equal(left, right),
        "!=": lambda: not equal(left, right),
        "<": lambda: a < b,
        "<=": lambda: a <= b,
        ">": lambda: a > b,
        ">=": lambda: a >= b,
        "+": lambda: a + b,
        "-": lambda: a - b,
        "*": lambda: a * b,
        "div": lambda: divided(a, b),
        "mod": lambda: math.nan if b == 0 or math.isinf(a) or math.isnan(a + b) else math.fmod(a, b),
    }
    return table[operator]()


def divided(a: float, b: float) -> float:
    if b != 0:
        return a / b
    return math.nan if a == 0 or math.isnan(a) else math.copysign(math.inf, a) * math.copysign(1, b)


def call(function: str, arguments: tuple[Node, ...], row: Row) -> Value:
    values = [value_of(a, row) for a in arguments]
    texts, numbers = [as_text(v) for v in values], [as_number(v) for v in values]
    table = {
        "date": lambda: numbers[0] // 1,
        "today": lambda: numbers[0] // 1,
        "-": lambda: -numbers[0],
        "abs": lambda: abs(numbers[0]),
        "coalesce": lambda: texts[0] or texts[1],
        "contains": lambda: texts[1] in texts[0],
        "count-selected": lambda: float(len(texts[0].split())),
        "false": lambda: False,
        "if": lambda: chosen(values),
        "int": lambda: float(math.trunc(numbers[0])) if math.isfinite(numbers[0]) else numbers[0],
        "max": lambda: math.nan if any(map(math.isnan, numbers)) else max(numbers),
        "min": lambda: math.nan if any(map(math.isnan, numbers)) else min(numbers),
        "not": lambda: not as_truth(values[0]),
        "now": lambda: numbers[0],
        "number": lambda: numbers[0],
        "regex": lambda: re.fullmatch(texts[1], texts[0]) is not None,
        "round": lambda: rounded(numbers[0], int(numbers[1]) if len(numbers) == 2 else 0),
        "selected": lambda: texts[1].strip() in texts[0].split(),
        "selected-at": lambda: dict(enumerate(texts[0].split())).get(int(numbers[1]), ""),
        "starts-with": lambda: texts[0].startswith(texts[1]),
        "string": lambda: texts[0],
        "string-length": lambda: float(len(texts[0])),
        "substr": lambda: texts[0][int(numbers[1]) : int(numbers[2]) if len(numbers) == 3 else None],
        "true": lambda: True,
    }
    return table[function]()


def chosen(values: list[Value]) -> Value:
    kinds = {type(v) for v in values[1:]}
    value = values[1] if as_truth(values[0]) else values[2]
    return value if kinds in ({float}, {bool}) else as_text(value)[:]  # a text made of answers


def rounded(number: float, places: int) -> float:
    if not math.isfinite(number):
        return number
    return float(Decimal(as_text(number)).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP))
