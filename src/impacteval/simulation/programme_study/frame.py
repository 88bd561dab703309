"""The frame: all enterprises that the programme could train, with their traits and latent scores."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.random import Generator as Rng

from impacteval.arrays import Float1D, Text1D
from impacteval.simulation.programme_study import parameters as p
from impacteval.simulation.programme_study.names import (
    addresses,
    enterprise_ids,
    enterprise_names,
    phones,
)
from impacteval.simulation.programme_study.processes import Scores, draw_scores
from impacteval.simulation.programme_study.streams import Streams

DAYS_PER_YEAR = 365.25


@dataclass(frozen=True, slots=True, kw_only=True)
class FramePopulation:
    """Enterprises of the frame.

    ``listed`` are the columns of the frame as the programme holds it; ``traits`` what it does not say
    (``size``: true employees; ``union``, ``bipartite``: 0 or 1; ``place``: estate as drawn); rows agree.
    """

    listed: pd.DataFrame
    traits: pd.DataFrame
    scores: Scores


def draw_frame(generator: p.Generator, streams: Streams, scale: int = 1) -> FramePopulation:
    """Draw the frame, ``scale`` times as many enterprises as its parameters say."""
    rule = generator.frame
    n = rule.n * scale
    place = drawn(rule.estates, n, streams.of("frame.estate"))
    size, listed_size = _sizes(rule.employees, n, streams.of("frame.size"))
    growth = streams.of("frame.past_growth").normal(rule.past_growth.mean, rule.past_growth.sd, n)
    listed = pd.DataFrame(
        {
            "enterprise_id": enterprise_ids(n),
            "enterprise_name": enterprise_names(n, streams.of("frame.name")),
            "legal_form": drawn(rule.legal_form, n, streams.of("frame.legal_form")),
            "phone": phones(n, streams.of("frame.phone")),
            "address": addresses(place, streams.of("frame.address")),
            "zone": pd.Series(place).map(rule.zone_of).to_numpy(dtype=str),
            "estate": np.where(pd.Series(place).str.startswith("other_"), "other", place),
            "tier": drawn(rule.tier, n, streams.of("frame.tier")),
            "process": drawn(rule.process, n, streams.of("frame.process")),
            "ownership": drawn(rule.ownership, n, streams.of("frame.ownership")),
            "lead_buyer": drawn(rule.lead_buyer, n, streams.of("frame.lead_buyer")),
            "employees_frame": listed_size,
            "past_growth": growth.round(3),
        }
    )
    traits = pd.DataFrame(
        {
            "size": size,
            "union": (streams.of("frame.union").random(n) < rule.union).astype(float),
            "bipartite": (streams.of("frame.bipartite").random(n) < rule.bipartite).astype(float),
            "place": place,
        }
    )
    scores = draw_scores(
        generator.outcomes,
        generator.correlated_with,
        generator.decay_per_year,
        n=n,
        times=times_of(generator.rounds),
        streams=streams,
    )
    return FramePopulation(listed=listed, traits=traits, scores=scores)


def times_of(rounds: p.Rounds) -> Float1D:
    """Days of the rounds in years since the first."""
    days = np.array(rounds.days, dtype="datetime64[D]")
    return np.asarray((days - days[0]).astype(float) / DAYS_PER_YEAR)


def drawn(shares: Mapping[str, float], n: int, rng: Rng) -> Text1D:
    """Draw words with the probabilities that they are mapped to."""
    edges = np.cumsum(list(shares.values()))[:-1]
    return np.array(list(shares))[np.searchsorted(edges, rng.random(n), side="right")]


def _sizes(rule: p.Employees, n: int, rng: Rng) -> tuple[Float1D, Float1D]:
    """True and listed employees: within the bounds, but for some that are listed there wrongly."""
    from scipy.special import ndtr, ndtri

    low, high = np.log(np.array([rule.minimum, rule.maximum]) / rule.median) / rule.sd_ln
    position = ndtr(low) + rng.random(n) * (ndtr(high) - ndtr(low))
    listed = rule.median * np.exp(rule.sd_ln * ndtri(position))
    wrong = rng.random(n) < rule.misreport_outside
    beyond = rng.uniform(1.05, 1.5, n)
    outside = np.where(listed < rule.median, rule.minimum / beyond, rule.maximum * beyond)
    return np.where(wrong, outside, listed), listed.round()
