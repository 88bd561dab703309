"""Measure the estimators beside other packages: CPU time, peak memory, and whether the numbers agree.

Every measurement is a fresh process with one thread. This package and a peer take turns, and what is
reported is the median of the ratios within turns, so that a noisy machine troubles both alike. Peers
are found as ``FOLDER/<name>/bin/python``; those that are absent are listed as not measured.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from tools.bench_peers.panel_file import draw, write
from tools.bench_tables import Measured, Results, tables, write_plot
from tools.documents import between

PROJECT = Path(__file__).resolve().parent.parent
OURS = "impacteval"
LIMIT_SECONDS = 900
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS")
GROUP_TIME_PEERS = ("diff-diff", "csdid", "moderndid", "differences")
REGRESSION_PEERS = ("pyfixest", "statsmodels")
LARGEST_OF_PEERS = 100_000
STREAMED_UNITS = 2_000_000
BEGIN = "<!-- estimators: written by make bench -->"
END = "<!-- estimators: end -->"


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What is measured.

    A worker is told ``kind`` and ``way``: errors only, from a frame, or with bands by draws or computed.
    This package may go several ways.
    """

    name: str
    kind: str
    sizes: tuple[int, ...]
    peers: tuple[str, ...]
    ours: tuple[str, ...] = ("errors",)
    way: str = "errors"
    n_outcomes: int = 1


TASKS = (
    Task(
        name="group_time",
        kind="group_time",
        sizes=(1_000, 10_000, 100_000, 1_000_000),
        peers=GROUP_TIME_PEERS,
        ours=("errors", "from_frame"),
    ),
    Task(
        name="group_time_bands",
        kind="group_time",
        sizes=(1_000, 10_000, 100_000, 1_000_000),
        peers=GROUP_TIME_PEERS,
        ours=("computed", "draws"),
        way="draws",
    ),
    Task(
        name="ten_outcomes",
        kind="group_time",
        sizes=(10_000,),
        peers=GROUP_TIME_PEERS,
        ours=("computed", "draws"),
        way="draws",
        n_outcomes=10,
    ),
    Task(
        name="event_study",
        kind="event_study",
        sizes=(1_000, 10_000, 100_000, 1_000_000),
        peers=REGRESSION_PEERS,
        ours=("errors", "from_frame"),
    ),
    Task(name="streaming", kind="streaming", sizes=(STREAMED_UNITS,), peers=()),
)


class WorkerError(Exception):
    """A package failed on a task, or took too long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One measurement to make."""

    task: Task
    n_units: int
    package: str
    way: str
    beside: str
    round: int


def python_of(package: str, peers: Path | None) -> Path | None:
    """Interpreter that has a package; None where it is not installed."""
    if package in {OURS, "statsmodels"}:
        return Path(sys.executable)
    found = peers / package / "bin" / "python" if peers else None
    return found if found and found.exists() else None


def measure(turn: Turn, folder: Path, python: Path) -> Measured:
    """Run a worker in a fresh process with one thread."""
    command = [str(python), "-m"]
    if turn.task.kind == "streaming":
        command += ["tools.bench_peers.streaming", str(turn.n_units)]
    else:
        module = f"with_{turn.package.replace('-', '_')}"
        command += ["tools.bench_peers.measure", module, str(folder)]
        command += [turn.task.kind, turn.way, str(repeats(turn))]
    environment = os.environ | dict.fromkeys(THREADS, "1")
    try:
        # A worker of this project, without a shell, run by an interpreter that the caller named.
        done = subprocess.run(  # noqa: S603
            command,
            cwd=PROJECT,
            env=environment,
            check=True,
            capture_output=True,
            text=True,
            timeout=LIMIT_SECONDS,
        )
    except subprocess.TimeoutExpired:
        raise WorkerError(f"not done after {LIMIT_SECONDS} s") from None
    except subprocess.CalledProcessError as error:
        raise WorkerError((error.stderr.strip().splitlines() or ["no message"])[-1]) from None
    return Measured(
        task=turn.task.name,
        n_units=turn.n_units,
        package=turn.package,
        way=turn.way,
        beside=turn.beside,
        round=turn.round,
        **json.loads(done.stdout),
    )


