"""Measure the checks of a survey: CPU time and peak memory by part, and the same rules in other packages.

Every measurement is a fresh process with one thread, on a generated table of 120 columns with planted
errors. Peers are found as ``FOLDER/<name>/bin/python``; those that are absent are listed as not measured.
All packages must find the same failing rows, rule by rule.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tools.documents import between

PROJECT = Path(__file__).resolve().parent.parent
SIZES = (10_000, 100_000, 1_000_000)
PEERS = ("pandera", "pointblank")
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "POLARS_MAX_THREADS")
LIMIT_SECONDS = 3600
BEGIN, END = "<!-- begin checks-speed -->", "<!-- end checks-speed -->"
MEGABYTE = 1e6


class WorkerError(Exception):
    """A package failed, or took too long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A line of a table: what was measured, with how many rows, and what it took."""

    what: str
    n_rows: int
    seconds: float
    peak: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """What a worker printed; peers have no parts, this package no version."""

    found: Mapping[str, int]
    parts: tuple[Mapping[str, float | str], ...] = ()
    seconds: float = 0.0
    peak: int = 0
    version: str = ""


def measured(python: Path, module: str, *arguments: str) -> Worker:
    """Run a worker in a fresh process with one thread and read what it prints."""
    command = [str(python), "-m", f"tools.bench_peers.{module}", *arguments]
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
    return Worker(**json.loads(done.stdout.splitlines()[-1]))


def parts(worker: Worker, n_rows: int) -> list[Row]:
    """What each part of this package took."""
    return [
        Row(what=str(p["name"]), n_rows=n_rows, seconds=float(p["seconds"]), peak=int(p["peak"]))
        for p in worker.parts
    ]


def disagreement(ours: Mapping[str, int], theirs: Mapping[str, int]) -> str:
    """Say which rules two packages do not agree about; empty text where they agree about all."""
    differ = sorted(rule for rule in {*ours, *theirs} if ours.get(rule, 0) != theirs.get(rule, 0))
    return f"{len(differ)} rules differ: {', '.join(differ[:5])}" if differ else ""


def compare(n_rows: int, peers: Path | None, notes: list[str]) -> tuple[list[Row], list[Row]]:
    """Parts of this package, and the suite beside the peers', at one size."""
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as folder:
        ours = measured(Path(sys.executable), "checks_with_impacteval", str(n_rows), folder, "usual")
        mine = parts(ours, n_rows)
        suite = next(row for row in mine if row.what.startswith("suite"))
        rows.append(Row(what="impacteval", n_rows=n_rows, seconds=suite.seconds, peak=suite.peak))
        for name in PEERS:
            python = peers / name / "bin" / "python" if peers else None
            if python is None or not python.exists():
                notes.append(f"{name}: not installed")
                continue
            try:
                theirs = measured(python, "checks_with_peers", name, folder)
            except WorkerError as error:
                notes.append(f"{name}, {n_rows:,} rows: {error}")
                continue
            differ = disagreement(ours.found, theirs.found) or "the same failing rows in every rule"
            notes.append(f"{name}, {n_rows:,} rows: {differ}")
            label = f"{name} {theirs.version}"
            rows.append(Row(what=label, n_rows=n_rows, seconds=theirs.seconds, peak=theirs.peak))
    gross = measured(Path(sys.executable), "checks_with_impacteval", str(n_rows), "-", "gross")
    worst = parts(gross, n_rows)[-1]
    label = "ten rules that a third of the rows fails"
    mine.append(Row(what=label, n_rows=n_rows, seconds=worst.seconds, peak=worst.peak))
    return mine, rows


def table_of(rows: list[Row], first: str) -> str:
    """A table with a line for each thing measured and two columns for each size."""
    sizes = sorted({row.n_rows for row in rows})
    cells = {(row.what, row.n_rows): row for row in rows}
    head = [first, *[f"{n:,} rows, s | peak, MB" for n in sizes]]
    lines = [f"| {' | '.join(head)} |", "|" + " --- |" + " ---: | ---: |" * len(sizes)]
    for what in dict.fromkeys(row.what for row in rows):
        found = [cells.get((what, n)) for n in sizes]
        said = [f"{r.seconds:.2f} | {r.peak / MEGABYTE:,.0f}" if r else " | " for r in found]
        lines.append(f"| {what} | {' | '.join(said)} |")
    return "\n".join(lines)


def page_text(mine: list[Row], beside: list[Row], notes: list[str]) -> str:
    """Both tables with the machine they were measured on."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines() if sys.platform == "linux" else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    machine = models[0] if models else platform.machine()
    said = [
        table_of(mine, "a table of 120 columns, CPU seconds by part"),
        table_of(beside, "the same rules on the same typed table"),
        f"{machine}, one thread, Python {platform.python_version()}. Peak memory is that of the process "
        "while the part ran, the table included.",
    ]
    said += [f"* {note}" for note in dict.fromkeys(notes)]
    return "\n\n".join(said)


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, nargs="+", default=list(SIZES), help="sizes of the table")
    parser.add_argument("--peers", type=Path, default=os.environ.get("IMPACTEVAL_PEERS"))
    parser.add_argument("--page", type=Path, help="put the tables between the marks of this document")
    return parser.parse_args()


def main() -> None:
    """Measure all sizes, print the tables and put them into the document."""
    options = arguments()
    mine: list[Row] = []
    beside: list[Row] = []
    notes: list[str] = []
    for n_rows in options.rows:
        ours, theirs = compare(n_rows, options.peers, notes)
        mine += ours
        beside += theirs
    found = page_text(mine, beside, notes)
    sys.stdout.write(found + "\n")
    if options.page:
        text = options.page.read_text(encoding="utf-8")
        options.page.write_text(between(text, (BEGIN, END), f"{found}\n"), encoding="utf-8")


if __name__ == "__main__":
    main()
