"""docs/checks.md says of each kind of check what the code says: code, severity, fields, roles, defaults."""

from __future__ import annotations

import re
import typing
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, Field, fields
from typing import get_args, get_type_hints

import pytest
import yaml

from impacteval.checks import AnyCheck
from impacteval.checks.base import Check
from impacteval.checks.catalogue import CATALOGUE
from impacteval.checks.fieldwork import DistrictBox
from impacteval.checks.frame import Asked, Conversion
from impacteval.checks.grouping import Grouping
from impacteval.config import ChecksFile, restore
from support.documents import marked, rows_of, section, text_of

TEXT = text_of("docs/checks.md")
KINDS = {get_args(get_type_hints(t)["kind"])[0]: t for t in get_args(AnyCheck)}
SPEAK_FOR_THEMSELVES = {
    "allowed",
    "check_digit",
    "column",
    "columns",
    "maximum",
    "minimum",
    "pattern",
    "type",
}
OF_ALL_CHECKS = {f.name for f in fields(Check)} | {"kind"}


def row_of(kind: str) -> list[str]:
    return next(cells for cells in kinds_listed() if cells[0] == f"`{kind}`")


def kinds_listed() -> list[list[str]]:
    """Rows of the tables of kinds, which alone have five columns."""
    return [cells for cells in rows_of(TEXT) if len(cells) == 5 and cells[0] != "`kind`"]


def own_fields(type_: type) -> list[Field[object]]:
    return [f for f in fields(type_) if f.name not in OF_ALL_CHECKS]


def default_of(field: Field[object]) -> object:
    """A field's default; ``MISSING`` where a study has to give it."""
    return field.default_factory() if field.default_factory is not MISSING else field.default


def choices(hint: object) -> list[str]:
    """What an option may be, where that is a list of words."""
    if typing.get_origin(hint) is typing.Literal:
        return [str(choice) for choice in get_args(hint)]
    inner = get_args(hint) if typing.get_origin(hint) is tuple else ()
    return choices(inner[0]) if inner else []


def written(value: object) -> str:
    """A default as people write it."""
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:.10g}" if isinstance(value, int | float) else str(value)


def option(name: str, default: object, allowed: Sequence[str]) -> str:
    """How the document shows an option: choices with the default in bold, or the default in brackets."""
    if allowed:
        chosen = default if isinstance(default, tuple) else (default,)
        return f"`{name}` ({', '.join(f'**`{c}`**' if c in chosen else f'`{c}`' for c in allowed)})"
    if default is None or (isinstance(default, str | tuple | Mapping) and not default):
        return f"`{name}`"
    said = "; ".join(map(written, default)) if isinstance(default, tuple) else written(default)
    return f"`{name}` ({said})"


def test_every_kind_of_check_has_one_row() -> None:
    assert sorted(cells[0].strip("`") for cells in kinds_listed()) == sorted(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_code_and_severity_of_a_kind_are_those_documented(kind: str) -> None:
    severity = next(f for f in fields(KINDS[kind]) if f.name == "severity").default
    said = row_of(kind)[1]
    assert said.startswith(KINDS[kind].catalogue)
    assert said.endswith("say it" if severity is MISSING else str(severity))


@pytest.mark.parametrize("kind", KINDS)
def test_fields_without_a_default_are_what_a_kind_needs(kind: str) -> None:
    needed = [f"`{f.name}`" for f in own_fields(KINDS[kind]) if default_of(f) is MISSING]
    assert row_of(kind)[2].startswith(", ".join(needed))


@pytest.mark.parametrize("kind", KINDS)
def test_options_and_defaults_of_a_kind_are_those_documented(kind: str) -> None:
    hints = get_type_hints(KINDS[kind])
    options = [f for f in own_fields(KINDS[kind]) if default_of(f) is not MISSING]
    shown = [option(f.name, default_of(f), choices(hints[f.name])) for f in options]
    assert row_of(kind)[3] == (", ".join(shown) or "-")


@pytest.mark.parametrize("kind", KINDS)
def test_roles_that_a_kind_needs_are_documented(kind: str) -> None:
    roles = getattr(KINDS[kind], "roles_needed", ())
    if isinstance(roles, tuple):
        assert set(roles) <= set(marked(row_of(kind)[2]))
    else:
        # Which roles are needed depends on the options of the check, or on none.
        assert roles is Check.roles_needed or re.search(r"roles? `", row_of(kind)[2])


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_of_a_kind_is_explained(kind: str) -> None:
    """In the rule of its row, or in the text of its section or that of all; some speak for themselves."""
    part = next(p for p in TEXT.split("\n## ") if f"\n| `{kind}` |" in p)
    around = [line for line in part.splitlines() if not line.startswith(f"| `{kind}` |")]
    said = [row_of(kind)[4], "\n".join(around), TEXT.split("\n## ", maxsplit=1)[0]]
    words = {word for text in said for name in marked(text) for word in re.findall(r"\w+", name)}
    names = {f.name for f in own_fields(KINDS[kind])} - SPEAK_FOR_THEMSELVES
    assert names - words == set()


@pytest.mark.parametrize("type_", [DistrictBox, Asked, Conversion])
def test_every_key_of_an_entry_is_documented(type_: type) -> None:
    assert {f.name for f in fields(type_)} <= set(marked(TEXT))


def test_the_catalogue_is_the_one_of_the_code() -> None:
    rows = re.findall(
        r"^\| (C\d\d) \| (.*?) \| (.*?) \|$", section(TEXT, "The fifty checks"), flags=re.MULTILINE
    )
    assert rows == [(e.code, e.question, e.needs) for e in CATALOGUE]


def test_codes_of_kinds_are_those_of_the_catalogue() -> None:
    assert {t.catalogue for t in KINDS.values()} <= {e.code for e in CATALOGUE}


def test_thresholds_of_grouping_have_the_defaults_of_the_code() -> None:
    said = section(TEXT, "Findings of one cause")
    assert [f for f in fields(Grouping) if f"`{f.name}` ({f.default:g})" not in said] == []


def test_the_examples_are_checks_that_can_be_asked_for() -> None:
    blocks = [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", TEXT, flags=re.DOTALL)]
    assert blocks
    for block in blocks:
        assert len(restore(ChecksFile, block).checks) == len(block["checks"])