def repeats(turn: Turn) -> int:
    """Fits within a process, whose median counts: more where they are short."""
    if turn.task.n_outcomes > 1 or turn.n_units > 10_000:
        return 1
    return 9 if turn.n_units <= 1_000 else 3


def turns(task: Task, n_units: int, beside: str, rounds: int) -> list[Turn]:
    """Alternate between this package and a peer; without a peer, measure it alone."""
    found = []
    for round_ in range(rounds):
        pairs = [(OURS, way) for way in task.ours]
        if beside != OURS:
            pairs.append((beside, task.way))
        found += [
            Turn(task=task, n_units=n_units, package=package, way=way, beside=beside, round=round_)
            for package, way in pairs
        ]
    return found


def run(task: Task, n_units: int, pythons: dict[str, Path], rounds: int) -> Results:
    """Measure a task at one size beside each peer."""
    results = Results()
    beside = [peer for peer in task.peers if peer in pythons and n_units <= LARGEST_OF_PEERS] or [OURS]
    with tempfile.TemporaryDirectory() as name:
        if task.kind != "streaming":
            write(draw(n_units, n_outcomes=task.n_outcomes), Path(name))
        for peer in beside:
            for turn in turns(task, n_units, peer, min(rounds, 3) if n_units > 10_000 else rounds):
                label = f"{task.name}, {n_units:,} units, {turn.package}"
                try:
                    results.measured.append(measure(turn, Path(name), pythons[turn.package]))
                except WorkerError as error:
                    results.not_measured[label] = str(error)
                    break
                sys.stderr.write(f"{label} {turn.way}: {results.measured[-1].cpu:.3f} s\n")
    return results


def facts() -> dict[str, str]:
    """The machine, as far as it matters to times."""
    import numpy as np

    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines() if sys.platform == "linux" else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return {
        "processor": models[0] if models else platform.machine(),
        "cores": str(os.cpu_count()),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "load before": f"{os.getloadavg()[0]:.2f}",
    }


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--peers", type=Path, default=os.environ.get("IMPACTEVAL_PEERS"))
    parser.add_argument("--tasks", nargs="+", default=[task.name for task in TASKS])
    parser.add_argument("--largest", type=int, default=STREAMED_UNITS, help="leave out larger sizes")
    parser.add_argument("--rounds", type=int, default=5, help="turns a size; at most 3 above 10,000 units")
    parser.add_argument("--results", type=Path, help="write all measurements, or read them with --only-print")
    parser.add_argument("--plot", type=Path, help="write the figure")
    parser.add_argument("--page", type=Path, help="put the tables between the marks of this document")
    parser.add_argument("--only-print", action="store_true", help="measure nothing")
    return parser.parse_args()


def measure_all(options: argparse.Namespace) -> Results:
    """Measure the chosen tasks at the chosen sizes."""
    results = Results(facts=facts())
    names = (OURS, *GROUP_TIME_PEERS, *REGRESSION_PEERS)
    found = {name: python_of(name, options.peers) for name in names}
    pythons = {name: python for name, python in found.items() if python}
    results.not_measured.update({name: "not installed" for name in names if name not in pythons})
    for task in TASKS:
        for n_units in task.sizes:
            if task.name in options.tasks and n_units <= options.largest:
                results.add(run(task, n_units, pythons, options.rounds))
    return results


def main() -> None:
    """Measure, or read what was measured; print tables, write results and figure."""
    options = arguments()
    if options.only_print:
        results = Results.parse(options.results.read_text(encoding="utf-8"))
    else:
        results = measure_all(options)
        if options.results:
            options.results.parent.mkdir(parents=True, exist_ok=True)
            options.results.write_text(json.dumps(asdict(results), indent=1) + "\n", encoding="utf-8")
    sys.stdout.write(tables(results))
    if options.plot:
        write_plot(results, options.plot)
    if options.page:
        text = options.page.read_text(encoding="utf-8")
        options.page.write_text(between(text, (BEGIN, END), tables(results, level="###")), encoding="utf-8")


if __name__ == "__main__":
    main()
