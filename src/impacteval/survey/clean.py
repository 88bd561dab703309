"""From raw text to the rows and values that may be analysed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pandas as pd

from impacteval.delivery import Roles
from impacteval.survey.consent import Withdrawal, rows_without_consent
from impacteval.survey.corrections import Correction
from impacteval.survey.linked import with_children
from impacteval.survey.log_rules import LogRules
from impacteval.survey.removed import leave_out, refuse_lost_rows, removed_table
from impacteval.survey.replay import Replayed, replay


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
    replayed = replay(text, corrections, rules, withdrawals)
    whole = [name for name in rules.protected if name in text]
    refused = refused_rows(replayed.text, rules, kept_whole=whole)
    cleaned = replace(
        replayed,
        text=leave_out(replayed.text, refused),
        removed=removed_table(pd.concat([replayed.removed, refused], ignore_index=True)),
    )
    refuse_lost_rows(text, cleaned.text, cleaned.removed)
    return cleaned


def refused_rows(
    text: Mapping[str, pd.DataFrame], rules: LogRules, *, kept_whole: Sequence[str] = ()
) -> pd.DataFrame:
    """Rows without consent, those of repeats by their own submission, as ``REMOVED_COLUMNS``."""
    unlinked = {name: frame for name, frame in text.items() if name not in rules.links}
    refused = rows_without_consent(
        unlinked, codebook=rules.codebook, roles=rules.roles, kept_whole=kept_whole
    )
    own = {n: f for n, f in text.items() if n in rules.links and rules.roles.get(n, Roles()).consent}
    alone = [rows_without_consent({n: f}, codebook=rules.codebook, roles=rules.roles) for n, f in own.items()]
    return with_children(pd.concat([refused, *alone], ignore_index=True), text, rules.links)
