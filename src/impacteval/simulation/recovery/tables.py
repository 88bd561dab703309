"""All tables that trials are summed up in."""

from __future__ import annotations

import pandas as pd

from impacteval.derivation import Prior
from impacteval.design import Plan
from impacteval.simulation.programme_study.parameters import Generator
from impacteval.simulation.recovery.power_check import power_table
from impacteval.simulation.recovery.summary import diagnostics_table, recovery_table


def recovery_tables(
    trials: pd.DataFrame, plan: Plan, priors: tuple[Prior, ...], generator: Generator
) -> dict[str, pd.DataFrame]:
    """Recovery, diagnostics and power by name, scenarios in the order of the generator."""
    scenarios = list(generator.scenarios)
    recovery = recovery_table(trials, scenarios)
    return {
        "recovery": recovery,
        "diagnostics": diagnostics_table(trials, scenarios),
        "power": power_table(recovery, priors, plan, generator.design),
    }
