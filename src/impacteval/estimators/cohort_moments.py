"""Sums over the units of each cohort, of data that are read in chunks and never held at once."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from impacteval.arrays import Float1D, Float2D, Int1D, read_only
from impacteval.errors import DataError
from impacteval.estimators.comparisons import Cohort
from impacteval.panel import NEVER_TREATED


@dataclass(frozen=True, slots=True, kw_only=True)
class CohortMoments:
    """Sums over units of each arm and cohort, which are all that effects without covariates need.

    A unit with weight w and outcome y has the vector ``z = (1, d - shift)``, where ``d`` (n_periods
    - 1,) is its change since the first period: unit effects, which could be large, are gone, and so
    is the common trend, so that products of small numbers are summed.

    Attributes
    ----------
    periods : (n_periods,)
        Rising.
    cohorts : (n_cohorts,)
        By arm and start; ``comparison_arm`` is the arm of never-treated units.
    shift : (n_periods - 1,)
    first : (n_cohorts,)
        Sum of w times the outcome in the first period.
    sums : (n_cohorts, n_periods)
        Sum of w z.
    products : (n_cohorts, n_periods, n_periods)
        Sum of w^2 z z'.
    """

    periods: Int1D
    cohorts: tuple[Cohort, ...]
    shift: Float1D
    first: Float1D
    sums: Float2D
    products: Float2D

    def __post_init__(self) -> None:
        n_cohorts, n_periods = len(self.cohorts), len(self.periods)
        if self.products.shape != (n_cohorts, n_periods, n_periods) or len(self.shift) != n_periods - 1:
            raise DataError("sums must have one row a cohort and one column a period")
        for values in (self.periods, self.shift, self.first, self.sums, self.products):
            read_only(values)

    @property
    def n_units(self) -> int:
        """Number of units."""
        return sum(cohort.n_units for cohort in self.cohorts)

    def __add__(self, other: CohortMoments) -> CohortMoments:
        """Moments of both sets of units."""
        if not np.array_equal(self.periods, other.periods):
            raise DataError(f"chunks have different periods: {self.periods} and {other.periods}")
        moved = other.around(self.shift)
        names = sorted({(c.arm, c.start) for c in (*self.cohorts, *other.cohorts)}, key=_by_start)
        place = {name: k for k, name in enumerate(names)}
        sizes = np.zeros(len(names), dtype=np.int64)
        first, sums = np.zeros(len(names)), np.zeros((len(names), len(self.periods)))
        products = np.zeros((len(names), len(self.periods), len(self.periods)))
        for part in (self, moved):
            rows = [place[c.arm, c.start] for c in part.cohorts]
            sizes[rows] += [c.n_units for c in part.cohorts]
            first[rows] += part.first
            sums[rows] += part.sums
            products[rows] += part.products
        cohorts = tuple(
            Cohort(arm=arm, start=start, n_units=int(n)) for (arm, start), n in zip(names, sizes, strict=True)
        )
        return replace(self, cohorts=cohorts, first=first, sums=sums, products=products)

    def around(self, shift: Float1D) -> CohortMoments:
        """The same moments around another shift."""
        # z around the new shift is this matrix times z around the old one.
        move = np.eye(len(self.periods))
        move[1:, 0] = self.shift - shift
        return replace(
            self, shift=shift.copy(), sums=self.sums @ move.T, products=move @ self.products @ move.T
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
        When outcomes or weights are missing or infinite.
    """
    starts, code = np.unique(cohort, return_inverse=True)
    change = outcome[:, 1:] - outcome[:, :1]
    # A missing or infinite value makes its sum so: no second pass over the data is needed.
    shift = change.mean(axis=0)
    if not (np.isfinite(shift).all() and (weight is None or np.isfinite(weight).all())):
        raise DataError("an outcome or a weight is missing or infinite; leave out units without all periods")
    order = np.argsort(code.astype(np.int16), kind="stable")
    ends = np.cumsum(np.bincount(code))
    z = np.empty((len(order), len(periods)))
    z[:, 0] = 1.0
    np.subtract(change[order], shift, out=z[:, 1:])
    base = outcome[order, 0]
    if weight is not None:
        z *= weight[order, None]
        base = base * weight[order]
    blocks = [slice(end - n, end) for n, end in zip(np.bincount(code), ends, strict=True)]
    return CohortMoments(
        periods=np.array(periods),
        cohorts=tuple(
            Cohort(
                arm=comparison_arm if start == NEVER_TREATED else arm,
                start=float(start),
                n_units=block.stop - block.start,
            )
            for start, block in zip(starts, blocks, strict=True)
        ),
        shift=shift,
        first=np.array([base[block].sum() for block in blocks]),
        sums=np.stack([z[block].sum(axis=0) for block in blocks]),
        products=np.stack([z[block].T @ z[block] for block in blocks]),
    )
