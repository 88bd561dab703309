"""Formulas whose indices are written out with the numbers of a study."""

from __future__ import annotations

import pandas as pd
import pytest

from impacteval.derive.grammar import parse
from impacteval.errors import DataError
from impacteval.simulation.recovery.held_indices import held_formula

INDICES = pd.DataFrame(
    {
        "index": ["voice", "voice", "other"],
        "item": ["a", "b", "a"],
        "mean": [3.0, 2.0, 0.0],
        "sd": [2.0, 0.5, 1.0],
        "weight": [0.25, 0.75, 1.0],
    }
)


def test_an_index_becomes_the_weighted_sum_of_its_standardised_items():
    held = held_formula("voice", "1 + zmean(a, reverse(b, 1, 5))", INDICES)
    scope = {"a": 7.0, "b": 1.5, "reverse": lambda x, low, high: low + high - x}
    expected = 1 + 0.25 * (7 - 3) / 2 + 0.75 * (4.5 - 2) / 0.5
    assert eval(held, {"__builtins__": {}}, scope) == pytest.approx(expected)  # noqa: S307


def test_what_is_around_an_index_stays_and_can_be_read():
    held = held_formula("voice", "workers.mean(icw(a, b), where=a > 1, at_least=3)", INDICES)
    assert held.startswith("workers.mean(0.125 * (a - 3.0) + 1.5 * (b - 2.0), where=a > 1")
    parse(held, "held")


def test_a_formula_without_index_stays_as_it_is_written():
    assert held_formula("voice", "ln( a )/b", INDICES) == "ln( a )/b"


@pytest.mark.parametrize("formula", ["zmean(a, b) + icw(a, b)", "zmean(a)", "zmean(a, b, a)"])
def test_an_index_that_the_numbers_do_not_fit_is_refused(formula):
    with pytest.raises(DataError, match=r"index|indices"):
        held_formula("voice", formula, INDICES)
