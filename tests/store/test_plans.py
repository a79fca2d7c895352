"""No statement of the everyday writes walks a table that grows with the years."""

from __future__ import annotations

import re

from console.domain.ids import LabelId, MessageId
from console.domain.intents import Assign, Resolve, SendMessage, SetLabel
from console.store.database import Reading
from tests.store.conftest import ME, Desk, new_id
from tests.store.test_views import label, labelled

GROWING = "messages|conversations|contacts|addresses|listing|needles|places|records|attempts|texts"
# A scan, or a search by the kind alone, of which there may be as many as there are conversations.
NUMBERED = re.compile(r"\?\d*")  # a parameter; any value gives the same plan
WALKS = re.compile(rf"^SCAN ({GROWING})\b|^SEARCH records USING PRIMARY KEY \(kind=\?\)$")


async def test_neither_a_message_nor_a_reply_nor_an_act_walks_a_table(desk: Desk) -> None:
    vip = label("VIP")
    budi = await desk.customer("Budi", "halo")
    await desk.apply(records=(vip, labelled(budi, vip.id)))
    if desk.store._filling is not None:
        await desk.store._filling  # what it moves for older versions is not asked here
    said: set[str] = set()
    connection = desk.store._database._connection
    assert connection is not None
    connection.set_profile(lambda sql, _: said.add(sql))
    await desk.customer("Siti", "selamat pagi")
    await desk.store.outbox.send(SendMessage(MessageId(new_id()), budi, "baik"))
    await desk.apply(messages=(desk.server.outbound(MessageId(new_id()), budi, "failed"),))
    await desk.store.outbox.assign(Assign(budi, ME))
    await desk.store.outbox.resolve(Resolve(budi))
    await desk.store.outbox.label(SetLabel(budi, LabelId(vip.id), on=False))
    connection.set_profile(None)

    def walks(reading: Reading) -> list[tuple[str, str]]:
        return [
            (str(step[3]), sql)
            for sql in sorted(said)
            if sql.split(maxsplit=1)[0].lower() in ("select", "insert", "update", "delete")
            for step in reading.all(f"explain query plan {NUMBERED.sub('1', sql)}")
            if WALKS.search(str(step[3]))
        ]

    assert len(said) > 20
    assert await desk.store._database.read(walks) == []
