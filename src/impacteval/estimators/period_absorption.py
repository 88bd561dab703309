"""Period effects of strata, absorbed beside unit effects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from impacteval.arrays import Int1D, sum_by_code
from impacteval.estimators.patterns import Patterns
from impacteval.estimators.streamed_qr import slices

Float3D: TypeAlias = npt.NDArray[np.float64]
# An eigenvalue of the scaled Gram matrix, whose greatest is at most one, is rounding below this.
ROUNDING = 1e-11


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodAbsorption:
    """What takes the period effects of strata out of values that have no unit means.

    Unit effects are nested in strata, so that each stratum is a small problem of its own: within it
    the effects of periods solve n_periods equations, exactly for any pattern of missing cells.

    Attributes
    ----------
    stratum : (n_groups,)
    gram : (n_groups, n_periods, n_periods)
        Of period indicators less their unit means, summed over the units of a group.
    inverse : (n_strata, n_periods, n_periods)
        Generalised inverse of the sum over a stratum's groups.
    rank : int
        Independent period effects beside those of units.
    """

    stratum: Int1D
    gram: Float3D
    inverse: Float3D
    rank: int

    def out_of_table(self, table: Float3D) -> Float3D:
        """Shared regressors, (n_groups, n_periods, n_shared), less their strata's period effects.

        Unit means are still to be taken out.
        """
        n_strata, n_periods, _ = self.inverse.shape
        by_group: Float3D = (self.gram @ table).reshape(len(table), -1)
        by_stratum = sum_by_code(by_group, self.stratum, n_strata).reshape(n_strata, n_periods, -1)
        return np.asarray(table - (self.inverse @ by_stratum)[self.stratum])

    def effects(self, sums: Float3D, group: Int1D) -> Float3D:
        """Period effects of columns, by pattern of a group, from their weighted sums over its units.

        Both are (n_patterns, n_periods, n_columns); unit means are still to be taken out.
        """
        n_strata, n_periods, _ = self.inverse.shape
        stratum = self.stratum[group]
        by_stratum = sum_by_code(sums.reshape(len(sums), -1), stratum, n_strata)
        return np.asarray((self.inverse @ by_stratum.reshape(n_strata, n_periods, -1))[stratum])


def period_absorption(patterns: Patterns, stratum: Int1D) -> PeriodAbsorption:
    """Prepare to absorb the period effects of strata of groups, (n_groups,)."""
    gram = _gram_by_group(patterns, len(stratum))
    n_strata, n_periods = int(stratum.max(initial=-1)) + 1, gram.shape[1]
    summed = sum_by_code(gram.reshape(len(gram), -1), stratum, n_strata)
    inverse, rank = _inverse_of(summed.reshape(n_strata, n_periods, n_periods))
    return PeriodAbsorption(stratum=stratum, gram=gram, inverse=inverse, rank=rank)


def _gram_by_group(patterns: Patterns, n_groups: int) -> Float3D:
    n_periods = patterns.weight.shape[1]
    gram = np.zeros((n_groups, n_periods**2))
    for part in slices(len(patterns.group), n_periods**2, at_least=n_groups):
        weight = patterns.weight[part]
        total = weight.sum(axis=1)
        share = weight / np.where(total > 0, total, 1.0)[:, None]
        outer = (weight[:, :, None] * share[:, None, :]).reshape(len(weight), -1)
        gram -= sum_by_code(outer, patterns.group[part], n_groups)
    gram[:, :: n_periods + 1] += sum_by_code(patterns.weight, patterns.group, n_groups)
    return gram.reshape(n_groups, n_periods, n_periods)


def _inverse_of(gram: Float3D) -> tuple[Float3D, int]:
    """Generalised inverses of Gram matrices, scaled to a unit diagonal first, and the sum of ranks."""
    diagonal = np.einsum("stt->st", gram)
    scale = np.where(diagonal > 0, 1 / np.sqrt(np.where(diagonal > 0, diagonal, 1.0)), 0.0)
    values, vectors = np.linalg.eigh(gram * scale[:, :, None] * scale[:, None, :])
    kept = values > ROUNDING
    root = np.where(kept, 1 / np.sqrt(np.where(kept, values, 1.0)), 0.0)
    half = scale[:, :, None] * vectors * root[:, None, :]
    return np.asarray(half @ half.transpose(0, 2, 1)), int(kept.sum())
