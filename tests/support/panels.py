"""Builders of panels, by hand and at random with a seed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from impacteval.panel import NEVER_TREATED, Panel

COMPARISON = "control"
ARM = "trained"


def make_panel(
    outcome: Sequence[Sequence[float]],
    cohort: Sequence[float],
    *,
    arm: Sequence[str] | None = None,
    periods: Sequence[int] | None = None,
    cluster: Sequence[int] | None = None,
    covariates: Mapping[str, Sequence[Sequence[float]]] | None = None,
) -> Panel:
    """Build a panel from nested lists; units are named u000, u001, ... in the order given.

    Without ``arm``, units with a finite cohort are in ``ARM``; without ``periods`` the clock
    starts at 0; without ``cluster`` each unit is its own.
    """
    values = np.array(outcome, dtype=np.float64)
    cohorts = np.array(cohort, dtype=np.float64)
    n_units, n_periods = values.shape
    arms = [ARM if np.isfinite(c) else COMPARISON for c in cohorts] if arm is None else list(arm)
    return Panel(
        name="y",
        unit_ids=np.array([f"u{i:03d}" for i in range(n_units)], dtype=np.str_),
        periods=np.array(range(n_periods) if periods is None else periods, dtype=np.int64),
        outcome=values,
        cohort=cohorts,
        arm=np.array(arms, dtype=np.str_),
        comparison_arm=COMPARISON,
        cluster=np.array(range(n_units) if cluster is None else cluster, dtype=np.int64),
        covariates={k: np.array(v, dtype=np.float64) for k, v in (covariates or {}).items()},
    )


def random_panel(
    *,
    cohorts: Mapping[float, int],
    n_periods: int,
    seed: int,
    share_missing: float = 0.0,
    covariate: str | None = None,
) -> Panel:
    """Draw a panel: unit and period effects, an effect of 1 once treated, noise.

    Parameters
    ----------
    cohorts : mapping
        Cohort (``NEVER_TREATED`` for comparison units) to number of units.
    share_missing : float
        Share of cells set to NaN at random.
    covariate : str, optional
        Name of a covariate that varies by unit and period.
    """
    rng = np.random.default_rng(seed)
    cohort = np.repeat(list(cohorts), list(cohorts.values())).astype(np.float64)
    n_units = len(cohort)
    treated = np.arange(n_periods)[None, :] >= cohort[:, None]
    extra = rng.normal(size=(n_units, n_periods))
    outcome = (
        rng.normal(size=(n_units, 1))
        + rng.normal(size=(1, n_periods))
        + treated * 1.0
        + 0.5 * extra
        + rng.normal(size=(n_units, n_periods))
    )
    outcome[rng.random(outcome.shape) < share_missing] = np.nan
    return make_panel(outcome, cohort, covariates={covariate: extra} if covariate else None)


def copies(panel: Panel, times: Sequence[int]) -> Panel:
    """Repeat each unit a whole number of times, as a weight of its row."""
    rows = np.repeat(np.arange(panel.n_units), times)
    return Panel(
        name=panel.name,
        unit_ids=np.array([f"c{i:06d}" for i in range(len(rows))], dtype=np.str_),
        periods=panel.periods.copy(),
        outcome=panel.outcome[rows],
        cohort=panel.cohort[rows],
        arm=panel.arm[rows],
        comparison_arm=panel.comparison_arm,
        cluster=np.arange(len(rows), dtype=np.int64),
        covariates={name: values[rows] for name, values in panel.covariates.items()},
    )


__all__ = ["ARM", "COMPARISON", "NEVER_TREATED", "copies", "make_panel", "random_panel"]
