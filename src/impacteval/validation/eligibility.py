"""Who should have answered a question, and why an answer is missing."""

from __future__ import annotations

import numpy as np
import pandas as pd

from impacteval.arrays import Bool1D
from impacteval.codebook import REASONS
from impacteval.errors import ConfigError
from impacteval.survey.missing import missing_of
from impacteval.validation.keys import has_consent
from impacteval.validation.survey import CheckedTable

EMPTY = "empty"
UNREADABLE = "unreadable"
NOT_APPLICABLE = "not_applicable"
NO_ANSWER = (EMPTY, *(reason for reason in REASONS if reason != NOT_APPLICABLE))


def is_eligible(table: CheckedTable, column: str) -> Bool1D:
    """Rows in which a question should have been answered, (n_rows,).

    Consent was given where the table records it, the question applied by the codebook's ``relevant``,
    and the cell does not say that it did not. A condition that cannot be evaluated holds everywhere:
    the checks of skips report it.
    """
    said_not = (table.reason_of(column) == NOT_APPLICABLE).to_numpy(dtype=np.bool_)
    return has_consent(table) & _is_relevant(table, column) & ~said_not


def _is_relevant(table: CheckedTable, column: str) -> Bool1D:
    from impacteval.survey.expressions import holds, parse
    from impacteval.survey.form_answers import form_answers

    condition = table.codebook.find(table.name, column).relevant
    everywhere = np.ones(len(table.frame), dtype=np.bool_)
    if not condition:
        return everywhere
    try:
        parsed = parse(condition)
        known = table.codebook.columns(table.name)
        named = [n for n in sorted(parsed.names | {column}) if n in known]
        answers = {
            n: form_answers(table.text[n], table.frame[n], table.codebook.find(table.name, n)) for n in named
        }
        return holds(parsed, pd.DataFrame(answers, index=table.frame.index), column)
    except ConfigError:
        return everywhere


def reasons(table: CheckedTable, column: str) -> pd.Series:
    """Why each value is missing: ``unreadable`` where something stands in the cell, ``empty`` where nothing.

    Empty text where the value is there.
    """
    is_missing = table.frame[column].isna()
    given = table.reason_of(column).where(is_missing, "")
    given = given.mask(is_missing & (given == ""), EMPTY)
    return given.mask(is_unreadable(table, column), UNREADABLE)


def is_unreadable(table: CheckedTable, column: str) -> Bool1D:
    """Whether something stands in each cell that is neither a value nor says why there is none, (n_rows,)."""
    no_value = (table.frame[column].isna() & (table.reason_of(column) == "")).to_numpy(dtype=np.bool_)
    cells = table.text[column].str.strip()
    return no_value & ~missing_of(cells, table.codebook.find(table.name, column)).is_empty
