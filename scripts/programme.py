"""Monitoring and costs of the programme, beside what the evaluation estimates."""

from pathlib import Path

from impacteval.config import restore
from impacteval.design import Outcome, Plan
from impacteval.errors import job
from impacteval.programme.tables import programme_tables
from impacteval.programme.types import Account
from impacteval.tables import ESTIMATE_COLUMNS, read_csv, read_parquet, write_csv


def main(
    inputs: dict[str, str],
    clean: list[str],
    output: dict[str, str],
    *,
    plan: Plan,
    outcomes: tuple[Outcome, ...],
    account: Account,
) -> None:
    tables = programme_tables(
        {Path(path).stem: read_parquet(Path(path)) for path in clean},
        read_parquet(Path(inputs["enterprise"])),
        read_csv(Path(inputs["estimates"]), ESTIMATE_COLUMNS),
        plan=plan,
        outcomes=outcomes,
        account=account,
    )
    for name, table in tables.items():
        write_csv(Path(output[name]), table)


if __name__ == "__main__":
    with job(snakemake.log[0]):
        main(
            dict(snakemake.input.items()),
            list(snakemake.input.clean),
            dict(snakemake.output.items()),
            plan=restore(Plan, snakemake.params.plan),
            outcomes=restore(tuple[Outcome, ...], snakemake.params.outcomes),
            account=restore(Account, snakemake.params.account),
        )
