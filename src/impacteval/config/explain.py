"""Errors of pydantic in words: the key, what was found, what is allowed."""

from __future__ import annotations

import re
import types
import typing
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, fields, is_dataclass

from pydantic import ValidationError

from impacteval.errors import nearest


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where an error is: its keys in the file, and the types of the mapping that its last key is in."""

    keys: tuple[str, ...]
    owners: tuple[type, ...]

    @property
    def key(self) -> str:
        """The keys as messages show them."""
        return ".".join(self.keys)


class _OtherArmError(Exception):
    """An error of a type that the file does not ask for at this place."""


class _NoArmError(Exception):
    """The file asks for none of the types that may stand at this place; says so in words."""


def explain(error: ValidationError, type_: object, content: object) -> list[str]:
    """Say of each invalid value which key it stands under, what was found and what is allowed."""
    lines = set()
    for item in error.errors():
        try:
            place = _place(item["loc"], type_, content)
        except _OtherArmError:
            continue
        except _NoArmError as none:
            lines.add(str(none))
            continue
        lines.add(_line(place, item["type"], item["input"], item["msg"], item.get("ctx", {})))
    return sorted(lines)


def _line(place: Place, kind: str, found: object, message: str, context: Mapping[str, object]) -> str:
    if kind in {"unexpected_keyword_argument", "extra_forbidden"}:
        allowed = sorted({f.name for owner in place.owners for f in fields(owner)})
        return f"key {place.key!r} is unknown; {nearest(place.keys[-1], allowed)}"
    if kind in {"missing", "missing_argument", "missing_keyword_only_argument"}:
        return f"key {place.key!r} is missing"
    if kind == "value_error":
        return f"key {place.key!r}: {message.removeprefix('Value error, ')}"
    if kind == "literal_error" and isinstance(found, str):
        choices = re.findall(r"'([^']+)'", str(context.get("expected", "")))
        return f"key {place.key!r}: found {found!r}; {nearest(found, choices)}"
    return f"key {place.key!r}: found {found!r}; {message}"


def _place(location: Sequence[int | str], type_: object, content: object) -> Place:
    """Follow an error's location through the types and the file.

    Pydantic puts the name of a union's member into a location, at a place where a key could stand.
    """
    keys: list[str] = []
    owners: tuple[type, ...] = ()
    for part in location:
        members = _dataclasses_in(type_)
        if len(members) > 1 and isinstance(part, str):
            type_ = _arm(part, members, content, keys)
        elif isinstance(part, int):
            keys.append(str(part))
            content = content[part] if isinstance(content, list) and part < len(content) else None
        elif isinstance(content, dict):
            keys.append(part)
            owners = tuple(members)
            type_ = typing.get_type_hints(members[0]).get(part, object) if members else object
            content = content.get(part)
    return Place(keys=tuple(keys), owners=owners)


def _arm(name: str, members: Sequence[type], content: object, keys: Sequence[str]) -> type:
    """The member of a union that a location names, when the file's tag asks for it."""
    key = ".".join(keys)
    if not isinstance(content, dict):
        raise _NoArmError(f"key {key!r}: found {content!r}; keys and their values are expected")
    tag, choices = _tag_of(members[0])[0], [_tag_of(m)[1] for m in members]
    asked = content.get(tag)
    if asked is None:
        raise _NoArmError(f"key '{key}.{tag}' is missing; {nearest('', choices)}")
    if asked not in choices:
        raise _NoArmError(f"key '{key}.{tag}': found {asked!r}; {nearest(str(asked), choices)}")
    arm = members[choices.index(str(asked))]
    if arm.__name__ != name:
        raise _OtherArmError
    return arm


def _tag_of(type_: type) -> tuple[str, str]:
    """Name and value of the field that tells a member of a union from the others, say ``estimator``."""
    hints = typing.get_type_hints(type_)
    for f in fields(type_):
        choices = typing.get_args(hints[f.name])
        is_literal = typing.get_origin(hints[f.name]) is typing.Literal
        if is_literal and f.default in (MISSING, *choices) and len(choices) == 1:
            return f.name, str(choices[0])
    raise TypeError(f"{type_.__name__}: a member of a union needs a literal field that names it")


def _dataclasses_in(annotation: object) -> list[type]:
    if isinstance(annotation, type) and is_dataclass(annotation):
        return [annotation]
    if isinstance(annotation, types.GenericAlias | types.UnionType) or typing.get_origin(annotation):
        return [t for part in typing.get_args(annotation) for t in _dataclasses_in(part)]
    return []
