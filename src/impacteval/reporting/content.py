"""What a report is made of: sections of paragraphs, tables and figures, all of them text."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

import pandas as pd

from impacteval.codebook import Codebook
from impacteval.derivation import DerivedColumn
from impacteval.design import Outcome, Plan, Study, estimated
from impacteval.designs import Design
from impacteval.programme.types import Account
from impacteval.reporting.numbers import percent

# Up to so many estimated outcomes have a section each; of more, the primary ones have.
MOST_TOLD_IN_FULL = 8
LOG_UNIT = "log points"
PERCENT_UNIT = "percent"
POINTS_UNIT = "percentage points"
SHARE_UNIT = "share"
SAMPLE_LABELS = {
    "all": "all enterprises",
    "balanced": "observed in all periods",
    "unwinsorised": "all enterprises, extreme values not cut",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A printed cell; ``source`` is the id of the estimate it shows, where it shows one."""

    text: str
    is_number: bool = False
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table with a caption, a header row and notes; the first cell of a row is its header."""

    name: str
    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""
    is_folded: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A drawn figure: its file, what it shows in words, and the table behind it."""

    name: str
    caption: str
    alt: str
    data: Table
    svg: bytes = b""


# A paragraph, a list, a table or a figure.
Part: TypeAlias = str | tuple[str, ...] | Table | Figure
Parts: TypeAlias = tuple[Part, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A section of the report."""

    name: str
    title: str
    parts: Parts


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """All that a report may use: configuration and finished tables, and nothing that computes."""

    study_name: str
    study: Study
    plan: Plan
    outcomes: tuple[Outcome, ...]
    codebook: Codebook
    tables: dict[str, pd.DataFrame]
    flow: pd.DataFrame
    findings: pd.DataFrame
    checks: pd.DataFrame
    read: pd.DataFrame
    corrections: pd.DataFrame
    account: Account = field(default_factory=Account)
    derived: tuple[DerivedColumn, ...] = ()

    @property
    def estimated(self) -> tuple[Outcome, ...]:
        """Outcomes whose effects are estimated."""
        return estimated(self.outcomes)

    @property
    def told(self) -> tuple[Outcome, ...]:
        """Outcomes that are told in full: all estimated ones if they are few, else the primary ones."""
        if len(self.estimated) <= MOST_TOLD_IN_FULL:
            return self.estimated
        return tuple(o for o in self.estimated if o.role == "primary")

    @property
    def tabled(self) -> tuple[Outcome, ...]:
        """Estimated outcomes that are told in tables only."""
        return tuple(o for o in self.estimated if o not in self.told)

    @property
    def families(self) -> dict[str, tuple[Outcome, ...]]:
        """Families with outcomes that have no section of their own, each with all its outcomes."""
        told = set(self.told)
        names = dict.fromkeys(o.family for o in self.outcomes if o not in told)
        return {name: tuple(o for o in self.outcomes if o.family == name) for name in names}

    def of_told(self, table: pd.DataFrame) -> pd.DataFrame:
        """Rows of a table about outcomes that are told in full."""
        return table[table["outcome"].isin([o.name for o in self.told])]

    def of_tabled(self, table: pd.DataFrame) -> pd.DataFrame:
        """Rows of a table about estimated outcomes that are told in tables only."""
        return table[table["outcome"].isin([o.name for o in self.tabled])]

    @property
    def arms(self) -> tuple[str, ...]:
        """Names of all arms, the comparison first."""
        rule = self.plan.treatment
        return (rule.comparison.name, *(a.name for a in rule.arms))

    def arm_label(self, arm: str) -> str:
        """Label of an arm as the plan gives it."""
        rule = self.plan.treatment
        return next((a.label for a in (*rule.arms, rule.comparison) if a.name == arm), arm)

    def variable_label(self, variable: str) -> str:
        """Label of an outcome, else of a column that the panel table has or that was derived for it."""
        table = self.plan.panel.table
        labels = {v.column: v.label for v in self.codebook.of_table(table)}
        labels |= {d.name: d.label for d in self.derived if d.table == table}
        labels |= {o.name: o.label for o in self.outcomes}
        return labels[variable] or words(variable)

    def choice_label(self, table: str, column: str, value: str) -> str:
        """Label of a value of a column as its codebook has it, else the value as words."""
        for v in self.codebook.of_table(table):
            if v.column == column and len(v.choice_labels) == len(v.allowed):
                return dict(zip(v.allowed, v.choice_labels, strict=True)).get(value) or words(value)
        return words(value)

    def design(self, name: str) -> Design:
        """The design of a name."""
        return next(d for d in self.plan.designs if d.name == name)

    def by_first_convention(self, estimates: pd.DataFrame) -> pd.DataFrame:
        """Rows of estimates with the first error convention of their design, as headlines have it."""
        first = {d.name: d.vcov[0] for d in self.plan.designs}
        asked = estimates["estimate_id"].map(lambda i: first[i.split(".")[1]])
        return estimates[estimates["vcov"].map(lambda v: v.partition("(")[0]) == asked]

    def subgroup_label(self, subgroup: str) -> str:
        """Labels of a group, or of the two groups of a difference; empty for everyone."""
        labels = {f"{s.name}={g.name}": g.label for s in self.plan.subgroups for g in s.groups}
        return " minus ".join(labels.get(part, part) for part in subgroup.split(" - "))

    def outcome(self, name: str) -> Outcome:
        """The outcome of a name."""
        return next(o for o in self.outcomes if o.name == name)

    @property
    def level_text(self) -> str:
        """The plan's confidence level as percent."""
        return percent(self.plan.level)

    @property
    def headlines(self) -> pd.DataFrame:
        """The headline estimate of each outcome and arm, primary outcomes first."""
        table = self.tables["estimates"]
        headline = table[table["role"] != "supporting"]
        order = {o.name: i for i, o in enumerate(sorted(self.outcomes, key=lambda o: o.role != "primary"))}
        return headline.assign(_order=headline["outcome"].map(order)).sort_values(
            ["_order", "arm"], kind="stable"
        )


def words(name: str) -> str:
    """A name of configuration or data as words."""
    text = name.replace("_", " ").strip()
    return text[:1].upper() + text[1:]


def effect_unit(outcome: Outcome) -> str:
    """Unit of a difference: that of a percentage is percentage points."""
    return POINTS_UNIT if outcome.unit.startswith(PERCENT_UNIT) else outcome.unit


def unit_of_level(outcome: Outcome) -> str:
    """Unit of an outcome's level; a difference of logarithms is in log points, a level is not."""
    if outcome.unit == LOG_UNIT:
        return "logarithm"
    return PERCENT_UNIT if outcome.unit.startswith(POINTS_UNIT) else outcome.unit


def text_cell(text: object) -> Cell:
    """A cell of words."""
    return Cell(text=str(text))


def number_cell(text: str, source: str = "") -> Cell:
    """A cell of a printed number."""
    return Cell(text=text, is_number=True, source=source)
