"""Sums over the units of each cohort, of data that are read in chunks and never held at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from impacteval.arrays import Bool1D, Float1D, Float2D, Int1D, read_only
from impacteval.errors import DataError
from impacteval.estimators.comparisons import Cohort, order_by_code
from impacteval.panel import NEVER_TREATED

Number = TypeVar("Number", np.float64, np.int64)
LACKING = "missing or infinite; leave out units without all periods"


@dataclass(frozen=True, slots=True, kw_only=True)
class CohortMoments:
    """Sums over units of each arm and cohort, which are all that effects without covariates need.

    A unit with weight w and outcome y has the vector ``z = (1, d - shift)``, where ``d`` (n_periods
    - 1,) is its change since the first period: unit effects, which could be large, are gone, and so
    is the trend of its cohort, so that products of small numbers are summed. Units of weight zero
    take no part and are counted.

    Attributes
    ----------
    periods : (n_periods,)
        Rising.
    cohorts : (n_cohorts,)
        By arm and start; ``comparison_arm`` is the arm of never-treated units.
    n_weightless : (n_cohorts,)
        Units of weight zero, which ``cohorts`` do not count.
    shift : (n_cohorts, n_periods - 1)
        Mean change of the cohort's units.
    first : (n_cohorts,)
        Sum of w times the outcome in the first period.
    sums : (n_cohorts, n_periods)
        Sum of w z.
    products : (n_cohorts, n_periods, n_periods)
        Sum of w^2 z z'.
    """

    periods: Int1D
    cohorts: tuple[Cohort, ...]
    n_weightless: Int1D
    shift: Float2D
    first: Float1D
    sums: Float2D
    products: Float2D

    def __post_init__(self) -> None:
        n_cohorts, n_periods = len(self.cohorts), len(self.periods)
        shapes = self.products.shape, self.shift.shape
        if shapes != ((n_cohorts, n_periods, n_periods), (n_cohorts, n_periods - 1)):
            raise DataError("sums must have one row a cohort and one column a period")
        for values in (self.periods, self.n_weightless, self.shift, self.first, self.sums, self.products):
            read_only(values)

    @property
    def n_units(self) -> int:
        """Number of units with weight."""
        return sum(cohort.n_units for cohort in self.cohorts)

    def __add__(self, other: CohortMoments) -> CohortMoments:
        """Moments of both sets of units."""
        if not np.array_equal(self.periods, other.periods):
            raise DataError(f"chunks have different periods: {self.periods} and {other.periods}")
        names = sorted({(c.arm, c.start) for c in (*self.cohorts, *other.cohorts)}, key=_by_start)
        parts = [part._among(names) for part in (self, other)]
        n_units = [np.array([c.n_units for c in part.cohorts]) for part in parts]
        weight = [n[:, None] / np.maximum(sum(n_units), 1)[:, None] for n in n_units]
        # The mean of both, so that products stay about as small as they can be, in whatever order.
        shift = parts[0].shift * weight[0] + parts[1].shift * weight[1]
        one, two = (part.around(shift) for part in parts)
        return replace(
            one,
            cohorts=tuple(
                replace(c, n_units=c.n_units + d.n_units)
                for c, d in zip(one.cohorts, two.cohorts, strict=True)
            ),
            n_weightless=one.n_weightless + two.n_weightless,
            first=one.first + two.first,
            sums=one.sums + two.sums,
            products=one.products + two.products,
        )

    def _among(self, names: Sequence[tuple[str, float]]) -> CohortMoments:
        """The same moments with a row for each of some arms and starts, its own among them."""
        place = {name: k for k, name in enumerate(names)}
        rows = [place[c.arm, c.start] for c in self.cohorts]
        found = {(c.arm, c.start): c for c in self.cohorts}

        def spread(values: npt.NDArray[Number]) -> npt.NDArray[Number]:
            wide = np.zeros((len(names), *values.shape[1:]), dtype=values.dtype)
            wide[rows] = values
            return wide

        return replace(
            self,
            cohorts=tuple(found.get(name, Cohort(arm=name[0], start=name[1], n_units=0)) for name in names),
            n_weightless=spread(self.n_weightless),
            shift=spread(self.shift),
            first=spread(self.first),
            sums=spread(self.sums),
            products=spread(self.products),
        )

    def around(self, shift: Float2D) -> CohortMoments:
        """The same moments around other shifts, (n_cohorts, n_periods - 1)."""
        # z around the new shift is this matrix times z around the old one.
        move = np.broadcast_to(np.eye(len(self.periods)), self.products.shape).copy()
        move[:, 1:, 0] = self.shift - shift
        turned = move.transpose(0, 2, 1)
        return replace(
            self,
            shift=shift.copy(),
            sums=(move @ self.sums[:, :, None])[:, :, 0],
            products=move @ self.products @ turned,
        )


def _by_start(name: tuple[str, float]) -> tuple[bool, str, float]:
    return name[1] == NEVER_TREATED, *name


def moments_of(
    outcome: Float2D,
    cohort: Float1D,
    periods: Int1D,
    *,
    weight: Float1D | None = None,
    arm: str = "treated",
    comparison_arm: str = "comparison",
) -> CohortMoments:
    """Sum a chunk of units by cohort.

    Parameters
    ----------
    outcome : (n, n_periods)
        Without NaN: moments need units observed in every period.
    cohort : (n,)
        Period of first treatment, or ``NEVER_TREATED``.
    periods : (n_periods,)
    weight : (n,), optional
    arm, comparison_arm : str
        Arms of the chunk's treated and never-treated units; units of several arms are several
        chunks.

    Raises
    ------
    DataError
        When outcomes of units with weight, or weights, are missing or infinite, or weights negative.
    """
    starts, code = np.unique(cohort, return_inverse=True)
    used = _with_weight(weight, len(cohort))
    n_all, n_units = (np.bincount(codes, minlength=len(starts)) for codes in (code, code[used]))
    order = np.arange(len(cohort))[used]
    order = order[order_by_code(code[used], len(starts))]
    ends = np.cumsum(n_units)
    blocks = [slice(end - n, end) for n, end in zip(n_units, ends, strict=True)]
    base = outcome[order, 0]
    z = np.empty((len(order), len(periods)))
    z[:, 0] = 1.0
    np.subtract(outcome[order, 1:], base[:, None], out=z[:, 1:])
    shift = np.stack([z[block, 1:].sum(axis=0) / max(n, 1) for block, n in zip(blocks, n_units, strict=True)])
    # A missing or infinite value makes its sum so: no second pass over the data is needed.
    if not np.isfinite(shift).all():
        raise DataError(f"an outcome is {LACKING}")
    for block, of_cohort in zip(blocks, shift, strict=True):
        z[block, 1:] -= of_cohort
    if weight is not None:
        z *= weight[order, None]
        base = base * weight[order]
    return CohortMoments(
        periods=np.array(periods),
        cohorts=tuple(
            Cohort(arm=comparison_arm if start == NEVER_TREATED else arm, start=float(start), n_units=int(n))
            for start, n in zip(starts, n_units, strict=True)
        ),
        n_weightless=n_all - n_units,
        shift=shift,
        first=np.array([base[block].sum() for block in blocks]),
        sums=np.stack([z[block].sum(axis=0) for block in blocks]),
        products=np.stack([z[block].T @ z[block] for block in blocks]),
    )


def _with_weight(weight: Float1D | None, n: int) -> Bool1D | slice:
    """Which units have weight; a slice of all where none is without."""
    if weight is None:
        return slice(n)
    if not np.isfinite(weight).all():
        raise DataError(f"a weight is {LACKING}")
    if (weight < 0).any():
        raise DataError(f"{(weight < 0).sum()} weights are negative; a sampling weight is 0 or more")
    positive = np.asarray(weight > 0)
    return slice(n) if positive.all() else positive
