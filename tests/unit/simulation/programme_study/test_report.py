from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from impacteval.errors import ConfigError
from impacteval.simulation.programme_study import columns as c
from impacteval.simulation.programme_study.enterprise_work import items_in_use
from impacteval.simulation.programme_study.interviews import working_days
from impacteval.simulation.programme_study.report import report
from impacteval.simulation.programme_study.streams import Streams
from impacteval.simulation.programme_study.truth import draw_truth
from support.programme_parameters import drawn, parameters, reported, true_of

REGISTERS = (
    "frame",
    "assignment",
    "training",
    "participants",
    "trainers",
    "kpi_reports",
    "contacts",
    "costs",
)


@pytest.fixture(scope="module", params=["reported", "true"])
def enterprise(request):
    made = reported() if request.param == "reported" else true_of("observed")
    return made.tables["enterprise"]


@pytest.fixture(scope="module")
def workers():
    return reported().tables["workers"]


def test_tables_have_the_columns_of_the_questionnaires_in_their_order():
    tables = reported().tables
    assert set(tables) == {*REGISTERS, "enterprise", "workers"}
    assert tuple(tables["enterprise"].columns) == c.ENTERPRISE
    assert tuple(tables["workers"].columns) == c.WORKERS
    assert tuple(tables["frame"].columns) == c.FRAME
    assert tuple(tables["assignment"].columns) == c.ASSIGNMENT
    assert tuple(tables["training"].columns) == c.TRAINING


def test_numbers_are_floats_days_are_dates_and_all_else_is_text():
    for table in reported().tables.values():
        kinds = {str(kind) for kind in table.dtypes}
        assert kinds <= {"float64", "str", "datetime64[s]"}
        text = table.select_dtypes("str")
        assert not text.isna().any().any()


def test_reasons_have_the_rows_and_columns_of_their_table_and_stand_where_values_are_missing():
    for name in ("enterprise", "workers"):
        table, why = reported().tables[name], reported().reasons[name]
        assert list(why.columns) == list(table.columns) and len(why) == len(table)
        is_missing = table.isna() | (table == "")
        assert is_missing[why != ""].where(why != "", True).all().all()
        asked = (table["wave"] > 0).to_numpy()
        assert ((why != "") == is_missing)[asked].all().all()
        assert set(np.unique(why.to_numpy().astype(str))) <= {"", "refused", "dont_know", "not_recorded"}


def holds(frame: pd.DataFrame, rule: str) -> bool:
    """Whether a relation holds in all rows whose values are all known."""
    columns = [name for name in frame.columns if name in rule]
    known = frame[columns].dropna()
    assert len(known) > 100
    return bool(known.eval(rule).all())


@pytest.mark.parametrize(
    "rule",
    [
        "emp_permanent + emp_fixed_term + emp_outsourced + emp_casual_fte == emp_total_reported",
        "emp_m + emp_f == emp_total_reported",
        "supervisors_managers_f <= supervisors_managers <= emp_total_reported",
        "quits_12m + contract_ends_12m + dismissals_12m == separations_12m",
        "injuries_nonfatal + injuries_fatal == recordable_injuries",
        "lost_time_injuries <= recordable_injuries",
        "injuries_fatal <= lost_time_injuries",
        "lost_time_injuries <= days_lost or lost_time_injuries == 0",
        "deliveries_on_time <= deliveries_total",
        "units_rejected_internal <= units_produced_total",
        "units_reworked <= units_produced_total",
        "units_good_refproduct <= units_produced_total",
        "units_returned <= units_shipped <= units_produced_total",
        "kg_scrap + kg_good_output <= kg_material_input",
        "b3_waste_kg + recycled_kg + sold_scrap_kg <= waste_total_kg",
        "elec_grid_kwh <= elec_kwh",
        "suggestions_implemented_12m <= suggestions_received_12m",
        "grievances_resolved_30d <= grievances_12m",
        "workers_with_required_ppe <= workers_observed <= emp_total_reported",
        "union_members <= emp_total_reported and pkb_covered <= emp_total_reported and jamsostek_registered <= emp_total_reported",
        "hours_direct_refproduct <= hours_worked_total",
        "hours_unplanned_down <= hours_planned_run",
        "wage_bill_basic_idr <= labour_cost_idr",
        "lowest_basic_wage_idr * 12 * emp_total_reported <= wage_bill_basic_idr * 1.01",
        "0 < oee_availability <= 100 and 0 < oee_performance <= 100 and 0 < oee_quality <= 100",
        "materials_idr > 0 and services_idr > 0 and energy_idr > 0",
    ],
)
def test_parts_agree_with_their_whole(enterprise, rule):
    assert holds(enterprise, rule)


