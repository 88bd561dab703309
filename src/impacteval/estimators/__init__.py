"""Difference-in-differences estimators for use without a workflow.

Make a panel with ``panel_from`` (``sections_from`` for repeated cross-sections), choose a design,
call the estimator; ``averages`` sums group-time effects up, ``impacteval.inference`` gives errors and
bands. An estimator takes a panel and a design, and ``synthetic`` a random generator beside them; it
returns ``Effects``: estimates, and each unit's influence on each of them. ``att_group_time_of`` returns
a tuple, one ``Effects`` an outcome; ``averages`` one a kind of average; ``by_subgroup`` those of each
subgroup, then those of the differences.
"""

from impacteval.designs import (
    Ancova,
    CallawaySantAnna,
    Dose,
    EventStudy,
    ExtendedTwoWay,
    Imputation,
    Stacked,
    SunAbraham,
    Synthetic,
    TripleDifference,
    TwoByTwo,
    TwoStage,
    TwoWayFixedEffects,
)
from impacteval.estimators.aggregate import averages
from impacteval.estimators.ancova import ancova
from impacteval.estimators.dose import dose_effects
from impacteval.estimators.etwfe import extended_two_way
from impacteval.estimators.fixed_effects import event_study, two_way_fixed_effects
from impacteval.estimators.group_time import att_group_time, att_group_time_of
from impacteval.estimators.imputation import imputation
from impacteval.estimators.sections_group_time import att_group_time_sections
from impacteval.estimators.stacked import stacked
from impacteval.estimators.subgroups import by_subgroup
from impacteval.estimators.sun_abraham import sun_abraham
from impacteval.estimators.synthetic import synthetic
from impacteval.estimators.triple_difference import triple_difference
from impacteval.estimators.two_stage import two_stage
from impacteval.frames import Columns, panel_from, sections_from
from impacteval.panel import NEVER_TREATED, Panel
from impacteval.sections import Sections

__all__ = [
    "NEVER_TREATED",
    "Ancova",
    "CallawaySantAnna",
    "Columns",
    "Dose",
    "EventStudy",
    "ExtendedTwoWay",
    "Imputation",
    "Panel",
    "Sections",
    "Stacked",
    "SunAbraham",
    "Synthetic",
    "TripleDifference",
    "TwoByTwo",
    "TwoStage",
    "TwoWayFixedEffects",
    "ancova",
    "att_group_time",
    "att_group_time_of",
    "att_group_time_sections",
    "averages",
    "by_subgroup",
    "dose_effects",
    "event_study",
    "extended_two_way",
    "imputation",
    "panel_from",
    "sections_from",
    "stacked",
    "sun_abraham",
    "synthetic",
    "triple_difference",
    "two_stage",
    "two_way_fixed_effects",
]
