"""Answers of enterprises on staff, money, hours and energy, which must agree with each other."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from impacteval.arrays import Float1D, Float2D
from impacteval.simulation.programme_study.draws import some_of
from impacteval.simulation.programme_study.study_shape import BASELINE
from impacteval.simulation.programme_study.telling import Told
from impacteval.simulation.programme_study.truth import Truth

Answers = dict[str, Float2D]
SMALLEST = 15
# Materials are never below this share of sales, stocks never move by more than the other.
LEAST_MATERIALS = 0.05
MOST_STOCK_MOVE = 0.04
MOST_SERVICES = 0.15
MONEY_UNITS = {"rupiah": 1.0, "thousand": 1e3, "million": 1e6}
KWH_PER_LITRE = 3.5


def staff(truth: Truth, told: Told) -> Answers:
    """Count workers by contract and sex; parts add up to ``emp_total_reported``."""
    rule, draws = truth.generator.enterprise, told.draws
    size = truth.firms["size"].to_numpy()[:, None]
    jobs = truth.generator.effects.full_dose.jobs * told.scaled["jobs"]
    total = np.maximum(np.round(size * np.exp(told.values["ln_employees"]) + jobs), SMALLEST)
    casual = some_of(draws.uniform("staff.casual"), total, rule.casual_share)
    weights = rule.contract_concentration * np.array(list(rule.contracts.values()))
    parts = draws.rng("staff.contracts").standard_gamma(weights, (draws.n, 3)) + 1e-9
    share = parts / parts.sum(axis=1, keepdims=True)
    fixed = np.floor((total - casual) * share[:, 1:2])
    outsourced = np.floor((total - casual) * share[:, 2:3])
    women = np.round(total * women_share(truth, told))
    supervisors = np.maximum(np.round(total * rule.supervisor_share), 1)
    share_f = 0.6 * women / total
    return {
        "emp_permanent": total - casual - fixed - outsourced,
        "emp_fixed_term": fixed,
        "emp_outsourced": outsourced,
        "emp_casual_fte": casual,
        "emp_total_reported": total,
        "emp_m": total - women,
        "emp_f": women,
        "supervisors_managers": supervisors,
        "supervisors_managers_f": some_of(draws.uniform("staff.supervisors_f"), supervisors, share_f),
    }


def women_share(truth: Truth, told: Told) -> Float2D:
    """Share of women by enterprise and round: beta by process, with the effect of training."""
    rule = truth.generator.enterprise
    by_process = truth.firms["process"].map(rule.women_by_process).fillna(rule.women_by_process["other"])
    mean = by_process.to_numpy(dtype=np.float64)
    share = told.draws.rng("staff.women").beta(
        rule.women_concentration * mean, rule.women_concentration * (1 - mean)
    )
    effect = truth.generator.effects.full_dose.female_share * told.scaled["female_share"]
    return np.clip(share[:, None] + effect, 0.0, 1.0)


def working_time(truth: Truth, told: Told, emp: Float2D) -> Answers:
    """Hours of all workers and of those who make the reference product, and days worked."""
    rule, draws = truth.generator.enterprise, told.draws
    weeks = rule.hours_per_worker / truth.generator.outcomes["hours"].level
    hours = np.round(emp * told.values["hours"] * weeks)
    direct = 0.55 * reference_share(told)
    return {
        "hours_worked_total": hours,
        "hours_direct_refproduct": np.round(hours * direct[:, None]),
        "working_days": 275.0 + np.floor(25 * draws.uniform("hours.days")),
    }


def reference_share(told: Told) -> Float1D:
    """Share of output that is the reference product."""
    return 0.3 + 0.5 * told.draws.once("production.reference_share")


def energy(truth: Truth, told: Told, emp: Float2D) -> Answers:
    """Electricity and fuels of a year; what does not come from the grid is made from diesel."""
    draws = told.draws
    kwh = np.round(emp * np.exp(told.values["ln_kwh"]))
    own = np.where(draws.once("energy.generator") < 0.4, 0.08 * draws.once("energy.own_share"), 0.0)[:, None]
    grid = np.round(kwh * (1 - own))
    vehicles = emp * 45 * np.exp(0.8 * draws.steady("energy.diesel"))
    heats = truth.firms["process"].isin(["casting_forging", "plating_painting_heat", "rubber"]).to_numpy()
    gas = np.where(heats[:, None], emp * 180 * np.exp(0.9 * draws.steady("energy.gas")), 0.0)
    uses_lpg = (draws.once("energy.uses_lpg") < 0.35)[:, None]
    lpg = np.where(uses_lpg, emp * 20 * np.exp(0.8 * draws.steady("energy.lpg")), 0.0)
    return {
        "elec_kwh": kwh,
        "elec_grid_kwh": grid,
        "diesel_l": np.round(vehicles + (kwh - grid) / KWH_PER_LITRE),
        "lpg_kg": np.round(lpg),
        "gas_nm3": np.round(gas),
        "petrol_l": np.round(emp * 15 * np.exp(0.7 * draws.steady("energy.petrol"))),
    }


def energy_bill(truth: Truth, told: Told, used: Answers) -> Float2D:
    """Cost of what was used, at prices that differ a little between enterprises and rise with prices."""
    price = truth.generator.economy.price
    terms = {
        "elec_grid_kwh": "kwh",
        "diesel_l": "diesel_l",
        "lpg_kg": "lpg_kg",
        "gas_nm3": "gas_nm3",
        "petrol_l": "petrol_l",
    }
    cost = sum(used[column] * price[name] for column, name in terms.items())
    level = np.exp(0.06 * told.draws.steady("energy.price")) * np.array(truth.generator.economy.wpi) / 100
    return np.asarray(cost * level, dtype=np.float64)


def mean_wage(truth: Truth, told: Told) -> Float2D:
    """Mean basic wage a month in rupiah of the day: latent log wage, zone, and what the law asks."""
    economy = truth.generator.economy
    own = np.exp(told.values["ln_wage"] + _zone_wage(truth)[:, None]) * 1e6 * np.array(economy.cpi) / 100
    return np.asarray(np.maximum(own, 1.03 * wage_floor(truth, told)))


def wage_floor(truth: Truth, told: Told) -> Float2D:
    """Least that an enterprise pays, in rupiah a month: the minimum wage, less where it does not comply."""
    draws = told.draws
    pays_less = draws.once("wage.complies") < truth.generator.workers.non_compliant
    share = np.where(pays_less, 0.8 + 0.18 * draws.once("wage.floor"), 1.0)
    return np.asarray(share[:, None] * minimum_wages(truth))


def minimum_wages(truth: Truth) -> Float2D:
    """Minimum wage of the zone by round, in rupiah a month."""
    table = truth.generator.economy.minimum_wage
    zones = list(table)
    rows = [zones.index(zone) for zone in truth.firms["zone"]]
    return np.array(list(table.values()), dtype=np.float64)[rows] * 1e3


def _zone_wage(truth: Truth) -> Float1D:
    """Log of the zone's minimum wage at the baseline over that of the mean enterprise."""
    level = np.log(minimum_wages(truth)[:, BASELINE])
    return np.asarray(level - level.mean())


