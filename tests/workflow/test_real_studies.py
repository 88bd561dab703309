"""The studies that come with the project: whole runs, their numbers, the same bytes twice."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import pytest

from conftest import Reference
from impacteval.provenance import sha256_of

PROJECT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.workflow


def run(folder: Path, study: str, *, cores: int, environment: Mapping[str, str]) -> None:
    """Build a study's report in a folder that holds a copy of ``config`` and ``data``."""
    command = [
        *(
            sys.executable,
            "-m",
            "snakemake",
            "--snakefile",
            str(PROJECT / "Snakefile"),
            "--cores",
            str(cores),
        ),
        *("--profile", str(PROJECT / "profiles" / "default"), "--config", f"study={study}"),
    ]
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]


def copy_project_data(folder: Path) -> Path:
    """Copy what a run reads: configuration, and data without raw files of others."""
    for name in ("config", "data"):
        shutil.copytree(PROJECT / name, folder / name, ignore=shutil.ignore_patterns("*.dta"))
    return folder


def digests(results: Path) -> dict[str, str]:
    """Digest of every result but logs."""
    files = [p for p in results.rglob("*") if p.is_file() and "logs" not in p.relative_to(results).parts]
    return {p.relative_to(results).as_posix(): sha256_of(p) for p in files}


@pytest.fixture(scope="module")
def michigan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = copy_project_data(tmp_path_factory.mktemp("michigan"))
    run(folder, "michigan", cores=2, environment={"TZ": "Asia/Jakarta", "PYTHONHASHSEED": "1"})
    return folder / "results" / "michigan"


def test_michigan_gives_the_numbers_of_wooldridge_example_14_1(michigan: Path) -> None:
    table = pd.read_csv(michigan / "tables" / "estimates.csv").set_index(["term", "vcov"])
    mine = table[table["estimate_id"].str.startswith("log_scrap.wooldridge_14_1.")]
    assert (mine["n_obs"] == 162).all()
    printed = {
        term: [f"{mine.loc[(term, 'classical'), 'estimate']:.3f}"]
        + [
            f"{mine.loc[(term, vcov), 'std_error']:.3f}"
            for vcov in ("classical", "cr1_nested(fcode)", "cr1_counted(fcode)")
        ]
        for term in ("grant", "grant_1")
    }
    assert printed == {
        "grant": ["-0.252", "0.151", "0.143", "0.176"],
        "grant_1": ["-0.422", "0.210", "0.282", "0.347"],
    }


def test_two_runs_in_two_folders_give_the_same_bytes(michigan: Path, tmp_path: Path) -> None:
    folder = copy_project_data(tmp_path / "a folder with spaces and ü" if os.name != "nt" else tmp_path / "b")
    run(
        folder, "michigan", cores=1, environment={"TZ": "America/Lima", "PYTHONHASHSEED": "77", "LC_ALL": "C"}
    )
    assert digests(folder / "results" / "michigan") == digests(michigan)


def test_manifest_covers_every_file_and_names_no_machine(michigan: Path) -> None:
    text = (michigan / "audit" / "manifest.json").read_text(encoding="utf-8")
    listed = {name: entry["sha256"] for name, entry in json.loads(text)["outputs"].items()}
    found = {k: v for k, v in digests(michigan).items() if not k.startswith("audit/")}
    assert listed == found
    assert str(michigan.parents[1]) not in text
    assert str(PROJECT) not in text


@pytest.mark.reference
def test_dandora_gives_its_difference_in_differences(reference: Reference, tmp_path: Path) -> None:
    folder = copy_project_data(tmp_path)
    for name in ("BDJ_Dandora_Data.dta", "BDJ_Baseline_Data.dta"):
        shutil.copyfile(reference.path("data", "dandora", name), folder / "data" / "dandora" / "raw" / name)
    run(folder, "dandora", cores=2, environment={})
    table = pd.read_csv(folder / "results" / "dandora" / "tables" / "estimates.csv").set_index("estimate_id")
    stem = "profit.two_way.coefficient.arm={}.term=treated.cr1_nested-id"
    printed = {
        arm: [f"{table.loc[stem.format(arm), name]:.2f}" for name in ("estimate", "std_error")]
        for arm in ("mentee", "class")
    }
    assert printed == {"mentee": ["474.38", "206.65"], "class": ["229.76", "212.31"]}
    assert (table.loc[[stem.format("mentee"), stem.format("class")], "n_obs"] == 2608).all()
    two_by_two = table[table.index.str.startswith("profit.two_by_two.att_gt.arm=mentee.")]
    two_by_two = two_by_two[two_by_two["vcov"] == "cr0(id)"].sort_values("period")
    assert [f"{v:.2f}" for v in two_by_two["estimate"]] == [
        *("377.91", "44.02", "216.19", "1018.80", "925.07", "103.71", "56.79")
    ]
    pooled = table.loc["profit.ancova_pooled.coefficient.arm=mentee.term=assigned.cr1_nested-id"]
    assert (f"{pooled['estimate']:.2f}", f"{pooled['std_error']:.2f}", pooled["n_obs"]) == (
        "371.83",
        "133.02",
        2578,
    )


def test_missing_files_are_answered_with_name_hash_and_where_to_get_them(tmp_path: Path) -> None:
    folder = copy_project_data(tmp_path)
    command = [
        sys.executable,
        "-m",
        "snakemake",
        "--snakefile",
        str(PROJECT / "Snakefile"),
        "-n",
        "--config",
        "study=dandora",
    ]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    said = done.stdout + done.stderr
    assert done.returncode == 1
    for part in (
        "BDJ_Dandora_Data.dta: missing",
        "48f07910bbe765c0",
        "openICPSR project 113714",
        "BDJ_Baseline_Data.dta",
    ):
        assert part in said
    assert "Traceback" not in said
    assert not (folder / "results").exists()
