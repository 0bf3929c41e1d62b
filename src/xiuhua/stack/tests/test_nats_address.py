"""A NATS URL is taken apart as the client needs it."""

import pytest

from xiuhua.stack.nats_address import nats_address, replicas


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("nats://n.city:4222", {"servers": ["nats://n.city:4222"]}),
        ("nats://u:p@n.city:4222", {"servers": ["nats://n.city:4222"], "user": "u", "password": "p"}),
        ("tls://u:se%2Fcret%40@[::1]:4222", {"servers": ["tls://[::1]:4222"], "user": "u", "password": "se/cret@"}),
        ("nats://to%2Fken@n.city", {"servers": ["nats://n.city"], "token": "to/ken"}),
        (
            "tls://u:p%2C@one:4222, two:4222,[::1]",
            {"servers": ["tls://one:4222", "tls://two:4222", "tls://[::1]"], "user": "u", "password": "p,"},
        ),
    ],
)
def test_user_and_password_are_decoded_and_nodes_stand_apart(url: str, address: dict[str, str | list[str]]) -> None:
    assert nats_address(url) == address


@pytest.mark.parametrize(("nodes", "kept"), [("a", 1), ("a,b", 1), ("a,b,c", 3), ("a,b,c,d,e", 3)])
def test_three_nodes_keep_every_message(nodes: str, kept: int) -> None:
    assert replicas(f"nats://u:p@{nodes}") == kept
