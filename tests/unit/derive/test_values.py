"""What formulas give on single rows."""

from __future__ import annotations

import math

import pytest

from impacteval.errors import ConfigError, DataError
from support.derivations import value_of

NAN = float("nan")


@pytest.mark.parametrize(
    ("formula", "expected", "reasons"),
    [
        ("a + b * 2", [7.0, None], ["", "b missing"]),
        ("b - a", [2.0, None], ["", "b missing"]),
        ("-a ** 2", [-1.0, -4.0], ["", ""]),
        ("7 % 4 + a", [4.0, 5.0], ["", ""]),
        ("a / (a - 1)", [None, 2.0], ["division by zero (a - 1)", ""]),
        ("a % (a - 1)", [None, 0.0], ["division by zero (a - 1)", ""]),
        ("(a - 3) ** 0.5", [None, None], ["power that is no number"] * 2),
        ("exp(1000 * a)", [None, None], ["number too large"] * 2),
        ("0 ** (0 - a)", [None, None], ["number too large"] * 2),
        ("ln(a - 1)", [None, 0.0], ["logarithm of a number not above zero", ""]),
        ("sqrt(a - 2)", [None, 0.0], ["square root of a negative number", ""]),
        ("exp(ln(a))", [1.0, 2.0], ["", ""]),
        ("abs(0 - a)", [1.0, 2.0], ["", ""]),
        ("min(a, b, 2)", [1.0, None], ["", "b missing"]),
        ("max(a, 2)", [2.0, 2.0], ["", ""]),
        ("clip(a, 1.5, 1.8)", [1.5, 1.8], ["", ""]),
        ("clip(a, 3, 2)", [None, None], ["clip: the low limit is above the high one"] * 2),
        ("reverse(a, 1, 5)", [5.0, 4.0], ["", ""]),
        ("known(b)", [1.0, 0.0], ["", ""]),
        ("known(z)", [1.0, 0.0], ["", ""]),
        ("total(a, b)", [4.0, 2.0], ["", ""]),
        ("total(b, c)", [3.0, None], ["", "b missing"]),
        ("average(a, b)", [2.0, 2.0], ["", ""]),
        ("average(a, b, at_least=2)", [2.0, None], ["", "fewer than 2 of 2 known"]),
        ("share(a == 1, b == 3)", [100.0, 0.0], ["", ""]),
        ("a == 1", [1.0, 0.0], ["", ""]),
        ("b == 3", [1.0, None], ["", "b missing"]),
        ("b != 3", [0.0, None], ["", "b missing"]),
        ("0 < a <= 1", [1.0, 0.0], ["", ""]),
        ("z == 'x'", [1.0, None], ["", "z missing"]),
        ("z != 'y'", [1.0, None], ["", "z missing"]),
        ("y == z", [1.0, None], ["", "z missing"]),
        ("y in ('w', 'v')", [0.0, 1.0], ["", ""]),
        ("z not in ('w',)", [1.0, None], ["", "z missing"]),
        ("a in (1, -1)", [1.0, 0.0], ["", ""]),
        ("a == 1 and b == 3", [1.0, 0.0], ["", ""]),
        ("b == 3 and a == 2", [0.0, None], ["", "b missing"]),
        ("b == 3 or a == 2", [1.0, 1.0], ["", ""]),
        ("b == 1 or a == 1", [1.0, None], ["", "b missing"]),
        ("not (b == 1)", [1.0, None], ["", "b missing"]),
        ("a if b == 3 else 0", [1.0, None], ["", "b missing"]),
        ("b if known(b) else 0", [3.0, 0.0], ["", ""]),
        ("y if a == 1 else 'none'", ["x", "none"], ["", ""]),
        ("z if a == 2 else y", ["x", None], ["", "z missing"]),
        ("day + 0 * a", [14744.0, 14744.0], ["", ""]),
        ("period + year", [2011.0, 2011.0], ["", ""]),
        ("baseline(a)", [1.0, 2.0], ["", ""]),
        ("baseline(b)", [3.0, None], ["", "at baseline: b missing"]),
        ("baseline(y)", ["x", "v"], ["", ""]),
    ],
)
def test_values_and_reasons(formula, expected, reasons):
    found, why = value_of(
        formula, a=[1, 2], b=[3.0, NAN], c=[NAN, NAN], y=["x", "v"], z=["x", None], group=[0, 1]
    )
    assert why == reasons
    for value, wanted in zip(found, expected, strict=True):
        is_number = isinstance(value, float) and isinstance(wanted, float)
        assert math.isclose(value, wanted, rel_tol=1e-15) if is_number else value == wanted


@pytest.mark.parametrize(
    ("formula", "told"),
    [
        ("a + nothing", "derived.csv: x_: position 5: no column, derived column or parameter 'nothing'"),
        ("a + yy", "no column, derived column or parameter 'yy'"),
        ("y + 1", "position 1: + takes numbers, and this is text"),
        ("ln(y)", "position 4: ln takes numbers, and this is text"),
        ("y < 'x'", "texts are compared with == or !=, not with <"),
        ("a == '1'", "position 1: a text is compared with a number"),
        ("y in (1, 2)", "the list after in holds numbers"),
        ("a if y else 1", "if takes numbers"),
        ("a if a else y", "one side of the choice is text"),
        ("not y", "takes numbers"),
        ("y and a", "and takes numbers"),
        ("enterprise.mean(a)", "enterprise is the panel table itself"),
        ("workes.mean(a)", "no table 'workes'"),
    ],
)
def test_what_makes_no_sense_is_refused(formula, told):
    with pytest.raises(ConfigError) as caught:
        value_of(formula, a=[1, 2], y=["x", "v"])
    assert told in str(caught.value)


def test_items_of_a_share_are_0_or_1():
    with pytest.raises(DataError, match="items are 0 or 1; found 2"):
        value_of("share(a, a == 1)", a=[1, 2])
