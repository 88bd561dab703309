"""Registers of the programme: people trained, trainers, and reports of indicators by quarter."""

from __future__ import annotations

import numpy as np
import pandas as pd

from impacteval.simulation.programme_study.draws import Draws
from impacteval.simulation.programme_study.study_shape import MODULES
from impacteval.simulation.programme_study.training import trainer_ids
from impacteval.simulation.programme_study.truth import Truth

FIRST_QUARTER = "2010Q4"
LAST_QUARTER = "2012Q3"
# Shares of reports that come in, come in time, and are complete.
RECEIVED, IN_TIME, COMPLETE = 0.82, 0.65, 0.70
DAYS_TO_REPORT = 15


def participant_table(truth: Truth) -> pd.DataFrame:
    """People by module: who comes back to a later module keeps number, sex and role.

    Men and women add up to the counts of the training register.
    """
    training = truth.training
    draws = Draws(truth.streams, len(training))
    rule = truth.generator.modules
    counts = training[["participants_m", "participants_f"]].to_numpy().astype(int)
    row = np.repeat(np.arange(len(training)), counts.sum(axis=1))
    rank = np.arange(len(row)) - np.repeat(
        np.cumsum(counts.sum(axis=1)) - counts.sum(axis=1), counts.sum(axis=1)
    )
    is_man = rank < counts[row, 0]
    within = np.where(is_man, rank, rank - counts[row, 0])
    returns = draws.rng("people.returns").random(len(row)) < rule.returning
    firm = training["firm"].to_numpy()[row]
    previous = _attended_before(pd.DataFrame({"firm": firm, "row": row, "is_man": is_man, "within": within}))
    person = _persons(previous, returns)
    role = draws.rng("people.role").random(len(row)) < rule.managers
    happy = draws.rng("people.happy").random(len(row))
    return pd.DataFrame(
        {
            "attendance_id": [f"A{k + 1:05d}" for k in range(len(row))],
            "enterprise_id": training["enterprise_id"].to_numpy()[row],
            "module": training["module"].to_numpy()[row],
            "attended_on": training["classroom_start"].to_numpy()[row],
            "person_id": [f"P{k + 1:05d}" for k in person],
            "sex": np.where(is_man, "m", "f"),
            "role": np.where(role[_first_row(person)], "manager", "worker"),
            "satisfaction": _satisfaction(happy, rule.satisfied),
        }
    )


def _attended_before(seats: pd.DataFrame) -> np.ndarray:
    """For each seat, that of the same sex and place at the enterprise's previous module; -1 where none."""
    keys = [seats["firm"], seats["is_man"], seats["within"]]
    before = pd.Series(np.arange(len(seats))).groupby([k.to_numpy() for k in keys]).shift(1)
    return before.fillna(-1).to_numpy(dtype=np.int64)


def _persons(previous: np.ndarray, returns: np.ndarray) -> np.ndarray:
    """Numbers of people by seat: that of the seat before for those who return, new ones for others."""
    first = np.arange(len(previous))
    linked = (previous >= 0) & returns
    origin = np.where(linked, previous, first)
    for _ in MODULES:
        origin = origin[origin]
    return np.asarray(np.unique(origin, return_inverse=True)[1])


def _first_row(person: np.ndarray) -> np.ndarray:
    first = np.unique(person, return_index=True)[1]
    return np.asarray(first[person])


def _satisfaction(uniform: np.ndarray, satisfied: float) -> np.ndarray:
    """Marks of 1 to 5, of which 4 and 5 are the satisfied, two in five of these 5."""
    unhappy = 1 - satisfied
    limits = [0.1 * unhappy, 0.3 * unhappy, unhappy, unhappy + 0.6 * satisfied]
    return 1.0 + np.searchsorted(limits, uniform, side="right")


def trainer_table(truth: Truth) -> pd.DataFrame:
    """Trainers, their sex, level and day of certificate; some have none yet."""
    n = truth.generator.modules.trainers
    draws = Draws(truth.streams, n)
    first = np.datetime64("2010-06-01") + np.floor(700 * draws.once("trainer.day")).astype(int)
    certified = np.where(
        draws.once("trainer.certified") < 0.8,
        np.busday_offset(first, 0, roll="forward"),
        np.datetime64("NaT"),
    )
    return pd.DataFrame(
        {
            "trainer_id": trainer_ids(np.arange(1, n + 1)),
            "sex": np.where(draws.once("trainer.sex") < 0.39, "f", "m"),
            "certified_on": certified.astype("datetime64[s]"),
            "level": 1.0 + np.searchsorted([0.5, 0.85], draws.once("trainer.level"), side="right"),
        }
    )


def kpi_report_table(truth: Truth) -> pd.DataFrame:
    """Reports due each quarter from that of the first class: received late, in time or never."""
    quarters = pd.period_range(FIRST_QUARTER, LAST_QUARTER, freq="Q")
    first = truth.training.groupby("firm")["classroom_start"].min()
    since = pd.PeriodIndex(first.dt.to_period("Q"))
    firm, quarter = np.nonzero(quarters.asi8[None, :] >= since.asi8[:, None])
    n = len(firm)
    ends = quarters.to_timestamp(how="end").to_numpy().astype("datetime64[D]")
    due = ends[quarter] + DAYS_TO_REPORT
    draws = Draws(truth.streams, n)
    early = -np.floor(10 * draws.once("kpi_report.early")).astype(int)
    late = 1 + np.floor(60 * draws.once("kpi_report.late") ** 2).astype(int)
    received = due + np.where(draws.once("kpi_report.in_time") < IN_TIME, early, late)
    comes = draws.once("kpi_report.received") < RECEIVED
    complete = comes & (draws.once("kpi_report.complete") < COMPLETE)
    return pd.DataFrame(
        {
            "enterprise_id": truth.firms["enterprise_id"].to_numpy(dtype=str)[first.index.to_numpy()[firm]],
            "quarter": quarters.astype(str).to_numpy(dtype=str)[quarter],
            "due_on": due.astype("datetime64[s]"),
            "received_on": np.where(comes, received, np.datetime64("NaT")).astype("datetime64[s]"),
            "complete": complete.astype(float),
        }
    )
