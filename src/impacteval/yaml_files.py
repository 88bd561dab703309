"""YAML that means what it shows: no duplicate keys, no aliases, no words turned into other things."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from impacteval.errors import ConfigError

MAX_BYTES = 200_000


class _PlainLoader(yaml.SafeLoader):
    """Only ``true``/``false``, ``null``, decimal integers and floats are not text."""


_PlainLoader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("tag:yaml.org,2002:bool", r"^(?:true|false)$", "tf"),
    ("tag:yaml.org,2002:null", r"^(?:null|)$", ["n", ""]),
    ("tag:yaml.org,2002:int", r"^-?(?:0|[1-9][0-9]*)$", "-0123456789"),
    ("tag:yaml.org,2002:float", r"^-?(?:0|[1-9][0-9]*)?\.[0-9]+(?:[eE][-+]?[0-9]+)?$", "-.0123456789"),
):
    _PlainLoader.add_implicit_resolver(_tag, re.compile(_pattern), list(_first))


def _refuse_duplicates(loader: _PlainLoader, node: yaml.MappingNode) -> dict[str, object]:
    keys: dict[str, object] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node)
        line = key_node.start_mark.line + 1
        if not isinstance(key, str):
            raise ConfigError(f"line {line}: the key {key!r} is not text; put it in quotes")
        if key in keys:
            raise ConfigError(f"line {line}: the key {key!r} stands twice; keep one")
        keys[key] = loader.construct_object(value_node, deep=True)
    return keys


_PlainLoader.add_constructor("tag:yaml.org,2002:map", _refuse_duplicates)


def read_yaml(path: Path) -> dict[str, object]:
    """Read a YAML file whose top is a mapping.

    Raises
    ------
    ConfigError
        For a missing or oversized file, bad syntax, a duplicate key, an alias or a tag.
    """
    if not path.is_file():
        raise ConfigError(f"{path}: not found")
    if path.stat().st_size > MAX_BYTES:
        raise ConfigError(f"{path}: larger than {MAX_BYTES} bytes; configuration is short text")
    try:
        text = path.read_text(encoding="utf-8")
        if any(isinstance(token, yaml.AliasToken) for token in yaml.scan(text)):
            raise ConfigError("aliases (*name) are not allowed; write the value out")
        # Safe: a SafeLoader with fewer resolvers, it constructs plain values only.
        content = yaml.load(text, Loader=_PlainLoader)  # noqa: S506
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not UTF-8 text (byte {error.start}); save it as UTF-8") from error
    except yaml.YAMLError as error:
        raise ConfigError(f"{path}: {' '.join(str(error).split())}") from error
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from error
    if not isinstance(content, dict):
        raise ConfigError(f"{path}: expected keys and values, found {type(content).__name__}")
    return content
