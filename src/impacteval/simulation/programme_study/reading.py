"""Reading ``generator.yaml``: its types, what must agree between its parts, a source for all."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from impacteval.errors import ConfigError, nearest, raise_together
from impacteval.simulation.programme_study.parameters import Generator, Scenario
from impacteval.simulation.programme_study.study_shape import N_ROUNDS
from impacteval.yaml_files import read_yaml

OUTCOMES = (
    "mgmt",
    "fives",
    "env",
    "ln_sales",
    "ln_va",
    "ln_defect",
    "otd",
    "absence",
    "turnover",
    "ln_kwh",
    "ln_wage",
    "ln_water",
    "ln_waste",
    "hours",
    "ln_employees",
)


def read_generator(path: Path) -> Generator:
    """Read the parameters of the survey.

    Raises
    ------
    ConfigError
        With every problem found: key, what was found, what is allowed; parameters without a source.
    """
    content = read_yaml(path)
    try:
        generator = TypeAdapter(Generator).validate_json(json.dumps(content))
    except ValidationError as error:
        raise_together(sorted(set(_explained(error))), ConfigError, path.name)
        raise
    problems = [*_disagreements(generator), *_unsourced(content, generator.sources)]
    raise_together(problems, ConfigError, path.name)
    return generator


def scenario_of(generator: Generator, name: str) -> Scenario:
    """Find a scenario by its name.

    Raises
    ------
    ConfigError
        When there is none of that name; lists those that exist.
    """
    if name not in generator.scenarios:
        raise ConfigError(f"scenario {name!r} does not exist; {nearest(name, list(generator.scenarios))}")
    return generator.scenarios[name]


def _explained(error: ValidationError) -> Iterator[str]:
    for item in error.errors():
        key = ".".join(str(part) for part in item["loc"])
        if "missing" in item["type"]:
            yield f"key {key!r} is missing"
        elif item["type"] in {"unexpected_keyword_argument", "extra_forbidden"}:
            yield f"key {key!r} is unknown"
        elif item["type"] == "value_error":
            yield f"key {key!r}: {item['msg'].removeprefix('Value error, ')}"
        else:
            yield f"key {key!r}: found {item['input']!r}; {item['msg']}"


def _disagreements(generator: Generator) -> Iterator[str]:
    names = list(generator.outcomes)
    yield from (f"key 'outcomes.{name}' is missing" for name in OUTCOMES if name not in names)
    yield from (
        f"key 'outcomes.{name}' is unknown; {nearest(name, OUTCOMES)}"
        for name in names
        if name not in OUTCOMES
    )
    yield from _wrong_correlations(generator, names)
    yield from (
        f"key 'trends.{name}': {N_ROUNDS} numbers of a known outcome are expected"
        for name, path in generator.trends.items()
        if name not in names or len(path) != N_ROUNDS
    )
    if set(generator.buyer_shock) != set(generator.frame.lead_buyer):
        yield "key 'buyer_shock': a number is expected for each of frame.lead_buyer"
    if set(generator.economy.minimum_wage) != set(generator.frame.zone_estates):
        yield "key 'economy.minimum_wage': numbers are expected for each zone of frame.zone_estates"
    if "central" not in generator.scenarios:
        yield "key 'scenarios.central' is missing"


def _wrong_correlations(generator: Generator, order: list[str]) -> Iterator[str]:
    for child, parents in generator.correlated_with.items():
        earlier = order[: order.index(child)] if child in order else []
        key = f"correlated_with.{child}"
        if len(parents) != 1 or not set(parents) <= set(earlier):
            yield f"key {key!r}: one outcome listed before it is expected, found {sorted(parents)}"
        elif not all(-1 < r < 1 for r in parents.values()):
            yield f"key {key!r}: a correlation lies between -1 and 1"


def _unsourced(content: Mapping[str, object], sources: Mapping[str, str]) -> Iterator[str]:
    """Parameters that no source covers, and sources of nothing."""
    paths = set(_paths(content, ""))
    for path in sorted(paths):
        parts = path.split(".")
        if parts[0] == "sources":
            continue
        if not any(".".join(parts[: n + 1]) in sources for n in range(len(parts))):
            yield f"key {path!r} has no source; name it, or what it is part of, under 'sources'"
    known = paths | {".".join(path.split(".")[: n + 1]) for path in paths for n in range(path.count("."))}
    yield from (f"key 'sources.{name}': there is no such parameter" for name in sources if name not in known)


def _paths(content: Mapping[str, object], prefix: str) -> Iterator[str]:
    for key, value in content.items():
        if isinstance(value, Mapping):
            yield from _paths(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}"
