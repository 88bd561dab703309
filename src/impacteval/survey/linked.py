"""Rows of repeat groups follow the submission that they belong to, through corrections and removals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeAlias

import pandas as pd

from impacteval.delivery import ParentLink
from impacteval.survey.read import SOURCE_COLUMNS
from impacteval.survey.removed import removed_rows

Links: TypeAlias = Mapping[str, ParentLink]


def carried_cells(links: Links) -> tuple[str, ...]:
    """Columns, as ``table.column``, that rows have from their submission: to be corrected there."""
    return tuple(f"{name}.{column}" for name, link in links.items() for column in link.carried)


def carry_again(text: Mapping[str, pd.DataFrame], links: Links) -> dict[str, pd.DataFrame]:
    """Give rows of repeats what their submission says now, after its id or another carried cell changed.

    Parameters
    ----------
    text : mapping
        Corrected text tables; those that were not read are missing.
    links : mapping
        Table to the link to its parent.
    """
    carried = dict(text)
    for name, link in _parents_first(text, links):
        child, parent = carried[name], carried[link.table]
        first = parent[~parent[link.key].duplicated() & (parent[link.key] != "")]
        found = pd.Index(first[link.key]).get_indexer(pd.Index(child[link.own]))
        known = found >= 0
        columns = {}
        for column in link.carried:
            cells = child[column].to_numpy(dtype=object, copy=True)
            cells[known] = first[column].to_numpy(dtype=object)[found[known]]
            columns[column] = pd.Series(cells, index=child.index, dtype="str")
        carried[name] = child.assign(**columns)
    return carried


def with_children(removed: pd.DataFrame, text: Mapping[str, pd.DataFrame], links: Links) -> pd.DataFrame:
    """Add to removed rows those of repeats whose submission is among them, for the same reason.

    Parameters
    ----------
    removed : DataFrame
        ``REMOVED_COLUMNS``.
    text : mapping
        The tables that the rows were removed from, with them.
    links : mapping
        Table to the link to its parent.
    """
    for name, link in _parents_first(text, links):
        parent, child = text[link.table], text[name]
        gone = (
            parent[list(SOURCE_COLUMNS)]
            .assign(key=parent[link.key])
            .merge(removed[removed["table"] == link.table], on=list(SOURCE_COLUMNS))
        )
        reasons = gone[gone["key"] != ""].drop_duplicates("key").set_index("key")["reason"]
        why = child[link.own].map(reasons)
        parts = [removed_rows(name, child[why == reason], str(reason)) for reason in why.dropna().unique()]
        removed = pd.concat([removed, *parts], ignore_index=True)
        removed = removed.drop_duplicates(["table", *SOURCE_COLUMNS], ignore_index=True)
    return removed


def _parents_first(text: Mapping[str, pd.DataFrame], links: Links) -> Iterator[tuple[str, ParentLink]]:
    """Links between tables that were read, each after that of its own parent."""
    waiting = {name: link for name, link in links.items() if {name, link.table} <= set(text)}
    while waiting:
        ready = [name for name, link in waiting.items() if link.table not in waiting]
        if not ready:
            return
        for name in sorted(ready):
            yield name, waiting.pop(name)
