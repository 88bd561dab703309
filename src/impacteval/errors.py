"""The errors a user can meet, and how a job reports them."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path


class ImpactEvalError(Exception):
    """Base of all errors that are about the user's files rather than about this program."""


class ConfigError(ImpactEvalError):
    """A file below ``config/`` asks for something that does not exist or is not allowed."""


class DataError(ImpactEvalError):
    """A data file is not what the configuration says it is."""


class OpenFindingsError(DataError):
    """The data were checked, and errors in them are not settled; says what to do."""


class IdentificationError(ImpactEvalError):
    """The data cannot identify the effect that the plan asks for."""


def raise_together(problems: Sequence[str], error: type[ImpactEvalError], where: str) -> None:
    """Raise one error that lists all problems, or return when there are none."""
    if not problems:
        return
    count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
    raise error("\n".join([f"{where}: {count}", *(f"  - {problem}" for problem in problems)]))


def nearest(found: str, allowed: Sequence[str]) -> str:
    """Say what is allowed and, when one is close, what was probably meant."""
    if not allowed:
        return "there is none yet"
    close = get_close_matches(found, allowed, n=1)
    hint = f"; did you mean {close[0]!r}?" if close else ""
    return f"allowed: {', '.join(allowed)}{hint}"


@contextmanager
def job(log_file: str) -> Iterator[None]:
    """Run the body of a workflow job: its output goes to the log, a user's error to both.

    A user's error ends the process with status 1 and its message alone; any other error with
    status 2 and its traceback, since it is a fault of this program.
    """
    Path(log_file).parent.mkdir(parents=True, exist_ok=True)
    printed, terminal = sys.stdout, sys.stderr
    with Path(log_file).open("w", encoding="utf-8") as log:
        sys.stdout = sys.stderr = log
        try:
            yield
        except ImpactEvalError as error:
            log.write(f"{error}\n")
            terminal.write(f"\n{type(error).__name__}: {error}\n\n")
            raise SystemExit(1) from None
        except Exception:
            log.write(traceback.format_exc())
            terminal.write(traceback.format_exc())
            raise SystemExit(2) from None
        finally:
            sys.stdout, sys.stderr = printed, terminal
