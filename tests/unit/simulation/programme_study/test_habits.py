from __future__ import annotations

import uuid

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from impacteval.simulation.programme_study.habits import (
    STYLES,
    grouped,
    keys_of,
    money_text,
    number_text,
    rounded,
    shortest,
)
from impacteval.survey.numbers import read_numbers

AMOUNTS = st.integers(min_value=-(10**14), max_value=10**14)


@pytest.mark.parametrize(
    ("amount", "style", "text"),
    [
        (1_234_567, "dots", "1.234.567"),
        (1_500_000, "full", "Rp 1.500.000,-"),
        (1_500_000, "rupiah", "Rp1.500.000"),
        (2_500_000_000, "words", "2,5 M"),
        (750_000_000, "words", "750 jt"),
        (1_169_000, "words", "1,169 jt"),
        (1_169_450, "words", "1.169.450"),
        (1_250_000_000_000, "words", "1.250 M"),
        (-1_200_000, "words", "(1.200.000)"),
        (-1_200_000, "full", "(1.200.000)"),
        (0, "full", "0"),
    ],
)
def test_amounts_are_written_as_their_enterprise_writes_them(amount, style, text):
    assert money_text(np.array([amount]), [style]).tolist() == [text]


@given(st.lists(AMOUNTS, min_size=1, max_size=20), st.sampled_from(STYLES))
def test_amounts_are_read_as_they_were_written(amounts, style):
    cells = pd.Series(money_text(np.array(amounts), [style] * len(amounts)), dtype="str")
    read = read_numbers(cells, "id", is_whole=False)
    assert (read.why == "").all()
    assert read.values.tolist() == [float(a) for a in amounts]


@given(st.lists(st.integers(-(10**9), 10**9), min_size=1, max_size=20))
def test_numbers_keep_two_decimals(hundredths):
    values = pd.Series(hundredths, dtype="float64") / 100
    cells = number_text(values)
    assert cells.astype("float64").tolist() == values.tolist()
    assert not cells.str.contains(r"\.$|\.\d*0$", regex=True).any()


def test_missing_numbers_are_empty():
    assert number_text(pd.Series([1.5, np.nan, 20.0, -0.001])).tolist() == ["1.5", "", "20", "0"]


def test_numbers_of_registers_lose_nothing():
    assert [shortest(v) for v in (3.0, -12.345, 0.1)] == ["3", "-12.345", "0.1"]
    assert [grouped(v) for v in (1234.56, 12_345_000.0)] == ["1.234,56", "12.345.000"]


def test_rounding_keeps_the_leading_digits():
    assert rounded(np.array([1_469_000.0, -126.0, 0.0, 7.0]), 2).tolist() == [1_500_000.0, -130.0, 0.0, 7.0]


def test_keys_are_of_the_seed_and_the_name_alone():
    first, second = keys_of(7, ["a", "b"])
    assert first != second and keys_of(7, ["b"]) == [second] and keys_of(8, ["a"]) != [first]
    assert uuid.UUID(first).version == 5 and uuid.UUID(first).variant == uuid.RFC_4122
