"""One setting as a row: its words from the registry, its control from its type."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QLineEdit, QWidget

from console.settings.registry import Setting, Value
from console.ui.preferences import Chosen
from console.ui.theme.theme import Theme
from console.ui.widgets.card import CardRow
from console.ui.widgets.chooser import Line
from console.ui.widgets.number import NumberField
from console.ui.widgets.select import Select
from console.ui.widgets.switch import Switch

TEXT_WIDTH = 240


def said(text: str) -> str:
    """The registry's own words in the window's language."""
    return QCoreApplication.translate("registry", text) if text else ""


def matches(setting: Setting, words: list[str]) -> bool:
    """Whether every word stands in what is shown of a setting."""
    parts = (setting.title, setting.text, *setting.names)
    whole = " ".join(said(part) for part in parts).casefold()
    return all(word in whole for word in words)


class SettingRow(CardRow):
    """Keeps a change at once, and shows what was changed elsewhere."""

    def __init__(self, theme: Theme, chosen: Chosen, setting: Setting) -> None:
        self.setting = setting
        self._chosen = chosen
        self.control = self._control(theme)
        super().__init__(said(setting.title), said(setting.text), self.control)

    @property
    def value(self) -> Value:
        """What is kept, or the default."""
        setting = self.setting
        if isinstance(setting.default, bool):
            return self._chosen.flag(setting.key, setting.default)
        if isinstance(setting.default, int):
            return self._chosen.number(setting.key, setting.default)
        return self._chosen.text(setting.key, setting.default)

    def refresh(self) -> None:
        """Show what is kept now."""
        control, value = self.control, self.value
        if isinstance(control, Switch):
            control.setChecked(value is True)
        elif isinstance(control, Select):
            control.show_current(str(value))
        elif isinstance(control, NumberField):
            if control.value != value:
                control.show_value(int(value))
        elif isinstance(control, QLineEdit) and control.text() != value:
            control.setText(str(value))

    def _control(self, theme: Theme) -> QWidget:
        setting, title = self.setting, said(self.setting.title)
        if setting.choices:
            names = setting.names or tuple(str(choice) for choice in setting.choices)
            lines = [
                Line(str(choice), said(name))
                for choice, name in zip(setting.choices, names, strict=True)
            ]
            select = Select(theme, title, lines, str(self.value))
            values = {str(choice): choice for choice in setting.choices}
            select.chosen.connect(lambda key: self._keep(values[key]))
            return select
        if isinstance(setting.default, bool):
            switch = Switch(theme, title, on=self.value is True)
            switch.toggled.connect(self._keep)
            return switch
        if isinstance(setting.default, int):
            field = NumberField(
                theme, title, int(self.value), setting.least, setting.most, said(setting.unit)
            )
            field.changed.connect(self._keep)
            return field
        line = QLineEdit(str(self.value))
        line.setAccessibleName(title)
        line.setFixedWidth(theme.px(TEXT_WIDTH))
        line.editingFinished.connect(lambda: self._keep(line.text().strip()))
        return line

    def _keep(self, value: Value) -> None:
        if self.setting.accepts(value):
            self._chosen.keep(self.setting.key, value)
