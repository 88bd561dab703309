"""Drawing a synthetic study, with the truth kept beside what was delivered."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from impacteval.config.survey_rules import NAME_PATTERN, name_rule
from impacteval.errors import ConfigError
from impacteval.simulation.programme_study.study_files import (
    Simulation,
    refuse_other_files,
    study_files,
    write_study,
)


def simulate(root: Path, simulation: Simulation, out: Path) -> str:
    """Draw the study of ``config/<study>/generator.yaml`` and write it below ``out``.

    Raises
    ------
    ConfigError, DataError
        When there is no such generator or scenario, a parameter is wrong, or ``out`` holds other files;
        nothing is then written.
    """
    if not NAME_PATTERN.match(simulation.study):
        raise ConfigError(name_rule(simulation.study))
    config = root / "config" / simulation.study
    if not (config / "generator.yaml").is_file():
        raise ConfigError(
            f"{config / 'generator.yaml'}: not found; only studies with parameters can be drawn"
        )
    files = study_files(config, simulation)
    refuse_other_files(out, files)
    write_study(out, simulation, files)
    counts = Counter(name.partition("/")[0] for name in files)
    written = ", ".join(f"{n} in {folder}/" for folder, n in counts.items())
    return "\n".join(
        [
            f"{simulation.study}: synthetic data, scenario {simulation.scenario}, seed {simulation.seed}, "
            f"scale {simulation.scale}; no enterprise or person in them exists",
            f"{out}: {len(files)} files written: {written}",
            "truth/ holds true effects and planted errors; no analysis may read it",
        ]
    )
