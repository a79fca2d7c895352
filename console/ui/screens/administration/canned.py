"""The canned replies: shortcut, text with variables, files."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from pathlib import Path
from uuid import uuid4

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QLineEdit, QVBoxLayout, QWidget
from shiboken6 import isValid

from console.domain.conversation import Channel
from console.domain.desk import CannedFile, CannedReply
from console.domain.errors import BalasError
from console.domain.ids import CannedReplyId
from console.domain.media_rules import refusal, sniff
from console.ui import failures, words
from console.ui.language import translate
from console.ui.screens.administration.editor import Entries, Foot, TextField
from console.ui.screens.administration.meanwhile import EntryForm
from console.ui.screens.administration.model import Model
from console.ui.screens.administration.wording import refusal as said_of
from console.ui.times import size
from console.ui.widgets.buttons import button
from console.ui.widgets.flow import FlowLayout
from console.ui.widgets.labels import label

NEW = "new"
MOST_FILES = 10


class CannedReplies(QWidget):
    """Everybody's, in every inbox."""

    def __init__(self, model: Model) -> None:
        super().__init__()
        self._model = model
        self._is_new = False
        self.entries = Entries(
            model.theme,
            translate("administration", "Canned replies"),
            translate(
                "administration",
                "Typed as /shortcut in a reply. {{name}} becomes the customer's name, {{agent}} "
                "who writes; any other {{variable}} is asked for before it is sent.",
            ),
            translate("administration", "New reply"),
            (
                "message-square-text",
                translate("administration", "No canned replies yet"),
                translate("administration", "What is written every day need not be typed again."),
            ),
        )
        self.entries.new_wanted.connect(self._on_new)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.entries)
        model.shared.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show what is true; what is being typed stays."""
        makers: dict[str, Callable[[], QWidget]] = {}
        if self._is_new:
            makers[NEW] = partial(CannedForm, self._model, None, self._end_new)
        found = {reply.id: reply for reply in self._model.canned}
        for key in [*found, *self.entries.kept(found)]:
            makers[key] = partial(self._form, CannedReplyId(key))
        self.entries.show_entries(makers)
        for key, fold in self.entries.folds.items():
            if key != NEW and isinstance(fold.inside, CannedForm):
                fold.inside.show_entry(found.get(CannedReplyId(key)))
        for reply in self._model.canned:
            note = words.one_line(reply.body) or translate("administration", "Files only")
            count = len(reply.files)
            pill = translate("administration", "%n file(s)", "", count) if count else ""
            self.entries.folds[reply.id].head.show_words(f"/{reply.shortcut}", note, pill=pill)
        if self._is_new:
            self.entries.folds[NEW].head.show_words(translate("administration", "New reply"))

    def _form(self, id: CannedReplyId) -> CannedForm:
        reply = next((each for each in self._model.canned if each.id == id), None)
        return CannedForm(self._model, reply, self.refresh)

    def _on_new(self) -> None:
        self._is_new = True
        self.refresh()
        self.entries.folds[NEW].open()
        inside = self.entries.folds[NEW].inside
        if isinstance(inside, CannedForm):
            inside.shortcut.setFocus()

    def _end_new(self) -> None:
        self._is_new = False
        self.refresh()


class CannedForm(EntryForm[CannedReply]):
    """One reply; nothing is sent before Save."""

    def __init__(
        self, model: Model, reply: CannedReply | None, ended: Callable[[], object]
    ) -> None:
        super().__init__(reply)
        self._model = model
        self._ended = ended
        self._id = reply.id if reply else CannedReplyId(str(uuid4()))
        self.files: list[CannedFile] = list(reply.files) if reply else []
        self._uploading: list[str] = []
        self._turn = 0
        self._turns: dict[str, int] = {}  # by path, in which turn a file was chosen
        self.shortcut = QLineEdit(reply.shortcut if reply else "")
        self.shortcut.setMaxLength(32)
        self.shortcut.setPlaceholderText("halo")
        self.shortcut.setAccessibleName(translate("administration", "Shortcut"))
        self.shortcut.setFixedWidth(model.theme.px(240))
        self.body = TextField(
            model.theme, translate("administration", "Text"), reply.body if reply else ""
        )
        self._pills = QWidget()
        self._flow = FlowLayout()
        self._pills.setLayout(self._flow)
        question = translate("administration", "Delete /{name}?")
        self.foot = Foot(
            question.format(name=reply.shortcut if reply else ""), is_new=reply is None
        )
        self.foot.saved.connect(self._save)
        self.foot.deleted.connect(self._delete if reply else self._ended)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 2, 16, 14)
        layout.setSpacing(6)
        layout.addWidget(self.meanwhile)
        layout.addWidget(label(translate("administration", "Shortcut"), "small-strong", "muted"))
        layout.addWidget(self.shortcut)
        layout.addSpacing(4)
        layout.addWidget(self.body)
        layout.addWidget(self._pills)
        layout.addWidget(self.foot)
        self.shortcut.textChanged.connect(self.check)
        self.body.changed.connect(self.check)
        self._show_files()
        self.check()

    def mine(self) -> CannedReply:
        word = self.shortcut.text().strip().lstrip("/").lower()
        return CannedReply(self._id, word, self.body.text, tuple(self.files))

    def put(self, entry: CannedReply) -> None:
        self.files = list(entry.files)
        self.shortcut.setText(entry.shortcut)
        self.body.text = entry.body
        self._show_files()

    def told(self, entry: CannedReply) -> str:
        files = len(entry.files)
        also = translate("administration", "%n file(s)", "", files) if files else ""
        text = words.one_line(entry.body, 300)
        return " · ".join(part for part in (f"/{entry.shortcut}", text, also) if part)

    def leave(self) -> None:
        self._ended()

    def _show_files(self) -> None:
        while (item := self._flow.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for file in self.files:
            name = words.file_name(file.name)
            pill = button(f"{name} · {size(file.size)}  ×", "tag")
            remove = translate("administration", "Remove {name}").format(name=name)
            pill.setToolTip(words.tip(remove))
            pill.setAccessibleName(remove)
            pill.clicked.connect(partial(self._remove, file))
            self._flow.addWidget(pill)
        for name in self._uploading:
            self._flow.addWidget(
                label(translate("administration", "Uploading {name}…").format(name=name), "small")
            )
        if len(self.files) + len(self._uploading) < MOST_FILES:
            add = button(translate("administration", "+ file"), "tag")
            add.clicked.connect(self._choose)
            self._flow.addWidget(add)
        self._pills.updateGeometry()

    def _choose(self) -> None:
        dialog = QFileDialog(self, translate("administration", "Files of this reply"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.filesSelected.connect(self.add_files)
        dialog.open()

    def add_files(self, paths: list[str]) -> None:
        """Upload these; what WhatsApp would not take is said and left out."""
        room = MOST_FILES - len(self.files) - len(self._uploading)
        for path in paths[:room]:
            name = words.file_name(Path(path).name)
            self._uploading.append(name)
            self._turn += 1
            work = partial(self._upload, Path(path), name, self._turn)
            self._model.run(work, f"upload {uuid4()}")
        self._show_files()
        self.check()

    async def _upload(self, path: Path, name: str, turn: int) -> None:
        try:
            data = await asyncio.to_thread(path.read_bytes)
            content_type = await asyncio.to_thread(sniff, data, path.name)
            refused = refusal(Channel.WHATSAPP, content_type, len(data))
            if refused is not None:
                title = translate("administration", "Not added")
                self._model.work.tell(title, failures.refusal(refused, path.name, Channel.WHATSAPP))
                return
            made = await self._model.server.upload_canned(self._id, path.name, content_type, data)
            self._turns[made.path] = turn
            # The shorter upload ends first; they are sent in the order in which they were chosen.
            behind = (
                n for n, file in enumerate(self.files) if self._turns.get(file.path, 0) > turn
            )
            self.files.insert(next(behind, len(self.files)), made)
        except OSError as error:
            title = translate("administration", "The file cannot be read")
            self._model.work.tell(title, error.strerror or "")
        except BalasError as error:
            self._model.work.tell(*said_of(error))
        finally:
            self._uploading.remove(name)
            if isValid(self):
                self._show_files()
                self.check()

    def _remove(self, file: CannedFile) -> None:
        self.files.remove(file)
        self._show_files()
        self.check()

    def check(self) -> None:
        word = self.shortcut.text().strip().lstrip("/")
        whole = bool(self.body.text.strip() or self.files)
        self.foot.save.setEnabled(
            bool(word)
            and not any(c.isspace() for c in word)
            and whole
            and self.body.fits
            and not self._uploading
            and self.is_changed
            and not self.meanwhile.stands
        )

    def _save(self) -> None:
        reply, seen = self.mine(), self.seen

        def done() -> None:
            self._model.work.tell(translate("administration", "Saved"), f"/{reply.shortcut}")
            if isValid(self):
                self.on_saved(reply)
                self._ended()

        self._model.share(lambda server: server.save_canned(reply, seen), done, self.on_stale)

    def _delete(self) -> None:
        def done() -> None:
            if isValid(self):
                self._is_over = True
                self._ended()

        self._model.share(lambda server: server.delete_canned(self._id), done)
