"""Entries of ``study.yaml`` for drafted tables: only what differs from the defaults."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields

from impacteval.delivery import Roles
from impacteval.survey.data_files import DataFile
from impacteval.survey.draft_columns import Placed, renamed, separator_of


def table_entry(data: DataFile, roles: Roles) -> dict[str, object]:
    """A table of ``study.yaml``: what differs from the defaults."""
    entry: dict[str, object] = {
        "name": data.table,
        "files": [data.file or f"{data.table}.csv"],
        "format": data.format,
    }
    options = {
        "delimiter": (data.delimiter, ","),
        "encoding": (data.encoding, "utf-8"),
        "sheet": (data.sheet, ""),
    }
    entry |= {name: value for name, (value, default) in options.items() if value != default}
    said = {name: getattr(roles, name) for name in (f.name for f in fields(roles)) if getattr(roles, name)}
    if said:
        entry["roles"] = {n: list(v) if isinstance(v, tuple) else v for n, v in said.items()}
    return entry


def file_details(data: DataFile, placed: Sequence[Placed], absent: Sequence[str]) -> dict[str, object]:
    """What the file needs so that its columns are found."""
    separator = separator_of(placed) if data.format in {"csv", "xlsx", "parquet"} else ""
    names = renamed(placed, data.header, separator) if data.header else {}
    detail = {"file": data.file, "renamed": names, "absent": list(absent)}
    said = {name: value for name, value in detail.items() if value}
    found: dict[str, object] = {"group_separator": separator} if separator else {}
    return {**found, "details": [said]} if len(said) > 1 else found


def grouped_doubts(found: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Doubts about columns, those of a kind together."""
    columns: dict[str, list[str]] = {}
    for column, doubt in found:
        if doubt:
            columns.setdefault(doubt, []).append(column)
    for doubt, names in columns.items():
        more = f" and {len(names) - 10} more" if len(names) > 10 else ""
        yield f"{', '.join(names[:10])}{more}: {doubt}"
