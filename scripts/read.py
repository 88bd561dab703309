"""Read raw files as text, and in the types of the codebook."""

from pathlib import Path

import pandas as pd

from impacteval.codebook import Codebook
from impacteval.config import restore
from impacteval.design import Study
from impacteval.errors import job
from impacteval.survey.problems import raise_errors
from impacteval.survey.read import read_all
from impacteval.survey.types import missing_table, summary_of, type_columns
from impacteval.tables import write_csv, write_parquet
from impacteval.validation.files import file_findings


def main(folder: Path, output: dict[str, list[str] | str], study: Study, codebook: Codebook) -> None:
    text, problems = read_all(folder, study.tables, codebook)
    raise_errors(problems)
    write_csv(Path(str(output["files"])), file_findings(problems))
    summaries = []
    paths = zip(text, output["typed"], output["text"], output["missing"], strict=True)
    for name, typed_path, text_path, missing_path in paths:
        variables = codebook.of_table(name)
        typed = type_columns(text[name], variables)
        write_parquet(Path(text_path), text[name])
        write_parquet(Path(typed_path), typed.frame)
        write_parquet(Path(missing_path), missing_table(typed))
        summaries.append(summary_of(text[name], variables, typed))
    write_csv(Path(str(output["summary"])), pd.concat(summaries, ignore_index=True))


if __name__ == "__main__":
    with job(snakemake.log[0]):
        main(
            Path(snakemake.input.raw[0]).parent,
            dict(snakemake.output.items()),
            restore(Study, snakemake.params.study),
            restore(Codebook, snakemake.params.codebook),
        )
