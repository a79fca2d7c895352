"""People named in a note with @: who fits what is typed, and who is meant in the end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from console.domain.ids import ProfileId
from console.domain.profile import Profile, Role
from console.ui.composer.suggestions import Suggestion
from console.ui.language import translate


def matching(people: Sequence[Profile], typed: str, me: ProfileId | None) -> list[Suggestion]:
    """The colleagues that fit: those whose name begins so, then those with a part that does."""
    wanted = typed.casefold()
    found = []
    for person in people:
        name = person.name.casefold()
        if person.id == me or not person.active:
            continue
        if name.startswith(wanted):
            found.append((0, person))
        elif any(part.startswith(wanted) for part in name.split()):
            found.append((1, person))
    found.sort(key=lambda entry: (entry[0], entry[1].name.casefold()))
    return [
        Suggestion(person.id, person.name, note=_note(person), person=person.name)
        for _, person in found
    ]


def _note(person: Profile) -> str:
    if person.role is Role.AGENT:
        return ""
    return {
        Role.SUPERVISOR: translate("composer", "Supervisor"),
        Role.ADMIN: translate("composer", "Administrator"),
    }[person.role]


def mentioned(
    text: str, people: Sequence[Profile], chosen: Mapping[str, ProfileId]
) -> tuple[ProfileId, ...]:
    """Who is named in the text, in its order.

    `chosen` are those picked from the list, by name; a name that came back with a draft is
    looked up among the people. Of two names that begin alike the longer one is meant.
    """
    names = {person.name: person.id for person in people} | dict(chosen)
    found: dict[ProfileId, int] = {}
    taken: list[tuple[int, int]] = []
    for name in sorted(names, key=len, reverse=True):
        sign = f"@{name}"
        at = text.find(sign)
        while at >= 0:
            end = at + len(sign)
            is_free = all(end <= first or at >= last for first, last in taken)
            if is_free and not text[end : end + 1].isalnum():
                taken.append((at, end))
                found.setdefault(names[name], at)
            at = text.find(sign, end)
    return tuple(sorted(found, key=lambda id: found[id]))
