"""Strangers' files on this machine's disk: safe names, true endings, nothing that runs."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from console.domain.content import MediaItem
from console.domain.files import safe_name
from console.domain.media_rules import sniff
from console.ui.copies import new_place

# The ending that a file gets: by its content, whatever name it came with.
ENDINGS = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/webp": ".webp",
    "image/gif": ".gif",
    "image/bmp": ".bmp",
    "image/heic": ".heic",
    "application/pdf": ".pdf",
    "audio/ogg": ".ogg",
    "audio/mpeg": ".mp3",
    "audio/mp4": ".m4a",
    "audio/aac": ".aac",
    "audio/amr": ".amr",
    "audio/wav": ".wav",
    "video/mp4": ".mp4",
    "video/3gpp": ".3gp",
    "video/quicktime": ".mov",
    "text/vcard": ".vcf",
    "text/plain": ".txt",
    "application/zip": ".zip",
    "application/msword": ".doc",
    "application/vnd.ms-excel": ".xls",
    "application/vnd.ms-powerpoint": ".ppt",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": ".pptx",
}
# What other programs may be asked to open: their endings run nothing. The old Office formats,
# which can hold macros, archives and what nobody recognises are only saved.
OPENABLE = frozenset(
    ending
    for kind, ending in ENDINGS.items()
    if kind.startswith(("image/", "audio/", "video/", "text/", "application/vnd.openxmlformats"))
)
_PROGRAMS = frozenset({"application/x-msdownload", "application/x-executable"})
_RUNS = (b"#!", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe", b"L\x00\x00\x00\x01")


def name_to_save(item: MediaItem, data: bytes) -> str:
    """A safe name whose ending tells what the bytes are; `.bin` for what nothing recognises."""
    name = safe_name(item.name)
    ending = ENDINGS.get(sniff(data, item.name or ""), ".bin")
    if name.lower().endswith(ending) or (ending == ".jpg" and name.lower().endswith(".jpeg")):
        return name
    return f"{name.rsplit('.', 1)[0]}{ending}"


def is_program(data: bytes) -> bool:
    """The bytes would run on somebody's machine: Windows, Linux, macOS, Java, a script, a link."""
    return sniff(data) in _PROGRAMS or data.startswith(_RUNS)


def write_whole(path: Path, data: bytes) -> None:
    """All of `data` or nothing: written beside the place and moved there, marked as foreign."""
    beside = path.with_name(f".{path.name}.part")
    try:
        beside.write_bytes(data)
        _mark_foreign(beside)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def copy_to_open(item: MediaItem, data: bytes) -> Path | None:
    """A copy for another program, in a folder that goes with this one; None for what may run."""
    name = name_to_save(item, data)
    if is_program(data) or Path(name).suffix.lower() not in (*OPENABLE, ".jpeg"):
        return None
    path = new_place() / name
    write_whole(path, data)
    if os.name == "posix":
        path.chmod(0o400)  # a change made there would be lost: let the program say so
    return path


def _mark_foreign(path: Path) -> None:
    """Windows opens what came from elsewhere with care when this stream says so."""
    if sys.platform == "win32":
        Path(f"{path}:Zone.Identifier").write_text("[ZoneTransfer]\r\nZoneId=3\r\n", "ascii")
