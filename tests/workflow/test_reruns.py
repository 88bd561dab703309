"""What an edit reruns: the rules that use what was edited, and no others."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from support.study import make_study

PROJECT = Path(__file__).resolve().parents[2]
PARTS = (
    "Snakefile",
    "workflow",
    "scripts",
    "src",
    "profiles",
    "config",
    "requirements.lock",
    "environment.yml",
)
pytestmark = pytest.mark.workflow


def snakemake(folder: Path, *options: str) -> str:
    """Run Snakemake in a copy of the project, on the copy's own package; return what it says."""
    command = [sys.executable, "-m", "snakemake", "--cores", "2", "--config", "study=workshop", *options]
    environment = {**os.environ, "PYTHONPATH": str(folder / "src")}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout + done.stderr


def planned(folder: Path) -> set[str]:
    """Rules that a run would execute now."""
    return set(
        re.findall(
            r"^(?:local)?rule (\w+):", snakemake(folder, "--dry-run", "--quiet", "host"), flags=re.MULTILINE
        )
    ) - {"all"}


def append(path: Path, line: str) -> None:
    path.write_text(path.read_text(encoding="utf-8") + line, encoding="utf-8")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project with the small study built."""
    folder = tmp_path_factory.mktemp("project")
    for part in PARTS:
        source = PROJECT / part
        if source.is_dir():
            shutil.copytree(source, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copyfile(source, folder / part)
    make_study().write(folder)
    snakemake(folder)
    return folder


@pytest.fixture
def project(built: Path, tmp_path: Path) -> Path:
    """A fresh copy of the built project, time stamps kept."""
    return Path(shutil.copytree(built, tmp_path / "project"))


def test_nothing_changed_runs_nothing(project: Path) -> None:
    assert planned(project) == set()


def test_a_touched_module_runs_nothing(project: Path) -> None:
    (project / "src/impacteval/sensitivity/lee.py").touch()
    (project / "scripts/estimate.py").touch()
    assert planned(project) == set()


def test_an_edited_module_runs_the_rules_that_import_it_and_what_follows(project: Path) -> None:
    append(project / "src/impacteval/sensitivity/lee.py", "\n# edited\n")
    assert planned(project) == {"sensitivity", "figures", "report", "manifest"}


def test_an_edited_template_runs_the_report(project: Path) -> None:
    append(project / "src/impacteval/reporting/templates/report.css", "\n")
    assert {"report", "manifest"} <= planned(project) <= {"figures", "pages", "report", "manifest"}


def test_a_changed_outcome_runs_its_family_and_not_the_others(project: Path) -> None:
    path = project / "config/workshop/outcomes.csv"
    path.write_text(
        path.read_text(encoding="utf-8").replace("Days lost", "Days lost to illness"), encoding="utf-8"
    )
    said = snakemake(project, "--dry-run", "--quiet", "host")
    assert "family=safety" in said
    assert "family=productivity" not in said


def test_a_changed_lock_of_packages_runs_everything(project: Path) -> None:
    append(project / "requirements.lock", "# changed\n")
    assert {"read", "validate", "build", "estimate", "report"} <= planned(project)


def test_a_changed_raw_file_is_refused_even_when_results_are_there(project: Path) -> None:
    raw = project / make_study().raw
    kept = raw.stat()
    raw.write_text(raw.read_text(encoding="utf-8").replace("F01", "F99"), encoding="utf-8")
    os.utime(raw, ns=(kept.st_atime_ns, kept.st_mtime_ns))
    command = [sys.executable, "-m", "snakemake", "--cores", "1", "--config", "study=workshop"]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "firms.csv: not the file that was locked" in done.stdout + done.stderr
