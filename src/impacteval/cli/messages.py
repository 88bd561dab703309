"""What the two processes of a check say to each other: lines of JSON, with tables behind them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from typing import BinaryIO

import numpy as np
import pandas as pd

from impacteval.checks import AnyCheck
from impacteval.validation.suites import SuiteResult
from impacteval.validation.survey import Failures

Message = dict[str, object]


def send(stream: BinaryIO, message: Mapping[str, object]) -> None:
    """Write a message as one line."""
    stream.write(json.dumps(message, allow_nan=False).encode() + b"\n")
    stream.flush()


def receive(stream: BinaryIO) -> Message | None:
    """Read the next message; None once the other side has ended."""
    line = stream.readline()
    if not line.endswith(b"\n"):
        return None
    message: Message = json.loads(line)
    return message


def send_table(stream: BinaryIO, frame: pd.DataFrame) -> None:
    """Write a table without copying its columns."""
    import pyarrow as pa

    table = pa.Table.from_pandas(frame, preserve_index=False)
    with pa.ipc.new_stream(pa.PythonFile(stream, "w"), table.schema) as written:
        written.write_table(table)
    stream.flush()


def receive_table(stream: BinaryIO) -> pd.DataFrame:
    """Read a table that ``send_table`` wrote."""
    import pyarrow as pa

    with pa.ipc.open_stream(pa.PythonFile(stream, "r")) as read:
        frame: pd.DataFrame = read.read_all().to_pandas()
    return frame


def plain_failures(found: Failures) -> Message:
    """Failures as JSON holds them; the check travels by its id."""
    plain = {f.name: getattr(found, f.name) for f in fields(found)}
    return {**plain, "check": found.check.id, "rows": found.rows.tolist()}


def failures_from(plain: Mapping[str, object], checks: Mapping[str, AnyCheck]) -> Failures:
    """Failures from what ``plain_failures`` gave."""
    said = {name: tuple(v) if isinstance(v, list) else v for name, v in plain.items()}
    rows = np.array(plain["rows"], dtype="int64")
    return Failures(**{**said, "check": checks[str(plain["check"])], "rows": rows})  # type: ignore[arg-type] # fields of different types


def plain_suite(result: SuiteResult) -> Message:
    """The result of a suite as JSON holds it."""
    return {
        "failures": [plain_failures(f) for f in result.failures],
        "record": result.record,
        "suite": result.suite,
    }


def suite_from(plain: Mapping[str, object], checks: Mapping[str, AnyCheck]) -> SuiteResult:
    """The result of a suite from what ``plain_suite`` gave."""
    found: list[Message] = plain["failures"]  # type: ignore[assignment] # as plain_suite wrote it
    return SuiteResult(
        failures=tuple(failures_from(each, checks) for each in found),
        record=plain["record"],  # type: ignore[arg-type]
        suite=plain["suite"],  # type: ignore[arg-type]
    )
