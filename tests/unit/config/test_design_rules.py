"""What a design of a plan may not say."""

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
    Imputation,
    Stacked,
    SunAbraham,
    Synthetic,
    TripleDifference,
    TwoByTwo,
    TwoWayFixedEffects,
)
from support.study import make_study

CR0 = ("cr0",)
NAMED = {"name": "d", "label": "D", "vcov": CR0}


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
        (TwoByTwo(anticipation=-1, **NAMED), "anticipation -1"),
        (CallawaySantAnna(anticipation=-2, **NAMED), "anticipation -2"),
        (Dose(dose="hours", anticipation=-1, **NAMED), "anticipation -1"),
        (CallawaySantAnna(highest_score=0.0, **NAMED), "highest_score 0.0"),
        (TwoByTwo(highest_score=1.5, **NAMED), "highest_score 1.5"),
        (CallawaySantAnna(balance_event_time=-1, **NAMED), "balance_event_time -1"),
        (TwoWayFixedEffects(regressors=("x",), dose="z", **NAMED), "`regressors` or `dose`"),
        (TwoWayFixedEffects(period_effects=False, **NAMED), "period_effects is false only"),
        (Imputation(pretrend_periods=-1, **NAMED), "pretrend_periods -1"),
        (Stacked(periods_before=0, **NAMED), "periods_before is 1 or more"),
        (Stacked(periods_after=-1, **NAMED), "periods_after 0 or more"),
        (ExtendedTwoWay(exposure="hours", **NAMED), "`model: poisson` only"),
        (ExtendedTwoWay(model="poisson", name="d", label="D", vcov=("cr1_nested",)), "a Poisson model has"),
        (Synthetic(name="d", label="D", vcov=("placebo",), replications=1), "replications 1"),
        (Dose(**NAMED), "dose: name the column"),
        (Dose(dose="hours", cuts=(3.0, 1.0), **NAMED), "cuts [3.0, 1.0]"),
        (Dose(dose="hours", cuts=(0.0, 1.0), **NAMED), "above 0"),
        (TripleDifference(**NAMED), "subgroup: name the column"),
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
