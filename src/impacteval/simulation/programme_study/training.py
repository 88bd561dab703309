"""Training received: modules, days, visits, people; and the dose that follows from it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from impacteval.arrays import Float2D
from impacteval.simulation.programme_study import parameters as p
from impacteval.simulation.programme_study.frame import drawn
from impacteval.simulation.programme_study.streams import Streams
from impacteval.simulation.programme_study.study_shape import MODULES

DAYS_PER_MONTH = 30.4375
# Comparison enterprises that were trained all the same came in with the last cohort.
LATE_ENTRY = ("2011-09-05", "2012-02-27")


def draw_training(
    generator: p.Generator, assignment: pd.DataFrame, enterprise_id: npt.NDArray[np.str_], streams: Streams
) -> pd.DataFrame:
    """Draw a row for each module that an enterprise took.

    Columns are those of the table ``training`` and ``firm``, the enterprise's place in the assignment.
    M1 comes first; others follow in their order, so that a module never begins before one it builds on.
    """
    rule = generator.modules
    n = len(assignment)
    trained = ((assignment["arm"] == "score") & ~assignment["no_show"]) | assignment["contaminated"]
    chance = np.array([rule.taken[module] for module in MODULES])
    taken = (streams.of("training.modules").random((n, len(chance))) < chance) & trained.to_numpy()[:, None]
    start = _starts(generator, assignment, taken, streams)
    firm, module = np.nonzero(taken)
    length = len(firm)
    is_short = (streams.of("training.version").random(n) < rule.short_version)[firm]
    people = streams.of("training.people").integers(rule.participants[0], rule.participants[1] + 1, length)
    women = streams.of("training.women").binomial(people, rule.women)
    visits = streams.of("training.visits").integers(2, 4, length)
    first = start[firm, module]
    second = np.where(is_short, first, np.busday_offset(first, 1))
    return pd.DataFrame(
        {
            "firm": firm,
            "enterprise_id": enterprise_id[firm],
            "module": np.array(MODULES)[module],
            "classroom_start": first.astype("datetime64[s]"),
            "classroom_end": second.astype("datetime64[s]"),
            "visits": np.where(is_short, 1, visits).astype(float),
            "participants_m": (people - women).astype(float),
            "participants_f": women.astype(float),
            "version": np.where(is_short, "short", "full"),
            "payer": drawn(rule.payer, length, streams.of("training.payer")),
            "trainer_id": trainer_ids(streams.of("training.trainer").integers(1, rule.trainers + 1, length)),
        }
    )


def trainer_ids(number: npt.NDArray[np.int64]) -> npt.NDArray[np.str_]:
    """Numbers of trainers as registers write them."""
    return np.array([f"T{i:02d}" for i in number], dtype=str)


def _starts(
    generator: p.Generator, assignment: pd.DataFrame, taken: npt.NDArray[np.bool_], streams: Streams
) -> npt.NDArray[np.datetime64]:
    """First classroom day of each module, (n, n_modules): the first is the day of entry."""
    n = len(assignment)
    early, late = (np.datetime64(day) for day in LATE_ENTRY)
    drawn_day = early + streams.of("training.late_entry").integers(0, int((late - early).astype(int)) + 1, n)
    entry = assignment["entry_day"].to_numpy().astype("datetime64[D]")
    entry = np.where(np.isnat(entry), np.busday_offset(drawn_day, 0, roll="forward"), entry)
    low, high = generator.modules.weeks_between
    gap = streams.of("training.gap").integers(7 * low, 7 * high + 1, taken.shape)
    later = taken.copy()
    later[:, 0] = False
    days = entry[:, None] + np.cumsum(np.where(later, gap, 0), axis=1)
    return np.asarray(np.busday_offset(days, 0, roll="forward"))


def dose_by_round(generator: p.Generator, training: pd.DataFrame, n: int) -> tuple[Float2D, Float2D]:
    """Give the share of the full effect and the years since the first class, (n, n_rounds).

    The dose is modules begun by the day of the round over a cap, at most 1, times a share that is one
    half below some months since the first class and rises to 1 in a straight line.
    """
    rule = generator.effects.dose
    days = np.array(generator.rounds.days, dtype="datetime64[D]")
    start = training["classroom_start"].to_numpy().astype("datetime64[D]")
    firm = training["firm"].to_numpy()
    begun = start[:, None] <= days
    modules = np.zeros((n, len(days)))
    np.add.at(modules, firm, begun.astype(float))
    first = np.full(n, np.datetime64("2100-01-01"), dtype="datetime64[D]")
    np.minimum.at(first, firm, start)
    months = (days - first[:, None]).astype(float) / DAYS_PER_MONTH
    slope = (months - rule.months_half_below) / (rule.months_full - rule.months_half_below)
    by_time = np.where(months < 0, 0.0, np.clip(0.5 + 0.5 * slope, 0.5, 1.0))
    return np.minimum(modules / rule.modules_cap, 1.0) * by_time, np.maximum(months, 0.0) / 12
