"""Run a block of trials of one scenario: studies drawn, reported, derived, built and estimated."""

from pathlib import Path

from impacteval.config import restore
from impacteval.derive.rules import DerivationRules
from impacteval.design import Outcome, Plan
from impacteval.errors import job
from impacteval.simulation.programme_study.reading import read_generator
from impacteval.simulation.recovery.recipe import recipe_of
from impacteval.simulation.recovery.trials import run_block
from impacteval.tables import write_csv


def main(
    generator: Path,
    trials: Path,
    *,
    study: tuple[Plan, tuple[Outcome, ...], DerivationRules],
    seed: int,
    block: tuple[str, range],
) -> None:
    recipe = recipe_of(read_generator(generator), *study, seed=seed)
    write_csv(trials, run_block(recipe, *block))


if __name__ == "__main__":
    with job(snakemake.log[0]):
        main(
            Path(snakemake.input.generator),
            Path(snakemake.output.trials),
            study=(
                restore(Plan, snakemake.params.plan),
                restore(tuple[Outcome, ...], snakemake.params.outcomes),
                restore(DerivationRules, snakemake.params.rules),
            ),
            seed=snakemake.params.seed,
            block=(snakemake.wildcards.scenario, range(*snakemake.params.numbers)),
        )
