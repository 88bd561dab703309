"""What a codebook declares of its columns and cannot mean."""

from __future__ import annotations

from collections.abc import Iterator

from impacteval.codebook import REASONS, Codebook, Variable
from impacteval.errors import ConfigError, nearest
from impacteval.survey.dates import EXCEL_FORMATS, pattern_of
from impacteval.survey.expressions import UnsupportedExpression, parse
from impacteval.survey.missing import NUMBERS
from impacteval.survey.numbers import WRITINGS
from impacteval.survey.types import DATES


def codebook_problems(codebook: Codebook) -> list[str]:
    """Say which formats, reasons and conditions of a codebook do not exist or cannot be read.

    A condition that is right and is not evaluated here is no problem: its check says so.
    """
    return [
        f"codebook.csv: {variable.table}, {variable.column!r}: {problem}"
        for variable in codebook.variables
        for problem in _problems(variable)
    ]


def _problems(variable: Variable) -> Iterator[str]:
    yield from _wrong_format(variable)
    for code, reason in variable.reasons.items():
        if not code:
            yield "missing_codes: an empty code; an empty cell is missing without one"
        if reason not in REASONS:
            yield f"missing_codes: {code}={reason}: {nearest(reason, REASONS)}"
    for name, condition in (("relevant", variable.relevant), ("constraint", variable.constraint)):
        try:
            if condition:
                parse(condition, clock="1970-01-01")
        except UnsupportedExpression:
            continue
        except ConfigError as error:
            yield f"{name}: {error}"


def _wrong_format(variable: Variable) -> Iterator[str]:
    format_ = variable.format
    if not format_ or (format_ in EXCEL_FORMATS and variable.type in DATES):
        return
    if variable.type in NUMBERS:
        if format_ not in WRITINGS:
            yield f"format {format_!r}: {nearest(format_, list(WRITINGS))}, or empty for 1234.5"
        return
    if variable.type not in DATES:
        yield f"format {format_!r}: only numbers and dates have one, and the type is {variable.type}"
        return
    try:
        pattern_of(format_, has_time=variable.type == "datetime")
    except ConfigError as error:
        yield str(error)
