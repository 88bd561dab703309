"""The study that is built when none is named: from its synthetic survey to its report."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

PROJECT = Path(__file__).resolve().parents[2]
NAME = "score_indonesia"
# What the generator knows and the workflow must not.
TRUTH = shutil.ignore_patterns("truth")
N_OUTCOMES, N_COHORTS = 110, {2: 27, 3: 33}
pytestmark = pytest.mark.workflow


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Results of the default study, built where the truth about it is not."""
    folder = tmp_path_factory.mktemp("default")
    (folder / "config").mkdir()
    shutil.copyfile(PROJECT / "config/default.yaml", folder / "config/default.yaml")
    for part in ("config", "data"):
        shutil.copytree(PROJECT / part / NAME, folder / part / NAME, ignore=TRUTH)
    command = [sys.executable, "-m", "snakemake", "--snakefile", str(PROJECT / "Snakefile"), "--cores", "2"]
    done = subprocess.run(command, cwd=folder, env=os.environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return folder / "results" / NAME


def table(results: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(results / "tables" / f"{name}.csv", keep_default_na=False, na_values=[""])


@pytest.fixture(scope="module")
def outcomes() -> pd.DataFrame:
    return pd.read_csv(PROJECT / "config" / NAME / "outcomes.csv")


def test_no_error_is_left_open(results: Path) -> None:
    findings = pd.read_csv(results / "validation/findings.csv")
    assert len(findings)
    left = findings[(findings["severity"] == "error") & (findings["status"] == "open")]
    assert left["message"].tolist() == []


def test_coverage_is_told_of_every_outcome(results: Path, outcomes: pd.DataFrame) -> None:
    assert set(table(results, "coverage")["outcome"]) == set(outcomes["name"])
    assert len(outcomes) == N_OUTCOMES


def test_every_outcome_is_in_the_codebook(results: Path, outcomes: pd.DataFrame) -> None:
    page = (results / "report/en/codebook.html").read_text(encoding="utf-8")
    words = set(re.findall(r"\w+", page))
    assert sorted(set(outcomes["name"]) - words) == []


def test_every_page_and_figure_says_that_the_study_is_synthetic(results: Path) -> None:
    shown = [p for p in results.rglob("*") if p.suffix in {".html", ".svg"}]
    assert {p.suffix for p in shown} == {".html", ".svg"}
    silent = [p.name for p in shown if "synthetic" not in p.read_text(encoding="utf-8").lower()]
    assert silent == []


def test_every_outcome_that_is_not_descriptive_has_an_estimate_or_the_reason_why_not(
    results: Path, outcomes: pd.DataFrame
) -> None:
    headlines = table(results, "estimates").query("role != 'supporting'")
    asked = outcomes.loc[outcomes["role"] != "descriptive", "name"]
    answered = headlines[headlines["estimate"].notna() | headlines["note"].notna()]
    refused = table(results, "estimates").dropna(subset="note")
    refused = refused[refused["note"].str.contains("no headline")]
    assert sorted(set(asked) - {*answered["outcome"], *refused["outcome"]}) == []
    primary = headlines[headlines["role"] == "primary"]
    assert sorted(primary["outcome"]) == sorted(outcomes.loc[outcomes["role"] == "primary", "name"])
    assert primary["estimate"].notna().all() and primary["std_error"].notna().all()


def test_cohorts_are_those_that_the_programme_took_in(results: Path) -> None:
    exposure = table(results, "exposure").dropna(subset="first_treat")
    assert dict(zip(exposure["first_treat"].astype(int), exposure["n_units"], strict=True)) == N_COHORTS


def test_what_was_delivered_and_what_it_cost_agree_with_each_other(results: Path) -> None:
    costs, units = table(results, "costs"), table(results, "unit_costs").set_index("measure")
    total = costs.loc[costs["payer"] == "all", "amount"].item()
    by_component = costs[costs["component"].ne("all") & costs["year"].isna()]
    assert by_component["amount"].sum() == pytest.approx(total)
    assert units.loc["per_enterprise", "numerator"] == pytest.approx(total)
    assert units.loc["per_enterprise", "denominator"] == sum(N_COHORTS.values())
    reached = table(results, "monitoring").query("indicator == 'people_trained' and group == 'all'")
    assert reached["actual"].is_monotonic_increasing
    assert reached["actual"].iloc[-1] == units.loc["per_person_trained", "denominator"]


def test_power_before_the_data_is_told_of_every_expectation(results: Path) -> None:
    priors = pd.read_csv(PROJECT / "config" / NAME / "priors.csv")
    power = table(results, "prior_power")
    assert len(power) == len(priors) * 4
    assert power[["std_error", "mde", "power", "exaggeration", "wrong_sign"]].notna().all().all()
    full = power[(power["outcome"] == "mgmt_score") & (power["dose"] == "full") & (power["method"] == "did")]
    assert full["mde"].round(1).tolist() == [6.3]
    assert full["power"].round(2).tolist() == [0.98]
