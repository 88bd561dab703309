"""The manifest of a run: inputs, code, configuration, lock, versions and outputs, by hash."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from impacteval.provenance import sha256_of


def manifest(
    study: str,
    seed: int,
    results: Path,
    outputs: Sequence[Path],
    record: Mapping[str, object],
    *,
    is_synthetic: bool,
) -> dict[str, object]:
    """List what a study's results were made from and every file that the workflow made.

    What lies beside them, say from a run before a family was renamed, is not listed. Tables cannot
    carry a banner: that they are about synthetic data stands here.

    Parameters
    ----------
    study : str
    seed : int
        Seed of the study, from which jobs derive theirs.
    results : Path
        ``results/<study>``.
    outputs : sequence of Path
        Files and folders below it that rules declare as their outputs.
    record : mapping
        As ``input_record`` returns it.
    is_synthetic : bool
        Whether the study's enterprises and persons were drawn.

    Returns
    -------
    dict
        Plain values; no times, host names or paths of a machine.
    """
    files = sorted({file for output in outputs for file in _files_of(output)})
    listed = {
        p.relative_to(results).as_posix(): {"sha256": sha256_of(p), "size_bytes": p.stat().st_size}
        for p in files
    }
    return {"format": 1, "study": study, "seed": seed, "synthetic": is_synthetic, **record, "outputs": listed}


def _files_of(output: Path) -> list[Path]:
    return [p for p in output.rglob("*") if p.is_file()] if output.is_dir() else [output]
