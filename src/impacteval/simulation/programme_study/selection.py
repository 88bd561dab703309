"""Who takes part, who is compared, and when participants enter."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.random import Generator as Rng

from impacteval.arrays import Bool1D, Float1D, Int1D
from impacteval.simulation.programme_study import parameters as p
from impacteval.simulation.programme_study.frame import FramePopulation
from impacteval.simulation.programme_study.streams import Streams
from impacteval.simulation.programme_study.study_shape import BASELINE


def log_odds(
    generator: p.Generator, frame: FramePopulation, scenario: p.Scenario, streams: Streams
) -> Float1D:
    """Log odds of taking part, from fixed traits alone unless the scenario adds the baseline's shock.

    ``mgmt_z`` is what is permanent in practices; growth is that before the first round, drawn apart
    from all that happens later. Parallel trends therefore hold.
    """
    rule, listed, traits = generator.selection, frame.listed, frame.traits
    zones = list(generator.frame.zone_estates)
    by_zone = dict(zip(zones, streams.of("selection.zone").normal(0, rule.zone_sd, len(zones)), strict=True))
    odds = (
        rule.astra * (listed["lead_buyer"] == "astra")
        + rule.mgmt_z * frame.scores.permanent["mgmt"]
        + rule.ln_emp_z * _standardised(np.log(listed["employees_frame"].to_numpy()))
        + rule.union * traits["union"]
        + rule.foreign * (listed["ownership"] != "domestic")
        + rule.past_growth_z * _standardised(listed["past_growth"].to_numpy())
        + listed["zone"].map(by_zone)
        + scenario.selection_on_shock * frame.scores.passing["ln_sales"][:, BASELINE]
    )
    return odds.to_numpy(dtype=np.float64)


def participants(odds: Float1D, n: int, rng: Rng) -> Int1D:
    """Draw ``n`` rows without replacement, one after the other by their odds (largest perturbed odds)."""
    perturbed = odds + rng.gumbel(size=len(odds))
    return np.sort(np.argsort(-perturbed, kind="stable")[:n])


def compared(strata: pd.Series, treated: Int1D, n: int, rng: Rng) -> Int1D:
    """Draw ``n`` rows that do not take part, over strata as participants are spread over them."""
    others = np.ones(len(strata), dtype=bool)
    others[treated] = False
    order = pd.Series(rng.random(len(strata)), index=strata.index)[others].sort_values().index
    wanted = quotas(strata.iloc[treated].value_counts(), strata[others].value_counts(), n)
    position = strata.loc[order].groupby(strata.loc[order]).cumcount()
    chosen = position < strata.loc[order].map(wanted)
    return np.sort(order[chosen.to_numpy()].to_numpy(dtype=np.int64))


def quotas(shares: pd.Series, available: pd.Series, n: int) -> dict[str, int]:
    """Split ``n`` over strata by shares (Sainte-Laguë's rule), none above what is available."""
    available = available.sort_index()
    wanted = (shares / shares.sum() * n).reindex(available.index, fill_value=0.0)
    taken = np.minimum(np.floor(wanted), available)
    for _ in range(int(n - taken.sum())):
        has_room = taken < available
        if not has_room.any():
            break
        taken[(wanted / (taken + 0.5)).where(has_room).idxmax()] += 1
    return {str(stratum): int(count) for stratum, count in taken.items()}


def cohorts(counts: Mapping[str, int], n: int, rng: Rng) -> np.ndarray:
    """Give participants to cohorts at random, in the numbers (scaled) of the design."""
    names = np.repeat(list(counts), np.array(list(counts.values())) * n // sum(counts.values()))
    return rng.permutation(names)


def entry_days(months: Mapping[str, Mapping[str, float]], cohort: np.ndarray, rng: Rng) -> np.ndarray:
    """Days on which participants enter: months by their weights, then a weekday within."""
    days = np.full(len(cohort), np.datetime64("NaT"), dtype="datetime64[D]")
    draws = rng.random((len(cohort), 2))
    for name, weights in months.items():
        rows = cohort == name
        edges = np.cumsum(list(weights.values()))[:-1]
        month = np.array(list(weights), dtype="datetime64[M]")[
            np.searchsorted(edges, draws[rows, 0], side="right")
        ]
        length = ((month + 1).astype("datetime64[D]") - month.astype("datetime64[D]")).astype(int)
        offset = np.floor(draws[rows, 1] * (length - 3)).astype(int)
        days[rows] = np.busday_offset(month.astype("datetime64[D]") + offset, 0, roll="forward")
    return days


def draw_assignment(
    generator: p.Generator, frame: FramePopulation, scenario: p.Scenario, streams: Streams
) -> pd.DataFrame:
    """Draw the study's enterprises, in the order of the frame.

    Columns: ``row`` (in the frame), ``arm``, ``cohort`` ('' for comparison), ``entry_day`` (NaT),
    ``stratum``, ``replacement``, ``no_show`` and ``contaminated`` (comparison, yet trained).
    """
    design = generator.design
    scale = len(frame.listed) // generator.frame.n
    strata = frame.listed["tier"] + "_" + frame.listed["zone"]
    odds = log_odds(generator, frame, scenario, streams)
    treated = participants(odds, design.treated * scale, streams.of("selection.participants"))
    others = compared(strata, treated, design.comparison * scale, streams.of("selection.comparison"))
    rows = np.sort(np.concatenate([treated, others]))
    is_treated = np.isin(rows, treated)
    cohort = np.full(len(rows), "", dtype="<U2")
    cohort[is_treated] = cohorts(design.cohorts, int(is_treated.sum()), streams.of("selection.cohort"))
    latest = list(design.cohorts)[-1]
    return pd.DataFrame(
        {
            "row": rows,
            "arm": np.where(is_treated, "score", "comparison"),
            "cohort": cohort,
            "entry_day": entry_days(design.entry_months, cohort, streams.of("selection.entry")).astype(
                "datetime64[s]"
            ),
            "stratum": strata.to_numpy()[rows],
            "replacement": _some(~is_treated, design.replaced, streams.of("selection.replaced")).astype(
                float
            ),
            "no_show": _some(
                cohort == latest,
                design.no_show * design.treated / design.cohorts[latest],
                streams.of("selection.no_show"),
            ),
            "contaminated": _some(~is_treated, design.contaminated, streams.of("selection.contaminated")),
        }
    )


def _some(eligible: Bool1D, share: float, rng: Rng) -> Bool1D:
    """Mark a share of the eligible, rounded to whole enterprises, at random."""
    count = round(share * int(eligible.sum()))
    order = np.argsort(np.where(eligible, rng.random(len(eligible)), np.inf), kind="stable")
    marked = np.zeros(len(eligible), dtype=bool)
    marked[order[:count]] = True
    return marked


def _standardised(values: Float1D) -> Float1D:
    return np.asarray((values - values.mean()) / values.std())
