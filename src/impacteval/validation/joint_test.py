"""Whether several covariates together tell two arms apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from impacteval.arrays import Bool1D, Float2D, Text1D, codes_of, mean_by_code

# Columns that others explain up to this share of their length add nothing.
LEAST_INDEPENDENT = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class JointTest:
    """An F test of no difference between two arms in any covariate.

    NaN where no covariate varies, or too few enterprises are left to test it. ``n_left_out`` of
    ``n_rows`` lack a covariate and are not in it.
    """

    first: str
    second: str
    n_rows: int
    n_left_out: int
    statistic: float
    df: int
    df_residual: int
    p_value: float


def joint_test(covariates: Float2D, is_second: Bool1D, unit: Text1D, pair: tuple[str, str]) -> JointTest:
    """Regress the arm on the covariates and test all slopes at once.

    The F test of least squares with one error variance, on means of enterprises. When the arm does not
    depend on the covariates its variance is the same at all of their values, so that this test keeps
    its size; with sandwich variances it rejected 6 to 35% of true hypotheses at 5%, in samples of 60
    to 400, the most with skewed covariates.

    Parameters
    ----------
    covariates : (n_rows, n_covariates)
        Rows in which one is NaN are left out, and counted.
    is_second : (n_rows,)
        Whether a row is of the second arm of ``pair``.
    unit : (n_rows,)
        Enterprise of each row; several rows of one are averaged.

    Returns
    -------
    JointTest
    """
    is_whole: Bool1D = np.logical_not(np.isnan(covariates).any(axis=1))
    statistic, df, df_residual, p_value = _f_test(covariates[is_whole], is_second[is_whole], unit[is_whole])
    return JointTest(
        first=pair[0],
        second=pair[1],
        n_rows=len(is_whole),
        n_left_out=int((~is_whole).sum()),
        statistic=statistic,
        df=df,
        df_residual=df_residual,
        p_value=p_value,
    )


def _f_test(covariates: Float2D, is_second: Bool1D, unit: Text1D) -> tuple[float, int, int, float]:
    """Statistic, its degrees of freedom, and its p-value."""
    from scipy.special import fdtrc

    code, names = codes_of(unit)
    means = mean_by_code(np.column_stack([covariates, is_second]), code, len(names))
    arm = means[:, -1]
    slopes = _basis(means[:, :-1] - means[:, :-1].mean(axis=0)) if len(means) else means[:, :0]
    df, df_residual = slopes.shape[1], len(arm) - slopes.shape[1] - 1
    if df == 0 or df_residual < 1 or not 0 < arm.mean() < 1:
        return float("nan"), df, df_residual, float("nan")
    explained = float(((slopes.T @ (arm - arm.mean())) ** 2).sum())
    left = max(float(((arm - arm.mean()) ** 2).sum()) - explained, 0.0)
    statistic = explained / df / (left / df_residual) if left > 0 else float("inf")
    return statistic, df, df_residual, float(fdtrc(df, df_residual, statistic))


def _basis(centred: Float2D) -> Float2D:
    """Orthonormal columns that span the covariates, fewer where these depend on one another."""
    length = np.sqrt((centred**2).sum(axis=0))
    varies = centred[:, length > 0] / length[length > 0]
    if varies.shape[1] == 0:
        return centred[:, :0]
    left, sizes, _ = np.linalg.svd(varies, full_matrices=False)
    basis: Float2D = left[:, sizes > LEAST_INDEPENDENT * sizes[0]]
    return basis
