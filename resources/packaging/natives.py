"""The native libraries inside a build or an installed wheel, with the versions they say themselves.

Nothing is typed in: a version comes from the library's own bytes, from the list that a wheel brings
along (PEP 770), from the package of the system that owned the file, or from the file's name.
Standard library only.
"""

from __future__ import annotations

import ast
import ctypes
import json
import platform
import re
import shutil
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import Distribution
from pathlib import Path
from typing import Any
from urllib.parse import quote

MAGIC = (b"\x7fELF", b"MZ", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe")
LIBRARY = re.compile(r"\.(so(\.[\d.]+)?|dll|pyd|dylib)$|\.so\.")

# Name, the files that can say it, and how they do.
SAYS = (
    ("Qt", r"Qt6?Core", rb"Qt (\d+\.\d+\.\d+) \("),
    ("FFmpeg", r"avcodec|avformat|avutil", rb"FFmpeg version n?(\d+\.[\d.]+)\0"),
    ("ICU", r"icuuc", rb"\0(\d\d\.\d+)\0"),
    ("OpenSSL", r"", rb"OpenSSL (\d+\.\d+\.\d+\w*) \d{1,2} \w{3} \d{4}"),
    ("SQLite3 Multiple Ciphers", r"apsw", rb"SQLite3 Multiple Ciphers (\d[\d.]*\d)"),
    ("SQLite", r"apsw", rb"\0(3\.\d+\.\d+)\0"),
    ("libpng", r"Qt6?Gui", rb"libpng version (\d[\d.]*\d)"),
)
# Those that tell only when they are asked: the function, and what it answers with.
ASKED = (
    ("Python", r"^(libpython3[\d.]*\.so|libpython3.*\.dylib|python3\d+\.dll)", "Py_GetVersion"),
    ("libpq", r"^libpq\b", "PQlibVersion"),
)
FILES_NAME = "its file's name, which may count interfaces and not releases"
BUNDLED = re.compile(r"^(?:lib)?(?P<name>[\w+.]+?)-[0-9a-f]{8,}\.(?:so\.?)?(?P<version>[\d.]*\d)?")


@dataclass(frozen=True, slots=True, order=True)
class Native:
    """One library: where its version was read, and the files that are it."""

    name: str
    version: str  # "" where nothing says it
    purl: str
    told_by: str
    files: tuple[str, ...] = ()

    def component(self, inside: str) -> dict[str, Any]:
        """As CycloneDX has it; `inside` names what brings it along."""
        made: dict[str, Any] = {
            "type": "library",
            "bom-ref": f"{inside}#{self.purl}",
            "name": self.name,
        }
        if self.version:
            made["version"] = self.version
        made["purl"] = self.purl
        files = [{"name": "balas:file", "value": file} for file in self.files]
        made["properties"] = [{"name": "balas:version-told-by", "value": self.told_by}, *files]
        return made


def generic(name: str, version: str) -> str:
    """The package URL of something that no registry of packages has."""
    words = re.sub(r"[^a-z0-9.+]+", "-", name.lower())
    return f"pkg:generic/{words}@{quote(version)}" if version else f"pkg:generic/{words}"


def is_native(path: Path) -> bool:
    """Whether a file is a library or a program of some system."""
    if not LIBRARY.search(path.name) or path.is_symlink() or not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(4).startswith(MAGIC)


def told(path: Path) -> Iterator[tuple[str, str, str]]:
    """Name, version and source of each library that a file contains."""
    content = path.read_bytes()
    for name, where, pattern in SAYS:
        if re.search(where, path.as_posix()):
            versions = {match.decode() for match in re.findall(pattern, content)}
            yield from ((name, version, "its own bytes") for version in sorted(versions))
    for name, where, function in ASKED:
        if re.search(where, path.name):
            yield name, asked(path, function), f"its own {function}()"


def asked(library: Path, function: str) -> str:
    """What a library answers, in a process of its own; Raises CalledProcessError."""
    command = [sys.executable, __file__, str(library), function]
    answer = subprocess.run(command, capture_output=True, text=True, check=True)
    said = answer.stdout.split()[0]
    if function == "PQlibVersion":  # 180003 is 18.3
        return f"{int(said) // 10000}.{int(said) % 10000}"
    return said


def collected(found: Iterable[tuple[str, str, str, str]]) -> list[Native]:
    """Each library once, with all its files. The tuples: name, version, source, file."""
    files: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for name, version, source, file in found:
        files[name, version, source].add(file)
    return sorted(
        Native(name, version, generic(name, version), source, tuple(sorted(where)))
        for (name, version, source), where in files.items()
    )


def of_distribution(dist: Distribution, inside: frozenset[str] | None = None) -> list[Native]:
    """The libraries that an installed wheel brings; `inside`: only these files of it."""
    found: list[tuple[str, str, str, str]] = []
    whole = [file for file in dist.files or () if inside is None or file.as_posix() in inside]
    for file in whole:
        path = Path(str(dist.locate_file(file)))
        if not is_native(path):
            continue
        says = list(told(path))
        found += [(*one, file.as_posix()) for one in says]
        bundled = BUNDLED.match(path.name) if ".libs/" in file.as_posix() else None
        if bundled and not says:
            version = (bundled["version"] or "").strip(".")
            found.append((bundled["name"], version, FILES_NAME, file.as_posix()))
    made = collected(found)
    if made or any(is_native(Path(str(dist.locate_file(file)))) for file in whole):
        known = {(one.name.lower(), one.version) for one in made}
        made += [one for one in brought_along(dist) if (one.name.lower(), one.version) not in known]
    return sorted(made)


def brought_along(dist: Distribution) -> Iterator[Native]:
    """What a wheel's own lists name (PEP 770), itself left out."""
    for file in dist.files or ():
        if not re.search(r"\.dist-info/sboms/.*\.json$", file.as_posix()):
            continue
        listed = json.loads(Path(str(dist.locate_file(file))).read_text(encoding="utf-8"))
        for one in listed.get("components", ()):
            purl = str(one.get("purl") or generic(one["name"], one.get("version", "")))
            if not purl.lower().startswith(f"pkg:pypi/{dist.name.lower()}@"):
                yield Native(one["name"], str(one.get("version", "")), purl, "the wheel's own list")


def of_build(folder: Path, contents: Path, ours: frozenset[str]) -> list[Native]:
    """Python, and what was taken from the system that built it.

    `contents` is PyInstaller's list of what it collected from where; `ours` are the files that
    wheels brought.
    """
    inside = folder / "_internal"
    sources = {name: source for name, source in _collected(contents)}
    python: list[tuple[str, str, str, str]] = []
    system: dict[str, str] = {}
    for path in sorted(inside.rglob("*")):
        place = path.relative_to(inside).as_posix()
        if not is_native(path) or place in ours or "/lib-dynload/" in f"/{place}":
            continue
        says = [one for one in told(path) if one[0] == "Python"]
        python += [(*one, place) for one in says]
        if not says:
            system[place] = sources.get(place, place)
    return [*collected(python), *owned(system)]


def _collected(contents: Path) -> Iterator[tuple[str, str]]:
    def walk(part: Any) -> Iterator[tuple[str, str]]:
        if isinstance(part, tuple) and len(part) == 3 and all(isinstance(x, str) for x in part):
            yield part[0], part[1]
        elif isinstance(part, (list, tuple)):
            for one in part:
                yield from walk(one)

    yield from walk(ast.literal_eval(contents.read_text(encoding="utf-8")))


def owned(system: dict[str, str]) -> list[Native]:
    """The packages of this system that files came from: `system` maps places to their sources."""
    files: dict[str, set[str]] = defaultdict(set)
    nobodys = set(system)
    if shutil.which("dpkg-query"):
        for place, source in system.items():
            real = Path(source).resolve()
            names = {source, str(real), str(real).removeprefix("/usr"), f"/usr{source}"}
            answer = subprocess.run(
                ["dpkg-query", "--search", *sorted(names)], capture_output=True, text=True
            )
            if match := re.search(r"^([\w.+-]+)(?::\w+)?: /", answer.stdout, flags=re.M):
                files[match[1]].add(place)
                nobodys.discard(place)
    made = [_debian(package, tuple(sorted(places))) for package, places in files.items()]
    made += [
        Native(Path(place).name, "", generic(Path(place).name, ""), "nothing", (place,))
        for place in nobodys
    ]
    return sorted(made)


def _debian(package: str, places: tuple[str, ...]) -> Native:
    form = "${Version}\t${Architecture}\n"
    answer = subprocess.run(
        ["dpkg-query", "--show", f"--showformat={form}", package],
        capture_output=True,
        text=True,
        check=True,
    )
    version, architecture = answer.stdout.splitlines()[0].split("\t")
    system = platform.freedesktop_os_release().get("ID", "debian")
    purl = f"pkg:deb/{system}/{package}@{quote(version)}?arch={architecture}"
    return Native(package, version, purl, "the system's list of packages", places)


if __name__ == "__main__":  # what `asked` starts
    answered = getattr(ctypes.CDLL(sys.argv[1]), sys.argv[2])
    if sys.argv[2] == "Py_GetVersion":
        answered.restype = ctypes.c_char_p
    value = answered()
    sys.stdout.write(value.decode() if isinstance(value, bytes) else str(value))
