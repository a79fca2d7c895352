"""Packs the frozen desktop for Linux, a .deb and a plain archive, and tries both: `dev.py package`.

Each is installed below a scratch folder, checks itself, is started on a screen of its own (Xvfb)
until its window is there, closed, and removed; nothing may be left. Lists of what is inside
(sbom.py) are written beside them. Needs dpkg-deb, Xvfb and xwininfo.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import lzma
import os
import platform
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
from pathlib import Path

import container
import fresh
import frozen
import sbom
import service_wheel
import slim
from screen import window_of

ROOT = frozen.ROOT
HERE = ROOT / "resources" / "packaging"
DIST = frozen.DIST
LARGEST = 80_000_000  # bytes of each package
MACHINES = {"x86_64": "amd64", "aarch64": "arm64"}

# What the frozen program takes from the system: only what would not fit from elsewhere.
DEPENDS = (
    "libstdc++6, libgcc-s1, libexpat1, fontconfig-config, "
    "libegl1, libgl1, libxcb1, libdrm2, libwayland-client0, libwayland-cursor0, libwayland-egl1"
)
RECOMMENDS = "fonts-noto-color-emoji, gnome-keyring | kwalletmanager, xdg-desktop-portal"


def version() -> str:
    """The program's own."""
    text = (ROOT / "console" / "__init__.py").read_text(encoding="utf-8")
    found = re.search(r'__version__ = "(.+)"', text)
    assert found is not None  # noqa: S101  the line that build.spec reads, too
    return found[1]


def lay_out(root: Path, preset: Path | None) -> None:
    """The program as it lies on a system, below `root`."""
    program = root / "usr" / "lib" / "balas"
    shutil.copytree(frozen.FOLDER, program, symlinks=True)
    (program / frozen.PRESET).unlink(missing_ok=True)
    if preset:
        shutil.copyfile(preset, program / frozen.PRESET)
    (root / "usr" / "bin").mkdir(parents=True)
    (root / "usr" / "bin" / "balas").symlink_to("../lib/balas/balas")
    share = root / "usr" / "share"
    for source, place in (
        ("balas.desktop", "applications/balas.desktop"),
        ("balas.svg", "icons/hicolor/scalable/apps/balas.svg"),
        ("balas.png", "icons/hicolor/512x512/apps/balas.png"),
    ):
        target = share / place
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(HERE / source, target)
    for path in [root, *root.rglob("*")]:
        if not path.is_symlink():
            runs = path.is_dir() or path == program / "balas"
            path.chmod(0o755 if runs else 0o644)


def make_deb(tree: Path, target: Path) -> None:
    """The package of Debian and Ubuntu, whose own triggers enter it in the menu and the links."""
    size = sum(path.lstat().st_size for path in tree.rglob("*")) // 1024
    depends = f"libc6 (>= {slim.glibc_of(tree)}), {DEPENDS}"
    control = tree / "DEBIAN" / "control"
    control.parent.mkdir(mode=0o755)
    control.write_text(
        f"Package: balas\nVersion: {version()}\nArchitecture: {MACHINES[platform.machine()]}\n"
        f"Maintainer: Balas <balas@localhost>\nInstalled-Size: {size}\nDepends: {depends}\n"
        f"Recommends: {RECOMMENDS}\nSection: net\nPriority: optional\n"
        "Description: answer customers on WhatsApp and SMS\n"
        " The desk from which a support team answers customers: an encrypted copy of the\n"
        " conversations on this computer, the team's own Supabase project behind it.\n",
        encoding="utf-8",
    )
    _run("dpkg-deb", "--root-owner-group", "-Zxz", "-z6", "--build", tree, target)
    shutil.rmtree(control.parent)


def make_archive(tree: Path, target: Path) -> None:
    """The same files with a script that installs them for one person or for all."""
    x86 = [{"id": lzma.FILTER_X86}] if platform.machine() == "x86_64" else []
    filters = [*x86, {"id": lzma.FILTER_LZMA2, "preset": 6, "dict_size": 1 << 25}]
    top = target.name.removesuffix(".tar.xz")

    def owned_by_nobody(entry: tarfile.TarInfo) -> tarfile.TarInfo:
        entry.uid = entry.gid = 0
        entry.uname = entry.gname = ""
        return entry

    with (
        lzma.open(target, "wb", filters=filters) as packed,
        tarfile.open(fileobj=packed, mode="w") as archive,
    ):
        archive.add(tree / "usr", f"{top}/usr", filter=owned_by_nobody)
        archive.add(HERE / "install.sh", f"{top}/install.sh", filter=owned_by_nobody)


def try_deb(package: Path) -> None:
    """Installed, started, seen, removed, with a database of packages of its own."""
    with tempfile.TemporaryDirectory(prefix="balas-deb-") as scratch:
        root = Path(scratch) / "root"
        (root / "var/lib/dpkg/info").mkdir(parents=True)
        (root / "var/lib/dpkg/updates").mkdir()
        (root / "var/lib/dpkg/status").touch()
        dpkg = [*_as_root(), "dpkg", f"--root={root}", "--force-not-root", "--force-depends"]
        _run(*dpkg, "--install", package, quiet=True)
        try_program(root / "usr/bin/balas", Path(scratch))
        preset = root / "usr/lib/balas" / frozen.PRESET
        _run(*dpkg, "--remove", "balas", quiet=True)
        preset.unlink(missing_ok=True)
        _nothing_left(root / "usr")