def money(truth: Truth, told: Told, staff_: Answers, used: Answers) -> Answers:
    """Amounts of the last twelve months in rupiah; materials are what value added leaves of sales."""
    rule, draws, emp = truth.generator.enterprise, told.draws, staff_["emp_total_reported"]
    prices = np.array(truth.generator.economy.wpi) / 100
    bill = energy_bill(truth, told, used)
    va = np.exp(told.values["ln_va"]) * emp * prices * 1e6
    share = np.minimum(rule.services_share * np.exp(0.3 * draws.steady("money.services")), MOST_SERVICES)
    sales = np.exp(told.values["ln_sales"]) * emp * prices * 1e6
    sales = np.maximum(sales, (va + bill) / (1 - share - LEAST_MATERIALS - MOST_STOCK_MOVE))
    stock = sales * np.clip(
        rule.d_inventory_sd * draws.normal("money.stock"), -MOST_STOCK_MOVE, MOST_STOCK_MOVE
    )
    services = sales * share
    materials = sales + stock - bill - services - va
    if not told.is_exact:
        loses = draws.uniform("money.loses") < truth.generator.reporting.negative_value_added
        materials = np.where(loses, materials + va * (1.0 + draws.uniform("money.loss")), materials)
    wage = mean_wage(truth, told)
    wages = wage * 12 * emp
    labour = wages * (1 + rule.labour_on_costs * np.exp(0.1 * draws.steady("money.labour")))
    cogs = materials + bill + 0.3 * services + 0.7 * labour
    capital = draws.lognormal("money.capital", rule.capital_per_worker_m) * emp * prices * 1e6
    amounts = {
        "sales_idr": sales,
        "d_inventory_idr": stock,
        "materials_idr": materials,
        "energy_idr": bill,
        "services_idr": services,
        "labour_cost_idr": labour,
        "wage_bill_basic_idr": wages,
        "inventory_value_idr": cogs * draws.lognormal("money.inventory", rule.inventory_days) / 365,
        "cogs_idr": cogs,
        "capital_idr": capital,
    }
    step = 1.0 if told.is_exact else money_steps(truth, told)[:, None]
    rounded = {name: np.round(amount / step) * step for name, amount in amounts.items()}
    lowest = np.minimum(0.97 * wage, np.maximum(wage_floor(truth, told), 0.8 * wage))
    return {**rounded, "lowest_basic_wage_idr": np.round(lowest / 1e3) * 1e3}


def money_unit(told: Told) -> np.ndarray:
    """Unit in which an enterprise keeps its books."""
    position = np.searchsorted([0.5, 0.7], told.draws.once("money.unit"), side="right")
    return np.array(list(MONEY_UNITS))[position]


def money_steps(truth: Truth, told: Told) -> Float1D:
    """Rupiah to which an enterprise rounds the amounts of a year."""
    return np.array([MONEY_UNITS[unit] for unit in money_unit(told)], dtype=np.float64)


def books(truth: Truth, told: Told) -> Mapping[str, Float2D]:
    """All answers on staff, money, hours and energy."""
    counted = staff(truth, told)
    used = energy(truth, told, counted["emp_total_reported"])
    hours = working_time(truth, told, counted["emp_total_reported"])
    return {**counted, **money(truth, told, counted, used), **hours, **used}
