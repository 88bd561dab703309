"""Checks that every sampled enterprise has one final outcome of its visits in every round."""

from __future__ import annotations

import pandas as pd

from impacteval.checks.rounds import Disposition
from impacteval.validation.keys import SEPARATOR, first_rows, joined, noted, rounds_of, standing_in
from impacteval.validation.labels import NONE, labels_of, numbers_of
from impacteval.validation.survey import Failures, Survey, failing


def check_disposition(survey: Survey, check: Disposition) -> list[Failures]:
    """Find enterprises without a final code in a round, with two, with an unknown one, or closed wrongly.

    A code that is missing stands with the frame, others with their own row, outcomes of a closed
    enterprise with theirs.
    """
    contacts = survey.tables[check.contacts]
    status = labels_of(contacts, contacts.roles.status)
    key = joined(contacts, (contacts.roles.unit, contacts.roles.period))
    is_final = status.isin(check.final) & (key != NONE)
    unknown = ~status.isin((*check.final, *check.interim))
    twice = is_final & key.where(is_final).duplicated(keep=False)
    column = (contacts.roles.status,)
    found = noted(check, unknown & (status == NONE), "no code", columns=column)
    found += noted(check, unknown & (status != NONE), "neither a final nor an interim code", columns=column)
    found += noted(check, twice, "more than one final code in this round", columns=column)
    found = standing_in(found, check.contacts)
    found += _without_code(survey, check, key[is_final])
    return found + _closed_wrongly(survey, check, (status.isin(check.closed) & is_final), key)


def _without_code(survey: Survey, check: Disposition, coded: pd.Series) -> list[Failures]:
    """Rows of the frame for which a round has no final code."""
    frame = survey.tables[check.table]
    shown = (frame.roles.unit,)
    if frame.roles.period and not check.periods:
        own = joined(frame, (frame.roles.unit, frame.roles.period))
        return noted(check, (own != NONE) & ~own.isin(coded), "no final code in this round", columns=shown)
    rounds = [str(p) for p in check.periods] or rounds_of(survey.tables[check.contacts])
    first = first_rows(frame)
    units = pd.Series(first.index, dtype="str")
    lacks = pd.DataFrame({r: ~(units + SEPARATOR + r).isin(coded) for r in rounds}, index=units.index)
    lacks = lacks.set_axis(first.to_numpy(), axis=0).sort_index()
    lacks = lacks[lacks.any(axis=1)]
    missing = [
        ", ".join(r for r, is_missing in zip(rounds, row, strict=True) if is_missing)
        for row in lacks.to_numpy()
    ]
    notes = [f"no final code in round {listed}" for listed in missing]
    return failing(check, lacks.index.tolist(), columns=shown, notes=notes)


def _closed_wrongly(survey: Survey, check: Disposition, closed: pd.Series, key: pd.Series) -> list[Failures]:
    """Closed enterprises whose outcomes are not as declared, or whose zeros stand nowhere."""
    if not check.outcomes:
        return []
    table = survey.tables[check.outcome_table]
    own = joined(table, (table.roles.unit, table.roles.period))
    is_closed = own.isin(key[closed])
    found = []
    for column in check.outcomes:
        wrong = (
            numbers_of(table, column) != 0 if check.closed_outcomes == "zero" else table.frame[column].notna()
        )
        note = f"closed, but not {check.closed_outcomes}"
        found += noted(check, is_closed & wrong, note, columns=(column,))
    found = standing_in(found, check.outcome_table)
    if check.closed_outcomes == "missing":
        return found
    nowhere = noted(
        check, closed & ~key.isin(own), f"closed, but no row of {table.name} holds zero", columns=()
    )
    return found + standing_in(nowhere, check.contacts)
