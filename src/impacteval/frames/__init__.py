"""From a DataFrame to a panel or to cross-sections: what is doubtful is refused, nothing is guessed."""

from impacteval.frames.build import LeftOutWarning, panel_from, sections_from
from impacteval.frames.columns import COMPARISON, TREATED, Columns

__all__ = ["COMPARISON", "TREATED", "Columns", "LeftOutWarning", "panel_from", "sections_from"]
