"""Write the report as one self-contained page, and the codebook with all indicators beside it."""

from dataclasses import replace
from pathlib import Path

from impacteval.codebook import Codebook
from impacteval.config import restore
from impacteval.derivation import DerivedColumn
from impacteval.design import Outcome, Plan, Study
from impacteval.errors import job
from impacteval.programme.types import Account
from impacteval.provenance import input_record
from impacteval.reporting.content import Facts
from impacteval.reporting.facts import read_facts
from impacteval.reporting.written import write_report


def main(inputs: dict[str, str], output: dict[str, str], facts: Facts, record: dict[str, object]) -> None:
    write_report(inputs, output, facts, record)


if __name__ == "__main__":
    with job(snakemake.log[0]):
        given, params = snakemake.input, snakemake.params
        facts = replace(
            read_facts(
                Path(snakemake.output.report).parents[2],
                params.name,
                restore(Study, params.study),
                restore(Plan, params.plan),
                restore(tuple[Outcome, ...], params.outcomes),
                restore(Codebook, params.codebook),
            ),
            derived=restore(tuple[DerivedColumn, ...], params.derived),
            account=restore(Account, params.account),
        )
        record = input_record(list(given.raw), list(given.config), {}, params.lock)
        main(dict(given.items()), dict(snakemake.output.items()), facts, record)
