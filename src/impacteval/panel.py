"""The enterprise panel as arrays: units by periods, with each unit's treatment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from impacteval.arrays import (
    Bool1D,
    Bool2D,
    Float1D,
    Float2D,
    Int1D,
    Text1D,
    distinct_but,
    read_only,
)
from impacteval.errors import ConfigError, DataError, IdentificationError, nearest

NEVER_TREATED = np.inf


class NamedTables(dict[str, Float2D]):
    """Covariates by name; one that is not there is an error that names those that are."""

    def __missing__(self, name: str) -> Float2D:
        known = nearest(name, sorted(self)) if self else "it has no covariates"
        raise ConfigError(f"the panel has no covariate {name!r}; {known}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One outcome of all units in all periods.

    A unit of an arm has the period of its first treatment as ``cohort``; a comparison unit has
    ``NEVER_TREATED`` there and the comparison's name as ``arm``. Cells that were not observed are
    NaN. Rows are sorted by ``unit_ids``.

    Attributes
    ----------
    unit_ids : (n_units,)
    periods : (n_periods,)
        Rising.
    outcome : (n_units, n_periods)
        In the unit of measure of the outcome.
    cohort : (n_units,)
    arm : (n_units,)
    cluster : (n_units,)
        Code of the unit of assignment, in ``range(n_clusters)``.
    covariates : mapping
        Name to (n_units, n_periods).
    weight : (n_units, n_periods)
        Sampling weights, 0 or more; all one unless given.
    """

    name: str
    unit_ids: Text1D
    periods: Int1D
    outcome: Float2D
    cohort: Float1D
    arm: Text1D
    comparison_arm: str
    cluster: Int1D
    covariates: Mapping[str, Float2D] = field(default_factory=dict)
    weight: Float2D = field(default_factory=lambda: np.empty((0, 0)))

    def __post_init__(self) -> None:
        object.__setattr__(self, "covariates", NamedTables(self.covariates))
        if self.weight.size == 0:
            object.__setattr__(self, "weight", np.broadcast_to(1.0, self.outcome.shape))
        self._refuse_wrong_cells()
        if (self.weight < 0).any():
            raise DataError(f"{self.name}: negative weights; a sampling weight is 0 or more")
        if not (len(self.cohort) == len(self.arm) == len(self.cluster) == self.n_units):
            raise DataError("cohort, arm and cluster must have one value a unit")
        self._refuse_wrong_units()
        if (np.diff(self.periods) <= 0).any() or (self.unit_ids[1:] <= self.unit_ids[:-1]).any():
            raise DataError("periods and unit_ids must rise, none twice")
        if ((self.cohort == NEVER_TREATED) != (self.arm == self.comparison_arm)).any():
            raise DataError("a unit is never-treated exactly when it is in the comparison arm")
        for values in (self.unit_ids, self.periods, self.outcome, self.cohort, self.arm, self.cluster):
            read_only(values)
        for values in self.covariates.values():
            read_only(values)

    def _refuse_wrong_units(self) -> None:
        if np.isnan(self.cohort).any() or (np.floor(self.cohort) != self.cohort).any():
            raise DataError("a cohort is a whole number, a period, or NEVER_TREATED")
        if self.cluster.min(initial=0) < 0 or (np.bincount(self.cluster) == 0).any():
            raise DataError("cluster codes are 0, 1, 2, ... without gaps")

    def _refuse_wrong_cells(self) -> None:
        shape = (self.n_units, len(self.periods))
        for label, array in {**self.covariates, "weight": self.weight, self.name: self.outcome}.items():
            if array.shape != shape:
                raise DataError(f"{label}: shape {array.shape}, expected {shape}")
            if np.isinf(array).any():
                raise DataError(f"{label}: infinite values; treat them as missing or correct them")

    @property
    def is_weighted(self) -> bool:
        """Whether weights differ between cells."""
        known = self.weight[~np.isnan(self.weight)]
        return bool(len(known) and known.min() != known.max())

    @property
    def n_units(self) -> int:
        """Number of units."""
        return len(self.unit_ids)

    @property
    def treated_arms(self) -> tuple[str, ...]:
        """Arms that some unit was treated in, sorted."""
        return distinct_but(self.arm, self.comparison_arm)

    @property
    def is_treated(self) -> Bool2D:
        """Whether each unit has been treated by each period, (n_units, n_periods)."""
        return np.asarray(self.periods[None, :] >= self.cohort[:, None])

    def column(self, period: int) -> int:
        """Position of a period."""
        return int(np.searchsorted(self.periods, period))

    def in_arm(self, arm: str) -> Bool1D:
        """Which units belong to an arm, (n_units,)."""
        return np.asarray(self.arm == arm)

    def base_column(self, cohort: float, anticipation: int = 0) -> int:
        """Position of the last period before a cohort's treatment (and anticipation); -1 if none."""
        return int(np.searchsorted(self.periods, cohort - anticipation)) - 1


def panel_of(
    frame: pd.DataFrame,
    *,
    outcome: str,
    covariates: Sequence[str],
    periods: Sequence[int],
    comparison_arm: str,
    weight: str = "",
) -> Panel:
    """Build the panel of one outcome from the enterprise table.

    Units whose outcome was never observed are left out: they are counted in the flow, and cohort
    sizes are those of the units that the outcome is known for.

    Parameters
    ----------
    frame : DataFrame
        Columns ``unit``, ``period``, ``arm``, ``first_treat`` (missing: never), ``cluster``, the
        outcome, the covariates and, where one is named, the weight; one row a unit and period.
    """
    unit, labels = pd.factorize(frame["unit"], sort=True)
    observed = np.bincount(unit[frame[outcome].notna()], minlength=len(labels)) > 0
    if not observed.any():
        raise IdentificationError(f"{outcome}: no enterprise has a value; take the outcome out of the plan")
    frame, unit = frame[observed[unit]], (np.cumsum(observed) - 1)[unit[observed[unit]]]
    unit_ids = labels[observed].to_numpy(dtype=np.str_)
    clock = np.asarray(periods, dtype=np.int64)
    period = np.searchsorted(clock, frame["period"].to_numpy(dtype=np.int64))
    first = np.empty(len(unit_ids), dtype=np.int64)
    first[unit[::-1]] = np.arange(len(unit))[::-1]

    def wide(column: str) -> Float2D:
        values = np.full((len(unit_ids), len(clock)), np.nan)
        values[unit, period] = frame[column].to_numpy(dtype=np.float64, na_value=np.nan)
        return values

    of_unit = frame.iloc[first]
    return Panel(
        name=outcome,
        unit_ids=unit_ids,
        periods=clock,
        outcome=wide(outcome),
        cohort=of_unit["first_treat"].to_numpy(dtype=np.float64, na_value=NEVER_TREATED),
        arm=of_unit["arm"].to_numpy(dtype=np.str_),
        comparison_arm=comparison_arm,
        cluster=pd.factorize(of_unit["cluster"], sort=True)[0].astype(np.int64),
        covariates={name: wide(name) for name in covariates},
        weight=wide(weight) if weight else np.broadcast_to(1.0, (len(unit_ids), len(clock))),
    )
