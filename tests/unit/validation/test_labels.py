"""Cells as text that is the same wherever it means the same, and random numbers that names decide."""

from __future__ import annotations

import pytest

from impacteval.validation.labels import labels_of
from impacteval.validation.seeds import rng_of
from support.interviews import interviews


def test_random_numbers_depend_on_names_only():
    assert rng_of("a", "b").random() == rng_of("a", "b").random()
    assert len({rng_of(*names).random() for names in (("a", "b"), ("b", "a"), ("ab",), ("a",))}) == 4


@pytest.mark.parametrize(
    ("kind", "cells", "labels"),
    [
        ("integer", ["7", "007", "", "123456789012345"], ["7", "7", "", "123456789012345"]),
        ("decimal", ["7.0", "0.10", "", "1e20"], ["7", "0.1", "", "1" + 20 * "0"]),
        ("text", [" a", "a ", "", "7.0"], ["a", "a", "", "7.0"]),
    ],
)
def test_labels_are_the_same_wherever_values_mean_the_same(kind, cells, labels):
    survey = interviews(4, {"loans": cells}, types={"loans": kind})
    assert labels_of(survey.tables["firms"], "loans").tolist() == labels
