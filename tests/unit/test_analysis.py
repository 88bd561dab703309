"""All designs of a plan on one outcome, as rows of estimates."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from impacteval.analysis import analyse_family, stack_influence
from impacteval.design import Group, Subgroups
from impacteval.errors import IdentificationError
from impacteval.result_rows import estimates_table
from impacteval.tables import ESTIMATE_COLUMNS
from support import designs
from support.plans import make_outcome, make_plan

NAN = float("nan")


def frame_of(seed=71, *, n_units=18, drop=None, by_estate=False):
    """Units in turn control, class and mentor, treated from round 2 on; six to an estate."""
    rng = np.random.default_rng(seed)
    rows = []
    for i in range(n_units):
        arm, first = [("control", None), ("class", 2), ("mentor", 2)][i % 3]
        for period in (1, 2, 3):
            value = rng.normal() + (arm == "class") * (period > 1)
            cluster = f"E{i // 6}" if by_estate else f"u{i:02d}"
            rows.append((f"u{i:02d}", period, arm, first, cluster, NAN if drop == (arm, period) else value))
    columns = ["unit", "period", "arm", "first_treat", "cluster", "profit"]
    return pd.DataFrame(rows, columns=columns).astype({"first_treat": "Int64"})


def plan_of(*more, **changes):
    two_by_two = replace(designs.two_by_two(), vcov=("cr1_groups", "cr0"))
    return replace(make_plan(), designs=(two_by_two, *more), **changes)


def analyse_one(frame, plan):
    return analyse_family(frame, (make_outcome(),), plan, "made_up", seed=1)[0]


def table_of_plan(plan, frame=None):
    return estimates_table(analyse_one(frame_of() if frame is None else frame, plan).rows)


def test_every_design_and_convention_has_its_rows():
    table = table_of_plan(plan_of(designs.twfe(), designs.event_study(), designs.ancova()))
    assert list(table.columns) == list(ESTIMATE_COLUMNS)
    assert table["estimate_id"].is_unique and table["estimate_id"].is_monotonic_increasing
    assert table.groupby("estimator").size().to_dict() == {
        # Two arms: cells and event times 0 and 1, and an average, by two conventions.
        "drdid": 2 * (2 + 2 + 1) * 2,
        "twfe": 2,
        "event_study_twfe": 2 * 2,
        "ancova": 2,
    }
    assert set(table["study"]) == {"made_up"}


def test_headline_is_the_primary_design_by_its_first_convention():
    table = table_of_plan(plan_of(designs.twfe()))
    headline = table[table["role"] == "primary"]
    assert headline["arm"].tolist() == ["class", "mentor"]
    assert set(headline["estimand"]) == {"simple"} and set(headline["vcov"]) == {"cr1_groups(firm)"}
    assert set(table.loc[table["role"] != "primary", "role"]) == {"supporting"}


def test_design_that_does_not_cover_the_outcome_is_left_out():
    table = table_of_plan(plan_of(replace(designs.twfe(), outcomes=("other",))))
    assert set(table["estimator"]) == {"drdid"}


def test_undefined_numbers_are_empty_with_a_note():
    frame = frame_of()
    last = frame["arm"].eq("mentor") & ~frame["unit"].eq("u02")
    table = table_of_plan(plan_of(), frame[~last])
    mentor = table[table["arm"] == "mentor"]
    for column in ("std_error", "p_value", "conf_low", "conf_high", "mde", "statistic"):
        assert mentor[column].isna().all(), column
    assert mentor["estimate"].notna().all()
    assert (mentor["note"] != "").all()


def test_clusters_of_the_panel_are_used_and_named():
    table = table_of_plan(plan_of(cluster="estate"), frame_of(by_estate=True))
    assert set(table["vcov"]) == {"cr1_groups(estate)", "cr0(estate)"}
    assert set(table["n_clusters"]) == {3}


def test_all_that_cannot_be_identified_is_listed():
    frame = frame_of(drop=("control", 1))
    frame.loc[frame["arm"] == "control", "profit"] = frame["profit"].where(frame["period"] == 2)
    with pytest.raises(IdentificationError) as caught:
        analyse_one(frame, plan_of(designs.twfe()))
    message = str(caught.value)
    assert message.startswith("outcome profit:\n  - design two_by_two")
    assert "\n  - design two_way" in message


def test_family_lists_what_is_wrong_with_any_outcome():
    frame = frame_of().assign(sales=NAN)
    frame.loc[frame["arm"] != "control", "sales"] = 1.0
    outcomes = (make_outcome(), make_outcome("sales"))
    with pytest.raises(IdentificationError, match="outcome sales"):
        analyse_family(frame, outcomes, plan_of(), "made_up", seed=1)


def estimable(*, of):
    """Families of which some outcomes have no value in the control group."""
    frame = frame_of().assign(sales=lambda f: f["profit"])
    for name in of:
        frame.loc[frame["arm"] == "control", name] = NAN
    return frame


def rows_by_outcome(frame, *outcomes, plan=None):
    found = analyse_family(frame, outcomes, plan or plan_of(), "made_up", seed=1)
    return found, estimates_table([row for result in found for row in result.rows])


def test_secondary_outcome_without_estimate_is_a_row_with_the_reason_for_each_arm_and_error():
    secondary = replace(make_outcome("sales"), role="secondary")
    found, table = rows_by_outcome(estimable(of=["sales"]), make_outcome(), secondary)
    lost = table[table["outcome"] == "sales"]
    assert lost[["arm", "vcov", "role"]].to_numpy().tolist() == [
        ["class", "cr0", "supporting"],
        ["class", "cr1_groups", "secondary"],
        ["mentor", "cr0", "supporting"],
        ["mentor", "cr1_groups", "secondary"],
    ]
    assert lost[["estimate", "std_error", "p_value", "n_units"]].isna().all().all()
    assert lost["note"].str.startswith("not estimated: ").all()
    assert lost["estimate_id"].str.startswith("sales.two_by_two.not_estimated.arm=").all()
    assert (found[1].effects, found[1].effect_ids, found[1].cells) == ((), (), ())
    # What the other outcome gives does not depend on the one that fails.
    alone = rows_by_outcome(estimable(of=["sales"]), make_outcome())[1]
    pd.testing.assert_frame_equal(table[table["outcome"] == "profit"].reset_index(drop=True), alone)


def test_influence_of_a_family_without_any_estimate_is_empty():
    secondary = replace(make_outcome("sales"), role="secondary")
    found, _ = rows_by_outcome(estimable(of=["sales"]), secondary)
    assert [len(part) for part in stack_influence(found)] == [0, 0, 0]


def test_other_design_that_fails_is_a_supporting_row_beside_a_primary_headline():
    adjusted = designs.ancova(covariates=("buyer",))
    table = rows_by_outcome(frame_of().assign(buyer=NAN), make_outcome(), plan=plan_of(adjusted))[1]
    assert table.loc[table["role"] == "primary", "estimate"].notna().tolist() == [True, True]
    lost = table[table["note"].str.startswith("not estimated")]
    assert lost[["estimator", "role", "arm"]].to_numpy().tolist() == [
        ["ancova", "supporting", "class"],
        ["ancova", "supporting", "mentor"],
    ]


def by_size(frame, small):
    return frame.assign(large=lambda f: (~f["unit"].isin(small)).astype("float64"))


SIZE = Subgroups(
    name="size",
    label="Size",
    column="large",
    groups=(Group(name="small", label="Small", value=0), Group(name="large", label="Large", value=1)),
)


def test_subgroup_that_cannot_be_compared_is_a_row_and_leaves_the_headline():
    # Nobody in the control group is small.
    plan = plan_of(subgroups=(SIZE,))
    table = rows_by_outcome(by_size(frame_of(), ("u01", "u02", "u04", "u05")), make_outcome(), plan=plan)[1]
    assert table.loc[table["role"] == "primary", "estimate"].notna().tolist() == [True, True]
    lost = table[table["note"].str.startswith("not estimated")]
    assert set(lost["subgroup"]) == {"size"}
    assert set(lost["role"]) == {"supporting"}
    assert lost["arm"].tolist() == ["class", "class", "mentor", "mentor"]


def test_subgroups_that_can_be_compared_leave_no_such_row():
    plan = plan_of(subgroups=(SIZE,))
    small = [f"u{i:02d}" for i in range(9)]
    table = rows_by_outcome(by_size(frame_of(), small), make_outcome(), plan=plan)[1]
    assert not table["note"].str.startswith("not estimated").any()
    assert (table["subgroup"] != "").any()


def test_stacked_influence_gives_the_covariance_of_all_estimates():
    frame = frame_of().assign(sales=lambda f: f["profit"] ** 2)
    frame.loc[frame["unit"] == "u03", "sales"] = NAN
    found = analyse_family(frame, (make_outcome(), make_outcome("sales")), plan_of(), "made_up", seed=1)
    unit_ids, effect_ids, influence = stack_influence(found)
    assert len(unit_ids) == 18 and influence.shape == (18, len(effect_ids))
    assert len(set(effect_ids)) == len(effect_ids)
    variance = (influence**2).sum(axis=0) / 18**2
    table = estimates_table([row for result in found for row in result.rows])
    errors = table.set_index("estimate_id")["std_error"]
    expected = [errors[f"{name}.cr0-firm"] ** 2 for name in effect_ids]
    assert_allclose(variance, expected, rtol=1e-10)
    assert (influence[unit_ids == "u03"][:, [e.startswith("sales") for e in effect_ids]] == 0).all()
