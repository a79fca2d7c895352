"""Stands in for the system that shows notices."""

from __future__ import annotations

from console.ui.alerts.center import Alerts
from console.ui.alerts.notices import Notice, Notices


class Told(Notices):
    """Remembers what the system was asked to show."""

    def __init__(self, alerts: Alerts) -> None:
        super().__init__(alerts)
        self.notices: list[Notice] = []
        self.chosen.connect(alerts._on_chosen)
        self.answered.connect(alerts._on_answered)
        alerts.notices = self
        alerts._gather.setInterval(0)

    def show_notice(self, notice: Notice) -> None:
        self.notices.append(notice)

    def abilities(self) -> str:
        return ""
