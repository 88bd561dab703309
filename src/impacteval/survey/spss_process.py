"""The process in which SPSS files are read: a damaged one can end it, and nothing else.

ReadStat, which reads them, ends in a segmentation fault on some files with a changed byte. Called as
``python -m impacteval.survey.spss_process FILE FOLDER MOST_ROWS ENCODING``, it writes what the file says
of itself to ``meta.json`` and its values to ``rows.arrow`` in the folder; MOST_ROWS 0 leaves the rows.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from impacteval.survey.statistical_meta import CELLS_IN_BATCH

if TYPE_CHECKING:
    from pyreadstat import metadata_container

META, ROWS = "meta.json", "rows.arrow"
MOST_BYTES = 8 << 30


def main(arguments: Sequence[str]) -> None:
    """Read one file; any exception ends the process with its text."""
    source, folder, most_rows, encoding = (
        Path(arguments[0]),
        Path(arguments[1]),
        int(arguments[2]),
        arguments[3],
    )
    _limit_memory()
    import pyreadstat

    meta = pyreadstat.read_sav(source, metadataonly=True, user_missing=True, encoding=encoding or None)[1]
    (folder / META).write_text(json.dumps(_plain(meta)), encoding="utf-8")
    if most_rows:
        _write_rows(source, folder / ROWS, meta, (most_rows, encoding))


def _limit_memory() -> None:
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
    except (ImportError, ValueError, OSError):
        return  # systems without such a limit read without it


def _plain(meta: metadata_container) -> dict[str, object]:
    """Metadata as JSON holds it: labels as pairs, since their values may be numbers."""
    names = meta.column_names
    return {
        "title": meta.file_label or "",
        "notes": list(meta.notes or ()),
        "n_rows": meta.number_rows,
        "names": names,
        "labels": [label or "" for label in meta.column_labels],
        "shown_as": [meta.original_variable_types[n] for n in names],
        "is_text": [meta.readstat_variable_types[n] == "string" for n in names],
        "choices": [list(meta.variable_value_labels.get(n, {}).items()) for n in names],
        "missing": [[_span(s) for s in meta.missing_ranges.get(n, [])] for n in names],
    }


def _span(span: object) -> list[object]:
    """Ends of a missing range; a single value is both."""
    return [span["lo"], span["hi"]] if isinstance(span, dict) else [span, span]


def _write_rows(source: Path, target: Path, meta: metadata_container, limits: tuple[int, str]) -> None:
    import pyarrow as pa
    import pyreadstat

    most_rows, encoding = limits
    kinds = [
        pa.large_string() if meta.readstat_variable_types[n] == "string" else pa.float64()
        for n in meta.column_names
    ]
    schema = pa.schema([(str(i), kind) for i, kind in enumerate(kinds)])
    size, offset = max(1, CELLS_IN_BATCH // max(1, len(kinds))), 0
    with pa.ipc.new_file(target, schema) as written:
        while True:
            values, _ = pyreadstat.read_sav(
                source,
                user_missing=True,
                disable_datetime_conversion=True,
                encoding=encoding or None,
                row_offset=offset,
                row_limit=size,
                output_format="dict",
            )
            columns = [pa.array(values[n], type=k) for n, k in zip(meta.column_names, kinds, strict=True)]
            found = len(columns[0]) if columns else 0
            written.write_batch(pa.record_batch(columns, schema=schema))
            offset += found
            if found < size or offset == meta.number_rows or offset > most_rows:
                return


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except Exception as error:  # pyreadstat has some fifteen kinds for damaged files
        sys.stderr.write(f"{type(error).__name__}: {str(error)[:200]}")
        raise SystemExit(1) from None
