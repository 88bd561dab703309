"""Which units and rows a comparison uses: those with weight, known where the design needs them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from impacteval.designs import CallawaySantAnna
from impacteval.estimators.comparisons import cohorts_of
from impacteval.estimators.group_time import att_group_time
from impacteval.estimators.sections_group_time import att_group_time_sections
from impacteval.inference.errors import with_errors
from impacteval.sections import sections_of
from support.designs import two_by_two
from support.panels import NEVER_TREATED, make_panel, random_panel

NAN = float("nan")


def with_weights(panel, weight):
    """The panel with one weight a unit, or a weight for each cell."""
    weight = np.asarray(weight, dtype=float)
    table = np.repeat(weight[:, None], panel.outcome.shape[1], axis=1) if weight.ndim == 1 else weight
    return replace(panel, weight=table)


def without_units(panel, lost):
    """The panel without some units."""
    kept = ~np.asarray(lost)
    return make_panel(
        panel.outcome[kept],
        panel.cohort[kept],
        covariates={name: values[kept] for name, values in panel.covariates.items()},
    )


@pytest.mark.parametrize("missing", ["pairs", "complete_units", "rows"])
@pytest.mark.parametrize("covariates", [(), ("z",)])
def test_units_without_weight_count_as_if_they_were_not_there(missing, covariates):
    """They once counted as units: one weighted treated unit of two had an error, of .358.

    Deleting units of weight zero changes nothing but the counts of units dropped and their note.
    """
    panel = random_panel(cohorts={2: 12, 3: 14, NEVER_TREATED: 20}, n_periods=4, seed=51, covariate="z")
    lost = np.isin(np.arange(46), (0, 12, 13, 30))
    design = CallawaySantAnna(name="cs", missing=missing, covariates=covariates)
    weighted = with_weights(panel, np.where(lost, 0.0, 1.0))
    found, fewer = att_group_time(weighted, design), without_units(panel, lost)
    alone = att_group_time(fewer, design)
    assert_allclose(found.estimate, alone.estimate, rtol=1e-10)
    assert_allclose(found.influence[~lost] / 46, alone.influence / 42, rtol=1e-8, atol=1e-12)
    assert not found.influence[lost].any() and not found.in_sample[lost].any()
    assert_array_equal(found.n_treated, alone.n_treated)
    assert_array_equal(found.n_comparison, alone.n_comparison)
    one, other = (with_errors(e, "cr0", p.cluster) for e, p in ((found, weighted), (alone, fewer)))
    assert_allclose(one.std_error, other.std_error, rtol=1e-8)
    assert_array_equal(one.df, other.df)
    what, times = ("row", 2) if missing == "rows" else ("unit", 1)
    for j, key in enumerate(found.keys):
        n_lost = (1 if key.cohort == 2 else 2) * times
        assert found.cells[j].n_treated_dropped == n_lost and found.cells[j].n_comparison_dropped == times
        verb = "takes" if n_lost == 1 else "take"
        said = f"{n_lost} treated {what}{'s' * (n_lost > 1)} with weight zero {verb} no part"
        assert said in key.note and f"{times} comparison {what}" in key.note


def test_one_treated_unit_with_weight_has_no_error():
    """Two treated units of weights 1 and 0 once had one: only units with weight are units."""
    panel = make_panel(
        [[0, 5], [0, 9], [0, 1], [0, 3]], [1, 1, NEVER_TREATED, NEVER_TREATED], cluster=[0, 1, 2, 3]
    )
    effects = att_group_time(with_weights(panel, [1, 0, 1, 1]), two_by_two())
    assert_allclose(effects.estimate, [3.0], rtol=1e-12)
    estimates = with_errors(effects, "cr0", panel.cluster)
    assert np.isnan(estimates.std_error[0]) and estimates.df[0] == 2
    assert estimates.notes == (
        "one treated unit: its error is not known; 1 treated unit with weight zero takes no part",
    )


def test_weight_of_zero_in_one_period_leaves_a_unit_out_of_the_cells_that_start_there():
    """Weights are those of the earlier period, and so is their absence."""
    panel = random_panel(cohorts={2: 12, NEVER_TREATED: 14}, n_periods=4, seed=52)
    weight = np.ones(panel.outcome.shape)
    weight[0, 0] = weight[20, 1] = 0.0
    effects = att_group_time(with_weights(panel, weight), CallawaySantAnna(name="cs"))
    dropped = {k.period: (c.n_treated_dropped, c.n_comparison_dropped) for k, c in facts_of(effects)}
    assert dropped == {1: (1, 0), 2: (0, 1), 3: (0, 1)}
    notes = {k.period: k.note for k in effects.keys}
    assert notes[1] == "1 treated unit with weight zero takes no part"
    assert notes[2] == "1 comparison unit with weight zero takes no part"


def facts_of(effects):
    return zip(effects.keys, effects.cells, strict=True)


def test_rows_of_cross_sections_without_weight_count_as_if_they_were_not_there():
    """As for units: rows of weight zero once were on the sides of a comparison."""
    panel = random_panel(cohorts={1: 12, NEVER_TREATED: 14}, n_periods=2, seed=53)
    sections, _ = sections_of(panel)
    lost = np.isin(np.arange(sections.n_rows), (0, 1, 2, 40))
    found = att_group_time_sections(
        replace(sections, weight=np.where(lost, 0.0, 1.0)), CallawaySantAnna(name="cs")
    )
    outcome = np.where(lost.reshape(26, 2), NAN, panel.outcome)
    alone = att_group_time(make_panel(outcome, panel.cohort), CallawaySantAnna(name="cs", missing="rows"))
    assert_allclose(found.estimate, alone.estimate, rtol=1e-12)
    assert not found.in_sample[lost].any() and found.n_obs[0] == 48
    facts = found.cells[0]
    assert (facts.n_treated, facts.n_treated_dropped, facts.n_comparison_dropped) == (21, 3, 1)
    assert found.keys[0].note == (
        "3 treated rows with weight zero take no part; 1 comparison row with weight zero takes no part"
    )


def test_a_side_of_rows_without_weight_says_so():
    panel = random_panel(cohorts={1: 12, 2: 12, NEVER_TREATED: 14}, n_periods=3, seed=54)
    weight = np.ones(panel.outcome.shape)
    weight[:12] = 0.0
    weight[12:24, 2] = 0.0
    effects = att_group_time(with_weights(panel, weight), CallawaySantAnna(name="cs", missing="rows"))
    notes = {(k.cohort, k.period): k.note.split("; 12")[0].split("; 24")[0] for k in effects.keys}
    assert notes[1, 1] == "no treated unit with a positive weight; nothing can be compared"
    assert notes[2, 2] == "no treated row with a positive weight in the period"


@pytest.mark.parametrize("missing", ["pairs", "complete_units", "rows"])
def test_covariates_that_a_design_does_not_use_change_nothing(missing):
    """A missing value in a covariate of another design once took units out of this one."""
    panel = random_panel(cohorts={2: 12, NEVER_TREATED: 14}, n_periods=4, seed=58, covariate="z")
    other = panel.covariates["z"].copy()
    other[::3, 1] = NAN
    gaps = replace(panel, covariates={"z": panel.covariates["z"], "other": other})
    design = CallawaySantAnna(name="cs", covariates=("z",), missing=missing)
    one, two = att_group_time(panel, design), att_group_time(gaps, design)
    assert one.keys == two.keys
    assert_array_equal(one.estimate, two.estimate)
    assert_array_equal(one.influence, two.influence)


def test_more_cohorts_than_16_bits_count_are_sorted():
    """Codes above 32,767 were once taken for negative: a cohort must hold its own units."""
    n = 33_000
    start = np.r_[np.arange(n), np.arange(n)].astype(float) + 1
    cohorts = cohorts_of(np.array(["t"] * (2 * n)), start, ("t",), "c")
    assert_array_equal(np.stack(cohorts.members), np.column_stack([np.arange(n), np.arange(n) + n]))
