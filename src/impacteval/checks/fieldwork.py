"""Checks of when, where and with which form interviews were held."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from impacteval.checks.base import Check, Severity, named
from impacteval.checks.thresholds import NOT_NEGATIVE, SHARE, refuse, refuse_numbers
from impacteval.closed import Closed


@dataclass(frozen=True, slots=True, kw_only=True)
class InterviewTime(Check):
    """Interviews end after they start, within the fieldwork of their round and before the export.

    Windows are ``fieldwork`` in ``study.yaml``. With ``finds_nights`` an interview that starts at
    ``night_from`` o'clock or later, or before ``night_until`` o'clock, is a warning.
    """

    catalogue: ClassVar[str] = "C30"
    rule: ClassVar[str] = (
        "an interview does not end after its start, or its day is outside the fieldwork of its round "
        "or after the export"
    )
    roles_needed: ClassVar[tuple[str, ...]] = ("start",)

    kind: Literal["interview_time"]
    severity: Severity = "error"
    message: str = "the interview cannot have been held at this time"
    suggestion: str = "check the clock of the device and correct the time, or the declared fieldwork"
    finds_nights: bool = False
    night_from: int = 22
    night_until: int = 5

    def __post_init__(self) -> None:
        refuse_numbers(self, {"night_from": (0, 24), "night_until": (0, 24)})

    @property
    def columns_read(self) -> tuple[str, ...]:
        """Columns of its table that the check reads beyond those of its roles."""
        return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmissionTime(Check):
    """Interviews are sent after they end, or where no end is known after they start.

    Where more than ``most_share`` of them were sent before, the two clocks differ, say by their time
    zones: that is one thing to settle, not one a row.
    """

    catalogue: ClassVar[str] = "C30"
    rule: ClassVar[str] = (
        "an interview was sent more than {slack_minutes:g} minutes before its end, or before its start where "
        "no end is known; or more than {most_share:.0%} of all were"
    )
    roles_needed: ClassVar[tuple[str, ...]] = ("start", "submitted")

    kind: Literal["submission_time"]
    severity: Severity = "warning"
    message: str = "the interview was sent before it was over"
    suggestion: str = "compare the clock of the device with that of the server, and ask the enumerator"
    slack_minutes: float = 0.0
    most_share: float = 0.5

    def __post_init__(self) -> None:
        refuse_numbers(self, {"slack_minutes": NOT_NEGATIVE, "most_share": SHARE})

    @property
    def columns_read(self) -> tuple[str, ...]:
        """Columns of its table that the check reads beyond those of its roles."""
        return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Duration(Check):
    """Interviews take about as long as others with the same form.

    ``minutes`` names a column of durations where the table has no start and end; ``floor_minutes``
    is the time below which the study does not believe an interview.
    """

    catalogue: ClassVar[str] = "C31"
    rule: ClassVar[str] = (
        "an interview took less than {share:.0%} of the median of its form version in its round, or more "
        "than {longest_minutes:g} minutes, or is among the shortest {percentile:.0%} of these and under "
        "floor_minutes ({floor_minutes})"
    )

    kind: Literal["duration"]
    severity: Severity = "warning"
    message: str = "the interview took too short or too long a time"
    suggestion: str = "back-check the interview, and ask the enumerator"
    minutes: str = ""
    share: float = 0.5
    percentile: float = 0.05
    floor_minutes: float | None = None
    longest_minutes: float = 360.0

    def __post_init__(self) -> None:
        minutes = dict.fromkeys(("floor_minutes", "longest_minutes"), NOT_NEGATIVE)
        refuse_numbers(self, {"share": SHARE, "percentile": SHARE, **minutes})

    @property
    def roles_needed(self) -> tuple[str, ...]:
        """Roles that the table must have: none where a column of durations is named."""
        return () if self.minutes else ("start", "end")

    @property
    def columns_read(self) -> tuple[str, ...]:
        """Columns of its table that the check reads beyond those of its roles."""
        return named(self.minutes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlap(Check):
    """An enumerator, or a device, is in one interview at a time and travels no faster than a car.

    Speed is judged where the table has coordinates; interviews closer than ``nearby_km`` to each
    other may follow at once, since coordinates are that imprecise.
    """

    catalogue: ClassVar[str] = "C32"
    rule: ClassVar[str] = (
        "two interviews of the same {by} overlap, or follow each other at a place that is only reached "
        "faster than {speed_kmh:g} km/h"
    )

    kind: Literal["overlap"]
    severity: Severity = "warning"
    message: str = "two interviews at once, or too far apart for the time between them"
    suggestion: str = "back-check both interviews"
    by: Literal["enumerator", "device"] = "enumerator"
    speed_kmh: float = 80.0
    nearby_km: float = 0.2

    def __post_init__(self) -> None:
        refuse_numbers(self, {"speed_kmh": NOT_NEGATIVE, "nearby_km": NOT_NEGATIVE})

    @property
    def roles_needed(self) -> tuple[str, ...]:
        """Roles that the table must have."""
        return ("start", "end", self.by)

    @property
    def columns_read(self) -> tuple[str, ...]:
        """Columns of its table that the check reads beyond those of its roles."""
        return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DistrictBox(Closed):
    """The degrees between which a district lies, edges included."""

    district: str
    south: float
    north: float
    west: float
    east: float

    def __post_init__(self) -> None:
        edges = (("south", "north"), ("west", "east"))
        wrong = [f"{low} is above {high}" for low, high in edges if getattr(self, low) > getattr(self, high)]
        refuse(self, [f"{self.district}: {problem}" for problem in wrong])


@dataclass(frozen=True, slots=True, kw_only=True)
class Location(Check):
    """Interviews are held at the enterprise: near its registered address, in its district, alone.

    Addresses are columns of degrees; boxes are given for districts as the role ``district`` names
    them. What is not given is not judged.
    """

    catalogue: ClassVar[str] = "C33"
    rule: ClassVar[str] = (
        "an interview was held more than {metres:g} m from the registered address, outside the box of its "
        "district, or where another enterprise was interviewed (the same {decimals} decimals)"
    )

    kind: Literal["location"]
    severity: Severity = "warning"
    message: str = "the interview was not held at the enterprise"
    suggestion: str = "back-check the interview at the address"
    registered_latitude: str = ""
    registered_longitude: str = ""
    metres: float = 1000.0
    boxes: tuple[DistrictBox, ...] = ()
    decimals: int = 5

    def __post_init__(self) -> None:
        refuse_numbers(self, {"metres": NOT_NEGATIVE, "decimals": (0, 10)})
        if bool(self.registered_latitude) != bool(self.registered_longitude):
            refuse(self, ["give both registered_latitude and registered_longitude, or neither"])

    @property
    def roles_needed(self) -> tuple[str, ...]:
        """Roles that the table must have."""
        return ("unit", "latitude", "longitude", *(("district",) if self.boxes else ()))

    @property
    def columns_read(self) -> tuple[str, ...]:
        """Columns of its table that the check reads beyond those of its roles."""
        return named(self.registered_latitude, self.registered_longitude)


@dataclass(frozen=True, slots=True, kw_only=True)
class FormVersion(Check):
    """Interviews use the newest version of the form; ``forms`` in ``study.yaml`` lists them.

    A version may be used for ``grace_days`` after the next one was deployed. ``changed`` names
    columns whose question meant another thing in another version.
    """

    catalogue: ClassVar[str] = "C34"
    rule: ClassVar[str] = (
        "a form version is unknown, or not the newest deployed on the day of the interview (old ones may "
        "be used {grace_days} days longer), or a question of changed meaning was asked in two versions"
    )
    roles_needed: ClassVar[tuple[str, ...]] = ("form_version", "start")

    kind: Literal["form_version"]
    severity: Severity = "warning"
    message: str = "the interview did not use the newest form"
    suggestion: str = "update the form on the device; map answers to questions that changed"
    grace_days: int = 0
    changed: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        refuse_numbers(self, {"grace_days": NOT_NEGATIVE})

    @property
    def columns_read(self) -> tuple[str, ...]:
        """Columns of its table that the check reads beyond those of its roles."""
        return self.changed


KINDS = (InterviewTime, SubmissionTime, Duration, Overlap, Location, FormVersion)
