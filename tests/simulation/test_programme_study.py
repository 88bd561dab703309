"""Large draws of the synthetic study against its parameters: tolerances are 4 Monte Carlo standard errors."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from support.programme_parameters import drawn, parameters, reported, true_of

SCALE = 25
FIRMS = 180 * SCALE
TREATED = 60 * SCALE
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def truth():
    return drawn(scale=SCALE)


@pytest.fixture(scope="module")
def treated(truth):
    return (truth.firms["arm"] == "score").to_numpy()


@pytest.fixture(scope="module")
def attended(truth, treated):
    return treated & ~truth.firms["no_show"].to_numpy()


@pytest.fixture(scope="module")
def enterprise():
    return reported(scale=SCALE).tables["enterprise"]


def within(sample, expected, n_errors=4.0):
    sample = np.asarray(sample, dtype=float)
    sample = sample[~np.isnan(sample)]
    error = sample.std() / np.sqrt(len(sample))
    return abs(sample.mean() - expected) < n_errors * error


def test_the_realised_dose_is_that_of_the_design(truth, attended):
    months = parameters().effects.dose
    modules = truth.training.groupby("firm").size().reindex(np.flatnonzero(attended)).to_numpy()
    # Expected from the shares of modules: mean of min(modules / 3, 1).
    assert within(np.minimum(modules / months.modules_cap, 1), 0.804)
    assert within(modules, 2.6)
    assert truth.dose[attended, 3].mean() == pytest.approx(0.62, abs=0.02)


def test_shares_of_the_frame_are_as_asked(truth):
    rule, frame = parameters().frame, truth.frame
    for name in ("tier", "process", "ownership", "lead_buyer", "legal_form"):
        for word, share in getattr(rule, name).items():
            assert within(frame[name] == word, share), (name, word)
    for estate, share in rule.estates.items():
        if not estate.startswith("other_"):
            assert within(frame["estate"] == estate, share)
    assert within(frame["past_growth"], rule.past_growth.mean)
    assert frame["employees_frame"].median() == pytest.approx(104.5, abs=2)


def test_participation_follows_the_log_odds_and_not_what_passes(truth, treated):
    from statsmodels.api import Logit

    firms = truth.firms
    traits = pd.DataFrame(
        {
            "constant": 1.0,
            "astra": firms["lead_buyer"] == "astra",
            "mgmt": truth.scores.permanent["mgmt"],
            "union": firms["union"],
            "foreign": firms["ownership"] != "domestic",
            "passing": truth.scores.passing["ln_sales"][:, 1],
        }
    )
    traits = traits.join(pd.get_dummies(firms["stratum"], drop_first=True)).astype(float)
    fitted = Logit(treated.astype(float), traits).fit(disp=0)
    rule = parameters().selection
    for name, value in (
        ("astra", rule.astra),
        ("mgmt", rule.mgmt_z),
        ("union", rule.union),
        ("foreign", rule.foreign),
    ):
        # Comparison enterprises are drawn by stratum, other coefficients are those of the whole frame but
        # for the traits that are left out here; these make them a little smaller.
        assert fitted.params[name] == pytest.approx(value, abs=4 * fitted.bse[name] + 0.05 * abs(value))
    assert abs(fitted.params["passing"]) < 4 * fitted.bse["passing"]


@pytest.mark.parametrize("name", ["mgmt", "fives", "ln_defect", "otd", "absence", "ln_wage"])
def test_untreated_outcomes_of_both_arms_move_alike(truth, treated, name):
    value = truth.potential.untreated[name]
    for start, end in ((0, 1), (1, 2), (1, 3)):
        change = value[:, end] - value[:, start]
        gap = change[treated].mean() - change[~treated].mean()
        error = np.hypot(
            change[treated].std() / np.sqrt(TREATED), change[~treated].std() / np.sqrt(FIRMS - TREATED)
        )
        assert abs(gap) <= 4 * error


def test_untreated_value_added_moves_alike_within_lead_buyers_and_estates(truth, treated):
    from statsmodels.api import OLS

    value = truth.potential.untreated["ln_va"]
    controls = pd.get_dummies(truth.firms[["lead_buyer", "place"]], drop_first=True).astype(float)
    for start, end in ((0, 1), (1, 2), (1, 3)):
        fitted = OLS(
            value[:, end] - value[:, start], controls.assign(constant=1.0, treated=treated.astype(float))
        ).fit()
        assert abs(fitted.params["treated"]) < 4 * fitted.bse["treated"]


def test_the_common_trend_and_the_shock_of_buyers_are_as_asked(truth):
    rule, firms = parameters(), truth.firms
    value = truth.potential.untreated["ln_va"]
    for end in (2, 3):
        change = value[:, end] - value[:, 1]
        shock = firms["lead_buyer"].map(rule.buyer_shock).to_numpy(dtype=float) * (end == 2)
        error = change.std() / np.sqrt(FIRMS)
        # Shocks of 13 estates do not average out: their spread adds to the error.
        estates = rule.estate_round_sd * np.sqrt(2 * (firms["place"].value_counts(normalize=True) ** 2).sum())
        assert abs((change - shock).mean() - rule.trends["ln_va"][end]) < 4 * np.hypot(error, estates)


@pytest.mark.parametrize(
    "name", ["mgmt", "fives", "ln_va", "ln_sales", "ln_defect", "ln_wage", "ln_kwh", "ln_water", "ln_waste"]
)
def test_effects_at_the_full_dose_are_as_asked(truth, treated, attended, name):
    effect = (truth.potential.observed[name] - truth.potential.untreated[name])[attended, 3]
    full = getattr(parameters().effects.full_dose, name)
    assert within(effect - full * truth.dose[attended, 3] * relative(truth, treated, attended), 0)


def relative(truth, treated, attended):
    """Systematic part of the multiplier by enterprise, 1 on average over participants."""
    rule, firms = parameters().effects.multipliers, truth.firms
    part = (
        np.where(truth.scores.permanent["mgmt"] < 0, rule["low_baseline_mgmt"], 1)
        * np.where(firms["union"] == 1, rule["union"], 1)
        * np.where(firms["lead_buyer"] == "astra", rule["astra"], 1)
    )
    return (part / part[treated].mean())[attended]


@pytest.mark.parametrize("name", ["otd", "absence", "turnover"])
def test_proportional_effects_take_their_share_of_what_is_lost(truth, attended, name):
    rule = parameters()
    level, full = rule.outcomes[name].level, getattr(rule.effects.full_dose, name)
    before, after = (v[name][attended, 3] for v in (truth.potential.untreated, truth.potential.observed))
    lost, left = (100 - before, 100 - after) if name == "otd" else (before, after)
    share = -abs(full) / (100 - level if name == "otd" else level)
    kept = np.maximum(1 + share * truth.potential.scaled_dose[name][attended, 3], 0.05)
    most = 100 if name == "otd" else np.inf
    assert np.allclose(left, np.minimum(kept * lost, most), atol=1e-9)
    assert after.mean() - before.mean() == pytest.approx(full * 0.62, rel=0.25)


def test_effects_vary_between_participants_as_asked(truth, attended):
    scaled = truth.potential.scaled_dose["mgmt"][attended, 3] / truth.dose[attended, 3]
    part = relative(truth, (truth.firms["arm"] == "score").to_numpy(), attended)
    ratio = scaled / part
    assert within(ratio, 1.0)
    assert ratio.std() == pytest.approx(0.5, abs=4 * 0.5 / np.sqrt(2 * TREATED))


def test_reports_are_as_reliable_as_asked():
    answers = reported(scale=SCALE).tables["enterprise"]
    truth_ = true_of("observed", scale=SCALE).tables["enterprise"]
    keys = ["enterprise_id", "wave"]
    both = answers.merge(truth_, on=keys, suffixes=("", "_true"))
    both = both[both["wave"] == 1]
    pairs = {
        "sales_idr": (np.log(both["sales_idr"]), np.log(both["sales_idr_true"]), "ln_sales"),
        "elec_kwh": (np.log(both["elec_kwh"]), np.log(both["elec_kwh_true"]), "ln_kwh"),
    }
    for told, true, name in pairs.values():
        outcome = parameters().outcomes[name]
        error = (told - true).dropna()
        expected = outcome.sd * np.sqrt(1 / 0.85 - 1)
        # Sales are raised where costs would exceed them, which touches one in some hundred.
        assert error.std() == pytest.approx(expected, rel=0.06)
        assert abs(error.mean()) < 0.02


def test_scores_of_items_follow_the_latent_scores(enterprise, truth):
    first = enterprise[enterprise["wave"] == 1].set_index("enterprise_id")
    items = first[[f"fs{k:02d}" for k in range(1, 26)]].sum(axis=1)
    latent = pd.Series(truth.potential.observed["fives"][:, 1], index=truth.firms["enterprise_id"])
    error = items - latent.reindex(items.index).clip(0, 100)
    by_observer = error.groupby(first["observer"]).mean()
    # Observers differ by .15 of a standard deviation, 16 points; rounding adds half a point.
    assert 0.5 * 2.4 < by_observer.std() < 1.6 * 2.4
    assert (error - first["observer"].map(by_observer)).std() < 1.2


def test_reasons_for_missing_are_as_frequent_as_asked(enterprise):
    why = reported(scale=SCALE).reasons["enterprise"]
    n = len(enterprise)
    refused = (why["sales_idr"] == "refused").mean() - 0.03 * 0.2 * 0.82
    assert abs(refused - 0.18) < 4 * np.sqrt(0.18 * 0.82 / n) * 1.7
    later = enterprise["wave"] > 0
    known = why.loc[later, "hours_worked_total"].isin(["refused", "dont_know"]).mean()
    assert abs(known - 0.03) < 4 * np.sqrt(0.03 * 0.97 / later.sum())
    kpis = enterprise.loc[enterprise["wave"] == 1, [f"kpi_{k}" for k in parameters().missing.kpi_offset_pp]]
    recorded = (kpis != "no").mean(axis=1)
    assert within(recorded, 1 - 0.55)


def test_training_raises_recording_by_its_points(truth, attended):
    made = [true_of(name, scale=SCALE).tables["enterprise"] for name in ("observed", "untreated")]
    columns = [f"kpi_{k}" for k in parameters().missing.kpi_offset_pp]
    shares = [m[m["wave"] == 3].set_index("enterprise_id")[columns].ne("no").mean(axis=1) for m in made]
    gain = (shares[0] - shares[1]).reindex(truth.firms["enterprise_id"]).to_numpy()[attended]
    # Chances that would pass 98 % are held there, which takes a little away.
    assert 0.85 * 0.30 * 0.62 < gain.mean() < 1.05 * 0.30 * 0.62


def test_attrition_and_exit_are_as_frequent_as_asked(truth, treated):
    contacts = reported(scale=SCALE).tables["contacts"]
    last = (
        contacts[contacts["wave"] == 3]
        .set_index("enterprise_id")["outcome"]
        .reindex(truth.firms["enterprise_id"])
    )
    lost = ~last.isin(["complete", "partial"]).to_numpy()
    exited = last.isin(["closed", "merged"]).to_numpy()
    assert within(lost[treated], 0.10) and within(lost[~treated], 0.17)
    assert within(exited[treated], 0.045) and within(exited[~treated], 0.045)
    small = truth.firms["size"].to_numpy() < 100
    assert lost[small].mean() > lost[~small].mean()


def test_workers_are_as_alike_within_enterprises_as_asked(truth):
    workers = true_of("untreated", scale=SCALE).tables["workers"]
    first = workers[workers["wave"] == 1]
    scale = first[[f"sat{k}" for k in range(1, 6)]].mean(axis=1)
    groups = scale.groupby(first["enterprise_id"])
    between, inside = 10 * groups.mean().var(), groups.var().mean()
    icc = (between - inside) / (between + 9 * inside)
    # The scale has errors of its own: five items of loading .75 have a reliability of .87 before rounding.
    assert 0.12 * 0.78 < icc < 0.12


def test_pay_and_sex_of_workers_are_as_asked(truth):
    workers = true_of("untreated", scale=SCALE).tables["workers"]
    first = workers[workers["wave"] == 1].assign(ln=lambda w: np.log(w["basic_wage_month_idr"]))
    process = truth.firms.set_index("enterprise_id")["process"]
    women = (first["sex"] == "f").groupby(first["enterprise_id"]).mean()
    shares = women.groupby(process).mean()
    assert shares["wiring_electrical"] == pytest.approx(0.65, abs=0.04)
    assert shares["press_stamping"] == pytest.approx(0.10, abs=0.03)
    centred = first["ln"] - first.groupby("enterprise_id")["ln"].transform("mean")
    man = (first["sex"] == "m") - (first["sex"] == "m").groupby(first["enterprise_id"]).transform("mean")
    # Wages at the floor hide part of the premium.
    assert 0.5 * 0.10 < (centred * man).sum() / (man**2).sum() < 0.105


@pytest.mark.parametrize(("items", "effect"), [(("sat", 5), 0.15), (("voice", 4), 0.25)])
def test_views_of_workers_rise_by_their_share_of_a_standard_deviation(truth, attended, items, effect):
    made = [true_of(name, scale=SCALE).tables["workers"] for name in ("observed", "untreated")]
    names = [f"{items[0]}{k}" for k in range(1, items[1] + 1)]
    scales = [m[m["wave"] == 3].set_index(["enterprise_id", "worker_slot"])[names].mean(axis=1) for m in made]
    firms = set(truth.firms["enterprise_id"][attended])
    rows = scales[0].index.get_level_values(0).isin(firms)
    gain = (scales[0] - scales[1])[rows].mean() / scales[1].std()
    # Items measure the latent scale with error, so that the scale moves by less than its latent one.
    assert 0.80 * effect * 0.62 < gain < 1.0 * effect * 0.62


def test_injuries_follow_their_rate_and_training_lowers_them(truth, attended):
    made = [true_of(name, scale=SCALE).tables["enterprise"] for name in ("observed", "untreated")]
    untreated = made[1]
    rate = 1e6 * untreated["lost_time_injuries"].sum() / untreated["hours_worked_total"].sum()
    by_firm = untreated.groupby("enterprise_id")[["lost_time_injuries", "hours_worked_total"]].sum()
    spread = 1e6 * (by_firm["lost_time_injuries"] - rate / 1e6 * by_firm["hours_worked_total"])
    error = spread.std() * np.sqrt(FIRMS) / by_firm["hours_worked_total"].sum()
    assert abs(rate - 6) < 4 * error
    last = [
        m[m["wave"] == 3].set_index("enterprise_id").loc[truth.firms["enterprise_id"][attended]] for m in made
    ]
    for column, ratio in (("lost_time_injuries", 0.80), ("near_miss_reports_12m", 1.5)):
        found = last[0][column].sum() / last[1][column].sum()
        assert found == pytest.approx(1 + (ratio - 1) * 0.62, abs=0.07)


def test_reported_injuries_are_a_share_of_those_that_happened():
    answers = [
        m.tables["enterprise"]
        for m in (reported(potential="untreated", scale=SCALE), true_of("untreated", scale=SCALE))
    ]
    both = (
        answers[0]
        .merge(answers[1], on=["enterprise_id", "wave"], suffixes=("", "_true"))
        .dropna(subset=["lost_time_injuries"])
    )
    assert both["lost_time_injuries"].sum() / both["lost_time_injuries_true"].sum() == pytest.approx(
        0.6, abs=0.05
    )


def test_differences_in_differences_of_reports_recover_the_true_effect_on_practices(
    truth, treated, enterprise
):
    def score(answers, wave):
        items = answers[answers["wave"] == wave].set_index("enterprise_id")[
            [f"mp{k:02d}" for k in range(1, 21)]
        ]
        return 100 * (items == "yes").sum(axis=1) / (items != "").sum(axis=1)

    change = (score(enterprise, 3) - score(enterprise, 1)).reindex(truth.firms["enterprise_id"]).to_numpy()
    stays = ~np.isnan(change)
    found = change[treated & stays].mean() - change[~treated & stays].mean()
    error = np.hypot(
        change[treated & stays].std() / np.sqrt((treated & stays).sum()),
        change[~treated & stays].std() / np.sqrt((~treated & stays).sum()),
    )
    made = [true_of(name, scale=SCALE).tables["enterprise"] for name in ("observed", "untreated")]
    gain = (score(made[0], 3) - score(made[1], 3)).reindex(truth.firms["enterprise_id"]).to_numpy()
    # Those who stay, of both arms: contaminated comparison enterprises take a little off.
    expected = gain[treated & stays].mean() - gain[~treated & stays].mean()
    assert abs(found - expected) < 4 * error
