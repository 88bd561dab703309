"""Run every check on the raw and on the corrected data, and list what fails."""

from pathlib import Path

from impacteval.codebook import Codebook
from impacteval.config import CORRECTION_COLUMNS, ChecksFile, read_rows, restore
from impacteval.design import Plan
from impacteval.errors import job
from impacteval.survey.corrections import parse_corrections, replay
from impacteval.tables import read_parquet, write_csv, write_json
from impacteval.validation.finding import findings_table
from impacteval.validation.run import summary, validate


def main(
    text_paths: list[str],
    corrections: Path,
    output: dict[str, list[str] | str],
    codebook: Codebook,
    plan: Plan,
    checks: ChecksFile,
) -> None:
    text = {Path(p).stem.removesuffix("_text"): read_parquet(Path(p)) for p in text_paths}
    logged = parse_corrections(read_rows(corrections, CORRECTION_COLUMNS, corrections))
    before = validate(text, codebook, checks.checks, plan.panel)
    corrected = replay(text, logged, codebook)
    after = validate(corrected, codebook, checks.checks, plan.panel) if logged else before
    findings = findings_table(before.findings, after.findings)
    for name, path in zip(text, output["suites"], strict=True):
        write_json(Path(path), after.records[name])
    write_csv(Path(str(output["summary"])), summary(findings, checks.checks))
    write_csv(Path(str(output["findings"])), findings)


if __name__ == "__main__":
    with job(snakemake.log[0]):
        main(
            list(snakemake.input.text),
            Path(snakemake.input.corrections),
            dict(snakemake.output.items()),
            restore(Codebook, snakemake.params.codebook),
            restore(Plan, snakemake.params.plan),
            restore(ChecksFile, snakemake.params.checks),
        )
