"""What the pages about a survey say of the study beside its findings."""

from __future__ import annotations

from dataclasses import dataclass, field

from impacteval.closed import Closed
from impacteval.codebook import Codebook
from impacteval.delivery import Roles


@dataclass(frozen=True, slots=True, kw_only=True)
class Told(Closed):
    """Title, columns and arms of a study.

    ``arm_columns``, as ``table.column``, and ``arm_words`` are what no sheet for those who settle
    findings may show.
    """

    title: str
    is_synthetic: bool
    codebook: Codebook
    roles: dict[str, Roles] = field(default_factory=dict)
    arm_columns: tuple[str, ...] = ()
    arm_words: tuple[str, ...] = ()
