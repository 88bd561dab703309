"""What is usual among the rows themselves, where no model says it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from impacteval.arrays import Float1D, Int1D
from impacteval.validation.cells import MAD_TO_SD

# Fewer rows do not say what is usual among them.
FEWEST = 20


def usual_limit(shares: npt.NDArray[np.floating], deviations: float) -> float:
    """Largest share that is usual among shares between 0 and 1.

    The median of their logits plus ``deviations`` robust standard deviations, 1.4826 times the median
    absolute deviation (the modified z score of Iglewicz and Hoaglin 1993, How to Detect and Handle
    Outliers, in logits, in which shares near 1 do not crowd), as a share again.

    Returns
    -------
    float
        -1 for fewer than ``FEWEST`` shares: any is above it. 1 where half of them are 1.
    """
    if len(shares) < FEWEST:
        return -1.0
    given = np.clip(np.asarray(shares, dtype=np.float64), 0.0, 1.0)
    with np.errstate(divide="ignore"):
        logits = np.log(given) - np.log1p(-given)
    middle = float(np.median(logits))
    if not np.isfinite(middle):
        return 1.0 if middle > 0 else 0.0
    limit = middle + deviations * MAD_TO_SD * float(np.median(np.abs(logits - middle)))
    return float(1 / (1 + np.exp(-limit)))


def strongest(at: Int1D, size: npt.NDArray[np.floating], most: float) -> Int1D:
    """The positions ``at`` with the largest sizes: as many as ``most``, and those as large as the last.

    Fewer than ``FEWEST`` sizes are too few to speak of a share of them, so that all are kept.
    """
    if len(size) < FEWEST or len(at) <= most:
        return at
    kept = max(int(most), 1)
    least = np.sort(size[at])[-kept]
    kept_at: Int1D = at[size[at] >= least]
    return kept_at


def own_p_values(squared: Float1D, n_columns: int) -> Float1D:
    """P-value of each squared distance among the distances themselves, by their median and spread.

    The cube root of a chi-square variable over its degrees of freedom is nearly normal (Wilson and
    Hilferty 1931, Proceedings of the National Academy of Sciences 17:684-688). Its median and median
    absolute deviation are taken from the rows, so that a cloud with longer tails than a normal one
    is its own measure. Where the rows vary less than normal ones, the spread is that of normal ones,
    2 / (9 p).

    Parameters
    ----------
    squared : (n_rows,)
        Squared robust distances.
    n_columns : int
        Columns that they are of, p.
    """
    from scipy.special import ndtr

    root = np.cbrt(squared / n_columns)
    middle = float(np.median(root))
    spread = MAD_TO_SD * float(np.median(np.abs(root - middle)))
    normal = float(np.sqrt(2 / (9 * n_columns)))
    p: Float1D = ndtr(-(root - middle) / max(spread, normal))
    return p
