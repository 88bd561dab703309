"""Indicators as the codebook page shows them: what each is, how it is computed, who has a value."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from impacteval.design import Outcome
from impacteval.reporting.content import Facts, words
from impacteval.reporting.numbers import EMPTY, count, is_known, share
from impacteval.tables import records

TRANSFORMS = {
    "none": "",
    "log": "natural logarithm of it",
    "recorded": "1 where a value was recorded, else 0",
}
DIRECTIONS = {
    "higher": "higher is better",
    "lower": "lower is better",
    "neutral": "neither direction is better by itself",
}
ROLES = {"primary": "primary", "secondary": "secondary", "descriptive": "descriptive: not estimated"}


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorRow:
    """An outcome as the page shows it.

    ``about`` are labelled facts; ``coverage`` has a line a period: its label and the share of each arm
    with a value, with the enterprises behind it.
    """

    outcome: Outcome
    formula: str
    then: tuple[str, ...]
    about: tuple[tuple[str, str], ...]
    coverage: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicators:
    """All outcomes of a study by family, and the arms that coverage is given for."""

    arms: tuple[str, ...]
    families: tuple[tuple[str, tuple[IndicatorRow, ...]], ...]

    @property
    def has_coverage(self) -> bool:
        """Whether any outcome has a line of coverage."""
        return any(row.coverage for _, rows in self.families for row in rows)

    @property
    def has_indonesian(self) -> bool:
        """Whether any outcome has a label in Bahasa Indonesia."""
        return any(row.outcome.label_id for _, rows in self.families for row in rows)


def indicators_of(facts: Facts) -> Indicators:
    """Every outcome of the study, described or estimated, in the order of ``outcomes.csv``."""
    coverage = _coverage(facts)
    families = dict.fromkeys(o.family for o in facts.outcomes)
    return Indicators(
        arms=tuple(map(facts.arm_label, facts.arms)),
        families=tuple(
            (
                words(family),
                tuple(_row(facts, o, coverage) for o in facts.outcomes if o.family == family),
            )
            for family in families
        ),
    )


def _coverage(facts: Facts) -> dict[tuple[str, str, int], str]:
    return {
        (r.outcome, r.arm, int(r.period)): f"{share(r.share_with_value)} ({count(r.n_values)})"
        for r in records(facts.tables["coverage"])
        if is_known(r.share_with_value)
    }


def _row(facts: Facts, outcome: Outcome, coverage: dict[tuple[str, str, int], str]) -> IndicatorRow:
    panel = facts.plan.panel
    lines = (
        (panel.label_of(p), tuple(coverage.get((outcome.name, arm, p), EMPTY) for arm in facts.arms))
        for p in panel.periods
    )
    return IndicatorRow(
        outcome=outcome,
        formula=outcome.formula or " / ".join(filter(None, (outcome.column, outcome.divide_by))),
        then=tuple(_then(facts, outcome)),
        about=tuple((label, text) for label, text in _about(outcome) if text),
        coverage=tuple(line for line in lines if set(line[1]) != {EMPTY}),
    )


def _then(facts: Facts, outcome: Outcome) -> Iterator[str]:
    """What happens to the formula's value before it is an outcome."""
    if TRANSFORMS[outcome.transform]:
        yield TRANSFORMS[outcome.transform]
    if outcome.winsorise is not None:
        yield f"extreme values cut: {outcome.winsorise:g}% at each end within a period, over all arms"
    if outcome.periods:
        labels = ", ".join(facts.plan.panel.label_of(int(p)) for p in outcome.periods)
        yield f"asked in {labels}"
    if outcome.baseline_column:
        yield f"value before treatment from {outcome.baseline_column}"


def _about(outcome: Outcome) -> Iterator[tuple[str, str]]:
    yield "unit", outcome.unit
    yield "direction", DIRECTIONS[outcome.direction]
    yield "answers of", {"worker": "workers", "enterprise": "the enterprise"}.get(outcome.level, "")
    before = "" if outcome.transform == "none" else " before it is transformed"
    yield f"plausible{before}", _range(outcome.minimum, outcome.maximum)
    yield "role", ROLES[outcome.role]
    yield "SDG indicator", outcome.sdg


def _range(low: float | None, high: float | None) -> str:
    if low is None and high is None:
        return ""
    if high is None:
        return f"{low:,g} or more"
    return f"{high:,g} or less" if low is None else f"{low:,g} to {high:,g}"
