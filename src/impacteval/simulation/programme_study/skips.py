"""Questions that a form skips, and answers that could stand there all the same."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from impacteval.simulation.programme_study.instruments import Instrument
from impacteval.survey.expressions import holds, parse

# Stands for the day of an interview; no condition of the questionnaires reads it.
ANY_DAY = "2010-01-01"
CODES = ("", "-98", "-99")


def without_skipped(text: pd.DataFrame, instrument: Instrument) -> pd.DataFrame:
    """Empty the cells of questions that were not asked, in the order in which a form asks."""
    cells = _with_all_questions(text, instrument)
    held: dict[str, npt.NDArray[np.bool_]] = {}
    for question in instrument.form.questions:
        condition = question.asked_where
        if question.name in text.columns and condition:
            if condition not in held:
                held[condition] = holds(parse(condition, clock=ANY_DAY), cells)
            cells[question.name] = cells[question.name].where(held[condition], "")
    return cells[list(text.columns)]


def skipped(text: pd.DataFrame, instrument: Instrument) -> pd.DataFrame:
    """Where a question of an interview after the recalled round was skipped for its own condition."""
    cells = _with_all_questions(text, instrument)
    is_held = (text["wave"] != "0").to_numpy(dtype=bool) & (text["consent"] == "yes").to_numpy(dtype=bool)
    found = {
        question.name: ~holds(parse(question.relevant, clock=ANY_DAY), cells) & is_held
        for question in instrument.form.questions
        if question.relevant and question.name in text.columns
    }
    return pd.DataFrame(found, index=text.index)


def donors(column: pd.Series, n: int, rng: np.random.Generator) -> npt.NDArray[np.object_]:
    """Answers of others to a question; 1 where nobody answered it."""
    told = column[~column.isin(CODES)].to_numpy(dtype=object)
    return rng.choice(told if len(told) else np.array(["1"], dtype=object), n)


def _with_all_questions(text: pd.DataFrame, instrument: Instrument) -> pd.DataFrame:
    lacking = [q.name for q in instrument.form.questions if q.name not in text.columns]
    return text.assign(**dict.fromkeys(lacking, ""))
