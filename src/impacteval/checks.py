"""The checks that ``checks.yaml`` may ask for, and those that the codebook implies."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from impacteval.closed import Closed
from impacteval.codebook import Codebook, Variable
from impacteval.design import PanelRule

Severity: TypeAlias = Literal["error", "warning"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Check(Closed):
    """What every check says: its id, its table, how grave a failure is, and what to do about it."""

    id: str
    table: str
    severity: Severity
    message: str
    suggestion: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NotMissing(Check):
    """Every row has a value."""

    kind: Literal["not_missing"]
    column: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InRange(Check):
    """Values lie between two bounds, inclusive, in the unit of the column."""

    kind: Literal["in_range"]
    column: str
    minimum: float | None = None
    maximum: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InSet(Check):
    """Values are among those listed."""

    kind: Literal["in_set"]
    column: str
    allowed: tuple[int | float | str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unique(Check):
    """No two rows agree in all these columns."""

    kind: Literal["unique"]
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AtMost(Check):
    """In each row the first column is no larger than the second."""

    kind: Literal["at_most"]
    column: str
    other: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MostlyPresent(Check):
    """The share of rows with a value is at least ``share``."""

    kind: Literal["mostly_present"]
    column: str
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class OfType(Check):
    """The column was read as the type that the codebook declares."""

    kind: Literal["of_type"]
    column: str
    type: Literal["integer", "decimal", "text", "category"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConstantWithinUnit(Check):
    """A column has one value in all rounds of a unit."""

    kind: Literal["constant_within_unit"]
    column: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoOuterBlanks(Check):
    """Values neither begin nor end with white space."""

    kind: Literal["no_outer_blanks"]
    column: str


AnyCheck: TypeAlias = (
    NotMissing
    | InRange
    | InSet
    | Unique
    | AtMost
    | MostlyPresent
    | OfType
    | ConstantWithinUnit
    | NoOuterBlanks
)


def columns_of_check(check: AnyCheck) -> tuple[str, ...]:
    """Columns that a check reads."""
    if isinstance(check, Unique):
        return check.columns
    if isinstance(check, AtMost):
        return (check.column, check.other)
    return (check.column,)


def checks_of_codebook(codebook: Codebook, panel: PanelRule) -> tuple[AnyCheck, ...]:
    """Derive the checks that the codebook implies, and that the panel's key is one.

    ``F02`` and ``F02 `` would be two units, so blanks around a unit are an error.
    """
    key = Unique(
        kind="unique",
        id=f"{panel.table}-key",
        table=panel.table,
        severity="error",
        columns=(panel.unit, panel.period),
        message=f"two rows for the same {panel.unit} and {panel.period}",
        suggestion="find out which row is right and correct the key of the other",
    )
    implied = [check for variable in codebook.variables for check in _checks_of(variable)]
    if codebook.find(panel.table, panel.unit).type in {"text", "category"}:
        implied.append(_no_outer_blanks(panel))
    return (key, *implied)


def _no_outer_blanks(panel: PanelRule) -> NoOuterBlanks:
    return NoOuterBlanks(
        kind="no_outer_blanks",
        id=f"{panel.table}-{panel.unit}-blanks",
        table=panel.table,
        severity="error",
        column=panel.unit,
        message=f"{panel.unit} begins or ends with white space, which makes it another unit",
        suggestion="add a correction without the white space",
    )


def _checks_of(variable: Variable) -> Iterator[AnyCheck]:
    yield _of_type(variable)
    if variable.required == "yes":
        yield _required(variable)
    if variable.allowed:
        yield _allowed(variable)
    if variable.minimum is not None or variable.maximum is not None:
        yield _plausible(variable)


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


def typed_choice(type_: str, choice: str) -> int | float | str:
    """Read an allowed value of the codebook in the type of its column."""
    if type_ == "integer":
        return int(choice)
    return float(choice) if type_ == "decimal" else choice
