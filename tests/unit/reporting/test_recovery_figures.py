"""Figures of the recovery of known effects."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pandas as pd
import pytest

from impacteval.reporting.recovery_figures import recovery_figures
from support.recovery import recipe


def recovery(bias=0.1):
    rows = [
        {
            "scenario": scenario,
            "outcome": outcome.name,
            "design": design,
            "bias": bias,
            "bias_mc": 0.02,
            "sd": 0.5,
            "coverage": 0.95,
            "coverage_mc": 0.01,
        }
        for scenario in ("central", "null_all")
        for outcome in recipe().outcomes
        for design in ("group_time", "two_way", "two_way_buyer")
    ]
    return pd.DataFrame(rows)


def drawn(**changed):
    return recovery_figures(recovery(**changed), recipe().outcomes, recipe().plan)


def test_equal_tables_give_equal_bytes():
    assert drawn() == drawn()


def test_figures_are_whole_and_follow_the_numbers():
    figures = drawn()
    assert set(figures) == {"bias", "coverage"}
    for svg in figures.values():
        ET.fromstring(svg)  # noqa: S314
    other = drawn(bias=0.3)
    assert other["bias"] != figures["bias"]
    assert other["coverage"] == figures["coverage"]


@pytest.mark.parametrize("name", ["bias", "coverage"])
def test_no_figure_says_when_it_was_drawn(name):
    assert b"<dc:date>" not in drawn()[name]
