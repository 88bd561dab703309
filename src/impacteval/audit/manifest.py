"""The manifest of a run: inputs, code, configuration, lock, versions and outputs, by hash."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from impacteval.provenance import sha256_of

# Logs may hold times and are no results; the manifest cannot hold its own hash.
NOT_LISTED = ("logs", "audit")


def manifest(study: str, seed: int, results: Path, record: Mapping[str, object]) -> dict[str, object]:
    """List what a study's results were made from and every file among them.

    Parameters
    ----------
    study : str
    seed : int
        Seed of the study, from which jobs derive theirs.
    results : Path
        ``results/<study>``.
    record : mapping
        As ``input_record`` returns it.

    Returns
    -------
    dict
        Plain values; no times, host names or paths of a machine.
    """
    files = sorted(
        p for p in results.rglob("*") if p.is_file() and p.relative_to(results).parts[0] not in NOT_LISTED
    )
    outputs = {
        p.relative_to(results).as_posix(): {"sha256": sha256_of(p), "size_bytes": p.stat().st_size}
        for p in files
    }
    return {"format": 1, "study": study, "seed": seed, **record, "outputs": outputs}
