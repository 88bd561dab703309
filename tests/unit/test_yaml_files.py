"""YAML that means what it shows."""

from __future__ import annotations

import pytest

from impacteval.errors import ConfigError
from impacteval.yaml_files import MAX_BYTES, read_yaml


def read(tmp_path, content):
    path = tmp_path / "plan.yaml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_yaml(path)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("NO", "NO"),
        ("no", "no"),
        ("on", "on"),
        ("Yes", "Yes"),
        ("01111", "01111"),
        ("2024-01-02", "2024-01-02"),
        ("12:30", "12:30"),
        ("1_000", "1_000"),
        ("0x1F", "0x1F"),
        (".inf", ".inf"),
        ("1e3", "1e3"),
        ("~", "~"),
        ("=", "="),
        ("true", True),
        ("false", False),
        ("null", None),
        ("", None),
        ("-12", -12),
        ("0", 0),
        ("0.95", 0.95),
        (".5", 0.5),
        ("1.5e3", 1500.0),
        ("'12'", "12"),
        ("[1, a, NO]", [1, "a", "NO"]),
    ],
)
def test_a_value_is_what_it_looks_like(tmp_path, text, value):
    found = read(tmp_path, f"key: {text}\n")["key"]
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\nb: 2\na: 3\n", r"plan.yaml: line 3: the key 'a' stands twice"),
        ("top:\n  a: 1\n  a: 2\n", r"line 3: the key 'a' stands twice"),
        ("a: &x 1\nb: *x\n", r"aliases \(\*name\) are not allowed"),
        ("a: !!python/object/apply:os.system [ls]\n", "could not determine a constructor"),
        ("a: !file x\n", "could not determine a constructor"),
        ("a: [1\n", "plan.yaml: while parsing"),
        ("1: a\n", "line 1: the key 1 is not text"),
        ("- a\n", "expected keys and values, found list"),
        ("", "expected keys and values, found NoneType"),
        (b"a: \xff\n", r"not UTF-8 text \(byte 3\)"),
        ("a: " + "x" * MAX_BYTES, "larger than"),
    ],
)
def test_what_could_mislead_is_refused(tmp_path, text, message):
    with pytest.raises(ConfigError, match=message):
        read(tmp_path, text)


def test_missing_file_is_named(tmp_path):
    with pytest.raises(ConfigError, match=r"plan\.yaml: not found"):
        read_yaml(tmp_path / "plan.yaml")
