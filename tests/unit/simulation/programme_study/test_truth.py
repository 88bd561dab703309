from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from impacteval.simulation.programme_study.frame import draw_frame
from impacteval.simulation.programme_study.selection import quotas
from impacteval.simulation.programme_study.streams import Streams
from impacteval.simulation.programme_study.training import dose_by_round
from impacteval.simulation.programme_study.truth import draw_truth
from impacteval.validation.identifiers import has_check_digit
from support.programme_parameters import drawn, parameters

TREATED = "score"


def test_the_frame_has_its_number_of_enterprises_with_valid_and_different_ids():
    frame = drawn().frame
    assert len(frame) == 1270 and frame["enterprise_id"].is_unique and frame["enterprise_name"].is_unique
    assert frame["enterprise_id"].str.fullmatch(r"SCI-E-\d{4}-\d").all()
    assert all(has_check_digit(i, "luhn") for i in frame["enterprise_id"])
    assert frame["employees_frame"].between(50, 200).all()


def test_each_estate_lies_in_its_zone():
    frame = drawn().frame
    zones = parameters().frame.zone_of
    named = frame[frame["estate"] != "other"]
    assert (named["estate"].map(zones) == named["zone"]).all()


def test_the_study_has_its_arms_and_cohorts():
    firms = drawn().firms
    assert firms["arm"].value_counts().to_dict() == {"comparison": 120, "score": 60}
    assert firms.loc[firms["arm"] == TREATED, "cohort"].value_counts().to_dict() == {
        "C0": 5,
        "C1": 22,
        "C2": 33,
    }
    assert (firms.loc[firms["arm"] != TREATED, "cohort"] == "").all()
    assert firms["enterprise_id"].is_unique
    assert (firms["no_show"].sum(), firms["contaminated"].sum()) == (2, 2)
    assert firms.loc[firms["replacement"] == 1, "arm"].unique().tolist() == ["comparison"]


def test_participants_enter_in_the_months_of_their_cohort_on_working_days():
    firms = drawn().firms
    for cohort, months in parameters().design.entry_months.items():
        days = firms.loc[firms["cohort"] == cohort, "entry_day"]
        assert set(days.dt.strftime("%Y-%m")) <= set(months)
        assert (days.dt.day_of_week < 5).all()
        assert days.nunique() > len(days) / 3
    assert firms.loc[firms["arm"] != TREATED, "entry_day"].isna().all()


def test_comparison_enterprises_follow_the_strata_of_participants():
    firms = drawn().firms
    shares = pd.crosstab(firms["stratum"], firms["arm"], normalize="columns")
    assert (shares["score"] - shares["comparison"]).abs().max() < 1 / 60 + 1 / 120


def test_quotas_add_up_and_never_exceed_what_there_is():
    found = quotas(pd.Series({"a": 8, "b": 2}), pd.Series({"a": 3, "b": 50, "c": 4}), 10)
    assert found == {"a": 3, "b": 7, "c": 0}


def test_training_begins_with_the_first_module_on_the_day_of_entry():
    truth = drawn()
    first = truth.training.groupby("enterprise_id")["classroom_start"].min()
    entry = truth.firms[truth.firms["arm"] == TREATED].set_index("enterprise_id")["entry_day"]
    assert (first.reindex(entry.index).dropna() == entry.loc[first.index.intersection(entry.index)]).all()
    in_order = truth.training.sort_values(["enterprise_id", "module"])
    assert in_order.groupby("enterprise_id")["classroom_start"].is_monotonic_increasing.all()
    assert in_order.groupby("enterprise_id")["module"].first().eq("M1").all()


def test_only_trained_enterprises_stand_in_the_training_register():
    truth = drawn()
    firms = truth.firms
    trained = ((firms["arm"] == TREATED) & ~firms["no_show"]) | firms["contaminated"]
    assert set(truth.training["enterprise_id"]) == set(firms.loc[trained, "enterprise_id"])


@pytest.mark.parametrize(
    ("days_before", "modules", "dose"),
    [(0, 3, 0.5), (182, 3, 0.5), (274, 3, 0.75), (366, 3, 1.0), (366, 1, 1 / 3), (900, 5, 1.0), (-1, 3, 0.0)],
)
def test_the_dose_follows_modules_and_months(days_before, modules, dose):
    last = np.datetime64(parameters().rounds.days[-1])
    training = pd.DataFrame(
        {"firm": [0] * modules, "classroom_start": [last - np.timedelta64(days_before, "D")] * modules}
    )
    training["classroom_start"] = training["classroom_start"].astype("datetime64[s]")
    found = dose_by_round(parameters(), training, 2)[0]
    assert found[0, -1] == pytest.approx(dose, abs=0.005)
    assert (found[1] == 0).all()


def test_nobody_has_a_dose_before_the_second_follow_up_but_the_first_cohorts():
    truth = drawn()
    assert (truth.dose[:, :2] == 0).all()
    late = (truth.firms["cohort"] == "C2").to_numpy()
    assert (truth.dose[late, 2] == 0).all()
    assert (truth.dose[(truth.firms["cohort"] == "C0").to_numpy(), 2] > 0).all()


def test_outcomes_differ_between_potentials_in_trained_cells_only():
    truth = drawn()
    for name, observed in truth.potential.observed.items():
        differs = observed != truth.potential.untreated[name]
        assert not differs[truth.dose == 0].any(), name
    moved = truth.potential.observed["mgmt"] != truth.potential.untreated["mgmt"]
    assert moved[truth.dose > 0].all()


def test_equal_seeds_give_equal_studies_and_others_do_not():
    again = draw_truth(parameters(), "central", 1)
    pd.testing.assert_frame_equal(again.tables()["true_outcomes"], drawn().tables()["true_outcomes"])
    pd.testing.assert_frame_equal(again.firms, drawn().firms)
    other = draw_truth(parameters(), "central", 2)
    assert set(other.firms["enterprise_id"]) != set(drawn().firms["enterprise_id"])


def test_the_scale_multiplies_frame_and_study():
    truth = drawn(scale=8)
    assert (len(truth.frame), len(truth.firms)) == (8 * 1270, 8 * 180)
    assert truth.frame["enterprise_id"].is_unique and truth.frame["enterprise_name"].is_unique
    assert all(has_check_digit(i, "luhn") for i in truth.frame["enterprise_id"].iloc[::97])


def test_saved_truth_has_a_row_for_each_enterprise_round_and_outcome():
    tables = drawn().tables()
    outcomes = tables["true_outcomes"]
    assert len(outcomes) == 180 * 4 * len(parameters().outcomes)
    assert not outcomes.duplicated(["enterprise_id", "wave", "outcome"]).any()
    row = outcomes[(outcomes["outcome"] == "ln_va") & (outcomes["wave"] == 3)].iloc[5]
    assert row["enterprise_id"] == drawn().firms["enterprise_id"].iloc[5]
    assert row["observed"] == drawn().potential.observed["ln_va"][5, 3]


def test_traits_of_the_frame_do_not_depend_on_the_scenario():
    frames = [drawn(name).frame for name in ("central", "selection_on_shock_ashenfelter")]
    pd.testing.assert_frame_equal(*frames)


def test_some_enterprises_are_really_smaller_or_larger_than_listed():
    frame = draw_frame(parameters(), Streams(1))
    outside = ~frame.traits["size"].between(49.5, 200.5)
    assert abs(outside.mean() - 0.08) < 4 * np.sqrt(0.08 * 0.92 / 1270)
