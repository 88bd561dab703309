"""What the formula said before the data that the design could find, beside what trials find."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd

from impacteval.derivation import Prior
from impacteval.describe.prior_power import prior_power
from impacteval.design import Plan
from impacteval.power import exaggeration, minimum_detectable_effect, power_of_test
from impacteval.simulation.programme_study.parameters import StudyDesign
from impacteval.tables import records, table_of

POWER_COLUMNS: dict[str, str] = {
    "scenario": "str",
    "outcome": "str",
    "design": "str",
    "method": "str",
    "effect": "float64",
    "std_error_formula": "float64",
    "sd": "float64",
    "std_error": "float64",
    "mde_formula": "float64",
    "mde": "float64",
    "power_formula": "float64",
    "power": "float64",
    "power_mc": "float64",
    "exaggeration_formula": "float64",
    "exaggeration": "float64",
}


def power_table(
    recovery: pd.DataFrame, priors: tuple[Prior, ...], plan: Plan, size: StudyDesign
) -> pd.DataFrame:
    """Power and exaggeration at the true effect of the trials: by the formula, and counted.

    Parameters
    ----------
    recovery : DataFrame
        ``RECOVERY_COLUMNS``.
    priors : tuple of Prior
        Those of the study; outcomes without one are left out.
    size : StudyDesign
        How many enterprises of either side are enrolled.

    Returns
    -------
    DataFrame
        ``POWER_COLUMNS``, for the primary design and for ANCOVA in scenarios with an effect.
        ``mde_formula`` rests on what was expected, ``mde`` on the spread of estimates over trials.
    """
    enrolled = pd.DataFrame(
        {
            "unit": np.arange(size.treated + size.comparison).astype("str"),
            "arm": [plan.treatment.arms[0].name] * size.treated
            + [plan.treatment.comparison.name] * size.comparison,
        }
    )
    expected = prior_power(enrolled, replace(plan, dose=""), priors)
    methods = {plan.primary: "did"} | {d.name: "ancova" for d in plan.designs if d.estimator == "ancova"}
    rows = [
        row
        for found in records(recovery[recovery["design"].isin(list(methods)) & (recovery["truth"] != 0)])
        for row in _beside(found, expected, methods[found.design], plan)
    ]
    return table_of(rows, POWER_COLUMNS)


def _beside(
    found: SimpleNamespace, expected: pd.DataFrame, method: str, plan: Plan
) -> Iterator[dict[str, object]]:
    mine = expected[(expected["outcome"] == found.outcome) & (expected["method"] == method)]
    effect, sd = np.array([found.truth]), np.array([found.sd])
    for prior in records(mine):
        error = np.array([prior.std_error])
        df = np.array([prior.n_treated + prior.n_comparison - 2.0])
        yield {
            "scenario": found.scenario,
            "outcome": found.outcome,
            "design": found.design,
            "method": method,
            "effect": found.truth,
            "std_error_formula": prior.std_error,
            "sd": found.sd,
            "std_error": found.std_error,
            "mde_formula": prior.mde,
            "mde": float(minimum_detectable_effect(sd, df, level=plan.level, power=plan.power)[0]),
            "power_formula": float(power_of_test(effect, error, df, level=plan.level)[0]),
            "power": found.rejected,
            "power_mc": found.rejected_mc,
            "exaggeration_formula": float(exaggeration(effect, error, level=plan.level)[0]),
            "exaggeration": found.exaggeration,
        }
