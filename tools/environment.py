"""Write environment.yml, for conda users, from requirements.lock."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[1]
HEAD = """\
# Generated from requirements.lock by `make lock`.
name: impacteval
channels:
  - conda-forge
dependencies:
  - python=3.11
  - pip
  - pip:
"""


def requirements(lock: str) -> list[str]:
    """Return the pinned packages of a lock with their markers, without hashes."""
    return [line.removesuffix("\\").strip() for line in lock.splitlines() if line[:1].isalnum()]


def environment(lock: str) -> str:
    """Return the text of environment.yml for the text of a lock."""
    return HEAD + "".join(f'      - "{item}"\n' for item in [*requirements(lock), "-e ."])


if __name__ == "__main__":
    text = environment((ROOT / "requirements.lock").read_text(encoding="utf-8"))
    (ROOT / "environment.yml").write_text(text, encoding="utf-8")
