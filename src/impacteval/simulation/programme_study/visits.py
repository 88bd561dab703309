"""When interviews of the simulated study are held and sent, by which device, under which key."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from impacteval.arrays import Bool1D, Float1D, Int1D
from impacteval.simulation.programme_study.habits import clock_text, keys_of
from impacteval.simulation.programme_study.streams import Streams

# Interviews are held from 8.00 to 11.30 and from 13.35 to 17.20: never during Friday prayer.
MORNING, MORNING_LENGTH = 8 * 60, 210
AFTERNOON, AFTERNOON_LENGTH = 13 * 60 + 35, 225
# The payroll of the year before is copied after the interviews of the day.
EVENING, EVENING_LENGTH = 17 * 60 + 25, 100
SENT_WITHIN_MINUTES = 600
# Between the interview and the questions on the year before.
RECALL_LAG = 3
SHORTEST = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How interviews of a table go: minutes from one to the next, and how long they last.

    Mean, standard deviation and bounds of minutes; ``gap`` is left free before the next one.
    """

    step: float
    mean: float
    sd: float
    shortest: float
    longest: float
    latest: int
    gap: float


PACES = {
    "enterprise": Pace(step=105, mean=62, sd=6, shortest=45, longest=78, latest=5, gap=20),
    "workers": Pace(step=20, mean=14, sd=2, shortest=9, longest=18, latest=1, gap=1),
}
RECALLED = {
    "enterprise": Pace(step=20, mean=12, sd=1.5, shortest=8, longest=15, latest=0, gap=1),
    "workers": Pace(step=5, mean=3, sd=0.5, shortest=2, longest=4, latest=0, gap=1),
}


def with_visits(interviews: pd.DataFrame, name: str, streams: Streams) -> pd.DataFrame:
    """Put clock, moment of sending and key on each interview.

    Parameters
    ----------
    interviews : DataFrame
        With enterprise_id, wave, enumerator and the day ``today``; of workers with worker_slot too.
    name : str
        ``enterprise`` or ``workers``.
    streams : Streams

    Returns
    -------
    DataFrame
        With start, end, _submission_time and _uuid as text. Interviews of an enumerator do not overlap
        unless a day has more of them than minutes.
    """
    rng = streams.of(f"visits.{name}")
    n, days = len(interviews), interviews["today"].to_numpy(dtype="datetime64[D]")
    begins, lasts = _minutes(interviews, name, rng)
    seconds, sent_seconds = rng.integers(0, 50, n), rng.integers(0, 60, n)
    ends = begins + lasts
    sent = ends + rng.integers(2, SENT_WITHIN_MINUTES, n)
    clocks = {
        "start": clock_text(days, begins, seconds) + "+07:00",
        "end": clock_text(days, ends, seconds) + "+07:00",
        "_submission_time": clock_text(days, sent, sent_seconds).str.removesuffix(".000") + "+07:00",
        "_uuid": pd.Series(keys_of(streams.seed, _names(interviews, name)), dtype="str"),
    }
    added = pd.DataFrame(clocks).set_axis(interviews.index, axis=0)
    return pd.concat([interviews.drop(columns=[*clocks], errors="ignore"), added], axis=1)


def _names(interviews: pd.DataFrame, name: str) -> list[str]:
    """What makes an interview one of its own."""
    wave = interviews["wave"].astype("int64").astype("str")
    names = f"{name}/" + wave + "/" + interviews["enterprise_id"].astype("str")
    if name == "workers":
        names = names + "/" + interviews["worker_slot"].astype("int64").astype("str")
    return [str(text) for text in names]


def _minutes(interviews: pd.DataFrame, name: str, rng: np.random.Generator) -> tuple[Float1D, Float1D]:
    """Minute of the day at which each interview begins, and minutes that it lasts."""
    is_recalled = (interviews["wave"] == 0).to_numpy(dtype=bool)
    begins, lasts = np.zeros(len(interviews)), np.zeros(len(interviews))
    begins[~is_recalled], lasts[~is_recalled] = _held(interviews[~is_recalled], PACES[name], rng)
    pace = RECALLED[name]
    drawn = _drawn(pace, int(is_recalled.sum()), rng)
    if name == "workers":
        turn, of = _turns(interviews[is_recalled])
        step = np.minimum(pace.step, EVENING_LENGTH / of)
        begins[is_recalled] = EVENING + np.floor(turn * step)
        lasts[is_recalled] = np.maximum(np.minimum(drawn, np.floor(step - pace.gap)), SHORTEST)
        return begins, lasts
    first = _first_interviews(interviews, is_recalled)
    begins[is_recalled] = np.where(first >= 0, begins[first] + lasts[first] + RECALL_LAG, MORNING)
    lasts[is_recalled] = drawn
    return begins, lasts


def _held(interviews: pd.DataFrame, pace: Pace, rng: np.random.Generator) -> tuple[Float1D, Float1D]:
    """Interviews of a day one after the other, closer together where there are many."""
    turn, of = _turns(interviews)
    n_morning = np.maximum(np.ceil(of / 2), np.minimum(of, MORNING_LENGTH // pace.step))
    is_morning = turn < n_morning
    space = np.where(is_morning, MORNING_LENGTH / n_morning, AFTERNOON_LENGTH / np.maximum(of - n_morning, 1))
    step = np.minimum(pace.step, space)
    place = np.where(is_morning, turn, turn - n_morning)
    late = rng.integers(0, pace.latest + 1, len(interviews))
    begins = np.where(is_morning, MORNING, AFTERNOON) + np.floor(place * step)
    room = np.floor(step - pace.gap) - late
    return begins + late, np.maximum(np.minimum(_drawn(pace, len(interviews), rng), room), SHORTEST)


def _turns(interviews: pd.DataFrame) -> tuple[Int1D, Int1D]:
    """Turn of each interview among those of its enumerator and day, and how many these are."""
    groups = interviews.groupby(["enumerator", "today"], sort=False)["wave"]
    turn = np.asarray(groups.cumcount(), dtype=np.int64)
    return turn, np.asarray(groups.transform("size"), dtype=np.int64)


def _first_interviews(interviews: pd.DataFrame, is_recalled: Bool1D) -> Int1D:
    """Row of the enterprise's first interview for each that is recalled; -1 where there is none."""
    firm, wave = interviews["enterprise_id"].to_numpy(), interviews["wave"].to_numpy()
    rows = pd.Series(np.flatnonzero(wave == 1), index=firm[wave == 1])
    return rows.reindex(firm[is_recalled]).fillna(-1).to_numpy(dtype=np.int64)


def _drawn(pace: Pace, n: int, rng: np.random.Generator) -> Float1D:
    return np.rint(np.clip(rng.normal(pace.mean, pace.sd, n), pace.shortest, pace.longest))


def devices(enumerator: pd.Series, seed: int) -> pd.Series:
    """The device of each enumerator."""
    names = pd.unique(enumerator)
    keys = dict(zip(names, keys_of(seed, [f"device/{e}" for e in names]), strict=True))
    return enumerator.map({e: f"collect:{key[:8]}{key[9:13]}" for e, key in keys.items()}).astype("str")


def server_numbers(sent: pd.Series, first: int) -> Int1D:
    """Numbers that a server gives to submissions in the order in which they reach it."""
    order = np.argsort(sent.to_numpy(dtype=str), kind="stable")
    numbers = np.empty(len(sent), dtype=np.int64)
    numbers[order] = first + np.arange(len(sent))
    return numbers