def test_value_added_is_what_sales_leave_and_as_true_as_the_latent_value():
    answers = true_of("observed").tables["enterprise"].sort_values(["enterprise_id", "wave"])
    va = answers["sales_idr"] + answers["d_inventory_idr"] - answers["materials_idr"]
    va = va - answers["energy_idr"] - answers["services_idr"]
    price = np.tile(np.array(parameters().economy.wpi) / 100, 180)
    firms = drawn().firms["enterprise_id"].sort_values().index
    latent = drawn().potential.observed["ln_va"][firms].ravel()
    assert np.allclose(np.log(va / 1e6 / price / answers["emp_total_reported"]), latent, atol=1e-6)


def test_the_energy_bill_is_what_was_used_at_prices_near_the_tariff():
    answers = true_of("observed").tables["enterprise"]
    price = parameters().economy.price
    names = {"elec_grid_kwh": "kwh", **{n: n for n in ("diesel_l", "lpg_kg", "gas_nm3", "petrol_l")}}
    bill = sum(answers[column] * price[name] for column, name in names.items())
    level = np.array(parameters().economy.wpi)[answers["wave"].astype(int)] / 100
    ratio = answers["energy_idr"] / bill / level
    assert ratio.between(0.7, 1.4).all()
    implied = answers["energy_idr"] / answers["elec_kwh"]
    assert implied.median() == pytest.approx(950, rel=0.2)


def test_pay_of_workers_is_never_below_what_their_enterprise_pays_at_least(workers):
    known = workers.dropna(subset=["basic_wage_month_idr"])
    table = parameters().economy.minimum_wage
    zone = reported().tables["frame"].set_index("enterprise_id")["zone"]
    least = [
        table[z][int(w)] * 1e3 for z, w in zip(known["enterprise_id"].map(zone), known["wave"], strict=True)
    ]
    ratio = known["basic_wage_month_idr"] / least
    assert ratio.min() >= 0.8
    assert 0.01 < (ratio < 1).mean() < 0.15


def test_overtime_is_what_exceeds_forty_hours_and_is_paid_at_its_factor(workers):
    known = workers.dropna(
        subset=["hours_week", "overtime_hours_week", "overtime_pay_idr", "basic_wage_month_idr"]
    )
    assert (known["overtime_hours_week"] == np.maximum(known["hours_week"] - 40, 0)).all()
    hourly = known["basic_wage_month_idr"] / 173
    paid = known["overtime_pay_idr"] / (hourly * known["overtime_hours_week"] * 4.33)
    assert np.allclose(paid[known["overtime_hours_week"] > 0], 1.8, rtol=0.1)


def test_scales_of_workers_stay_within_their_answers(workers):
    assert set(workers[["sat1", "voice4", "resp3"]].stack().dropna().unique()) == {1, 2, 3, 4, 5}
    assert set(workers[["pss1", "pss2"]].stack().dropna().unique()) == {0, 1, 2, 3, 4}
    assert (workers["hire_date"] < workers["today"]).all()
    assert workers["age"].dropna().between(18, 56).all()
    assert (workers.loc[workers["wave"] == 0, list(c.ATTITUDES[:13])].isna()).all().all()


def test_there_are_ten_workers_at_each_interviewed_enterprise_and_round(workers):
    firms = reported().tables["enterprise"]
    sizes = workers.groupby(["enterprise_id", "wave"])["worker_slot"].agg(["size", "nunique", "min", "max"])
    assert (sizes == [10, 10, 1, 10]).all().all()
    assert len(sizes) == len(firms)


def test_items_add_up_to_scores_and_a_higher_score_only_adds_to_them():
    scores = np.array([[0.0, 40.0, 43.0, 100.0]] * 500)
    points = items_in_use(scores, 25, 4, Streams(1).of("x"))
    assert (points.sum(axis=2) == scores).all()
    more = items_in_use(scores + 5, 25, 4, Streams(1).of("x"))
    assert (more >= points).all()
    assert points[:, 1].mean(axis=0)[0] > points[:, 1].mean(axis=0)[-1] + 0.5


