"""Draw every figure of the report."""

from dataclasses import replace
from pathlib import Path

from impacteval.codebook import Codebook
from impacteval.config import restore
from impacteval.derivation import DerivedColumn
from impacteval.design import Outcome, Plan, Study
from impacteval.errors import job
from impacteval.reporting.content import Facts
from impacteval.reporting.draw import draw
from impacteval.reporting.exhibits import figures_of
from impacteval.reporting.facts import read_facts
from impacteval.tables import write_bytes


def main(folder: Path, facts: Facts) -> None:
    for path in folder.glob("*.svg"):
        path.unlink()
    for figure in figures_of(facts):
        write_bytes(folder / f"{figure.name}.svg", draw(facts, figure.name))


if __name__ == "__main__":
    with job(snakemake.log[0]):
        facts = read_facts(
            Path(snakemake.output.folder).parents[2],
            snakemake.params.name,
            restore(Study, snakemake.params.study),
            restore(Plan, snakemake.params.plan),
            restore(tuple[Outcome, ...], snakemake.params.outcomes),
            restore(Codebook, snakemake.params.codebook),
        )
        derived = restore(tuple[DerivedColumn, ...], snakemake.params.derived)
        main(Path(snakemake.output.folder), replace(facts, derived=derived))
