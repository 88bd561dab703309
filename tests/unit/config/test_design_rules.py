"""What a design of a plan may not say beside what its own options refuse, and what may head a report."""

from __future__ import annotations

from dataclasses import replace

import pytest

from impacteval.config import load_study
from impacteval.config.design_rules import wrong_designs, wrong_headline
from impacteval.designs import (
    CallawaySantAnna,
    Dose,
    EventStudy,
    ExtendedTwoWay,
    Stacked,
    SunAbraham,
    Synthetic,
    TripleDifference,
    TwoByTwo,
    TwoWayFixedEffects,
)
from impacteval.errors import ConfigError
from support.study import make_study

NAMED = {"name": "d", "label": "D", "vcov": ("cr0",)}


@pytest.fixture
def folder(tmp_path):
    files = make_study()
    return load_study(files.write(tmp_path), files.name)


def problems_of(folder, design, **changes):
    return list(wrong_designs(replace(folder, plan=replace(folder.plan, designs=(design,), **changes))))


@pytest.mark.parametrize(
    ("design", "words"),
    [
        (TwoByTwo(name="d", label="D"), "vcov is empty"),
        (SunAbraham(outcomes=("profits",), **NAMED), "outcome 'profits' is not in outcomes.csv"),
    ],
)
def test_wrong_options_are_named(folder, design, words):
    assert any(words in problem for problem in problems_of(folder, design))


@pytest.mark.parametrize(
    "design",
    [
        TwoByTwo(**NAMED),
        CallawaySantAnna(covariates=("workers",), balance_event_time=0, **NAMED),
        TwoWayFixedEffects(dose="workers", **NAMED),
        ExtendedTwoWay(model="poisson", exposure="workers", **NAMED),
        Dose(dose="workers", cuts=(1.0, 3.0), **NAMED),
        Synthetic(name="d", label="D", vcov=("placebo",)),
    ],
)
def test_sound_designs_pass(folder, design):
    assert problems_of(folder, design) == []


def test_a_contradiction_in_a_file_says_which_design(tmp_path):
    files = make_study().edit_config(
        "plan.yaml", "    vcov: [cr1_groups]\n", "    vcov: [cr1_groups]\n    anticipation: -1\n"
    )
    with pytest.raises(ConfigError, match=r"key 'designs\.0': TwoByTwo: anticipation -1: 0 or more"):
        load_study(files.write(tmp_path), files.name)


def test_synthetic_controls_take_no_weights(folder):
    design = Synthetic(name="d", label="D", vcov=("jackknife",))
    assert any("no sampling weights" in p for p in problems_of(folder, design, weight="workers"))


@pytest.mark.parametrize(
    ("design", "is_refused"),
    [
        (EventStudy(**NAMED), True),
        (TripleDifference(subgroup="workers", **NAMED), True),
        (Dose(dose="workers", **NAMED), True),
        (TwoWayFixedEffects(dose="workers", **NAMED), True),
        (CallawaySantAnna(averages=("event_time",), **NAMED), True),
        (CallawaySantAnna(**NAMED), False),
        (Stacked(**NAMED), False),
        (ExtendedTwoWay(**NAMED), False),
    ],
)
def test_headline_needs_one_effect_an_arm(folder, design, is_refused):
    found = list(wrong_headline(folder.plan, design, folder.outcomes[0]))
    assert any("no single effect" in problem for problem in found) == is_refused
