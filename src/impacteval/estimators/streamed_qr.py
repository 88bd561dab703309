"""Triangular factors of tall matrices that come in blocks, and the columns that others explain."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from impacteval.arrays import Float1D, Float2D, Int1D

# A regressor whose part that the others do not explain is this small a share of it is collinear.
COLLINEAR = 1e-9
# Numbers of a block of rows: it stays in the processor's cache.
BLOCK = 2**16


def slices(n: int, numbers_each: int, at_least: int = 1) -> Iterator[slice]:
    """Cut ``range(n)`` so that a piece holds few enough numbers for the cache."""
    step = max(BLOCK // max(numbers_each, 1), at_least, 1)
    for start in range(0, n, step):
        yield slice(start, min(start + step, n))


def triangular_factor(blocks: Iterable[Float2D], n_columns: int) -> Float2D:
    """R of the QR decomposition of blocks of rows stacked.

    Only R is kept between blocks (Demmel, Grigori, Hoemmen and Langou 2012, SIAM Journal on
    Scientific Computing 34(1), section 3), which is as accurate as Householder's QR of the whole.

    Returns
    -------
    (n_columns, n_columns)
        Upper triangular.
    """
    r = np.zeros((n_columns, n_columns))
    for rows in blocks:
        r = _r_of(np.vstack([r, rows]))
    return r


def independent_columns(r: Float2D, size: Float1D) -> tuple[Int1D, Float2D]:
    """Leave out columns that those before them explain.

    Parameters
    ----------
    r : (n_columns, n_columns)
    size : (n_columns,)
        Lengths of the columns as given, before anything was taken out of them.

    Returns
    -------
    kept : (n_kept,)
    r : (n_kept, n_kept)
    """
    if (np.abs(np.diag(r)) > COLLINEAR * size).all():
        return np.arange(len(size)), r
    kept: list[int] = []
    basis = np.zeros((len(r), 0))
    # Columns of R stand for those of the matrix; going through them again is exact where a column that
    # adds nothing has left rounding on the diagonal, which later columns would be measured against.
    for j, column in enumerate(r.T):
        left = column - basis @ (basis.T @ column)
        left -= basis @ (basis.T @ left)
        if (length := float(np.linalg.norm(left))) > COLLINEAR * size[j]:
            kept.append(j)
            basis = np.column_stack([basis, left / length])
    return np.array(kept, dtype=np.int64), _r_of(r[:, kept]) if kept else np.zeros((0, 0))


def _r_of(rows: Float2D) -> Float2D:
    return np.asarray(np.linalg.qr(rows, mode="r"))


def inverse_of(r: Float2D) -> Float2D:
    """Inverse of an upper triangular matrix, its columns brought to one length first."""
    length = np.sqrt(np.sum(np.square(r), axis=0))
    return np.asarray(np.linalg.inv(r / length) / length[:, None])
