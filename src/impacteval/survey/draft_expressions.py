"""Conditions of drafted variables: those that cannot be evaluated are left out, and said."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from impacteval.codebook import Variable
from impacteval.errors import ConfigError
from impacteval.survey.expressions import parse

# Stands for the day of the interview while a draft only asks whether a condition can be evaluated.
ANY_DAY = "2000-01-01"


def with_evaluable_conditions(
    variables: Sequence[Variable], carried: Sequence[str] = ()
) -> tuple[tuple[Variable, ...], list[tuple[str, str]]]:
    """Variables of one table without conditions that no check could evaluate, and the columns with why.

    Conditions may also name columns that are ``carried`` from another table.
    """
    columns = frozenset([*(v.column for v in variables), *carried])
    kept: list[Variable] = []
    notes: list[tuple[str, str]] = []
    for v in variables:
        problems = dict(_problems(v, columns))
        notes += [(v.column, f"its {field} is left out, {why}") for field, why in problems.items()]
        kept.append(
            replace(
                v,
                relevant="" if "relevant" in problems else v.relevant,
                constraint="" if "constraint" in problems else v.constraint,
                required="no" if "relevant" in problems else v.required,
            )
        )
    return tuple(kept), notes


def _problems(variable: Variable, columns: frozenset[str]) -> Iterator[tuple[str, str]]:
    for field, text in (("relevant", variable.relevant), ("constraint", variable.constraint)):
        if not text:
            continue
        try:
            expression = parse(text, clock=ANY_DAY)
        except ConfigError as error:
            yield field, f"since it cannot be evaluated: {error}"
            continue
        unknown = sorted(expression.names - columns)
        if unknown:
            yield field, f"since the table has no column {', '.join(unknown)}"
