"""The stages of a study run one after the other by their scripts' own functions, without Snakemake."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

from impacteval.config import StudyFolder, load_study
from impacteval.config.formula_rules import derivation_rules
from impacteval.design import estimated
from impacteval.provenance import check_listed, check_lock, read_lock

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"
STAGES = ("configure", "lock", "read", "validate", "correct", "build", "describe", "estimate")


def script(name: str) -> ModuleType:
    """A script of the workflow as a module."""
    spec = importlib.util.spec_from_file_location(f"script_{name}", SCRIPTS / f"{name}.py")
    if spec is None or spec.loader is None:
        raise ImportError(name)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Pipeline:
    """A study below a root folder; ``run`` goes on until a stage fails or the last one named is done."""

    def __init__(self, root: Path, name: str) -> None:
        self.root, self.name = root, name
        self.results = root / "results" / name
        self.loaded: StudyFolder | None = None

    @property
    def folder(self) -> StudyFolder:
        """The study's configuration, once read."""
        if self.loaded is None:
            raise ValueError("the configuration has not been read")
        return self.loaded

    def run(self, until: str = STAGES[-1]) -> Pipeline:
        """Run the stages up to one."""
        for stage in STAGES[: STAGES.index(until) + 1]:
            getattr(self, f"_{stage}")()
        return self

    def written(self, *stages: str) -> list[str]:
        """Files that stand below the folders of some stages, and any half-written file of any."""
        files = [p for p in self.results.rglob("*") if p.is_file()]
        mine = [
            p for p in files if p.relative_to(self.results).parts[0] in stages or p.name.endswith(".partial")
        ]
        return sorted(p.relative_to(self.results).as_posix() for p in mine)

    def _configure(self) -> None:
        self.loaded = load_study(self.root, self.name)

    def _lock(self) -> None:
        path = self.root / "data" / self.name / "raw.lock"
        lock = read_lock(path)
        check_listed(lock, [f for t in self.folder.study.tables for f in t.files], path)
        obtain = {note.file: note.obtain for note in self.folder.study.raw_files}
        check_lock(path.parent / "raw", lock, obtain, path)

    def _paths(self, pattern: str) -> list[str]:
        return [str(self.results / pattern.format(t.name)) for t in self.folder.study.tables]

    def _read(self) -> None:
        output = {
            "typed": self._paths("read/{}.parquet"),
            "text": self._paths("read/{}_text.parquet"),
            "missing": self._paths("read/{}_missing.parquet"),
            "files": str(self.results / "read/files.csv"),
            "summary": str(self.results / "read/summary.csv"),
        }
        data = self.root / "data" / self.name
        script("read").main(
            data / "raw.lock", data / "raw", output, study=self.folder.study, codebook=self.folder.codebook
        )

    @property
    def _corrections(self) -> Path:
        return self.root / "config" / self.name / "corrections.csv"

    def _validate(self) -> None:
        given = {
            "text": self._paths("read/{}_text.parquet"),
            "files": str(self.results / "read/files.csv"),
            "summary": str(self.results / "read/summary.csv"),
            "corrections": str(self._corrections),
        }
        forms = self.root / "data" / self.name / "forms"
        output = self.results / "validation/findings.csv"
        script("validate").main(given, forms, output, self.folder.rules)

    def _correct(self) -> None:
        withdrawals = self._corrections.with_name("withdrawals.csv")
        given = {
            "text": self._paths("read/{}_text.parquet"),
            "corrections": str(self._corrections),
            "withdrawals": [str(withdrawals)] if withdrawals.is_file() else [],
            "findings": str(self.results / "validation/findings.csv"),
        }
        output = {
            "clean": self._paths("clean/{}.parquet"),
            "applied": str(self.results / "clean/corrections_applied.csv"),
            "removed": str(self.results / "clean/removed.csv"),
        }
        script("correct").main(given, output, self.folder.rules.log)

    def _build(self) -> None:
        output = {name: str(self.results / "panel" / file) for name, file in PANEL_FILES.items()}
        output["indices"] = str(self.results / "tables/indices.csv")
        given = (self._paths("clean/{}.parquet"), str(self.results / "clean/removed.csv"))
        plan, outcomes = self.folder.plan, self.folder.outcomes
        script("build").main(given, output, plan, outcomes, derivation_rules(self.folder))

    def _describe(self) -> None:
        names = (
            *("balance", "attrition", "coverage", "means", "exposure", "power"),
            *("prior_power", "before_after"),
        )
        output = {name: str(self.results / f"tables/{name}.csv") for name in names}
        folder, panel = self.folder, self.results / "panel/enterprise.parquet"
        script("describe").main(panel, output, folder.plan, folder.outcomes, folder.priors)

    def _estimate(self) -> None:
        rows, cells = [], []
        for family in self.folder.families:
            output = {
                "rows": str(self.results / f"estimates/{family}.csv"),
                "cells": str(self.results / f"estimates/{family}_cells.csv"),
                "influence": str(self.results / f"estimates/{family}.npz"),
            }
            script("estimate").main(
                self.results / "panel/enterprise.parquet",
                output,
                study=self.name,
                plan=self.folder.plan,
                outcomes=tuple(o for o in estimated(self.folder.outcomes) if o.family == family),
                seed=self.folder.study.seed,
            )
            rows.append(output["rows"])
            cells.append(output["cells"])
        names = ("estimates", "event_study", "cells")
        script("estimates").main(
            rows, cells, {name: str(self.results / f"tables/{name}.csv") for name in names}
        )


PANEL_FILES = {
    "enterprise": "enterprise.parquet",
    "flow": "flow.csv",
    "exclusions": "exclusions.csv",
    "indicators": "indicators.parquet",
}
