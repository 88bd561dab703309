"""All kinds of checks that ``checks.yaml`` may ask for."""

from __future__ import annotations

from typing import TypeAlias

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

AnyCheck: TypeAlias = (
    AddsUp
    | Balance
    | Components
    | Shares
    | AmbiguousNumbers
    | ChoicesInSet
    | FormConstraint
    | SkipBackward
    | SkipForward
    | UndeclaredCodes
    | BackCheck
    | EnumeratorEffect
    | Gate
    | Heaping
    | NearDuplicates
    | StraightLine
    | Duration
    | FormVersion
    | InterviewTime
    | Location
    | Overlap
    | Comparable
    | Weights
    | AssignmentFrozen
    | DuplicateFirms
    | ExposureOrder
    | ForeignKey
    | Quota
    | RegisterLink
    | ConsentGiven
    | Hours
    | PersonalData
    | Tenure
    | WorkerAge
    | ConstantWithinUnit
    | Disposition
    | Growth
    | SameIdentity
    | Attrition
    | Coverage
    | ImpliedWage
    | ItemNonResponse
    | MultivariateOutlier
    | OtherSpecify
    | Outlier
    | UnitSlip
    | WageAgreement
    | AtMost
    | InRange
    | InSet
    | Matches
    | MostlyPresent
    | NoOuterBlanks
    | NotMissing
    | OfType
    | Unique
)
