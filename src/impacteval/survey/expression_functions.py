"""Functions and operators of conditions of forms."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import pandas as pd

from impacteval.arrays import Bool1D, Float1D
from impacteval.survey.expression_values import (
    NUMBER,
    Numbers,
    Texts,
    Truths,
    Value,
    is_equal,
    mapped,
    numbers,
    text_result,
    texts,
    truths,
)
from impacteval.survey.linear_patterns import matches_whole

MOST_PLACES = 12
# Doubles from here on have hardly a decimal.
WITHOUT_DECIMALS = 10**15


def choices(answer: str) -> list[str]:
    """Choices of a question of several: parted by blanks."""
    return answer.split()


def _selected(arguments: Sequence[Value]) -> Value:
    found = mapped(lambda answer, choice: choice.strip() in choices(answer), *map(texts, arguments))
    return Truths(found.astype(np.bool_))


def _selected_at(arguments: Sequence[Value]) -> Value:
    return text_result(mapped(_choice_at, *map(texts, arguments)))


def _choice_at(answer: str, number: str) -> str:
    """The choice of a number from 0; empty where there is none."""
    chosen = choices(answer)
    return chosen[int(number)] if number.isdecimal() and int(number) < len(chosen) else ""


def _count_selected(arguments: Sequence[Value]) -> Value:
    return Numbers(mapped(lambda answer: len(choices(answer)), *map(texts, arguments)).astype(np.float64))


def _contains(arguments: Sequence[Value]) -> Value:
    return Truths(mapped(lambda text, part: part in text, *map(texts, arguments)).astype(np.bool_))


def _starts_with(arguments: Sequence[Value]) -> Value:
    found = mapped(lambda text, part: text.startswith(part), *map(texts, arguments))
    return Truths(found.astype(np.bool_))


def _string_length(arguments: Sequence[Value]) -> Value:
    return Numbers(mapped(len, *map(texts, arguments)).astype(np.float64))


def _substr(arguments: Sequence[Value]) -> Value:
    return text_result(mapped(_part, *map(texts, arguments)))


def _part(text: str, start: str, end: str = "") -> str:
    """Characters from ``start``, the first being 0, up to but without ``end``; negatives from the end."""
    first, last = (int(float(n)) if re.fullmatch(NUMBER, n) else None for n in (start, end))
    return "" if first is None else text[first:last]


def _regex(arguments: Sequence[Value]) -> Value:
    answer, pattern = texts(arguments[0]), texts(arguments[1])
    found = matches_whole(answer.labels, str(pattern.labels[0]))
    return Truths(np.asarray(answer.taken(found), dtype=np.bool_))


def _if(arguments: Sequence[Value]) -> Value:
    condition, yes, no = truths(arguments[0]), arguments[1], arguments[2]
    if isinstance(yes, Truths) and isinstance(no, Truths):
        return Truths(np.where(condition, yes.values, no.values))
    if isinstance(yes, Numbers) and isinstance(no, Numbers):
        return Numbers(np.where(condition, yes.values, no.values))
    return _chosen(condition, texts(yes), texts(no))


def _chosen(condition: Bool1D, yes: Texts, no: Texts) -> Texts:
    labels = np.concatenate([yes.labels, no.labels])
    codes, distinct = pd.factorize(labels)
    merged = codes[np.where(condition, yes.codes, no.codes + len(yes.labels))]
    return Texts(np.asarray(distinct, dtype=object), merged)


def _coalesce(arguments: Sequence[Value]) -> Value:
    first, second = texts(arguments[0]), texts(arguments[1])
    return _chosen(truths(first), first, second)


def _round(arguments: Sequence[Value]) -> Value:
    """Round half away from zero, to decimals where they are given, of the number as it is written."""
    places = numbers(arguments[1]) if len(arguments) == 2 else np.zeros(1)
    written = texts(Numbers(numbers(arguments[0])))
    return Numbers(mapped(_rounded, written, texts(Numbers(places))).astype(np.float64))


def _rounded(number: str, places: str) -> float:
    if not re.fullmatch(NUMBER, number) or not re.fullmatch(NUMBER, places):
        return float(number) if re.fullmatch(NUMBER, places) else np.nan
    step = Decimal(1).scaleb(-int(max(min(float(places), MOST_PLACES), -MOST_PLACES)))
    if abs(Decimal(number)) >= WITHOUT_DECIMALS:
        return float(number)
    return float((Decimal(number) / step).to_integral_value(rounding=ROUND_HALF_UP) * step)


def _extreme(choose: Callable[[Float1D, Float1D], Float1D]) -> Callable[[Sequence[Value]], Value]:
    def of(arguments: Sequence[Value]) -> Value:
        found = numbers(arguments[0])
        for argument in arguments[1:]:
            found = choose(found, numbers(argument))
        return Numbers(found)

    return of


def _pow(arguments: Sequence[Value]) -> Value:
    with np.errstate(all="ignore"):
        return Numbers(np.power(numbers(arguments[0]), numbers(arguments[1])))


def _of_number(function: Callable[[Float1D], Float1D]) -> Callable[[Sequence[Value]], Value]:
    return lambda arguments: Numbers(function(numbers(arguments[0])))


FUNCTIONS: Mapping[str, Callable[[Sequence[Value]], Value]] = {
    "-": _of_number(np.negative),
    "abs": _of_number(np.abs),
    "coalesce": _coalesce,
    "contains": _contains,
    "count-selected": _count_selected,
    "date": _of_number(np.floor),
    "false": lambda _: Truths(np.zeros(1, dtype=np.bool_)),
    "if": _if,
    "int": _of_number(np.trunc),
    "max": _extreme(np.maximum),
    "min": _extreme(np.minimum),
    "not": lambda arguments: Truths(~truths(arguments[0])),
    "now": _of_number(np.positive),
    "number": _of_number(np.positive),
    "pow": _pow,
    "regex": _regex,
    "round": _round,
    "selected": _selected,
    "selected-at": _selected_at,
    "starts-with": _starts_with,
    "string": lambda arguments: texts(arguments[0]),
    "string-length": _string_length,
    "substr": _substr,
    "today": _of_number(np.floor),
    "true": lambda _: Truths(np.ones(1, dtype=np.bool_)),
}


def called(function: str, arguments: Sequence[Value]) -> Value:
    """The value of a function."""
    return FUNCTIONS[function](arguments)


def _arithmetic(function: Callable[[Float1D, Float1D], Float1D]) -> Callable[[Value, Value], Value]:
    def of(left: Value, right: Value) -> Value:
        with np.errstate(all="ignore"):
            return Numbers(function(numbers(left), numbers(right)))

    return of


def _ordered(function: Callable[[Float1D, Float1D], Bool1D]) -> Callable[[Value, Value], Bool1D]:
    return lambda left, right: function(numbers(left), numbers(right))


OPERATORS: Mapping[str, Callable[[Value, Value], Value]] = {
    "+": _arithmetic(np.add),
    "-": _arithmetic(np.subtract),
    "*": _arithmetic(np.multiply),
    "div": _arithmetic(np.divide),
    "mod": _arithmetic(np.fmod),
}
COMPARISONS: Mapping[str, Callable[[Value, Value], Bool1D]] = {
    "=": is_equal,
    "!=": lambda left, right: ~is_equal(left, right),
    "<": _ordered(np.less),
    "<=": _ordered(np.less_equal),
    ">": _ordered(np.greater),
    ">=": _ordered(np.greater_equal),
}
