"""Answers of enterprises on production, improvement, people, safety, environment and practices."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
from numpy.random import Generator as Rng

from impacteval.arrays import Float2D
from impacteval.simulation.programme_study.draws import poisson_at, some_of
from impacteval.simulation.programme_study.effects import rate_ratio
from impacteval.simulation.programme_study.enterprise_books import Answers, reference_share
from impacteval.simulation.programme_study.study_shape import N_ROUNDS
from impacteval.simulation.programme_study.telling import Told
from impacteval.simulation.programme_study.truth import Truth

MOST_DEFECTS = 60.0
# Median price of a unit in rupiah, and the standard deviation of its logarithm between enterprises.
UNIT_PRICE = 12_000.0
SD_LN_PRICE = 1.0
N_PRACTICES = 20
N_ENVIRONMENT = 10
N_FIVES = 25
FIVES_POINTS = 4


def production(truth: Truth, told: Told, books: Mapping[str, Float2D]) -> Answers:
    """Units, mass, deliveries and machine time; parts never exceed their whole."""
    rule, draws, value = truth.generator.enterprise, told.draws, told.values
    prices = np.array(truth.generator.economy.wpi) / 100
    price = UNIT_PRICE * np.exp(SD_LN_PRICE * draws.rng("production.price").standard_normal(draws.n))[:, None]
    good = np.round(books["sales_idr"] / (price * prices) * np.exp(0.05 * draws.steady("production.units")))
    defects = np.minimum(np.exp(value["ln_defect"]), MOST_DEFECTS) / 100
    produced = np.round(good / (1 - defects))
    shipped = np.floor(good * (0.97 + 0.03 * draws.uniform("production.shipped")))
    level = truth.generator.outcomes
    z_defect = (value["ln_defect"] - level["ln_defect"].level) / level["ln_defect"].sd
    z_waste = (value["ln_waste"] - level["ln_waste"].level) / level["ln_waste"].sd
    rework = rule.rework.median * np.exp(
        rule.rework.sd_ln * (0.5 * z_defect + 0.866 * draws.steady("production.rework"))
    )
    returns = draws.lognormal("production.returns", rule.customer_ppm)
    scrap = (
        np.minimum(
            rule.scrap.median
            * np.exp(rule.scrap.sd_ln * (0.6 * z_waste + 0.8 * draws.steady("production.scrap"))),
            40.0,
        )
        / 100
    )
    mass = 0.4 * np.exp(0.8 * draws.rng("production.mass").standard_normal(draws.n))[:, None]
    kg_good = np.round(good * mass)
    kg_input = np.round(kg_good / (1 - scrap - 0.01))
    deliveries = 12 * np.maximum(np.round(40 * np.exp(0.5 * draws.steady("production.deliveries"))), 4)
    stopped = np.minimum(draws.lognormal("production.downtime", rule.downtime), 45.0)
    planned = np.round(np.maximum(books["emp_total_reported"] / 4, 3)) * 4500
    use = np.clip(0.70 + 0.10 * draws.steady("production.use"), 0.3, 1.1)
    return {
        "units_good_refproduct": np.round(good * reference_share(told)[:, None]),
        "units_produced_total": produced,
        "units_rejected_internal": produced - good,
        "units_reworked": np.round(produced * np.minimum(rework, 50.0) / 100),
        "units_shipped": shipped,
        "units_returned": np.round(shipped * np.minimum(returns, 2e5) / 1e6),
        "kg_scrap": np.round(kg_input * scrap),
        "kg_material_input": kg_input,
        "kg_good_output": kg_good,
        "deliveries_total": deliveries,
        "deliveries_on_time": np.round(deliveries * value["otd"] / 100),
        "oee_availability": np.round(100 - stopped - 3 - 7 * draws.uniform("production.changeover"), 1),
        "oee_performance": np.round(np.clip(85 + 7 * draws.steady("production.performance"), 45, 99), 1),
        "oee_quality": np.round(100 * (1 - defects), 1),
        "hours_unplanned_down": np.round(planned * stopped / 100, 1),
        "hours_planned_run": planned,
        "lead_time_days": np.round(
            np.clip(draws.lognormal("production.lead_time", rule.lead_time_days), 0.2, 120), 1
        ),
        "output_actual": good,
        "output_capacity": np.round(good / use),
    }


def improvement(truth: Truth, told: Told, books: Mapping[str, Float2D]) -> Answers:
    """Savings, suggestions, the improvement team (1 where there is one), meetings and training."""
    rule, draws = truth.generator.enterprise, told.draws
    ahead = told.values["mgmt"] - truth.generator.outcomes["mgmt"].level
    emp = books["emp_total_reported"]
    has_saved = draws.uniform("improvement.saved") < 1 / (1 + np.exp(1.2 - 0.03 * ahead))
    savings = np.where(
        has_saved, 0.003 * books["sales_idr"] * np.exp(draws.normal("improvement.savings")), 0.0
    )
    received = np.round(
        emp * draws.lognormal("improvement.suggestions", rule.suggestions_per_worker) * np.exp(0.02 * ahead)
    )
    used = np.clip(0.35 + 0.004 * ahead + 0.1 * draws.normal("improvement.used"), 0, 1)
    trained = told.scaled["mgmt"] != 0
    team = np.clip(0.15 + 0.004 * ahead, 0.02, 0.9)
    team = 1 - (1 - team) * np.where(trained, 0.25, 1.0)
    own_hours = emp * draws.lognormal("improvement.hours", rule.training_hours)
    return {
        "savings_idr": np.round(savings / 1e6) * 1e6,
        "saving_investment_idr": np.round(
            savings * 0.5 * np.exp(0.6 * draws.normal("improvement.investment")) / 1e6
        )
        * 1e6,
        "suggestions_received_12m": received,
        "suggestions_implemented_12m": np.floor(received * used),
        "eit_exists": (draws.uniform("improvement.team") < team).astype(np.float64),
        "eit_mixed": (draws.uniform("improvement.mixed") < 0.7).astype(np.float64),
        "eit_days_since_met": 1 + np.floor(np.where(trained, 60, 120) * draws.uniform("improvement.met")),
        "daily_meeting_share": np.round(
            np.clip(45 + ahead + 25 * draws.steady("improvement.meeting"), 0, 100)
        ),
        "training_person_hours_12m": np.round(own_hours + 16 * _people_trained(truth, told)),
    }


def _people_trained(truth: Truth, told: Told) -> Float2D:
    """People whom the programme trained in the twelve months before each round."""
    days = np.array(truth.generator.rounds.days, dtype="datetime64[D]")
    start = truth.training["classroom_start"].to_numpy().astype("datetime64[D]")
    recent = (start[:, None] <= days) & (start[:, None] > days - 365)
    people = (truth.training["participants_m"] + truth.training["participants_f"]).to_numpy()
    count = np.zeros((told.draws.n, N_ROUNDS))
    np.add.at(count, truth.training["firm"].to_numpy(), recent * people[:, None])
    return np.where(told.scaled["mgmt"] != 0, count, 0.0)


def people(truth: Truth, told: Told, books: Mapping[str, Float2D]) -> Answers:
    """Days absent and separations, whose kinds add up."""
    draws, emp = told.draws, books["emp_total_reported"]
    left = np.round(emp * told.values["turnover"] / 100)
    quits = some_of(draws.uniform("people.quits"), left, 0.45)
    ends = some_of(draws.uniform("people.ends"), left - quits, 0.8)
    return {
        "days_absent_unplanned": np.round(emp * books["working_days"] * told.values["absence"] / 100),
        "separations_12m": left,
        "quits_12m": quits,
        "contract_ends_12m": ends,
        "dismissals_12m": left - quits - ends,
    }


def injury_rate(truth: Truth, told: Told, hours: Float2D) -> Float2D:
    """Lost-time injuries expected in a year: hours, the enterprise's own risk, and the effect of training."""
    rule = truth.generator.injuries
    risk = told.draws.rng("osh.risk").gamma(1 / rule.gamma_alpha, rule.gamma_alpha, told.draws.n)[:, None]
    ratio = rate_ratio(truth.generator.effects.full_dose.lti_irr, told.scaled["lti_irr"])
    return np.asarray(rule.ltifr * 1e-6 * hours * risk * ratio)


