"""The style sheet and the palette, built from the tokens."""

from __future__ import annotations

from PySide6.QtGui import QColor, QPalette

from console.ui.theme.tokens import RADIUS, Tokens
from console.ui.theme.type import FAMILY, Role, points

# Every rule names a `kind` (dynamic property) or a class of ours; %names% come from the tokens.
SHEET = """
QWidget[kind="surface"], QFrame[kind="surface"] { background: %surface%; }
QWidget[kind="background"] { background: %background%; }
QWidget[kind="thread"] { background: %thread%; }
QWidget[kind="rail"] { background: %rail%; }
QWidget#line, QFrame[kind="rule"] { background: %line%; border: none; }
QToolTip { background: %text%; color: %surface%; border: none; padding: 5px 8px;
  font-size: %small%; }
QLabel { background: transparent; color: %text%; }
QLabel[tone="muted"] { color: %muted%; }
QLabel[tone="faint"] { color: %faint%; }
QLabel[tone="danger"] { color: %danger%; }
QLabel[tone="warning"] { color: %warning%; }
QLabel[tone="accent"] { color: %accent%; }
QLabel[role="stamp"] { font-size: %stamp%; }
QLabel[role="caption"] { font-size: %caption%; font-weight: 600; }
QLabel[role="small"] { font-size: %small%; }
QLabel[role="small-strong"] { font-size: %small%; font-weight: 600; }
QLabel[role="strong"] { font-weight: 600; }
QLabel[role="strong-plain"] { font-weight: 500; }
QLabel[role="header"] { font-size: %header%; font-weight: 600; }
QLabel[role="title"] { font-size: %title%; font-weight: 700; }
QLabel[role="welcome"] { font-size: %welcome%; font-weight: 700; }

QPushButton { border-radius: %radius%; padding: 0 14px; min-height: %control%; font-weight: 600;
  background: %surface%; color: %text%; border: 1px solid %line%; outline: none; }
QPushButton:hover { background: %hover%; }
QPushButton:pressed { background: %background%; }
QPushButton:focus { border-color: %accent%; }
QPushButton:disabled { color: %faint%; background: %background%; border-color: %line%; }
QPushButton[kind="primary"] { background: %accent%; color: %on_accent%;
  border: 1px solid %accent%; }
QPushButton[kind="primary"]:hover { background: %accent_hover%; border-color: %accent_hover%; }
QPushButton[kind="primary"]:focus { border-color: %on_accent_soft%; }
QPushButton[kind="primary"]:disabled { background: %background%; color: %faint%;
  border-color: %line%; }
QPushButton[beside="field"] { min-height: %field%; }
QPushButton[kind="danger"] { background: %surface%; color: %danger%; }
QPushButton[kind="danger"]:hover { background: %danger_soft%; border-color: %danger%; }
QPushButton[kind="danger"]:disabled { background: %background%; color: %faint%;
  border-color: %line%; }
QPushButton[kind="link"] { background: transparent; border: none; color: %accent%; padding: 0;
  min-height: 20px; text-align: left; font-size: %small%; }
QPushButton[kind="link"]:hover, QPushButton[kind="link"]:focus { text-decoration: underline; }
QPushButton[kind="strip"] { background: transparent; border: 1px solid %warning%; color: %warning%;
  min-height: 22px; padding: 0 10px; font-size: %small%; }
QPushButton[kind="chip"] { border-radius: %chip_radius%; min-height: %chip%; padding: 0 10px;
  font-size: %small%; font-weight: 500; color: %muted%; background: %surface%;
  min-width: %chip_least%; }
QPushButton[kind="chip"][tight="true"] { padding: 0 5px; min-width: %chip_tight%; }
QPushButton[kind="chip"]:hover { background: %hover%; color: %text%; }
QPushButton[kind="chip"]:checked { background: %accent_soft%; color: %on_accent_soft%;
  border-color: %accent_soft%; font-weight: 600; }
QPushButton[kind="tag"] { border-radius: 6px; min-height: %tag%; padding: 0 8px;
  font-size: %stamp%; font-weight: 600; color: %muted%; background: %background%;
  border: 1px solid %background%; }
QPushButton[kind="tag"]:hover { color: %text%; border-color: %line%; }
QPushButton[kind="tag"]:focus { border-color: %accent%; }
QPushButton[kind="chip"]:focus { border-color: %accent%; }
QPushButton[kind="tab"] { background: transparent; border: none; border-radius: 0; padding: 0;
  border-bottom: 2px solid transparent; min-height: %tab%; font-size: %small%; color: %muted%; }
QPushButton[kind="tab"]:hover, QPushButton[kind="tab"]:focus { color: %text%; }
QPushButton[kind="tab"]:checked { color: %accent%; border-bottom-color: %accent%; }
QPushButton[kind="tab"]:focus { color: %text%; border-bottom-color: %text%; }
QPushButton[kind="tool"] { background: transparent; border: 1px solid transparent;
  color: %muted%; padding: 0 8px; min-height: %control%; font-size: %small%; }
QPushButton[kind="tool"]:hover { background: %line%; color: %text%; }
QPushButton[kind="tool"]:focus { border-color: %accent%; }
QPushButton[kind="strip-plain"] { background: transparent; border: 1px solid transparent;
  color: %muted%; min-height: 22px; padding: 0 10px; font-size: %small%; }
QPushButton[kind="strip-plain"]:hover { color: %text%; }

QToolButton { border: 1px solid transparent; border-radius: %radius%; background: transparent;
  padding: 0; }
QToolButton:hover { background: %hover%; }
QToolButton:pressed { background: %background%; }
QToolButton:focus { border-color: %accent%; }
QToolButton[kind="composer"]:hover { background: %line%; }
QToolButton::menu-indicator { image: none; }

QLineEdit { background: %background%; color: %text%; border: 1px solid %line%;
  border-radius: %radius%;
  min-height: %field%; padding: 0 12px; selection-background-color: %accent%;
  selection-color: %on_accent%; placeholder-text-color: %faint%;
  lineedit-password-character: 8226; }
QLineEdit:hover { border-color: %scroll%; }
QLineEdit:focus { border: 1px solid %accent%; }
QLineEdit[wrong="true"] { border: 1px solid %danger%; }
QTimeEdit { background: %background%; color: %text%; border: 1px solid %line%;
  border-radius: %radius%; min-height: 30px; padding: 0; font-weight: 600;
  selection-background-color: %accent%; selection-color: %on_accent%; }
QTimeEdit:focus { border: 1px solid %accent%; }
QTimeEdit::up-button { subcontrol-origin: border; subcontrol-position: top right; width: 0;
  border: none; }
QTimeEdit::down-button { subcontrol-origin: border; subcontrol-position: bottom right; width: 0;
  border: none; }
QTimeEdit QLineEdit { border: none; background: transparent; padding: 0 8px; min-height: 0; }
QLineEdit[kind="palette"], QLineEdit[kind="palette"]:focus { background: transparent;
  border: none; border-radius: 0; min-height: 46px; padding: 0 16px; font-size: %header%; }
QLineEdit[kind="search"] { min-height: 32px; padding: 0 8px; }
QLineEdit[kind="inplace"], QLineEdit[kind="inplace-name"] { background: transparent;
  border-color: transparent; border-radius: 6px; min-height: %chip%; padding: 0 5px; }
QLineEdit[kind="inplace-name"] { font-size: %header%; font-weight: 600; }
QLineEdit[kind="inplace"]:hover, QLineEdit[kind="inplace-name"]:hover { border-color: %line%; }
QLineEdit[kind="inplace"]:focus, QLineEdit[kind="inplace-name"]:focus { background: %background%;
  border-color: %accent%; }
QLineEdit[kind="inplace"][wrong="true"], QLineEdit[kind="inplace-name"][wrong="true"] {
  border-color: %danger%; }
QPlainTextEdit[kind="inplace"] { background: %background%; border: 1px solid transparent;
  border-radius: %radius%; font-size: %base%; }
QPlainTextEdit[kind="inplace"]:hover { border-color: %line%; }
QPlainTextEdit[kind="inplace"]:focus { border-color: %accent%; }
QPlainTextEdit[kind="inplace"][wrong="true"] { border-color: %danger%; }
QPushButton[kind="value"] { background: transparent; border: 1px solid transparent; padding: 0 4px;
  margin: 0 0 0 -5px; min-height: %tag%; font-weight: 400; text-align: left; border-radius: 6px; }
QPushButton[kind="value"]:hover { border-color: %line%; }
QPushButton[kind="value"]:focus { border-color: %accent%; }
QFrame[kind="preview"] { background: %bubble_out%; border: none; border-radius: 12px; }
QPushButton[kind="row"] { background: transparent; border: 1px solid transparent; padding: 0;
  min-height: %row%; }
QPushButton[kind="row"]:hover { background: %hover%; border-color: %line%; }
QPushButton[kind="row"]:focus { border-color: %accent%; }
QPlainTextEdit { background: transparent; color: %text%; border: none; font-size: %bubble%;
  selection-background-color: %accent%; selection-color: %on_accent%;
  placeholder-text-color: %faint%; }
QFrame[kind="composer"] { background: %background%; border: 1px solid %line%; border-radius: 12px; }
QFrame[kind="composer"][focused="true"] { border-color: %accent%; }
QFrame[kind="composer"][dropping="true"] { border: 1px dashed %accent%; background: %accent_soft%; }
QFrame[kind="composer"][note="true"] { background: %note%; border-color: %note_line%; }
QFrame[kind="composer"][note="true"][focused="true"] { border-color: %warning%; }
QFrame[kind="problem"] { background: %danger_soft%; border: none; border-radius: %radius%; }
QFrame[kind="quote"] { background: %surface%; border: 1px solid %line%; border-radius: %radius%; }
QFrame[kind="guard"] { background: %warning_soft%; border: none; border-radius: %radius%; }
QToolButton[kind="tool"]:checked { background: %accent_soft%; border-color: %accent%; }
QListView[kind="cards"] { background: transparent; }
QFrame[kind="attachment"]:focus { border-color: %accent%; }
QFrame[kind="closed"] { background: %background%; border: 1px solid %line%;
  border-radius: 12px; }
QFrame[kind="attachment"] { background: %surface%; border: 1px solid %line%;
  border-radius: %radius%; }
QFrame[kind="strip"] { background: %warning_soft%; border: none; }
QFrame[kind="strip"] QLabel { color: %warning%; font-size: %small%; font-weight: 600; }
QFrame[kind="strip"][tone="danger"] { background: %danger_soft%; }
QFrame[kind="strip"][tone="danger"] QLabel { color: %danger%; }
QFrame[kind="toast"] { background: %text%; border-radius: %radius%; }
QFrame[kind="toast"] QLabel { color: %surface%; }
QFrame[kind="toast"] QPushButton { background: transparent; border: none; color: %surface%;
  text-decoration: underline; padding: 0 4px; min-height: 20px; }

QFrame[kind="card"] { background: %surface%; border: 1px solid %line%; border-radius: 12px; }
QFrame[kind="card"] QPlainTextEdit, QFrame[kind="pane"] QPlainTextEdit {
  background: %background%; border: 1px solid %line%; border-radius: %radius%; padding: 6px 8px; }
QFrame[kind="card"] QPlainTextEdit:focus, QFrame[kind="pane"] QPlainTextEdit:focus {
  border-color: %accent%; }
QFrame[kind="card"] QPlainTextEdit[wrong="true"] { border: 1px solid %danger%; }
QPushButton[kind="key"] { background: %background%; color: %text%; padding: 0 10px;
  min-height: %chip%; font-size: %small%; font-weight: 500; }
QPushButton[kind="key"]:hover { border-color: %scroll%; }
QPushButton[kind="key"]:focus { border-color: %accent%; }
QPushButton[kind="key"]:disabled { background: %surface%; color: %muted%; }
QPushButton[kind="key"][taking="true"] { background: %accent_soft%; color: %on_accent_soft%;
  border-color: %accent%; }
QFrame[kind="chosen"] { background: %accent_soft%; border: none; }
QFrame[kind="chosen"] QLabel { color: %on_accent_soft%; }
QFrame[kind="popup"] { background: %surface%; border: 1px solid %line%; border-radius: 10px; }
QMenu { background: %surface%; color: %text%; border: 1px solid %line%; border-radius: %radius%;
  padding: 5px; }
Menu { qproperty-muted: %muted%; }
QMenu::item { padding: 6px 28px 6px 10px; border-radius: 6px; min-height: 18px; }
QMenu::item:selected { background: %selected%; }
QMenu::item:disabled { color: %faint%; }
QMenu::icon { padding-left: 8px; }
QMenu::indicator { width: 14px; height: 14px; margin-left: 8px; }
QMenu::separator { height: 1px; background: %line%; margin: 5px 6px; }

QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar::handle:vertical { background: %scroll%; border-radius: 3px; min-height: 32px;
  margin: 2px; }
QScrollBar::handle:vertical:hover { background: %faint%; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; }
QScrollBar::handle:horizontal { background: %scroll%; border-radius: 3px; min-width: 32px;
  margin: 2px; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QAbstractScrollArea { border: none; background: transparent; }
TimelineView { background: %thread%; }
QListView { background: %surface%; border: none; outline: none; }
QTableView[kind="conversations"] { background: %surface%; border: none; outline: none; }
QTableView[kind="numbers"] { background: transparent; border: none; outline: none;
  selection-background-color: %selected%; selection-color: %text%; }
QTableView[kind="numbers"]::item { border-bottom: 1px solid %line%; padding: 0 10px;
  color: %text%; }
QTableView[kind="numbers"]::item:selected { background: %selected%; color: %text%; }
QTableView[kind="numbers"] QHeaderView { background: transparent; }
QTableView[kind="numbers"] QHeaderView::section { background: transparent; color: %muted%;
  border: none; border-bottom: 1px solid %line%; padding: 0 13px; font-size: %small%;
  font-weight: 600; }
QSplitter::handle { background: %line%; }
QDialog { background: %surface%; }
"""


