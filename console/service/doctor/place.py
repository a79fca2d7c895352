"""This machine: the spool's folder, and the way from outside to the service."""

from __future__ import annotations

import contextlib
import os
import secrets
import socket
import ssl
import stat
import sys
import time
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from console.service.config import Config
from console.service.doctor.finding import Finding, Findings, RepairFailedError

# Gone after a restart of the machine, or of the container.
_VOLATILE = {"tmpfs", "ramfs", "devtmpfs", "overlay"}
_FOLDER = "Give BALAS_SPOOL_DIR a folder on a lasting disk that the service's user owns."
_DAYS = 14


def look_at_spool(config: Config) -> list[Finding]:
    """Whether what is put into the spool's folder is private and outlasts a crash."""
    found = Findings("spool")
    folder = config.spool_dir
    if folder is None:
        return found.all
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _write(folder)
    except OSError as error:
        found.wrong(str(folder), f"cannot be written: {error.strerror}", _FOLDER)
        return found.all
    found.well(str(folder), "takes files, and the disk says when they are safe")
    if sys.platform != "win32":
        _privacy(found, folder)
        kind = _file_system(folder)
        if kind in _VOLATILE:
            words = f"lies on {kind}, which a restart empties."
            found.wrong(str(folder), words, _FOLDER)
    _waiting(found, config, folder)
    return found.all


def _write(folder: Path) -> None:
    path = folder / f"doctor-{secrets.token_hex(8)}.tmp"
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(handle, b"balas doctor")
        os.fsync(handle)
    finally:
        os.close(handle)
        path.unlink()


def _privacy(found: Findings, folder: Path) -> None:
    state = folder.stat()
    if stat.S_IMODE(state.st_mode) & 0o077:
        words = "can be read by other users of this machine."
        repair = partial(_close, folder)
        found.wrong(str(folder), words, f"chmod 700 {folder}", repair)
    if state.st_uid != os.geteuid():
        owner = f"belongs to the user with the number {state.st_uid}, not to the one asking."
        found.note(str(folder), owner, "Run the doctor as the service's user.")


def _close(folder: Path) -> None:
    try:
        folder.chmod(0o700)
    except OSError as error:
        raise RepairFailedError("The folder's mode stays.", error.strerror or "") from error


def _file_system(folder: Path) -> str:
    """The kind of file system that holds the folder; empty where the system does not tell."""
    best, kind = "", ""
    with contextlib.suppress(OSError), Path("/proc/self/mounts").open(encoding="utf-8") as mounts:
        for line in mounts:
            _, point, this, *_ = line.split(" ")
            holds = folder.resolve().is_relative_to(point.replace("\\040", " "))
            if holds and len(point) >= len(best):
                best, kind = point, this
    return kind


def _waiting(found: Findings, config: Config, folder: Path) -> None:
    names = [entry for entry in folder.iterdir() if entry.suffix == ".req"]
    size = sum(entry.stat().st_size for entry in names if entry.exists())
    if names:
        oldest = time.time() - min(int(entry.name.partition("-")[0]) / 1e9 for entry in names)
        words = f"{len(names)} files wait in it, the oldest for {oldest / 60:.0f} min"
        fix = "They leave by themselves when webhook and database run: see the webhook's log."
        (found.wrong if oldest > 600 else found.note)(str(folder), words, fix)
    if size > config.spool_bytes * 0.8:
        words = f"is {100 * size // config.spool_bytes} % full."
        fix = "Bring the database back, or raise BALAS_SPOOL_MB."
        found.wrong(str(folder), words, fix)
    aside = folder / "aside"
    if aside.is_dir() and any(aside.iterdir()):
        count = sum(1 for _ in aside.iterdir())
        words = f"{count} damaged files lie in it; what they held may be missing."
        found.wrong(str(aside), words, "Compare with Twilio's log, then remove them.")


def look_from_outside(config: Config) -> list[Finding]:
    """Whether PUBLIC_URL leads to the service, as Twilio would find it."""
    found = Findings("public address")
    what = config.public_url
    parts = urlsplit(what)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return found.all  # the settings' part says so
    try:
        with httpx.Client(timeout=15, follow_redirects=False) as client:
            live = client.get(f"{what}/health/live")
            unsigned = client.post(f"{what}/webhook", content=b"")
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        found.wrong(what, *_unreachable(error, what))
        return found.all
    if live.is_redirect:
        words = f"sends callers on to {live.headers.get('location')}; Twilio's POST gets lost."
        found.wrong(what, words, "Set PUBLIC_URL to the address at which the way ends.")
        return found.all
    if not _is_ours(live):
        words = f"something else answers there: HTTP {live.status_code}"
        fix = f"Let the proxy pass {parts.path or '/'} on to BALAS_HOST and PORT."
        found.wrong(what, words, fix)
        return found.all
    if unsigned.status_code != httpx.codes.FORBIDDEN:
        words = f"a POST without a signature is answered {unsigned.status_code}, not 403."
        fix = "Let the proxy pass POST requests on to the service as they are."
        found.wrong(what, words, fix)
    else:
        found.well(what, "leads to the service, which refuses what is not signed")
    _certificate(found, what)
    return found.all


def _is_ours(answer: httpx.Response) -> bool:
    try:
        return answer.status_code == httpx.codes.OK and bool(answer.json() == {"status": "alive"})
    except ValueError:
        return False


def _unreachable(error: Exception, url: str) -> tuple[str, str]:
    said = str(error)
    if "CERTIFICATE_VERIFY_FAILED" in said:
        reason = said.partition("CERTIFICATE_VERIFY_FAILED]")[2].partition("(")[0].strip(" :")
        reason = reason.removeprefix("certificate verify failed").strip(" :")
        return (
            f"its certificate is not valid: {reason or 'not trusted'}.",
            "Get one for this name from a public authority (Caddy does it by itself).",
        )
    if isinstance(error, httpx.TimeoutException):
        return "does not answer within 15 s.", "Open its port to the internet, and start the proxy."
    host = urlsplit(url).hostname
    if any(word in said for word in ("Name or service", "nodename", "resolve", "getaddrinfo")):
        return f"the name {host} is not known.", "Make a DNS entry for it."
    return f"cannot be reached: {said}", "Start balas webhook, and the proxy in front of it."


def _certificate(found: Findings, url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname:
        return
    context = ssl.create_default_context()
    try:
        with (
            socket.create_connection((parts.hostname, parts.port or 443), 10) as plain,
            context.wrap_socket(plain, server_hostname=parts.hostname) as secure,
        ):
            ends = ssl.cert_time_to_seconds(str((secure.getpeercert() or {})["notAfter"]))
    except (OSError, KeyError, ValueError):
        return  # said above, in better words
    days = (ends - time.time()) / 86400
    words = f"is valid for {days:.0f} more days"
    if days < _DAYS:
        fix = "See why it is not renewed by itself (the proxy's log)."
        found.wrong("certificate", words, fix)
    else:
        found.well("certificate", words)
