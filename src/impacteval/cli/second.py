"""The second process of a large check: when it is worth starting, and its start and end."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# Below this many bytes of raw files Great Expectations takes longer to load than the checks to run.
WORTH_A_PROCESS = 2_000_000
COMMAND = (sys.executable, "-m", "impacteval.cli.helper")


def is_worth_it(root: Path, study: str) -> bool:
    """Whether a study's raw files are large and there is a second processor."""
    folder = root / "data" / study / "raw"
    size = sum(path.stat().st_size for path in folder.glob("*") if path.is_file())
    return size >= WORTH_A_PROCESS and (os.cpu_count() or 1) > 1


def collect_rarely() -> None:
    """Look for garbage in cycles less often: tables and texts, of which a check has many, form none."""
    gc.set_threshold(100_000)


@contextmanager
def helping() -> Iterator[subprocess.Popen[bytes]]:
    """Start the helper; it ends with the block, whatever happens there."""
    # The program is this one, without a shell.
    process = subprocess.Popen(COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603
    try:
        yield process
    except BaseException:
        process.kill()
        raise
    finally:
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    for stream in (process.stdin, process.stdout):
        try:
            if stream:
                stream.close()
        except BrokenPipeError:
            continue
    process.wait()
