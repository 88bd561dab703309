"""Every design of a plan finds its estimator; streams, subgroups and shared runs."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from impacteval.design import Group, Subgroups
from impacteval.designs import (
    CallawaySantAnna,
    Design,
    Dose,
    Synthetic,
    TripleDifference,
    TwoByTwo,
)
from impacteval.errors import IdentificationError
from impacteval.estimation import estimate, estimate_subgroups, estimate_together, membership, stream
from support.panels import make_panel

N_UNITS, N_PERIODS = 90, 6


def panel_of(seed=1, name="y"):
    """Three cohorts of 30: from period 2, from period 4, never; covariates of every kind."""
    rng = np.random.default_rng(seed)
    shape = (N_UNITS, N_PERIODS)
    fixed = {
        "size": rng.normal(size=N_UNITS),
        "modules": np.where(np.arange(N_UNITS) < 60, 1.0 + np.arange(N_UNITS) % 2, 0.0),
        "union": (np.arange(N_UNITS) % 3 == 0).astype(float),
    }
    panel = make_panel(
        rng.normal(size=shape) + rng.normal(size=(N_UNITS, 1)),
        [2.0] * 30 + [4.0] * 30 + [np.inf] * 30,
        covariates={k: np.repeat(v[:, None], N_PERIODS, axis=1) for k, v in fixed.items()},
    )
    return replace(panel, name=name)


def design_of(type_):
    special = {
        Dose: {"dose": "modules"},
        TripleDifference: {"subgroup": "union"},
        Synthetic: {"vcov": ("jackknife", "placebo"), "replications": 5},
    }
    return type_(name="d", **{"vcov": ("cr0",), **special.get(type_, {})})


@pytest.mark.parametrize("type_", get_args(Design))
def test_every_design_has_an_estimator(type_):
    design = design_of(type_)
    parts = estimate(panel_of(), design, seed=1)
    assert {part.estimator for part in parts} == {design.estimator}
    assert all(np.isfinite(part.estimate).any() for part in parts)
    assert all(part.unit_ids.shape == (N_UNITS,) for part in parts)


def test_group_time_designs_come_with_the_averages_they_ask_for():
    parts = estimate(panel_of(), CallawaySantAnna(name="d", averages=("simple", "calendar")), seed=1)
    assert [part.keys[0].estimand for part in parts] == ["att_gt", "simple", "calendar"]


@pytest.mark.parametrize("design", [TwoByTwo(name="d"), CallawaySantAnna(name="d", covariates=("size",))])
def test_outcomes_together_are_outcomes_alone(design):
    panels = [panel_of(1, "a"), panel_of(2, "b")]
    missing = np.array(panels[1].outcome)
    missing[3, 2] = np.nan
    panels.append(replace(panels[1], outcome=missing, name="c"))
    together = estimate_together(panels, design)
    for panel, parts in zip(panels, together, strict=True):
        for part, alone in zip(parts, estimate(panel, design, seed=1), strict=True):
            assert part.outcome == panel.name
            assert_allclose(part.estimate, alone.estimate, rtol=1e-12, atol=1e-14)
            assert_allclose(part.influence, alone.influence, rtol=1e-9, atol=1e-12)


def test_streams_depend_on_names_and_seed_alone():
    first = stream(3, "placebo", "profit").random(4)
    assert_array_equal(first, stream(3, "placebo", "profit").random(4))
    assert (first != stream(3, "placebo", "sales").random(4)).any()
    assert (first != stream(4, "placebo", "profit").random(4)).any()


UNION = Subgroups(
    name="union",
    label="Union",
    column="union",
    groups=(Group(name="without", label="No", value=0), Group(name="with", label="Yes", value=1)),
)


def test_subgroups_have_their_effects_and_a_difference():
    parts = estimate_subgroups(panel_of(), TwoByTwo(name="d", averages=("simple",)), UNION, seed=1)
    simple = {p.keys[0].subgroup: p.estimate[0] for p in parts if p.keys[0].estimand == "simple"}
    # Bug: groups were compared with the first by name, not with the first of the plan.
    assert list(simple) == ["union=without", "union=with", "union=with - union=without"]
    assert_allclose(
        simple["union=with - union=without"], simple["union=with"] - simple["union=without"], rtol=1e-12
    )


def test_membership_is_read_in_the_first_known_period():
    panel = panel_of()
    values = np.array(panel.covariates["union"])
    values[0] = [np.nan, 1, 0, 0, 0, 0]
    values[1] = np.nan
    found = membership(replace(panel, covariates={"union": values}), UNION)
    assert list(found[:4]) == ["union=with", "", "union=without", "union=with"]


def test_a_group_without_units_is_refused():
    empty = replace(UNION, groups=(*UNION.groups, Group(name="both", label="Both", value=2)))
    with pytest.raises(IdentificationError, match="no enterprise has union = 2"):
        membership(panel_of(), empty)
