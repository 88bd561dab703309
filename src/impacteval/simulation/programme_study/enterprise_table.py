"""The table of enterprise interviews before anything is missing: a row for each enterprise and round."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from impacteval.arrays import Float2D
from impacteval.simulation.programme_study.columns import ENTERPRISE, YES_NO
from impacteval.simulation.programme_study.draws import Draws
from impacteval.simulation.programme_study.enterprise_books import books, money_unit
from impacteval.simulation.programme_study.enterprise_work import (
    dialogue,
    environment,
    improvement,
    people,
    practices,
    production,
    safety,
)
from impacteval.simulation.programme_study.interviews import (
    Days,
    draw_days,
    enumerator_names,
    positions,
)
from impacteval.simulation.programme_study.study_shape import BASELINE, KPIS, N_ROUNDS
from impacteval.simulation.programme_study.telling import Told
from impacteval.simulation.programme_study.truth import Truth

Cells = npt.NDArray[np.generic]
ROLES = ("owner", "director", "factory_manager", "finance_manager", "hr_manager")
SUPPORTS = ("none", "ydba", "unido", "iso")
YDBA_IF_ASTRA = 0.18
MODULES_FORGOTTEN = 0.06


def enterprise_table(truth: Truth, told: Told) -> pd.DataFrame:
    """All answers by enterprise and, within it, round; yes/no answers as words."""
    days = draw_days(truth.generator.rounds, told.enumerator, told.draws)
    kept = books(truth, told)
    answers = {
        **kept,
        **production(truth, told, kept),
        **improvement(truth, told, kept),
        **practices(truth, told),
        **people(truth, told, kept),
        **safety(truth, told, kept),
        **dialogue(truth, told, kept),
        **environment(truth, told, kept),
        "ref_product_same": _same_product(told.draws),
    }
    cells: dict[str, Cells] = {name: value.ravel() for name, value in answers.items()}
    cells |= {name: np.where(cells[name] == 1, "yes", "no") for name in YES_NO}
    cells |= {f"kpi_{name}": words.ravel() for name, words in kpi_records(truth, told).items()}
    cells |= {name: value.ravel() for name, value in _identity(truth, told, days).items()}
    return pd.DataFrame({name: cells[name] for name in ENTERPRISE})


def kpi_records(truth: Truth, told: Told) -> Mapping[str, npt.NDArray[np.str_]]:
    """Whether a written record of each KPI exists, (n, n_rounds): an enterprise's habit that lasts.

    Training adds percentage points. With ``kpi_on_defects`` enterprises with many defects record less,
    and training adds more where there are many.
    """
    from scipy.special import ndtri

    rule, draws, change = truth.generator.missing, told.draws, truth.change
    level = truth.generator.outcomes["ln_defect"]
    bad = (told.true["ln_defect"] - level.level) / level.sd * change.kpi_on_defects
    effect = truth.generator.effects.full_dose.kpi_recording_pp * told.scaled["kpi_recording_pp"]
    effect = effect * np.clip(1 + bad, 0, 3)
    own = draws.rng("kpi.own").standard_normal(draws.n)[:, None]
    recorded = {}
    for name in KPIS:
        chance = (
            100 * (1 - rule.kpi_unrecorded_baseline) + np.array(rule.kpi_trend_pp) + rule.kpi_offset_pp[name]
        )
        limit = ndtri(np.clip(chance + effect, 2, 98) / 100)
        habit = np.sqrt(0.4) * own + np.sqrt(0.6) * draws.steady(f"kpi.{name}", 0.7)
        exists = (habit + bad) / np.sqrt(1 + change.kpi_on_defects**2) < limit
        seen = draws.uniform(f"kpi.seen.{name}") < rule.kpi_document
        recorded[name] = np.where(exists, np.where(seen, "yes_document", "yes_no_document"), "no")
    return recorded


def _same_product(draws: Draws) -> Float2D:
    """Whether the reference product of the baseline is still made: some give it up, for good."""
    kept = draws.uniform("production.same") < 0.96
    kept[:, : BASELINE + 1] = True
    return np.cumprod(kept, axis=1).astype(np.float64)


def _identity(truth: Truth, told: Told, days: Days) -> dict[str, npt.NDArray[np.generic]]:
    firms, draws = truth.firms, told.draws
    place = positions(truth.generator.frame, firms["place"].to_numpy(dtype=str), draws)
    shape = (draws.n, N_ROUNDS)

    def each(values: Cells) -> Cells:
        return np.broadcast_to(values[:, None], shape)

    copied = ("enterprise_id", "enterprise_name", "legal_form", "phone", "address", "zone", "estate")
    japanese = (firms["ownership"] == "japan_jv").to_numpy() & (draws.once("visit.fiscal_year") < 0.7)
    role = draws.rng("visit.role").choice(len(ROLES), shape, p=(0.12, 0.18, 0.30, 0.20, 0.20))
    return {
        "wave": np.broadcast_to(np.arange(N_ROUNDS, dtype=np.float64), shape),
        "today": days.astype("datetime64[s]"),
        "enumerator": enumerator_names(told.enumerator),
        "observer": enumerator_names(told.observer),
        "consent": np.full(shape, "yes"),
        **{name: each(firms[name].to_numpy(dtype=str)) for name in copied},
        "_gps_latitude": place[:, :, 0],
        "_gps_longitude": place[:, :, 1],
        "respondent_role": np.array(ROLES)[role],
        "fiscal_year_end": each(np.where(japanese, "march", "december")),
        "score_modules_reported": _modules_said(truth, told),
        "other_support": each(_support(truth, draws)),
        "money_unit": each(money_unit(told)),
    }


def _modules_said(truth: Truth, told: Told) -> Float2D:
    """Modules that respondents say they had; some forget one."""
    days = np.array(truth.generator.rounds.days, dtype="datetime64[D]")
    start = truth.training["classroom_start"].to_numpy().astype("datetime64[D]")
    count = np.zeros((told.draws.n, N_ROUNDS))
    np.add.at(count, truth.training["firm"].to_numpy(), (start[:, None] <= days).astype(float))
    if not told.is_observed:
        return np.zeros_like(count)
    wrong = 0.0 if told.is_exact else MODULES_FORGOTTEN
    slip = np.where(told.draws.uniform("visit.modules") < wrong, 1.0, 0.0)
    return np.maximum(count - slip, 0)


def _support(truth: Truth, draws: Draws) -> npt.NDArray[np.str_]:
    """Other support that an enterprise receives, more often of Astra's foundation for its suppliers."""
    ydba = np.where(truth.firms["lead_buyer"] == "astra", YDBA_IF_ASTRA, 0.04)
    u = draws.once("visit.support")
    return np.select([u < ydba, u < ydba + 0.03, u < ydba + 0.10], SUPPORTS[1:], SUPPORTS[0]).astype(str)
