"""Write the manifest of the run."""

from pathlib import Path

from impacteval.audit.manifest import manifest
from impacteval.errors import job
from impacteval.provenance import input_record
from impacteval.tables import write_json


def main(
    output: Path, outputs: list[Path], study: str, seed: int, record: dict[str, object], *, is_synthetic: bool
) -> None:
    content = manifest(study, seed, output.parents[1], outputs, record, is_synthetic=is_synthetic)
    write_json(output, content)


if __name__ == "__main__":
    with job(snakemake.log[0]):
        main(
            Path(snakemake.output.manifest),
            [Path(path) for path in snakemake.input.outputs],
            snakemake.params.name,
            snakemake.params.seed,
            input_record(
                list(snakemake.input.raw),
                list(snakemake.input.config),
                dict(snakemake.params.codes),
                snakemake.params.lock,
            ),
            is_synthetic=snakemake.params.synthetic,
        )
