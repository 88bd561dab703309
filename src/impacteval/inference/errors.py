"""Standard errors of effects by every convention that a plan can name."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from impacteval.arrays import Bool1D, Bool2D, Float1D, Float2D, Int1D, count_true, sum_by_code
from impacteval.designs import VCOV_LABELS, AnyVcov
from impacteval.effects import Effects, Estimates
from impacteval.errors import ConfigError, nearest

NOT_CLUSTERED = -1
BY_ROW = ("classical", "hc1")
RESAMPLED = ("jackknife", "placebo", "bootstrap")
ROUNDING = 1e-13


@dataclass(frozen=True, slots=True, kw_only=True)
class _Errors:
    variance: Float1D
    df: Float1D
    n_clusters: Int1D


def with_errors(
    effects: Effects, vcov: AnyVcov, cluster: Int1D, *, level: float = 0.95, cluster_name: str = "unit"
) -> Estimates:
    """Attach standard errors, t statistics, p-values and pointwise intervals.

    Parameters
    ----------
    effects : Effects
        Influence functions of shape (n_units, n_effects).
    vcov : Vcov
        ``classical`` and ``hc1`` treat rows as independent, with the residual degrees of freedom of
        the regression. The others allow any dependence within clusters and take one degree of
        freedom less than there are clusters: ``cr0`` without factor, ``cr1_groups`` with
        G/(G-1), ``cr1_nested`` with G/(G-1) (n-1)/(n-K) where K leaves out effects absorbed by
        units (nested in clusters), ``cr1_counted`` where K counts them. ``jackknife``, ``placebo``
        and ``bootstrap`` are errors that the estimator found by resampling units, with quantiles of
        the normal distribution (infinite degrees of freedom).
    cluster : (n_units,)
        Cluster code of each unit, in the order of ``effects.unit_ids``.
    level : float
        Confidence level, between 0 and 1.
    cluster_name : str
        What a cluster is, for the name of the convention.

    Returns
    -------
    Estimates
        NaN with a note where an error is undefined.

    Raises
    ------
    ConfigError
        When the convention needs a regression and the effects are none, or a resampling that the
        estimator has not run.

    References
    ----------
    Liang and Zeger (1986), Biometrika 73(1), for the cluster sum; Cameron and Miller (2015),
    Journal of Human Resources 50(2), section II.B, for the factors.
    """
    _refuse_unknown(vcov, level)
    from scipy.special import stdtr, stdtrit

    errors = _errors(effects, vcov, cluster)
    error = np.sqrt(errors.variance)
    # Beside the level of the outcome, an error as small as this is rounding, which is no variation.
    level_of_outcome = np.fmax(np.abs(effects.estimate), np.abs(effects.baseline_mean))
    is_rounding = error <= ROUNDING * np.nan_to_num(level_of_outcome)
    defined = (
        np.isfinite(error) & ~is_rounding & (error > 0) & (errors.df > 0) & np.isfinite(effects.estimate)
    )
    error = np.where(defined, error, np.nan)
    df = np.where(errors.df > 0, errors.df, np.nan)
    statistic = effects.estimate / error
    margin = stdtrit(df, 0.5 + level / 2) * error
    return Estimates(
        effects=effects,
        vcov=vcov if vcov in {*BY_ROW, *RESAMPLED} else f"{vcov}({cluster_name})",
        level=level,
        std_error=error,
        df=df,
        statistic=statistic,
        p_value=2 * stdtr(df, -np.abs(statistic)),
        conf_low=effects.estimate - margin,
        conf_high=effects.estimate + margin,
        n_clusters=errors.n_clusters,
        notes=_notes(effects, defined, errors, _rests_on_one_cluster(effects, cluster)),
    )


def _refuse_unknown(vcov: str, level: float) -> None:
    if vcov not in VCOV_LABELS:
        raise ConfigError(f"vcov {vcov!r}: {nearest(vcov, list(VCOV_LABELS))}")
    if not 0 < level < 1:
        raise ConfigError(f"level {level}: a confidence level is between 0 and 1, for instance 0.95")


def cluster_covariance(influence: Float2D, cluster: Int1D) -> Float2D:
    """Joint covariance of effects by clusters without factor, (n_effects, n_effects)."""
    sums = sum_by_code(influence, cluster, int(cluster.max()) + 1)
    return np.asarray(sums.T @ sums) / len(cluster) ** 2


def _errors(effects: Effects, vcov: AnyVcov, cluster: Int1D) -> _Errors:
    if vcov in RESAMPLED:
        return _by_resampling(effects, vcov)
    if vcov in {*BY_ROW, "cr1_nested", "cr1_counted"} and not effects.regression:
        raise ConfigError(
            f"vcov {vcov!r} needs a single regression; {effects.estimator} averages: use cr0 or cr1_groups"
        )
    return _by_row(effects, vcov) if vcov in BY_ROW else _by_cluster(effects, vcov, cluster)


def _by_resampling(effects: Effects, vcov: AnyVcov) -> _Errors:
    if vcov not in effects.resampled:
        has = ", ".join(effects.resampled) or "none"
        raise ConfigError(
            f"vcov {vcov!r} needs resampling by the estimator; {effects.estimator} has here: {has}; name the "
            "scheme in the design's `vcov`, or use cr0 or cr1_groups"
        )
    n_effects = len(effects.keys)
    return _Errors(
        variance=np.square(effects.resampled[vcov]),
        df=np.full(n_effects, np.inf),
        n_clusters=np.full(n_effects, NOT_CLUSTERED, dtype=np.int64),
    )


def _by_row(effects: Effects, vcov: AnyVcov) -> _Errors:
    facts = effects.regression
    variance = [f.classical_variance if vcov == "classical" else f.hc1_variance for f in facts]
    residual_df = [n - f.n_counted for n, f in zip(effects.n_obs, facts, strict=True)]
    return _Errors(
        variance=np.array(variance),
        df=np.array(residual_df, dtype=np.float64),
        n_clusters=np.full(len(facts), NOT_CLUSTERED, dtype=np.int64),
    )


def _by_cluster(effects: Effects, vcov: AnyVcov, cluster: Int1D) -> _Errors:
    n_codes = int(cluster.max()) + 1
    sums = sum_by_code(effects.influence, cluster, n_codes)
    variance = np.einsum("ij,ij->j", sums, sums) / len(cluster) ** 2
    if sums is not effects.influence:
        # Influence that cancels within every cluster leaves rounding, which is no variance.
        independent = np.einsum("ij,ij->j", effects.influence, effects.influence) / len(cluster) ** 2
        variance = np.where(variance <= ROUNDING**2 * independent, 0.0, variance)
    n_clusters = clusters_with(effects.in_sample, cluster)
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = np.ones(len(variance)) if vcov == "cr0" else n_clusters / (n_clusters - 1)
    if vcov in {"cr1_nested", "cr1_counted"}:
        counted = np.array(
            [f.n_counted if vcov == "cr1_counted" else f.n_parameters for f in effects.regression]
        )
        factor = factor * (effects.n_obs - 1) / (effects.n_obs - counted)
    known = (n_clusters > 1) & ~_rests_on_one_cluster(effects, cluster)
    return _Errors(
        variance=np.where(known, variance, np.nan) * factor,
        df=(n_clusters - 1).astype(np.float64),
        n_clusters=n_clusters,
    )


def clusters_with(side: Bool2D, cluster: Int1D) -> Int1D:
    """How many clusters have a unit on a side, (n_effects,)."""
    n_codes = int(cluster.max()) + 1
    if n_codes == len(cluster):
        # Codes have no gaps: as many as units means that each unit is its own cluster.
        return count_true(side)
    units = sum_by_code(side.astype(np.float64), cluster, n_codes)
    return np.asarray((units > 0).sum(axis=0), dtype=np.int64)


def _rests_on_one_cluster(effects: Effects, cluster: Int1D) -> Bool1D:
    """Whether all units of one side of an arm's effect lie in one cluster.

    The mean of that side then fits its cluster exactly, whose influence vanishes: the sum over
    clusters misses its variance and would be too small by an unknown amount.
    """
    of_arm = np.array([key.arm is not None for key in effects.keys])
    sides = (effects.treated_side, effects.comparison_side)
    fewest = np.min([clusters_with(side, cluster) for side in sides], axis=0)
    return np.asarray(of_arm & (fewest == 1))


def _notes(effects: Effects, defined: Bool1D, errors: _Errors, on_one_cluster: Bool1D) -> tuple[str, ...]:
    """Each effect's own note and, unless that already explains it, why its error is not known."""
    explained = np.isnan(effects.estimate) | np.isnan(effects.influence).any(axis=0)
    notes = []
    for j, key in enumerate(effects.keys):
        if defined[j] or (key.note and (explained[j] or errors.n_clusters[j] == NOT_CLUSTERED)):
            reason = ""
        elif 0 <= errors.n_clusters[j] < 2:
            reason = "fewer than two clusters: the error is not known"
        elif on_one_cluster[j] and errors.n_clusters[j] != NOT_CLUSTERED:
            reason = "one side of the comparison lies in one cluster: the error is not known"
        elif np.isnan(errors.variance[j]):
            reason = "one unit is a side of the comparison: the error is not known"
        else:
            reason = "the outcome does not vary within the sample: the error is not known"
        notes.append("; ".join(filter(None, [key.note, reason])))
    return tuple(notes)
