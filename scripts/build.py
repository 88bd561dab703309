"""Compute what is derived, build the enterprise panel, and count every row that is or is not in it."""

from pathlib import Path

from impacteval.build.enterprise import build_enterprises
from impacteval.build.flow import flow_of
from impacteval.config import restore
from impacteval.derive.rules import DerivationRules
from impacteval.design import Outcome, Plan
from impacteval.errors import job
from impacteval.survey.removed import REMOVED_COLUMNS
from impacteval.tables import read_csv, read_parquet, write_csv, write_parquet


def main(
    inputs: tuple[list[str], str],
    output: dict[str, str],
    plan: Plan,
    outcomes: tuple[Outcome, ...],
    rules: DerivationRules,
) -> None:
    tables = {Path(path).stem: read_parquet(Path(path)) for path in inputs[0]}
    made = rules.apply(tables, plan, outcomes)
    enterprises = build_enterprises(made.panel, plan, outcomes, made.reasons)
    others = {name: len(frame) for name, frame in tables.items() if name != plan.panel.table}
    gone = read_csv(Path(inputs[1]), REMOVED_COLUMNS)
    write_parquet(Path(output["enterprise"]), enterprises.panel)
    write_csv(Path(output["exclusions"]), enterprises.exclusions)
    write_csv(Path(output["flow"]), flow_of(enterprises, plan, outcomes, others, removed=gone))
    write_parquet(Path(output["indicators"]), made.indicators(plan.panel))
    write_csv(Path(output["indices"]), made.indices)
    print("\n".join(rules.remarks))  # noqa: T201 - the job's log holds what is printed


if __name__ == "__main__":
    with job(snakemake.log[0]):
        main(
            (list(snakemake.input.clean), snakemake.input.removed),
            dict(snakemake.output.items()),
            restore(Plan, snakemake.params.plan),
            restore(tuple[Outcome, ...], snakemake.params.outcomes),
            restore(DerivationRules, snakemake.params.rules),
        )