def safety(truth: Truth, told: Told, books: Mapping[str, Float2D]) -> Answers:
    """Injuries, of which a share is reported; near misses, protection and safety committee."""
    rule, draws, effects = truth.generator.injuries, told.draws, truth.generator.effects.full_dose
    habits, emp = truth.generator.enterprise, books["emp_total_reported"]
    rate = injury_rate(truth, told, books["hours_worked_total"])
    reported = 1.0 if told.is_exact else rule.report_prob
    lost_time = poisson_at(draws.uniform("osh.lost_time"), rate * reported)
    base = rate / rate_ratio(effects.lti_irr, told.scaled["lti_irr"])
    more = rate_ratio(effects.minor_injury_reporting, told.scaled["minor_injury_reporting"])
    minor = poisson_at(draws.uniform("osh.minor"), base * rule.minor_per_lost_time * reported * more)
    fatal = np.minimum(poisson_at(draws.uniform("osh.fatal"), rate * rule.fatal_per_lost_time), lost_time)
    days = np.round(lost_time * rule.days_per_lost_time * np.exp(0.6 * draws.normal("osh.days") - 0.18))
    near = habits.near_misses_per_100.median * np.exp(
        habits.near_misses_per_100.sd_ln * draws.steady("osh.near_level")
    )
    near = near * rate_ratio(effects.near_miss_irr, told.scaled["near_miss_irr"]) * emp / 100
    observed = np.minimum(10 + np.floor(21 * draws.uniform("osh.observed")), emp)
    protected = np.clip(
        0.70 + 0.003 * (told.values["fives"] - 45) + 0.15 * draws.steady("osh.protected"), 0, 1
    )
    committee = draws.once("osh.committee")[:, None] < np.where(emp >= 100, 0.75, 0.30)
    return {
        "lost_time_injuries": lost_time,
        "recordable_injuries": lost_time + minor,
        "injuries_nonfatal": lost_time + minor - fatal,
        "injuries_fatal": fatal,
        "days_lost": np.where(lost_time > 0, np.maximum(days, lost_time), 0.0),
        "near_miss_reports_12m": poisson_at(draws.uniform("osh.near"), near),
        "workers_observed": observed,
        "workers_with_required_ppe": np.floor(observed * protected + 0.5),
        "p2k3_registered": committee.astype(np.float64),
        "p2k3_months_since_met": np.floor(8 * draws.uniform("osh.committee_met")),
    }


