"""The panel that all packages are measured on: drawn once, kept in a file, read by each of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

N_PERIODS = 10
COHORTS = (4, 5, 6, 7, 8)
SHARE_NEVER = 0.4
EFFECT_PER_PERIOD = 0.25
# Draws of the multiplier bootstrap.
N_DRAWS = 999
# Peers code never-treated units so in a frame.
NEVER = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelDrawn:
    """A balanced panel of several outcomes.

    Attributes
    ----------
    outcome : (n_outcomes, n_units, n_periods)
    cohort : (n_units,)
        Period of first treatment in 1 to ``N_PERIODS``; ``NEVER`` for never-treated units.
    covariate : (n_units,)
        Moves both the chance of treatment and the trend.
    """

    outcome: npt.NDArray[np.float64]
    cohort: npt.NDArray[np.int64]
    covariate: npt.NDArray[np.float64]

    @property
    def n_units(self) -> int:
        """Number of units."""
        return len(self.cohort)

    @property
    def periods(self) -> npt.NDArray[np.int64]:
        """The periods, (n_periods,)."""
        return np.arange(1, N_PERIODS + 1)

    def first(self, n_units: int) -> PanelDrawn:
        """The same for some units only, to warm up with."""
        return PanelDrawn(
            outcome=self.outcome[:, :n_units].copy(),
            cohort=self.cohort[:n_units].copy(),
            covariate=self.covariate[:n_units].copy(),
        )


def draw(n_units: int, *, n_outcomes: int = 1, seed: int = 1) -> PanelDrawn:
    """Draw unit effects, common periods, a covariate with its own trend and effects that grow."""
    rng = np.random.default_rng(seed)
    covariate = rng.normal(size=n_units)
    is_treated = rng.random(n_units) > 1 / (1 + (1 / SHARE_NEVER - 1) * np.exp(0.5 * covariate))
    cohort = np.where(is_treated, rng.choice(COHORTS, size=n_units), NEVER)
    clock = np.arange(1, N_PERIODS + 1)
    since = np.where(is_treated[:, None], clock[None, :] - cohort[:, None] + 1, 0).clip(min=0)
    trend = 0.1 * clock[None, :] * (1 + 0.5 * covariate[:, None])
    outcome = rng.normal(size=(n_outcomes, n_units, N_PERIODS))
    outcome += rng.normal(size=(n_outcomes, n_units, 1))
    outcome += trend + EFFECT_PER_PERIOD * since
    return PanelDrawn(outcome=outcome, cohort=cohort.astype(np.int64), covariate=covariate)


def write(drawn: PanelDrawn, folder: Path) -> None:
    """Write a panel as one array a file."""
    for name in ("outcome", "cohort", "covariate"):
        np.save(folder / f"{name}.npy", getattr(drawn, name))


def read(folder: Path) -> PanelDrawn:
    """Read a written panel."""
    return PanelDrawn(
        outcome=np.load(folder / "outcome.npy"),
        cohort=np.load(folder / "cohort.npy"),
        covariate=np.load(folder / "covariate.npy"),
    )
