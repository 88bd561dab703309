"""What enterprises say of their latent outcomes: the truth, or the truth with errors of reporting."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from impacteval.arrays import Float1D, Float2D, Int1D
from impacteval.simulation.programme_study import parameters as p
from impacteval.simulation.programme_study.draws import Draws
from impacteval.simulation.programme_study.effects import PROPORTIONAL
from impacteval.simulation.programme_study.study_shape import BASELINE
from impacteval.simulation.programme_study.truth import Truth


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Values from which answers are made, (n, n_rounds) each.

    ``values`` are told, ``true`` are true; ``scaled`` are the scaled doses, all 0 where the untreated
    outcomes are told (not ``is_observed``). ``is_exact`` says that nothing is misreported. ``enumerator``
    and ``observer`` count from 0, ``leniency`` is what an enumerator adds to scores, in standard deviations.
    """

    values: Mapping[str, Float2D]
    true: Mapping[str, Float2D]
    scaled: Mapping[str, Float2D]
    is_observed: bool
    is_exact: bool
    enumerator: Int1D
    observer: Int1D
    leniency: Float1D
    draws: Draws


def tell(truth: Truth, potential: str, layer: str) -> Told:
    """Say the ``observed`` or ``untreated`` outcomes, ``true`` or as ``reported``."""
    is_observed, is_exact = potential == "observed", layer == "true"
    true = truth.potential.observed if is_observed else truth.potential.untreated
    draws = Draws(truth.streams, len(truth.firms))
    rule = truth.generator.reporting
    enumerator = _enumerators(truth, draws)
    n_enumerators = truth.generator.rounds.enumerators
    leniency = draws.rng("report.leniency").normal(0, rule.enumerator_sd, n_enumerators)
    return Told(
        values=true if is_exact else _misreported(truth.generator, true, draws),
        true=true,
        scaled={k: v if is_observed else np.zeros_like(v) for k, v in truth.potential.scaled_dose.items()},
        is_observed=is_observed,
        is_exact=is_exact,
        enumerator=enumerator,
        observer=(enumerator + n_enumerators // 2) % n_enumerators,
        leniency=np.zeros(n_enumerators) if is_exact else leniency,
        draws=draws,
    )


def _enumerators(truth: Truth, draws: Draws) -> Int1D:
    """Enumerator of each enterprise and round: equal loads, most in one or two zones, whatever the arm."""
    n = truth.generator.rounds.enumerators
    zone = pd.factorize(truth.firms["zone"], sort=True)[0]
    place = zone[:, None] + 2 * draws.uniform("report.enumerator")
    rank = np.argsort(np.argsort(place, axis=0, kind="stable"), axis=0, kind="stable")
    chosen = rank * n // draws.n
    # The first round is asked about in the interview of the second.
    chosen[:, 0] = chosen[:, BASELINE]
    return np.asarray(chosen, dtype=np.int64)


def _misreported(generator: p.Generator, true: Mapping[str, Float2D], draws: Draws) -> dict[str, Float2D]:
    noise = {name: draws.normal(f"report.noise.{name}") for name in true}
    r = generator.reporting.money_correlation
    noise["ln_va"] = r * noise["ln_sales"] + np.sqrt(1 - r**2) * noise["ln_va"]
    recall = np.array([generator.reporting.recall_noise, 1.0, 1.0, 1.0])
    told = {}
    for name, outcome in generator.outcomes.items():
        error = error_variance(outcome, generator.reporting.of(name))
        if name in PROPORTIONAL:
            sd = np.sqrt(np.log1p(error / (outcome.sd**2 + lost_at(name, outcome) ** 2)))
            factor = np.exp(sd * recall * noise[name] - (sd * recall) ** 2 / 2)
            # People can leave more than once a year; no other share passes 100 %.
            most = np.inf if name == "turnover" else 100.0
            told[name] = _lost(name, np.minimum(_lost(name, true[name]) * factor, most))
        else:
            told[name] = true[name] + np.sqrt(error) * recall * noise[name]
    return told


def error_variance(outcome: p.LatentOutcome, reliability: float) -> float:
    """Variance of the error of reporting that gives true over reported variance."""
    return outcome.sd**2 * (1 / reliability - 1)


def lost_at(name: str, outcome: p.LatentOutcome) -> float:
    """Mean of what is lost: late deliveries for deliveries on time, the outcome itself for others."""
    return 100 - outcome.level if name == "otd" else outcome.level


def _lost(name: str, value: Float2D) -> Float2D:
    return 100 - value if name == "otd" else value
