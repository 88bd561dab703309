from __future__ import annotations

import numpy as np

from support.programme_parameters import drawn, parameters, reported

SCALE = 8


def treated(truth):
    return (truth.firms["arm"] == "score").to_numpy()


def test_null_all_leaves_every_outcome_as_it_was():
    truth = drawn("null_all")
    for name, observed in truth.potential.observed.items():
        assert (observed == truth.potential.untreated[name]).all()
    assert (truth.dose > 0).any()


def test_pretrend_violation_adds_its_trend_to_untreated_value_added_of_participants_alone():
    broken, central = drawn("pretrend_violation_0.03_per_yr"), drawn()
    added = broken.potential.untreated["ln_va"] - central.potential.untreated["ln_va"]
    days = np.array(parameters().rounds.days, dtype="datetime64[D]")
    years = (days - days[1]).astype(float) / 365.25
    assert np.allclose(added[treated(central)], 0.03 * years)
    assert np.allclose(added[~treated(central)], 0)
    assert (broken.potential.untreated["mgmt"] == central.potential.untreated["mgmt"]).all()


def test_selection_on_a_shock_draws_participants_from_a_bad_baseline_that_passes():
    broken, central = drawn("selection_on_shock_ashenfelter", scale=SCALE), drawn(scale=SCALE)
    shock = {t.scenario: t.scores.passing["ln_sales"][treated(t)].mean(axis=0) for t in (broken, central)}
    margin = 4 / np.sqrt(60 * SCALE)
    assert shock["selection_on_shock_ashenfelter"][1] < -0.5
    assert abs(shock["selection_on_shock_ashenfelter"][3]) < 0.5 * 0.4**2 + margin
    assert np.abs(shock["central"]).max() < margin


def test_differential_attrition_takes_away_participants_whose_value_added_fell():
    gaps = {}
    for name in ("central", "differential_attrition"):
        truth = drawn(name, scale=SCALE)
        value = truth.potential.observed["ln_va"]
        change = value[:, 3] - value[:, 1]
        contacts = reported(name, scale=SCALE).tables["contacts"]
        last = contacts[contacts["wave"] == 3].set_index("enterprise_id")["outcome"]
        stays = last.reindex(truth.firms["enterprise_id"]).isin(["complete", "partial"]).to_numpy()
        rows = treated(truth)
        gaps[name] = change[rows & stays].mean() - change[rows & ~stays].mean()
    assert gaps["differential_attrition"] > 0.4 > abs(gaps["central"]) + 0.1


def test_spillover_lifts_practices_of_comparison_enterprises_near_trained_ones_by_one_point():
    truth = drawn("spillover")
    gain = truth.potential.observed["mgmt"] - truth.potential.untreated["mgmt"]
    untrained = (truth.dose == 0) & ~treated(truth)[:, None]
    assert set(np.unique(np.round(gain[untrained], 12))) == {0.0, 1.0}
    assert (gain[:, :2] == 0).all()
    near = truth.firms["place"] + truth.firms["lead_buyer"]
    trained_near = set(near[(truth.dose[:, 3] > 0)])
    lifted = (gain[:, 3] == 1.0) & untrained[:, 3]
    assert set(near[lifted]) <= trained_near
    central = drawn()
    assert (central.potential.observed["mgmt"] == central.potential.untreated["mgmt"])[
        central.dose == 0
    ].all()


def test_heterogeneous_staggered_gives_early_cohorts_more():
    broken, central = drawn("heterogeneous_staggered"), drawn()
    for cohort, factor in (("C0", 1.6), ("C2", 0.5)):
        rows = (central.firms["cohort"] == cohort).to_numpy() & (central.dose[:, 3] > 0)
        gains = [
            (t.potential.observed["mgmt"] - t.potential.untreated["mgmt"])[rows] for t in (broken, central)
        ]
        # In the last round the first cohort is past its first year, and its effect has grown.
        assert np.all(gains[0][:, 3] / gains[1][:, 3] >= factor - 1e-9)
        assert np.allclose(gains[0][:, 2], factor * gains[1][:, 2])


def test_kpi_mnar_makes_those_with_many_defects_record_less_and_training_make_these_begin():
    truth = drawn("kpi_mnar", scale=SCALE)
    bad = truth.potential.untreated["ln_defect"][:, 1]
    share = {}
    for name in ("central", "kpi_mnar"):
        answers = reported(name, scale=SCALE).tables["enterprise"]
        rows = answers[answers["wave"] == 1].set_index("enterprise_id")
        is_recorded = (rows["kpi_defects"] != "no").reindex(truth.firms["enterprise_id"]).to_numpy()
        share[name] = is_recorded[bad > np.median(bad)].mean() - is_recorded[bad <= np.median(bad)].mean()
    assert share["kpi_mnar"] < -0.25
    assert abs(share["central"]) < 4 * np.sqrt(0.25 * 4 / len(bad))
