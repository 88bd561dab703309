"""Tables that sum up trials, against numbers found by hand."""

from __future__ import annotations

import numpy as np
import pytest

from impacteval.simulation.recovery.rows import DIAGNOSTIC, ESTIMATE, TRIAL_COLUMNS, judged
from impacteval.simulation.recovery.summary import diagnostics_table, recovery_table
from impacteval.tables import table_of

NAN = float("nan")


def row(trial, estimate, truth=1.0, *, scenario="central", kind=ESTIMATE, p_value=0.5, **other):
    found = {
        "kind": kind,
        "scenario": scenario,
        "trial": trial,
        "outcome": "score",
        "design": "main",
        "vcov": "cr1_groups",
        "estimate": estimate,
        "std_error": 0.5,
        "conf_low": estimate - 1,
        "conf_high": estimate + 1,
        "p_value": p_value,
        "truth": truth,
    }
    return judged(found | other, level=0.95)


def trials(*rows):
    return table_of(list(rows), TRIAL_COLUMNS)


def test_an_interval_covers_with_its_ends_and_a_test_rejects_below_its_level():
    assert judged({"conf_low": 1.0, "conf_high": 2.0, "truth": 2.0, "p_value": 0.06}, level=0.95) == {
        "conf_low": 1.0,
        "conf_high": 2.0,
        "truth": 2.0,
        "p_value": 0.06,
        "covered": 1.0,
        "rejected": 0.0,
    }
    assert np.isnan(judged({"conf_low": NAN, "truth": 1.0}, level=0.95)["covered"])


def test_recovery_by_hand():
    table = trials(
        row(0, 1.0, 1.0, p_value=0.01),
        row(1, 3.0, 1.5, p_value=0.01),
        row(2, -2.0, 0.5, p_value=0.01),
        row(3, 2.0, 1.0),
        row(4, NAN, 1.0, std_error=NAN, p_value=NAN),
    )
    found = recovery_table(table, ["central"]).iloc[0]
    off = np.array([0.0, 1.5, -2.5, 1.0])
    assert found["n_trials"] == 5
    assert found["n_failed"] == 1
    assert found["bias"] == pytest.approx(off.mean())
    assert found["bias_mc"] == pytest.approx(off.std(ddof=1) / 2)
    assert found["rmse"] == pytest.approx(np.sqrt((off**2).mean()))
    assert found["sd"] == pytest.approx(np.std([1, 3, -2, 2], ddof=1))
    assert found["coverage"] == 0.5
    assert found["coverage_mc"] == pytest.approx(0.25)
    assert found["rejected"] == 0.75
    assert found["exaggeration"] == pytest.approx(2.0 / 1.0)
    assert found["wrong_sign"] == pytest.approx(1 / 3)


def test_exaggeration_is_not_known_without_an_effect_or_a_finding():
    nothing = recovery_table(trials(row(0, 1.0, 0.0, p_value=0.01), row(1, 1.0, 0.0)), ["central"])
    unseen = recovery_table(trials(row(0, 1.0), row(1, 1.0)), ["central"])
    assert nothing["exaggeration"].isna().all()
    assert unseen["exaggeration"].isna().all()


def test_diagnostics_count_only_trials_that_know_them():
    table = trials(
        row(0, 1.0, kind=DIAGNOSTIC, p_value=0.01),
        row(1, 2.0, kind=DIAGNOSTIC, p_value=0.5),
        row(2, NAN, kind=DIAGNOSTIC, p_value=NAN),
    )
    found = diagnostics_table(table, ["central"]).iloc[0]
    assert (found["n_trials"], found["n_known"]) == (3, 2)
    assert found["rejected"] == 0.5
    assert found["estimate"] == 1.5


def test_scenarios_stand_in_the_order_that_is_asked_for():
    table = trials(row(0, 1.0, scenario="b"), row(0, 1.0, scenario="a"), row(0, 1.0, scenario="c"))
    assert list(recovery_table(table, ["c", "a", "b"])["scenario"]) == ["c", "a", "b"]


def test_no_trials_give_an_empty_table():
    assert recovery_table(trials(), ["central"]).empty
    assert diagnostics_table(trials(), ["central"]).empty