def try_archive(package: Path) -> None:
    """Unpacked, installed for one person, started, seen, taken away again."""
    with tempfile.TemporaryDirectory(prefix="balas-tar-") as scratch:
        with tarfile.open(package) as archive:
            archive.extractall(scratch, filter="tar")
        script = Path(scratch) / package.name.removesuffix(".tar.xz") / "install.sh"
        prefix = Path(scratch) / "home" / ".local"
        _run("sh", script, prefix, quiet=True)
        entry = (prefix / "share/applications/balas.desktop").read_text(encoding="utf-8")
        if f"Exec={prefix}/bin/balas %u" not in entry:
            raise SystemExit("the archive's menu entry does not start what was installed")
        try_program(prefix / "bin" / "balas", Path(scratch))
        _run("sh", script, "--remove", prefix, quiet=True)
        (prefix / "lib/balas" / frozen.PRESET).unlink(missing_ok=True)
        _nothing_left(prefix)


def try_program(program: Path, scratch: Path) -> None:
    """Whole, with an administrator's project beside it, and with a window that closes in peace."""
    home = scratch / "person"
    home.mkdir()
    names = ("PATH", "LANG", "XDG_RUNTIME_DIR")
    env = {name: os.environ[name] for name in names if name in os.environ} | {"HOME": str(home)}
    if frozen.check(program):
        raise SystemExit(f"{program} is not whole")
    beside = program.resolve().parent / frozen.PRESET
    if not beside.exists():
        text = {"supabase_url": "https://preset.example", "publishable_key": "sb_publishable_try"}
        beside.write_text(json.dumps(text), encoding="utf-8")
    url = json.loads(beside.read_text(encoding="utf-8"))["supabase_url"]
    said = subprocess.run(
        [str(program), "--self-check"], env=env, capture_output=True, text=True
    ).stdout
    if f"project: {url}, handed out with this build" not in said:
        raise SystemExit(f"the project file beside the program is not read:\n{said}")
    began = time.monotonic()
    size = window_of([str(program)], "Balas", env)
    frozen.say(f"its window, {size}, was there {time.monotonic() - began:.1f} s after the start")


def _nothing_left(folder: Path) -> None:
    caches = {"mimeinfo.cache", "icon-theme.cache"}  # the desktop's own
    left = [path for path in folder.rglob("*") if not path.is_dir() and path.name not in caches]
    if left:
        raise SystemExit(f"left behind after removal: {left[:5]}")


def _as_root() -> list[str]:
    return [] if os.geteuid() == 0 or not shutil.which("fakeroot") else ["fakeroot"]


def _run(*command: str | Path, quiet: bool = False) -> None:
    out = subprocess.DEVNULL if quiet else sys.stderr
    subprocess.run([str(part) for part in command], check=True, stdout=out)


def parser() -> argparse.ArgumentParser:
    """What the command takes."""
    made = argparse.ArgumentParser(prog="python3 dev.py package", description=__doc__)
    made.add_argument("--preset", type=Path, help="a project file to hand out with it")
    made.add_argument("--built", action="store_true", help="take dist/balas as it is")
    made.add_argument("--service", action="store_true", help="only the service's wheel")
    made.add_argument("--container", action="store_true", help="only the Containerfile's steps")
    made.add_argument("--fresh", action="store_true", help="only the .deb, on a fresh Debian")
    return made


def main() -> int:
    """As the arguments say; 0 when both packages were made and tried."""
    options = parser().parse_args()
    if options.service:
        return service_wheel.make_and_try()
    if options.container:
        return container.try_file()
    if not sys.platform.startswith("linux"):
        parser().error("see resources/packaging/PACKAGES.md for Windows and macOS")
    deb = DIST / f"balas_{version()}_{MACHINES[platform.machine()]}.deb"
    if options.fresh:
        return fresh.try_package(deb)
    if not options.built and (status := frozen.build(ROOT / "out" / "build")):
        return status
    archive = DIST / f"balas-{version()}-linux-{platform.machine()}.tar.xz"
    with tempfile.TemporaryDirectory(prefix="balas-package-") as scratch:
        tree = Path(scratch) / "tree"
        lay_out(tree, options.preset)
        make_deb(tree, deb)
        make_archive(tree, archive)
    made = [deb, archive, *sbom.write(DIST)]
    for file in made:
        whole = hashlib.sha256(file.read_bytes()).hexdigest()
        frozen.say(f"{file.stat().st_size / 1e6:7.1f} MB  {file.name}  sha256 {whole}")
    if max(deb.stat().st_size, archive.stat().st_size) > LARGEST:
        frozen.say(f"more than {LARGEST / 1e6:.0f} MB packed")
        return 1
    try_deb(deb)
    try_archive(archive)
    frozen.say("both packages were installed, started, seen and removed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
