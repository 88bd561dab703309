"""Rows of repeat groups get what their submission says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from impacteval.delivery import ParentLink, SourceTable
from impacteval.survey.problems import N_PLACES, FileProblem, Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked:
    """A table with the columns of its parent, and what is wrong between the two."""

    frame: pd.DataFrame
    problems: tuple[FileProblem, ...]


def with_parent(child: pd.DataFrame, parent: pd.DataFrame, table: SourceTable, link: ParentLink) -> Linked:
    """Add the parent's columns to each row of a repeat group.

    Keys are compared as text, character by character. A row whose key is empty or unknown has
    empty text there, and is a problem; so is a key that stands twice in the parent.
    """
    keys = parent[link.key]
    problems = _repeated_keys(parent, keys[keys != ""], link)
    first = ~keys.duplicated() & (keys != "")
    sources = parent.loc[first].reset_index(drop=True)
    found = pd.Index(sources[link.key]).get_indexer(pd.Index(child[link.own]))
    orphan = found < 0
    carried = {
        name: sources[name].take(np.where(orphan, 0, found)).mask(orphan, "").reset_index(drop=True)
        if len(sources)
        else pd.Series("", index=child.index, dtype="str")
        for name in link.carried
    }
    problems += _orphans(child.loc[orphan], child.loc[orphan, link.own] == "", table, link)
    return Linked(frame=child.assign(**carried), problems=tuple(problems))


def _repeated_keys(parent: pd.DataFrame, keys: pd.Series, link: ParentLink) -> list[FileProblem]:
    """Rows of the parent whose key an earlier row has."""
    again = parent.loc[keys.index[keys.duplicated()]]
    message = f"{link.key} is the key of a repeat group and stands twice; an earlier row has the same"
    return _by_row(again, [message] * len(again), "keep one submission", (link.table, link.key))


def _orphans(
    rows: pd.DataFrame, is_empty: pd.Series, table: SourceTable, link: ParentLink
) -> list[FileProblem]:
    unknown = f"{link.own} names no row of table {link.table} ({link.key})"
    messages = [f"{link.own} is empty" if empty else unknown for empty in is_empty]
    return _by_row(rows, messages, "export both tables together", (table.name, link.own))


def _by_row(
    rows: pd.DataFrame, messages: Sequence[str], suggestion: str, about: tuple[str, str]
) -> list[FileProblem]:
    """One problem for each of the first rows, and one that counts the others."""
    table, column = about
    places = zip(rows["source_file"], rows["source_row"], messages, strict=True)
    problems = [
        FileProblem(
            code="C10",
            table=table,
            file=file,
            message=message,
            suggestion=suggestion,
            place=Place(row=int(row), column=column, words=f"row {row}"),
        )
        for file, row, message in list(places)[:N_PLACES]
    ]
    if len(rows) > N_PLACES:
        message = f"{column}: {len(rows) - N_PLACES:,} more rows like these"
        problems.append(
            FileProblem(code="C10", table=table, file="", message=message, place=Place(column=column))
        )
    return problems


def linked_columns(tables: Sequence[SourceTable]) -> Mapping[str, tuple[str, ...]]:
    """Columns of each table that links need, in the order of the tables."""
    needed: dict[str, list[str]] = {t.name: [] for t in tables}
    for table in tables:
        if table.parent:
            needed[table.name].append(table.parent.own)
            needed.setdefault(table.parent.table, []).extend([table.parent.key, *table.parent.carried])
    return {name: tuple(dict.fromkeys(columns)) for name, columns in needed.items()}
