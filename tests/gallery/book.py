"""The whole gallery: every area's scenes under their names."""

from __future__ import annotations

from tests.gallery import (
    scenes,
    scenes_administration,
    scenes_around,
    scenes_composer,
    scenes_contacts,
    scenes_directions,
    scenes_inbox,
    scenes_media,
    scenes_preferences,
    scenes_reports,
    scenes_team,
    scenes_thread,
)
from tests.gallery.scenes import VARIANTS
from tests.gallery.stage import Scene

__all__ = ["SCENES", "VARIANTS"]

SCENES: dict[str, Scene] = {
    **scenes.SCENES,
    **scenes_inbox.SCENES,
    **scenes_thread.SCENES,
    **scenes_media.SCENES,
    **scenes_composer.SCENES,
    **scenes_around.SCENES,
    **scenes_preferences.SCENES,
    **scenes_administration.SCENES,
    **scenes_reports.SCENES,
    **scenes_team.SCENES,
    **scenes_contacts.SCENES,
    **scenes_directions.SCENES,
}
