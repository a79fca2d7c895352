"""The template picker: what WhatsApp approved, its variables, and the text the customer reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QEvent, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListView,
    QVBoxLayout,
    QWidget,
)

from console.domain.desk import Template
from console.domain.intents import TemplateChoice
from console.domain.placeholders import fill, variables
from console.ui.composer.strips import emptied
from console.ui.composer.template_cards import CardList, TemplateCards, Templates, language
from console.ui.language import translate
from console.ui.theme.theme import Theme
from console.ui.widgets.buttons import IconButton, button, put_icon_behind
from console.ui.widgets.labels import label
from console.ui.widgets.stops import chain

LIST_MOST = 214  # px at 100 %
SHARE = 0.26  # of the window's height: the thread stays in view in a low one
SEARCH_FROM = 4  # templates from which the field to search in stands there unasked


class TemplatePicker(QFrame):
    """Stands in the composer's place. `sent` carries the choice and the text it makes."""

    sent = Signal(object, str)  # TemplateChoice, text
    back_wanted = Signal()
    undo_send_wanted = Signal()  # Ctrl+Z where there is no typing to undo

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setProperty("kind", "closed")
        self._theme = theme
        self._templates: tuple[Template, ...] = ()
        self._known: Mapping[str, str] = {}
        self._values: dict[str, dict[str, str]] = {}  # by content sid, while the picker stands
        self._language = ""
        self._is_closed, self._is_stale = True, False
        self._fitted: tuple[object, ...] = ()
        self.icon = QLabel()
        self.title = label("", "strong", "danger", wrap=True)
        self.text = label("", "", "muted", wrap=True)
        self.draft = label(translate("composer", "Your draft is kept."), "small", "muted")
        self.search = QLineEdit()
        self.cross = IconButton(theme, "x", translate("templates", "Back to the text (Esc)"))
        self.languages = QHBoxLayout()
        self.cards = TemplateCards(theme)
        self._model = Templates()
        self.list = CardList()
        self.nothing = label("", "small", "muted", wrap=True)
        self.form = QGridLayout()
        self.fields: dict[str, QLineEdit] = {}
        self._formed: Template | None = None  # whose fields they are
        self._named: tuple[list[str], str] | None = None  # the languages shown, the chosen one
        self.state = label("", "small", "muted")
        self.send = button(translate("templates", "Send template") + " ", "primary")
        self._build()
        theme.changed.connect(self._refresh)
        self._refresh()

    def show_templates(self, templates: Sequence[Template], known: Mapping[str, str]) -> None:
        """What there is to choose from; `known` fills variables that have a name."""
        if (tuple(templates), known) != (self._templates, self._known):
            self._templates, self._known = tuple(templates), known
            self._is_stale = True

    def show_closed(self, closed: bool, *, never: bool = False) -> None:
        """Whether the window is closed (`never` yet open), or the agent just wants a template."""
        self._is_closed = closed
        if not closed:
            title = translate("templates", "Send a template")
        elif never:
            title = translate("composer", "The customer has not written yet")
        else:
            title = translate("composer", "More than 24 hours since the customer wrote")
        self.title.setText(title)
        tone = "danger" if closed else ""
        if self.title.property("tone") != tone:
            self.title.setProperty("tone", tone)
            self.title.style().unpolish(self.title)
            self.title.style().polish(self.title)
        self.text.setText(
            translate(
                "composer", "WhatsApp takes only approved templates until the customer writes."
            )
            if never
            else translate(
                "composer",
                "WhatsApp takes only approved templates until the customer writes again.",
            )
        )
        self.text.setVisible(closed)
        self.cross.setVisible(not closed)
        self._refresh()

    def show_draft(self, kept: bool) -> None:
        self.draft.setVisible(kept and self._is_closed)

    def begin(self) -> None:
        """The focus goes where one types."""
        (self.search if self.search.isVisibleTo(self) else self.list).setFocus()

    def forget(self) -> None:
        """Another conversation: other values."""
        self._values.clear()
        self._is_stale = True

    def recall(self, choice: TemplateChoice) -> None:
        """One that was taken back, with its values as they were."""
        self._values[choice.content_sid] = dict(choice.variables)
        sids = [template.content_sid for template in self._model.shown]
        if choice.content_sid in sids:
            place = self._model.index(sids.index(choice.content_sid))
            if place == self.list.currentIndex():
                self._on_chosen()
            self.list.setCurrentIndex(place)

    def refresh(self) -> None:
        """Show what has changed since; only while the picker stands there does that cost time."""
        if self._is_stale:
            self._is_stale = False
            self._show_languages()
            if self.search.text():
                self.search.clear()
            self._narrow()

    @property
    def is_begun(self) -> bool:
        """Somebody has typed a value of the chosen one."""
        return not self.isHidden() and any(field.isModified() for field in self.fields.values())

    @property
    def current(self) -> Template | None:
        index = self.list.currentIndex()
        return self._model.shown[index.row()] if index.isValid() else None

    def _build(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(7)
        head.addWidget(self.icon)
        head.addWidget(self.title, 1)
        head.addWidget(self.cross)
        self.search.setProperty("kind", "search")
        self.search.setPlaceholderText(translate("templates", "Search templates"))
        self.search.setAccessibleName(self.search.placeholderText())
        self.search.textChanged.connect(self._narrow)
        self.search.installEventFilter(self)
        self.languages.setSpacing(6)
        find = QHBoxLayout()
        find.setSpacing(8)
        find.addWidget(self.search, 1)
        find.addLayout(self.languages)
        self.list.setModel(self._model)
        self.list.setItemDelegate(self.cards)
        self.list.setMouseTracking(True)
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setProperty("kind", "cards")
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.list.setAccessibleName(translate("templates", "Templates"))
        self.list.installEventFilter(self)
        self.list.selectionModel().currentChanged.connect(self._on_chosen)
        self.list.typed.connect(self._search_on)
        self.form.setHorizontalSpacing(10)
        self.form.setVerticalSpacing(6)
        foot = QHBoxLayout()
        foot.addWidget(self.state, 1)
        foot.addWidget(self.send)
        put_icon_behind(self.send)
        self.send.setToolTip(translate("templates", "Send the template (Ctrl+Enter)"))
        self.send.clicked.connect(self.send_chosen)
        self.cross.clicked.connect(self.back_wanted)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 11, 14, 12)
        layout.setSpacing(8)
        layout.addLayout(head)
        layout.addWidget(self.text)
        layout.addLayout(find)
        layout.addWidget(self.list)
        layout.addWidget(self.nothing)
        layout.addLayout(self.form)
        layout.addLayout(foot)
        layout.addWidget(self.draft)

    def _show_languages(self) -> None:
        found = sorted({language(template.language) for template in self._templates})
        if self._language not in found:
            self._language = ""
        if (found, self._language) == self._named:
            return
        self._named = found, self._language
        emptied(self.languages)
        chips: list[QWidget] = []
        for name in ["", *found] if len(found) > 1 else []:
            made = button(name or translate("templates", "All"), "chip")
            made.setCheckable(True)
            made.setChecked(name == self._language)
            made.setAutoExclusive(True)
            made.clicked.connect(lambda _=False, name=name: self._choose_language(name))
            self.languages.addWidget(made)
            chips.append(made)
        chain((self.search, *chips, self.list))

    def _choose_language(self, name: str) -> None:
        self._language = name
        self._narrow()

    def _narrow(self) -> None:
        typed = self.search.text().casefold().split()
        before = self.current.content_sid if self.current else ""
        shown = [
            template
            for template in self._templates
            if (not self._language or language(template.language) == self._language)
            and all(word in f"{template.name} {template.body}".casefold() for word in typed)
        ]
        shown.sort(key=lambda template: not template.is_approved)
        is_new = shown != self._model.shown
        if is_new:
            self._model.show(shown)
        searches = bool(typed) or self.search.hasFocus()
        self.search.setVisible(searches or len(self._templates) >= SEARCH_FROM)
        self.list.setVisible(bool(shown))
        self.nothing.setVisible(not shown)
        self.nothing.setText(
            translate("templates", "No template has these words.")
            if self._templates
            else translate(
                "templates", "There are no templates yet. The administrator adds them in Twilio."
            )
        )
        sids = [template.content_sid for template in shown]
        if shown and is_new:
            place = sids.index(before) if before in sids else 0
            self.list.setCurrentIndex(self._model.index(place))
        else:
            self._on_chosen()

    def _on_chosen(self) -> None:
        template = self.current
        self.cards.chosen = template.content_sid if template else ""
        kept = self._values.setdefault(template.content_sid, {}) if template else {}
        values = dict(self._known) | {name: value for name, value in kept.items() if value}
        if template is not None and template == self._formed:
            self._fill(values)
        else:
            self._form(template, values)
        self._on_typed()

    def _fill(self, values: Mapping[str, str]) -> None:
        """The same template for another conversation, say: its fields stay."""
        for name, field in self.fields.items():
            with QSignalBlocker(field):
                field.setText(values.get(name, ""))

    def _form(self, template: Template | None, values: Mapping[str, str]) -> None:
        self._formed = template
        emptied(self.form)
        self.fields = {}
        names = variables(template.body) if template and template.is_approved else ()
        for place, name in enumerate(names):
            field = QLineEdit(values.get(name, ""))
            example = template.variables.get(name, "") if template else ""
            hint = translate("templates", "such as {example}").format(example=example)
            field.setPlaceholderText(hint if example else "")
            title = label(f"{{{{{name}}}}}", "small-strong", "muted")
            field.setAccessibleName(translate("templates", "Value of {name}").format(name=name))
            field.setProperty("kind", "search")
            field.textChanged.connect(self._on_typed)
            field.installEventFilter(self)
            row, column = divmod(place, 2)
            self.form.addWidget(title, row, 2 * column)
            self.form.addWidget(field, row, 2 * column + 1)
            self.fields[name] = field
        for column in (1, 3):
            self.form.setColumnStretch(column, 1)
        chain((self.list, *self.fields.values(), self.send))

    def _on_typed(self) -> None:
        template = self.current
        if template is None:
            self.state.setText("")
            self.send.setEnabled(False)
            return
        values = {name: " ".join(field.text().split()) for name, field in self.fields.items()}
        self._values[template.content_sid] = values
        self.cards.filled = fill(template.body, values)
        missing = len(self.cards.filled.missing)
        self.send.setEnabled(template.is_approved and not missing)
        if not template.is_approved:
            said = translate("templates", "WhatsApp does not take this template now.")
        elif missing:
            said = translate("templates", "%n value(s) to fill in", "", missing)
        elif values:
            said = translate("templates", "%n value(s) filled in", "", len(values))
        else:
            said = translate("templates", "Nothing to fill in")
        self.state.setText(said)
        self._fit()

    def _fit(self) -> None:
        """As tall as the cards. Laying their texts out takes time, so only where one changed."""
        wide = max(200, self.list.viewport().width())
        now = (wide, self.window().height(), self._theme.version)
        fitted = (*now, self.cards.chosen, self.cards.filled.text, tuple(self._model.shown))
        if fitted == self._fitted:
            return
        self._fitted = fitted
        self.cards.width = wide
        self.list.scheduleDelayedItemsLayout()
        most, tall = min(self._theme.px(LIST_MOST), round(self.window().height() * SHARE)), 0
        for row in range(self._model.rowCount()):
            tall += self.list.sizeHintForRow(row)
            if tall >= most:
                break
        chosen = self.list.sizeHintForRow(max(0, self.list.currentIndex().row()))
        self.list.fit(min(chosen, tall, most), min(tall, most))
        self.list.scrollTo(self.list.currentIndex())

    def _refresh(self) -> None:
        icon, ink = ("timer", "danger") if self._is_closed else ("layout-template", "muted")
        self.icon.setPixmap(self._theme.qicon(icon, ink, 16).pixmap(QSize(16, 16)))
        self.send.setIcon(self._theme.qicon("corner-down-left", "on_accent", 15))

    def send_chosen(self) -> None:
        """Away with it, where nothing is missing."""
        template = self.current
        if template is None or not self.send.isEnabled():
            return
        values = self._values[template.content_sid]
        choice = TemplateChoice(template.content_sid, template.name, values)
        self.sent.emit(choice, fill(template.body, values).text)

    def _go_on(self) -> None:
        """Enter: to the first value that is missing, or away with it."""
        empty = next((field for field in self.fields.values() if not field.text().strip()), None)
        if empty is not None:
            empty.setFocus()
        else:
            self.send_chosen()

    def _search_on(self, letter: str) -> None:
        self.search.show()
        self.search.setFocus()
        self.search.insert(letter)

    def _walk(self, step: int) -> None:
        count = self._model.rowCount()
        if count:
            row = max(0, min(count - 1, self.list.currentIndex().row() + step))
            self.list.setCurrentIndex(self._model.index(row))

    # Qt

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fit()

    def eventFilter(self, watched: object, event: object) -> bool:
        if not isinstance(event, QKeyEvent) or event.type() != QEvent.Type.KeyPress:
            return False
        match event.key():
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
                    self.send_chosen()
                else:
                    self._go_on()
            case Qt.Key.Key_Down if watched is self.search:
                self._walk(1)
            case Qt.Key.Key_Up if watched is self.search:
                self._walk(-1)
            case Qt.Key.Key_Escape:
                self.back_wanted.emit()
            case Qt.Key.Key_Z if (
                event.matches(QKeySequence.StandardKey.Undo)
                and isinstance(watched, QLineEdit)
                and not watched.isUndoAvailable()
            ):
                self.undo_send_wanted.emit()
            case _:
                return False
        return True
