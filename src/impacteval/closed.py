"""The base of everything that is configured: no unknown key, no value outside what is allowed."""

from __future__ import annotations

import typing
from collections.abc import Iterator
from dataclasses import fields
from typing import TYPE_CHECKING, ClassVar

from impacteval.errors import ConfigError, nearest

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


class OptionError(ConfigError, ValueError):
    """An option that does not exist; a ``ValueError`` so that readers of files add where it stands."""


class Closed:
    """Base of what is read from files: an unknown key is an error, and no value is converted."""

    __slots__ = ()
    __pydantic_config__: ClassVar[dict[str, object]] = {"extra": "forbid", "strict": True}


def refuse_wrong_choices(item: DataclassInstance) -> None:
    """Refuse options that are none of the choices that their types name.

    Raises
    ------
    OptionError
        Listing every such option with what is allowed and the nearest choice.
    """
    problems = list(_wrong_choices(item))
    if problems:
        raise OptionError(f"{type(item).__name__}: {'; '.join(problems)}")


def _wrong_choices(item: DataclassInstance) -> Iterator[str]:
    for name, (choices, is_list) in _choices_of(type(item)).items():
        found = getattr(item, name)
        if is_list and isinstance(found, str):
            yield f"{name}={found!r}: a tuple is expected, for instance ({found!r},)"
            continue
        for value in found if is_list else (found,):
            if choices and value not in choices:
                yield f"{name}={value!r}: {nearest(str(value), choices)}"


def _choices_of(type_: type[DataclassInstance]) -> dict[str, tuple[tuple[str, ...], bool]]:
    """Options with named choices: these, and whether the option is a list of them."""
    hints = typing.get_type_hints(type_)
    found = {}
    for f in fields(type_):
        hint = hints[f.name]
        is_list = typing.get_origin(hint) is tuple
        choices = _literals(typing.get_args(hint)[0] if is_list else hint)
        if choices or (is_list and typing.get_args(hint)[0] is str):
            found[f.name] = (choices, is_list)
    return found


def _literals(hint: object) -> tuple[str, ...]:
    """Choices of a literal, or of a union of literals; none for other types."""
    if typing.get_origin(hint) is typing.Literal:
        return tuple(str(choice) for choice in typing.get_args(hint))
    parts = [_literals(part) for part in typing.get_args(hint)]
    return tuple(choice for part in parts for choice in part) if parts and all(parts) else ()
