"""Names for identifiers, so that a contact is never passed where a conversation is meant."""

from __future__ import annotations

from typing import NewType

ConversationId = NewType("ConversationId", str)
MessageId = NewType("MessageId", str)
InboxId = NewType("InboxId", str)
ContactId = NewType("ContactId", str)
ProfileId = NewType("ProfileId", str)
AttemptId = NewType("AttemptId", str)
LabelId = NewType("LabelId", str)
NoteId = NewType("NoteId", str)
CannedReplyId = NewType("CannedReplyId", str)


def new_message_id() -> MessageId:
    """A fresh random id, made on the client so that repeating a send is harmless."""
    import uuid  # not for the start, which makes none: it looks at the machine first

    return MessageId(str(uuid.uuid4()))


def part_id(first: MessageId, index: int) -> MessageId:
    """The id of the index-th row (0-based) of a send that becomes several rows.

    Row 0 keeps `first`; every other row is the UUID version 5 of `first` and its index,
    so that client and server name the same rows without talking.
    """
    if index == 0:
        return first
    import uuid

    return MessageId(str(uuid.uuid5(uuid.UUID(first), str(index))))
