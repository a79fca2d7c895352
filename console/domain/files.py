"""Safe names and places for files: in storage, and on a person's disk."""

from __future__ import annotations

import re
import unicodedata

from console.domain.ids import ConversationId, MessageId

LONGEST_NAME = 100  # characters; far below every file system's limit, with room for a folder
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
# Names that Windows reserves for devices, whatever the extension.
_RESERVED = re.compile(r"^(con|prn|aux|nul|com[0-9]|lpt[0-9])$", re.IGNORECASE)


def safe_name(name: str | None) -> str:
    """A name of ASCII letters, digits, dot, dash and underscore; never empty, never a path.

    Storage refuses object names outside a small set, and a customer chooses the name of what
    they send, so the same rule serves both. The extension is kept.
    """
    plain = unicodedata.normalize("NFKD", name or "").encode("ascii", "ignore").decode("ascii")
    last = re.split(r"[/\\]", plain)[-1]
    stem, dot, extension = _UNSAFE.sub("_", last).strip(" _").rpartition(".")
    if not dot:
        stem, extension = extension, ""
    suffix = "." + extension.strip("_")[:11] if extension.strip("_") else ""
    stem = stem.strip("._")[: LONGEST_NAME - len(suffix)] or "file"
    if _RESERVED.match(stem.split(".")[0]):
        stem = f"_{stem}"
    return stem + suffix


def object_path(
    conversation_id: ConversationId, message_id: MessageId, index: int, name: str | None
) -> str:
    """The place of a message's index-th file in its bucket; the policies read its first part."""
    return f"{conversation_id}/{message_id}/{index}/{safe_name(name)}"
