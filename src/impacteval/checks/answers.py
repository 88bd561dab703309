"""Checks of answers against the form and the codebook: skips, constraints, codes, ways of writing numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import ClassVar, Literal, TypeAlias

from impacteval.checks.base import Check, Severity
from impacteval.checks.thresholds import SHARE, refuse_numbers
from impacteval.codebook import Codebook, Variable
from impacteval.delivery import Roles

NUMBERS = frozenset({"integer", "decimal"})
SPECIAL_CODES = (-999.0, -9999.0, -99.0, -98.0, -97.0, -96.0, -88.0, -77.0, -66.0, -55.0, 9999.0, 99999.0)
LOOKED_AT_ALONE = (99.0, 999.0)


def names_in(expression: str) -> tuple[str, ...]:
    """Questions that an expression refers to by name, each once, in its order."""
    return tuple(dict.fromkeys(re.findall(r"\$\{\s*([^{}\s]+)\s*\}", expression)))


@dataclass(frozen=True, slots=True, kw_only=True)
class SkipForward(Check):
    """A question that did not apply has no answer.

    ``relevant`` is a condition as in an XLSForm; ``clock`` is the column or the day that ``today()``
    and ``now()`` stand for in it.
    """

    catalogue: ClassVar[str] = "C17"
    rule: ClassVar[str] = "{column} has a value where its condition is false: {relevant}"

    kind: Literal["skip_forward"]
    column: str
    relevant: str
    clock: str = ""
    severity: Severity = "error"
    message: str = "a question that did not apply has an answer"
    suggestion: str = "correct the answer that decides on the question, or remove this one"

    @property
    def columns_read(self) -> tuple[str, ...]:
        """Columns of its table that the check reads."""
        return tuple(dict.fromkeys((self.column, *names_in(self.relevant))))


@dataclass(frozen=True, slots=True, kw_only=True)
class SkipBackward(Check):
    """A required question that applied has an answer or a missing code, given consent.

    A share of more than ``tolerance`` of the rows in which it applied is an error of the form.
    """

    catalogue: ClassVar[str] = "C18"
    rule: ClassVar[str] = (
        "{column} has neither a value nor a missing code though consent was given and its condition is "
        "true: {relevant}; more than {tolerance:.0%} of such rows are an error of the whole column"
    )

    kind: Literal["skip_backward"]
    column: str
    relevant: str
    clock: str = ""
    tolerance: float = 0.02
    severity: Severity = "warning"
    message: str = "a required question that applied has no answer"
    suggestion: str = "look the answer up; if many rows lack it, compare the form with its condition"

    def __post_init__(self) -> None:
        """Refuse a tolerance that is no share."""
        refuse_numbers(self, {"tolerance": SHARE})

    @property
    def columns_read(self) -> tuple[str, ...]:
        """Columns of its table that the check reads."""
        return tuple(dict.fromkeys((self.column, *names_in(self.relevant))))


@dataclass(frozen=True, slots=True, kw_only=True)
class FormConstraint(Check):
    """A value that is there meets the constraint of the form."""

    catalogue: ClassVar[str] = "C07"
    rule: ClassVar[str] = "{column} has a value for which the constraint of the form is false: {constraint}"

    kind: Literal["constraint"]
    column: str
    constraint: str
    clock: str = ""
    severity: Severity = "error"
    message: str = "the answer does not meet the constraint of the form"
    suggestion: str = "find out which form was used; correct the answer, or the constraint in the codebook"

    @property
    def columns_read(self) -> tuple[str, ...]:
        """Columns of its table that the check reads."""
        return tuple(dict.fromkeys((self.column, *names_in(self.constraint))))


@dataclass(frozen=True, slots=True, kw_only=True)
class UndeclaredCodes(Check):
    """A column of numbers holds no code that stands for a missing value, and no stray negative one.

    ``codes`` are looked for anywhere, negative ones unless negative numbers are common in the column.
    ``lonely_codes`` count where at least ``least_rows`` hold them and they exceed ``factor`` times the
    largest other value. Negative numbers are stray where the codebook's minimum is zero or more, and
    where at least ``share`` of ``least_values`` values or more are not negative.
    """

    catalogue: ClassVar[str] = "C06"
    rule: ClassVar[str] = (
        "{column} is a number that usually stands for a missing value, or is negative though the minimum "
        "is zero or more or {share:.0%} of its values are not negative"
    )

    kind: Literal["undeclared_codes"]
    column: str
    codes: tuple[float, ...] = SPECIAL_CODES
    lonely_codes: tuple[float, ...] = LOOKED_AT_ALONE
    factor: float = 2.0
    least_rows: int = 2
    share: float = 0.99
    least_values: int = 100
    severity: Severity = "error"
    message: str = "the number may stand for a missing value"
    suggestion: str = "declare it among missing_codes in the codebook, or keep it and say why"

    def __post_init__(self) -> None:
        """Refuse thresholds that would find all values or none."""
        refuse_numbers(
            self, {"share": SHARE, "factor": (1.0, float("inf")), "least_rows": (1.0, float("inf"))}
        )

    @property
    def columns_read(self) -> tuple[str, ...]:
        """Columns of its table that the check reads."""
        return (self.column,)


@dataclass(frozen=True, slots=True, kw_only=True)
class AmbiguousNumbers(Check):
    """A column of numbers without a declared format holds none that another format reads differently."""

    catalogue: ClassVar[str] = "C04"
    rule: ClassVar[str] = (
        "{column} holds numbers written like 1.234,5 or 1,234.5 though its format is plain, or all that "
        "have a mark are like 1.500, which is fifteen hundred in Indonesian"
    )

    kind: Literal["ambiguous_numbers"]
    column: str
    severity: Severity = "error"
    message: str = "the way in which numbers are written is not the declared one, or in doubt"
    suggestion: str = (
        "look at the column as delivered; declare format id or en in the codebook, or correct the cells"
    )

    @property
    def columns_read(self) -> tuple[str, ...]:
        """Columns of its table that the check reads."""
        return (self.column,)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoicesInSet(Check):
    """Each choice of a question of several is among those listed; choices are parted by blanks."""

    catalogue: ClassVar[str] = "C05"
    rule: ClassVar[str] = "a choice in {column} is none of the listed ones"

    kind: Literal["choices_in_set"]
    column: str
    allowed: tuple[str, ...]
    severity: Severity = "error"
    message: str = "a choice is not among those of the codebook"
    suggestion: str = "correct the choice, or add it to the codebook when it is right"

    @property
    def columns_read(self) -> tuple[str, ...]:
        """Columns of its table that the check reads."""
        return (self.column,)


def checks_of_answers(codebook: Codebook, roles: Mapping[str, Roles]) -> tuple[AnswerCheck, ...]:
    """Derive the checks of answers that the codebook implies.

    Columns with a role, such as keys and coordinates, are not searched for special codes.
    """
    return tuple(
        check
        for variable in codebook.variables
        for check in _checks_of(variable, roles.get(variable.table, Roles()))
    )


def _checks_of(variable: Variable, roles: Roles) -> Iterator[AnswerCheck]:
    yield from _of_conditions(variable, roles.start or roles.submitted or roles.end)
    table, column = variable.table, variable.column
    if variable.type in NUMBERS:
        if not variable.format:
            yield AmbiguousNumbers(
                kind="ambiguous_numbers", id=f"{table}-{column}-numbers", table=table, column=column
            )
        if column not in _with_a_role(roles):
            yield UndeclaredCodes(
                kind="undeclared_codes", id=f"{table}-{column}-codes", table=table, column=column
            )
    if variable.type == "multiple" and variable.allowed:
        yield ChoicesInSet(
            kind="choices_in_set",
            id=f"{table}-{column}-choices",
            table=table,
            column=column,
            allowed=variable.allowed,
        )


def _of_conditions(variable: Variable, clock: str) -> Iterator[AnswerCheck]:
    table, column = variable.table, variable.column
    if variable.relevant:
        yield SkipForward(
            kind="skip_forward",
            id=f"{table}-{column}-skip",
            table=table,
            column=column,
            relevant=variable.relevant,
            clock=clock,
        )
    if variable.relevant and variable.required == "yes":
        yield SkipBackward(
            kind="skip_backward",
            id=f"{table}-{column}-answered",
            table=table,
            column=column,
            relevant=variable.relevant,
            clock=clock,
        )
    if variable.constraint:
        yield FormConstraint(
            kind="constraint",
            id=f"{table}-{column}-constraint",
            table=table,
            column=column,
            constraint=variable.constraint,
            clock=clock,
        )


def _with_a_role(roles: Roles) -> frozenset[str]:
    return frozenset(getattr(roles, f.name) for f in fields(roles) if f.name != "consent_given")


AnswerCheck: TypeAlias = (
    SkipForward | SkipBackward | FormConstraint | UndeclaredCodes | AmbiguousNumbers | ChoicesInSet
)
KINDS = (SkipForward, SkipBackward, FormConstraint, UndeclaredCodes, AmbiguousNumbers, ChoicesInSet)
