"""Installs the .deb by apt on a Debian that has nothing else, starts it, and removes it.

`python3 dev.py package --fresh`, as root on Linux with debootstrap, on the .deb that is in dist.
Where `package` alone tries the program among this machine's libraries, this says whether what the
package asks for is enough.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import frozen
from screen import window_of

SUITE = "bookworm"  # the oldest Debian that PACKAGES.md promises
NEEDED = ("debootstrap", "unshare", "chroot", "Xvfb", "xwininfo")
SOCKETS = "/tmp/.X11-unix"  # noqa: S108  where X has them
PERSON = "1000:1000"
HOME = "/srv/person"


def system(folder: Path) -> Path:
    """A fresh Debian that reaches its archive."""
    root = folder / "root"
    command = ["debootstrap", "--variant=minbase", SUITE, str(root)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    for name in ("resolv.conf", "hosts"):
        shutil.copyfile(Path("/etc") / name, root / "etc" / name)
    (root / SOCKETS[1:]).mkdir(mode=0o1777)
    (root / HOME[1:]).mkdir(parents=True)
    os.chown(root / HOME[1:], *map(int, PERSON.split(":")))
    return root


def inside(root: Path, *command: str, user: str = "0:0", home: str = "/root") -> list[str]:
    """The command that runs `command` in there, with this machine's screens."""
    script = (
        f"mount --bind {SOCKETS} {root}{SOCKETS} && mount -t proc proc {root}/proc"
        f' && exec chroot --userspec={user} {root} env -i LC_ALL=C.UTF-8 DISPLAY="$DISPLAY"'
        f' HOME={home} QT_QPA_PLATFORM="$QT_QPA_PLATFORM" DEBIAN_FRONTEND=noninteractive'
        f' PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@"'
    )
    return ["unshare", "--mount", "sh", "-c", script, "sh", *command]


def apt(root: Path, *words: str) -> None:
    """One run of apt-get in there, what it says on stderr."""
    command = inside(root, "apt-get", "--quiet", "--yes", "--no-install-recommends", *words)
    subprocess.run(command, check=True, stdout=sys.stderr)


def try_package(package: Path) -> int:
    """0 when the package is whole, shows its window and goes, on a Debian of its own."""
    missing = [name for name in NEEDED if not shutil.which(name)]
    if missing or os.geteuid() != 0:
        raise SystemExit(f"needs root and {', '.join(missing or NEEDED)}")
    Path(SOCKETS).mkdir(mode=0o1777, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="balas-fresh-") as folder:
        root = system(Path(folder))
        shutil.copyfile(package, root / "balas.deb")
        apt(root, "update")
        apt(root, "install", "/balas.deb")
        balas = inside(root, "balas", user=PERSON, home=HOME)
        unseen = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
        if subprocess.run([*balas, "--self-check"], env=unseen).returncode:
            raise SystemExit("it is not whole there: the package asks for too little")
        size = window_of(balas, "Balas", os.environ)
        apt(root, "remove", "balas")
        left = [str(path) for path in (root / "usr").rglob("*balas*")]
        if left:
            raise SystemExit(f"left behind after removal: {left[:5]}")
        status = (root / "var/lib/dpkg/status").read_text(encoding="utf-8")
        more = len(re.findall("^Package: ", status, flags=re.M))
    frozen.say(f"on a fresh {SUITE}: installed, whole, its window {size}, removed; {more} packages")
    return 0
