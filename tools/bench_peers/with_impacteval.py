"""impacteval, from arrays."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from tools.bench_peers.frame import COVARIATE, long_frame, outcome_name
from tools.bench_peers.panel_file import N_DRAWS, NEVER, PanelDrawn

from impacteval.arrays import Text1D
from impacteval.designs import CallawaySantAnna, EventStudy
from impacteval.effects import Estimates
from impacteval.estimators.aggregate import averages
from impacteval.estimators.fixed_effects import event_study
from impacteval.estimators.group_time import att_group_time_of
from impacteval.inference.bands import Computed, Drawn, critical_values, event_study_family
from impacteval.inference.errors import with_errors
from impacteval.panel import NEVER_TREATED, Panel, panel_of

PACKAGE = "impacteval"
ID_DIGITS = 7
CONTROL, TRAINED = "control", "trained"
Found = dict[str, list[float]]


def prepare(drawn: PanelDrawn, task: str, way: str) -> Callable[[], Found]:
    """Group-time effects with their averages, or an event study by regression.

    ``from_frame`` starts from the table that the package's own runs start from.
    """
    if way == "from_frame":
        table = enterprise_table(drawn)
        return lambda: estimate([panel_of_table(table, drawn)], task, "errors")
    panels = panels_of(drawn)
    return lambda: estimate(panels, task, way)


def estimate(panels: list[Panel], task: str, way: str) -> Found:
    """Run a task."""
    return regression(panels[0]) if task == "event_study" else group_time(panels, way)


def enterprise_table(drawn: PanelDrawn) -> pd.DataFrame:
    """One row a unit and period, with the columns that ``panel_of`` reads."""
    table = long_frame(drawn)
    never = table["first_treat"] == NEVER
    return table.assign(
        unit=pd.Series(np.repeat(numbered(drawn.n_units), len(drawn.periods)), dtype="str"),
        first_treat=table["first_treat"].astype(np.float64).mask(never),
        arm=pd.Series(np.where(never, CONTROL, TRAINED), dtype="str"),
    ).assign(cluster=lambda frame: frame["unit"])


def panel_of_table(table: pd.DataFrame, drawn: PanelDrawn) -> Panel:
    """The panel of the first outcome."""
    return panel_of(
        table,
        outcome=outcome_name(0),
        covariates=[COVARIATE],
        periods=drawn.periods.tolist(),
        comparison_arm=CONTROL,
    )


def panels_of(drawn: PanelDrawn) -> list[Panel]:
    """One panel an outcome; the arrays of treatment and covariate are shared."""
    never = drawn.cohort == NEVER
    unit_ids = numbered(drawn.n_units)
    cohort = np.where(never, NEVER_TREATED, drawn.cohort)
    arm = np.where(never, CONTROL, TRAINED)
    cluster = np.arange(drawn.n_units)
    covariate = np.repeat(drawn.covariate[:, None], len(drawn.periods), axis=1)
    return [
        Panel(
            name=outcome_name(j),
            unit_ids=unit_ids,
            periods=drawn.periods,
            outcome=outcome,
            cohort=cohort,
            arm=arm,
            comparison_arm=CONTROL,
            cluster=cluster,
            covariates={COVARIATE: covariate},
        )
        for j, outcome in enumerate(drawn.outcome)
    ]


def numbered(n_units: int) -> Text1D:
    """Names of units, by number with leading zeros, built without a Python string a unit."""
    digits = np.arange(n_units)[:, None] // 10 ** np.arange(ID_DIGITS - 1, -1, -1) % 10
    return (digits + ord("0")).astype(np.uint32).view(f"<U{ID_DIGITS}")[:, 0]


def group_time(panels: list[Panel], way: str) -> Found:
    """Effects of every cohort in every period and their averages, with errors and bands for both."""
    design = CallawaySantAnna(covariates=(COVARIATE,), base_period="varying")
    quantile = Computed() if way == "computed" else Drawn(N_DRAWS, np.random.default_rng(1))
    found: Found = {}
    for j, cells in enumerate(att_group_time_of(panels, design)):
        panel = panels[j]
        means = averages(cells, panel, ("simple", "event_time", "dynamic"))
        for effects in (cells, *means):
            estimates = with_errors(effects, "cr0", panel.cluster)
            found |= labelled(j, estimates)
            if way in {"computed", "draws"}:
                values = critical_values(estimates, panel.cluster, event_study_family, quantile)
                if effects.keys[0].estimand == "event_time":
                    found[f"{j} critical value"] = [float(np.nanmax(values))]
    return found


def labelled(position: int, estimates: Estimates) -> Found:
    """Averages and coefficients under the labels that all packages use."""
    effects = estimates.effects
    return {
        f"{position} {key.estimand.replace('_', ' ')}"
        + (f" {key.event_time}" if key.event_time is not None else ""): [float(estimate), float(error)]
        for key, estimate, error in zip(effects.keys, effects.estimate, estimates.std_error, strict=True)
        if key.estimand != "att_gt"
    }


def regression(panel: Panel) -> Found:
    """Two-way fixed effects with a coefficient an event time, errors by unit."""
    effects = event_study(panel, EventStudy())
    return labelled(0, with_errors(effects, "cr1_nested", panel.cluster))
