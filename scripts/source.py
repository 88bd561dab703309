"""Write a data file that a Python package carries, as delivered, and check it against the lock."""

from pathlib import Path

from impacteval.config import restore
from impacteval.design import Study
from impacteval.errors import job
from impacteval.provenance import check_bytes, read_lock
from impacteval.survey.source import packaged_bytes
from impacteval.tables import write_bytes


def main(output: Path, study: Study, lock: Path) -> None:
    if study.source is None:
        raise ValueError("the study has no packaged source")
    content = packaged_bytes(study.source)
    check_bytes(content, study.source.file, read_lock(lock))
    write_bytes(output, content)


if __name__ == "__main__":
    with job(snakemake.log[0]):
        main(
            Path(snakemake.output.files[0]),
            restore(Study, snakemake.params.study),
            Path(snakemake.input.lock),
        )
