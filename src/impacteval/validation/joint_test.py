"""Whether several covariates together tell two arms apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from impacteval.arrays import Bool1D, Float2D, Text1D, codes_of, mean_by_code

# Columns that others explain up to this share of their length add nothing.
LEAST_INDEPENDENT = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class JointTest:
    """An F test of no difference between two arms in any covariate."""

    first: str
    second: str
    statistic: float
    df: int
    df_residual: int
    p_value: float


def joint_test(
    covariates: Float2D, is_second: Bool1D, unit: Text1D, pair: tuple[str, str]
) -> JointTest | None:
    """Regress the arm on the covariates and test all slopes at once.

    The F test of least squares with one error variance, on means of enterprises. When the arm does not
    depend on the covariates its variance is the same at all of their values, so that this test keeps
    its size; with sandwich variances it rejected 6 to 35% of true hypotheses at 5%, in samples of 60
    to 400, the most with skewed covariates.

    Parameters
    ----------
    covariates : (n_rows, n_covariates)
        Without missing values.
    is_second : (n_rows,)
        Whether a row is of the second arm of ``pair``.
    unit : (n_rows,)
        Enterprise of each row; several rows of one are averaged.

    Returns
    -------
    JointTest or None
        None where no covariate varies, or too few enterprises are left to test it.
    """
    code, names = codes_of(unit)
    means = mean_by_code(np.column_stack([covariates, is_second]), code, len(names))
    arm = means[:, -1]
    slopes = _basis(means[:, :-1] - means[:, :-1].mean(axis=0)) if len(means) else means[:, :0]
    df, df_residual = slopes.shape[1], len(arm) - slopes.shape[1] - 1
    if df == 0 or df_residual < 1 or not 0 < arm.mean() < 1:
        return None
    explained = float(((slopes.T @ (arm - arm.mean())) ** 2).sum())
    return _f_test(explained, float(((arm - arm.mean()) ** 2).sum()), df, df_residual, pair=pair)


def _basis(centred: Float2D) -> Float2D:
    """Orthonormal columns that span the covariates, fewer where these depend on one another."""
    length = np.sqrt((centred**2).sum(axis=0))
    varies = centred[:, length > 0] / length[length > 0]
    if varies.shape[1] == 0:
        return centred[:, :0]
    left, sizes, _ = np.linalg.svd(varies, full_matrices=False)
    basis: Float2D = left[:, sizes > LEAST_INDEPENDENT * sizes[0]]
    return basis


def _f_test(explained: float, total: float, df: int, df_residual: int, *, pair: tuple[str, str]) -> JointTest:
    from scipy.special import fdtrc

    left = max(total - explained, 0.0)
    statistic = explained / df / (left / df_residual) if left > 0 else float("inf")
    return JointTest(
        first=pair[0],
        second=pair[1],
        statistic=statistic,
        df=df,
        df_residual=df_residual,
        p_value=float(fdtrc(df, df_residual, statistic)),
    )
