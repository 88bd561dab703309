"""Repeated cross-sections: other people, or other firms, in every period."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from impacteval.arrays import Float1D, Int1D, Text1D, distinct_but, read_only
from impacteval.errors import DataError
from impacteval.panel import NEVER_TREATED, NamedTables, Panel


@dataclass(frozen=True, slots=True, kw_only=True)
class Sections:
    """One outcome of all rows of several cross-sections, for instance of workers.

    A row belongs to the cohort of its enterprise: those who work in a firm that is trained in a
    period, before and after it. Every row has an outcome; rows without one are left out before.

    Attributes
    ----------
    row_ids : (n_rows,)
        Distinct and sorted.
    period : (n_rows,)
    outcome : (n_rows,)
        In the unit of measure of the outcome.
    cohort : (n_rows,)
        Period of first treatment, or ``NEVER_TREATED``.
    arm : (n_rows,)
    cluster : (n_rows,)
        Code of the unit of assignment, often the enterprise, in ``range(n_clusters)``.
    covariates : mapping
        Name to (n_rows,).
    weight : (n_rows,)
        Sampling weights, 0 or more; all one unless given.
    """

    name: str
    row_ids: Text1D
    period: Int1D
    outcome: Float1D
    cohort: Float1D
    arm: Text1D
    comparison_arm: str
    cluster: Int1D
    covariates: Mapping[str, Float1D] = field(default_factory=dict)
    weight: Float1D = field(default_factory=lambda: np.empty(0))

    def __post_init__(self) -> None:
        object.__setattr__(self, "covariates", NamedTables(self.covariates))
        if self.weight.size == 0:
            object.__setattr__(self, "weight", np.broadcast_to(1.0, self.outcome.shape))
        by_row = (self.period, self.outcome, self.cohort, self.arm, self.cluster, self.weight)
        for values in (self.row_ids, *by_row, *self.covariates.values()):
            if len(values) != self.n_rows:
                raise DataError(f"{self.name}: every column must have one value a row")
            read_only(values)
        self._refuse_wrong_values()
        if (self.row_ids[1:] <= self.row_ids[:-1]).any():
            raise DataError("row_ids must rise, none twice")
        if ((self.cohort == NEVER_TREATED) != (self.arm == self.comparison_arm)).any():
            raise DataError("a row is never-treated exactly when it is in the comparison arm")

    def _refuse_wrong_values(self) -> None:
        for label, values in {**self.covariates, "weight": self.weight, self.name: self.outcome}.items():
            if not np.isfinite(values).all():
                raise DataError(f"{label}: missing or infinite values; leave these rows out and count them")
        if (self.weight < 0).any():
            raise DataError(f"{self.name}: negative weights; a sampling weight is 0 or more")

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return len(self.row_ids)

    @property
    def periods(self) -> Int1D:
        """Periods that have a row, rising."""
        return np.unique(self.period)

    @property
    def treated_arms(self) -> tuple[str, ...]:
        """Arms that some row was treated in, sorted."""
        return distinct_but(self.arm, self.comparison_arm)


def sections_of(panel: Panel, covariates: Sequence[str] | None = None) -> tuple[Sections, Int1D]:
    """Take the observed cells of a panel as rows; also return the position of each row's unit.

    Cells without the outcome, a covariate or a weight are left out. The rows have the covariates
    named, or all of the panel.
    """
    names = panel.covariates if covariates is None else covariates
    tables = {name: panel.covariates[name] for name in names}
    observed = ~np.isnan(panel.outcome) & ~np.isnan(panel.weight)
    for values in tables.values():
        observed &= ~np.isnan(values)
    unit, column = np.nonzero(observed)
    sections = Sections(
        name=panel.name,
        # Zero-filled positions sort as text in the order of the rows.
        row_ids=np.char.zfill(np.arange(len(unit)).astype(np.str_), 12),
        period=panel.periods[column],
        outcome=panel.outcome[observed],
        cohort=panel.cohort[unit],
        arm=panel.arm[unit],
        comparison_arm=panel.comparison_arm,
        cluster=panel.cluster[unit],
        covariates={name: values[observed] for name, values in tables.items()},
        weight=panel.weight[observed],
    )
    return sections, unit.astype(np.int64)
