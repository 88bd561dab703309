"""Apply the logged corrections, unless errors are still open."""

from pathlib import Path

from impacteval.codebook import Codebook
from impacteval.config import CORRECTION_COLUMNS, read_rows, restore
from impacteval.errors import job
from impacteval.survey.corrections import applied_table, parse_corrections, replay
from impacteval.survey.types import type_columns
from impacteval.tables import FINDING_COLUMNS, read_csv, read_parquet, write_csv, write_parquet
from impacteval.validation.finding import stop_on_open_errors


def main(
    text_paths: list[str],
    corrections: Path,
    findings: Path,
    clean_paths: list[str],
    applied: Path,
    codebook: Codebook,
) -> None:
    stop_on_open_errors(read_csv(findings, FINDING_COLUMNS), findings)
    text = {Path(p).stem.removesuffix("_text"): read_parquet(Path(p)) for p in text_paths}
    logged = parse_corrections(read_rows(corrections, CORRECTION_COLUMNS, corrections))
    for (name, frame), path in zip(replay(text, logged, codebook).items(), clean_paths, strict=True):
        write_parquet(Path(path), type_columns(frame, codebook.of_table(name)).frame)
    write_csv(applied, applied_table(logged, codebook))


if __name__ == "__main__":
    with job(snakemake.log[0]):
        main(
            list(snakemake.input.text),
            Path(snakemake.input.corrections),
            Path(snakemake.input.findings),
            list(snakemake.output.clean),
            Path(snakemake.output.applied),
            restore(Codebook, snakemake.params.codebook),
        )