def dialogue(truth: Truth, told: Told, books: Mapping[str, Float2D]) -> Answers:
    """Grievances, disputes, union, bipartite body and social security."""
    rule, draws, emp = truth.generator.enterprise, told.draws, books["emp_total_reported"]
    level = rule.grievances_per_100.median * np.exp(
        rule.grievances_per_100.sd_ln * draws.steady("osh.grievance_level")
    )
    grievances = poisson_at(draws.uniform("osh.grievances"), level * emp / 100)
    disputes = draws.uniform("osh.dispute") < np.array(rule.disputes)
    union = np.broadcast_to(truth.firms["union"].to_numpy()[:, None], emp.shape)
    bipartite = np.broadcast_to(truth.firms["bipartite"].to_numpy()[:, None], emp.shape)
    density = np.clip(rule.union_density + 0.15 * draws.steady("osh.density"), 0.05, 1)
    members = np.where(union == 1, np.round((emp - books["emp_outsourced"]) * density), 0.0)
    has_agreement = union * (draws.once("osh.agreement") < 0.6)[:, None]
    covered = np.clip(rule.jamsostek_share + 0.15 * draws.steady("osh.jamsostek"), 0.05, 1)
    return {
        "grievances_12m": grievances,
        "grievances_resolved_30d": some_of(draws.uniform("osh.resolved"), grievances, 0.6),
        "worker_days_lost_disputes_12m": np.where(
            disputes, np.round(emp * 3 * draws.uniform("osh.dispute_days")), 0.0
        ),
        "union_at_site": np.array(union),
        "union_members": members,
        "pkb_covered": np.where(
            has_agreement == 1, emp - books["emp_casual_fte"] - books["emp_outsourced"], 0.0
        ),
        "lks_exists": np.array(bipartite),
        "lks_months_since_met": np.floor(8 * draws.uniform("osh.bipartite_met")),
        "jamsostek_registered": np.round(emp * covered),
    }


