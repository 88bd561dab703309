"""Checks of one table against another: interviews, enterprises, the assignment and the register."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from impacteval.checks.base import Check, Severity, named
from impacteval.checks.thresholds import NOT_NEGATIVE, refuse, refuse_numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedCheck(Check):
    """A check that may read other tables than its own; a study must have what it reads there."""

    roles_needed: ClassVar[tuple[str, ...]] = ()

    @property
    def columns_elsewhere(self) -> tuple[tuple[str, str], ...]:
        """Columns of other tables that the check reads, as table and column."""
        return ()

    @property
    def roles_elsewhere(self) -> tuple[tuple[str, str], ...]:
        """Roles that other tables need, as table and role."""
        return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignKey(LinkedCheck):
    """Each row belongs to a row of another table, one in which consent was given.

    ``other_columns`` are the names that ``columns`` have there; empty where they have the same.
    """

    catalogue: ClassVar[str] = "C10"
    rule: ClassVar[str] = "no row of {other} with consent has the same {columns}"

    kind: Literal["foreign_key"]
    columns: tuple[str, ...]
    other: str
    other_columns: tuple[str, ...] = ()
    severity: Severity = "error"
    message: str = "the row belongs to no interview with consent"
    suggestion: str = "correct its key, or drop the row when the enterprise did not agree"

    def __post_init__(self) -> None:
        refuse(self, _unequal(self.columns, self.other_columns))

    @property
    def columns_read(self) -> tuple[str, ...]:
        """Columns of its table that the check reads."""
        return self.columns

    @property
    def columns_elsewhere(self) -> tuple[tuple[str, str], ...]:
        """Columns of other tables that the check reads, as table and column."""
        return tuple((self.other, column) for column in self.other_columns or self.columns)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota(LinkedCheck):
    """As many members of an enterprise were interviewed in a round as agreed.

    The table holds enterprises; ``members`` is the table of those interviewed. ``eligible`` and
    ``employment`` are columns of enterprises; ``register_employment`` is one of table ``register``.
    Interviews are too many where they exceed every number employed that is known: an error; a warning
    where they exceed one of two. ``completed`` lists values of ``roles.status`` that
    count as an interview, in either table that has the role; empty: every row with consent.
    """

    catalogue: ClassVar[str] = "C11"
    rule: ClassVar[str] = (
        "interviews in {members} are not the smaller of {target} and the number eligible, "
        "or more than are employed as reported and as registered"
    )
    roles_needed: ClassVar[tuple[str, ...]] = ("unit",)

    kind: Literal["quota"]
    members: str
    target: int
    eligible: str = ""
    employment: str = ""
    register: str = ""
    register_employment: str = ""
    completed: tuple[str, ...] = ()
    severity: Severity = "warning"
    message: str = "interviews of members are not as many as agreed"
    suggestion: str = "find the interviews that are missing, or that belong to another enterprise"

    def __post_init__(self) -> None:
        refuse_numbers(self, {"target": (1, float("inf"))})
        refuse(self, _alone(self, ("register", "register_employment")))

    @property
    def columns_read(self) -> tuple[str, ...]:
        """Columns of its table that the check reads."""
        return named(self.eligible, self.employment)

    @property
    def columns_elsewhere(self) -> tuple[tuple[str, str], ...]:
        """Columns of other tables that the check reads, as table and column."""
        return ((self.register, self.register_employment),) if self.register else ()

    @property
    def roles_elsewhere(self) -> tuple[tuple[str, str], ...]:
        """Roles that other tables need, as table and role."""
        return tuple((table, "unit") for table in named(self.members, self.register))


@dataclass(frozen=True, slots=True, kw_only=True)
class DuplicateFirms(LinkedCheck):
    """Two enterprises of the table are probably one.

    Points are added for what two enterprises share and taken off for what differs; a pair that
    reaches ``threshold`` is shown once and, when somebody decided on it, not again. Names and
    telephones that more than ``most_shared`` enterprises have, and places that have more than so
    many neighbours, lead to no pair of themselves.
    """

    catalogue: ClassVar[str] = "C12"
    rule: ClassVar[str] = (
        "name, legal form, telephone, address and place (within {metres:g} m) of two enterprises "
        "score {threshold:g} points or more"
    )
    roles_needed: ClassVar[tuple[str, ...]] = ("unit", "name")

    kind: Literal["duplicate_firms"]
    threshold: float = 60.0
    metres: float = 200.0
    most_shared: int = 20
    severity: Severity = "warning"
    message: str = "probably the same enterprise as another"
    suggestion: str = "find out whether they are one, and write same or different into decisions.csv"

    def __post_init__(self) -> None:
        # Below, pairs would be found that share neither a name nor a telephone.
        refuse_numbers(self, {"threshold": (45, 135), "metres": NOT_NEGATIVE, "most_shared": (2, 1000)})

    @property
    def columns_read(self) -> tuple[str, ...]:
        """Columns of its table that the check reads."""
        return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignmentFrozen(LinkedCheck):
    """Arm and stratum of every row, and ``columns``, are those of the assignment table ``other``.

    Roles ``arm`` and ``stratum`` are compared where both tables have them. ``other_columns`` are the
    names that ``columns`` have in the assignment; empty where they have the same.
    """

    catalogue: ClassVar[str] = "C13"
    rule: ClassVar[str] = (
        "arm, stratum or another column differs from {other}, or the enterprise is not in it with one arm"
    )
    roles_needed: ClassVar[tuple[str, ...]] = ("unit",)

    kind: Literal["assignment_frozen"]
    other: str
    columns: tuple[str, ...] = ()
    other_columns: tuple[str, ...] = ()
    severity: Severity = "error"
    message: str = "not as assigned"
    suggestion: str = "the assignment is not corrected in survey data; find out which record is wrong"

    def __post_init__(self) -> None:
        refuse(self, _unequal(self.columns, self.other_columns))

    @property
    def columns_read(self) -> tuple[str, ...]:
        """Columns of its table that the check reads."""
        return self.columns

    @property
    def columns_elsewhere(self) -> tuple[tuple[str, str], ...]:
        """Columns of other tables that the check reads, as table and column."""
        return tuple((self.other, column) for column in self.other_columns or self.columns)

    @property
    def roles_elsewhere(self) -> tuple[tuple[str, str], ...]:
        """Roles that other tables need, as table and role."""
        return ((self.other, "unit"), (self.other, "arm"))


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterLink(LinkedCheck):
    """Training register and assignment agree on who was trained.

    The table is the register; ``other`` holds the assignment. ``treated`` lists the arms that were
    offered training, by name. A register row is attendance when the number in ``attended`` is
    positive or its text one of ``attended_values``; without ``attended``, always.
    """

    catalogue: ClassVar[str] = "C14"
    rule: ClassVar[str] = (
        "an enterprise of the register is not in {other}, one of {treated} never attended, or another did"
    )
    roles_needed: ClassVar[tuple[str, ...]] = ("unit",)

    kind: Literal["register_link"]
    other: str
    treated: tuple[str, ...]
    attended: str = ""
    attended_values: tuple[str, ...] = ()
    no_show: Severity = "info"
    contamination: Severity = "warning"
    severity: Severity = "error"
    message: str = "register and assignment do not agree"
    suggestion: str = "correct the enterprise's id in the register; nobody changes arm"

    def __post_init__(self) -> None:
        wrong = [] if self.treated else ["treated is empty; name the arms that were offered training"]
        if self.attended_values and not self.attended:
            wrong.append("attended_values without attended")
        refuse(self, wrong)

    @property
    def columns_read(self) -> tuple[str, ...]:
        """Columns of its table that the check reads."""
        return named(self.attended)

    @property
    def roles_elsewhere(self) -> tuple[tuple[str, str], ...]:
        """Roles that other tables need, as table and role."""
        return ((self.other, "unit"), (self.other, "arm"))


@dataclass(frozen=True, slots=True, kw_only=True)
class ExposureOrder(LinkedCheck):
    """Baseline interview, first training, start of treatment and follow-up come in this order.

    The table holds interviews, begun on ``roles.start``; rounds up to ``last_baseline`` are before
    treatment. ``training`` is the register with its dates
    ``trained_on`` and, where recorded, modules ``attended`` and ``offered`` and the number of
    ``participants``. ``start_used`` is the day on which estimates let treatment begin.
    """

    catalogue: ClassVar[str] = "C15"
    rule: ClassVar[str] = (
        "not: interview up to round {last_baseline} < first training <= start used < later interview; "
        "or more modules attended than offered, or more participants than employed"
    )
    roles_needed: ClassVar[tuple[str, ...]] = ("unit", "period", "start")

    kind: Literal["exposure_order"]
    last_baseline: int
    training: str
    trained_on: str
    start_used: str = ""
    attended: str = ""
    offered: str = ""
    participants: str = ""
    employment: str = ""
    severity: Severity = "error"
    message: str = "interviews and training are not in order"
    suggestion: str = "check both dates; estimates without the enterprise show how much it matters"

    def __post_init__(self) -> None:
        refuse(self, _alone(self, ("attended", "offered")) + _alone(self, ("participants", "employment")))

    @property
    def columns_read(self) -> tuple[str, ...]:
        """Columns of its table that the check reads."""
        return named(self.start_used, self.employment)

    @property
    def columns_elsewhere(self) -> tuple[tuple[str, str], ...]:
        """Columns of other tables that the check reads, as table and column."""
        columns = named(self.trained_on, self.attended, self.offered, self.participants)
        return tuple((self.training, column) for column in columns)

    @property
    def roles_elsewhere(self) -> tuple[tuple[str, str], ...]:
        """Roles that other tables need, as table and role."""
        return ((self.training, "unit"),)


def _unequal(columns: tuple[str, ...], other_columns: tuple[str, ...]) -> list[str]:
    """Names that do not match one to one."""
    if other_columns and len(columns) != len(other_columns):
        return [f"{len(columns)} columns but {len(other_columns)} other_columns"]
    return []


def _alone(check: LinkedCheck, names: tuple[str, str]) -> list[str]:
    """Options that mean nothing without each other."""
    given = [name for name in names if getattr(check, name)]
    return [f"{given[0]} needs {' and '.join(set(names) - set(given))}"] if len(given) == 1 else []


KINDS = (ForeignKey, Quota, DuplicateFirms, AssignmentFrozen, RegisterLink, ExposureOrder)
