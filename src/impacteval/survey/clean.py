"""From raw text to the rows and values that may be analysed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from impacteval.closed import Closed
from impacteval.codebook import Codebook
from impacteval.delivery import Roles
from impacteval.survey.consent import Withdrawal, rows_without_consent
from impacteval.survey.corrections import Correction
from impacteval.survey.removed import leave_out, refuse_lost_rows, removed_table
from impacteval.survey.replay import Replayed, replay


@dataclass(frozen=True, slots=True, kw_only=True)
class LogRules(Closed):
    """What corrections have to keep to.

    ``protected`` names tables, or ``table.column``, that no correction may change; decisions after
    ``unblinded_on`` (YYYY-MM-DD, empty: never) are not blind.
    """

    codebook: Codebook
    roles: dict[str, Roles]
    protected: tuple[str, ...] = ()
    unblinded_on: str = ""


def clean_text(
    text: Mapping[str, pd.DataFrame],
    corrections: Sequence[Correction],
    withdrawals: Sequence[Withdrawal],
    rules: LogRules,
) -> Replayed:
    """Apply corrections and withdrawals, then leave out rows without consent.

    Parameters
    ----------
    text : mapping
        Table name to text as delivered. It is not changed.
    corrections, withdrawals
        As parsed.
    rules : LogRules

    Returns
    -------
    Replayed
        Its rows are those that ``clean/`` holds; each other row is in ``removed`` with one reason.
    """
    replayed = replay(
        text,
        corrections,
        codebook=rules.codebook,
        roles=rules.roles,
        withdrawals=withdrawals,
        protected=rules.protected,
    )
    whole = [name for name in rules.protected if name in text]
    refused = rows_without_consent(
        replayed.text, codebook=rules.codebook, roles=rules.roles, kept_whole=whole
    )
    cleaned = replace(
        replayed,
        text=leave_out(replayed.text, refused),
        removed=removed_table(pd.concat([replayed.removed, refused], ignore_index=True)),
    )
    refuse_lost_rows(text, cleaned.text, cleaned.removed)
    return cleaned
