"""Examine the findings: pre-trends, single enterprises, other specifications, attrition bounds."""

from pathlib import Path

from impacteval.config import restore
from impacteval.design import Outcome, Plan
from impacteval.errors import job
from impacteval.sensitivity.tables import read_influence, sensitivity_tables
from impacteval.tables import ESTIMATE_COLUMNS, read_csv, read_parquet, write_csv


def main(
    enterprise: Path,
    estimates: Path,
    influence: list[str],
    output: dict[str, str],
    plan: Plan,
    outcomes: tuple[Outcome, ...],
) -> None:
    tables = sensitivity_tables(
        read_parquet(enterprise),
        read_csv(estimates, ESTIMATE_COLUMNS),
        influence={Path(path).stem: read_influence(Path(path)) for path in influence},
        outcomes=outcomes,
        plan=plan,
    )
    write_csv(Path(output["sensitivity"]), tables.sensitivity)
    write_csv(Path(output["specifications"]), tables.specifications)
    write_csv(Path(output["bounds"]), tables.bounds)


if __name__ == "__main__":
    with job(snakemake.log[0]):
        main(
            Path(snakemake.input.enterprise),
            Path(snakemake.input.estimates),
            list(snakemake.input.influence),
            dict(snakemake.output.items()),
            restore(Plan, snakemake.params.plan),
            restore(tuple[Outcome, ...], snakemake.params.outcomes),
        )
