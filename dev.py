#!/usr/bin/env python3
"""One command for each thing a developer does; each does all set-up it needs first.

Standard library only, Python 3.11 or newer. On a fresh machine `python3 dev.py demo` makes
`.venv`, installs the locked dependencies and starts everything; a second run starts at once.
What set-up says goes to stderr, so that stdout belongs to the command.
"""

from __future__ import annotations

import argparse
import ast
import ctypes
import hashlib
import importlib.util
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
LOCK = ROOT / "requirements.lock"
STAMP = VENV / "balas-installed"  # what stands in .venv: the lock's hash and the interpreter
OUT = ROOT / "out"
README = ROOT / "README.md"
OLDEST = (3, 11)

# What Qt's wheels expect of a Linux system, by the file they load and Debian's package of it.
SYSTEM_LIBRARIES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libXrandr.so.2": "libxrandr2",
    "libpulse.so.0": "libpulse0",
}
# What PyInstaller needs besides; the system's own python3 carries its library in itself only.
FREEZING = {"objdump": "binutils"}
if sys.base_prefix == "/usr":
    python = f"libpython{sys.version_info.major}.{sys.version_info.minor}"
    FREEZING[f"{python}.so.1.0"] = python
PACKAGING = {"dpkg-deb": "dpkg", "Xvfb": "xvfb", "xwininfo": "x11-utils"}
EMOJI_PACKAGE = "fonts-noto-color-emoji"
FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.fonts", "~/.local/share/fonts")


def say(words: str) -> None:
    """One line about set-up, on stderr."""
    print(f"dev.py: {words}", file=sys.stderr, flush=True)


def stop(words: str) -> NoReturn:
    """End with a sentence that says what to do."""
    say(words)
    sys.exit(1)


def environment(**more: str) -> dict[str, str]:
    """The environment of everything we start: UTF-8 whatever the locale, pip's moods off."""
    values = {
        **os.environ,
        "PYTHONUTF8": "1",
        "PIP_USER": "0",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    }
    for name in ("PYTHONHOME", "PYTHONPATH", "PIP_TARGET", "PIP_PREFIX", "VIRTUAL_ENV"):
        values.pop(name, None)
    # Each of the hundreds of processes of a test run would compile our sources anew.
    values.pop("PYTHONDONTWRITEBYTECODE", None)
    return {**values, **more}


def run(*command: str | Path, env: Mapping[str, str] | None = None) -> int:
    """Start a program in the project's folder and wait; its exit status."""
    return subprocess.run(
        [str(part) for part in command], cwd=ROOT, env=env or environment()
    ).returncode


def become(*command: str | Path, env: Mapping[str, str] | None = None) -> NoReturn:
    """Turn into this program, so that signals and the exit status are its own."""
    if os.name == "nt":  # Windows has no exec that keeps the console
        sys.exit(run(*command, env=env))
    sys.stdout.flush()
    os.chdir(ROOT)
    os.execve(str(command[0]), [str(part) for part in command], dict(env or environment()))


# --- set-up -----------------------------------------------------------------------------------


def is_here(name: str) -> bool:
    """Whether this system has a library (*.so*) or a program."""
    if ".so" not in name:
        return shutil.which(name) is not None
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


def missing_packages(wanted: Mapping[str, str]) -> list[str]:
    """Debian's names of what is wanted, and of Python's venv, where this Linux has not got it."""
    found = [package for name, package in wanted.items() if not is_here(name)]
    if importlib.util.find_spec("ensurepip") is None:  # Debian ships Python without it
        found.append("python3-venv")
    folders = [Path(folder).expanduser() for folder in FONT_FOLDERS]
    fonts = (name for folder in folders for _, _, names in os.walk(folder) for name in names)
    if not any("emoji" in name.lower() for name in fonts):
        found.append(EMOJI_PACKAGE)
    return found


def prepare_system(more: Mapping[str, str]) -> None:
    """Install what the system lacks where we may; else print the exact command."""
    if sys.version_info < OLDEST:
        stop(f"Python 3.11 or newer is needed; this is {sys.version.split()[0]}")
    if not sys.platform.startswith("linux"):
        return
    missing = missing_packages({**SYSTEM_LIBRARIES, **more})
    if not missing:
        return
    apt = shutil.which("apt-get", path="/usr/bin:/bin")
    if apt and os.geteuid() == 0:
        say(f"installing system packages: {' '.join(missing)}")
        # dpkg's scripts need the system's own folders in PATH, which a service's may lack
        env = environment(
            DEBIAN_FRONTEND="noninteractive",
            LC_ALL="C.UTF-8",
            PATH=f"/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:{os.defpath}",
        )
        install = [apt, "install", "-qq", "-y", "--no-install-recommends", *missing]
        # A failed update (one mirror of several away) need not keep the install from working.
        subprocess.run([apt, "update", "-qq"], env=env, stdout=subprocess.DEVNULL)
        if subprocess.run(install, env=env, stdout=subprocess.DEVNULL).returncode:
            stop("apt-get failed; see above")
        return
    if apt:
        words = f"please run once:  sudo apt-get install -y {' '.join(missing)}"
    else:
        words = f"this system lacks what Debian calls {' '.join(missing)}; install its like"
    if missing == [EMOJI_PACKAGE]:
        say(f"emoji will be missing from the window; {words}")
    else:
        stop(words)


