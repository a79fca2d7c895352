"""A member of the team, and what their role lets them do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from console.domain.ids import ProfileId


class Role(StrEnum):
    """Every value of `profiles.role`. Supervisors and administrators see every inbox."""

    AGENT = "agent"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Profile:
    """One member of the team. An inactive one keeps the name on old messages and sees nothing."""

    id: ProfileId
    name: str
    role: Role = Role.AGENT
    active: bool = True
    available: bool = False
    locale: str = "id"
