"""Read raw files as text, and in the types of the codebook."""

from pathlib import Path

import pandas as pd

from impacteval.codebook import Codebook
from impacteval.config import restore
from impacteval.design import Study
from impacteval.errors import job
from impacteval.survey.read import read_tables
from impacteval.survey.types import summary_of, type_columns
from impacteval.tables import write_csv, write_parquet


def main(folder: Path, output: dict[str, list[str] | str], study: Study, codebook: Codebook) -> None:
    text = read_tables(folder, study.tables, codebook)
    summaries = []
    for name, typed_path, text_path in zip(text, output["typed"], output["text"], strict=True):
        variables = codebook.of_table(name)
        typed = type_columns(text[name], variables)
        write_parquet(Path(text_path), text[name])
        write_parquet(Path(typed_path), typed.frame)
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
