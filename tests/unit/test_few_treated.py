"""Where too few units are treated, the row has no headline and a p-value by permutation."""

from __future__ import annotations

import re

import numpy as np

from impacteval.designs import TwoByTwo
from impacteval.effects import EffectKey
from impacteval.estimation import estimate
from impacteval.few_treated import randomisation_remark
from impacteval.result_rows import FEWEST_FOR_HEADLINE, Origin, estimate_rows
from support.panels import ARM, make_panel
from support.plans import make_outcome, make_plan

SIMPLE = EffectKey(estimand="simple", arm=ARM)


def panel_of(n_treated, effect=0.0):
    rng = np.random.default_rng(3)
    outcome = rng.normal(size=(30, 2))
    outcome[:n_treated, 1] += effect
    return make_panel(outcome, [1.0] * n_treated + [np.inf] * (30 - n_treated))


def rows_of(n_treated):
    plan = make_plan()
    panel = panel_of(n_treated)
    design = plan.designs[0]
    origin = Origin(study="s", seed=1, plan=plan, design=design, outcome=make_outcome(), panel=panel)
    return [row for part in estimate(panel, design, seed=1) for row in estimate_rows(part, origin)]


def test_too_few_treated_units_head_no_report():
    simple = next(row for row in rows_of(FEWEST_FOR_HEADLINE - 1) if row["estimand"] == "simple")
    assert simple["role"] == "supporting"
    assert "no headline" in simple["note"]
    assert re.search(r"randomisation inference on the t statistic: p = 0\.\d{3}", simple["note"])


def test_enough_treated_units_do():
    simple = next(row for row in rows_of(FEWEST_FOR_HEADLINE) if row["estimand"] == "simple")
    assert simple["role"] == "primary"
    assert "no headline" not in simple["note"]


def test_one_treated_unit_is_tested_by_its_estimate():
    """Its t statistic is not defined; an effect beyond all changes has p of about one in thirty."""
    remark = randomisation_remark(panel_of(1, effect=50.0), TwoByTwo(name="d"), SIMPLE, seed=1)
    found = re.search(r"on the estimate: p = (\d\.\d+)", remark)
    assert abs(float(found.group(1)) - 1 / 30) < 4 * np.sqrt(1 / 30 * 29 / 30 / 999)


def test_remark_is_the_same_on_every_run():
    remarks = {randomisation_remark(panel_of(3), TwoByTwo(name="d"), SIMPLE, seed=2) for _ in range(2)}
    assert len(remarks) == 1


def rows_by_estate(n_estates):
    """Twenty treated enterprises in a few estates, clustered by estate, ten comparison estates."""
    rng = np.random.default_rng(4)
    cluster = [i * n_estates // 20 for i in range(20)] + [n_estates + i // 2 for i in range(20)]
    panel = make_panel(rng.normal(size=(40, 2)), [1.0] * 20 + [np.inf] * 20, cluster=cluster)
    plan = make_plan(cluster="estate")
    design = plan.designs[0]
    origin = Origin(study="s", seed=1, plan=plan, design=design, outcome=make_outcome(), panel=panel)
    return [row for part in estimate(panel, design, seed=1) for row in estimate_rows(part, origin)]


def test_few_is_counted_in_clusters():
    """Bug: twenty enterprises in two estates could head a report, though coverage is .73."""
    simple = next(row for row in rows_by_estate(2) if row["estimand"] == "simple")
    assert simple["role"] == "supporting"
    assert "fewer than 5 clusters on one side: no headline" in simple["note"]


def test_a_few_clusters_are_noted():
    simple = next(row for row in rows_by_estate(8) if row["estimand"] == "simple")
    assert simple["role"] == "primary"
    assert simple["note"] == "8 clusters on one side: nominal intervals cover too little"


def test_few_comparison_units_are_noted_too():
    """Bug: only the treated side was counted."""
    rng = np.random.default_rng(5)
    panel = make_panel(rng.normal(size=(40, 2)), [1.0] * 37 + [np.inf] * 3)
    plan = make_plan()
    origin = Origin(study="s", seed=1, plan=plan, design=plan.designs[0], outcome=make_outcome(), panel=panel)
    rows = [r for part in estimate(panel, plan.designs[0], seed=1) for r in estimate_rows(part, origin)]
    simple = next(row for row in rows if row["estimand"] == "simple")
    assert simple["role"] == "supporting" and "on one side: no headline" in simple["note"]
