"""The page of the preferences: the registry's settings by section, the shortcuts, a search."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QVBoxLayout, QWidget

from console.settings.registry import REGISTRY, SECTIONS
from console.ui.keys import shortcuts
from console.ui.language import translate
from console.ui.preferences import SHORTCUTS
from console.ui.screens.preferences.rows import SettingRow, matches, said
from console.ui.screens.preferences.shortcuts import Shortcuts
from console.ui.widgets.card import Card, heading
from console.ui.widgets.empty import EmptyState
from console.ui.widgets.search import SearchField
from console.ui.widgets.sections import Sections, scrolled
from console.ui.workplace import Workplace

KEYS = "shortcuts"


class Screen(QWidget):
    """Everything is applied at once: whoever shows what a setting says hears of it."""

    def __init__(self, workplace: Workplace) -> None:
        super().__init__()
        self._theme = workplace.theme
        self._chosen = workplace.chosen
        self.rows: dict[str, list[SettingRow]] = {}
        self._shortcuts: list[Shortcuts] = []
        self.sections = Sections(self._theme, translate("preferences", "Preferences"))
        self.search = SearchField(
            self._theme, translate("preferences", "Search the preferences"), ""
        )
        self.search.textChanged.connect(self._find)
        self.sections.head.addWidget(self.search)
        self.sections.head.addSpacing(10)
        for name, title, icon in SECTIONS:
            if any(setting.title and setting.section == name for setting in REGISTRY.values()):
                self.sections.add(
                    name, said(title), icon, partial(self._section, name, said(title))
                )
        title = translate("preferences", "Shortcuts")
        self.sections.add(KEYS, title, "keyboard", partial(self._keys, title))
        self._found: QWidget | None = None
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.sections)
        self._end = self._chosen.listen(self._on_kept)
        self.sections.show_section(SECTIONS[0][0])

    # What the window asks of a page

    def enter(self) -> None:
        """The keyboard goes to the search."""
        if self.search.isVisible():
            self.search.setFocus()
        else:
            self.sections.focus_name()

    def close_tasks(self) -> None:
        """Nothing is read here; what is kept elsewhere is no longer shown."""
        self._end()

    async def settle(self) -> None:
        """Nothing is under way."""

    def _section(self, name: str, title: str) -> QWidget:
        card = Card()
        for setting in REGISTRY.values():
            if setting.title and setting.section == name:
                card.add(self._row(setting.key))
        return _column(heading(title), card)

    def _row(self, key: str) -> SettingRow:
        made = SettingRow(self._theme, self._chosen, REGISTRY[key])
        self.rows.setdefault(key, []).append(made)
        return made

    def _keys(self, title: str, words: str = "") -> QWidget:
        made = Shortcuts(self._theme, self._chosen, words)
        self._shortcuts.append(made)
        return _column(heading(title), made)

    def _find(self, typed: str) -> None:
        """Show what holds the typed words, from all sections."""
        self._forget_found()
        words = typed.casefold().split()
        if not words:
            self.sections.show_section(self.sections.current)
            return
        parts: list[QWidget] = []
        for name, title, _ in SECTIONS:
            fitting = [
                setting.key
                for setting in REGISTRY.values()
                if setting.title and setting.section == name and matches(setting, words)
            ]
            if fitting:
                card = Card()
                for key in fitting:
                    card.add(self._row(key))
                parts += [heading(said(title)), card]
        if any(
            all(word in f"{entry.words} {' '.join(entry.keys)}".casefold() for word in words)
            for entry in shortcuts(self._chosen.text(SHORTCUTS))
        ):
            parts.append(self._keys(translate("preferences", "Shortcuts"), typed))
        if parts:
            self._found = scrolled(_column(*parts))
        else:
            nothing = EmptyState(self._theme)
            nothing.show_state(
                "search",
                translate("preferences", "Nothing of this name"),
                translate("preferences", "Try another word, or look through the sections."),
            )
            self._found = nothing
        self.sections.show_found(self._found)

    def _forget_found(self) -> None:
        found, self._found = self._found, None
        if found is None:
            return
        for key, rows in self.rows.items():
            self.rows[key] = [row for row in rows if not found.isAncestorOf(row)]
        self._shortcuts = [made for made in self._shortcuts if not found.isAncestorOf(made)]
        self.sections.stack.removeWidget(found)
        found.deleteLater()

    def _on_kept(self, name: str) -> None:
        for row in self.rows.get(name, ()):
            row.refresh()
        if name == SHORTCUTS:
            for made in self._shortcuts:
                made.refresh()


def _column(*parts: QWidget) -> QWidget:
    made = QWidget()
    layout = QVBoxLayout(made)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(12)
    for place, part in enumerate(parts):
        if place and part.property("role") == "header":
            layout.addSpacing(10)
        layout.addWidget(part)
    layout.addStretch(1)
    return made
