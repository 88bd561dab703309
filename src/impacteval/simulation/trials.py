"""Surveys with planted errors put through all checks, and the same surveys without errors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from impacteval.simulation.planting import RATES, plant
from impacteval.simulation.record_rules import record_rules
from impacteval.simulation.records import USUAL, Habits, Records, clean_records
from impacteval.simulation.scoring import score
from impacteval.survey.clean import clean_text
from impacteval.survey.log_rules import LogRules
from impacteval.survey.types import type_columns
from impacteval.validation.checked import Log, check_survey
from impacteval.validation.rules import Rules

NO_CODES = ("", "-98", "-99")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One survey to draw: as many enterprises, rounds and habits, and the seed of its draws."""

    n_enterprises: int
    n_rounds: int
    seed: int
    habits: Habits = USUAL


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialResult:
    """What a trial gave.

    ``scores`` are those of ``scoring.score``; ``found`` counts findings on clean records by ``code``,
    ``check_id`` and ``severity``; ``n_rows`` are interviews; ``n_changed`` cells of clean records that
    came out other than they were drawn.
    """

    scores: pd.DataFrame
    found: pd.DataFrame
    n_rows: int
    n_changed: int


def run_trial(trial: Trial) -> TrialResult:
    """Draw a survey, check it, plant errors into it, and check it again."""
    rules = record_rules()
    records = clean_records(
        trial.n_enterprises,
        trial.n_rounds,
        np.random.default_rng([trial.seed, 1]),
        habits=trial.habits,
    )
    planted = plant(records, RATES, np.random.default_rng([trial.seed, 2]))
    clean = check_survey(tables(records), rules, Log()).row_by_row
    spoilt = check_survey(tables(planted.records), rules, Log()).row_by_row
    keys = ["code", "check_id", "severity"]
    return TrialResult(
        scores=score(spoilt, planted.ledger),
        found=clean.groupby(keys).size().rename("n").reset_index(),
        n_rows=len(records.firms),
        n_changed=changed_cells(tables(records), rules),
    )


def tables(records: Records) -> dict[str, pd.DataFrame]:
    """Records as reading their files would give them."""
    return {"firms": _as_read("firms", records.firms), "frame": _as_read("frame", records.frame)}


def _as_read(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    read = frame.reset_index(drop=True).astype("str")
    read.insert(0, "source_file", pd.Series([f"{name}.csv"] * len(read), dtype="str"))
    read.insert(1, "source_row", pd.Series(range(2, len(read) + 2), dtype="int64"))
    return read


def changed_cells(text: Mapping[str, pd.DataFrame], rules: Rules) -> int:
    """Cells that are other after cleaning with an empty log, or whose typed value is not what they say."""
    cleaned = clean_text(text, (), (), LogRules(codebook=rules.codebook, roles=dict(rules.roles)))
    changed = 0
    for name, frame in text.items():
        changed += int((cleaned.text[name] != frame).to_numpy().sum())
        typed = type_columns(cleaned.text[name], rules.codebook.of_table(name)).frame
        variables = {v.column: v for v in rules.codebook.of_table(name)}
        for column, variable in variables.items():
            said, read = frame[column], typed[column]
            if variable.type in ("integer", "decimal"):
                changed += _other_numbers(said, read, is_local=variable.format == "id")
            elif variable.type in ("text", "category"):
                changed += int((said != read.fillna("")).sum())
    return changed


def _other_numbers(said: pd.Series, read: pd.Series, *, is_local: bool) -> int:
    """Numbers that differ from what is written: ``1.234`` and ``(1.234)`` where local, else ``1.234``."""
    is_missing = said.isin(NO_CODES)
    plain = said.mask(is_missing, "0")
    if is_local:
        plain = plain.str.replace(".", "", regex=False).str.replace(r"^\((.*)\)$", r"-\1", regex=True)
    expected = plain.astype("float64").mask(is_missing)
    found = read.astype("Float64").astype("float64")
    return int((~((expected == found) | (expected.isna() & found.isna()))).sum())
