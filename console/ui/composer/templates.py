"""The template picker: what WhatsApp approved, its variables, and the text the customer reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListView,
    QPushButton,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from console.domain.desk import Template
from console.domain.intents import TemplateChoice
from console.domain.placeholders import Filled, fill, variables
from console.ui import words
from console.ui.composer.painted import draw, height_of, wrapped
from console.ui.language import translate
from console.ui.theme.theme import Theme
from console.ui.theme.type import Role
from console.ui.widgets.buttons import IconButton, button
from console.ui.widgets.labels import label
from console.ui.widgets.painting import draw_line

PAD, GAP = 12, 7
LIST_MOST = 214  # px at 100 %
SEARCH_FROM = 4  # templates from which there is a field to search in
TEMPLATE = int(Qt.ItemDataRole.UserRole) + 1
LANGUAGES = {"id": "Indonesia", "en": "English"}
Index = QModelIndex | QPersistentModelIndex


def state(status: str) -> tuple[str, str]:
    """The approval state in words, and the token of its colour."""
    return {
        "approved": (translate("templates", "approved"), "accent"),
        "pending": (translate("templates", "waiting for Meta"), "warning"),
        "received": (translate("templates", "waiting for Meta"), "warning"),
        "rejected": (translate("templates", "refused by Meta"), "danger"),
        "paused": (translate("templates", "paused by Meta"), "danger"),
        "disabled": (translate("templates", "disabled by Meta"), "danger"),
    }.get(status, (translate("templates", "not submitted"), "muted"))


def language(code: str) -> str:
    """A template's language by its name, or its code where it has none here."""
    return LANGUAGES.get(code.partition("_")[0].lower(), code)


class _Model(QAbstractListModel):
    def __init__(self) -> None:
        super().__init__()
        self.shown: list[Template] = []

    def show(self, templates: list[Template]) -> None:
        self.beginResetModel()
        self.shown = templates
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self.shown)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        template = self.shown[index.row()]
        if role == TEMPLATE:
            return template
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return f"{template.name}, {state(template.status)[0]}: {template.body}"
        return None