def test_questions_that_need_a_record_or_a_yes_are_empty_without_it():
    table, why = reported().tables["enterprise"], reported().reasons["enterprise"]
    asked = table["wave"] > 0
    for kpi, names in c.NEEDS_RECORD.items():
        rows = asked & (table[kpi] == "no")
        assert rows.sum() > 20
        assert (why.loc[rows, list(names)] == "not_recorded").all().all()
    for switch, names in c.NEEDS_YES.items():
        assert (why.loc[asked & (table[switch] != "yes"), list(names)] == "not_recorded").all().all()
    for count, names in c.NEEDS_SOME.items():
        assert (why.loc[asked & ~(table[count] > 0), list(names)] == "not_recorded").all().all()


def test_the_first_round_holds_what_books_tell():
    table = reported().tables["enterprise"]
    first = table[table["wave"] == 0]
    for group, names in c.ENTERPRISE_GROUPS.items():
        numbers = first[list(names)].select_dtypes("number")
        if group in c.RECALLED:
            assert numbers.notna().mean().min() > 0.7
        else:
            assert numbers.isna().all().all()
    assert len(first) == 180


def test_interviews_lie_in_their_window_on_working_days_and_one_a_day_for_an_enumerator():
    table = reported().tables["enterprise"]
    rounds = parameters().rounds
    for wave, window in enumerate(rounds.windows):
        days = table.loc[table["wave"] == wave, "today"].to_numpy().astype("datetime64[D]")
        assert np.isin(days, working_days(window, rounds.closed)).all()
    later = table[table["wave"] > 0]
    assert not later.duplicated(["enumerator", "today", "wave"]).any()
    workers = reported().tables["workers"]
    later_day = workers.merge(table[["enterprise_id", "wave", "today"]], on=["enterprise_id", "wave"])
    assert (later_day["today_x"] > later_day["today_y"]).all()
    for wave, window in enumerate(rounds.windows):
        days = workers.loc[workers["wave"] == wave, "today"].to_numpy().astype("datetime64[D]")
        assert np.isin(days, working_days(window, rounds.closed)).all()
    recalled = table[table["wave"] == 0].set_index("enterprise_id")[["today", "enumerator"]]
    first = table[table["wave"] == 1].set_index("enterprise_id")[["today", "enumerator"]]
    pd.testing.assert_frame_equal(recalled, first.loc[recalled.index])


def test_all_are_interviewed_at_the_baseline_and_who_is_gone_does_not_come_back():
    contacts = reported().tables["contacts"].pivot(index="enterprise_id", columns="wave", values="outcome")
    met = contacts.isin(["complete", "partial"])
    assert met[[0.0, 1.0]].all().all()
    gone = contacts[2.0].isin(["closed", "merged", "moved_untraced", "out_of_scope"])
    assert (contacts.loc[gone, 2.0] == contacts.loc[gone, 3.0]).all()
    rows = reported().tables["enterprise"].groupby("enterprise_id")["wave"].apply(set)
    assert all(rows[i] == {w for w in met.columns if met.loc[i, w]} for i in met.index)


def test_answers_differ_between_potentials_in_trained_cells_only():
    for made in ((true_of("observed"), true_of("untreated")), (reported(), reported(potential="untreated"))):
        truth = drawn()
        dose = pd.DataFrame(
            truth.dose, index=truth.firms["enterprise_id"], columns=[0.0, 1.0, 2.0, 3.0]
        ).stack()
        for name in ("enterprise", "workers"):
            keys = ["enterprise_id", "wave", *(["worker_slot"] if name == "workers" else [])]
            observed, untreated = (m.tables[name].set_index(keys) for m in made)
            pd.testing.assert_index_equal(observed.index, untreated.index)
            same = ((observed == untreated) | (observed.isna() & untreated.isna())).all(axis=1)
            cells = pd.MultiIndex.from_arrays([observed.index.get_level_values(k) for k in keys[:2]])
            trained = dose.reindex(cells).to_numpy() > 0
            assert same[~trained].all()
            if name == "enterprise":
                assert not same[trained].any()


def test_equal_seeds_give_equal_reports():
    again = report(draw_truth(parameters(), "central", 1))
    for name, table in reported().tables.items():
        pd.testing.assert_frame_equal(again.tables[name], table)


def test_an_unknown_potential_is_refused():
    with pytest.raises(ConfigError, match="potential 'both' does not exist"):
        report(drawn(), "both")
