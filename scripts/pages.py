"""Write the findings page, the workbook for the field team and the codebook."""

from pathlib import Path

from impacteval.config import restore
from impacteval.errors import job
from impacteval.reporting.validation_files import write_pages
from impacteval.validation.told import Told


def main(folder: Path, told: Told, summary: Path) -> None:
    write_pages(folder, told, summary)


if __name__ == "__main__":
    with job(snakemake.log[0]):
        main(
            Path(snakemake.input.findings).parent,
            restore(Told, snakemake.params.told),
            Path(snakemake.input.summary),
        )
