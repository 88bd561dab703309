"""Randomisation inference: what the estimate would be had others been treated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from impacteval.arrays import Int1D
from impacteval.errors import IdentificationError
from impacteval.panel import Panel


@dataclass(frozen=True, slots=True, kw_only=True)
class RandomisationTest:
    """A test that treatment changed nothing in any unit.

    Attributes
    ----------
    p_value : float
        Share of assignments, the actual one among them, whose statistic is at least as large.
    n_draws : int
        Assignments drawn.
    n_assignments : float
        Assignments there are, the actual one among them: the p-value cannot be much below one over it.
    """

    statistic: float
    p_value: float
    n_draws: int
    n_assignments: float


def randomisation_test(
    panel: Panel, statistic: Callable[[Panel], float], *, n_draws: int, rng: np.random.Generator
) -> RandomisationTest:
    """Compare a statistic with what it is under other assignments of the same cohorts and arms.

    Whole clusters change places where they are of equal size, so that as many units as before are in
    each cohort. The test is exact when assignment was by lot among all units (or clusters); where
    enrolment was voluntary it asks how unusual the estimate is, and its p-value is a description
    (Imbens and Rubin 2015, chapter 5). A statistic over its error keeps power when effects differ
    between units; with one treated unit, whose error is not known, take the estimate itself.

    Parameters
    ----------
    panel : Panel
    statistic : callable
        From a panel to a number, large in absolute value where treatment matters.
    n_draws : int
    rng : numpy.random.Generator

    Raises
    ------
    IdentificationError
        When the statistic is not defined for the actual assignment, or for none of the draws, or no
        cluster has another of its size to change places with that was treated differently.
    """
    n_assignments = _n_assignments(panel)
    if n_assignments < 1.5:
        raise IdentificationError(
            f"{panel.name}: no cluster has another of its size to change places with that was treated "
            "differently, so that there is no other assignment to compare with"
        )
    actual = abs(statistic(panel))
    if not np.isfinite(actual):
        raise IdentificationError(f"{panel.name}: the statistic is not defined for the actual assignment")
    drawn = np.array([abs(statistic(_reassigned(panel, rng))) for _ in range(n_draws)])
    known = drawn[np.isfinite(drawn)]
    if len(known) == 0:
        raise IdentificationError(f"{panel.name}: the statistic is not defined for any other assignment")
    # Equal assignments differ by rounding, and count as equal.
    as_large = int(np.sum(known >= actual * (1 - 1e-9)))
    return RandomisationTest(
        statistic=actual,
        p_value=(1 + as_large) / (1 + len(known)),
        n_draws=len(known),
        n_assignments=n_assignments,
    )


def _n_assignments(panel: Panel) -> float:
    """How many ways there are to give clusters of each size the treatments that they have."""
    from scipy.special import gammaln

    treatments = np.unique(np.stack([panel.cohort.astype(np.str_), panel.arm]), axis=1, return_inverse=True)[
        1
    ]
    found = 0.0
    for members in _clusters_by_size(panel.cluster):
        patterns = np.unique(treatments.ravel()[members], axis=0, return_counts=True)[1]
        found += gammaln(len(members) + 1) - gammaln(patterns + 1).sum()
    return float(np.exp(found))


def _reassigned(panel: Panel, rng: np.random.Generator) -> Panel:
    order = _order(panel.cluster, rng)
    return replace(panel, cohort=panel.cohort[order], arm=panel.arm[order])


def _order(cluster: Int1D, rng: np.random.Generator) -> Int1D:
    """Unit whose assignment each unit takes: that of another cluster of the same size, unit for unit."""
    order = np.empty(len(cluster), dtype=np.int64)
    for members in _clusters_by_size(cluster):
        order[members] = members[rng.permutation(len(members))]
    return order


def _clusters_by_size(cluster: Int1D) -> list[Int1D]:
    """Units of the clusters of each size, each (n_clusters, size)."""
    by_cluster = np.argsort(cluster, kind="stable")
    size = np.bincount(cluster)
    start = np.concatenate([[0], np.cumsum(size)[:-1]])
    return [
        by_cluster[start[size == n][:, None] + np.arange(n)].astype(np.int64)
        for n in np.unique(size[size > 0])
    ]
