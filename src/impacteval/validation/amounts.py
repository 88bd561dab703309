"""Amounts that belong together: sums, accounts and shares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from impacteval.arrays import Bool1D, Float1D, Float2D
from impacteval.checks.amounts import AddsUp, Balance, Components, Shares
from impacteval.checks.base import named
from impacteval.delivery import Roles
from impacteval.validation.row_rules import (
    RowRule,
    Rows,
    any_is_confidential,
    columns_read,
    failing_as,
    failing_rows,
    numbers,
    summed,
)
from impacteval.validation.survey import CheckedTable, Failures

# Sums of decimals such as 0.1 + 0.2 are off by about 1e-16 of their size.
ROUNDING = 1e-12
FEWEST_FOR_SCALE = 10
PER_CENT, FRACTION = 100.0, 1.0


def adds_up_fails(frame: pd.DataFrame, check: AddsUp, roles: Roles) -> Bool1D:
    """Rows whose parts, all given, do not sum to the whole."""
    whole, parts = numbers(frame, check.whole), summed(frame, check.parts)
    return np.abs(whole - parts) > check.tolerance + ROUNDING * np.abs(whole)


def say_adds_up(table: CheckedTable, check: AddsUp, rows: Rows) -> list[Failures]:
    """Say by how much the sum is off."""
    frame = table.frame.iloc[rows]
    off = summed(frame, check.parts) - numbers(frame, check.whole)
    return _off_by(table, check, rows=rows, off=off, what="the parts sum to")


def balance_fails(frame: pd.DataFrame, check: Balance, roles: Roles) -> Bool1D:
    """Rows whose result is neither near what the accounts give, nor off by a small amount."""
    base = numbers(frame, check.base or check.plus[0])
    allowed = np.maximum(check.relative * np.abs(base), check.absolute)
    off = np.abs(_balance_off(frame, check))
    return off > allowed * (1 + ROUNDING)


def _balance_off(frame: pd.DataFrame, check: Balance) -> Float1D:
    accounts = summed(frame, check.plus) - summed(frame, check.minus)
    return accounts - numbers(frame, check.result)


def say_balance(table: CheckedTable, check: Balance, rows: Rows) -> list[Failures]:
    """Say by how much the result is off."""
    off = _balance_off(table.frame.iloc[rows], check)
    return _off_by(table, check, rows=rows, off=off, what=f"the accounts give a {check.result} of")


def components_fails(frame: pd.DataFrame, check: Components, roles: Roles) -> Bool1D:
    """Rows whose components come to more than the share of the total that rounding allows."""
    total = numbers(frame, check.total)
    return _known_sum(frame, check.components) > check.at_most * total + ROUNDING * np.abs(total)


def _known_sum(frame: pd.DataFrame, columns: tuple[str, ...]) -> Float1D:
    total = np.zeros(len(frame))
    for column in columns:
        total = total + np.nan_to_num(numbers(frame, column), nan=0.0)
    return total


def say_components(table: CheckedTable, check: Components, rows: Rows) -> list[Failures]:
    """Say by how much the components are above the total."""
    frame = table.frame.iloc[rows]
    off = _known_sum(frame, check.components) - numbers(frame, check.total)
    return _off_by(table, check, rows=rows, off=off, what="the components come to")


def _off_by(
    table: CheckedTable, check: AddsUp | Balance | Components, *, rows: Rows, off: Float1D, what: str
) -> list[Failures]:
    """Say how much too much or too little a sum is, where no value is confidential."""
    if any_is_confidential(table, check.columns_read):
        return failing_rows(check, rows)
    notes = [f"{what} {abs(d):,.10g} too {'much' if d > 0 else 'little'}" for d in off]
    return failing_rows(check, rows, notes=notes)


def share_columns(table: CheckedTable, check: Shares) -> tuple[str, ...]:
    """The shares, and the round that decides on their scale."""
    return tuple(dict.fromkeys((*check.columns, *named(table.roles.period))))


def shares_fail(frame: pd.DataFrame, check: Shares, roles: Roles) -> Bool1D:
    """Rows with a share outside its scale, or whose shares do not sum to the whole."""
    fails = np.zeros(len(frame), dtype=bool)
    for block in _blocks(check):
        values = np.array([numbers(frame, c) for c in block])
        scale = _scale_of_rows(frame, check, values=values, roles=roles)
        fails |= ((values < 0) | (values > scale * (1 + ROUNDING))).any(axis=0)
        if check.whole:
            off = np.abs(values.sum(axis=0) - scale)
            fails |= off > (check.tolerance / PER_CENT + ROUNDING) * scale
    return fails


def _blocks(check: Shares) -> list[tuple[str, ...]]:
    """Columns that share a scale: those of one whole, else each by itself."""
    return [check.columns] if check.whole else [(column,) for column in check.columns]


def _scale_of_rows(frame: pd.DataFrame, check: Shares, *, values: Float2D, roles: Roles) -> Float1D:
    """100 or 1 for each row: the scale in the row's round; 100 where no round is given."""
    scale = np.full(len(frame), PER_CENT)
    for rows in _rounds(frame, roles).values():
        if _is_fraction(values[:, rows], check):
            scale[rows] = FRACTION
    return scale


def _rounds(frame: pd.DataFrame, roles: Roles) -> dict[str, Rows]:
    """Rows of each round by its name; all rows where the table has no rounds."""
    if not roles.period:
        return {"": np.arange(len(frame))}
    found = frame.groupby(roles.period, sort=True).indices
    return {str(period): np.asarray(rows, dtype=np.int64) for period, rows in found.items()}


def _is_fraction(values: Float2D, check: Shares) -> bool:
    """Whether shares are written from 0 to 1: hardly any share is one per cent or less."""
    given = np.abs(values[~np.isnan(values) & (values != 0)])
    return len(given) >= FEWEST_FOR_SCALE and bool(np.mean(given <= 1) >= check.fraction)


def say_shares(table: CheckedTable, check: Shares, rows: Rows) -> list[Failures]:
    """Say which rows fail, and which columns are written from 0 to 1, in all rounds or in some."""
    found = failing_rows(check, rows)
    for block in _blocks(check):
        values = np.array([numbers(table.frame, c) for c in block])
        rounds = _rounds(table.frame, table.roles)
        known = {name: at for name, at in rounds.items() if np.nan_to_num(values[:, at]).any()}
        fractions = [name for name, at in known.items() if _is_fraction(values[:, at], check)]
        if fractions:
            others = [name for name in known if name not in fractions]
            note = _scale_note(block, fractions, others)
            found += failing_as(check, block, note=note, severity="error" if others else check.severity)
    return found


def _scale_note(block: Sequence[str], fractions: Sequence[str], others: Sequence[str]) -> str:
    """Say on which scale columns are in which rounds."""
    note = f"{', '.join(block)}: written from 0 to 1"
    if fractions != [""]:
        note += f" in round {', '.join(fractions)}"
    return f"{note}, from 0 to 100 in {', '.join(others)}" if others else note


RULES: Mapping[type, RowRule] = {
    AddsUp: RowRule(columns=columns_read, fails=adds_up_fails, said=say_adds_up),
    Balance: RowRule(columns=columns_read, fails=balance_fails, said=say_balance),
    Components: RowRule(columns=columns_read, fails=components_fails, said=say_components),
    Shares: RowRule(columns=share_columns, fails=shares_fail, said=say_shares),
}
