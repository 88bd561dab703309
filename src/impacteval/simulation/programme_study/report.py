"""What the study's files would hold if nobody had made a mistake: answers, registers and costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from impacteval.errors import ConfigError, nearest
from impacteval.simulation.programme_study import columns as c
from impacteval.simulation.programme_study.contacts import contact_table, outcomes_of_contact, reached
from impacteval.simulation.programme_study.enterprise_table import enterprise_table
from impacteval.simulation.programme_study.ledger import cost_table
from impacteval.simulation.programme_study.missing import enterprise_missing, words_of, workers_missing
from impacteval.simulation.programme_study.registers import (
    kpi_report_table,
    participant_table,
    trainer_table,
)
from impacteval.simulation.programme_study.telling import tell
from impacteval.simulation.programme_study.truth import Truth
from impacteval.simulation.programme_study.worker_table import worker_table

PotentialName = Literal["observed", "untreated"]
POTENTIALS: tuple[PotentialName, ...] = ("observed", "untreated")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """Tables of the study by name, and for those of answers why a cell is missing.

    Numbers are floats (NaN where missing), days are dates,
    all else is text ('' where missing). ``reasons`` has the rows and columns of its table: '' where
    there is an answer or the question belongs to no group of the round, else ``refused``,
    ``dont_know`` or ``not_recorded``.
    """

    tables: Mapping[str, pd.DataFrame]
    reasons: Mapping[str, pd.DataFrame]


def report(truth: Truth, potential: PotentialName = "observed") -> Reported:
    """Ask the study's enterprises and workers, and write down the programme's registers.

    With ``untreated`` the answers are those that would have been given had nobody been trained, from
    the same draws; registers stay as they are.
    """
    _refuse_unknown(potential)
    told = tell(truth, potential, "reported")
    asked = enterprise_table(truth, told)
    outcome = outcomes_of_contact(truth, told)
    is_met = reached(outcome).ravel()
    day = asked["today"].to_numpy().reshape(outcome.shape).astype("datetime64[D]")
    firms, why = enterprise_missing(truth, told, asked, outcome)
    workers, why_workers = workers_missing(truth, told, worker_table(truth, told, asked))
    met_workers = np.repeat(is_met, truth.generator.workers.per_firm)
    enterprise, enterprise_reasons = _sorted(firms, why, is_met)
    worker, worker_reasons = _sorted(workers, why_workers, met_workers)
    tables = {
        **_registers(truth),
        "enterprise": enterprise,
        "workers": worker,
        "contacts": contact_table(truth, told, outcome, day),
    }
    return Reported(tables=tables, reasons={"enterprise": enterprise_reasons, "workers": worker_reasons})


def true_answers(truth: Truth, potential: PotentialName = "observed") -> Reported:
    """Answers of all enterprises and workers in all rounds, without errors of reporting and complete.

    The true effect of any indicator is the mean, over trained cells, of its value from ``observed``
    less that from ``untreated``.
    """
    _refuse_unknown(potential)
    told = tell(truth, potential, "true")
    asked = enterprise_table(truth, told)
    workers = worker_table(truth, told, asked)
    everyone, all_workers = np.ones(len(asked), dtype=bool), np.ones(len(workers), dtype=bool)
    enterprise, why = _sorted(asked, _no_reasons(asked), everyone)
    worker, why_workers = _sorted(workers, _no_reasons(workers), all_workers)
    tables = {**_registers(truth), "enterprise": enterprise, "workers": worker}
    return Reported(tables=tables, reasons={"enterprise": why, "workers": why_workers})


def _registers(truth: Truth) -> dict[str, pd.DataFrame]:
    firms = truth.firms.rename(columns={"entry_day": "entry_date"})
    return {
        "frame": truth.frame[list(c.FRAME)],
        "assignment": firms[list(c.ASSIGNMENT)],
        "training": truth.training[list(c.TRAINING)],
        "participants": participant_table(truth),
        "trainers": trainer_table(truth),
        "kpi_reports": kpi_report_table(truth),
        "costs": cost_table(truth),
    }


def _sorted(
    values: pd.DataFrame, reasons: pd.DataFrame, rows: np.ndarray
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Keep rows, those of a round together in the order of enterprises."""
    kept = np.flatnonzero(rows)
    order = kept[np.argsort(values["wave"].to_numpy()[kept], kind="stable")]
    return values.iloc[order].reset_index(drop=True), reasons.iloc[order].reset_index(drop=True)


def _no_reasons(table: pd.DataFrame) -> pd.DataFrame:
    return words_of(np.zeros(table.shape, dtype=np.int8), table)


def _refuse_unknown(potential: str) -> None:
    if potential not in POTENTIALS:
        raise ConfigError(f"potential {potential!r} does not exist; {nearest(potential, POTENTIALS)}")
