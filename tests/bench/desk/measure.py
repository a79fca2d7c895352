"""`bench desk`: how soon the window shows, how fast it answers, what it costs; at three sizes."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from console import remote
from console.domain.ids import ProfileId
from console.local.stack import Stack
from console.settings.paths import Paths
from console.store import migrations
from console.store.store import Store
from tests.bench.desk.fill import Size, Story, fill, fresh_end, hand_over
from tests.bench.desk.screens import Screen, Start
from tests.bench.table import table

SIZES = (1_000, 100_000, 1_000_000)
OLDEST = timedelta(hours=12)  # of a filled store: its newest customers must still be answerable
ROUNDS = 5
KEY = bytes(range(32))
FIRST = ProfileId("00000000-0000-4000-8000-000000000001")
NOBODY = 65534
# Programs to stand beside, at their first screen, with nothing in them. gajim refuses root.
OTHERS: Mapping[str, Sequence[str]] = {
    "telegram-desktop": ("telegram-desktop",),
    "gajim": ("gajim",),
    "nheko": ("nheko",),
}
# What is measured, its goal in milliseconds, and which of its numbers the goal is about.
STEPS = {
    "switch": ("conversation switch to painted", 30, "median"),
    "append": ("new message, announced to painted", 8, "median"),
    "scroll": ("scroll frame, in the thread of all", 8, "p99"),
    "find conversations": ("search as you type, conversations", 20, "p95"),
    "find messages": ("search as you type, messages", 20, "p95"),
    "enter": ("Enter to own bubble painted", 16, "median"),
    "doorbell": ("doorbell to painted, loopback", 50, "median"),
}


def measure(
    folder: Path | None, sizes: Sequence[int] = SIZES, *, rest: float = 60, use: float = 600
) -> str:
    """Everything, in one run. `folder` keeps the filled stores.

    `use` are the seconds of scripted use of the largest store; the others get a tenth.
    """
    root = folder or Path(tempfile.gettempdir()) / "balas-bench"
    root.mkdir(parents=True, exist_ok=True)
    for size in sizes:
        asyncio.run(_filled(root, Size(size)))
    parts = []
    with Stack(durable=False) as stack, Screen(root / "screen") as screen:
        uses = {size: use if size == max(sizes) else use / 10 for size in sizes}
        seats = {
            size: asyncio.run(_seat(root, stack, Size(size), rest, seconds))
            for size, seconds in uses.items()
        }
        parts.append(_starting(screen, root, seats))
        sys.stderr.write(f"{parts[0]}\n")  # half an hour may be cut short: tell as it comes
        found = {}
        for size, seat in seats.items():
            found[size] = _worked(screen, seat)
            (root / f"found-{size}.json").write_text(json.dumps(found[size]))
    parts.append(_working(found))
    parts.append(_costing(found))
    for seat in seats.values():
        shutil.rmtree(seat)
    return "\n\n".join([*parts, _circumstances()])


# Stores and seats


def _file(root: Path, size: Size) -> Path:
    latest = max(number for number, _ in migrations.steps())
    return root / f"filled-{size.messages}-{latest}.db"


async def _filled(root: Path, size: Size) -> None:
    """The filled store, made unless a young one lies there."""
    path = _file(root, size)
    if path.exists() and time.time() - path.stat().st_mtime < OLDEST.total_seconds():
        return
    for old in root.glob(f"{path.stem}.*"):  # noqa: ASYNC240  nothing else runs here
        old.unlink()
    began = time.monotonic()
    sys.stderr.write(f"filling a store with {2 * size.messages:,} messages …\n")
    store = await Store.open(path.with_suffix(".part"), KEY)
    await store.set_me(FIRST)
    await fill(store, Story(size, FIRST, fresh_end()))
    await store.close()
    path.with_suffix(".part").rename(path)
    sys.stderr.write(f"filled in {time.monotonic() - began:.0f} s\n")


async def _seat(root: Path, stack: Stack, size: Size, rest: float, use: float) -> Path:
    """A folder in which the program finds an agent signed in, and the filled store."""
    facts = {**stack.facts(), "messages": size.messages, "rest": rest, "use": use}
    folder = root / f"seat-{size.messages}"
    shutil.rmtree(folder, ignore_errors=True)
    paths = Paths.below(folder)
    line = await remote.connect(facts["supabase_url"], facts["publishable_key"])
    identity = await line.auth.sign_in(facts["agent_email"], facts["agent_password"])
    path = paths.store_file(line.url, identity.profile_id)
    path.parent.mkdir(parents=True)
    shutil.copy(_file(root, size), path)
    store = await Store.open(path, KEY)
    await hand_over(store, Story(size, FIRST, fresh_end()), identity.profile_id)
    await line.keep_session_in(store.session)
    await line.close()
    await store.close()
    paths.settings_folder.mkdir()
    paths.settings_file.write_text(json.dumps({"last_user": identity.profile_id, "language": "id"}))
    (folder / "project.json").write_text(json.dumps(facts, default=str))
    return folder


def _environment(home: Path) -> dict[str, str]:
    """As on a desktop of one's own: bytecode is kept, nothing of ours is set."""
    home.mkdir(parents=True, exist_ok=True)
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("XDG_", "PYTHON", "QT_", "DBUS_"))
    }
    return {**kept, "HOME": str(home), "LC_ALL": "C.UTF-8", "PYTHONUTF8": "1"}


