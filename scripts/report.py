"""Write the report as one self-contained page."""

from dataclasses import replace
from pathlib import Path

from impacteval.codebook import Codebook
from impacteval.config import restore
from impacteval.design import Outcome, Plan, Study
from impacteval.errors import job
from impacteval.provenance import input_record
from impacteval.reporting.content import Facts
from impacteval.reporting.document import sections_of
from impacteval.reporting.exhibits import figures_of
from impacteval.reporting.facts import read_facts
from impacteval.reporting.page import render
from impacteval.tables import write_text


def main(folder: Path, output: Path, facts: Facts, record: dict[str, object]) -> None:
    figures = {f.name: replace(f, svg=(folder / f"{f.name}.svg").read_bytes()) for f in figures_of(facts)}
    write_text(output, render(facts, sections_of(facts, figures, record)))


if __name__ == "__main__":
    with job(snakemake.log[0]):
        main(
            Path(snakemake.input.figures),
            Path(snakemake.output.report),
            read_facts(
                Path(snakemake.output.report).parents[2],
                snakemake.params.name,
                restore(Study, snakemake.params.study),
                restore(Plan, snakemake.params.plan),
                restore(tuple[Outcome, ...], snakemake.params.outcomes),
                restore(Codebook, snakemake.params.codebook),
            ),
            input_record(
                list(snakemake.input.raw),
                list(snakemake.input.config),
                {},
                snakemake.params.lock,
            ),
        )
