"""One rounding rule."""

import pytest

from impacteval.reporting import numbers

NAN = float("nan")


@pytest.mark.parametrize(
    ("value", "decimals", "printed"),
    [
        (2.675, 2, "2.68"),
        (0.125, 2, "0.12"),
        (-1234.5, 0, "\N{MINUS SIGN}1,234"),
        (-0.0001, 3, "0.000"),
        (NAN, 2, "\N{EN DASH}"),
        (None, 2, "\N{EN DASH}"),
    ],
)
def test_fixed_rounds_half_even_on_the_decimal_form(value: float | None, decimals: int, printed: str) -> None:
    assert numbers.fixed(value, decimals) == printed


@pytest.mark.parametrize(
    ("error", "decimals"), [(0.197, 3), (206.65, 0), (0.01172, 4), (12.3, 1), (0.0, 3), (NAN, 3), (3e-13, 12)]
)
def test_three_significant_digits_of_the_error_decide_the_decimals(error: float, decimals: int) -> None:
    assert numbers.decimals_for(error) == decimals


@pytest.mark.parametrize(
    ("value", "printed"), [(0.00099, "< 0.001"), (0.001, "0.001"), (0.0015, "0.002"), (0.05, "0.050")]
)
def test_small_p_values_are_never_printed_as_zero(value: float, printed: str) -> None:
    assert numbers.p_value(value) == printed


def test_log_points_are_turned_into_percent_exactly() -> None:
    assert numbers.percent_change(0.6931471805599453) == "100.0%"


def test_effects_of_any_size_show_the_digits_of_their_error() -> None:
    """Bug: six decimals at most printed an effect of 2e-8 as zero. Three digits of the error show."""
    assert numbers.fixed(2.4e-8, numbers.decimals_for(1.17e-8)) == "0.0000000240"


def test_an_interval_without_an_end_is_a_dash() -> None:
    assert numbers.interval(NAN, 1.0, 2) == "\N{EN DASH}"
