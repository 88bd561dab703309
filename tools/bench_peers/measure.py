"""Time one package on one task in this process, and print what it took and found as JSON.

Run by the Python of the package that is measured, from the project's folder:
``python -m tools.bench_peers.measure with_csdid FOLDER group_time draws 3``.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import resource
import statistics
import sys
import time
import warnings
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

from tools.bench_peers.panel_file import read

# Imports, compiled code and caches are paid on so many units, before the clock starts.
N_WARM_UP = 500


def main() -> None:
    """Measure as the command line says: module, folder, task, way, repeats."""
    module, folder, task, way, repeats = sys.argv[1:]
    warnings.simplefilter("ignore")
    package = importlib.import_module(f"tools.bench_peers.{module}")
    drawn = read(Path(folder))
    # Some packages print tables as they go: the cost stays, the text goes nowhere.
    with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere):
        package.prepare(drawn.first(N_WARM_UP), task, way)()
        start_up = time.process_time()
        cpu, wall, found = timed(package.prepare(drawn, task, way), int(repeats))
    result = {"cpu": cpu, "wall": wall, "start_up": start_up, "peak": peak_bytes(), "found": found}
    versions = {name: version(name) for name in (package.PACKAGE, "numpy")}
    sys.stdout.write(json.dumps({**result, "versions": versions, "python": sys.version.split()[0]}))


def timed(fit: Callable[[], dict[str, list[float]]], repeats: int) -> tuple[float, float, object]:
    """Median CPU and wall seconds of a fit, and what it found."""
    cpu, wall = [], []
    for _ in range(repeats):
        begun = time.process_time(), time.perf_counter()
        found = fit()
        cpu.append(time.process_time() - begun[0])
        wall.append(time.perf_counter() - begun[1])
    return statistics.median(cpu), statistics.median(wall), found


def peak_bytes() -> int:
    """Largest memory that this process has held."""
    status = Path("/proc/self/status")
    if status.exists():
        # The kernel's resource usage would count what the parent held when it started this process.
        return 1024 * next(int(line.split()[1]) for line in status.open() if line.startswith("VmHWM"))
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


if __name__ == "__main__":
    main()