def prepare_localhost() -> None:
    """The name localhost, by which parts of the demo find each other; a bare chroot lacks it."""
    line = "127.0.0.1 localhost"
    try:
        socket.getaddrinfo("localhost", None)
    except OSError:
        if os.name == "nt" or os.geteuid() != 0:
            stop(f"this system does not know localhost; its hosts file should have: {line}")
        say(f"this system does not know localhost; adding to /etc/hosts: {line}")
        with Path("/etc/hosts").open("a", encoding="ascii") as hosts:
            hosts.write(f"{line}\n")


def wanted_stamp() -> str:
    """What STAMP holds when .venv is up to date."""
    lock = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    project = hashlib.sha256((ROOT / "pyproject.toml").read_bytes()).hexdigest()
    return f"{lock}\n{project}\n{ROOT}\n{sys.implementation.cache_tag}\n"


def prepare(more: Mapping[str, str] | None = None) -> None:
    """Make .venv what the lock says, on a system with `more`; quick when it already is."""
    prepare_system(more or {})
    prepare_localhost()
    stamp = STAMP.read_text() if STAMP.exists() else ""
    if stamp == wanted_stamp() and PYTHON.exists():
        return
    began = time.monotonic()
    lock, *_, interpreter = stamp.splitlines() or ("", "")
    fresh = not PYTHON.exists() or interpreter != sys.implementation.cache_tag
    inside = Path(sys.prefix).resolve() == VENV.resolve()
    if fresh and not inside:
        say("making .venv")
        if subprocess.run(
            [sys.executable, "-m", "venv", "--clear", VENV], stdout=sys.stderr
        ).returncode:
            stop("could not make .venv; see above")
    STAMP.unlink(missing_ok=True)
    pip: list[str | Path] = [PYTHON, "-m", "pip", "install", "-qq", "--no-input"]
    if fresh or lock != wanted_stamp().splitlines()[0]:
        say("installing the locked dependencies; the first time takes some minutes")
        _install([*pip, "--require-hashes", "-r", LOCK])
    _install([*pip, "--no-deps", "--no-build-isolation", "-e", ROOT])
    STAMP.write_text(wanted_stamp())
    say(f"ready after {time.monotonic() - began:.0f} s")


def _install(command: Sequence[str | Path]) -> None:
    if subprocess.run(command, cwd=ROOT, env=environment(), stdout=sys.stderr).returncode:
        stop("pip failed; see above")


# --- commands ---------------------------------------------------------------------------------


def has_screen() -> bool:
    """Whether a window can be shown; the person's own QT_QPA_PLATFORM wins."""
    names = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    return not sys.platform.startswith("linux") or any(os.environ.get(name) for name in names)


def demo(arguments: list[str]) -> int:
    """Everything on this machine, window included; without a screen it leaves pictures"""
    prepare()
    env = environment()
    if "--headless" not in arguments and not has_screen():
        env["QT_QPA_PLATFORM"] = "offscreen"
        if not any(argument.startswith("--pictures") for argument in arguments):
            arguments = [*arguments, "--pictures", str(OUT / "demo")]
        say("no screen here: the window runs unseen; Ctrl-C ends it")
    become(PYTHON, "-m", "console", "demo", *arguments, env=env)


def test(arguments: list[str]) -> int:
    """Every test, in parallel; arguments go to pytest, and then it runs in one process"""
    prepare()
    # Or each worker would do it for itself.
    run(PYTHON, "-m", "compileall", "-q", "-j0", "console", "tests")
    workers = min(4, (os.cpu_count() or 2) + 2)  # many tests wait for other processes
    # After a crash the run has failed, and waiting for another worker in its place never ended.
    shared = [f"-n{workers}", "--dist=worksteal", "--max-worker-restart=0"]
    become(PYTHON, "-m", "pytest", *(arguments or shared))


def lint(arguments: list[str]) -> int:
    """Style, types and import arrows; with --fix, style is put right"""
    prepare()
    fix = "--fix" in arguments
    python: list[str | Path] = [PYTHON, "-m"]
    results = [
        run(*python, "ruff", "check", *(["--fix"] if fix else []), "."),
        run(*python, "ruff", "format", *([] if fix else ["--check"]), "."),
        run(*python, "mypy"),
        run(PYTHON.with_name("lint-imports"), "--no-cache"),
    ]
    return max(results)


