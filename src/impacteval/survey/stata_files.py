"""Stata files through pyreadstat."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from impacteval.survey.statistical_meta import CELLS_IN_BATCH, Batch, FileMeta, FileVariable

if TYPE_CHECKING:
    from pyreadstat import metadata_container


def stata_meta(path: Path, encoding: str | None) -> FileMeta:
    """Read what a Stata file says of itself, without its rows."""
    import pyreadstat

    meta = pyreadstat.read_dta(
        path, metadataonly=True, user_missing=True, disable_datetime_conversion=True, encoding=encoding
    )[1]
    labels = zip(meta.column_names, meta.column_labels, strict=True)
    return FileMeta(
        title=meta.file_label or "",
        notes=tuple(meta.notes or ()),
        variables=tuple(_variable(meta, name, label or "") for name, label in labels),
        n_rows=meta.number_rows,
    )


def _variable(meta: metadata_container, name: str, label: str) -> FileVariable:
    return FileVariable(
        name=name,
        label=label,
        shown_as=meta.original_variable_types[name] or "",
        is_text=meta.readstat_variable_types[name] == "string",
        choices=dict(meta.variable_value_labels.get(name, {}).items()),
        missing=(),
    )


def stata_batches(
    path: Path, names: Sequence[str], n_rows: int | None, encoding: str | None
) -> Iterator[Batch]:
    """Read batches of rows, so that a long file is never whole in memory as Python numbers.

    An extended missing value is its letter.
    """
    import pyreadstat

    size, offset = max(1, CELLS_IN_BATCH // len(names)), 0
    while True:
        values, _ = pyreadstat.read_dta(
            path,
            usecols=list(names),
            user_missing=True,
            disable_datetime_conversion=True,
            encoding=encoding,
            row_offset=offset,
            row_limit=size,
            output_format="dict",
        )
        found = max((len(v) for v in values.values()), default=0)
        yield Batch(columns=values, first_row=offset + 1, n_rows=found)
        offset += found
        if found < size or offset == n_rows:
            return
