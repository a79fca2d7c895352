"""`python3 dev.py trials`: the tests of the register at full size, and a table of the trials.

Without a name all of them run but the soak. What is not understood here goes to pytest.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections import Counter, defaultdict

import pytest

from tests.trials.register import Trial, chosen

QUIET = ["-p", "no:xdist", "-o", "faulthandler_timeout=0", "-v"]


class Table:
    """What the run ends with: a line for each trial, and the figures it recorded."""

    def __init__(self, wanted: list[Trial]) -> None:
        self._wanted = wanted

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """One line for each trial: how its tests ended, and how long they took."""
        outcomes: dict[str, Counter[str]] = defaultdict(Counter)
        seconds: Counter[str] = Counter()
        figures: list[object] = []
        for outcome in ("passed", "failed", "error", "skipped"):
            for report in terminalreporter.getreports(outcome):
                if report.when == "call" or outcome in ("error", "skipped"):
                    test = report.nodeid.partition("[")[0]
                    outcomes[test][outcome] += 1
                    seconds[test] += report.duration
                    figures += [word for name, word in report.user_properties if name == "figures"]
        terminalreporter.section("trials")
        for trial in self._wanted:
            ended = sum((outcomes[test] for test in trial.tests), Counter[str]())
            missing = [test for test in trial.tests if not outcomes[test]]
            said = [f"{number} {outcome}" for outcome, number in ended.items()]
            said += [f"{len(missing)} not run"] if missing else []
            took = sum(seconds[test] for test in trial.tests)
            terminalreporter.write_line(
                f"| {trial.name} | {trial.what} | {', '.join(said)} | {took:.0f} s |"
            )
        for figure in figures:
            terminalreporter.write_line(str(figure))


def listed(wanted: list[Trial]) -> str:
    """Every sentence with its tests."""
    lines = []
    for trial in wanted:
        lines.append(f"{trial.name}  {trial.what}")
        for claim in trial.claims:
            lines.append(f"    {claim.words}")
            lines += [f"        tests/{test}" for test in claim.tests]
    return "\n".join(lines)


def parser() -> argparse.ArgumentParser:
    """What the command takes."""
    made = argparse.ArgumentParser(prog="python3 dev.py trials", description=__doc__)
    made.add_argument("--only", nargs="+", default=[], metavar="F7", help="these alone")
    made.add_argument("--soak", action="store_true", help="the soak alone: half an hour")
    made.add_argument("--list", action="store_true", help="say what is proved by which test")
    return made


def main(arguments: list[str]) -> int:
    """The exit status of pytest; 2 for a name that no trial has."""
    options, rest = parser().parse_known_args(arguments)
    given = [word.upper() for word in options.only]
    names = [word for word in given if re.fullmatch(r"[FAS]\d+", word)]
    rest = [word for word in options.only if word.upper() not in names] + rest
    try:
        wanted = chosen(["S1"] if options.soak else names)
    except ValueError as error:
        sys.stderr.write(f"{error}; python3 dev.py trials --list names them\n")
        return 2
    if options.list:
        sys.stdout.write(f"{listed(wanted)}\n")
        return 0
    os.environ["BALAS_TRIALS"] = "full"
    tests = dict.fromkeys(test for trial in wanted for test in trial.tests)
    return int(pytest.main([*tests, *QUIET, *rest], plugins=[Table(wanted)]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
