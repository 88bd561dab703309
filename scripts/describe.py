"""Describe the sample before any effect: balance, attrition, coverage, means, exposure, power."""

from pathlib import Path

from impacteval.config import restore
from impacteval.derivation import Prior
from impacteval.describe.tables import describe
from impacteval.design import Outcome, Plan
from impacteval.errors import job
from impacteval.tables import read_parquet, write_csv


def main(
    enterprise: Path,
    output: dict[str, str],
    plan: Plan,
    outcomes: tuple[Outcome, ...],
    priors: tuple[Prior, ...],
) -> None:
    for name, table in describe(read_parquet(enterprise), plan, outcomes, priors).items():
        write_csv(Path(output[name]), table)


if __name__ == "__main__":
    with job(snakemake.log[0]):
        main(
            Path(snakemake.input.enterprise),
            dict(snakemake.output.items()),
            restore(Plan, snakemake.params.plan),
            restore(tuple[Outcome, ...], snakemake.params.outcomes),
            restore(tuple[Prior, ...], snakemake.params.priors),
        )
