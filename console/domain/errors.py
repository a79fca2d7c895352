"""The three families of failure, as every boundary translates them."""

from __future__ import annotations


class BalasError(Exception):
    """A failure with a title and a sentence for a person; `fix` is the one thing to do."""

    def __init__(self, title: str, text: str = "", *, fix: str = "") -> None:
        super().__init__(f"{title}: {text}" if text else title)
        self.title = title
        self.text = text
        self.fix = fix


class ExpectedError(BalasError):
    """The person asked for something that cannot be: say so and go on."""


class EnvironmentFaultError(BalasError):
    """Something around us is down (network, disk, keyring): explain, keep running, try again."""


class OfflineError(EnvironmentFaultError):
    """The server cannot be reached, or does not answer in time; trying again may help."""


class SignedOutError(ExpectedError):
    """The session is over: only signing in again helps."""

    def __init__(self) -> None:
        super().__init__(
            "You are signed out",
            "Your session has ended or was ended elsewhere.",
            fix="Sign in again. What you wrote is kept.",
        )


class RefusedError(ExpectedError):
    """The server refused for a reason of its own rules. `code` is the rule's short name."""

    def __init__(self, code: str, title: str, text: str = "", *, fix: str = "") -> None:
        super().__init__(title, text, fix=fix)
        self.code = code


class ChangedSinceError(RefusedError):
    """Somebody else changed what was to be changed, and nothing was written over.

    `now` is how it stands, in the type that the call has for it; None where it is gone.
    """

    def __init__(self, now: object) -> None:
        super().__init__(
            "changed_since",
            "Somebody else changed this meanwhile",
            "Nothing was written over.",
            fix="Look at what is there now, and save again if yours is to stand.",
        )
        self.now = now
