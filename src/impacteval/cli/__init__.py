"""The command ``impacteval``: what a user does beside building a report."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from contextlib import nullcontext, suppress
from pathlib import Path

from impacteval.errors import ConfigError, ImpactEvalError, OpenFindingsError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; 0 when all is well, 1 for an error in the user's files, 2 for wrong usage."""
    options = _parser().parse_args(arguments)
    run: Callable[[argparse.Namespace], str] = options.run
    try:
        said = run(options)
    except OpenFindingsError as error:
        print(error)
        return 1
    except ImpactEvalError as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 1
    with suppress(BrokenPipeError):
        print(said, flush=True)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="impacteval", description="Evaluate enterprise programmes.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _init(_command(commands, "init", _run_init, "write the first draft of a study from a form or from data"))
    _command(
        commands, "check", _run_check, "check configuration and data; write the findings page and workbook"
    )
    answers = _command(commands, "answers", _run_answers, "add a workbook's answers to corrections.csv")
    answers.add_argument("workbook", type=Path, help="findings.xlsx, filled in by the field team")
    _command(
        commands, "lock", _run_lock, "write raw.lock: size, SHA-256 and rows of every raw file of a study"
    )
    _simulate(_command(commands, "simulate", _run_simulate, "draw a synthetic study with known effects"))
    return parser


def _command(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    run: Callable[[argparse.Namespace], str],
    text: str,
) -> argparse.ArgumentParser:
    command = commands.add_parser(name, help=text, description=text)
    command.add_argument("study", help="name of the folder below config/")
    command.set_defaults(run=run)
    return command


def _init(command: argparse.ArgumentParser) -> None:
    command.add_argument("--form", type=Path, help="the XLSForm (.xlsx), or its survey sheet as .csv")
    command.add_argument("--choices", type=Path, help="the choices sheet, where the form is .csv")
    command.add_argument("--data", type=Path, help="the export: .csv, .xlsx, .dta, .sav or .parquet")
    command.add_argument(
        "--repeat", action="append", default=[], metavar="NAME=FILE", help="rows of a repeat of the form"
    )
    command.add_argument("--table", default="interviews", help="name for the table of interviews")
    command.add_argument("--unit", default="", help="the column that identifies an enterprise")
    command.add_argument("--period", default="", help="the column that holds the round")


def _simulate(command: argparse.ArgumentParser) -> None:
    command.add_argument("--seed", type=int, required=True, help="equal seeds give equal files")
    command.add_argument("--scenario", default="central", help="one of those in generator.yaml (central)")
    command.add_argument("--scale", type=int, default=1, help="how many times as many enterprises (1)")
    command.add_argument("--out", type=Path, required=True, help="an empty folder, or one that it wrote")


def _run_init(options: argparse.Namespace) -> str:
    from impacteval.cli.start import Start, init

    asked = Start(
        study=options.study,
        table=options.table,
        form=options.form,
        choices=options.choices,
        data=options.data,
        repeats=tuple(_repeat(text) for text in options.repeat),
        unit=options.unit,
        period=options.period,
    )
    return init(Path("."), asked)


def _repeat(text: str) -> tuple[str, Path]:
    name, equals, file = text.partition("=")
    if not (name and equals and file):
        raise ConfigError(f"--repeat {text}: NAME=FILE is expected")
    return name, Path(file)


def _run_check(options: argparse.Namespace) -> str:
    from impacteval.cli import second

    root = Path(".")
    # The helper loads what takes longest to load while this process does the same.
    with second.helping() if second.is_worth_it(root, options.study) else nullcontext() as process:
        if process:
            second.collect_rarely()
        from impacteval.cli.survey import check

        return check(root, options.study, process)


def _run_answers(options: argparse.Namespace) -> str:
    from impacteval.cli.survey import answers

    return answers(Path("."), options.study, options.workbook)


def _run_lock(options: argparse.Namespace) -> str:
    from impacteval.cli.files import lock

    return lock(Path("."), options.study)


def _run_simulate(options: argparse.Namespace) -> str:
    from impacteval.cli.simulate import simulate
    from impacteval.simulation.programme_study.study_files import Simulation

    asked = Simulation(study=options.study, seed=options.seed, scenario=options.scenario, scale=options.scale)
    return simulate(Path("."), asked, options.out)