def environment(truth: Truth, told: Told, books: Mapping[str, Float2D]) -> Answers:
    """Water and waste; what is hazardous, recycled and sold is part of the total."""
    draws, emp = told.draws, books["emp_total_reported"]
    total = np.round(emp * np.exp(told.values["ln_waste"]))
    parts = draws.rng("environment.parts").standard_gamma(np.array([1.0, 2.0, 3.0, 4.0]), (draws.n, 4)) + 1e-9
    share = parts / parts.sum(axis=1, keepdims=True)
    return {
        "water_m3": np.round(emp * np.exp(told.values["ln_water"])),
        "waste_total_kg": total,
        "b3_waste_kg": np.floor(total * share[:, 0:1]),
        "recycled_kg": np.floor(total * share[:, 1:2]),
        "sold_scrap_kg": np.floor(total * share[:, 2:3]),
        "env_document": (draws.steady("environment.document", 0.9) < 0.5).astype(np.float64),
    }


def practices(truth: Truth, told: Told) -> Answers:
    """Items of practices (1 or 0) and of the observer's walk (0 to 4), whose sums follow the scores.

    As many items are in use as the score says, rounded by chance; which ones depends on how hard each
    is and on the enterprise, so that a higher score only adds to them.
    """
    draws = told.draws
    mgmt = told.values["mgmt"] + 15 * told.leniency[told.enumerator]
    fives = told.values["fives"] + 16 * told.leniency[told.observer]
    answers: Answers = {}
    for name, score, n_items in (("mp", mgmt, N_PRACTICES), ("ep", told.values["env"], N_ENVIRONMENT)):
        points = items_in_use(score, n_items, 1, draws.rng(f"practices.{name}"))
        answers |= {f"{name}{k + 1:02d}": points[:, :, k] for k in range(n_items)}
    points = items_in_use(fives, N_FIVES, FIVES_POINTS, draws.rng("practices.fs"))
    return answers | {f"fs{k + 1:02d}": points[:, :, k] for k in range(N_FIVES)}


def items_in_use(score: Float2D, n_items: int, n_points: int, rng: Rng) -> npt.NDArray[np.float64]:
    """Split scores of 0 to 100 into points of items, (n, n_rounds, n_items), that add up to them."""
    n = len(score)
    n_steps = n_items * n_points
    hard = np.linspace(-1, 1, n_items)
    own = 0.7 * rng.standard_normal((n, 1, n_items, 1))
    own = own + 0.5 * rng.standard_normal((*score.shape, n_items, 1))
    step = 1.5 * np.arange(n_points) + 0.05 * np.sort(rng.random((*score.shape, n_items, n_points)), axis=3)
    order = (hard[:, None] + own + step).reshape(*score.shape, n_steps)
    wanted = np.floor(np.clip(score, 0, 100) / 100 * n_steps + rng.random(score.shape))
    rank = np.argsort(np.argsort(order, axis=2, kind="stable"), axis=2, kind="stable")
    in_use = rank < wanted[:, :, None]
    return np.asarray(in_use.reshape(*score.shape, n_items, n_points).sum(axis=3), dtype=np.float64)
