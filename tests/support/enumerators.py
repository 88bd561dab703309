"""Checks of enumerators, and answers by which they stand out."""

from __future__ import annotations

from impacteval.checks.enumerators import EnumeratorEffect, Gate, Heaping, StraightLine

ITEMS = tuple(f"q{i}" for i in range(8))
LINE = StraightLine(kind="straight_line", id="s", table="firms", items=ITEMS, reversed=("q7",))
HEAPING = Heaping(kind="heaping", id="h", table="firms", columns=("sales",))
GATE = Gate(kind="gate", id="g", table="firms", column="loans", skipping=("no",))
EFFECT = EnumeratorEffect(kind="enumerator_effect", id="e", table="firms", outcome="sales")
NUMBERS = {"sales": "decimal", "costs": "decimal", **dict.fromkeys(ITEMS, "integer")}


def battery(*rows: str) -> dict[str, list[str]]:
    """Answers of one digit to the items, a row a text; a dot is no answer."""
    return {item: [row[i].replace(".", "") for row in rows] for i, item in enumerate(ITEMS)}


def by_enumerator(**answers: str) -> dict[str, list[str]]:
    """Enumerators E1, E2 ... and the answers of each, a word an interview."""
    who = [name for name, words in answers.items() for _ in words.split()]
    return {"enumerator": who, "sales": [word for words in answers.values() for word in words.split()]}
