"""Checks of who was interviewed: consent, personal data, age, hours and tenure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from impacteval.checks.base import Check, Severity, named
from impacteval.checks.thresholds import NOT_NEGATIVE, refuse, refuse_numbers

MOST_HOURS_IN_A_WEEK = 168.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentGiven(Check):
    """Nothing was recorded of those who did not consent, and the respondent was one to be asked.

    ``columns`` are the answers (empty: all columns that have no role); consent that is missing was not
    given. ``respondent`` holds who answered, one of ``eligible``.
    """

    catalogue: ClassVar[str] = "C19"
    rule: ClassVar[str] = "an answer is recorded without consent, or the respondent is not one to be asked"
    roles_needed: ClassVar[tuple[str, ...]] = ("consent",)

    kind: Literal["consent"]
    columns: tuple[str, ...] = ()
    respondent: str = ""
    eligible: tuple[str, ...] = ()
    severity: Severity = "error"
    message: str = "recorded without consent"
    suggestion: str = "find out whether consent was given; if not, take the answers out of the data"

    def __post_init__(self) -> None:
        """Refuse a respondent without a list of those who may answer, and the reverse."""
        if bool(self.respondent) != bool(self.eligible):
            refuse(self, ["respondent and eligible belong together; give both or neither"])

    @property
    def columns_read(self) -> tuple[str, ...]:
        """Columns of its table that the check reads."""
        return (*self.columns, *named(self.respondent))


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalData(Check):
    """No column that may be shown holds what identifies a person.

    Looked for are numbers of identity cards and taxpayers, telephone numbers, e-mail addresses and exact
    positions in text, and columns of names. ``columns`` are those searched (empty: all columns of text
    that are not confidential and are not ids by their role), without those ``ignored``.
    """

    catalogue: ClassVar[str] = "C16"
    rule: ClassVar[str] = "a column that is not confidential holds personal data"

    kind: Literal["personal_data"]
    columns: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    severity: Severity = "error"
    message: str = "personal data in an open column"
    suggestion: str = "take it out by a correction, or make the column confidential in codebook.csv"

    @property
    def columns_read(self) -> tuple[str, ...]:
        """Columns of its table that the check reads."""
        return (*self.columns, *self.ignored)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerAge(Check):
    """A worker's age is possible, and of an age at which one may work.

    Outside ``hard_minimum`` to ``hard_maximum`` years it is an error of the data. Younger than
    ``working_age``, or than ``hazardous_age`` where column ``hazardous`` is one of
    ``hazardous_values``, it is a matter of protection: a warning, whatever the severity.
    """

    catalogue: ClassVar[str] = "C27"
    rule: ClassVar[str] = (
        "{column} is outside {hard_minimum:g} to {hard_maximum:g}, or below {working_age:g} "
        "(in hazardous tasks {hazardous_age:g}), which is a matter of protection"
    )

    kind: Literal["worker_age"]
    column: str
    hard_minimum: float = 5.0
    hard_maximum: float = 80.0
    working_age: float = 15.0
    hazardous: str = ""
    hazardous_values: tuple[str, ...] = ("1", "yes", "ya")
    hazardous_age: float = 18.0
    severity: Severity = "error"
    message: str = "age of a worker"
    suggestion: str = "ask again and correct the age"

    def __post_init__(self) -> None:
        """Refuse ages in the wrong order."""
        order = (self.hard_minimum, self.working_age, self.hazardous_age, self.hard_maximum)
        if list(order) != sorted(order):
            refuse(self, ["hard_minimum, working_age, hazardous_age and hard_maximum must rise"])

    @property
    def columns_read(self) -> tuple[str, ...]:
        """Columns of its table that the check reads."""
        return named(self.column, self.hazardous)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours(Check):
    """Hours worked in a week are more than none and no more than anyone can work.

    Above ``hard_maximum``, or not above 0, they are as grave as the check; above ``maximum`` a warning.
    """

    catalogue: ClassVar[str] = "C28"
    rule: ClassVar[str] = "{column} is not above 0, above {hard_maximum:g}, or unusual: above {maximum:g}"

    kind: Literal["hours"]
    column: str
    maximum: float = 60.0
    hard_maximum: float = 112.0
    severity: Severity = "error"
    message: str = "hours worked in a week"
    suggestion: str = "ask again whether the hours are of one week"

    def __post_init__(self) -> None:
        """Refuse more hours than a week has."""
        week = (0.0, MOST_HOURS_IN_A_WEEK)
        refuse_numbers(self, {"maximum": (0.0, self.hard_maximum), "hard_maximum": week})

    @property
    def columns_read(self) -> tuple[str, ...]:
        """Columns of its table that the check reads."""
        return (self.column,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenure(Check):
    """Years with the enterprise began neither in childhood nor before the enterprise.

    ``age`` is the worker's in years; ``firm_age`` the enterprise's in years, or ``founded`` its first
    year, from which the year of the role ``start`` counts. ``youngest`` is the age at which one may have
    begun, ``slack`` the years that the enterprise's age may fall short.
    """

    catalogue: ClassVar[str] = "C28"
    rule: ClassVar[str] = (
        "{column} is above the worker's age less {youngest:g}, or above the enterprise's age plus {slack:g}"
    )

    kind: Literal["tenure"]
    column: str
    age: str = ""
    firm_age: str = ""
    founded: str = ""
    youngest: float = 12.0
    slack: float = 1.0
    severity: Severity = "warning"
    message: str = "years with the enterprise"
    suggestion: str = "ask since when; correct tenure, age or the year in which the enterprise began"

    def __post_init__(self) -> None:
        """Refuse a comparison with nothing, or with the enterprise's age said twice."""
        refuse_numbers(self, {"youngest": NOT_NEGATIVE, "slack": NOT_NEGATIVE})
        if not named(self.age, self.firm_age, self.founded):
            refuse(self, ["nothing to compare with; give age, firm_age or founded"])
        if self.firm_age and self.founded:
            refuse(self, ["firm_age and founded say the same; give one"])

    @property
    def columns_read(self) -> tuple[str, ...]:
        """Columns of its table that the check reads."""
        return named(self.column, self.age, self.firm_age, self.founded)


KINDS = (ConsentGiven, PersonalData, WorkerAge, Hours, Tenure)
