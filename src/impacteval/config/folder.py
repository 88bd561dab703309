"""What a study's folder holds, as types."""

from __future__ import annotations

from dataclasses import dataclass, field

from impacteval.checks import AnyCheck, AssignmentFrozen, Weights
from impacteval.checks.grouping import Grouping
from impacteval.closed import Closed
from impacteval.codebook import Codebook
from impacteval.config.study_formulas import StudyFormulas
from impacteval.delivery import Roles
from impacteval.derivation import DerivedColumn, Parameter, Prior
from impacteval.design import ArmColumn, Outcome, Plan, Study, estimated
from impacteval.programme.types import Account, FrameworkRow, Programme
from impacteval.validation.rules import Rules
from impacteval.validation.told import Told


@dataclass(frozen=True, slots=True, kw_only=True)
class ChecksFile(Closed):
    """``checks.yaml``."""

    checks: tuple[AnyCheck, ...] = ()
    grouping: Grouping = field(default_factory=Grouping)


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyFolder:
    """What a study's folder says of its survey; enough to check the data before there is a plan.

    ``roles`` are those of each table, completed by what the plan says of the panel's.
    """

    name: str
    study: Study
    codebook: Codebook
    checks: tuple[AnyCheck, ...]
    roles: dict[str, Roles]
    grouping: Grouping = field(default_factory=Grouping)

    @property
    def arm_labels(self) -> dict[str, str]:
        """Values of the arm column and the arms that they stand for; none before there is a plan."""
        return {}

    @property
    def arm_columns(self) -> tuple[str, ...]:
        """Columns, as ``table.column``, that hold arms beside those that roles name."""
        return ()

    @property
    def arm_words(self) -> tuple[str, ...]:
        """Names and labels of arms, which no sheet for those who settle findings shows."""
        return ()

    @property
    def protected(self) -> tuple[str, ...]:
        """Tables and columns that no correction may change: assignment, frame, treatment."""
        frames = {
            other
            for check in self.checks
            for other in (getattr(check, "frame", ""), getattr(check, "other", ""))
            if isinstance(check, AssignmentFrozen | Weights) and other
        }
        return (*sorted(frames), *self.arm_columns)

    @property
    def told(self) -> Told:
        """What pages about the survey say of the study."""
        return Told(
            title=self.study.title,
            is_synthetic=self.study.synthetic,
            codebook=self.codebook,
            roles=self.roles,
            arm_columns=self.arm_columns,
            arm_words=self.arm_words,
        )

    @property
    def rules(self) -> Rules:
        """How the survey is judged."""
        study = self.study
        return Rules(
            codebook=self.codebook,
            roles=self.roles,
            checks=self.checks,
            fieldwork=study.fieldwork,
            forms=study.forms,
            exported_on=study.exported_on,
            time_zone=study.time_zone,
            unblinded_on=study.unblinded_on,
            arm_labels=self.arm_labels,
            protected=self.protected,
            links={table.name: table.parent for table in study.tables if table.parent},
            grouping=self.grouping,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyFolder(SurveyFolder):
    """All configuration of one study; what stands in files that a study may lack is empty without them."""

    plan: Plan
    outcomes: tuple[Outcome, ...]
    derived: tuple[DerivedColumn, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    priors: tuple[Prior, ...] = ()
    programme: tuple[Programme, ...] = ()
    framework: tuple[FrameworkRow, ...] = ()

    @property
    def account(self) -> Account:
        """All that the study says of its programme."""
        return Account(programme=self.programme, framework=self.framework, parameters=self.parameters)

    @property
    def arm_labels(self) -> dict[str, str]:
        """Values of the arm column and the arms that they stand for."""
        rule = self.plan.treatment
        if not isinstance(rule, ArmColumn):
            return {}
        return {str(arm.value): arm.name for arm in (rule.comparison, *rule.arms)}

    @property
    def arm_columns(self) -> tuple[str, ...]:
        """Columns, as ``table.column``, that hold arms beside those that roles name.

        Where treatment is derived these are the columns that its formulas read.
        """
        return self.derivations.columns_behind(self.plan.treatment.column)

    @property
    def derivations(self) -> StudyFormulas:
        """The formulas of the study and the names that they may use."""
        return StudyFormulas(
            plan=self.plan,
            outcomes=self.outcomes,
            derived=self.derived,
            parameters=self.parameters,
            codebook=self.codebook,
            roles=self.roles,
        )

    @property
    def arm_words(self) -> tuple[str, ...]:
        """Names and labels of arms, which no sheet for those who settle findings shows."""
        rule = self.plan.treatment
        return tuple(word for arm in (rule.comparison, *rule.arms) for word in (arm.name, arm.label))

    @property
    def families(self) -> tuple[str, ...]:
        """Families of outcomes that are estimated, in sorted order."""
        return tuple(sorted({o.family for o in estimated(self.outcomes)}))
