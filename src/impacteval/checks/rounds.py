"""Checks across the rounds of an enterprise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from impacteval.checks.base import Check, Severity, named
from impacteval.checks.links import LinkedCheck
from impacteval.checks.thresholds import NOT_NEGATIVE, SHARE, refuse, refuse_numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class ConstantWithinUnit(Check):
    """A column has one value in all rounds of a unit; numbers may differ by ``tolerance``.

    With ``leading`` only so many characters from the left are compared, as of a code of which the first
    two name the sector. A change is no failure in a row whose ``recorded`` column holds one of
    ``recorded_values``; later rows are compared with the new value.
    """

    catalogue: ClassVar[str] = "C45"
    rule: ClassVar[str] = (
        "{column} differs from the first value of the enterprise (numbers: by more than {tolerance:g}; "
        "leading characters compared, 0 for all: {leading}), and the change was not recorded"
    )
    roles_needed: ClassVar[tuple[str, ...]] = ("unit",)

    kind: Literal["constant_within_unit"]
    column: str
    tolerance: float = 0.0
    leading: int = 0
    recorded: str = ""
    recorded_values: tuple[str, ...] = ()
    severity: Severity = "warning"
    message: str = "what should stay the same has changed since the first round"
    suggestion: str = "ask which value is right; the first one is used for strata in every case"

    def __post_init__(self) -> None:
        refuse_numbers(self, {"tolerance": NOT_NEGATIVE, "leading": NOT_NEGATIVE})
        wrong = ["leading with a tolerance; leave one out"] if self.leading and self.tolerance else []
        if bool(self.recorded) != bool(self.recorded_values):
            wrong.append("give both recorded and recorded_values, or neither")
        refuse(self, wrong)

    @property
    def columns_read(self) -> tuple[str, ...]:
        """Columns of its table that the check reads."""
        return named(self.column, self.recorded)


@dataclass(frozen=True, slots=True, kw_only=True)
class SameIdentity(Check):
    """Rows with one unit id are about one enterprise.

    Of name, telephone, place and owner, each compared with the last one known from an earlier round,
    ``needed`` agree. ``owner`` is a column that tells owners apart, say a digest of a name.
    """

    catalogue: ClassVar[str] = "C44"
    rule: ClassVar[str] = (
        "fewer than {needed} agree with earlier rounds: core name (similarity {similarity:g} or more), "
        "telephone, place (within {metres:g} m), owner"
    )
    roles_needed: ClassVar[tuple[str, ...]] = ("unit", "period")

    kind: Literal["same_identity"]
    owner: str = ""
    needed: int = 2
    similarity: float = 0.85
    metres: float = 500.0
    severity: Severity = "error"
    message: str = "not the enterprise of the earlier round"
    suggestion: str = "ask the enterprise; correct the unit id of the interview that belongs to another"

    def __post_init__(self) -> None:
        refuse_numbers(self, {"needed": (1, 4), "similarity": SHARE, "metres": NOT_NEGATIVE})

    @property
    def columns_read(self) -> tuple[str, ...]:
        """Columns of its table that the check reads."""
        return named(self.owner)


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth(Check):
    """Sales and employment change no faster from one round to the next than enterprises change.

    Values that are zero or negative have no logarithm and are not compared.
    """

    catalogue: ClassVar[str] = "C46"
    rule: ClassVar[str] = (
        "log sales change by more than {most_log_sales:g}, log employment by more than "
        "{most_log_employment:g}, or sales more than double while employment halves"
    )
    roles_needed: ClassVar[tuple[str, ...]] = ("unit", "period")

    kind: Literal["growth"]
    sales: str = ""
    employment: str = ""
    most_log_sales: float = 1.5
    most_log_employment: float = 1.0
    severity: Severity = "warning"
    message: str = "changed more since the round before than enterprises do"
    suggestion: str = "ask the enterprise; correct the value, or keep it and say why"

    def __post_init__(self) -> None:
        refuse(self, [] if self.columns_read else ["neither sales nor employment; name at least one column"])
        refuse_numbers(self, {"most_log_sales": NOT_NEGATIVE, "most_log_employment": NOT_NEGATIVE})

    @property
    def columns_read(self) -> tuple[str, ...]:
        """Columns of its table that the check reads."""
        return named(self.sales, self.employment)


@dataclass(frozen=True, slots=True, kw_only=True)
class Disposition(LinkedCheck):
    """Every sampled enterprise has one final code in every round.

    The table holds who was sampled: each row a unit and round where it has ``roles.period``, else
    units, expected in ``periods`` (empty: those of ``contacts``). ``contacts`` holds the codes, in
    ``roles.status``: ``final`` ones, and ``interim`` ones of visits after which another followed.
    Where a code is in ``closed``, the columns ``outcomes`` of table ``interviews`` (empty:
    ``contacts``) are all zero or all missing, as ``closed_outcomes`` says.
    """

    catalogue: ClassVar[str] = "C47"
    rule: ClassVar[str] = (
        "an enterprise has no final code in a round of {contacts}, or two, or an unknown one; "
        "or the outcomes of a closed one are not {closed_outcomes}"
    )
    roles_needed: ClassVar[tuple[str, ...]] = ("unit",)

    kind: Literal["disposition"]
    contacts: str
    final: tuple[str, ...]
    interim: tuple[str, ...] = ()
    periods: tuple[int, ...] = ()
    closed: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ()
    closed_outcomes: Literal["zero", "missing"] = "missing"
    interviews: str = ""
    severity: Severity = "error"
    message: str = "the final outcome of the visits is not clear"
    suggestion: str = "enter one final code for the enterprise and round; absence is no code"

    def __post_init__(self) -> None:
        wrong = [] if self.final else ["final is empty; list the codes that end the visits of a round"]
        wrong += [f"{code!r} is final and interim" for code in self.final if code in self.interim]
        wrong += [f"{code!r} of closed is not in final" for code in self.closed if code not in self.final]
        if self.outcomes and not self.closed:
            wrong.append("outcomes without closed; name the codes of closed enterprises")
        refuse(self, wrong)

    @property
    def columns_read(self) -> tuple[str, ...]:
        """Columns of its table that the check reads."""
        return ()

    @property
    def outcome_table(self) -> str:
        """Where the outcomes of closed enterprises stand."""
        return self.interviews or self.contacts

    @property
    def columns_elsewhere(self) -> tuple[tuple[str, str], ...]:
        """Columns of other tables that the check reads, as table and column."""
        return tuple((self.outcome_table, column) for column in self.outcomes)

    @property
    def roles_elsewhere(self) -> tuple[tuple[str, str], ...]:
        """Roles that other tables need, as table and role."""
        visits = ((self.contacts, "unit"), (self.contacts, "period"), (self.contacts, "status"))
        return (*visits, (self.outcome_table, "unit"), (self.outcome_table, "period"))


KINDS = (ConstantWithinUnit, SameIdentity, Growth, Disposition)
