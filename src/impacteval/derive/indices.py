"""Indices of several items: standardised by the comparison rows at baseline, weighted, and combined."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from impacteval.arrays import Bool1D, Float1D, Float2D, Int1D
from impacteval.derive.functions import enough
from impacteval.derive.values import Numbers, Reasons, numbers
from impacteval.errors import DataError

INDEX_COLUMNS: dict[str, str] = {
    "index": "str",
    "item": "str",
    "n": "Int64",
    "mean": "float64",
    "sd": "float64",
    "weight": "float64",
    "alpha": "float64",
}
# Below this share of the largest, an eigenvalue of a correlation matrix is taken for zero.
SINGULAR = 1e-10


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """How an index was made: its items, their reference values and weights, and Cronbach's alpha."""

    name: str
    items: tuple[str, ...]
    n: Int1D
    mean: Float1D
    sd: Float1D
    weight: Float1D
    alpha: float

    def rows(self) -> Iterator[dict[str, object]]:
        """``INDEX_COLUMNS``, one row an item."""
        for j, item in enumerate(self.items):
            yield {
                "index": self.name,
                "item": item,
                "n": int(self.n[j]),
                "mean": float(self.mean[j]),
                "sd": float(self.sd[j]),
                "weight": float(self.weight[j]),
                "alpha": self.alpha,
            }


def index_of(
    function: str, items: Sequence[Numbers], texts: tuple[str, ...], reference: Bool1D, name: str
) -> tuple[Index, Float2D]:
    """Standardise items by reference rows and weight them.

    Parameters
    ----------
    function : str
        ``icw``: weights are the row sums of the inverse of the items' covariance matrix among reference
        rows (Anderson 2008, JASA 103(484), section 3.2.1), taken pair by pair where items are missing.
        ``zmean``: equal weights.
    texts : tuple of str
        The items as the formula writes them.
    reference : (n_rows,)
        Comparison rows at baseline.

    Returns
    -------
    Index
        Weights sum to one.
    (n_rows, n_items)
        The standardised items.

    Raises
    ------
    DataError
        When an item does not vary among reference rows, or items determine each other.
    """
    table = np.column_stack([item.values for item in items])
    base = table[reference]
    n = (~np.isnan(base)).sum(axis=0)
    _refuse_constant_items(base, n, texts, name)
    mean, sd = np.nanmean(base, axis=0), np.nanstd(base, axis=0, ddof=1)
    scored = (table - mean) / sd
    weight = (
        np.full(len(items), 1 / len(items))
        if function == "zmean"
        else inverse_covariance_weights(scored[reference], name)
    )
    made = Index(
        name=name,
        items=texts,
        n=n,
        mean=mean,
        sd=sd,
        weight=weight,
        alpha=cronbach_alpha(scored[reference]),
    )
    return made, scored


def _refuse_constant_items(base: Float2D, n: Int1D, texts: tuple[str, ...], name: str) -> None:
    for j, text in enumerate(texts):
        known = base[~np.isnan(base[:, j]), j]
        if n[j] < 2 or float(known.max() - known.min()) == 0:
            raise DataError(
                f"index {name}: item {text!r} has {n[j]} values among comparison rows at baseline and does "
                "not vary there, so it cannot be standardised; take it out of the index"
            )


def inverse_covariance_weights(scored: Float2D, name: str) -> Float1D:
    """Row sums of the inverse covariance matrix, scaled to sum to one.

    Parameters
    ----------
    scored : (n_reference, n_items)
        Standardised items of the reference rows, NaN where missing.
    """
    covariance = pairwise_covariance(scored)
    eigenvalues = np.linalg.eigvalsh(covariance) if np.isfinite(covariance).all() else np.zeros(1)
    if eigenvalues[0] <= SINGULAR * max(eigenvalues[-1], 1.0):
        raise DataError(
            f"index {name}: some items determine each other among comparison rows at baseline, or too "
            "few rows know both of a pair: there is no inverse; take an item out, or write zmean"
        )
    weight = np.linalg.inv(covariance).sum(axis=1)
    total = float(weight.sum())
    return np.asarray(weight / total)


def pairwise_covariance(values: Float2D) -> Float2D:
    """Covariance of columns, each pair over the rows that know both; NaN below two such rows."""
    there = ~np.isnan(values)
    filled = np.where(there, values, 0.0)
    known = there.astype(np.float64)
    n = known.T @ known
    with np.errstate(all="ignore"):
        # Sums over rows that know both: of the first column, of the second, of the product.
        first = filled.T @ known
        product = filled.T @ filled
        return np.where(n > 1, (product - first * first.T / n) / (n - 1), np.nan)


def cronbach_alpha(scored: Float2D) -> float:
    """Cronbach's alpha, k/(k-1) (1 - sum of item variances / variance of their sum), over complete rows.

    NaN where fewer than two rows know every item, or their sum does not vary.
    """
    complete = scored[~np.isnan(scored).any(axis=1)]
    k = scored.shape[1]
    if len(complete) < 2:
        return float("nan")
    spread = float(complete.sum(axis=1).var(ddof=1))
    if spread <= 0:
        return float("nan")
    return float(k / (k - 1) * (1 - complete.var(axis=0, ddof=1).sum() / spread))


def combined_items(
    index: Index, items: Sequence[Numbers], scored: Float2D, at_least: int, reasons: Reasons
) -> Numbers:
    """The weighted mean of the items that a row knows, with the weights of these alone."""
    there = ~np.isnan(scored)
    weight = there * index.weight
    with np.errstate(all="ignore"):
        value = np.where(there, scored, 0.0) @ index.weight / weight.sum(axis=1)
    return numbers(value, enough(items, there.sum(axis=1), at_least, reasons))
