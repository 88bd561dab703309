"""What the influence functions say of a finding: pre-trends, single enterprises, the fewest that flip it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from impacteval.arrays import Float1D, Float2D, Int1D, sum_by_code
from impacteval.errors import IdentificationError
from impacteval.inference.errors import cluster_covariance


@dataclass(frozen=True, slots=True, kw_only=True)
class WaldTest:
    """A joint test that effects are zero: ``statistic`` is F with ``df`` and ``df_error``."""

    statistic: float
    df: int
    df_error: int
    p_value: float


def joint_test(estimate: Float1D, influence: Float2D, cluster: Int1D) -> WaldTest:
    """Test that several effects are all zero, with errors clustered.

    Parameters
    ----------
    estimate : (n_effects,)
    influence : (n_units, n_effects)
    cluster : (n_units,)

    Returns
    -------
    WaldTest
        ``W / q`` against F(q, clusters - 1), the covariance without small-sample factor; NaN when
        the covariance has no full rank, or an effect or its influence is not known.
    """
    from scipy.special import fdtrc

    n_clusters = int(cluster.max()) + 1
    if not (np.isfinite(estimate).all() and np.isfinite(influence).all()):
        return WaldTest(statistic=float("nan"), df=len(estimate), df_error=0, p_value=float("nan"))
    covariance = cluster_covariance(influence, cluster)
    q = len(estimate)
    used = int((sum_by_code(np.abs(influence), cluster, n_clusters).sum(axis=1) > 0).sum())
    if q == 0 or np.linalg.matrix_rank(covariance) < q:
        return WaldTest(statistic=float("nan"), df=q, df_error=used - 1, p_value=float("nan"))
    statistic = float(estimate @ np.linalg.solve(covariance, estimate)) / q
    return WaldTest(
        statistic=statistic, df=q, df_error=used - 1, p_value=float(fdtrc(q, used - 1, statistic))
    )


def leave_one_out(estimate: float, influence: Float1D) -> tuple[float, float]:
    """Smallest and largest estimate when any one unit is left out, to first order.

    Leaving unit i out moves the estimate by about ``-influence_i / (n_units - 1)``.

    Parameters
    ----------
    influence : (n_units,)

    Raises
    ------
    IdentificationError
        When the estimate or its influence is not known, or there is no other unit.
    """
    _refuse_unknown(estimate, influence)
    if len(influence) < 2:
        raise IdentificationError("no other enterprise is left")
    without = estimate - influence / (len(influence) - 1)
    return float(without.min()), float(without.max())


def fewest_to_flip(estimate: float, influence: Float1D) -> int | None:
    """Fewest units whose removal would turn the sign, to first order; None when no set would.

    Units are dropped in the order of how much each moves the estimate towards zero (Broderick,
    Giordano and Meager 2020, arXiv:2011.14999, section 2.2).

    Raises
    ------
    IdentificationError
        When the estimate or its influence is not known, or the estimate is zero.
    """
    _refuse_unknown(estimate, influence)
    if estimate == 0:
        raise IdentificationError("the estimate is zero and has no sign")
    pull = np.sort(np.sign(estimate) * influence)[::-1] / len(influence)
    moved = np.cumsum(pull[pull > 0])
    reached = np.nonzero(moved > abs(estimate))[0]
    return int(reached[0]) + 1 if len(reached) else None


def _refuse_unknown(estimate: float, influence: Float1D) -> None:
    if not np.isfinite(estimate):
        raise IdentificationError("there is no estimate")
    if not np.isfinite(influence).all():
        raise IdentificationError("the influence of single enterprises is not known")
