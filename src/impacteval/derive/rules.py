"""What the build of the panel needs to compute what is derived."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from impacteval.closed import Closed
from impacteval.delivery import Roles
from impacteval.derivation import DerivedColumn, Parameter
from impacteval.derive.panel import Derivations, derive_panel
from impacteval.design import Outcome, Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class DerivationRules(Closed):
    """Derived columns, parameters and the roles of each table; ``unused`` are names that nothing uses."""

    derived: tuple[DerivedColumn, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    roles: dict[str, Roles] = field(default_factory=dict)
    unused: tuple[str, ...] = ()

    def apply(
        self, tables: Mapping[str, pd.DataFrame], plan: Plan, outcomes: tuple[Outcome, ...]
    ) -> Derivations:
        """Compute all formulas, as ``derive_panel`` does."""
        return derive_panel(tables, plan, outcomes, self.derived, self.parameters, self.roles)

    @property
    def remarks(self) -> tuple[str, ...]:
        """What the log of the job says of them."""
        return tuple(f"derived.csv: {n}: no formula, outcome or key of a plan uses it" for n in self.unused)
