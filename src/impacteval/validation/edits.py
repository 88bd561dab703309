"""Edits: sums, accounts and subsets as linear inequalities between the fields of a row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from impacteval.arrays import Bool1D, Bool2D, Float1D, Float2D
from impacteval.checks import AtMost, Check
from impacteval.checks.amounts import AddsUp, Balance, Components
from impacteval.validation.amounts import ROUNDING
from impacteval.validation.row_rules import numbers
from impacteval.validation.survey import CheckedTable
from impacteval.validation.when import rows_where

EDIT_KINDS = (AddsUp, AtMost, Balance, Components)


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """``coefficients`` times fields is at most ``bound``, in rows where the edit applies.

    ``bound`` and ``applies`` have one value for each row of the table.
    """

    check: Check
    coefficients: Mapping[str, float]
    bound: Float1D
    applies: Bool1D


@dataclass(frozen=True, slots=True, kw_only=True)
class Connected:
    """Edits that share fields, so that a change made for one may break another.

    Parameters
    ----------
    fields : (n_fields,)
    checks : ids of the checks that the edits come from
    matrix : (n_edits, n_fields)
    values : (n_rows, n_fields)
        NaN where missing.
    excess : (n_rows, n_edits)
        By how much an edit is broken; below zero where it holds, minus infinity where it does not apply.
    lowest, highest : (n_fields,)
        Hard ranges of the codebook; infinite where there is none.
    """

    fields: tuple[str, ...]
    checks: frozenset[str]
    matrix: Float2D
    values: Float2D
    excess: Float2D
    lowest: Float1D
    highest: Float1D


def connected_edits(table: CheckedTable, checks: Sequence[Check]) -> list[Connected]:
    """The edits of a table, put together where they share fields, in the order of the codebook."""
    edits = [e for check in checks if check.table == table.name for e in _edits_of(table, check)]
    order = {column: i for i, column in enumerate(table.codebook.columns(table.name))}
    groups: list[set[str]] = []
    for edit in edits:
        mine = set(edit.coefficients)
        touched = [g for g in groups if g & mine]
        groups = [g for g in groups if not g & mine] + [mine.union(*touched)]
    return [
        _connected(table, sorted(group, key=lambda c: order.get(c, len(order))), edits)
        for group in sorted(groups, key=min)
    ]


def _edits_of(table: CheckedTable, check: Check) -> Iterator[Edit]:
    frame = table.frame
    match check:
        case AddsUp():
            equal = _signed(plus=[check.whole], minus=check.parts)
            allowed = check.tolerance + ROUNDING * np.abs(numbers(frame, check.whole))
            yield from _both_ways(check, equal, allowed, frame)
        case Balance():
            equal = _signed(plus=[check.result, *check.minus], minus=check.plus)
            base = np.abs(numbers(frame, check.base or check.plus[0]))
            yield from _both_ways(check, equal, np.maximum(check.relative * base, check.absolute), frame)
        case AtMost():
            where = _given(frame, [check.column, check.other]) & rows_where(table, check.when)
            difference = _signed(plus=[check.column], minus=[check.other])
            yield Edit(check=check, coefficients=difference, bound=np.zeros(len(frame)), applies=where)
        case Components():
            coefficients = {check.total: -check.at_most} | dict.fromkeys(check.components, 1.0)
            where = _given(frame, [check.total])
            yield Edit(check=check, coefficients=coefficients, bound=np.zeros(len(frame)), applies=where)


def _signed(*, plus: Sequence[str], minus: Sequence[str]) -> dict[str, float]:
    total = dict.fromkeys([*plus, *minus], 0.0)
    for sign, columns in ((1.0, plus), (-1.0, minus)):
        for column in columns:
            total[column] += sign
    return total


def _both_ways(
    check: Check, coefficients: Mapping[str, float], allowed: Float1D, frame: pd.DataFrame
) -> Iterator[Edit]:
    """A sum that may be off by an amount in either direction."""
    where = _given(frame, list(coefficients))
    for sign in (1.0, -1.0):
        signed = {column: sign * c for column, c in coefficients.items()}
        yield Edit(check=check, coefficients=signed, bound=np.nan_to_num(allowed), applies=where)


def _given(frame: pd.DataFrame, columns: Sequence[str]) -> Bool1D:
    """Rows in which all of these fields are there."""
    return np.asarray(~np.isnan([numbers(frame, c) for c in columns]).any(axis=0), dtype=np.bool_)


def _connected(table: CheckedTable, fields: Sequence[str], edits: Sequence[Edit]) -> Connected:
    mine = [edit for edit in edits if set(edit.coefficients) <= set(fields)]
    matrix = np.array([[edit.coefficients.get(f, 0.0) for f in fields] for edit in mine])
    values = np.array([numbers(table.frame, f) for f in fields]).T
    excess = np.nan_to_num(values) @ matrix.T - np.array([edit.bound for edit in mine]).T
    applies: Bool2D = np.array([edit.applies for edit in mine]).T
    return Connected(
        fields=tuple(fields),
        checks=frozenset(edit.check.id for edit in mine),
        matrix=matrix,
        values=values,
        excess=np.where(applies, excess, -np.inf),
        lowest=_hard(table, fields, "hard_minimum", -np.inf),
        highest=_hard(table, fields, "hard_maximum", np.inf),
    )


def _hard(table: CheckedTable, fields: Sequence[str], name: str, otherwise: float) -> Float1D:
    bounds = [getattr(table.codebook.find(table.name, f), name) for f in fields]
    return np.array([otherwise if bound is None else float(bound) for bound in bounds])
