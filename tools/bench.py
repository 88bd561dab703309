"""Measure whole runs of the studies: wall time, peak memory, and the time of each step."""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent


def run(folder: Path, study: str, cores: int) -> float:
    """Build a study in a folder with its own copy of config and data; return wall seconds."""
    command = [
        *(sys.executable, "-m", "snakemake"),
        *("--snakefile", str(PROJECT / "Snakefile"), "--cores", str(cores)),
        *("--profile", str(PROJECT / "profiles" / "default"), "--config", f"study={study}"),
    ]
    begun = time.perf_counter()
    # Snakemake of this project, without a shell, on a study named by the caller.
    subprocess.run(command, cwd=folder, check=True, capture_output=True)  # noqa: S603
    return time.perf_counter() - begun


def step_seconds(folder: Path) -> dict[str, float]:
    """Seconds of each rule, from what Snakemake recorded of its outputs."""
    seconds: dict[str, dict[str, float]] = defaultdict(dict)
    for path in (folder / ".snakemake" / "metadata").rglob("*"):
        if path.is_file():
            record = json.loads(path.read_text(encoding="utf-8"))
            seconds[record["rule"]][str(record["log"])] = record["endtime"] - record["starttime"]
    return {rule: sum(jobs.values()) for rule, jobs in seconds.items()}


def measure(study: str, cores: int, runs: int) -> None:
    """Print a study's rows of the table, and its steps from slowest to fastest."""
    first, second = [], []
    steps: dict[str, list[float]] = defaultdict(list)
    for _ in range(runs):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            for part in ("config", "data"):
                shutil.copytree(PROJECT / part, folder / part)
            first.append(run(folder, study, cores))
            second.append(run(folder, study, cores))
            for rule, seconds in step_seconds(folder).items():
                steps[rule].append(seconds)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    sys.stdout.write(
        f"| `{study}` | {statistics.median(first):.1f} s ({min(first):.1f} to {max(first):.1f}) "
        f"| {statistics.median(second):.1f} s ({min(second):.1f} to {max(second):.1f}) | {peak:.0f} MB |\n"
    )
    for rule, times in sorted(steps.items(), key=lambda item: -statistics.median(item[1])):
        sys.stdout.write(f"    {rule:12} {statistics.median(times):5.1f} s\n")


def main() -> None:
    """Measure each study named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("studies", nargs="+")
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    sys.stdout.write("| study | from nothing | again, nothing changed | largest process so far |\n")
    sys.stdout.write("| --- | --- | --- | --- |\n")
    for study in options.studies:
        measure(study, options.cores, options.runs)


if __name__ == "__main__":
    main()
