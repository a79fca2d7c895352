"""The automatic replies: what each inbox says by itself, when, and for which words."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from uuid import uuid4

from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget
from shiboken6 import isValid

from console.domain.administration import AutoReply
from console.domain.errors import BalasError
from console.domain.ids import InboxId
from console.ui import words
from console.ui.language import translate
from console.ui.screens.administration.editor import Entries, Foot, TextField
from console.ui.screens.administration.meanwhile import EntryForm
from console.ui.screens.administration.model import Model
from console.ui.screens.administration.wording import kind_of_reply, unknown_variables
from console.ui.widgets.chooser import Line
from console.ui.widgets.labels import label
from console.ui.widgets.select import Select
from console.ui.widgets.switch import Switch

NEW = "new"
KINDS = ("greeting", "away", "keyword")


class AutoReplies(QWidget):
    """By inbox; a customer's message gets at most one."""

    def __init__(self, model: Model) -> None:
        super().__init__()
        self._model = model
        self._is_new = False
        self.entries = Entries(
            model.theme,
            translate("administration", "Automatic replies"),
            translate(
                "administration",
                "A customer's message gets at most one: for a keyword in it, else “away” while the "
                "inbox is closed, else the greeting when a conversation begins. Variables: "
                "{{contact.name}}, {{inbox.name}}, {{hours.today}}, {{hours.opens}}; one without "
                "a value leaves nothing.",
            ),
            translate("administration", "New automatic reply"),
            (
                "bot",
                translate("administration", "Nothing is said automatically"),
                translate("administration", "A greeting, or when you open again, is a good start."),
            ),
        )
        self.entries.new_wanted.connect(self._on_new)
        self.entries.new.setEnabled(bool(model.now.inboxes))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.entries)
        model.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show what is true; what is being typed stays."""
        state = self._model.now
        makers: dict[str, Callable[[], QWidget]] = {}
        if self._is_new:
            makers[NEW] = partial(AutoReplyForm, self._model, None, self._end_new)
        found = {reply.id: reply for reply in state.auto_replies}
        for key in [*found, *self.entries.kept(found)]:
            makers[key] = partial(self._form, key)
        self.entries.show_entries(makers)
        for key, fold in self.entries.folds.items():
            if key != NEW and isinstance(fold.inside, AutoReplyForm):
                fold.inside.show_entry(found.get(key))
        names = {inbox.id: inbox.name for inbox in state.inboxes}
        for reply in state.auto_replies:
            title = kind_of_reply(reply.kind)
            if reply.keyword:
                title = f"{title}: {reply.keyword}"
            where = names.get(reply.inbox_id, "")
            on = reply.enabled
            self.entries.folds[reply.id].head.show_words(
                f"{title} · {where}" if where else title,
                words.one_line(reply.body),
                pill=translate("administration", "On")
                if on
                else translate("administration", "Off"),
                tokens=("label_green", "on_label_green") if on else ("label_grey", "on_label_grey"),
                faint=not on,
            )
        if self._is_new:
            title = translate("administration", "New automatic reply")
            self.entries.folds[NEW].head.show_words(title)

    def _form(self, id: str) -> AutoReplyForm:
        reply = next((each for each in self._model.now.auto_replies if each.id == id), None)
        return AutoReplyForm(self._model, reply, self.refresh)

    def _on_new(self) -> None:
        self._is_new = True
        self.refresh()
        self.entries.folds[NEW].open()

    def _end_new(self) -> None:
        self._is_new = False
        self.refresh()


class AutoReplyForm(EntryForm[AutoReply]):
    """One automatic reply; nothing is sent before Save."""

    def __init__(self, model: Model, reply: AutoReply | None, ended: Callable[[], object]) -> None:
        super().__init__(reply)
        self._model = model
        self._ended = ended
        inboxes = model.now.inboxes
        self._id = reply.id if reply else str(uuid4())
        theme = model.theme
        self.inbox = Select(
            theme,
            translate("administration", "Inbox"),
            [Line(str(one.id), one.name) for one in inboxes],
            str(reply.inbox_id) if reply else str(inboxes[0].id),
        )
        self.kind = Select(
            theme,
            translate("administration", "Kind"),
            [Line(kind, kind_of_reply(kind)) for kind in KINDS],
            reply.kind if reply else "greeting",
        )
        self.enabled = Switch(
            theme, translate("administration", "Switched on"), on=reply is None or reply.enabled
        )
        self.keyword = QLineEdit(reply.keyword if reply else "")
        self.keyword.setMaxLength(500)
        self.keyword.setAccessibleName(translate("administration", "Words, divided by commas"))
        self.keyword.setPlaceholderText(translate("administration", "price list, catalogue"))
        self._keyword_label = label(
            translate("administration", "Words, divided by commas"), "small-strong", "muted"
        )
        self.body = TextField(
            theme, translate("administration", "Text"), reply.body if reply else ""
        )
        self.foot = Foot(
            translate("administration", "Delete this automatic reply?"), is_new=reply is None
        )
        self.foot.saved.connect(self._save)
        self.foot.deleted.connect(self._delete if reply else self._ended)
        row = QHBoxLayout()
        row.setSpacing(10)
        row.addWidget(self.kind)
        row.addWidget(self.inbox)
        row.addStretch(1)
        row.addWidget(label(translate("administration", "Switched on"), "small", "muted"))
        row.addWidget(self.enabled)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 2, 16, 14)
        layout.setSpacing(8)
        layout.addWidget(self.meanwhile)
        layout.addLayout(row)
        keyword = QVBoxLayout()
        keyword.setSpacing(4)
        keyword.addWidget(self._keyword_label)
        keyword.addWidget(self.keyword)
        layout.addLayout(keyword)
        layout.addWidget(self.body)
        layout.addWidget(self.foot)
        self.kind.chosen.connect(lambda _: self.check())
        self.keyword.textChanged.connect(self.check)
        self.body.changed.connect(self.check)
        self.check()

    def mine(self) -> AutoReply:
        return AutoReply(
            self._id,
            InboxId(self.inbox.current),
            self.kind.current,
            self.body.text.strip(),
            self.keyword.text().strip() if self.kind.current == "keyword" else "",
            self.enabled.isChecked(),
        )

    def put(self, entry: AutoReply) -> None:
        self.inbox.show_current(str(entry.inbox_id))
        self.kind.show_current(entry.kind)
        self.enabled.setChecked(entry.enabled)
        self.keyword.setText(entry.keyword)
        self.body.text = entry.body

    def told(self, entry: AutoReply) -> str:
        title = kind_of_reply(entry.kind)
        parts = (
            f"{title}: {entry.keyword}" if entry.keyword else title,
            "" if entry.enabled else translate("administration", "Off"),
            words.one_line(entry.body, 300),
        )
        return " · ".join(part for part in parts if part)

    def leave(self) -> None:
        self._ended()

    def check(self) -> None:
        by_word = self.kind.current == "keyword"
        self.keyword.setVisible(by_word)
        self._keyword_label.setVisible(by_word)
        has_words = not by_word or bool(self.keyword.text().strip(" ,"))
        whole = bool(self.body.text.strip()) and self.body.fits and has_words
        self.foot.save.setEnabled(whole and self.is_changed and not self.meanwhile.stands)

    def _save(self) -> None:
        reply, seen = self.mine(), self.seen

        def done() -> None:
            said = kind_of_reply(reply.kind)
            self._model.work.tell(translate("administration", "Saved"), said)
            if isValid(self):
                self.on_saved(reply)
                self._ended()

        def refused(error: BalasError) -> bool:
            why = unknown_variables(error)
            if not why or not isValid(self) or self.mine().body != reply.body:
                return False
            self.body.refuse(why)
            self.body.edit.setFocus()
            return True

        self._model.do(
            lambda server: server.save_auto_reply(reply, seen),
            lambda state, saved: state.with_auto_reply(saved),
            done,
            self.on_stale,
            refused,
        )

    def _delete(self) -> None:
        self._is_over = True
        self._model.do(
            lambda server: server.delete_auto_reply(self._id),
            lambda state, _: state.without_auto_reply(self._id),
        )
