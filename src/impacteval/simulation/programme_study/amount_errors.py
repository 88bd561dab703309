"""Errors in amounts of money: units, months for years, marks, signs and rounding."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from impacteval.arrays import Int1D
from impacteval.simulation.programme_study.habits import rounded
from impacteval.simulation.programme_study.plot import Plot

# Amounts of a year that one slip changes together.
ANNUAL = (
    "sales_idr",
    "materials_idr",
    "energy_idr",
    "services_idr",
    "labour_cost_idr",
    "wage_bill_basic_idr",
    "cogs_idr",
)
MONTHLY_SLIPS = ("sales_idr", "wage_bill_basic_idr")
NEVER_NEGATIVE = ("materials_idr", "energy_idr", "services_idr")
UNIT_FACTORS = {"thousand": 1e-3, "million": 1e-6}
# Where the enterprise's unit is the rupiah: thousands, millions, or three noughts too many.
SLIPS, SLIP_SHARES = (1e-3, 1e-6, 1e3), (0.7, 0.2, 0.1)
WHOLE_INTERVIEW = 0.5
HEAPED_DIGITS, HEAPED_DIGITS_OF_BAD = 2, 1
HEAPED_BY_BAD = 0.9


def slip_units(plot: Plot, rate: float, error: str) -> None:
    """Amounts a thousand or a million times too small, or a thousand times too large: sales, or all."""
    rows = plot.rows(error, rate, plot.told("sales_idr"))
    rng = plot.rng(f"{error}.factor")
    unit = plot.text["money_unit"].to_numpy(dtype=object)[rows]
    drawn = rng.choice(SLIPS, len(rows), p=SLIP_SHARES)
    factor = np.array([UNIT_FACTORS.get(u, f) for u, f in zip(unit, drawn, strict=True)], dtype=np.float64)
    is_whole = rng.random(len(rows)) < WHOLE_INTERVIEW
    for column in ANNUAL:
        told = plot.told(column)[rows] & (is_whole | (column == "sales_idr"))
        scaled = plot.amounts[column].to_numpy(dtype=np.float64)[rows[told]] * factor[told]
        plot.change(error, rows[told], column, plot.amounts_as(rows[told], np.maximum(scaled, 1)))


def month_for_year(plot: Plot, rate: float, error: str) -> None:
    """The amount of a month in the place of that of the year."""
    may = plot.told("sales_idr") & plot.told("wage_bill_basic_idr")
    rows = plot.rows(error, rate, np.asarray(may))
    which = plot.rng(f"{error}.column").choice(MONTHLY_SLIPS, len(rows))
    for column in MONTHLY_SLIPS:
        mine = rows[which == column]
        monthly = plot.amounts[column].to_numpy(dtype=np.float64)[mine] / 12
        plot.change(error, mine, column, plot.amounts_as(mine, monthly))


def english_marks(plot: Plot, rate: float, error: str) -> None:
    """An amount written in the English way, with commas for groups."""
    for rows, column in _one_amount_each(plot, rate, error, ANNUAL):
        values = plot.amounts[column].to_numpy(dtype=np.float64)[rows]
        plot.change(error, rows, column, np.array([f"{v:,.2f}" for v in values], dtype=object))


def make_negative(plot: Plot, rate: float, error: str) -> None:
    """A cost with a minus sign."""
    for rows, column in _one_amount_each(plot, rate, error, NEVER_NEGATIVE):
        cells = plot.text[column].to_numpy(dtype=object)[rows]
        plot.change(error, rows, column, np.array([f"-{c}" for c in cells], dtype=object))


def _one_amount_each(plot: Plot, rate: float, error: str, columns: Sequence[str]) -> list[tuple[Int1D, str]]:
    """Rows with one of some amounts each that was told."""
    told = np.column_stack([plot.told(c) for c in columns])
    rows = plot.rows(error, rate, np.asarray(told.any(axis=1)))
    place = (plot.rng(f"{error}.column").random((len(rows), len(columns))) * told[rows]).argmax(axis=1)
    return [(rows[place == i], column) for i, column in enumerate(columns)]


def heap(plot: Plot, rate: float, bad: list[str]) -> None:
    """Round amounts: some of everybody's to two digits, nearly all of bad enumerators' to one."""
    theirs = plot.text["enumerator"].isin(bad).to_numpy(dtype=bool) & (plot.name == "enterprise")
    for column in plot.amounts.columns:
        rng = plot.rng(f"heaping.{column}")
        may = plot.told(column) & ~plot.touched[column]
        drawn = rng.random(len(may))
        for error, whose, share, digits in (
            ("heaping_money", ~theirs, rate, HEAPED_DIGITS),
            ("heaping", theirs, HEAPED_BY_BAD, HEAPED_DIGITS_OF_BAD),
        ):
            rows = np.flatnonzero(may & whose & (drawn < share))
            amounts = rounded(plot.amounts[column].to_numpy(dtype=np.float64)[rows], digits)
            plot.change(error, rows, column, plot.amounts_as(rows, amounts))
