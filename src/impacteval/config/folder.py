"""What a study's folder holds, as types."""

from __future__ import annotations

from dataclasses import dataclass

from impacteval.checks import AnyCheck
from impacteval.closed import Closed
from impacteval.codebook import Codebook
from impacteval.design import Outcome, Plan, Study


@dataclass(frozen=True, slots=True, kw_only=True)
class ChecksFile(Closed):
    """``checks.yaml``."""

    checks: tuple[AnyCheck, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyFolder:
    """All configuration of one study."""

    name: str
    study: Study
    plan: Plan
    outcomes: tuple[Outcome, ...]
    codebook: Codebook
    checks: tuple[AnyCheck, ...]

    @property
    def families(self) -> tuple[str, ...]:
        """Outcome families, in sorted order."""
        return tuple(sorted({o.family for o in self.outcomes}))
