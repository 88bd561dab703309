"""Codebook rows for a data file without a form: from its labels and its cells."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

import pandas as pd

from impacteval.codebook import Variable
from impacteval.survey.data_files import DataFile
from impacteval.survey.draft_codebook import PLAIN, DraftedVariable
from impacteval.survey.draft_evidence import with_evidence
from impacteval.survey.draft_values import looks_personal, time_format, type_of
from impacteval.survey.draft_words import is_identifier, is_personal, missing_reason
from impacteval.survey.system_columns import system_column
from impacteval.survey.wording import plain_text

EXTENDED = re.compile(r"\.[a-z]")


def variables_of_data(data: DataFile, apart: Collection[str] = ()) -> tuple[DraftedVariable, ...]:
    """Draft a codebook row for each column of a file; nothing is concluded from cells of those apart."""
    return tuple(_variable(name, data, apart) for name in data.header)


def _variable(name: str, data: DataFile, apart: Collection[str]) -> DraftedVariable:
    cells = data.cells(name)
    labels, held = data.value_labels.get(name, {}), data.missing_values.get(name, ())
    drafted = _labelled(labels, held, cells) if labels else None
    drafted = drafted or _typed(name, held, cells)
    system = system_column(name)
    label = plain_text(data.labels.get(name, "")) or (system.label if system else "")
    hidden = (
        is_personal(name, [label]) or (system is not None and system.is_personal) or looks_personal(cells)
    )
    variable = replace(
        drafted.variable,
        table=data.table,
        column=name,
        label=label,
        confidential="yes" if hidden and drafted.variable.type != "category" else "no",
    )
    if labels or system or name in apart:
        return replace(drafted, variable=variable)
    shown = with_evidence(variable, _filled(name, data))
    return DraftedVariable(variable=shown.variable, doubt=drafted.doubt or shown.doubt)


def _filled(name: str, data: DataFile) -> pd.Series:
    """All cells of a column that hold a value, without outer blanks."""
    cells = data.text[name].astype("str").str.strip()
    return cells[cells != ""]


def _labelled(labels: Mapping[str, str], held: Collection[str], cells: pd.Series) -> DraftedVariable | None:
    """A category, as the pipeline shows labelled values: by their label. None where cells are others.

    Values that the file holds as missing are shown as they are.
    """
    reasons = {value: missing_reason(label) for value, label in labels.items()}
    coded = {v for v in labels if EXTENDED.fullmatch(v)} | set(held)
    shown = {value: value if value in coded else label for value, label in labels.items()}
    if not (cells.isin([*shown.values(), *coded]) | cells.str.fullmatch(EXTENDED.pattern)).all():
        return None
    kept = [v for v in labels if not reasons[v] and v not in coded]
    codes = {shown.get(v, v): reasons.get(v) or "coded" for v in (*labels, *held) if v not in kept}
    allowed = tuple(dict.fromkeys(shown[v] for v in kept))
    if any("|" in text for text in [*allowed, *codes]):
        doubt = "its labels hold `|`, which separates values; list what is allowed by hand"
        return DraftedVariable(variable=replace(PLAIN, type="category"), doubt=doubt)
    variable = replace(
        PLAIN,
        type="category",
        allowed=allowed,
        missing_codes=tuple(f"{code}={reason}" for code, reason in codes.items()),
        choice_labels=allowed,
    )
    return DraftedVariable(variable=variable)


def _typed(name: str, held: Sequence[str], cells: pd.Series) -> DraftedVariable:
    """The type of all cells but those that the file holds as missing; identifiers stay text."""
    system = system_column(name)
    if system is not None and system.type in {"date", "datetime"} and not cells.empty:
        format_, _ = time_format(cells, has_time=system.type == "datetime")
        if format_ is not None:
            return DraftedVariable(variable=replace(PLAIN, type=system.type, format=format_))
    found = type_of(cells[~cells.str.fullmatch(EXTENDED.pattern) & ~cells.isin(list(held))])
    is_code = is_identifier(name) and found.type in {"integer", "decimal"}
    variable: Variable = replace(
        PLAIN,
        type="text" if is_code else found.type,
        format="" if is_code else found.format,
        missing_codes=tuple(held),
    )
    return DraftedVariable(variable=variable, doubt=found.doubt)