def _ours(seat: Path, *script: str) -> list[str]:
    return [sys.executable, "-m", "tests.bench.desk.seat", str(seat), *script]


# The start


def _starting(screen: Screen, root: Path, seats: Mapping[int, Path]) -> str:
    programs = {"a bare PySide6 window": [sys.executable, "-m", "tests.bench.desk.bare"]}
    largest = str(seats[max(seats)])
    programs["the same libraries, a plain list of the largest store"] = [
        *(sys.executable, "-m", "tests.bench.desk.floor", largest)
    ]
    programs |= {f"Balas, {2 * size:,} messages": _ours(seat) for size, seat in seats.items()}
    programs |= {f"{name}, empty": list(c) for name, c in OTHERS.items() if shutil.which(c[0])}
    starts: dict[str, list[Start]] = {name: [] for name in programs}
    for number in range(ROUNDS + 1):
        for name, command in programs.items():
            home = root / f"home-{name.partition(',')[0].split()[-1]}"
            env = _environment(home)
            if command[0] == "gajim" and os.geteuid() == 0:
                os.chown(home, NOBODY, NOBODY)
                command = ["setpriv", f"--reuid={NOBODY}", "--clear-groups", *command]
            start = screen.start(command, env, Path.cwd())
            if number:  # the first one warms the disk's cache
                starts[name].append(start)
    bare, _ = starts["a bare PySide6 window"], None
    least = statistics.median(start.settled for start in bare)
    lines = [
        (
            name,
            f"{statistics.median(start.settled for start in found):.2f} s",
            f"{max(start.settled for start in found):.2f} s",
            f"{statistics.median(start.work for start in found):.2f} s",
            f"{statistics.median(start.settled for start in found) / least:.1f}",
        )
        for name, found in starts.items()
    ]
    head = ("warm start to the first screen", "median", "slowest", "processor", "bare = 1")
    return table(head, lines)


# At work


def _worked(screen: Screen, seat: Path) -> dict[str, Any]:
    env = {
        **_environment(seat / "home"),
        "DISPLAY": screen.name,
        "QT_QPA_PLATFORM": "xcb",
    }
    ran = subprocess.run(_ours(seat, "all"), env=env, capture_output=True, text=True)
    if ran.returncode or not ran.stdout:
        raise SystemExit(ran.stderr[-12_000:])
    found: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    return found


def _part(samples: Sequence[float], share: float) -> float:
    ordered = sorted(samples)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def _working(found: Mapping[int, Mapping[str, Any]]) -> str:
    lines = []
    for name, (words, goal, about) in STEPS.items():
        for size, results in found.items():
            samples = results.get(name)
            if not samples:
                continue
            wall, work = [each[0] for each in samples], [each[1] for each in samples]
            lines.append(
                (
                    words if size == next(iter(found)) else "",
                    f"{2 * size:,}",
                    f"{statistics.median(wall):.1f}",
                    f"{_part(wall, 0.95):.1f}",
                    f"{_part(wall, 0.99):.1f}",
                    f"{statistics.median(work):.1f}",
                    f"{goal} ({about})",
                )
            )
    head = ("milliseconds", "messages", "median", "p95", "p99", "processor", "goal")
    return table(head, lines)


def _costing(found: Mapping[int, Mapping[str, Any]]) -> str:
    lines = [
        (
            f"{2 * size:,}",
            f"{results['memory after 10 s']:.0f} MB",
            f"{results['memory after doorbell']:.0f} MB",
            f"{results['memory after use']:.0f} MB",
            f"{results['idle']:.2f} %",
        )
        for size, results in found.items()
    ]
    head = ("messages", "after 10 s", "after every step", "after scripted use", "processor at rest")
    return table(head, lines)


def _circumstances() -> str:
    load = "/".join(f"{each:.0f}" for each in os.getloadavg())
    return f"{os.cpu_count()} cores, load {load} (1/5/15 minutes); processor: time of all threads."
