"""Every published number of Brooks, Donovan and Johnson (2018) that the reference folder lists.

"Mentors or Teachers? Microenterprise Training in Kenya", American Economic Journal: Applied Economics
10(4), Tables 2, 3, 6, 7, 8 and 9, from the deposited data, to the printed digit.
"""

from __future__ import annotations

import csv
import os
from pathlib import Path

import pytest

from impacteval.describe.balance import balance
from impacteval.estimators.ancova import ancova
from impacteval.estimators.fixed_effects import two_way_fixed_effects
from impacteval.estimators.group_time import att_group_time
from impacteval.inference.errors import with_errors
from support import designs
from support.dandora import CONTROLS, dandora_frame, dandora_panel

pytestmark = pytest.mark.reference

ALL_WAVES = tuple(range(8))
DATA = ("data", "dandora", "BDJ_Dandora_Data.dta")
TARGETS = ("data", "targets.csv")
BALANCED = (
    "profit_b", "businessage_b", "credit_b", "bankaccount_b", "loan_b", "advert_b", "age_b", "secondaryedu_b",
)  # fmt: skip
# The paper prints .072 for the coefficient on mentees; the data give .0726 (the target's note says so).
MISPRINTED = {"keeps_some_records pooled: mentee coef"}


def target_rows():
    """Rows about these data; one that stands for all where the folder is not there."""
    path = Path(os.environ.get("IMPACTEVAL_REFERENCE", "")).joinpath(*TARGETS)
    if not os.environ.get("IMPACTEVAL_REFERENCE") or not path.is_file():
        return [pytest.param(None, id="all")]
    with path.open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["dataset"] == "BDJ"]
    return [pytest.param(row, id=f"{row['published_in'].split()[-1]} {row['quantity']}") for row in rows]


@pytest.fixture(scope="module")
def frame(reference):
    return dandora_frame(reference.path(*DATA))


@pytest.fixture(scope="module")
def computed(frame):
    """Every quantity of the tables, by table, row of the table and item."""
    found = {}
    for table, name, panel, design in specifications(frame):
        effects = ancova(panel, design)
        estimates = with_errors(effects, design.vcov[0], panel.cluster)
        for j, key in enumerate(effects.keys):
            found[table, name, f"{key.arm} coef"] = float(effects.estimate[j])
            found[table, name, f"{key.arm} se"] = float(estimates.std_error[j])
        found[table, name, "N"] = float(effects.n_obs[0])
    base = balance(frame[frame["wave"] == 0], BALANCED, ("class", "mentee"), "control")
    for row in base.itertuples():
        found["T2", row.variable, f"{row.arm.replace('mentee', 'mentor')}-control"] = row.difference
    return found


def specifications(frame):
    """Table, row of the table, panel and design of each regression."""
    clustered = designs.ancova(covariates=CONTROLS, baseline="none", vcov=("cr1_counted",))
    pooled = designs.ancova(covariates=CONTROLS, include_base_period=True, vcov=("cr1_counted",))
    profit = dandora_panel(frame, "tprofits", ALL_WAVES, (*CONTROLS, "baseline"))
    yield "T3", "profit pooled ANCOVA", profit, pooled
    for wave in ALL_WAVES[1:]:
        panel = dandora_panel(frame, "tprofits", (wave,), (*CONTROLS, "baseline"))
        # The note of the table says robust; the printed errors are classical.
        yield "T3", f"profit wave {wave}", panel, designs.ancova(covariates=CONTROLS, vcov=("classical",))
    for outcome in ("trevenue", "price", "cprice"):
        panel = dandora_panel(frame, outcome, ALL_WAVES, CONTROLS)
        yield "T6", outcome, panel, designs.ancova(baseline="none", vcov=("cr1_counted",))
        yield "T6", f"{outcome} controls", panel, clustered
    yield "T7", "supplier switch", dandora_panel(frame, "supplierswitch", (5,), CONTROLS), clustered
    for outcome in ("keeps_some_records", "marketing"):
        # Nobody did either at baseline: the baseline value is constant and drops out.
        panel = dandora_panel(frame, outcome, ALL_WAVES[:7], CONTROLS)
        yield "T8", f"{outcome} pooled", panel, designs.ancova(covariates=CONTROLS, vcov=("cr1_counted",))
    for outcome in ("z_business_score", "z_stock_score", "z_record_score"):
        panel = dandora_panel(frame, outcome, (5, 6), CONTROLS)
        yield "T9", outcome, panel, designs.ancova(covariates=CONTROLS, baseline="none", vcov=("hc1",))


@pytest.mark.parametrize("row", target_rows())
def test_published_number_is_reproduced_to_the_printed_digit(row, reference, computed):
    if row is None:
        pytest.fail(f"no rows of BDJ in {reference.path(*TARGETS)}")
    name, item = row["quantity"].rsplit(": ", 1)
    value = computed[row["published_in"].split()[-1], name, item]
    digits = int(row["decimals"])
    if row["quantity"] in MISPRINTED:
        assert round(value, 6) == float(row["recomputed"]), row["note"]
    else:
        assert round(value, digits) == float(row["published"]), row["note"]


@pytest.mark.parametrize("row", target_rows())
def test_an_independent_computation_agrees_to_six_digits(row, reference, computed):
    if row is None:
        pytest.fail(f"no rows of BDJ in {reference.path(*TARGETS)}")
    name, item = row["quantity"].rsplit(": ", 1)
    value = computed[row["published_in"].split()[-1], name, item]
    # The target is rounded to six decimals.
    assert abs(value - float(row["recomputed"])) <= 0.51e-6


def test_there_are_115_published_numbers(reference):
    reference.path(*TARGETS)
    assert len(target_rows()) == 115


def test_difference_in_differences_clustered_by_firm(frame):
    panel = dandora_panel(frame, "tprofits", ALL_WAVES)
    effects = two_way_fixed_effects(panel, designs.twfe())
    errors = with_errors(effects, "cr1_nested", panel.cluster).std_error
    found = {
        key.arm: (round(float(b), 2), round(float(e), 2))
        for key, b, e in zip(effects.keys, effects.estimate, errors, strict=True)
    }
    assert found == {"mentee": (474.38, 206.65), "class": (229.76, 212.31)}
    assert set(effects.n_obs) == {2608}


def test_two_by_two_differences_of_the_mentees(frame):
    panel = dandora_panel(frame, "tprofits", ALL_WAVES)
    effects = att_group_time(panel, designs.two_by_two())
    found = {
        k.period: round(float(b), 2)
        for k, b in zip(effects.keys, effects.estimate, strict=True)
        if k.arm == "mentee"
    }
    assert found == {1: 377.91, 2: 44.02, 3: 216.19, 4: 1018.80, 5: 925.07, 6: 103.71, 7: 56.79}
