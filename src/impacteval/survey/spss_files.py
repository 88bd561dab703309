"""SPSS files, read by a process of their own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa

from impacteval.errors import DataError
from impacteval.survey.spss_process import META, ROWS
from impacteval.survey.statistical_meta import Batch, FileMeta, FileVariable

SECONDS = 60.0
SECONDS_PER_MEGABYTE = 2.0


@contextmanager
def unpacked_spss(path: Path, max_rows: int, encoding: str | None) -> Iterator[Path]:
    """Let a process of its own write the content of an SPSS file into a folder; 0 rows: none.

    Raises
    ------
    DataError
        Saying how the process ended, or that it took too long.
    """
    seconds = SECONDS + SECONDS_PER_MEGABYTE * path.stat().st_size / 1e6
    with TemporaryDirectory(prefix="impacteval-") as folder:
        command = [sys.executable, "-m", "impacteval.survey.spss_process"]
        command += [str(path.resolve()), folder, str(max_rows), encoding or ""]
        try:
            ended = subprocess.run(  # noqa: S603 - the program is this one, the arguments are no command
                command, stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds, check=False
            )
        except subprocess.TimeoutExpired as error:
            raise DataError(f"not read within {seconds:,.0f} seconds") from error
        if ended.returncode:
            said = ended.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2]
            raise DataError(said or f"its reader broke down, signal {-ended.returncode}")
        yield Path(folder)


def spss_meta(folder: Path) -> FileMeta:
    """What an SPSS file says of itself, from where it was unpacked."""
    meta = json.loads((folder / META).read_text(encoding="utf-8"))
    keys = ("names", "labels", "shown_as", "is_text", "choices", "missing")
    variables = tuple(
        FileVariable(
            name=name,
            label=label,
            shown_as=shown_as,
            is_text=is_text,
            choices=dict(choices),
            missing=tuple((low, high) for low, high in missing),
        )
        for name, label, shown_as, is_text, choices, missing in zip(*(meta[k] for k in keys), strict=True)
    )
    return FileMeta(
        title=meta["title"], notes=tuple(meta["notes"]), variables=variables, n_rows=meta["n_rows"]
    )


def spss_batches(folder: Path, meta: FileMeta, names: Sequence[str]) -> Iterator[Batch]:
    """Batches of rows of an unpacked SPSS file."""
    positions, offset = {name: i for i, name in enumerate(meta.names)}, 0
    with pa.ipc.open_file(folder / ROWS) as content:
        for i in range(content.num_record_batches):
            batch = content.get_batch(i)
            columns = {name: batch.column(positions[name]).to_pylist() for name in names}
            yield Batch(columns=columns, first_row=offset + 1, n_rows=batch.num_rows)
            offset += batch.num_rows
