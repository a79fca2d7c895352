"""Help while one writes: canned replies after /, colleagues after @, templates for the customer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.domain.ids import ProfileId
from console.domain.placeholders import variables
from console.ui.composer import canned, mentions
from console.ui.composer.awaiting import Awaiting
from console.ui.composer.face import Tone
from console.ui.composer.suggestions import (
    PEOPLE_WIDTH,
    Suggestion,
    SuggestionPopup,
    Suggestions,
)
from console.ui.composer.tabs import Mode
from console.ui.language import translate
from console.ui.models.team import Team
from console.ui.preferences import Chosen
from console.ui.tasks import TaskScope
from console.ui.theme.theme import Theme

if TYPE_CHECKING:
    from console.store.store import Store


class Helping(Awaiting):
    """Part of the composer: what the team has prepared."""

    def __init__(
        self,
        store: Store,
        theme: Theme,
        tasks: TaskScope,
        writes: TaskScope,
        team: Team,
        chosen: Chosen,
    ) -> None:
        super().__init__(store, theme, tasks, writes, chosen)
        self._team = team
        self._pointed_at = ""  # the text whose variables the agent was asked about
        self._mentions: dict[str, ProfileId] = {}  # picked from the list, by name
        self._suggest(theme)
        self.replies.taken.connect(self._on_canned)
        self.people.taken.connect(self._on_mentioned)
        self.toolbar.canned.clicked.connect(self.begin_canned)
        self.toolbar.mention.clicked.connect(self.begin_mention)
        team.changed.connect(self._on_team_changed)

    def begin_canned(self) -> None:
        """Open the canned replies, as by typing /."""
        self.begin()
        if self.can_write:
            self.editor.begin_token("/")

    def begin_mention(self) -> None:
        """Open the colleagues, as by typing @."""
        self.begin(Mode.NOTE)
        self.note.begin_token("@")

    def _suggest(self, theme: Theme) -> None:
        """The lists that open while one types."""
        self.replies = Suggestions(
            self.editor,
            SuggestionPopup(theme, translate("composer", "Canned replies"), self),
            "/",
            self._find_canned,
            lambda: translate("composer", "There are no canned replies yet."),
            self.box,
        )
        self.people = Suggestions(
            self.note,
            SuggestionPopup(theme, translate("composer", "Mention"), self, PEOPLE_WIDTH),
            "@",
            lambda typed: mentions.matching(self._team.people, typed, self._me),
            lambda: translate("composer", "Nobody else works here yet."),
            self.box,
        )

    def _show_team(self) -> None:
        row = self._conversation
        known = dict(canned.values(row, self._store.me)) if row is not None else {}
        self.closed.show_templates(self._team.templates, known)

    def _on_team_changed(self) -> None:
        self._show_team()
        self._arrange()

    def _find_canned(self, typed: str) -> list[Suggestion]:
        if self._conversation is None:
            return []
        return canned.matching(self._team.canned, typed, self._conversation, self._store.me)

    def _on_canned(self, key: str, start: int) -> None:
        reply = next((entry for entry in self._team.canned if entry.id == key), None)
        if reply is None or self._conversation is None:
            return
        filled = canned.filled(reply, self._conversation, self._store.me)
        self.editor.replace_token(start, filled.text)
        self.intake.take_canned(reply.files)
        if filled.missing:
            self.editor.select_variable(start)
            self.say(
                translate("composer", "%n value(s) to fill in", "", len(filled.missing)),
                self._has_variables,
                Tone.INFORMATION,
            )

    def _has_variables(self) -> bool:
        return bool(variables(self.editor.text()))

    def _is_unfilled(self, text: str) -> bool:
        """Point at a {{variable}} that nobody filled in; the second time it may leave so."""
        missing = variables(text)
        if not missing or text == self._pointed_at:
            self._pointed_at = ""
            return False
        self._pointed_at = text
        self.editor.select_variable()
        said = translate(
            "composer",
            "%n value(s) not filled in. Type over it; Enter sends it all the same.",
            "",
            len(missing),
        )
        self.say(said, self._has_variables, Tone.WARNING)
        return True

    def _on_mentioned(self, key: str, start: int) -> None:
        person = next((entry for entry in self._team.people if entry.id == key), None)
        if person is not None:
            self._mentions[person.name] = person.id
            self.note.replace_token(start, f"@{person.name} ")
