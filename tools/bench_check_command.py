"""Measure `impacteval check` from raw file to findings page: wall and CPU time, peak memory, findings."""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, fields, replace
from pathlib import Path

import yaml
from tools.bench_peers.checks_table import Rule, draw, rules
from tools.bench_peers.checks_with_impacteval import ROLES, TABLE, other_checks, row_checks, variables

from impacteval.checks import Check
from impacteval.codebook import Variable
from impacteval.provenance import format_lock, locked
from impacteval.survey.corrections import CORRECTION_COLUMNS
from impacteval.survey.draft_texts import codebook_text

STUDY = "bench"
IMPLIED = {"skip_forward", "skip_backward", "constraint", "undeclared_codes", "ambiguous_numbers", "unique"}


def write_study(root: Path, n_rows: int) -> None:
    """Write a study of one table with 120 columns: codebook, checks, raw file and lock."""
    config, raw = root / "config" / STUDY, root / "data" / STUDY / "raw"
    config.mkdir(parents=True)
    raw.mkdir(parents=True)
    draw(n_rows).drop(columns=["source_file", "source_row"]).to_csv(raw / f"{TABLE}.csv", index=False)
    bounds = {r.column: r for r in rules() if r.id.endswith("-plausible")}
    hard = {r.column: r for r in rules() if r.id.endswith("-possible")}
    known = {r.column: r.allowed for r in rules() if r.allowed}
    book = [bounded(v, bounds, hard, known) for v in variables()]
    (config / "codebook.csv").write_text(codebook_text(book), encoding="utf-8")
    asked = [plain(c) for c in (*row_checks(), *other_checks()) if plain(c)["kind"] not in IMPLIED]
    (config / "checks.yaml").write_text(yaml.safe_dump({"checks": asked}), encoding="utf-8")
    roles = {f.name: value for f in fields(ROLES) if (value := getattr(ROLES, f.name))}
    study = {
        "schema_version": 1, "title": "A made-up table", "question": "-", "programme": "-", "setting": "-",
        "synthetic": True, "seed": 1,
        "tables": [{"name": TABLE, "files": [f"{TABLE}.csv"], "format": "csv", "max_megabytes": 2000,
                    "roles": json.loads(json.dumps(roles))}],
    }  # fmt: skip
    (config / "study.yaml").write_text(yaml.safe_dump(study), encoding="utf-8")
    (config / "corrections.csv").write_text(",".join(CORRECTION_COLUMNS) + "\n", encoding="utf-8")
    lock = root / "data" / STUDY / "raw.lock"
    lock.write_text(format_lock([locked(raw / f"{TABLE}.csv")]), encoding="utf-8")


def bounded(
    variable: Variable, soft: dict[str, Rule], hard: dict[str, Rule], known: dict[str, tuple[str, ...]]
) -> Variable:
    """The variable with the ranges and choices of the rules."""
    column = variable.column
    found = replace(variable, allowed=known.get(column, ()))
    if column not in {"firm", "round", "uuid"}:
        found = replace(found, required="no")
    if column in soft:
        found = replace(
            found,
            minimum=soft[column].low,
            maximum=soft[column].high,
            hard_minimum=hard[column].low,
            hard_maximum=hard[column].high,
        )
    return found


def plain(check: Check) -> dict[str, object]:
    """A check as `checks.yaml` states it."""
    stated = json.loads(json.dumps(asdict(check)))
    return {name: value for name, value in stated.items() if value not in (None, [], {}, "")}


def main() -> None:
    """Measure each size once and print a row of the table for it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000])
    for n_rows in parser.parse_args().rows:
        with tempfile.TemporaryDirectory() as name:
            write_study(Path(name), n_rows)
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            begun = time.perf_counter()
            command = [sys.executable, "-c", f"from impacteval.cli import main; main(['check', '{STUDY}'])"]
            # Python of this project on a study that this tool wrote, without a shell.
            subprocess.run(command, cwd=name, check=True)  # noqa: S603
            wall = time.perf_counter() - begun
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            found = Path(name) / "results" / STUDY / "check" / "findings.csv"
            n = sum(1 for _ in found.open(encoding="utf-8")) - 1
            sys.stdout.write(
                f"| {n_rows:,} | {wall:.1f} | {cpu:.1f} | {after.ru_maxrss / 1e6:.2f} | {n:,} |\n"
            )


if __name__ == "__main__":
    main()
