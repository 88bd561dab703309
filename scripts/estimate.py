"""Estimate every design of the plan on each outcome of one family."""

from pathlib import Path

from impacteval.analysis import analyse_family, stack_influence
from impacteval.config import restore
from impacteval.design import Outcome, Plan
from impacteval.errors import job
from impacteval.result_rows import cells_table, estimates_table
from impacteval.tables import read_parquet, write_arrays, write_csv


def main(
    enterprise: Path,
    output: dict[str, str],
    *,
    study: str,
    plan: Plan,
    outcomes: tuple[Outcome, ...],
    seed: int,
) -> None:
    found = analyse_family(read_parquet(enterprise), outcomes, plan, study, seed=seed)
    unit_ids, effect_ids, influence = stack_influence(found)
    write_arrays(
        Path(output["influence"]), {"unit_ids": unit_ids, "effect_ids": effect_ids, "influence": influence}
    )
    write_csv(Path(output["cells"]), cells_table([row for result in found for row in result.cells]))
    write_csv(Path(output["rows"]), estimates_table([row for result in found for row in result.rows]))


if __name__ == "__main__":
    with job(snakemake.log[0]):
        main(
            Path(snakemake.input.enterprise),
            dict(snakemake.output.items()),
            study=snakemake.params.study,
            plan=restore(Plan, snakemake.params.plan),
            outcomes=restore(tuple[Outcome, ...], snakemake.params.outcomes),
            seed=snakemake.params.seed,
        )
