"""What a plain SMS says of opting out, where Twilio adds no OptOutType."""

from __future__ import annotations

import pytest

from console.service.inbound import Parameters, parse

SMS = {"MessageSid": "SM1234", "From": "+6281234567890", "To": "+628110000009"}


@pytest.mark.parametrize(
    ("fields", "heard"),
    [
        ({"Body": " Stop\n"}, "STOP"),
        ({"Body": "UNSUBSCRIBE"}, "STOP"),
        ({"Body": "start"}, "START"),
        ({"Body": "Please stop calling"}, None),
        ({"Body": "stop", "OptOutType": "HELP"}, "HELP"),
        ({"Body": "berhenti", "OptOutType": "stop"}, "STOP"),
        ({"Body": "STOP", "From": "whatsapp:+6281234567890", "To": "whatsapp:+6281"}, None),
    ],
)
def test_the_words_that_networks_know_count_on_sms(
    fields: dict[str, str], heard: str | None
) -> None:
    message = parse(Parameters({**SMS, **fields}))
    assert message is not None
    assert message.opt_out == heard
