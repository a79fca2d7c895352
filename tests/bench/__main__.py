"""`python -m tests.bench [NAME …]`: run measurements, print what they found."""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path


def main() -> int:
    """Run what is named, or everything."""
    parser = argparse.ArgumentParser(prog="dev.py bench")
    parser.add_argument("names", nargs="*", metavar="NAME", help="what to measure; all by default")
    parser.add_argument("--rounds", type=int, default=5, help="rounds of the ingest measurement")
    parser.add_argument("--scale", type=float, default=1.0, help="size of each run")
    parser.add_argument("--folder", type=Path, help="where the databases lie, to choose the disk")
    parser.add_argument("--only", action="append", default=[], help="balas, a, b, c")
    parser.add_argument("--sizes", type=int, nargs="+", help="desk, rules: messages of each")
    parser.add_argument(
        "--use", type=float, default=600, help="desk: seconds of scripted use of the largest store"
    )
    parser.add_argument("--rest", type=float, default=60, help="desk: seconds at rest")
    options = parser.parse_args()
    names = options.names or ["ingest", "growth", "rules", "sending", "window", "desk"]
    for name in names:
        if name == "ingest":
            from tests.bench import ingest

            text = ingest.measure(
                rounds=options.rounds,
                scale=options.scale,
                folder=options.folder,
                only=frozenset(options.only),
            )
        elif name == "window":
            text = _window()
        elif name == "desk":
            from tests.bench.desk import measure

            text = measure.measure(
                options.folder,
                tuple(options.sizes or measure.SIZES),
                rest=options.rest,
                use=options.use,
            )
        elif name == "growth":
            from tests.bench import growth

            text = growth.measure(folder=options.folder)
        elif name == "rules":
            from tests.bench import rules

            text = rules.measure(folder=options.folder, sizes=options.sizes or rules.SIZES)
        elif name == "sending":
            from tests.bench import sending

            text = sending.measure(folder=options.folder)
        else:
            parser.error(f"no measurement named {name}")
        sys.stdout.write(f"## {name}\n\n{text}\n")
        sys.stdout.flush()
    return 0


def _window() -> str:
    """The window needs Qt's loop and the tests' states, so pytest runs it."""
    collected = ["-o", "python_files=bench_*.py", "tests/bench/desk"]
    command = [sys.executable, "-m", "pytest", "-q", "-s", "-p", "no:xdist", *collected]
    ran = subprocess.run(command, capture_output=True, text=True)
    if ran.returncode:
        raise SystemExit(ran.stdout + ran.stderr)
    return "\n".join(line for line in ran.stdout.splitlines() if line.startswith("POST "))


if __name__ == "__main__":
    sys.exit(main())
