"""Regressions of rows that no two units share, put on a panel."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from impacteval.arrays import Float1D, Float2D, Int1D
from impacteval.estimators.least_squares import Fit, Regression, fit_regression
from impacteval.estimators.patterns import Patterns


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Rows of a regression that no two units share.

    Attributes
    ----------
    outcome : (n_rows,)
    regressors : (n_rows, n_terms)
        Without unit effects; with a constant if no effects are absorbed.
    terms : (n_terms,)
        Names for messages and results.
    unit : (n_rows,)
        Position of each row's unit in the panel.
    """

    outcome: Float1D
    regressors: Float2D
    terms: tuple[str, ...]
    unit: Int1D


def least_squares(rows: Rows, *, n_units: int, n_reported: int, absorb_units: bool) -> Fit:
    """Regress rows and report the first ``n_reported`` terms; see ``fit_regression``.

    Influence has a row for each of ``n_units`` units, zero for those without rows.
    """
    order = np.argsort(rows.unit, kind="stable")
    count = np.bincount(rows.unit, minlength=n_units)
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order)) - np.repeat(np.cumsum(count) - count, count)
    shape = (n_units, int(count.max(initial=1)))

    def wide(values: Float1D) -> Float2D:
        cells = np.zeros(shape)
        cells[rows.unit, place] = values
        return cells

    alike = np.zeros(n_units, dtype=np.int64)
    regression = Regression(
        outcome=wide(rows.outcome),
        weight=wide(np.ones(len(order))),
        patterns=Patterns(code=alike, group=alike[:1], weight=np.zeros((1, shape[1]))),
        shared=np.zeros((1, shape[1], 0)),
        own=[wide(column) for column in rows.regressors.T],
        terms=rows.terms,
    )
    report = np.eye(n_reported, len(rows.terms))
    return fit_regression(regression, report, absorb_units=absorb_units)
