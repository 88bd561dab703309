"""The checks that a study may ask for, and those that its codebook and forms imply."""

from impacteval.checks.amounts import (
    AddsUp,
    Balance,
    Components,
    Shares,
)
from impacteval.checks.answers import (
    AmbiguousNumbers,
    ChoicesInSet,
    FormConstraint,
    SkipBackward,
    SkipForward,
    UndeclaredCodes,
)
from impacteval.checks.any_check import AnyCheck
from impacteval.checks.base import Check, Severity
from impacteval.checks.enumerators import (
    BackCheck,
    EnumeratorEffect,
    Gate,
    Heaping,
    NearDuplicates,
    StraightLine,
)
from impacteval.checks.fieldwork import (
    Duration,
    FormVersion,
    InterviewTime,
    Location,
    Overlap,
)
from impacteval.checks.frame import (
    Comparable,
    Weights,
)
from impacteval.checks.implied import checks_of_codebook, typed_choice
from impacteval.checks.links import (
    AssignmentFrozen,
    DuplicateFirms,
    ExposureOrder,
    ForeignKey,
    Quota,
    RegisterLink,
)
from impacteval.checks.respondents import (
    ConsentGiven,
    Hours,
    PersonalData,
    Tenure,
    WorkerAge,
)
from impacteval.checks.response import Attrition, Coverage, ItemNonResponse, OtherSpecify
from impacteval.checks.rounds import (
    ConstantWithinUnit,
    Disposition,
    Growth,
    SameIdentity,
)
from impacteval.checks.statistics import ImpliedWage, MultivariateOutlier, Outlier, UnitSlip, WageAgreement
from impacteval.checks.values import (
    AtMost,
    InRange,
    InSet,
    Matches,
    MostlyPresent,
    NoOuterBlanks,
    NotMissing,
    OfType,
    Unique,
)

__all__ = [
    "AddsUp",
    "AmbiguousNumbers",
    "AnyCheck",
    "AssignmentFrozen",
    "AtMost",
    "Attrition",
    "BackCheck",
    "Balance",
    "Check",
    "ChoicesInSet",
    "Comparable",
    "Components",
    "ConsentGiven",
    "ConstantWithinUnit",
    "Coverage",
    "Disposition",
    "DuplicateFirms",
    "Duration",
    "EnumeratorEffect",
    "ExposureOrder",
    "ForeignKey",
    "FormConstraint",
    "FormVersion",
    "Gate",
    "Growth",
    "Heaping",
    "Hours",
    "ImpliedWage",
    "InRange",
    "InSet",
    "InterviewTime",
    "ItemNonResponse",
    "Location",
    "Matches",
    "MostlyPresent",
    "MultivariateOutlier",
    "NearDuplicates",
    "NoOuterBlanks",
    "NotMissing",
    "OfType",
    "OtherSpecify",
    "Outlier",
    "Overlap",
    "PersonalData",
    "Quota",
    "RegisterLink",
    "SameIdentity",
    "Severity",
    "Shares",
    "SkipBackward",
    "SkipForward",
    "StraightLine",
    "Tenure",
    "UndeclaredCodes",
    "Unique",
    "UnitSlip",
    "WageAgreement",
    "Weights",
    "WorkerAge",
    "checks_of_codebook",
    "typed_choice",
]
