"""What is known of one contact into a file: for a program (JSON) or a table (CSV)."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import os
import re
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QStandardPaths, Qt
from PySide6.QtWidgets import QFileDialog, QWidget

from console.domain.contact import Contact
from console.domain.conversation import Channel, ConversationRow
from console.domain.errors import EnvironmentFaultError
from console.ui.language import translate
from console.ui.screens.contact.acts import called
from console.ui.screens.inbox.saving import write_whole
from console.ui.workplace import Workplace

# What a table's program would take for a formula.
_FORMULA = re.compile(r"['=+\-@\t\r]")


def _cell(value: str) -> str:
    return f"'{value}" if _FORMULA.match(value) else value


def as_json(contact: Contact, conversations: Sequence[ConversationRow]) -> str:
    """Everything, with the conversations that are on this machine."""
    made = {
        "id": contact.id,
        "name": contact.name,
        "phone": contact.phone,
        "locale": contact.locale,
        "blocked": contact.blocked,
        "notes": contact.notes,
        "attributes": dict(contact.attributes),
        "created_at": contact.created_at.isoformat() if contact.created_at else None,
        "addresses": [
            {
                "address": entry.address,
                "channel": entry.channel.value,
                "opted_out_at": entry.opted_out_at.isoformat() if entry.opted_out_at else None,
            }
            for entry in contact.addresses
        ],
        "conversations": [
            {
                "id": row.id,
                "inbox": row.inbox_name,
                "channel": row.channel.value,
                "status": row.status.value,
                "last_message_at": row.last_message_at.isoformat() if row.last_message_at else None,
                "labels": [label.name for label in row.labels],
            }
            for row in conversations
        ],
    }
    return json.dumps(made, ensure_ascii=False, indent=2) + "\n"


def as_csv(contact: Contact) -> str:
    """One line in the columns of `balas contacts export`, which `import` takes in again."""

    def numbers(channel: Channel) -> str:
        found = (entry.address for entry in contact.addresses if entry.channel is channel)
        return ", ".join(address.removeprefix("whatsapp:") for address in found)

    made = io.StringIO()
    writer = csv.writer(made, lineterminator="\r\n")
    keys = sorted(contact.attributes)
    head = ("name", "phone", "whatsapp", "sms", "locale", "notes", "blocked", "opted_out")
    writer.writerow([*head, "created_at", *(_cell(f"attributes.{key}") for key in keys)])
    gone = (a.address.removeprefix("whatsapp:") for a in contact.addresses if a.opted_out_at)
    writer.writerow(
        [
            _cell(contact.name),
            contact.phone or "",
            numbers(Channel.WHATSAPP),
            numbers(Channel.SMS),
            contact.locale or "",
            _cell(contact.notes),
            "yes" if contact.blocked else "",
            " ".join(gone),
            contact.created_at.isoformat() if contact.created_at else "",
            *(_cell(contact.attributes[key]) for key in keys),
        ]
    )
    return made.getvalue()


def file_name(contact: Contact) -> str:
    """A name for the file that every system takes."""
    plain = re.sub(r"[^\w .-]+", "_", called(contact)).strip(" .") or "contact"
    return plain[:60]


def ask_where(parent: QWidget, workplace: Workplace, contact: Contact) -> QFileDialog:
    """Ask for a place; the ending that is chosen there says which form."""
    folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
    dialog = QFileDialog(
        parent.window(),
        translate("contact", "Save this contact"),
        os.path.join(folder, file_name(contact)),
    )
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    kinds = (
        translate("contact", "Everything, for programs (*.json)"),
        translate("contact", "A table, for spreadsheets (*.csv)"),
    )
    dialog.setNameFilters(kinds)
    dialog.setDefaultSuffix("json")
    dialog.filterSelected.connect(
        lambda kind: dialog.setDefaultSuffix("csv" if "csv" in kind else "json")
    )
    dialog.fileSelected.connect(
        lambda path: workplace.writes.start(write(workplace, contact, Path(path)))
    )
    dialog.open()
    return dialog


async def write(workplace: Workplace, contact: Contact, path: Path) -> None:
    """Write it whole or not at all, and say what is not in it."""
    if path.suffix.casefold() == ".csv":
        text = "\ufeff" + as_csv(contact)
    else:
        rows = await workplace.store.conversations.of_contact(contact.id)
        text = as_json(contact, rows)
    try:
        await asyncio.to_thread(write_whole, path, text.encode())
    except OSError as error:
        raise EnvironmentFaultError(
            translate("files", "The file could not be saved"), error.strerror or ""
        ) from error
    workplace.tell(
        translate("contact", "Saved as {name}").format(name=path.name),
        translate(
            "contact",
            "Messages, files and deliveries of a conversation: an administrator makes a case file"
            " of them with “balas case-file”.",
        ),
    )
