"""The table of workers before anything is missing: rows by enterprise, round and slot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from impacteval.arrays import Float1D, Float2D, Int1D
from impacteval.simulation.programme_study.columns import WORKERS
from impacteval.simulation.programme_study.enterprise_books import mean_wage, wage_floor
from impacteval.simulation.programme_study.enterprise_work import injury_rate
from impacteval.simulation.programme_study.interviews import days_after, enumerator_names
from impacteval.simulation.programme_study.telling import Told
from impacteval.simulation.programme_study.truth import Truth

Cells = npt.NDArray[np.generic]
# Limits between the answers of items on a standard normal scale.
AGREEMENT = (-1.4, -0.6, 0.2, 1.1)
FREQUENCY = (-0.9, 0.0, 0.8, 1.7)
WEEKS_PER_MONTH = 4.33
STATUTORY_HOURS = 40.0
# Hours of pay in a month, by which overtime is paid, and the mean factor of overtime.
PAID_HOURS_PER_MONTH = 173.0
OVERTIME_FACTOR = 1.8


@dataclass(frozen=True, slots=True, kw_only=True)
class Slots:
    """Rows of workers: place in the (enterprise, round) table and slot within it."""

    cell: Int1D
    slot: Int1D

    def of(self, values: npt.NDArray[np.generic]) -> Cells:
        """Values of enterprises and rounds for each worker."""
        return np.asarray(values.ravel()[self.cell])


def worker_table(truth: Truth, told: Told, enterprise: pd.DataFrame) -> pd.DataFrame:
    """All answers of workers by enterprise, round and slot."""
    per_firm, n_cells = truth.generator.workers.per_firm, len(enterprise)
    slots = Slots(
        cell=np.repeat(np.arange(n_cells), per_firm), slot=np.tile(np.arange(1, per_firm + 1), n_cells)
    )
    person = _persons(told, enterprise, slots)
    cells: dict[str, Cells] = {
        **person,
        **_pay(truth, told, slots, person),
        **_attitudes(truth, told, slots),
        **_identity(truth, told, enterprise, slots),
    }
    return pd.DataFrame({name: cells[name] for name in WORKERS})


def _persons(told: Told, enterprise: pd.DataFrame, slots: Slots) -> dict[str, Cells]:
    """Sex and contract by the shares of the enterprise, age and day of hire."""
    rng, n = told.draws.rng("worker.person"), len(slots.cell)
    total = slots.of(enterprise["emp_total_reported"].to_numpy()).astype(float)
    is_woman = rng.random(n) < slots.of(enterprise["emp_f"].to_numpy()).astype(float) / total
    u = rng.random(n) * (1 - slots.of(enterprise["emp_casual_fte"].to_numpy()).astype(float) / total)
    permanent = slots.of(enterprise["emp_permanent"].to_numpy()).astype(float) / total
    fixed = slots.of(enterprise["emp_fixed_term"].to_numpy()).astype(float) / total
    contract = np.select([u < permanent, u < permanent + fixed], ["permanent", "fixed_term"], "outsourced")
    tenure = rng.exponential(np.select([contract == "permanent", contract == "fixed_term"], [6.0, 1.2], 1.5))
    age = np.clip(np.round(19 + tenure + 9 * rng.gamma(1.5, 0.6, n)), 18, 56)
    tenure = np.minimum(tenure, age - 18 + rng.random(n))
    today = slots.of(enterprise["today"].to_numpy()).astype("datetime64[D]")
    return {
        "sex": np.where(is_woman, "f", "m"),
        "age": age,
        "contract": contract.astype(str),
        "hire_date": (today - np.round(tenure * 365.25).astype(int) - 1).astype("datetime64[s]"),
    }


def _pay(truth: Truth, told: Told, slots: Slots, person: Mapping[str, Cells]) -> dict[str, Cells]:
    """Pay and hours: around the enterprise's mean, never below what it pays at least."""
    rule, rng, n = truth.generator.workers, told.draws.rng("worker.pay"), len(slots.cell)
    is_man = (person["sex"] == "m").astype(float)
    by_cell = is_man.reshape(-1, rule.per_firm).mean(axis=1)[slots.cell]
    experience = np.minimum(person["age"].astype(float) - 18, 15)
    noise = rule.sd_ln_wage_within * rng.standard_normal(n) - rule.sd_ln_wage_within**2 / 2
    own = rule.male_wage_premium * (is_man - by_cell) + rule.tenure_return * (experience - 6)
    wage = slots.of(mean_wage(truth, told)).astype(float) * np.exp(own + noise)
    basic = np.ceil(np.maximum(wage, slots.of(wage_floor(truth, told)).astype(float)) / 1e3) * 1e3
    hours = slots.of(told.values["hours"]).astype(float) + rule.sd_hours_within * rng.standard_normal(n)
    hours = np.clip(np.round(2 * hours) / 2, 24, 84)
    overtime = np.maximum(hours - STATUTORY_HOURS, 0)
    allowance = rule.allowance_share * np.exp(0.4 * rng.standard_normal(n))
    overtime_pay = basic / PAID_HOURS_PER_MONTH * OVERTIME_FACTOR * overtime * WEEKS_PER_MONTH
    return {
        "basic_wage_month_idr": basic,
        "fixed_allowances_idr": np.round(basic * allowance / 1e3) * 1e3,
        "overtime_pay_idr": np.round(overtime_pay / 1e3) * 1e3,
        "hours_week": hours,
        "overtime_hours_week": overtime,
    }


