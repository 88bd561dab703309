"""Which enterprises are reached in which round, and why others are not."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from impacteval.arrays import Bool2D, Float1D, Text1D
from impacteval.simulation.programme_study.draws import Draws
from impacteval.simulation.programme_study.interviews import working_days
from impacteval.simulation.programme_study.study_shape import BASELINE
from impacteval.simulation.programme_study.telling import Told
from impacteval.simulation.programme_study.truth import Truth

Days = npt.NDArray[np.datetime64]
INTERVIEWED = ("complete", "partial")
EXITS = {"closed": 0.8, "merged": 0.2}
LOSSES = {"refused": 0.60, "moved_untraced": 0.25, "out_of_scope": 0.15}
AWAY = {"not_attempted": 0.4, "refused": 0.6}
NOTES = {
    "closed": "pabrik sudah tidak beroperasi",
    "merged": "bergabung dengan perusahaan lain",
    "refused": "menolak diwawancarai",
    "moved_untraced": "pindah, alamat baru tidak diketahui",
    "out_of_scope": "tidak lagi memproduksi komponen otomotif",
    "not_attempted": "jadwal tidak tersedia",
    "partial": "wawancara terputus",
    "complete": "",
}


def outcomes_of_contact(truth: Truth, told: Told) -> npt.NDArray[np.str_]:
    """Outcome of each contact, (n, n_rounds): all are interviewed at the baseline; who is lost stays lost."""
    rule, draws = truth.generator.attrition, told.draws
    lost = lost_enterprises(truth, told)
    treated = (truth.firms["arm"] == "score").to_numpy()
    exit_share = np.minimum(rule.exit / np.where(treated, rule.treated, rule.comparison), 1.0)
    gone = draws.once("contact.exit") < exit_share
    reason = np.where(gone, _word(EXITS, draws, "exit"), _word(LOSSES, draws, "loss"))
    early = draws.once("contact.early") < rule.by_second_round
    is_lost = np.column_stack([np.zeros((draws.n, 2), dtype=bool), lost & early, lost])
    outcome = np.where(is_lost, reason[:, None], "complete")
    away = (draws.once("contact.away") < rule.away_one_round) & ~lost
    outcome[:, 2] = np.where(away, _word(AWAY, draws, "away"), outcome[:, 2])
    partial = draws.uniform("contact.partial") < truth.generator.missing.partial
    partial[:, 0] = False
    return np.where((outcome == "complete") & partial, "partial", outcome)


def lost_enterprises(truth: Truth, told: Told) -> npt.NDArray[np.bool_]:
    """Enterprises lost by the last round: in each arm the share that is asked for, on average.

    Small enterprises and those with few practices are lost more often. ``attrition_on_fall`` adds, for
    participants, the fall in log value added since the baseline.
    """
    rule, change = truth.generator.attrition, truth.change
    size = np.log(truth.firms["size"].to_numpy())
    fall = told.true["ln_va"][:, BASELINE] - told.true["ln_va"][:, -1]
    treated = (truth.firms["arm"] == "score").to_numpy()
    odds = rule.on_size * _scored(size) + rule.on_mgmt * truth.scores.permanent["mgmt"]
    odds = odds + np.where(treated, change.attrition_on_fall * _scored(fall), 0.0)
    chance = np.where(treated, chances(odds, treated, rule.treated), chances(odds, ~treated, rule.comparison))
    return np.asarray(told.draws.once("contact.lost") < chance)


def chances(odds: Float1D, rows: npt.NDArray[np.bool_], mean: float) -> Float1D:
    """Turn log odds into probabilities whose mean over ``rows`` is as asked, by bisection of a constant."""
    low, high = -20.0, 20.0
    for _ in range(60):
        middle = (low + high) / 2
        found = float((1 / (1 + np.exp(-(odds[rows] + middle)))).mean()) if rows.any() else mean
        low, high = (middle, high) if found < mean else (low, middle)
    return np.asarray(1 / (1 + np.exp(-(odds + (low + high) / 2))))


def contact_table(truth: Truth, told: Told, outcome: npt.NDArray[np.str_], day: Days) -> pd.DataFrame:
    """Table of contacts: interviews on their day, others on a day of the round's window."""
    shape = outcome.shape
    is_met = np.isin(outcome, INTERVIEWED)
    tried = np.empty(shape, dtype="datetime64[D]")
    position = told.draws.uniform("contact.day")
    for t, window in enumerate(truth.generator.rounds.windows):
        possible = working_days(window, truth.generator.rounds.closed)
        tried[:, t] = possible[np.floor(position[:, t] * len(possible)).astype(int)]
    return pd.DataFrame(
        {
            "enterprise_id": np.repeat(truth.firms["enterprise_id"].to_numpy(dtype=str), shape[1]),
            "wave": np.tile(np.arange(shape[1], dtype=np.float64), shape[0]),
            "outcome": outcome.ravel(),
            "contact_date": np.where(is_met, day, tried).ravel().astype("datetime64[s]"),
            "note": pd.Series(outcome.ravel()).map(NOTES).to_numpy(dtype=str),
        }
    )


def reached(outcome: npt.NDArray[np.str_]) -> Bool2D:
    """Contacts that led to an interview."""
    return np.isin(outcome, INTERVIEWED)


def _scored(values: Float1D) -> Float1D:
    return np.asarray((values - values.mean()) / values.std())


def _word(shares: dict[str, float], draws: Draws, name: str) -> Text1D:
    edges = np.cumsum(list(shares.values()))[:-1]
    return np.array(list(shares))[np.searchsorted(edges, draws.once(f"contact.{name}_kind"), side="right")]
