"""What corrections have to keep to."""

from __future__ import annotations

from dataclasses import dataclass, field

from impacteval.closed import Closed
from impacteval.codebook import Codebook
from impacteval.delivery import ParentLink, Roles


@dataclass(frozen=True, slots=True, kw_only=True)
class LogRules(Closed):
    """What corrections have to keep to.

    ``protected`` names tables, or ``table.column``, that no correction may change; decisions after
    ``unblinded_on`` (YYYY-MM-DD, empty: never) are not blind. ``links`` are those of repeat tables.
    """

    codebook: Codebook
    roles: dict[str, Roles]
    protected: tuple[str, ...] = ()
    unblinded_on: str = ""
    links: dict[str, ParentLink] = field(default_factory=dict)
