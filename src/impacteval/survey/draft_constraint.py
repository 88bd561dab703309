"""Bounds and missing codes that a constraint of a form states, where it states nothing else."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

NUMBER = r"-?\d+(?:\.\d+)?"
BOUND = re.compile(rf"\.\s*(?P<sign>>=|<=|>|<)\s*(?P<value>{NUMBER})")
EQUAL = re.compile(rf"\.\s*=\s*['\"]?(?P<value>{NUMBER})['\"]?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """Inclusive bounds and codes; ``is_whole`` where they say all that the constraint says."""

    low: float | None = None
    high: float | None = None
    codes: tuple[str, ...] = ()
    is_whole: bool = False


def interval_of(constraint: str, reasons: Mapping[str, str], *, is_whole: bool) -> Interval:
    """Read ``. > 17 and . < 120``, or this or a missing code; no bounds where it is anything else.

    Parameters
    ----------
    constraint : str
    reasons : mapping
        Codes known to mean that an answer is missing. A negative number on its own is one as well.
    is_whole : bool
        Whether answers are whole numbers: then ``. > 17`` is 18 or more. Otherwise 17 itself is taken
        as the bound, and the constraint says more than the interval.
    """
    parts = _split(constraint, "or") if constraint else []
    codes, bounds = [], []
    for part in parts:
        equal = EQUAL.fullmatch(part)
        if equal and (equal["value"] in reasons or equal["value"].startswith("-")):
            codes.append(equal["value"])
        else:
            bounds.append(part)
    nothing = Interval(codes=tuple(codes))
    if len(bounds) != 1:
        return nothing
    found = [BOUND.fullmatch(bound) for bound in _split(bounds[0], "and")]
    limits = [(m["sign"], float(m["value"])) for m in found if m]
    lows = [value + (sign == ">" and is_whole) for sign, value in limits if sign.startswith(">")]
    highs = [value - (sign == "<" and is_whole) for sign, value in limits if sign.startswith("<")]
    if len(limits) != len(found) or len(lows) > 1 or len(highs) > 1:
        return nothing
    if lows and highs and lows[0] > highs[0]:
        return nothing
    is_exact = is_whole or all(sign.endswith("=") for sign, _ in limits)
    return Interval(
        low=lows[0] if lows else None,
        high=highs[0] if highs else None,
        codes=tuple(codes),
        is_whole=is_exact,
    )


def _split(expression: str, word: str) -> list[str]:
    """Parts of an expression between a word that stands outside brackets, outer brackets removed."""
    text = _unwrapped(expression.strip())
    parts, depth, begins = [], 0, 0
    for found in re.finditer(rf"[()]|\b{word}\b", text):
        if found[0] == "(":
            depth += 1
        elif found[0] == ")":
            depth -= 1
        elif depth == 0:
            parts.append(text[begins : found.start()])
            begins = found.end()
    return [_unwrapped(part.strip()) for part in [*parts, text[begins:]]]


def _unwrapped(text: str) -> str:
    """Text without brackets around all of it."""
    while text.startswith("(") and text.endswith(")"):
        depth = 0
        for position, sign in enumerate(text):
            depth += (sign == "(") - (sign == ")")
            if depth == 0 and position < len(text) - 1:
                return text
        text = text[1:-1].strip()
    return text
