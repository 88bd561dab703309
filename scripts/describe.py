"""Describe the sample before any effect: balance, attrition, coverage, means, exposure, power."""

from pathlib import Path

from impacteval.config import restore
from impacteval.describe.tables import describe
from impacteval.design import Outcome, Plan
from impacteval.errors import job
from impacteval.tables import read_parquet, write_csv


def main(enterprise: Path, output: dict[str, str], plan: Plan, outcomes: tuple[Outcome, ...]) -> None:
    for name, table in describe(read_parquet(enterprise), plan, outcomes).items():
        write_csv(Path(output[name]), table)


if __name__ == "__main__":
    with job(snakemake.log[0]):
        main(
            Path(snakemake.input.enterprise),
            dict(snakemake.output.items()),
            restore(Plan, snakemake.params.plan),
            restore(tuple[Outcome, ...], snakemake.params.outcomes),
        )
