"""The bill of materials names native libraries with the versions that they themselves say."""

from __future__ import annotations

import ctypes.util
import json
import re
import shutil
import sys
from importlib.metadata import Distribution, distribution
from pathlib import Path

import apsw
import natives
import psycopg.pq
import pytest
import sbom
from cryptography.hazmat.backends.openssl import backend
from PySide6.QtCore import qVersion

from console import __version__

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="names files as the wheels for Linux do"
)


def files(wheel: Distribution, pattern: str) -> frozenset[str]:
    """The files of a wheel whose path fits."""
    return frozenset(
        file.as_posix() for file in wheel.files or () if re.search(pattern, file.as_posix())
    )


def versions(name: str, pattern: str = "") -> dict[str, str]:
    """Each library in an installed wheel, or in these files of it."""
    wheel = distribution(name)
    inside = files(wheel, pattern) if pattern else None
    return {one.name: one.version for one in natives.of_distribution(wheel, inside)}


def test_qt_and_what_lies_beside_it_are_found_in_their_wheels() -> None:
    found = versions("pyside6-essentials", r"Qt/lib/lib(Qt6Core|icuuc)\.so")
    assert found["Qt"] == qVersion()
    assert re.fullmatch(r"\d\d\.\d+", found["ICU"])
    assert re.fullmatch(r"\d+\.[\d.]+", versions("pyside6-addons", r"lib/libavcodec")["FFmpeg"])


def test_the_encrypted_store_is_found_in_its_wheel() -> None:
    found = versions("apsw-sqlite3mc")
    assert found["SQLite"] == apsw.sqlite_lib_version()
    assert found["SQLite3 Multiple Ciphers"] in apsw.mc_version  # type: ignore[attr-defined]


def test_every_openssl_and_libpq_are_found_in_their_wheels() -> None:
    assert f"OpenSSL {versions('cryptography')['OpenSSL']} " in backend.openssl_version_text()
    service = versions("psycopg-binary")
    number = psycopg.pq.version()
    assert service["libpq"] == f"{number // 10000}.{number % 10000}"
    assert re.fullmatch(r"3\.\d+\.\d+\w*", service["OpenSSL"])


def test_what_a_wheel_lists_itself_is_taken_over_with_its_source() -> None:
    listed = natives.of_distribution(distribution("pydantic-core"))
    told = {one.purl.partition("/")[0] for one in listed}
    assert told == {"pkg:cargo"}
    assert {one.told_by for one in listed} == {"the wheel's own list"}


def test_a_file_that_only_looks_like_a_library_is_none(tmp_path: Path) -> None:
    (tmp_path / "libx.so.1").write_text("GROUP ( libx.so )", encoding="utf-8")
    assert not natives.is_native(tmp_path / "libx.so.1")


def system_library() -> Path:
    """A library that the system's Python, or any program, is linked with."""
    maps = Path("/proc/self/maps").read_text(encoding="utf-8")
    for path in map(Path, sorted(set(re.findall(r"(/\S*/libc\.so\.6)$", maps, flags=re.M)))):
        return path
    pytest.skip(f"no library of the system is loaded: {ctypes.util.find_library('c')}")


@pytest.mark.skipif(not shutil.which("dpkg-query"), reason="no Debian here")
def test_what_a_build_took_from_the_system_is_named_by_its_package(tmp_path: Path) -> None:
    source, internal = system_library(), tmp_path / "balas" / "_internal"
    (internal / "wheel").mkdir(parents=True)
    for place in ("libc.so.6", "libnobodys.so.1", "wheel/ours.so"):
        shutil.copyfile(source, internal / place)
    contents = tmp_path / "COLLECT-00.toc"
    contents.write_text(repr(([("libc.so.6", str(source), "BINARY")],)), encoding="utf-8")
    libc, nobodys = natives.of_build(internal.parent, contents, frozenset({"wheel/ours.so"}))
    assert (nobodys.name, nobodys.version) == ("libnobodys.so.1", "")
    assert libc.purl.startswith("pkg:deb/")
    assert libc.files == ("libc.so.6",)
    assert libc.version


def test_a_bill_holds_them_inside_what_brings_them() -> None:
    project = {"name": "balas", "dependencies": [], "optional-dependencies": {"x": ["apsw"]}}
    wheel = distribution("apsw-sqlite3mc")
    pins = {"apsw": sbom.Pin(wheel.name, wheel.version, "", ())}
    made = sbom.bill(project, __version__, pins, "x")
    before = made["serialNumber"]
    sbom.add_natives(made, {sbom.canonical(wheel.name): pins["apsw"]}, None)
    (component,) = made["components"]
    names = {one["name"]: one for one in component["components"]}
    assert names["SQLite"]["version"] == apsw.sqlite_lib_version()
    assert names["SQLite"]["purl"] == f"pkg:generic/sqlite@{apsw.sqlite_lib_version()}"
    assert made["serialNumber"] != before
    references = [component["bom-ref"], *(one["bom-ref"] for one in component["components"])]
    assert len(references) == len(set(references))
    assert json.dumps(made)
