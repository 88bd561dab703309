from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from support.programme_parameters import drawn, parameters, reported


def table(name: str) -> pd.DataFrame:
    return reported().tables[name]


def test_the_ledger_adds_up_to_the_programme_total_in_dollars_of_each_year():
    costs = table("costs")
    economy = parameters().economy
    rate = costs["booked_on"].dt.year.map(dict(zip(economy.years, economy.idr_per_usd, strict=True)))
    usd = costs["amount"] / np.where(costs["currency"] == "IDR", rate, 1)
    assert usd.sum() == pytest.approx(514_991, abs=0.01)
    shares = usd.groupby(costs["component"]).sum() / usd.sum()
    for component, share in parameters().costs.share.items():
        assert shares[component] == pytest.approx(share, abs=0.001)
    assert costs["entry_id"].is_unique and (costs["amount"] > 0).all()


def test_who_pays_for_training_is_split_as_the_parameters_say():
    costs = table("costs")
    of_firms = costs[costs["component"].isin(["enterprise_training", "site_visits"])]
    fee = (of_firms["payer"] == "enterprise_fee").mean()
    assert abs(fee - 0.11) < 4 * np.sqrt(0.11 * 0.89 / len(of_firms))
    assert set(of_firms["enterprise_id"]) == set(table("training")["enterprise_id"])
    rest = costs[~costs.index.isin(of_firms.index)]
    assert (rest["enterprise_id"] == "").all() and (rest["payer"] == "donor").all()


def test_participants_add_up_to_the_training_register_by_sex():
    counts = table("participants").groupby(["enterprise_id", "module", "sex"]).size().unstack(fill_value=0)
    training = table("training").set_index(["enterprise_id", "module"])
    assert (counts["m"] == training.loc[counts.index, "participants_m"]).all()
    assert (counts["f"] == training.loc[counts.index, "participants_f"]).all()
    assert len(counts) == len(training)


def test_a_person_keeps_sex_role_and_enterprise_and_attends_a_module_once():
    people = table("participants")
    assert not people.duplicated(["person_id", "module"]).any()
    assert (people.groupby("person_id")[["sex", "role", "enterprise_id"]].nunique() == 1).all().all()
    attended = people.groupby("person_id").size()
    assert 0.1 < (attended > 1).mean() < 0.6


def test_people_are_as_the_programme_reports_them():
    people = table("participants")
    n = len(people)
    assert abs((people["sex"] == "f").mean() - 0.30) < 4 * np.sqrt(0.3 * 0.7 / n)
    assert abs((people["satisfaction"] >= 4).mean() - 0.89) < 4 * np.sqrt(0.89 * 0.11 / n)
    once = people.drop_duplicates("person_id")
    assert abs((once["role"] == "manager").mean() - 0.51) < 4 * np.sqrt(0.25 / len(once))


def test_trainers_of_the_register_exist():
    trainers = table("trainers")
    assert trainers["trainer_id"].is_unique and len(trainers) == parameters().modules.trainers
    assert set(table("training")["trainer_id"]) <= set(trainers["trainer_id"])
    assert trainers["certified_on"].isna().any() and trainers["level"].isin([1, 2, 3]).all()


def test_reports_are_due_each_quarter_from_the_first_class():
    reports = table("kpi_reports")
    first = table("training").groupby("enterprise_id")["classroom_start"].min().dt.to_period("Q").astype(str)
    found = reports.groupby("enterprise_id")["quarter"].agg(["min", "max", "nunique", "size"])
    assert (found["min"] == first.loc[found.index]).all() and (found["max"] == "2012Q3").all()
    assert (found["nunique"] == found["size"]).all()
    assert (reports["due_on"].dt.to_period("Q").astype(str) > reports["quarter"]).all()
    missing = reports["received_on"].isna()
    assert 0 < missing.mean() < 0.4 and (reports.loc[missing, "complete"] == 0).all()


def test_some_comparison_enterprises_were_trained_and_some_participants_were_not():
    assignment, training = table("assignment"), table("training")
    trained = assignment["enterprise_id"].isin(training["enterprise_id"])
    assert (trained & (assignment["arm"] == "comparison")).sum() == 2
    assert (~trained & (assignment["arm"] == "score")).sum() == 2
    assert drawn().firms["no_show"].sum() == 2
