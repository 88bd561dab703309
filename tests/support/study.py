"""A small study with made-up numbers: its files as text, to be edited and written to a folder."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path

import numpy as np

from impacteval.codebook import Variable
from impacteval.config import CORRECTION_COLUMNS
from impacteval.design import Outcome
from impacteval.provenance import format_lock, locked

NAME = "workshop"
RAW = "firms.csv"
N_FIRMS = 24
ROUNDS = (1, 2, 3)
FIRST_TREATED_ROUND = 2
RAW_COLUMNS = ("firm", "round", "arm", "estate", "workers", "output", "days_lost", "manager", "remark")

STUDY = """\
schema_version: 1
title: A made-up workshop for made-up firms
question: Did the workshop raise output a worker?
programme: Half of the firms sent a foreman to a two-day workshop.
setting: 24 firms that do not exist, in three rounds
synthetic: true
seed: 7
tables:
  - name: firms
    files: [firms.csv]
    format: csv
raw_files:
  - file: firms.csv
    obtain: write it again with the builder of the tests
limitations:
  - The numbers are made up.
"""
PLAN = """\
written: before_outcomes
assignment: random
assignment_note: By lot.
identification: Without the workshop both groups would have changed alike.
panel:
  table: firms
  unit: firm
  period: round
  periods: [1, 2, 3]
  period_name: Round
treatment:
  rule: arm_column
  column: arm
  first_period: 2
  comparison: {name: control, label: No workshop, value: 0}
  arms:
    - {name: workshop, label: Workshop, value: 1}
primary: two_by_two
designs:
  - name: two_by_two
    estimator: drdid
    label: Two-by-two differences
    vcov: [cr1_groups]
  - name: two_way
    estimator: twfe
    label: Two-way fixed effects
    vcov: [cr1_nested]
balance: [workers]
"""
CHECKS = """\
checks:
  - id: firms-workers-few
    kind: in_range
    table: firms
    severity: warning
    column: workers
    minimum: 5
    message: fewer than five workers
    suggestion: ask whether apprentices were counted
