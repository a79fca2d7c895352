"""What builds and packages are made by: small in the right places, complete lists, true entries."""

from __future__ import annotations

import argparse
import configparser
import marshal
import os
import platform
import plistlib
import re
import shutil
import struct
import subprocess
import sys
import tomllib
from pathlib import Path

import frozen
import lock
import pytest
import sbom
import slim
import unpacked

from console import __version__, cli
from console.self_check import PARTS

ROOT = Path(__file__).parents[2]
PACKAGING = ROOT / "resources" / "packaging"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
PINS = sbom.read_lock((ROOT / "requirements.lock").read_text(encoding="utf-8"))


def icu_archive(items: dict[str, bytes]) -> bytes:
    """An archive in ICU's form: header, table, names, items at multiples of 16."""
    names = b"".join(name.encode() + b"\0" for name in items)
    at_name = 4 + 8 * len(items)
    at_item = -(-(at_name + len(names)) // 16) * 16
    table, body = struct.pack("<I", len(items)), b""
    for name, item in items.items():
        table += struct.pack("<II", at_name, at_item + len(body))
        at_name += len(name) + 1
        body += item.ljust(-(-len(item) // 16) * 16, b"\xaa")
    head = (struct.pack("<HHHHBBBB", 32, 0x27DA, 20, 0, 0, 0, 2, 0) + b"CmnD").ljust(32, b"\0")
    whole = table + names
    return head + whole.ljust(-(-len(whole) // 16) * 16, b"\xaa") + body


def test_trimmed_icu_data_is_what_icu_would_have_written_without_the_rest() -> None:
    kept = {
        "icudt73l/coll/sv.res": b"order",
        "icudt73l/nfc.nrm": b"n" * 17,
        "icudt73l/zone/id.res": b"WIB",
    }
    rest = {"icudt73l/brkitr/cjdict.dict": b"d" * 40, "icudt73l/gb18030.cnv": b"c" * 33}
    whole = dict(sorted({**kept, **rest}.items()))
    assert slim.trimmed_icu(icu_archive(whole)) == icu_archive(dict(sorted(kept.items())))


# Where the library's own Python files came from, and who made what runs.
CAME_FROM = """
import sys, shiboken6
print(*sorted(type(found.__spec__.loader).__name__ + " " + (found.__spec__.cached or "")
              for name, found in sys.modules.items() if name.startswith("shibokensupport.")))
"""


def test_a_build_finds_qt_for_pythons_own_files_compiled(tmp_path: Path) -> None:
    import shiboken6

    shutil.copytree(Path(shiboken6.__path__[0]), tmp_path / "shiboken6")
    unpacked.unpack(tmp_path)
    for source in (tmp_path / "shiboken6" / "files.dir").rglob("*.py"):
        source.write_text("raise SystemExit('compiled anew')")
    told = subprocess.run(
        [sys.executable, "-c", CAME_FROM],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    assert "signature/__pycache__/loader" in told
    assert "EmbeddableZipImporter" not in told
    compiled = tmp_path.rglob("files.dir/**/*.pyc")
    made = [marshal.loads(path.read_bytes()[16:]) for path in compiled]  # noqa: S302  ours
    assert made
    assert all(code.co_filename.startswith("shiboken6") for code in made)  # not the builder's own


def test_data_that_is_not_icus_is_refused() -> None:
    with pytest.raises(ValueError, match="not an archive"):
        slim.trimmed_icu(b"\0" * 64)


def test_a_library_whose_parts_were_moved_is_not_taken() -> None:
    head = b"\x7fELF\x02\x01".ljust(32, b"\0") + struct.pack("<QQ", 64, 0)
    head += b"\0" * 6 + struct.pack("<HH", 56, 1) + b"\0" * 6
    part = struct.Struct("<IIQQQQQQ")
    assert slim.is_loadable(head + part.pack(1, 5, 0x1000, 0x401000, 0, 0, 0, 0x1000))
    assert not slim.is_loadable(head + part.pack(1, 5, 0x1100, 0x401000, 0, 0, 0, 0x1000))
    assert not slim.is_loadable(b"MZ")


@pytest.mark.parametrize(
    ("place", "name"),
    [
        ("_internal/PySide6/Qt/lib/libavcodec.so.61", "FFmpeg (sound, video)"),
        (
            "_internal/PySide6/Qt/plugins/multimedia/libffmpegmediaplugin.so",
            "FFmpeg (sound, video)",
        ),
        ("_internal/PySide6/Qt/lib/libicudata.so.73", "ICU (sorting, time zones)"),
        ("_internal/PySide6/Qt/lib/libQt6Pdf.so.6", "PDF"),
        ("_internal/PySide6/Qt/lib/libQt6Gui.so.6", "Qt"),
        ("_internal/PySide6/QtGui.abi3.so", "Qt for Python"),
        ("_internal/libpython3.11.so.1.0", "Python"),
        ("_internal/pillow.libs/libjpeg.so", "pictures (Pillow, HEIF)"),
        ("_internal/libpulse.so.0", "libraries of the system"),
        ("balas", "Balas and all Python code"),
    ],
)
def test_each_file_of_a_build_counts_for_its_component(
    place: str, name: str, tmp_path: Path
) -> None:
    (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / place).write_bytes(b"12345")
    assert frozen.weights(tmp_path) == {name: 5}


def test_nothing_the_desktop_needs_is_left_out_of_the_build() -> None:
    for name in ("Qt6Pdf", "libavcodec.so.61", "Qt6Svg", "plugins/platforms/libqxcb.so"):
        assert slim.is_used((f"PySide6/Qt/{name}", "", ""))
    assert not slim.is_used(("PySide6/Qt/qml/QtQuick/x.so", "", ""))
    desktop = {pin.name for pin in _whole("desktop")}
    assert not desktop & {sbom.canonical(name) for name in slim.NOT_DESKTOP}
    assert {"sound", "PDF", "HEIC", "keyring"} <= set(PARTS), "what a build could lose is tried"


def test_every_module_of_qt_that_the_window_imports_is_in_the_build() -> None:
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "console").rglob("*.py")]
    imported = {name for text in sources for name in re.findall(r"PySide6\.(Qt\w+)", text)}
    assert imported <= slim.QT_USED, "name it in slim.py, and look at what the build weighs"


def _whole(part: str) -> list[sbom.Pin]:
    bill = sbom.bill(PROJECT, __version__, PINS, part)
    return [PINS[component["name"]] for component in bill["components"]]


def test_every_pin_of_the_lock_is_read() -> None:
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert len(PINS) == len(re.findall(r"^[\w.\-]+==", text, flags=re.M))
    assert all(pin.hashes for pin in PINS.values())


def test_the_bill_of_each_part_is_whole_and_the_same_each_time() -> None:
    bill = sbom.bill(PROJECT, __version__, PINS, "desktop")
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    names = {component["name"] for component in bill["components"]}
    assert {"pyside6-essentials", "shiboken6", "cryptography", "pydantic-core"} <= names
    assert not names & {"psycopg", "twilio", "pytest"}
    refs = {component["bom-ref"] for component in bill["components"]}
    assert len(refs) == len(names)
    for entry in bill["dependencies"]:
        assert set(entry["dependsOn"]) <= refs
    reached, todo = set(), [bill["metadata"]["component"]["bom-ref"]]
    asks = {entry["ref"]: entry["dependsOn"] for entry in bill["dependencies"]}
    while todo:
        reached.add(one := todo.pop())
        todo += set(asks[one]) - reached
    assert refs <= reached, "everything is asked for by something"
    assert bill == sbom.bill(PROJECT, __version__, PINS, "desktop")
    assert "psycopg" in {pin.name for pin in _whole("service")}


def test_the_version_is_the_same_everywhere() -> None:
    assert PROJECT["version"] == __version__


def test_the_menu_entry_opens_our_links(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = configparser.ConfigParser(interpolation=None)
    entry.optionxform = str  # type: ignore[assignment,method-assign]
    entry.read(PACKAGING / "balas.desktop", encoding="utf-8")
    section = entry["Desktop Entry"]
    assert section["Exec"] == "balas %u"
    assert section["MimeType"] == "x-scheme-handler/balas;"
    followed: list[str] = []

    def desktop(options: argparse.Namespace) -> int:
        followed.append(options.link)
        return 0

    monkeypatch.setattr(cli, "_desktop", desktop)
    assert cli.main(["balas://conversation/1"]) == 0
    assert followed == ["balas://conversation/1"]
    if shutil.which("desktop-file-validate"):
        subprocess.run(["desktop-file-validate", PACKAGING / "balas.desktop"], check=True)


def test_the_archive_installs_and_goes_without_a_trace(tmp_path: Path) -> None:
    here, home = tmp_path / "archive", tmp_path / "home with space"
    program = here / "usr/lib/balas"
    (program / "_internal").mkdir(parents=True)
    (program / "_internal" / "part.so").write_text("part")
    (program / "balas").write_text('#!/bin/sh\necho started "$@"\n')
    (program / "balas").chmod(0o755)
    for name in ("applications", "icons/hicolor/scalable/apps", "icons/hicolor/512x512/apps"):
        (here / "usr/share" / name).mkdir(parents=True)
    for name, place in (
        ("balas.desktop", "applications"),
        ("balas.svg", "icons/hicolor/scalable/apps"),
        ("balas.png", "icons/hicolor/512x512/apps"),
    ):
        shutil.copy(PACKAGING / name, here / "usr/share" / place)
    shutil.copy(PACKAGING / "install.sh", here)
    run = ["sh", str(here / "install.sh")]
    subprocess.run([*run, str(home)], check=True)
    (home / "lib/balas/balas-project.json").write_text("{}")
    said = subprocess.run([home / "bin/balas", "x"], check=True, capture_output=True, text=True)
    assert said.stdout == "started x\n"
    subprocess.run([*run, str(home)], check=True)  # over an older one
    subprocess.run([*run, "--remove", str(home)], check=True)
    left = [path.name for path in home.rglob("*") if path.is_file()]
    assert set(left) - {"mimeinfo.cache", "icon-theme.cache"} == {"balas-project.json"}


def test_what_the_other_systems_are_packed_by_names_files_that_exist() -> None:
    script = (PACKAGING / "windows.iss").read_text(encoding="utf-8")
    assert (PACKAGING / re.findall(r"^SetupIconFile=(.+)$", script, flags=re.M)[0]).is_file()
    assert '""%1""' in script
    rights = plistlib.loads((PACKAGING / "macos-entitlements.plist").read_bytes())
    assert rights == {
        "com.apple.security.cs.allow-unsigned-executable-memory": True,
        "com.apple.security.device.audio-input": True,
    }
    subprocess.run(["sh", "-n", PACKAGING / "macos.sh"], check=True)
    spec = (ROOT / "build.spec").read_text(encoding="utf-8")
    named = set(re.findall(r'PACKAGING / "([\w.-]+)"', spec))
    assert {"windows-version.txt", "macos-entitlements.plist", "balas.icns"} <= named
    assert all((PACKAGING / name).is_file() for name in named)
    compile(spec, "build.spec", "exec")
    shown = (PACKAGING / "windows-version.txt").read_text(encoding="utf-8")
    compile(shown.replace("NUMBERS", "0, 1, 0, 0"), "version", "eval")


def test_the_resolver_is_asked_for_hashes_and_for_every_system() -> None:
    source = Path(lock.__file__).read_text(encoding="utf-8")
    assert {"--universal", "--generate-hashes"} <= set(re.findall(r'"(--[\w-]+)"', source))
    assert sys.version_info >= (3, 11)


@pytest.mark.parametrize("name", ["libstdc++.so.6", "libgcc_s.so.1", "libexpat.so.1"])
def test_what_the_systems_drivers_load_too_is_the_systems_own(name: str) -> None:
    assert not slim.is_used((name, f"/lib/x86_64-linux-gnu/{name}", "BINARY"))


@pytest.mark.skipif(
    sys.platform != "linux" or not shutil.which("objdump"), reason="Linux and its binutils"
)
def test_the_c_library_that_a_build_wants_is_the_newest_that_a_file_in_it_asks_for(
    tmp_path: Path,
) -> None:
    assert slim.glibc_of(tmp_path) == "2.0"
    shutil.copyfile(Path(sys.executable).resolve(), tmp_path / "python")
    wanted = [int(part) for part in slim.glibc_of(tmp_path).split(".")]
    assert [2, 0] < wanted <= [int(part) for part in platform.libc_ver()[1].split(".")]
