"""Checks that the codebook implies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from impacteval.checks.answers import checks_of_answers
from impacteval.checks.any_check import AnyCheck
from impacteval.checks.base import named
from impacteval.checks.values import InRange, InSet, NoOuterBlanks, NotMissing, OfType, Unique
from impacteval.codebook import Codebook, Variable
from impacteval.delivery import Roles


def checks_of_codebook(codebook: Codebook, roles: Mapping[str, Roles]) -> tuple[AnyCheck, ...]:
    """Derive the checks that the codebook implies, and that each table's key is one.

    ``F02`` and ``F02 `` would be two units, so blanks around a unit are an error.
    """
    keys = [check for table, said in roles.items() for check in _keys_of(codebook, table, said)]
    implied = [check for variable in codebook.variables for check in _checks_of(variable)]
    return (*keys, *implied, *checks_of_answers(codebook, roles))


def _keys_of(codebook: Codebook, table: str, roles: Roles) -> Iterator[AnyCheck]:
    known = codebook.columns(table)
    key = named(roles.unit, roles.member, roles.period)
    if roles.unit and set(key) <= set(known):
        yield _unique(
            table, f"{table}-key", key, "find out which row is right and correct the key of the other"
        )
        for column in named(roles.unit, roles.member):
            if codebook.find(table, column).type in {"text", "category"}:
                yield _no_outer_blanks(table, column)
    if roles.submission in known:
        what_to_do = "the submission was exported twice; drop one of its rows"
        yield _unique(table, f"{table}-submission", (roles.submission,), what_to_do)


def _unique(table: str, id_: str, columns: tuple[str, ...], suggestion: str) -> Unique:
    return Unique(
        kind="unique",
        id=id_,
        table=table,
        severity="error",
        columns=columns,
        message=f"two rows for the same {' and '.join(columns)}",
        suggestion=suggestion,
    )


def _no_outer_blanks(table: str, column: str) -> NoOuterBlanks:
    return NoOuterBlanks(
        kind="no_outer_blanks",
        id=f"{table}-{column}-blanks",
        table=table,
        severity="error",
        column=column,
        message=f"{column} begins or ends with white space, which makes it another unit",
        suggestion="add a correction without the white space",
    )


def _checks_of(variable: Variable) -> Iterator[AnyCheck]:
    yield _of_type(variable)
    if variable.required == "yes" and not variable.relevant:
        yield _required(variable)
    if variable.allowed and variable.type != "multiple":
        yield _allowed(variable)
    if variable.minimum is not None or variable.maximum is not None:
        yield _plausible(variable)
    if variable.hard_minimum is not None or variable.hard_maximum is not None:
        yield _possible(variable)


def _of_type(variable: Variable) -> OfType:
    return OfType(
        kind="of_type",
        id=f"{variable.table}-{variable.column}-type",
        table=variable.table,
        severity="error",
        column=variable.column,
        type=variable.type,
        message=f"{variable.column} is not read as {variable.type}",
        suggestion="correct the values that could not be read, or the type in the codebook",
    )


def _required(variable: Variable) -> NotMissing:
    return NotMissing(
        kind="not_missing",
        id=f"{variable.table}-{variable.column}-required",
        table=variable.table,
        severity="error",
        column=variable.column,
        message=f"{variable.column} is required but missing",
        suggestion="look the value up and add it as a correction",
    )


def _allowed(variable: Variable) -> InSet:
    return InSet(
        kind="in_set",
        id=f"{variable.table}-{variable.column}-allowed",
        table=variable.table,
        severity="error",
        column=variable.column,
        allowed=tuple(typed_choice(variable.type, choice) for choice in variable.allowed),
        message=f"{variable.column} is not one of {', '.join(variable.allowed)}",
        suggestion="correct the value, or add it to the codebook when it is right",
    )


def _plausible(variable: Variable) -> InRange:
    return InRange(
        kind="in_range",
        id=f"{variable.table}-{variable.column}-plausible",
        table=variable.table,
        severity="warning",
        column=variable.column,
        minimum=variable.minimum,
        maximum=variable.maximum,
        message=f"{variable.column} is outside the plausible range of the codebook",
        suggestion="ask the enterprise; correct it, or keep it and say why",
    )


def _possible(variable: Variable) -> InRange:
    return InRange(
        kind="in_range",
        id=f"{variable.table}-{variable.column}-possible",
        table=variable.table,
        severity="error",
        column=variable.column,
        minimum=variable.hard_minimum,
        maximum=variable.hard_maximum,
        message=f"{variable.column} cannot be outside the codebook's hard range",
        suggestion="ask the enterprise and correct the value",
    )


def typed_choice(type_: str, choice: str) -> int | float | str:
    """Read an allowed value of the codebook in the type of its column."""
    if type_ == "integer":
        return int(choice)
    return float(choice) if type_ == "decimal" else choice