def build(arguments: list[str]) -> int:
    """The frozen desktop in dist/balas, what its parts weigh, then its own self-check"""
    prepare(FREEZING)
    return packaging("frozen", arguments)


def package(arguments: list[str]) -> int:
    """For Linux, a .deb and an archive in dist, each installed and started; --preset FILE"""
    prepare({**FREEZING, **PACKAGING})
    return packaging("linux", arguments)


def manifest(arguments: list[str]) -> int:
    """The signed word on new releases: a key, a manifest, a check of one"""
    prepare()
    return packaging("manifest", arguments)


def packaging(name: str, arguments: list[str]) -> int:
    """Run a file of resources/packaging; without a screen what it shows stays unseen."""
    env = environment() if has_screen() else environment(QT_QPA_PLATFORM="offscreen")
    python = PYTHON if PYTHON.exists() else sys.executable
    return run(python, ROOT / "resources" / "packaging" / f"{name}.py", *arguments, env=env)


def bench(arguments: list[str]) -> int:
    """The measurements in tests/bench: ingest (beside Express), window; all without a name"""
    prepare()
    become(PYTHON, "-m", "tests.bench", *arguments)


def trials(arguments: list[str]) -> int:
    """The faults and attacks in tests/trials at full size; --only F7 A4; --soak; --list"""
    prepare()
    become(PYTHON, "-m", "tests.trials", *arguments)


def gallery(arguments: list[str]) -> int:
    """Pictures of every component and state, and contact sheets of them, in out/gallery"""
    prepare()
    env = environment() if has_screen() else environment(QT_QPA_PLATFORM="offscreen")
    become(PYTHON, "-m", "tests.gallery", *arguments, env=env)


def setup(_arguments: list[str]) -> int:
    """Only the set-up"""
    prepare()
    return 0


def lock(arguments: list[str]) -> int:
    """Write requirements.lock from pyproject.toml; --upgrade takes new releases"""
    prepare_system({})
    return packaging("lock", arguments)


# --- the map in README.md ---------------------------------------------------------------------

MAP_BEGINS, MAP_ENDS = "<!-- map: python dev.py map -->", "<!-- end of map -->"
# How many parts the path of a folder with a row of its own has; what lies deeper belongs to it.
MAP_DEPTH = {"console": 3, "tests": 2}


def first_line(module: Path) -> str:
    """The first line of a module's docstring; empty where there is none."""
    text = ast.get_docstring(ast.parse(module.read_text(encoding="utf-8"))) or ""
    return text.partition("\n")[0]


def map_rows() -> Iterator[tuple[str, str]]:
    """Place and meaning of each folder and top module of `console` and of the tests' folders."""
    yield "dev.py", first_line(ROOT / "dev.py")
    for module in sorted((ROOT / "console").glob("*.py")):
        if module.name != "__init__.py":
            yield f"console/{module.name}", first_line(module)
    for top, depth in MAP_DEPTH.items():
        for package in sorted((ROOT / top).rglob("__init__.py")):
            folder = package.parent.relative_to(ROOT)
            if 1 < len(folder.parts) <= depth:
                yield f"{folder.as_posix()}/", first_line(package)


def map_table() -> str:
    """The map as it must stand in README.md, markers included."""
    rows = [f"| `{place}` | {meaning} |" for place, meaning in map_rows()]
    return "\n".join([MAP_BEGINS, "", "| where | what |", "|---|---|", *rows, "", MAP_ENDS])


def write_map(_arguments: list[str]) -> int:
    """Bring the map in README.md up to date with the first line of each docstring"""
    text = README.read_text(encoding="utf-8")
    pattern = f"{re.escape(MAP_BEGINS)}.*{re.escape(MAP_ENDS)}"
    README.write_text(re.sub(pattern, lambda _: map_table(), text, flags=re.S), encoding="utf-8")
    return 0


COMMANDS: dict[str, Callable[[list[str]], int]] = {
    "demo": demo,
    "test": test,
    "lint": lint,
    "build": build,
    "package": package,
    "manifest": manifest,
    "gallery": gallery,
    "bench": bench,
    "trials": trials,
    "setup": setup,
    "lock": lock,
    "map": write_map,
}


def main() -> int:
    """Run the named command with the rest of the arguments."""
    lines = "\n".join(f"  {name:9}{entry.__doc__}" for name, entry in COMMANDS.items())
    parser = argparse.ArgumentParser(
        prog="dev.py",
        usage="python3 dev.py COMMAND [ARGUMENTS]",
        description=f"{(__doc__ or '').partition(chr(10))[0]}\n\n{lines}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("command", choices=COMMANDS, metavar="COMMAND")
    options = parser.parse_args(sys.argv[1:2])
    try:
        return COMMANDS[options.command](sys.argv[2:])
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
