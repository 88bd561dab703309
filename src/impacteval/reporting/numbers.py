"""How numbers are printed: one rounding rule, decided by the error and not by the reader's eye."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_EVEN, Decimal
from numbers import Real
from typing import TypeGuard

MINUS = "\N{MINUS SIGN}"
EMPTY = "\N{EN DASH}"
SIGNIFICANT_DIGITS_OF_ERROR = 3
MAX_DECIMALS = 12
ROUNDING = 1e-8


def is_known(value: object) -> TypeGuard[float]:
    """Whether a cell holds a number."""
    return isinstance(value, Real) and not math.isnan(value)


def fixed(value: object, decimals: int) -> str:
    """Print a number with fixed decimals, half-even on its shortest decimal form; a dash if none."""
    if not is_known(value):
        return EMPTY
    number = Decimal(repr(float(value)))
    rounded = number.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_EVEN)
    if rounded == 0:
        rounded = abs(rounded)
    return f"{rounded:,f}".replace("-", MINUS)


def decimals_for(error: object) -> int:
    """Decimals that show three significant digits of an error, and so of what it belongs to."""
    if not is_known(error) or float(error) <= 0:
        return 3
    size = math.floor(math.log10(float(error)))
    return min(max(SIGNIFICANT_DIGITS_OF_ERROR - 1 - size, 0), MAX_DECIMALS)


def count(value: object) -> str:
    """Print a whole number."""
    return fixed(value, 0)


def share(value: object) -> str:
    """Print a share between 0 and 1 as percent."""
    return f"{fixed(100 * float(value), 1)}%" if is_known(value) else EMPTY


def percent(value: object) -> str:
    """Print a share as percent, without the decimal of a whole one."""
    return share(value).replace(".0%", "%")


def p_value(value: object) -> str:
    """Print a p-value with three decimals; below a thousandth as such."""
    if not is_known(value):
        return EMPTY
    return "< 0.001" if float(value) < 0.001 else fixed(value, 3)


def interval(low: object, high: object, decimals: int) -> str:
    """Print an interval."""
    if not (is_known(low) and is_known(high)):
        return EMPTY
    return f"{fixed(low, decimals)} to {fixed(high, decimals)}"


def relative_gap(value: object) -> str:
    """Print a relative difference as percent; one of rounding alone, whose digits vary, as such."""
    if is_known(value) and abs(float(value)) < ROUNDING:
        return f"below {ROUNDING:.0e}".replace("e-0", "e-").replace("-", MINUS)
    return share(value)


def percent_change(log_points: object) -> str:
    """Print a difference of logarithms as the percentage change that it is."""
    if not is_known(log_points):
        return EMPTY
    return f"{fixed(100 * math.expm1(float(log_points)), 1)}%"