"""
OUTCOMES = (
    {
        "name": "log_productivity",
        "label": "Output a worker (log)",
        "family": "productivity",
        "role": "primary",
        "column": "output",
        "divide_by": "workers",
        "transform": "log",
        "unit": "log points",
        "direction": "higher",
    },
    {
        "name": "lost_days",
        "label": "Days lost",
        "family": "safety",
        "role": "secondary",
        "column": "days_lost",
        "transform": "none",
        "unit": "days a round",
        "direction": "lower",
    },
)
CODEBOOK = (
    {"column": "firm", "type": "text", "required": "yes", "label": "Firm"},
    {"column": "round", "type": "integer", "required": "yes", "allowed": "1|2|3", "label": "Round"},
    {"column": "arm", "type": "integer", "required": "yes", "allowed": "0|1", "label": "Arm"},
    {"column": "estate", "type": "text", "required": "yes", "label": "Industrial estate"},
    {
        "column": "workers",
        "type": "integer",
        "unit": "workers",
        "minimum": "1",
        "maximum": "500",
        "label": "Workers",
    },
    {"column": "output", "type": "decimal", "unit": "pieces a month", "label": "Output"},
    {"column": "days_lost", "type": "decimal", "unit": "days", "missing_codes": "-99", "label": "Days lost"},
    {"column": "manager", "type": "text", "confidential": "yes", "label": "Name of the manager"},
    {"column": "remark", "type": "text", "label": "Remark of the interviewer"},
)


def csv_text(columns: Sequence[str], rows: Sequence[Mapping[str, str]]) -> str:
    """Rows as CSV; a column that a row does not name is empty."""
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def raw_rows() -> list[dict[str, str]]:
    """The made-up survey: the workshop raises output by a tenth and saves two days."""
    rng = np.random.default_rng(7)
    rows = []
    for number in range(N_FIRMS):
        is_treated = number % 2
        workers, level = int(rng.integers(20, 90)), float(rng.normal(3, 0.3))
        for period in ROUNDS:
            gain = 0.1 * is_treated * (period >= FIRST_TREATED_ROUND)
            output = workers * np.exp(level + gain + 0.03 * period + rng.normal(0, 0.05))
            days = max(8 + rng.normal(0, 1.5) - 20 * gain, 0)
            rows.append(
                {
                    "firm": f"F{number + 1:02d}",
                    "round": str(period),
                    "arm": str(is_treated),
                    "estate": f"E{number // 4 + 1}",
                    "workers": str(workers),
                    "output": f"{output:.1f}",
                    "days_lost": f"{days:.1f}",
                    "manager": f"Manager {number + 1}",
                    "remark": "",
                }
            )
    return rows


@dataclass(frozen=True)
class StudyFiles:
    """Files of a study below its root: path to text. ``name`` is the study's folder."""

    name: str
    texts: Mapping[str, str]

    def config(self, file: str) -> str:
        """Path of a configuration file."""
        return f"config/{self.name}/{file}"

    @property
    def raw(self) -> str:
        """Path of the raw file."""
        return f"data/{self.name}/raw/{RAW}"

    def edit(self, path: str, old: str, new: str) -> StudyFiles:
        """Replace text that stands in a file exactly once."""
        if self.texts[path].count(old) != 1:
            raise ValueError(
                f"{path}: {old!r} stands there {self.texts[path].count(old)} times, expected once"
            )
        return self.put(path, self.texts[path].replace(old, new))

    def edit_config(self, file: str, old: str, new: str) -> StudyFiles:
        """Replace text of a configuration file."""
        return self.edit(self.config(file), old, new)

    def put(self, path: str, text: str) -> StudyFiles:
        """Replace a file."""
        return replace(self, texts={**self.texts, path: text})

    def put_rows(self, rows: Sequence[Mapping[str, str]], columns: Sequence[str] = RAW_COLUMNS) -> StudyFiles:
        """Replace the raw file."""
        return self.put(self.raw, csv_text(columns, rows))

    def write(self, root: Path) -> Path:
        """Write all files and the lock of the raw file below a root; return the root."""
        for path, text in self.texts.items():
            target = root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(text.encode("utf-8"))
        self.lock(root)
        return root

    def lock(self, root: Path) -> None:
        """Lock the raw files as they lie there."""
        folder = root / "data" / self.name
        files = [locked(path) for path in sorted((folder / "raw").iterdir())]
        (folder / "raw.lock").write_text(format_lock(files), encoding="utf-8")


def make_study(name: str = NAME) -> StudyFiles:
    """The small study, whole and without a fault."""
    variables = [{"table": "firms", "required": "no", "confidential": "no", **row} for row in CODEBOOK]
    texts = {
        f"config/{name}/study.yaml": STUDY,
        f"config/{name}/plan.yaml": PLAN,
        f"config/{name}/checks.yaml": CHECKS,
        f"config/{name}/outcomes.csv": csv_text([f.name for f in fields(Outcome)], OUTCOMES),
        f"config/{name}/codebook.csv": csv_text([f.name for f in fields(Variable)], variables),
        f"config/{name}/corrections.csv": ",".join(CORRECTION_COLUMNS) + "\n",
    }
    return StudyFiles(name=name, texts=texts).put(f"data/{name}/raw/{RAW}", csv_text(RAW_COLUMNS, raw_rows()))


CORRECTION = {
    "action": "replace",
    "reason": "by telephone",
    "source": "call-back",
    "decided_by": "field team",
    "decided_on": "2026-03-31",
    "blind": "yes",
}


def correction_rows(*rows: Mapping[str, str]) -> dict[int, dict[str, str]]:
    """Lines of a log by the line they stand on, numbered and filled up where a row says nothing."""
    return {
        line: {**dict.fromkeys(CORRECTION_COLUMNS, ""), "correction_id": str(line - 1), **CORRECTION, **row}
        for line, row in enumerate(rows, start=2)
    }


def correction_text(*rows: Mapping[str, str]) -> str:
    """A file of corrections, numbered and filled up as ``correction_rows`` does."""
    return csv_text(CORRECTION_COLUMNS, list(correction_rows(*rows).values()))