def sheet(tokens: Tokens, scale: int) -> str:
    """The application's style sheet; sizes follow the text scale in per cent."""

    def size(role: Role) -> str:
        return f"{points(role.value.size * scale / 100):.2f}pt"

    def length(pixels: float) -> str:
        return f"{round(pixels * scale / 100)}px"

    values = {
        "family": FAMILY,
        "radius": f"{RADIUS}px",
        "control": length(30),
        "field": length(34),
        "chip": length(25),
        "chip_least": f"{max(13, round(25 * scale / 100) - 20)}px",  # rounded, not square
        "chip_tight": f"{max(13, round(25 * scale / 100) - 10)}px",
        "tag": length(19),
        "row": length(42),
        "tab": length(24),
        "chip_radius": f"{(round(25 * scale / 100) + 2) // 2}px",
        "base": size(Role.BASE),
        "stamp": size(Role.STAMP),
        "caption": size(Role.CAPTION),
        "small": size(Role.SMALL),
        "header": size(Role.HEADER),
        "title": size(Role.TITLE),
        "welcome": size(Role.WELCOME),
        "bubble": size(Role.BUBBLE),
    }
    values |= {name: getattr(tokens, name) for name in tokens.__slots__ if name != "dark"}
    made = SHEET
    for name, value in values.items():
        made = made.replace(f"%{name}%", value)
    return made


def palette(tokens: Tokens) -> QPalette:
    """For what the style sheet does not reach: native dialogs, selections, disabled text."""
    made = QPalette()
    roles = QPalette.ColorRole
    for role, value in (
        (roles.Window, tokens.surface),
        (roles.WindowText, tokens.text),
        (roles.Base, tokens.surface),
        (roles.AlternateBase, tokens.background),
        (roles.Text, tokens.text),
        (roles.PlaceholderText, tokens.faint),
        (roles.Button, tokens.surface),
        (roles.ButtonText, tokens.text),
        (roles.ToolTipBase, tokens.text),
        (roles.ToolTipText, tokens.surface),
        (roles.Highlight, tokens.accent),
        (roles.HighlightedText, tokens.on_accent),
        (roles.Link, tokens.accent),
        (roles.Accent, tokens.accent),
    ):
        made.setColor(role, QColor(value))
    for role in (roles.Text, roles.WindowText, roles.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, role, QColor(tokens.faint))
    return made
