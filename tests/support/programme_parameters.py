"""The parameters of the synthetic study, and studies drawn from them."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import yaml

from impacteval.simulation.programme_study.parameters import Generator
from impacteval.simulation.programme_study.reading import read_generator
from impacteval.simulation.programme_study.report import PotentialName, Reported, report, true_answers
from impacteval.simulation.programme_study.truth import Truth, draw_truth

FILE = Path(__file__).resolve().parents[2] / "config" / "score_indonesia" / "generator.yaml"


@cache
def parameters() -> Generator:
    """All parameters of the study."""
    return read_generator(FILE)


@cache
def drawn(scenario: str = "central", seed: int = 1, scale: int = 1) -> Truth:
    """A study, drawn once."""
    return draw_truth(parameters(), scenario, seed, scale)


@cache
def reported(scenario: str = "central", potential: PotentialName = "observed", scale: int = 1) -> Reported:
    """What the study reports."""
    return report(drawn(scenario, scale=scale), potential)


@cache
def true_of(potential: PotentialName, scenario: str = "central", scale: int = 1) -> Reported:
    """Complete answers without errors."""
    return true_answers(drawn(scenario, scale=scale), potential)


def changed_file(folder: Path, *changes: tuple[tuple[str, ...], object]) -> Path:
    """Write the parameters with changes: keys to a value, or None to take the key away."""
    content = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    for keys, value in changes:
        place = content
        for key in keys[:-1]:
            place = place[key]
        if value is None:
            del place[keys[-1]]
        else:
            place[keys[-1]] = value
    path = folder / "generator.yaml"
    path.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    return path
