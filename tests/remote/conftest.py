"""States of the line between one desktop and its project."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from console.remote import connect
from console.remote.client import Remote
from tests.remote.project import Agent, Project, project, shared_project

__all__ = ["project", "shared_project"]  # fixtures of another file


@pytest.fixture
def sari(project: Project) -> Agent:
    """An agent of the inbox Jakarta."""
    return project.agent("sari", project.desk.jakarta)


@pytest.fixture
async def remote(project: Project) -> AsyncIterator[Remote]:
    """A client that nobody has signed in to yet."""
    made = await connect(project.url, project.key)
    yield made
    await made.close()


@pytest.fixture
async def signed_in(remote: Remote, sari: Agent) -> Remote:
    """The client with Sari signed in."""
    await remote.auth.sign_in(sari.email, sari.password)
    return remote
