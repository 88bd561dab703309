"""Effects of training on each enterprise, and the two values that each outcome could take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

from impacteval.arrays import Float1D, Float2D
from impacteval.simulation.programme_study import parameters as p
from impacteval.simulation.programme_study.processes import Scores, value_of
from impacteval.simulation.programme_study.streams import Streams
from impacteval.simulation.programme_study.study_shape import BASELINE, N_ROUNDS

# Outcomes that effects change by a share of what is lost (late deliveries, absence, separations), so that
# none falls below zero. The share is the effect at the mean of the baseline.
PROPORTIONAL = ("otd", "absence", "turnover")
# No effect takes away more than this share of what is lost.
MOST = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Potential:
    """Values of the latent outcomes, (n, n_rounds) each, observed and had nobody been trained.

    ``scaled_dose`` holds, for each effect, dose times the enterprise's own multiplier: 0 where nobody
    was trained.
    """

    observed: Mapping[str, Float2D]
    untreated: Mapping[str, Float2D]
    scaled_dose: Mapping[str, Float2D]


def multipliers(
    rule: p.EffectRule, firms: pd.DataFrame, permanent_mgmt: Float1D, streams: Streams
) -> dict[str, Float1D]:
    """Multiplier of each effect by enterprise: 1 on average over participants, apart from chance.

    The systematic part depends on practices, union and lead buyer; the rest is normal with the standard
    deviation ``sd_share``.
    """
    known = (
        np.where(permanent_mgmt < 0, rule.multipliers["low_baseline_mgmt"], 1.0)
        * np.where(firms["union"] == 1, rule.multipliers["union"], 1.0)
        * np.where(firms["lead_buyer"] == "astra", rule.multipliers["astra"], 1.0)
    )
    known = known / known[(firms["arm"] == "score").to_numpy()].mean()
    return {
        name: known * (1 + rule.sd_share * streams.of(f"effect.{name}").standard_normal(len(firms)))
        for name in asdict(rule.full_dose)
    }


def scaled_doses(
    generator: p.Generator,
    scenario: p.Scenario,
    firms: pd.DataFrame,
    *,
    dose: tuple[Float2D, Float2D],
    permanent_mgmt: Float1D,
    streams: Streams,
) -> dict[str, Float2D]:
    """Dose times multiplier of each effect, with what the scenario changes of it."""
    share, years = dose
    cohort = firms["cohort"].map(scenario.cohort_effects or {}).fillna(1.0).to_numpy(dtype=np.float64)
    growth = 1 + scenario.growth_per_year * np.maximum(years - 1, 0)
    scale = scenario.effect_scale * cohort[:, None] * growth * share
    own = multipliers(generator.effects, firms, permanent_mgmt, streams)
    return {name: scale * value[:, None] for name, value in own.items()}


def potential_outcomes(
    generator: p.Generator,
    scenario: p.Scenario,
    firms: pd.DataFrame,
    *,
    scores: Scores,
    scaled: Mapping[str, Float2D],
    streams: Streams,
) -> Potential:
    """Both values of all latent outcomes, from the same scores and shocks."""
    shocks = _shocks(generator, scenario, firms, streams)
    spill = _spillover(scenario, firms, scaled["mgmt"])
    observed, untreated = {}, {}
    for name, outcome in generator.outcomes.items():
        base = value_of(outcome, scores.total[name]) + np.array(generator.trends.get(name, (0.0,) * N_ROUNDS))
        base = base + shocks if name in ("ln_va", "ln_sales") else base
        size = getattr(generator.effects.full_dose, name, 0.0)
        moved = _moved(name, base, size * scaled[name], outcome.level) if size else base
        untreated[name] = base
        observed[name] = moved + spill if name == "mgmt" else moved
    return Potential(observed=observed, untreated=untreated, scaled_dose=scaled)


def rate_ratio(full: float, scaled: Float2D) -> Float2D:
    """Ratio of rates at a scaled dose: 1 without dose, ``full`` at 1, in a straight line, above 0."""
    return np.maximum(1 + (full - 1) * scaled, 1 - MOST)


def _moved(name: str, base: Float2D, effect: Float2D, level: float) -> Float2D:
    if name not in PROPORTIONAL:
        return base + effect
    if name == "otd":
        kept = np.maximum(1 - effect / (100 - level), 1 - MOST) * (100 - base)
        moved = np.clip(100 - kept, 0.0, 100.0)
    else:
        moved = np.maximum(1 + effect / level, 1 - MOST) * base
    # Exactly as it was where there is no effect, whatever rounding does.
    return np.where(effect == 0, base, moved)


def _shocks(generator: p.Generator, scenario: p.Scenario, firms: pd.DataFrame, streams: Streams) -> Float2D:
    """What buyers, estates and the scenario's trend add to log value added and log sales."""
    places = list(generator.frame.estate_places)
    estate = streams.of("shock.estate").normal(0, generator.estate_round_sd, (len(places), N_ROUNDS))
    shocks = estate[pd.Index(places).get_indexer(pd.Index(firms["place"]))]
    shocks[:, 2] += firms["lead_buyer"].map(generator.buyer_shock).to_numpy(dtype=np.float64)
    days = np.array(generator.rounds.days, dtype="datetime64[D]")
    years = (days - days[BASELINE]).astype(float) / 365.25
    treated = (firms["arm"] == "score").to_numpy(dtype=np.float64)
    return np.asarray(shocks + scenario.treated_trend_per_year * treated[:, None] * years)


def _spillover(scenario: p.Scenario, firms: pd.DataFrame, scaled: Float2D) -> Float2D:
    """What comparison enterprises near a trained one gain once it was trained."""
    near = firms["place"] + "|" + firms["lead_buyer"]
    active = pd.DataFrame(scaled != 0).groupby(near.to_numpy()).transform("max").to_numpy(dtype=np.float64)
    comparison = (firms["arm"] == "comparison").to_numpy(dtype=np.float64)
    return scenario.spillover_mgmt_pp * active * comparison[:, None]