def latent_attitudes(truth: Truth, told: Told, slots: Slots) -> dict[str, Float1D]:
    """Latent satisfaction, voice, respect and stress: standard normal over workers, before effects.

    A share ``icc`` of the variance is the enterprise's. Effects and the leniency of enumerators are in
    standard deviations of the latent scale.
    """
    rule, draws, effects = truth.generator.workers, told.draws, truth.generator.effects.full_dose
    shared = {
        "firm": draws.steady("worker.climate"),
        "own": draws.rng("worker.mood").standard_normal(len(slots.cell)),
    }
    lenient = told.leniency[told.enumerator]
    moved = {
        "satisfaction": effects.satisfaction_sd * told.scaled["satisfaction_sd"],
        "voice": effects.voice_sd * told.scaled["voice_sd"],
    }
    latent = {}
    for name, sign in (("satisfaction", 1), ("voice", 1), ("respect", 1), ("stress", -1)):
        half = np.sqrt(0.5)
        firm = half * (sign * shared["firm"] + draws.steady(f"worker.firm.{name}"))
        own = half * (sign * shared["own"] + draws.rng(f"worker.own.{name}").standard_normal(len(slots.cell)))
        shift: Float2D = moved.get(name, np.zeros_like(lenient)) + (lenient if sign > 0 else 0)
        latent[name] = (
            np.sqrt(rule.icc) * slots.of(firm).astype(float)
            + np.sqrt(1 - rule.icc) * own
            + slots.of(shift).astype(float)
        )
    return latent


def _attitudes(truth: Truth, told: Told, slots: Slots) -> dict[str, Cells]:
    latent = latent_attitudes(truth, told, slots)
    rng = told.draws.rng("worker.items")
    load = truth.generator.workers.item_loading

    def item(name: str, sign: int, limits: tuple[float, ...], first: int) -> Float1D:
        answer = load * latent[name] + np.sqrt(1 - load**2) * rng.standard_normal(len(slots.cell))
        return np.asarray(first + np.searchsorted(limits, sign * answer, side="right"), dtype=np.float64)

    answers: dict[str, Cells] = {f"sat{k}": item("satisfaction", 1, AGREEMENT, 1) for k in range(1, 6)}
    answers |= {f"voice{k}": item("voice", 1, AGREEMENT, 1) for k in range(1, 5)}
    answers |= {
        f"resp{k}": item("respect", 1 if k < 3 else -1, AGREEMENT if k < 3 else FREQUENCY, 1)
        for k in range(1, 5)
    }
    answers |= {f"pss{k}": item("stress", -1 if k in (2, 3) else 1, FREQUENCY, 0) for k in range(1, 5)}
    return {**answers, **_events(truth, told, slots, latent)}


def _events(truth: Truth, told: Told, slots: Slots, latent: Mapping[str, Float1D]) -> dict[str, Cells]:
    """Harassment, wish to leave, training in safety and injuries, as yes or no."""
    rng, n = told.draws.rng("worker.events"), len(slots.cell)
    rate = injury_rate(
        truth, told, np.full(told.scaled["lti_irr"].shape, truth.generator.enterprise.hours_per_worker)
    )
    trained = slots.of(told.scaled["lti_irr"] != 0).astype(bool)
    chance = {
        "harassment": _logistic(-2.2 - 0.6 * latent["respect"]),
        "intent_quit": _logistic(-1.3 - 0.6 * latent["satisfaction"] + 0.3 * latent["stress"]),
        "osh_training_12m": np.where(trained, 0.45, 0.32),
        "injury_12m": 1 - np.exp(-slots.of(rate).astype(float)),
    }
    return {name: np.where(rng.random(n) < value, "yes", "no") for name, value in chance.items()}


def _logistic(value: Float1D) -> Float1D:
    return np.asarray(1 / (1 + np.exp(-value)))


def _identity(truth: Truth, told: Told, enterprise: pd.DataFrame, slots: Slots) -> dict[str, Cells]:
    """Who was asked where and when: workers on the working day after the enterprise."""
    visited = enterprise["today"].to_numpy().astype("datetime64[D]").reshape(told.enumerator.shape)
    return {
        "wave": slots.of(enterprise["wave"].to_numpy()).astype(float),
        "today": slots.of(days_after(truth.generator.rounds, visited)).astype("datetime64[s]"),
        "enumerator": slots.of(enumerator_names(told.enumerator)),
        "consent": np.full(len(slots.cell), "yes"),
        "enterprise_id": slots.of(enterprise["enterprise_id"].to_numpy(dtype=str)),
        "worker_slot": slots.slot.astype(float),
    }
