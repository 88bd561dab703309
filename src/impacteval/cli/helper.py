"""The process that helps with a large check: called as ``python -m impacteval.cli.helper``.

It loads Great Expectations while the command still reads the data, runs the suites of all tables, then
takes one check after the other as the command hands them out, and writes the workbook while the command
writes the pages. It reads requests from standard input until that ends and answers on standard output.
"""

from __future__ import annotations

import gc
import os
import sys

from impacteval.cli.second import collect_rarely
from impacteval.errors import ImpactEvalError


def main() -> None:
    """Answer requests until there are no more; a fault ends the process after it was told."""
    # Whatever a library prints is no answer.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    asked = sys.stdin.buffer
    collect_rarely()
    from impacteval.cli.messages import receive, send
    from impacteval.cli.pieces import REQUESTS
    from impacteval.validation.suites import load_expectations

    load_expectations()
    gc.freeze()
    while request := receive(asked):
        try:
            REQUESTS[str(request["request"])](request, asked, answers)
        except ImpactEvalError as error:
            send(answers, {"error": str(error)})
    answers.close()
    # Taking Great Expectations apart takes half a second, and nothing is left to be written.
    os._exit(0)


if __name__ == "__main__":
    main()
