"""Regressors that are a table of strata and places, times what varies within these."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from impacteval.arrays import Float1D, Float2D, Int1D


@dataclass(frozen=True, slots=True, kw_only=True)
class TableColumn:
    """One regressor.

    Attributes
    ----------
    table : (n_strata, n_places)
    factor : int
        Position of what the table is multiplied by in ``factors``; 0 is the constant.
    centre : (n_strata,)
        Taken off the factor.
    """

    name: str
    table: Float2D
    factor: int
    centre: Float1D


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRegressors:
    """Regressors of rows that lie in strata (cohorts) and places (periods).

    A saturated model has many columns, of which most are zero in each stratum: held as tables they
    take no memory, and a stratum's rows have to do with few of them.

    Attributes
    ----------
    names : (n_columns,)
        For messages.
    table : (n_strata, n_places, n_columns)
    factor_of : (n_columns,)
        Column of ``factors`` that each regressor's table is multiplied by.
    centre : (n_strata, n_columns)
        Taken off the factor.
    stratum, place : (n_rows,)
    factors : (n_rows, 1 + n_covariates)
        The first is one.
    """

    names: tuple[str, ...]
    table: Float2D
    factor_of: Int1D
    centre: Float2D
    stratum: Int1D
    place: Int1D
    factors: Float2D

    @property
    def n_columns(self) -> int:
        """Number of regressors."""
        return len(self.names)

    def columns_of(self, stratum: int) -> Int1D:
        """Regressors that are not zero throughout a stratum, those of each factor together."""
        columns = np.flatnonzero((self.table[stratum] != 0).any(axis=0))
        return columns[np.argsort(self.factor_of[columns], kind="stable")]

    def in_stratum(self, stratum: int, rows: Int1D, columns: Int1D) -> Float2D:
        """Regressors ``columns``, ordered as ``columns_of``, of rows of one stratum, (n_rows, n_columns)."""
        values = np.take(self.table[stratum][:, columns], self.place[rows], axis=0)
        for factor, mine in self._by_factor(columns):
            if factor:
                centre = self.centre[stratum, columns[mine]]
                values[:, mine] *= self.factors[rows, factor][:, None] - centre
        return values

    def sums(self, stratum: int, factor_sums: Float2D, columns: Int1D) -> Float2D:
        """Sums of some regressors over groups of rows of one stratum, (n_groups, n_columns).

        ``factor_sums``, (n_groups, n_places, 1 + n_covariates), are weighted sums of the factors.
        """
        found = np.empty((len(factor_sums), len(columns)))
        for factor, mine in self._by_factor(columns):
            table = self.table[stratum][:, columns[mine]]
            found[:, mine] = factor_sums[:, :, factor] @ table
            if factor:
                found[:, mine] -= (factor_sums[:, :, 0] @ table) * self.centre[stratum, columns[mine]]
        return found

    def _by_factor(self, columns: Int1D) -> Iterator[tuple[int, slice]]:
        factors, first = np.unique(self.factor_of[columns], return_index=True)
        for factor, start, end in zip(factors, first, [*first[1:], len(columns)], strict=True):
            yield int(factor), slice(int(start), int(end))

    def at(self, stratum: Int1D, place: Int1D, factors: Float2D) -> Float2D:
        """Regressors of strata and places at given factors, (n, n_columns)."""
        return np.asarray(self.table[stratum, place] * (factors[:, self.factor_of] - self.centre[stratum]))

    def dense(self) -> Float2D:
        """All regressors of all rows, (n_rows, n_columns)."""
        values = np.zeros((len(self.stratum), self.n_columns))
        for stratum in range(len(self.table)):
            rows, columns = np.flatnonzero(self.stratum == stratum), self.columns_of(stratum)
            values[np.ix_(rows, columns)] = self.in_stratum(stratum, rows, columns)
        return values


def table_regressors(
    columns: Sequence[TableColumn], stratum: Int1D, place: Int1D, covariates: Sequence[Float1D]
) -> TableRegressors:
    """Put columns side by side; ``covariates``, (n_rows,) each, are the factors after the constant."""
    return TableRegressors(
        names=tuple(column.name for column in columns),
        table=np.stack([column.table for column in columns], axis=-1).astype(np.float64),
        factor_of=np.array([column.factor for column in columns], dtype=np.int64),
        centre=np.stack([column.centre for column in columns], axis=-1),
        stratum=stratum,
        place=place,
        factors=np.column_stack([np.ones(len(stratum)), *covariates]),
    )
