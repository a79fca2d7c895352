"""The page of the reports: which days, which inbox, whose work; charts, tables, CSV."""

from __future__ import annotations

import asyncio
from pathlib import Path

from PySide6.QtCore import QStandardPaths, Qt, QTimeZone
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from console.domain.errors import BalasError, EnvironmentFaultError, OfflineError, RefusedError
from console.domain.ids import InboxId, ProfileId
from console.domain.profile import Role
from console.domain.reports import Grouping, Report
from console.ui.errors import sentence
from console.ui.language import translate
from console.ui.screens.inbox.saving import write_whole
from console.ui.screens.reports.cards import Skeleton
from console.ui.screens.reports.export import as_csv
from console.ui.screens.reports.overview import Overview
from console.ui.screens.reports.period import PeriodBar
from console.ui.tasks import TaskScope
from console.ui.widgets.banner import Banner
from console.ui.widgets.buttons import button
from console.ui.widgets.chooser import Line
from console.ui.widgets.empty import EmptyState
from console.ui.widgets.flow import FlowLayout
from console.ui.widgets.labels import label, rule
from console.ui.widgets.sections import scrolled
from console.ui.widgets.select import Select
from console.ui.workplace import Workplace

WIDEST = 2400  # px; beyond that the eye loses the line


class Screen(QWidget):
    """What was read stays on screen while the next is on its way, and where it does not come."""

    def __init__(self, workplace: Workplace) -> None:
        super().__init__()
        self._work = workplace
        self._tasks = TaskScope(workplace.errors)
        theme = workplace.theme
        self._reports: tuple[Report, ...] = ()
        self.setProperty("kind", "background")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.days = PeriodBar(theme, workplace.now)
        self.inbox = Select(theme, translate("reports", "Inbox"), [_all_inboxes()], "")
        self.person = Select(theme, translate("reports", "Person"), [_everybody()], "")
        self.export = button(translate("reports", "Save as CSV"))
        self.export.setEnabled(False)
        self.wait = label("", "small", "muted")
        self.stop = button(translate("reports", "Cancel"), "link")
        self.strip = Banner(theme)
        self.overview = Overview(theme)
        self.empty = EmptyState(theme)
        self.stack = QStackedWidget()
        self._loading = scrolled(Skeleton(theme), WIDEST)
        self._charts = scrolled(self.overview, WIDEST)
        for widget in (self._loading, self._charts, self.empty):
            self.stack.addWidget(widget)
        self._build()
        self._show_wait(on=False)
        self.days.changed.connect(self.reload)
        self.inbox.chosen.connect(self.reload)
        self.person.chosen.connect(self.reload)
        self.export.clicked.connect(self.save)
        self.stop.clicked.connect(self._stop)
        self.strip.step_wanted.connect(self.reload)

    def _build(self) -> None:
        head = QWidget()
        head.setProperty("kind", "surface")
        head.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        upper = QHBoxLayout()
        upper.setSpacing(10)
        upper.addWidget(label(translate("reports", "Reports"), "title"))
        upper.addStretch(1)
        upper.addWidget(self.wait)
        upper.addWidget(self.stop)
        upper.addWidget(self.export)
        lower = FlowLayout(8)
        for widget in (self.days, self.inbox, self.person):
            lower.addWidget(widget)
        inside = QVBoxLayout(head)
        inside.setContentsMargins(28, 16, 28, 14)
        inside.setSpacing(12)
        inside.addLayout(upper)
        inside.addLayout(lower)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(head)
        layout.addWidget(rule())
        layout.addWidget(self.strip)
        layout.addWidget(self.stack, 1)

    @property
    def _sees_all(self) -> bool:
        """Whether the work of others is theirs to see; the server says so in the end."""
        me = self._work.store.me
        return me is not None and me.role is not Role.AGENT

    # What the window asks of a page

    def enter(self) -> None:
        """Read what is true now; the keyboard goes to the days."""
        self.person.setVisible(self._sees_all)
        self.days.chips[self.days.period].setFocus()
        self._tasks.start(self._offer(), "offer")
        self.reload()

    def close_tasks(self) -> None:
        """End what still reads."""
        self._tasks.close()

    async def settle(self) -> None:
        """Wait until nothing is under way."""
        await self._tasks.settle()

    def reload(self) -> None:
        """Read the chosen days anew."""
        self._tasks.start(self._read(), "read")

    def save(self) -> None:
        """Ask where the tables go."""
        since, until = self.days.span
        folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        name = f"balas {since.date().isoformat()} {until.date().isoformat()}.csv"
        dialog = QFileDialog(self, translate("reports", "Save as CSV"), str(Path(folder) / name))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("csv")
        dialog.fileSelected.connect(self.write)
        dialog.open()

    def write(self, path: str) -> None:
        """The tables that are on screen into a file."""
        text = as_csv(self._reports)
        self._work.writes.start(self._write(Path(path), text))

    async def _write(self, path: Path, text: str) -> None:
        try:
            await asyncio.to_thread(write_whole, path, text.encode("utf-8"))
        except OSError as error:
            raise EnvironmentFaultError(
                translate("files", "The file could not be saved"), error.strerror or ""
            ) from error
        self._work.tell(translate("reports", "The report is saved"), path.name)

    async def _offer(self) -> None:
        inboxes = await self._work.store.desk.inboxes()
        lines = [_all_inboxes(), *(Line(str(one.id), one.name) for one in inboxes)]
        self.inbox.show_lines(lines, self.inbox.current)
        people = await self._work.store.desk.people()
        lines = [_everybody()]
        lines += [Line(str(one.id), one.name, person=one.name) for one in people if one.name]
        self.person.show_lines(lines, self.person.current)

    async def _read(self) -> None:
        if not self._reports:
            self.stack.setCurrentWidget(self._loading)
        waiting = asyncio.get_running_loop().call_later(0.3, lambda: self._show_wait(on=True))
        try:
            found = await self._ask()
        except BalasError as error:
            self._on_failure(error)
            return
        finally:
            waiting.cancel()
            self._show_wait(on=False)
        self._reports = found
        self.strip.hide()
        self.export.setEnabled(not found[0].is_empty)
        if found[0].is_empty:
            self._say_empty()
            return
        agents = found[1] if self._sees_all else None
        self.overview.show_reports(found[0], agents, found[-1])
        self.stack.setCurrentWidget(self._charts)

    async def _ask(self) -> tuple[Report, ...]:
        since, until = self.days.span
        zone = bytes(QTimeZone.systemTimeZoneId().data()).decode() or "UTC"
        wanted = [Grouping.DAYS, Grouping.INBOXES]
        if self._sees_all:
            wanted.insert(1, Grouping.AGENTS)
        found = [
            await self._work.server.reports.read(
                grouping,
                since,
                until,
                inbox_id=InboxId(self.inbox.current) if self.inbox.current else None,
                agent_id=ProfileId(self.person.current) if self.person.current else None,
                zone=zone,
            )
            for grouping in wanted
        ]
        return tuple(found)

    def _on_failure(self, error: Exception) -> None:
        title, text = sentence(error)
        if isinstance(error, RefusedError) and error.code == "not_allowed":
            self.export.setEnabled(False)
            self.empty.show_state(
                "lock",
                translate("reports", "There are no reports for you"),
                translate(
                    "reports", "You work in no inbox yet. An administrator can put you into one."
                ),
            )
            self.stack.setCurrentWidget(self.empty)
            return
        icon = "wifi-off" if isinstance(error, OfflineError) else "triangle-alert"
        again = translate("reports", "Try again")
        if self._reports:
            said = translate("reports", "{problem} What you see was read before.")
            self.strip.show_state(icon, said.format(problem=f"{title}."), again)
            return
        self.empty.show_state(icon, title, text, again, self.reload)
        self.stack.setCurrentWidget(self.empty)

    def _say_empty(self) -> None:
        self.empty.show_state(
            "chart-column",
            translate("reports", "Nothing happened in these days"),
            translate("reports", "Choose other days, or another inbox or person.")
            if self._sees_all
            else translate("reports", "Choose other days, or another inbox."),
        )
        self.stack.setCurrentWidget(self.empty)

    def _show_wait(self, *, on: bool) -> None:
        self.wait.setText(translate("reports", "Reading the numbers…") if on else "")
        self.wait.setVisible(on)
        self.stop.setVisible(on)

    def _stop(self) -> None:
        self._tasks.cancel("read")
        self._show_wait(on=False)
        if not self._reports:
            self.empty.show_state(
                "chart-column",
                translate("reports", "Not read"),
                "",
                translate("reports", "Try again"),
                self.reload,
            )
            self.stack.setCurrentWidget(self.empty)


def _all_inboxes() -> Line:
    return Line("", translate("reports", "All inboxes"))


def _everybody() -> Line:
    return Line("", translate("reports", "Everybody"))
