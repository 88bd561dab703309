"""A study with formulas from its raw file to its estimates."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pandas as pd
import pytest

from impacteval.derivation import DerivedColumn, Parameter
from impacteval.design import Outcome
from impacteval.tables import read_csv, read_parquet
from support.pipeline import Pipeline
from support.study import NAME, OUTCOMES, csv_text, make_study

DERIVED = ({"name": "rate", "table": "firms", "formula": "output / workers / deflator"},)
PARAMETERS = ({"parameter": "deflator", "value": "2"},)
MORE = (
    {"name": "real_rate", "family": "productivity", "role": "secondary", "transform": "log", "direction": "higher", "formula": "rate", "winsorise": "5"},
    {"name": "lost_share", "family": "described", "role": "descriptive", "transform": "none", "direction": "neutral", "formula": "100 * days_lost / 240"},
    {"name": "calm", "family": "safety", "role": "secondary", "transform": "none", "direction": "higher", "formula": "zmean(0 - days_lost, output)"},
)  # fmt: skip


def names(type_):
    return [f.name for f in fields(type_)]


@pytest.fixture(scope="module")
def results(great_expectations, tmp_path_factory):
    files = make_study()
    texts = {
        "derived.csv": csv_text(names(DerivedColumn), DERIVED),
        "parameters.csv": csv_text(names(Parameter), PARAMETERS),
        "outcomes.csv": csv_text(names(Outcome), (*OUTCOMES, *MORE)),
    }
    for name, text in texts.items():
        files = files.put(files.config(name), text)
    root = files.write(tmp_path_factory.mktemp("study"))
    return Pipeline(root, NAME).run().results


def test_indicators_and_the_panel_hold_what_was_derived(results):
    indicators = read_parquet(results / "panel/indicators.parquet")
    assert indicators.columns.tolist()[4:] == ["rate", "real_rate", "lost_share", "calm"]
    panel = read_parquet(results / "panel/enterprise.parquet")
    assert panel.columns.tolist()[-1] == "real_rate__unwinsorised"
    np.testing.assert_allclose(panel["real_rate__unwinsorised"], panel["log_productivity"] - np.log(2))
    assert (panel["real_rate"] != panel["real_rate__unwinsorised"]).sum() == pytest.approx(
        0.1 * len(panel), abs=6
    )


def test_indices_say_how_they_were_made(results):
    indices = read_csv(results / "tables/indices.csv")
    assert indices["item"].tolist() == ["0 - days_lost", "output"]
    assert indices["n"].tolist() == [12.0, 12.0]


def test_what_is_only_described_is_in_coverage_and_means_and_nowhere_else(results):
    held = {
        name: set(pd.read_csv(results / f"tables/{name}.csv")["outcome"])
        for name in ("coverage", "means", "power", "estimates")
    }
    assert "lost_share" in held["coverage"] & held["means"]
    assert "lost_share" not in held["power"] | held["estimates"]
    assert {"real_rate", "calm"} <= held["estimates"]
    assert not (results / "estimates/described.csv").exists()
