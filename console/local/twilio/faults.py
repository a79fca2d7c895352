"""Misbehaviour by recipient: each fault has a number that makes the simulator behave so."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto


class Answer(Enum):
    """What comes back on the wire of a create call that was taken."""

    NORMAL = auto()
    SLOW = auto()
    HANG = auto()  # nothing, ever
    RESET = auto()  # half of the answer, then the connection is reset
    CUT = auto()  # half of the JSON, as if it were whole
    HTML = auto()  # 201 with a page of a proxy
    GATEWAY = auto()  # 502 with a page of a proxy


class Callbacks(Enum):
    """How the status callbacks of a message travel."""

    NORMAL = auto()
    LOST = auto()
    REORDERED = auto()
    REPEATED = auto()
    EARLY = auto()  # before the create call is answered


@dataclass(frozen=True, slots=True)
class Fault:
    """One way to misbehave.

    `refuse` is (HTTP status, Twilio code) of a refused create; with `times` set, only so many
    creates in a row are refused and the next is taken. `taken` says whether a broken answer
    hides a message that really goes out. `end` is (final status, code on SMS, code on WhatsApp);
    `blocked` stays "sent" for ever, as WhatsApp does with a business the customer blocked.
    """

    number: str
    says: str
    refuse: tuple[int, int] | None = None
    times: int | None = None
    retry_after: int | None = None
    answer: Answer = Answer.NORMAL
    taken: bool = True
    callbacks: Callbacks = Callbacks.NORMAL
    end: tuple[str, int, int] | None = None
    blocked: bool = False


def _number(index: int) -> str:
    """A number of Indonesia's mobile plan that nobody is reached at here."""
    return f"+628110000{index:04d}"


FAULTS: dict[str, Fault] = {
    "invalid": Fault(_number(101), "refused: not a phone number", (400, 21211)),
    "opted_out": Fault(_number(102), "refused: the customer sent STOP", (400, 21610)),
    "region_off": Fault(_number(103), "refused: country switched off", (400, 21408)),
    "auth_refused": Fault(_number(104), "refused: key not accepted", (401, 20003)),
    "rate_limited": Fault(
        _number(105), "429 twice with Retry-After, then taken", (429, 20429), 2, retry_after=1
    ),
    "rate_limited_no_retry_after": Fault(
        _number(106), "429 twice without Retry-After, then taken", (429, 20429), 2
    ),
    "server_error_500": Fault(_number(111), "500, not sent", (500, 20500)),
    "server_error_502": Fault(_number(112), "502, yet sent", answer=Answer.GATEWAY),
    "server_error_503": Fault(_number(113), "503, not sent", (503, 20503)),
    "timeout": Fault(_number(121), "no answer, yet sent", answer=Answer.HANG),
    "timeout_not_sent": Fault(_number(122), "no answer, not sent", answer=Answer.HANG, taken=False),
    "timeout_callbacks_lost": Fault(
        _number(123),
        "no answer, sent, no callback: only Twilio's list knows",
        answer=Answer.HANG,
        callbacks=Callbacks.LOST,
    ),
    "reset_half_way": Fault(_number(124), "reset amid the answer, sent", answer=Answer.RESET),
    "truncated_json": Fault(_number(125), "201 with half the JSON, sent", answer=Answer.CUT),
    "html_201": Fault(_number(126), "201 with a web page, sent", answer=Answer.HTML),
    "slow": Fault(_number(127), "answer after five seconds", answer=Answer.SLOW),
    "callbacks_lost": Fault(_number(131), "no status callback", callbacks=Callbacks.LOST),
    "callbacks_reordered": Fault(
        _number(132), "read, delivered, sent", callbacks=Callbacks.REORDERED
    ),
    "callbacks_repeated": Fault(
        _number(133), "every callback three times", callbacks=Callbacks.REPEATED
    ),
    "callbacks_before_response": Fault(
        _number(134), "callbacks before the SID is known", callbacks=Callbacks.EARLY
    ),
    "not_on_whatsapp": Fault(_number(141), "fails later", end=("failed", 30003, 63024)),
    "undelivered_30003": Fault(_number(142), "phone off", end=("undelivered", 30003, 30003)),
    "blocked": Fault(_number(143), "stays sent", blocked=True),
    "account_suspended": Fault(
        _number(144), "fails later: account locked", end=("failed", 30002, 63051)
    ),
    "window_closed": Fault(
        _number(145), "fails later: more than 24 hours", end=("failed", 30008, 63016)
    ),
    "filtered": Fault(_number(146), "fails later: spam filter", end=("undelivered", 30007, 63049)),
    "media_refused": Fault(_number(147), "fails later: file", end=("failed", 30008, 63019)),
}

# What the demo prints and tests use: fault name → recipient in E.164, good for SMS as it is and
# for WhatsApp with the prefix.
FAULT_NUMBERS: dict[str, str] = {name: fault.number for name, fault in FAULTS.items()}

_BY_NUMBER = {fault.number: name for name, fault in FAULTS.items()}


@dataclass(slots=True)
class _Assigned:
    name: str
    left: int | None


class Faults:
    """Which recipient misbehaves now: the fixed numbers, and what a test assigned.

    An assignment to "*" holds for every recipient. `times` bounds how many creates it touches.
    """

    def __init__(self, assigned: dict[str, tuple[str, int | None]] | None = None) -> None:
        self._assigned = {
            number: _Assigned(name, left) for number, (name, left) in (assigned or {}).items()
        }
        self._refused: dict[str, int] = {}

    def assign(self, address: str, name: str | None, times: int | None = None) -> None:
        """Make `address` misbehave as `name`; None ends that. KeyError for an unknown name."""
        number = address.removeprefix("whatsapp:")
        if name is None:
            self._assigned.pop(number, None)
            return
        if name not in FAULTS:
            raise KeyError(name)
        self._assigned[number] = _Assigned(name, times)

    def assigned(self) -> dict[str, tuple[str, int | None]]:
        """Number → fault name and how many creates it still touches (None: all)."""
        return {number: (entry.name, entry.left) for number, entry in self._assigned.items()}

    def take(self, address: str) -> tuple[str, Fault] | None:
        """The fault for one create to `address`, counted as used."""
        number = address.removeprefix("whatsapp:")
        for key in (number, "*"):
            entry = self._assigned.get(key)
            if entry is not None:
                if entry.left is not None:
                    entry.left -= 1
                    if entry.left <= 0:
                        del self._assigned[key]
                return entry.name, FAULTS[entry.name]
        name = _BY_NUMBER.get(number)
        return (name, self._counted(number, FAULTS[name])) if name else None

    def _counted(self, number: str, fault: Fault) -> Fault:
        """A fault that refuses `times` creates in a row lets the next one through."""
        if fault.refuse is None or fault.times is None:
            return fault
        refused = self._refused.get(number, 0)
        if refused < fault.times:
            self._refused[number] = refused + 1
            return fault
        self._refused[number] = 0
        return Fault(fault.number, fault.says)
