"""Influence functions as the estimate jobs stored them, and the ids of effects."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from impacteval.arrays import Float2D, Text1D
from impacteval.tables import read_arrays


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredInfluence:
    """Influence as ``stack_influence`` stored it."""

    unit_ids: Text1D
    effect_ids: Text1D
    influence: Float2D

    def of(self, effects: list[str]) -> Float2D:
        """Columns of some effects, (n_units, n_effects)."""
        position = {str(name): j for j, name in enumerate(self.effect_ids)}
        return np.asarray(self.influence[:, [position[name] for name in effects]])


def read_influence(path: Path) -> StoredInfluence:
    """Read the influence of the estimates of one family."""
    arrays = read_arrays(path)
    return StoredInfluence(
        unit_ids=np.asarray(arrays["unit_ids"], dtype=np.str_),
        effect_ids=np.asarray(arrays["effect_ids"], dtype=np.str_),
        influence=np.asarray(arrays["influence"], dtype=np.float64),
    )


def design_of(estimate_id: str) -> str:
    """Name of the design that an estimate's id names."""
    return estimate_id.split(".")[1]


def without_vcov(estimate_id: str) -> str:
    """Id of the effect behind an estimate."""
    return estimate_id.rsplit(".", 1)[0]
