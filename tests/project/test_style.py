"""Promises about the code that no other tool checks."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CODE = sorted(p for folder in ("src", "scripts", "tools") for p in (ROOT / folder).rglob("*.py"))
PACKAGE = [p for p in CODE if p.is_relative_to(ROOT / "src")]
SCRIPTS = sorted((ROOT / "scripts").glob("*.py"))
RULE_FILES = sorted((ROOT / "workflow" / "rules").glob("*.smk"))
WORKFLOW = [ROOT / "Snakefile", *RULE_FILES]
RUNS_TEXT = {"eval", "exec", "compile", "__import__"}
LOADS_CODE = {"pickle", "marshal", "shelve", "dill", "joblib", "cloudpickle"}
MACHINE_FOLDERS = ("work", "root", "home", "Users")
TEXT_SUFFIXES = {
    ".py",
    ".smk",
    ".md",
    ".yaml",
    ".yml",
    ".toml",
    ".csv",
    ".lock",
    ".rst",
    ".html",
    ".css",
    ".cff",
    "",
}
MAX_FUNCTION_LINES = 60
MAX_SCRIPT_LINES = 45
MAX_SNAKEFILE_LINES = 60

# Says that Snakemake is not there, then imports each script.
IMPORT_SCRIPTS = """
import importlib.util, sys
sys.modules["snakemake"] = None
for path in sys.argv[1:]:
    spec = importlib.util.spec_from_file_location("script", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert callable(module.main), path
"""


def shown(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def syntax(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def rules() -> list[tuple[str, str]]:
    """Name and text of each rule that runs a job."""
    found = []
    for path in RULE_FILES:
        _, *parts = re.split(r"^[ ]*rule (\w+):$", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
        found += zip(parts[::2], parts[1::2], strict=True)
    return found


def tracked_files() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    files = [ROOT / name for name in listed.stdout.split("\0") if name]
    return [p for p in files if p.is_file() and p.suffix in TEXT_SUFFIXES]


@pytest.mark.parametrize("path", CODE, ids=shown)
def test_no_text_is_run_as_code(path):
    for node in ast.walk(syntax(path)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id not in RUNS_TEXT, f"line {node.lineno}"
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else [node.module or ""]
            assert not LOADS_CODE & {name.split(".")[0] for name in names}, f"line {node.lineno}"


@pytest.mark.parametrize("path", PACKAGE, ids=shown)
def test_no_type_is_any(path):
    names = {node.id for node in ast.walk(syntax(path)) if isinstance(node, ast.Name)}
    attributes = {node.attr for node in ast.walk(syntax(path)) if isinstance(node, ast.Attribute)}
    assert "Any" not in names | attributes


@pytest.mark.parametrize("path", CODE, ids=shown)
def test_functions_are_short(path):
    for node in ast.walk(syntax(path)):
        if isinstance(node, ast.FunctionDef):
            body = [item for item in node.body if not _is_docstring(item)]
            n_lines = body[-1].end_lineno - body[0].lineno + 1 if body else 0
            assert n_lines <= MAX_FUNCTION_LINES, f"{node.name}: {n_lines} lines"


def _is_docstring(item: ast.stmt) -> bool:
    return isinstance(item, ast.Expr) and isinstance(item.value, ast.Constant)


@pytest.mark.parametrize("path", SCRIPTS, ids=shown)
def test_scripts_are_thin(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) < MAX_SCRIPT_LINES


def test_snakefile_is_a_table_of_contents():
    assert len((ROOT / "Snakefile").read_text(encoding="utf-8").splitlines()) < MAX_SNAKEFILE_LINES


def test_scripts_import_without_snakemake():
    command = [sys.executable, "-c", IMPORT_SCRIPTS, *map(str, SCRIPTS)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("path", WORKFLOW, ids=shown)
def test_rules_run_neither_shell_nor_inline_code(path):
    text = path.read_text(encoding="utf-8")
    assert not re.findall(r"^\s*(?:shell|run|onstart|onsuccess|onerror):", text, flags=re.MULTILINE)
    assert not re.findall(r"\b(?:shell|eval|exec)\(|\blambda\b", text)


def test_every_rule_has_the_script_of_its_name():
    names = [name for name, _ in rules()]
    assert len(names) == len(set(names))
    for name, text in rules():
        assert f'"../../scripts/{name}.py"' in text, name
        assert f'code_of("{name}")' in text, name
        assert f'log_of("{name}' in text, name
        assert "conda:" in text, name
    assert {p.stem for p in SCRIPTS} == set(names)


def test_no_tracked_file_names_a_folder_of_one_machine():
    machine_path = re.compile(rf"(?<![\w.}}\])/-])/(?:{'|'.join(MACHINE_FOLDERS)})/\w")
    named = [
        f"{shown(path)}, line {number}"
        for path in tracked_files()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if machine_path.search(line)
    ]
    assert named == []
