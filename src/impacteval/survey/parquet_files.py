"""Parquet files as text: every type in the one form that reads back to the same value."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from impacteval.survey.headers import ColumnMatch, match_columns
from impacteval.survey.number_text import cell_text, numbers_text
from impacteval.survey.problems import FileProblem, Place
from impacteval.survey.raw_file import MEGABYTE, FileText, RawFile, unusable
from impacteval.survey.text_columns import TextColumns


def read_parquet_text(file: RawFile) -> FileText:
    """Read a Parquet file as text; a record's row is its number, from 1; null and NaN are empty."""
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(file.path) as content:
            problems = _size_problems(content.metadata, file)
            if problems:
                return unusable(problems)
            match = match_columns(content.schema_arrow.names, file)
            problems = _type_problems(content.schema_arrow, match, file)
            if problems:
                return unusable([*match.problems, *problems])
            return _read_text(content, match, file)
    except Exception as error:  # pyarrow has many kinds for damaged files
        message = f"not a whole Parquet file ({type(error).__name__}: {str(error)[:100]})"
        return unusable([file.error("C02", message, "fetch it again and compare its hash with raw.lock")])


def _size_problems(meta: pa.Table, file: RawFile) -> list[FileProblem]:
    """Refuse a file that announces more than its table may have."""
    if meta.num_rows > file.table.max_rows:
        message = f"{meta.num_rows:,} rows, more than max_rows ({file.table.max_rows:,})"
        return [file.error("C03", message, "raise max_rows of the table if the file is meant to be so long")]
    n_bytes = sum(meta.row_group(i).total_byte_size for i in range(meta.num_row_groups))
    if n_bytes > file.table.max_megabytes * MEGABYTE:
        message = f"unpacks to {n_bytes / MEGABYTE:,.0f} MB, more than max_megabytes"
        return [file.error("C01", message, "raise max_megabytes of the table if it is meant to be so large")]
    return []


def _type_problems(schema: pa.Schema, match: ColumnMatch, file: RawFile) -> list[FileProblem]:
    """Columns that are no plain values."""
    return [
        file.error(
            "C02",
            f"column {schema.names[i]!r} holds {schema.types[i]}",
            "deliver it as text or numbers",
            Place(column=name),
        )
        for name, i in match.positions.items()
        if not is_plain(schema.types[i])
    ]


def is_plain(kind: pa.DataType) -> bool:
    """Whether values of a type have one form as text."""
    if pa.types.is_dictionary(kind):
        return is_plain(kind.value_type)
    tests = (
        pa.types.is_string,
        pa.types.is_large_string,
        pa.types.is_boolean,
        pa.types.is_integer,
        pa.types.is_floating,
        pa.types.is_decimal,
        pa.types.is_temporal,
        pa.types.is_null,
    )
    return any(test(kind) for test in tests)


def _read_text(content: pa.Table, match: ColumnMatch, file: RawFile) -> FileText:
    names = content.schema_arrow.names
    chosen = {i: names[i] for i in sorted(match.positions.values())}
    columns, n_rows = TextColumns(names, match, file), 0
    for batch in content.iter_batches(
        batch_size=columns.batch_rows, columns=list(chosen.values()) or names[:1]
    ):
        text = {i: column_text(batch.column(name)) for i, name in chosen.items()}
        columns.add_columns(text, range(n_rows + 1, n_rows + batch.num_rows + 1))
        n_rows += batch.num_rows
    problems = list(match.problems)
    if n_rows != content.metadata.num_rows:
        message = f"{content.metadata.num_rows} rows announced, {n_rows} found"
        problems.append(file.error("C03", message, "fetch it again"))
    return columns.finish(problems)


def column_text(values: pa.Array) -> Sequence[str]:
    """A column of plain values as text; ValueError for text that is not UTF-8."""
    kind = values.type
    if pa.types.is_dictionary(kind):
        return column_text(values.cast(kind.value_type))
    if pa.types.is_floating(kind):
        return _floats_text(values)
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        values.validate(full=True)
        text: Sequence[str] = pc.fill_null(values.cast(pa.large_string()), "")
        return text
    if pa.types.is_integer(kind) or pa.types.is_decimal(kind):
        return ["" if value is None else str(value) for value in values.to_pylist()]
    return [cell_text(value) for value in values.to_pylist()]


def _floats_text(values: pa.Array) -> list[str]:
    """Floats by the shortest form of their own precision: 0.1 stays ``0.1`` in single precision."""
    floats = values.to_numpy(zero_copy_only=False)
    if floats.dtype != np.float64:
        with np.errstate(invalid="ignore"):
            distinct, where = np.unique(floats, return_inverse=True)
            floats = np.array([float(str(value)) for value in distinct])[where]
    return numbers_text(floats.tolist())
