"""Builds the frozen desktop in dist/balas, says what each part weighs, and lets it check itself.

`python3 dev.py build`. With `--preset FILE` an administrator's project file lies beside the program
afterwards, so that whoever starts it is asked for name and password only.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import slim
import unpacked

ROOT = Path(__file__).resolve().parents[2]
DIST = ROOT / "dist"
FOLDER = DIST / "balas"
PROGRAM = FOLDER / ("balas.exe" if os.name == "nt" else "balas")
PRESET = "balas-project.json"
LARGEST = 200_000_000  # bytes on disk, on Linux; more is a part that crept in

# A component by the places of its files; the first that fits counts.
COMPONENTS = (
    ("FFmpeg (sound, video)", r"PySide6/.*(libav|libsw|ffmpeg|avcodec|avformat|avutil|swscale)"),
    ("ICU (sorting, time zones)", r"PySide6/.*(libicu|icu)"),
    ("PDF", r"PySide6/.*[Pp]df"),
    ("Qt", r"PySide6/Qt/|PySide6/plugins/|PySide6/Qt6"),
    ("Qt for Python", r"PySide6/|shiboken6/"),
    ("Python", r"libpython|python3\.\d+/|base_library|python3\d*\.dll|/lib-dynload/"),
    ("cryptography, TLS", r"cryptography|libcrypto|libssl|certifi"),
    ("pictures (Pillow, HEIF)", r"PIL/|pillow\.libs|pi_heif"),
    ("encrypted store", r"apsw"),
    ("shipped files", r"resources/"),
    ("Balas and all Python code", r"^balas(\.exe)?$"),
    ("libraries of the system", r"\.so(\.|$)|\.dylib$|\.dll$"),
    ("other", r""),
)


def weights(folder: Path) -> Counter[str]:
    """Bytes on disk of each component of a build, links not followed."""
    found: Counter[str] = Counter()
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            place = path.relative_to(folder).as_posix().removeprefix("_internal/")
            name = next(name for name, pattern in COMPONENTS if re.search(pattern, place))
            found[name] += path.stat().st_size
    return found


def build(work: Path) -> int:
    """Freeze, make lighter, report; 0 when the build is whole."""
    began = time.monotonic()
    status = subprocess.run(
        [
            sys.executable, "-m", "PyInstaller", "--noconfirm", "--log-level=WARN",
            "--workpath", str(work), "--distpath", str(DIST), str(ROOT / "build.spec"),
        ],
        cwd=ROOT,
    ).returncode  # fmt: skip
    if status:
        return status
    if sys.platform.startswith("linux"):
        for words in slim.lighten(FOLDER):
            say(words)
        say(unpacked.unpack(FOLDER / "_internal"))
    found = weights(FOLDER)
    for name, size in found.most_common():
        say(f"{size / 1e6:7.1f} MB  {name}")
    total = found.total()
    say(f"{total / 1e6:7.1f} MB  in all, built in {time.monotonic() - began:.0f} s")
    if sys.platform.startswith("linux") and total > LARGEST:
        say(f"more than {LARGEST / 1e6:.0f} MB: name what is not needed in slim.py")
        return 1
    return check(PROGRAM)


def check(program: Path) -> int:
    """The program's own word on whether it is whole."""
    return subprocess.run([str(program), "--self-check"]).returncode


def say(words: str) -> None:
    """One line about the build, on stderr."""
    sys.stderr.write(f"build: {words}\n")
    sys.stderr.flush()


def parser() -> argparse.ArgumentParser:
    """What the command takes."""
    made = argparse.ArgumentParser(prog="python3 dev.py build", description=__doc__)
    made.add_argument("--preset", type=Path, help="a project file to put beside the program")
    return made


def main() -> int:
    """As the arguments say."""
    options = parser().parse_args()
    status = build(ROOT / "out" / "build")
    if not status and options.preset:
        shutil.copyfile(options.preset, FOLDER / PRESET)
        status = check(PROGRAM)
    return status


if __name__ == "__main__":
    sys.exit(main())
