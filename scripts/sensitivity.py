"""Examine the findings: pre-trends, single enterprises, other specifications, attrition bounds."""

from pathlib import Path

from impacteval.config import restore
from impacteval.design import Outcome, Plan
from impacteval.errors import job
from impacteval.sensitivity.stored import read_influence
from impacteval.sensitivity.tables import SensitivityTables, sensitivity_tables
from impacteval.tables import ESTIMATE_COLUMNS, read_csv, read_parquet, write_csv


def main(
    inputs: dict[str, str], influence: list[str], *, plan: Plan, outcomes: tuple[Outcome, ...], seed: int
) -> SensitivityTables:
    return sensitivity_tables(
        read_parquet(Path(inputs["enterprise"])),
        read_csv(Path(inputs["estimates"]), ESTIMATE_COLUMNS),
        influence={Path(path).stem: read_influence(Path(path)) for path in influence},
        outcomes=outcomes,
        plan=plan,
        seed=seed,
    )


if __name__ == "__main__":
    with job(snakemake.log[0]):
        tables = main(
            dict(snakemake.input.items()),
            list(snakemake.input.influence),
            plan=restore(Plan, snakemake.params.plan),
            outcomes=restore(tuple[Outcome, ...], snakemake.params.outcomes),
            seed=snakemake.params.seed,
        )
        for name, path in snakemake.output.items():
            write_csv(Path(path), getattr(tables, name))
