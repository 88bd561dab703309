"""True effects of any indicator: its value as it was less that had nobody been trained."""

from __future__ import annotations

import pandas as pd

from impacteval.simulation.programme_study.truth import Truth

KEYS = ["enterprise_id", "wave"]
COLUMNS = ("indicator", "cohort", "wave", "n", "effect")
EVERYONE = "all"


def true_effects(truth: Truth, observed: pd.DataFrame, untreated: pd.DataFrame) -> pd.DataFrame:
    """Average effects on participants by cohort and round, and over all cohorts.

    Parameters
    ----------
    truth : Truth
    observed, untreated : DataFrame
        Columns enterprise_id and wave, then a number for each indicator: what was made from the two
        answers of ``true_answers``.

    Returns
    -------
    DataFrame
        Columns indicator, cohort (``all``: over cohorts), wave, n and effect, over rounds in which the
        cohort had entered. Enterprises for which an indicator is missing in either count for nothing
        in its mean; those that signed up and never came count as participants.
    """
    names = [name for name in observed.columns if name not in KEYS]
    gain = observed.set_index(KEYS)[names] - untreated.set_index(KEYS)[names]
    entry = truth.firms.set_index("enterprise_id")
    firm = gain.index.get_level_values("enterprise_id")
    wave = gain.index.get_level_values("wave")
    days = pd.to_datetime(list(truth.generator.rounds.days))[wave.astype(int)]
    entered = entry["entry_day"].reindex(firm).to_numpy() <= days.to_numpy()
    cells = gain[entered].assign(cohort=entry["cohort"].reindex(firm).to_numpy()[entered]).reset_index()
    both = pd.concat([cells, cells.assign(cohort=EVERYONE)], ignore_index=True)
    long = both.melt(id_vars=[*KEYS, "cohort"], value_vars=names, var_name="indicator", value_name="gain")
    found = long.groupby(["indicator", "cohort", "wave"], as_index=False)["gain"].agg(["count", "mean"])
    return found.rename(columns={"count": "n", "mean": "effect"})[list(COLUMNS)]
