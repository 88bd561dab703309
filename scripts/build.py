"""Build the enterprise panel and count every row that is or is not in it."""

from pathlib import Path

from impacteval.build.enterprise import build_enterprises
from impacteval.build.flow import flow_of
from impacteval.config import restore
from impacteval.design import Outcome, Plan
from impacteval.errors import job
from impacteval.survey.removed import REMOVED_COLUMNS
from impacteval.tables import read_csv, read_parquet, write_csv, write_parquet


def main(
    clean: list[str], removed: Path, output: dict[str, str], plan: Plan, outcomes: tuple[Outcome, ...]
) -> None:
    tables = {Path(path).stem: read_parquet(Path(path)) for path in clean}
    enterprises = build_enterprises(tables[plan.panel.table], plan, outcomes)
    others = {name: len(frame) for name, frame in tables.items() if name != plan.panel.table}
    gone = read_csv(removed, REMOVED_COLUMNS)
    flow = flow_of(enterprises, plan, outcomes, others, removed=gone)
    write_parquet(Path(output["enterprise"]), enterprises.panel)
    write_csv(Path(output["exclusions"]), enterprises.exclusions)
    write_csv(Path(output["flow"]), flow)


if __name__ == "__main__":
    with job(snakemake.log[0]):
        main(
            list(snakemake.input.clean),
            Path(snakemake.input.removed),
            dict(snakemake.output.items()),
            restore(Plan, snakemake.params.plan),
            restore(tuple[Outcome, ...], snakemake.params.outcomes),
        )
