"""Running the workflow as a user does, with every attempt to reach a network refused and recorded."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
TIMEOUT_SECONDS = 300
# Python runs this file at its start; the hook sees every module's sockets.
OFFLINE = """\
import os
import sys


def refuse(event, arguments):
    if event == "socket.connect" and not isinstance(arguments[1], (str, bytes)) or event == "socket.getaddrinfo":
        with open(os.environ["IMPACTEVAL_TEST_NETWORK_LOG"], "a", encoding="utf-8") as log:
            log.write(f"{sys.argv} {event} {arguments}\\n")
        raise OSError("the network is not to be used")


sys.addaudithook(refuse)
"""


@dataclass(frozen=True)
class Ended:
    """A finished run: its exit status, all that it printed, and the network addresses it asked for."""

    status: int
    output: str
    network: str


def run_python(arguments: list[str], root: Path) -> Ended:
    """Run Python below a folder without a network."""
    hook = root / ".offline"
    hook.mkdir(exist_ok=True)
    (hook / "sitecustomize.py").write_text(OFFLINE, encoding="utf-8")
    log = hook / "network.log"
    environment = {**os.environ, "PYTHONPATH": str(hook), "IMPACTEVAL_TEST_NETWORK_LOG": str(log)}
    ended = subprocess.run(
        [sys.executable, *arguments],
        cwd=root,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=TIMEOUT_SECONDS,
        check=False,
    )
    network = log.read_text(encoding="utf-8") if log.is_file() else ""
    return Ended(status=ended.returncode, output=ended.stdout, network=network)


def run_workflow(root: Path, study: str, *targets: str) -> Ended:
    """Run the workflow on a study below a root folder, to some targets or to the end."""
    snakefile = str(PROJECT / "Snakefile")
    options = ["--snakefile", snakefile, "--directory", str(root), "--config", f"study={study}", "-c2"]
    return run_python(["-m", "snakemake", *targets, *options], root)
