"""Voice notes: said, sent alone, or kept in the draft of whom they were for."""

from __future__ import annotations

import asyncio
import logging

from console.domain.conversation import ConversationRow
from console.domain.errors import BalasError
from console.domain.intents import Attachment, Draft
from console.ui import words
from console.ui.composer.bench.sound import RAW, TYPE, encoded, raw
from console.ui.composer.helping import Helping
from console.ui.composer.voice import Recording
from console.ui.errors import in_one
from console.ui.isolates import apart
from console.ui.language import translate

VOICE_NAME = "voice-note.m4a"
RAW_NAME = "voice-note.wav"

log = logging.getLogger("balas.ui")


class Saying(Helping):
    """Part of the composer: what the agent says instead of writing it.

    What the disk does not take is not lost: in the conversation it was for it stands as a file that
    can be tried again.
    """

    def record(self) -> None:
        """Begin a voice note."""
        if self._takes_files() and not self.voice.is_open:
            self.voice.start()
            self._arrange()
            self.voice.setFocus()

    def _on_voice_left(self) -> None:
        self._arrange()
        self.editor.setFocus()

    def _on_voice(self, note: bytes) -> None:
        """A voice note leaves alone: WhatsApp shows no text with it, and what is typed stays."""
        self._on_voice_left()
        if self._conversation is None:
            return
        if self._wants_a_look():
            self.intake.take_bytes(VOICE_NAME, TYPE, note)
            return
        found = Attachment("", VOICE_NAME, TYPE, len(note))
        reply_to = self._quote.id if self._quote else None
        draft = Draft(self._conversation.id, "", (found,), reply_to)
        self._show_quote(None)
        self._write(self._send_voice(self._conversation, draft, note))

    async def _send_voice(self, row: ConversationRow, draft: Draft, note: bytes) -> None:
        try:
            kept = await self._store.drafts.take(draft.attachments[0], note)
        except BalasError as error:
            self._hold_voice(row, draft.attachments[0], note, error)
            return
        self._leave(Draft(draft.conversation_id, "", (kept,), draft.reply_to))

    def _keep_voice(self) -> None:
        said = self.voice.take()
        if self._conversation is not None and said is not None:
            self._arrange()
            self._write(self._keep_said(self._conversation, said))

    async def _keep_said(self, row: ConversationRow, said: Recording) -> None:
        """A voice message that was not sent goes into the draft of whom it was for."""
        try:
            note = await encoded(said.pcm(), form=said.form)
            found = Attachment("", VOICE_NAME, TYPE, len(note))
        except Exception as error:  # kept as it was heard, and tried again where it is shown
            if not isinstance(error, BalasError):
                log.error("bug in the window", exc_info=error)
            note = await asyncio.to_thread(raw, said.pcm(), said.form)
            found = Attachment("", RAW_NAME, RAW, len(note))
        try:
            kept = await self._store.drafts.take(found, note)
            if self._is_shown(row) and self._ready:
                self.attachments.show_item(kept)
                self._on_changed()
                self.keep_draft()
                return
            await self._store.drafts.add(row.id, kept)
        except BalasError as error:
            self._hold_voice(row, found, note, error)
            return
        if self._is_shown(row):  # what is being loaded may not have it yet
            self._tasks.start(self._load_draft(row), "draft:load")

    def _is_shown(self, row: ConversationRow) -> bool:
        here = self._conversation
        return here is not None and here.id == row.id and not self._is_over

    def _hold_voice(
        self, row: ConversationRow, found: Attachment, note: bytes, error: BalasError
    ) -> None:
        """The disk did not take it: as long as the program lives it can be tried again."""
        if self._is_shown(row):
            self.intake.take_bytes(found.name, found.content_type, note)
            return
        self.intake.keep_for(row, found, note)
        said = translate(
            "composer",
            "The voice note to {name} is not kept yet. Open the conversation to try again.",
        )
        self.say(f"{in_one(error)} {said.format(name=apart(words.title(row)))}")

    def _wants_a_look(self) -> bool:
        raise NotImplementedError

    def _leave(self, draft: Draft, kept: Draft | None = None) -> None:
        raise NotImplementedError
