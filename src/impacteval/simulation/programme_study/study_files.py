"""All files of a simulated study: as delivered, its questionnaires, and what is true of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pandas as pd

from impacteval.errors import ConfigError, raise_together
from impacteval.simulation.programme_study.exports import raw_files
from impacteval.simulation.programme_study.instruments import (
    INSTRUMENTS,
    read_instruments,
    write_instrument,
)
from impacteval.simulation.programme_study.planted_errors import plant
from impacteval.simulation.programme_study.reading import read_generator
from impacteval.simulation.programme_study.report import report
from impacteval.simulation.programme_study.truth import draw_truth
from impacteval.simulation.programme_study.writing import written
from impacteval.tables import write_bytes, write_csv, write_json, write_parquet

MARK = "simulation.json"
MADE_BY = "impacteval simulate"
FOLDERS = ("raw", "forms", "truth")
# Written by `impacteval lock` beside the raw files.
LOCK = "raw.lock"
Write = Callable[[Path], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation:
    """One study to draw: ``study`` names its folder of parameters, ``scale`` multiplies its size."""

    study: str
    seed: int
    scenario: str = "central"
    scale: int = 1

    def __post_init__(self) -> None:
        problems = [
            f"{name} is {value}; a whole number of {least} or more is expected"
            for name, value, least in (("seed", self.seed, 0), ("scale", self.scale, 1))
            if value < least
        ]
        raise_together(problems, ConfigError, f"simulate {self.study}")


def study_files(config: Path, simulation: Simulation) -> dict[str, Write]:
    """Draw a study; each of its files by its path below the study's folder, ready to be written.

    Parameters
    ----------
    config : Path
        Folder with ``generator.yaml`` and ``forms/``.
    simulation : Simulation

    Raises
    ------
    ConfigError, DataError
        When parameters or questionnaires are wrong, or there is no such scenario.
    """
    generator = read_generator(config / "generator.yaml")
    instruments = read_instruments(config / "forms")
    truth = draw_truth(generator, simulation.scenario, simulation.seed, simulation.scale)
    reported = report(truth)
    planted = plant(
        written(reported, instruments, simulation.seed), generator.errors, instruments, simulation.seed
    )
    files: dict[str, Write] = {
        f"raw/{name}": _bytes(content) for name, content in raw_files(planted.delivery).items()
    }
    files |= {f"forms/{n}.xlsx": partial(write_instrument, config / "forms", n) for n in INSTRUMENTS}
    tables = {
        **truth.tables(),
        **{f"reported_{name}": table for name, table in reported.tables.items()},
        **{f"reasons_{name}": table for name, table in reported.reasons.items()},
    }
    files |= {f"truth/{name}.parquet": _parquet(table) for name, table in tables.items()}
    return {**files, "truth/ledger.csv": _csv(planted.ledger)}


def refuse_other_files(folder: Path, names: Mapping[str, Write] | set[str]) -> None:
    """Refuse a folder that holds anything that this program did not write there.

    Raises
    ------
    ConfigError
        Naming the files; nothing is written then.
    """
    if not folder.exists():
        return
    if not folder.is_dir():
        raise ConfigError(f"{folder}: not a folder; choose another one with --out")
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()}
    if not found:
        return
    if not _is_marked(folder / MARK):
        raise ConfigError(
            f"{folder}: holds files, and no {MARK} that says they are simulated; choose an empty folder"
        )
    others = sorted(found - set(names) - {MARK, LOCK, f"raw/{LOCK}"})
    problems = [f"{name}: not written by this command; move it elsewhere" for name in others]
    raise_together(problems, ConfigError, str(folder))


def _is_marked(path: Path) -> bool:
    try:
        mark = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(mark, dict) and mark.get("made_by") == MADE_BY


def write_study(folder: Path, simulation: Simulation, files: Mapping[str, Write]) -> None:
    """Write all files, each whole or not at all, and the mark that says what they are.

    The mark comes first, so that a folder that was left half written can be written again.
    """
    mark = {
        "made_by": MADE_BY,
        "note": "synthetic data: no enterprise or person in them exists",
        "study": simulation.study,
        "scenario": simulation.scenario,
        "seed": simulation.seed,
        "scale": simulation.scale,
    }
    write_json(folder / MARK, mark)
    for name, write in files.items():
        write(folder / name)


def _bytes(content: bytes) -> Write:
    return lambda path: write_bytes(path, content)


def _parquet(table: pd.DataFrame) -> Write:
    return lambda path: write_parquet(path, table)


def _csv(table: pd.DataFrame) -> Write:
    return lambda path: write_csv(path, table)
