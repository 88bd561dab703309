"""On which days, where and by whom enterprises are interviewed."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from impacteval.arrays import Int1D, Text1D
from impacteval.simulation.programme_study import parameters as p
from impacteval.simulation.programme_study.draws import Draws
from impacteval.simulation.programme_study.study_shape import BASELINE, N_ROUNDS

Days = npt.NDArray[np.datetime64]
METRES_PER_DEGREE = 111_000.0
# Metres from an estate's centre to its enterprises, and from an enterprise to where the device stands.
SD_ESTATE_METRES = 700.0
SD_DEVICE_METRES = 12.0


def working_days(window: tuple[str, str], closed: tuple[tuple[str, str], ...]) -> Days:
    """Days from Monday to Friday of a window, both ends included, without those that are closed."""
    first, last = (np.datetime64(day) for day in window)
    days = np.arange(first, last + 1)
    for begin, finish in closed:
        days = days[(days < np.datetime64(begin)) | (days > np.datetime64(finish))]
    return np.asarray(days[np.is_busday(days)])


def draw_days(rounds: p.Rounds, enumerator: Int1D, draws: Draws) -> Days:
    """Draw the days of interviews, (n, n_rounds), and what is recalled on that of the next round.

    The interviews of an enumerator are spread evenly over the window but its last day, in an order
    drawn by chance.
    """
    day = np.empty(enumerator.shape, dtype="datetime64[D]")
    order = draws.uniform("visit.day")
    for t, window in enumerate(rounds.windows):
        possible = working_days(window, rounds.closed)[:-1]
        turns = pd.Series(order[:, t]).groupby(enumerator[:, t])
        position = (turns.rank(method="first") - 1) / turns.transform("size")
        day[:, t] = possible[np.floor(position.to_numpy() * len(possible)).astype(int)]
    day[:, 0] = day[:, BASELINE]
    return day


def days_after(rounds: p.Rounds, day: Days) -> Days:
    """Next working day of the round's window after each day, (n, n_rounds)."""
    after = np.empty_like(day)
    for t, window in enumerate(rounds.windows):
        possible = working_days(window, rounds.closed)
        after[:, t] = possible[np.searchsorted(possible, day[:, t], side="right")]
    return after


def positions(rule: p.Frame, place: Text1D, draws: Draws) -> npt.NDArray[np.float64]:
    """Latitude and longitude (n, n_rounds, 2): an enterprise's place, and where the device stood."""
    centre = np.array([rule.estate_places[name] for name in place], dtype=np.float64)
    own = draws.rng("visit.place").normal(0, SD_ESTATE_METRES, (draws.n, 2))
    device = draws.rng("visit.device").normal(0, SD_DEVICE_METRES, (draws.n, N_ROUNDS, 2))
    return np.round((centre + own / METRES_PER_DEGREE)[:, None, :] + device / METRES_PER_DEGREE, 6)


def enumerator_names(number: npt.NDArray[np.int64]) -> npt.NDArray[np.str_]:
    """Names of enumerators as the questionnaire lists them."""
    return np.array([f"E{k:02d}" for k in range(1, int(number.max(initial=0)) + 2)])[number]
