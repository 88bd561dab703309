"""Least squares with weights that are positive and sum to one, for many problems side by side."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from impacteval.arrays import Bool1D, Bool2D, Float1D, Float2D, Int1D

Float3D = npt.NDArray[np.float64]
# The first round only finds out which weights matter; those at most a quarter of the largest go.
FIRST_ROUND = 100
SECOND_ROUND = 10_000
SPARSE_BELOW = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class SimplexProblems:
    """Minimise ``|A x - b|^2 / n_rows + ridge |x|^2`` over the simplex, one ``x`` a problem.

    Attributes
    ----------
    matrix : (n_problems, n_rows, n_weights)
    target : (n_problems, n_rows)
    n_rows : (n_problems,)
        Rows that the mean of squares is over; ``matrix`` may hold fewer with equal inner products.
    usable : (n_problems, n_weights)
        False where a problem has fewer weights than the widest.
    ridge : float
        In squared units of the outcome.
    """

    matrix: Float3D
    target: Float2D
    n_rows: Float1D
    usable: Bool2D
    ridge: float


def simplex_problems(
    matrix: Float3D, target: Float2D, *, rows: Bool2D, usable: Bool2D, intercept: bool, ridge: float
) -> SimplexProblems:
    """Set problems up: take the intercept out and shorten long columns.

    Parameters
    ----------
    matrix, target :
        As in ``SimplexProblems``; rows that a problem does not have are zero.
    rows : (n_problems, n_rows)
        Rows that each problem has.
    intercept : bool
        Whether a constant may be added to the fit: columns then lose their means.
    """
    n_rows = rows.sum(axis=1).astype(np.float64)
    both = np.concatenate([matrix, target[:, :, None]], axis=2)
    if intercept:
        mean = both.sum(axis=1, keepdims=True) / n_rows[:, None, None]
        both = np.where(rows[:, :, None], both - mean, 0.0)
    if both.shape[1] > both.shape[2]:
        # The triangle has the same inner products, and each step costs its size.
        both = np.asarray(np.linalg.qr(both, mode="r"))
    return SimplexProblems(
        matrix=np.ascontiguousarray(both[:, :, :-1]),
        target=both[:, :, -1].copy(),
        n_rows=n_rows,
        usable=usable,
        ridge=ridge,
    )


def simplex_weights(problems: SimplexProblems, start: Float2D, *, min_decrease: float) -> Float2D:
    """Solve in two rounds of Frank-Wolfe steps, with small weights set to zero in between.

    The rule of the authors' R package synthdid 0.0.9, so that results agree although it stops
    early: a round ends when a step lowers the objective by no more than ``min_decrease`` squared.

    Parameters
    ----------
    problems : SimplexProblems
    start : (n_problems, n_weights)
        On the simplex.
    min_decrease : float
        In the unit of the outcome.

    Returns
    -------
    (n_problems, n_weights)

    References
    ----------
    Frank and Wolfe (1956), Naval Research Logistics Quarterly 3(1-2).
    """
    first = _descend(problems, start, min_decrease=min_decrease, max_steps=FIRST_ROUND)
    return _descend(problems, _sparse(first), min_decrease=min_decrease, max_steps=SECOND_ROUND)


def _sparse(weights: Float2D) -> Float2D:
    largest = weights.max(axis=1, keepdims=True)
    kept = np.where(weights > SPARSE_BELOW * largest, weights, 0.0)
    return np.asarray(kept / kept.sum(axis=1, keepdims=True))


@dataclass(slots=True, kw_only=True)
class _State:
    """Where the problems stand that are not solved yet.

    Attributes
    ----------
    problems : SimplexProblems
    barrier : (n_going, n_weights), optional
        Infinite where a weight is not usable; None where all are.
    place : (n_going,)
        Position of each among all problems.
    weights, residual : (n_going, n_weights), (n_going, n_rows)
    square, value : (n_going,)
        Sum of squared weights, and the objective.
    """

    problems: SimplexProblems
    barrier: Float2D | None
    place: Int1D
    weights: Float2D
    residual: Float2D
    square: Float1D
    value: Float1D

    def keep(self, going: Bool1D) -> None:
        """Drop the problems that are solved."""
        p = self.problems
        self.problems = replace(
            p,
            matrix=p.matrix[going],
            target=p.target[going],
            n_rows=p.n_rows[going],
            usable=p.usable[going],
        )
        self.barrier = None if self.barrier is None else self.barrier[going]
        self.place, self.weights = self.place[going], self.weights[going]
        self.residual, self.square = self.residual[going], self.square[going]
        self.value = self.value[going]


def _descend(problems: SimplexProblems, start: Float2D, *, min_decrease: float, max_steps: int) -> Float2D:
    """Take steps until each problem's objective no longer falls by ``min_decrease`` squared."""
    found = start.copy()
    state = _State(
        problems=problems,
        barrier=None if problems.usable.all() else np.where(problems.usable, 0.0, np.inf),
        place=np.arange(len(start)),
        weights=start.copy(),
        residual=np.einsum("pmk,pk->pm", problems.matrix, start) - problems.target,
        square=np.square(start).sum(axis=1),
        value=np.full(len(start), np.inf),
    )
    for number in range(max_steps):
        before = state.value
        _step(state)
        if number == 0:
            continue
        going = before - state.value > min_decrease**2
        if not going.all():
            found[state.place] = state.weights
            state.keep(going)
        if not len(state.place):
            break
    found[state.place] = state.weights
    return found


def _step(state: _State) -> None:
    """Move each problem towards its best vertex, as far as lowers its objective most.

    Products with the weights are updated rather than formed anew: the table of weights is the
    large one, and is read once for the gradient and once to move.
    """
    p, x, residual = state.problems, state.weights, state.residual
    eta = p.n_rows * p.ridge
    gradient = np.matmul(residual[:, None, :], p.matrix)[:, 0, :]
    gradient += eta[:, None] * x
    if state.barrier is not None:
        gradient += state.barrier
    best = gradient.argmin(axis=1)
    every = np.arange(len(x))
    x_best = x[every, best]
    slope = (residual * (residual + p.target)).sum(axis=1) + eta * state.square - gradient[every, best]
    change = p.matrix[every, :, best] - p.target - residual
    curvature = np.square(change).sum(axis=1) + eta * (state.square - 2 * x_best + 1)
    length = np.divide(slope, curvature, out=np.zeros_like(slope), where=curvature > 0)
    length = np.minimum(np.maximum(length, 0), 1)
    x *= (1 - length)[:, None]
    x[every, best] += length
    state.residual = residual + length[:, None] * change
    state.square = (1 - length) ** 2 * state.square + 2 * length * (1 - length) * x_best + length**2
    state.value = np.square(state.residual).sum(axis=1) / p.n_rows + p.ridge * state.square