class _Cards(QStyledItemDelegate):
    """A card each; the chosen one shows its whole text with the values in it."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.width = 400
        self.chosen = ""  # content sid
        self.filled = Filled("")

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        theme, template = self._theme, index.data(TEMPLATE)
        rect = option.rect.toRectF().adjusted(1, 1, -1, -GAP - 1)
        is_chosen = template.content_sid == self.chosen
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
        painter.setPen(theme.color("accent" if is_chosen else "line"))
        painter.setBrush(theme.color("hover" if hovered and not is_chosen else "surface"))
        painter.drawRoundedRect(rect, 8, 8)
        if not template.is_approved:
            painter.setOpacity(0.72)
        left, right = rect.x() + PAD, rect.right() - PAD
        head = QRectF(left, rect.y() + 9, right - left, theme.px(18))
        painter.setPen(theme.color("muted"))
        face = theme.font(Role.STAMP)
        code = language(template.language)
        right -= draw_line(painter, head, code, face, Qt.AlignmentFlag.AlignRight) + 10
        words_of_state, token = state(template.status)
        name_face, state_face = theme.font(Role.BASE_STRONG), theme.font(Role.TINY)
        beside = QFontMetricsF(state_face).horizontalAdvance(words_of_state) + 20
        painter.setPen(theme.color("text"))
        name = QRectF(left, head.y(), max(40.0, right - left - beside), head.height())
        wide = draw_line(painter, name, words.one_line(template.name), name_face)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color(token))
        painter.drawEllipse(QRectF(left + wide + 8, head.center().y() - 3.5, 7, 7))
        painter.setPen(theme.color(token))
        room = QRectF(left + wide + 19, head.y(), beside, head.height())
        draw_line(painter, room, words_of_state, state_face)
        body = QRectF(left, head.bottom() + 4, rect.right() - PAD - left, 0)
        draw(painter, self._body(template), body, theme.color("muted"))
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        template = index.data(TEMPLATE)
        tall = 9 + self._theme.px(18) + 4 + height_of(self._body(template)) + 11 + GAP
        return QSize(self.width, round(tall))

    def _body(self, template: Template):  # type: ignore[no-untyped-def]
        face, room = self._theme.font(Role.SMALL), self.width - 2 * PAD - 2
        if template.content_sid != self.chosen:
            return wrapped(template.body, face, room, most=1)
        return wrapped(
            self.filled.text,
            face,
            room,
            self.filled.spans,
            self._theme.color("on_accent_soft"),
            self._theme.color("accent_soft"),
        )


class TemplatePicker(QFrame):
    """Stands in the composer's place. `sent` carries the choice and the text it makes."""

    sent = Signal(object, str)  # TemplateChoice, text
    back_wanted = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setProperty("kind", "closed")
        self._theme = theme
        self._templates: tuple[Template, ...] = ()
        self._known: Mapping[str, str] = {}
        self._values: dict[str, dict[str, str]] = {}  # by content sid, while the picker stands
        self._language = ""
        self._is_closed = True
        self.icon = QLabel()
        self.title = label("", "strong", "danger")
        self.text = label("", "", "muted", wrap=True)
        self.draft = label(translate("composer", "Your draft is kept."), "small", "muted")
        self.search = QLineEdit()
        self.cross = IconButton(theme, "x", translate("templates", "Back to the text (Esc)"))
        self.languages = QHBoxLayout()
        self.cards = _Cards(theme)
        self._model = _Model()
        self.list = QListView()
        self.nothing = label("", "small", "muted", wrap=True)
        self.form = QGridLayout()
        self.fields: dict[str, QLineEdit] = {}
        self.state = label("", "small", "muted")
        self.send = button(translate("templates", "Send template") + " ", "primary")
        self._build()
        theme.changed.connect(self._refresh)
        self._refresh()

    def show_templates(self, templates: Sequence[Template], known: Mapping[str, str]) -> None:
        """What there is to choose from; `known` fills variables that have a name."""
        self._templates = tuple(templates)
        self._known = known
        self._show_languages()
        self._narrow()

    def show_closed(self, closed: bool) -> None:
        """Whether the window is closed, or the agent just wants a template."""
        self._is_closed = closed
        self.title.setText(
            translate("composer", "More than 24 hours since the customer wrote")
            if closed
            else translate("templates", "Send a template")
        )
        tone = "danger" if closed else ""
        if self.title.property("tone") != tone:
            self.title.setProperty("tone", tone)
            self.title.style().unpolish(self.title)
            self.title.style().polish(self.title)
        self.text.setText(
            translate(
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
        self.search.clear()
        self._narrow()

    @property
    def current(self) -> Template | None:
        index = self.list.currentIndex()
        return self._model.shown[index.row()] if index.isValid() else None

    def _build(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(7)
        head.addWidget(self.icon)
        head.addWidget(self.title)
        head.addStretch(1)
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
        self.form.setHorizontalSpacing(10)
        self.form.setVerticalSpacing(6)
        foot = QHBoxLayout()
        foot.addWidget(self.state, 1)
        foot.addWidget(self.send)
        self.send.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        self.send.setToolTip(translate("templates", "Send the template (Ctrl+Enter)"))
        self.send.clicked.connect(self._send)
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
        while (item := self.languages.takeAt(0)) is not None:
            item.widget().deleteLater()
        found = sorted({language(template.language) for template in self._templates})
        if self._language not in found:
            self._language = ""
        for name in ["", *found] if len(found) > 1 else []:
            made = button(name or translate("templates", "All"), "chip")
            made.setCheckable(True)
            made.setChecked(name == self._language)
            made.setAutoExclusive(True)
            made.clicked.connect(lambda _=False, name=name: self._choose_language(name))
            self.languages.addWidget(made)

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
        self._model.show(shown)
        self.search.setVisible(len(self._templates) >= SEARCH_FROM)
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
        if shown:
            place = sids.index(before) if before in sids else 0
            self.list.setCurrentIndex(self._model.index(place))
        else:
            self._on_chosen()

    def _on_chosen(self) -> None:
        template = self.current
        while (item := self.form.takeAt(0)) is not None:
            item.widget().hide()
            item.widget().deleteLater()
        self.fields = {}
        self.cards.chosen = template.content_sid if template else ""
        names = variables(template.body) if template and template.is_approved else ()
        kept = self._values.setdefault(template.content_sid, {}) if template else {}
        for place, name in enumerate(names):
            field = QLineEdit(kept.get(name) or self._known.get(name, ""))
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
        self._on_typed()

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
            said = translate("templates", "%n variable(s) filled in", "", len(values))
        else:
            said = translate("templates", "Nothing to fill in")
        self.state.setText(said)
        self._fit()

    def _fit(self) -> None:
        self.cards.width = max(200, self.list.viewport().width())
        self.list.doItemsLayout()
        tall = sum(self.list.sizeHintForRow(row) for row in range(self._model.rowCount()))
        self.list.setFixedHeight(min(tall, self._theme.px(LIST_MOST)))
        self.list.scrollTo(self.list.currentIndex())

    def _refresh(self) -> None:
        icon, ink = ("timer", "danger") if self._is_closed else ("layout-template", "muted")
        self.icon.setPixmap(self._theme.qicon(icon, ink, 16).pixmap(QSize(16, 16)))
        self.send.setIcon(self._theme.qicon("corner-down-left", "on_accent", 15))

    def _send(self) -> None:
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
            self._send()

    def _walk(self, step: int) -> None:
        count = self._model.rowCount()
        if count:
            row = max(0, min(count - 1, self.list.currentIndex().row() + step))
            self.list.setCurrentIndex(self._model.index(row))

    # Qt

    def resizeEvent(self, event: QEvent) -> None:  # type: ignore[override]
        self._fit()

    def eventFilter(self, watched: object, event: object) -> bool:
        if not isinstance(event, QKeyEvent) or event.type() != QEvent.Type.KeyPress:
            return False
        match event.key():
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
                    self._send()
                else:
                    self._go_on()
            case Qt.Key.Key_Down if watched is self.search:
                self._walk(1)
            case Qt.Key.Key_Up if watched is self.search:
                self._walk(-1)
            case Qt.Key.Key_Escape:
                self.back_wanted.emit()
            case _:
                return False
        return True
