"""What a study says about how its survey is judged, in one piece for the jobs that judge it."""

from __future__ import annotations

from dataclasses import dataclass, field

from impacteval.checks import AnyCheck
from impacteval.checks.grouping import Grouping
from impacteval.closed import Closed
from impacteval.codebook import Codebook
from impacteval.delivery import Fieldwork, FormFile, ParentLink, Roles
from impacteval.survey.decisions import Decision
from impacteval.survey.log_rules import LogRules
from impacteval.validation.survey import Survey


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules(Closed):
    """Codebook, roles, checks and dates of a study; ``arm_labels`` maps values of the arm column to names.

    ``protected`` names tables that no correction may touch: the assignment list and the frame.
    """

    codebook: Codebook
    roles: dict[str, Roles]
    checks: tuple[AnyCheck, ...]
    fieldwork: tuple[Fieldwork, ...] = ()
    forms: tuple[FormFile, ...] = ()
    exported_on: str = ""
    time_zone: str = ""
    unblinded_on: str = ""
    arm_labels: dict[str, str] = field(default_factory=dict)
    protected: tuple[str, ...] = ()
    links: dict[str, ParentLink] = field(default_factory=dict)
    grouping: Grouping = field(default_factory=Grouping)

    @property
    def log(self) -> LogRules:
        """What corrections have to keep to."""
        return LogRules(
            codebook=self.codebook,
            roles=self.roles,
            protected=self.protected,
            unblinded_on=self.unblinded_on,
            links=self.links,
        )

    def survey(self, decisions: tuple[Decision, ...]) -> Survey:
        """A survey without tables, to which ``with_text`` adds them."""
        return Survey(
            tables={},
            fieldwork=self.fieldwork,
            forms=self.forms,
            exported_on=self.exported_on,
            time_zone=self.time_zone,
            decisions=decisions,
            arm_labels=self.arm_labels,
        )
