"""Errors of pydantic in words: the key, what was found, what is allowed."""

from __future__ import annotations

import re
import types
import typing
from collections.abc import Sequence
from dataclasses import MISSING, fields, is_dataclass

from pydantic import ValidationError

from impacteval.errors import nearest


def explain(error: ValidationError, type_: object, content: object) -> list[str]:
    """Say of each invalid value which key it stands under, what was found and what is allowed."""
    lines = []
    for item in error.errors():
        where = [part for part in item["loc"] if not _is_union_tag(part)]
        key = ".".join(str(part) for part in where)
        found = item["input"]
        if item["type"] in {"unexpected_keyword_argument", "extra_forbidden"}:
            allowed = _keys_allowed(type_, where[:-1], content)
            lines.append(f"key {key!r} is unknown; {nearest(str(where[-1]), allowed)}")
        elif item["type"] in {"missing", "missing_argument", "missing_keyword_only_argument"}:
            lines.append(f"key {key!r} is missing")
        elif item["type"] == "literal_error" and isinstance(found, str):
            choices = re.findall(r"'([^']+)'", str(item.get("ctx", {}).get("expected", "")))
            lines.append(f"key {key!r}: found {found!r}; {nearest(found, choices)}")
        else:
            lines.append(f"key {key!r}: found {found!r}; {item['msg']}")
    return sorted(set(lines))


def _is_union_tag(part: object) -> bool:
    """Whether pydantic put this name of a type, not a key of the file, into an error's location."""
    return isinstance(part, str) and part[:1].isupper() and part.isidentifier()


def _keys_allowed(type_: object, where: Sequence[int | str], content: object) -> list[str]:
    """Keys of the type that stands at a place in the file."""
    for part in where:
        if isinstance(part, int):
            content = content[part] if isinstance(content, list) and part < len(content) else {}
            continue
        choices = [t for t in _dataclasses_in(type_) if _fits(t, content)]
        annotations = typing.get_type_hints(choices[0]) if choices else {}
        type_ = annotations.get(part, object)
        content = content.get(part, {}) if isinstance(content, dict) else {}
    fitting = [t for t in _dataclasses_in(type_) if _fits(t, content)] or _dataclasses_in(type_)
    return sorted({f.name for t in fitting for f in fields(t)})


def _dataclasses_in(annotation: object) -> list[type]:
    if isinstance(annotation, type) and is_dataclass(annotation):
        return [annotation]
    if isinstance(annotation, types.GenericAlias | types.UnionType) or typing.get_origin(annotation):
        return [t for part in typing.get_args(annotation) for t in _dataclasses_in(part)]
    return []


def _fits(type_: type, content: object) -> bool:
    """Whether the literal fields of a type (its tag, say ``estimator``) agree with the file."""
    hints = typing.get_type_hints(type_)
    if not isinstance(content, dict):
        return False
    for f in fields(type_):
        choices = typing.get_args(hints[f.name])
        is_tag = typing.get_origin(hints[f.name]) is typing.Literal and f.default is MISSING
        if is_tag and len(choices) == 1 and content.get(f.name) not in choices:
            return False
    return True
