"""Read raw files as text, and in the types of the codebook."""

from pathlib import Path

import pandas as pd

from impacteval.codebook import Codebook
from impacteval.config import restore
from impacteval.design import Study
from impacteval.errors import job
from impacteval.provenance import read_lock
from impacteval.survey.problems import raise_errors
from impacteval.survey.read import read_all
from impacteval.survey.row_counts import count_problems
from impacteval.survey.types import missing_table, summary_of, type_columns
from impacteval.tables import write_csv, write_parquet
from impacteval.validation.files import file_findings


def main(
    lock: Path, folder: Path, output: dict[str, list[str] | str], *, study: Study, codebook: Codebook
) -> None:
    text, problems = read_all(folder, study.tables, codebook)
    raise_errors([*problems, *count_problems(text, study.tables, read_lock(lock))])
    write_csv(Path(str(output["files"])), file_findings(problems))
    summaries = []
    for name, *paths in zip(text, output["typed"], output["text"], output["missing"], strict=True):
        typed = type_columns(text[name], codebook.of_table(name))
        for path, frame in zip(paths, (typed.frame, text[name], missing_table(typed)), strict=True):
            write_parquet(Path(path), frame)
        summaries.append(summary_of(text[name], codebook.of_table(name), typed))
    write_csv(Path(str(output["summary"])), pd.concat(summaries, ignore_index=True))


if __name__ == "__main__":
    with job(snakemake.log[0]):
        main(
            Path(snakemake.input.lock),
            Path(snakemake.input.raw[0]).parent,
            dict(snakemake.output.items()),
            study=restore(Study, snakemake.params.study),
            codebook=restore(Codebook, snakemake.params.codebook),
        )
