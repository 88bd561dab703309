"""All kinds of checks that ``checks.yaml`` may ask for: a new kind is imported and joined to the union here.

Each is imported under its own name, which also makes it a name of ``impacteval.checks``.
"""

# ruff: noqa: PLC0414

from __future__ import annotations

from typing import TypeAlias

from impacteval.checks.amounts import AddsUp as AddsUp
from impacteval.checks.amounts import Balance as Balance
from impacteval.checks.amounts import Components as Components
from impacteval.checks.amounts import CopiedAmounts as CopiedAmounts
from impacteval.checks.amounts import Shares as Shares
from impacteval.checks.answers import AmbiguousNumbers as AmbiguousNumbers
from impacteval.checks.answers import ChoicesInSet as ChoicesInSet
from impacteval.checks.answers import FormConstraint as FormConstraint
from impacteval.checks.answers import SkipBackward as SkipBackward
from impacteval.checks.answers import SkipForward as SkipForward
from impacteval.checks.answers import UndeclaredCodes as UndeclaredCodes
from impacteval.checks.enumerators import BackCheck as BackCheck
from impacteval.checks.enumerators import EnumeratorEffect as EnumeratorEffect
from impacteval.checks.enumerators import Gate as Gate
from impacteval.checks.enumerators import Heaping as Heaping
from impacteval.checks.enumerators import NearDuplicates as NearDuplicates
from impacteval.checks.enumerators import StraightLine as StraightLine
from impacteval.checks.fieldwork import Duration as Duration
from impacteval.checks.fieldwork import FormVersion as FormVersion
from impacteval.checks.fieldwork import InterviewTime as InterviewTime
from impacteval.checks.fieldwork import Location as Location
from impacteval.checks.fieldwork import Overlap as Overlap
from impacteval.checks.fieldwork import SubmissionTime as SubmissionTime
from impacteval.checks.frame import Comparable as Comparable
from impacteval.checks.frame import Weights as Weights
from impacteval.checks.links import AssignmentFrozen as AssignmentFrozen
from impacteval.checks.links import DuplicateFirms as DuplicateFirms
from impacteval.checks.links import ExposureOrder as ExposureOrder
from impacteval.checks.links import ForeignKey as ForeignKey
from impacteval.checks.links import Quota as Quota
from impacteval.checks.links import RegisterLink as RegisterLink
from impacteval.checks.respondents import ConsentGiven as ConsentGiven
from impacteval.checks.respondents import Hours as Hours
from impacteval.checks.respondents import PersonalData as PersonalData
from impacteval.checks.respondents import Tenure as Tenure
from impacteval.checks.respondents import WorkerAge as WorkerAge
from impacteval.checks.response import Attrition as Attrition
from impacteval.checks.response import Coverage as Coverage
from impacteval.checks.response import ItemNonResponse as ItemNonResponse
from impacteval.checks.response import OtherSpecify as OtherSpecify
from impacteval.checks.rounds import ConstantWithinUnit as ConstantWithinUnit
from impacteval.checks.rounds import Disposition as Disposition
from impacteval.checks.rounds import Growth as Growth
from impacteval.checks.rounds import SameIdentity as SameIdentity
from impacteval.checks.statistics import ImpliedWage as ImpliedWage
from impacteval.checks.statistics import MultivariateOutlier as MultivariateOutlier
from impacteval.checks.statistics import Outlier as Outlier
from impacteval.checks.statistics import UnitSlip as UnitSlip
from impacteval.checks.statistics import WageAgreement as WageAgreement
from impacteval.checks.values import AtMost as AtMost
from impacteval.checks.values import InRange as InRange
from impacteval.checks.values import InSet as InSet
from impacteval.checks.values import Matches as Matches
from impacteval.checks.values import MostlyPresent as MostlyPresent
from impacteval.checks.values import NoOuterBlanks as NoOuterBlanks
from impacteval.checks.values import NotMissing as NotMissing
from impacteval.checks.values import OfType as OfType
from impacteval.checks.values import Unique as Unique

AnyCheck: TypeAlias = (
    AddsUp
    | Balance
    | Components
    | CopiedAmounts
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
    | SubmissionTime
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
