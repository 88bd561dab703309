"""What operators and functions of a formula do with values of the same row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

from impacteval.arrays import Bool1D, Float1D, Float2D
from impacteval.derive.nodes import Arithmetic, Relation
from impacteval.derive.values import (
    KNOWN,
    Numbers,
    Reasons,
    Value,
    Why,
    Words,
    first_reason,
    joined_words,
    missing_of,
    numbers,
    with_reason,
)
from impacteval.errors import DataError

NO_LOGARITHM = "logarithm of a number not above zero"
NO_ROOT = "square root of a negative number"
NO_POWER = "power that is no number"
TOO_LARGE = "number too large"
NOT_IN_RANGE = "clip: the low limit is above the high one"
_OPERATORS: Final[dict[Arithmetic, Callable[[Float1D, Float1D], Float1D]]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "**": np.power,
    "%": np.mod,
}
_RELATIONS: Final[dict[Relation, Callable[[Float1D, Float1D], Bool1D]]] = {
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
    "==": np.equal,
    "!=": np.not_equal,
}


def calculated(
    operator: Arithmetic, left: Numbers, right: Numbers, right_text: str, reasons: Reasons
) -> Numbers:
    """Arithmetic; what is no number, such as a division by zero, is missing with its reason."""
    why = first_reason(left, right)
    if operator in {"/", "%"}:
        why = with_reason(why, right.values == 0, reasons.code(f"division by zero ({right_text})"))
    with np.errstate(all="ignore"):
        found = _OPERATORS[operator](left.values, right.values)
    if operator == "**":
        why = with_reason(why, np.isnan(found), reasons.code(NO_POWER))
    return _finite(found, why, reasons)


def _finite(found: Float1D, why: Why, reasons: Reasons) -> Numbers:
    return numbers(found, with_reason(why, ~np.isfinite(found), reasons.code(TOO_LARGE)))


def compared(operator: Relation, left: Value, right: Value) -> Numbers:
    """1 where a comparison holds, 0 where not; missing where a side is."""
    why = first_reason(left, right)
    if isinstance(left, Words) and isinstance(right, Words):
        codes = joined_words(left, right)
        is_equal = codes[0] == codes[1]
        return numbers((is_equal == (operator == "==")).astype(np.float64), why)
    first, second = number(left), number(right)
    return numbers(_RELATIONS[operator](first.values, second.values).astype(np.float64), why)


def is_among(value: Value, among: tuple[float, ...] | tuple[str, ...]) -> Numbers:
    """1 where a value is one of those listed, 0 where not."""
    if isinstance(value, Words):
        # The last place serves the code of missing values, -1.
        found = np.append(np.isin(value.words, [str(a) for a in among]), False)[value.codes]
    else:
        found = np.isin(value.values, [float(a) for a in among])
    return numbers(found.astype(np.float64), value.why)


def negated(value: Numbers) -> Numbers:
    """1 where a condition is false, 0 where it is true."""
    return numbers((value.values == 0).astype(np.float64), value.why)


def joined(operator: str, parts: Sequence[Numbers]) -> Numbers:
    """``and``, ``or``: one false part settles ``and``, one true part ``or``, whatever else is missing."""
    settles_if_true = operator == "or"
    settled = np.zeros(len(parts[0].values), dtype=np.bool_)
    for part in parts:
        settled |= ~missing_of(part) & ((part.values != 0) == settles_if_true)
    why = np.where(settled, np.int32(KNOWN), first_reason(*parts))
    return numbers((settled == settles_if_true).astype(np.float64), why)


def chosen(condition: Numbers, yes: Value, no: Value) -> Value:
    """One value or the other; missing where the condition is."""
    is_yes = condition.values != 0
    why = np.where(missing_of(condition), condition.why, np.where(is_yes, yes.why, no.why))
    if isinstance(yes, Words) and isinstance(no, Words):
        first, second, words = joined_words(yes, no)
        codes = np.where(why == KNOWN, np.where(is_yes, first, second), -1)
        return Words(codes=codes, words=words, why=why)
    return numbers(np.where(is_yes, number(yes).values, number(no).values), why)


def number(value: Value) -> Numbers:
    """The value as numbers; that it is not text was checked when the formula was read."""
    if isinstance(value, Words):
        raise TypeError("a text where a number is expected")
    return value


def ln(values: Sequence[Numbers], reasons: Reasons) -> Numbers:
    """Natural logarithm; missing for numbers that are not above zero."""
    return _defined(np.log, values[0], values[0].values <= 0, reasons.code(NO_LOGARITHM))


def sqrt(values: Sequence[Numbers], reasons: Reasons) -> Numbers:
    """Square root; missing for negative numbers."""
    return _defined(np.sqrt, values[0], values[0].values < 0, reasons.code(NO_ROOT))


def _defined(
    function: Callable[[Float1D], Float1D], value: Numbers, is_undefined: Bool1D, code: np.int32
) -> Numbers:
    with np.errstate(all="ignore"):
        return numbers(function(value.values), with_reason(value.why, is_undefined, code))


def exp(values: Sequence[Numbers], reasons: Reasons) -> Numbers:
    """Exponential."""
    with np.errstate(over="ignore"):
        return _finite(np.exp(values[0].values), values[0].why, reasons)


def absolute(values: Sequence[Numbers], reasons: Reasons) -> Numbers:
    """Absolute value."""
    return numbers(np.abs(values[0].values), values[0].why)


def smallest(values: Sequence[Numbers], reasons: Reasons) -> Numbers:
    """Smallest of several; missing where one is."""
    return numbers(_table(values).min(axis=1), first_reason(*values))


def largest(values: Sequence[Numbers], reasons: Reasons) -> Numbers:
    """Largest of several; missing where one is."""
    return numbers(_table(values).max(axis=1), first_reason(*values))


def clip(values: Sequence[Numbers], reasons: Reasons) -> Numbers:
    """A number held between a low and a high limit."""
    x, low, high = (v.values for v in values)
    why = with_reason(first_reason(*values), low > high, reasons.code(NOT_IN_RANGE))
    return numbers(np.minimum(np.maximum(x, low), high), why)


def reverse(values: Sequence[Numbers], reasons: Reasons) -> Numbers:
    """An answer on a scale from low to high, read from its other end."""
    x, low, high = (v.values for v in values)
    return numbers(low + high - x, first_reason(*values))


ROW_FUNCTIONS: Final[dict[str, Callable[[Sequence[Numbers], Reasons], Numbers]]] = {
    "ln": ln,
    "exp": exp,
    "sqrt": sqrt,
    "abs": absolute,
    "min": smallest,
    "max": largest,
    "clip": clip,
    "reverse": reverse,
}


def known(value: Value) -> Numbers:
    """1 where there is a value, 0 where there is none."""
    there = ~missing_of(value)
    return Numbers(values=there.astype(np.float64), why=np.zeros(len(there), dtype=np.int32))


def combined(function: str, values: Sequence[Numbers], at_least: int, reasons: Reasons) -> Numbers:
    """``total``, ``average`` or ``share`` of what is known, where that is ``at_least`` so many."""
    table = _table(values)
    there = ~np.isnan(table)
    if function == "share":
        refuse_other_than_0_and_1(table[there])
    n = there.sum(axis=1)
    total = np.where(there, table, 0.0).sum(axis=1)
    scale = {"total": np.ones(len(n)), "average": n, "share": n / 100.0}[function]
    with np.errstate(all="ignore"):
        return numbers(total / scale, enough(values, n, at_least, reasons))


def enough(values: Sequence[Numbers], n: Float1D, at_least: int, reasons: Reasons) -> Why:
    """No reason where so many values are known; else the first missing one's, or that they are too few."""
    first = np.where(n == 0, first_reason(*values), np.int32(KNOWN)).astype(np.int32)
    return with_reason(first, n < at_least, reasons.code(f"fewer than {at_least} of {len(values)} known"))


def refuse_other_than_0_and_1(known_items: Float1D) -> None:
    """Refuse items of a share that are neither 0 nor 1."""
    other = known_items[(known_items != 0) & (known_items != 1)]
    if len(other):
        raise DataError(
            f"share: items are 0 or 1; found {other.min():g} among {len(other)} others: compare, as in x == 2"
        )


def _table(values: Sequence[Numbers]) -> Float2D:
    return np.column_stack([v.values for v in values])
