"""Links into the program: what is understood, and nothing else."""

from __future__ import annotations

import pytest

from console.domain.links import DeepLink, Target, read_link

ID = "6f1f6a4e-5a51-4b0e-9f38-0a4d7a3e6f11"


def test_a_link_is_read_as_it_was_written() -> None:
    for target in Target:
        assert read_link(str(DeepLink(target, ID))) == DeepLink(target, ID)
    assert read_link(f"BALAS://Conversation/{ID.upper()}/") == DeepLink(Target.CONVERSATION, ID)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "balas://",
        "balas://conversation/",
        "balas://conversation/../../etc/passwd",
        f"balas://settings/{ID}",
        f"https://conversation/{ID}",
        f"balas://conversation/{ID}?send=halo",
        f"balas://conversation/{ID}#x",
        f"balas://conversation/{ID}" + "0" * 300,
        "balas://[/",
    ],
)
def test_anything_else_leads_nowhere(text: str) -> None:
    assert read_link(text) is None
