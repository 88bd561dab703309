"""Sum up the trials of all scenarios: recovery, diagnostics, power, and figures."""

from pathlib import Path

import pandas as pd

from impacteval.config import restore
from impacteval.derivation import Prior
from impacteval.design import Outcome, Plan
from impacteval.errors import job
from impacteval.reporting.recovery_figures import recovery_figures
from impacteval.simulation.programme_study.reading import read_generator
from impacteval.simulation.recovery.rows import TRIAL_COLUMNS
from impacteval.simulation.recovery.tables import recovery_tables
from impacteval.tables import read_csv, write_bytes, write_csv


def main(
    inputs: tuple[list[str], str],
    output: dict[str, str],
    *,
    plan: Plan,
    outcomes: tuple[Outcome, ...],
    priors: tuple[Prior, ...],
) -> None:
    trials = pd.concat([read_csv(Path(path), TRIAL_COLUMNS) for path in inputs[0]], ignore_index=True)
    tables = recovery_tables(trials, plan, priors, read_generator(Path(inputs[1])))
    for name, table in tables.items():
        write_csv(Path(output[name]), table)
    for name, svg in recovery_figures(tables["recovery"], outcomes, plan).items():
        write_bytes(Path(output[name]), svg)


if __name__ == "__main__":
    with job(snakemake.log[0]):
        main(
            (list(snakemake.input.trials), snakemake.input.generator),
            dict(snakemake.output.items()),
            plan=restore(Plan, snakemake.params.plan),
            outcomes=restore(tuple[Outcome, ...], snakemake.params.outcomes),
            priors=restore(tuple[Prior, ...], snakemake.params.priors),
        )
