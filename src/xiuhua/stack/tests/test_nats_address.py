"""A NATS URL is taken apart as the client needs it."""

import pytest

from xiuhua.stack.nats_address import nats_address


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("nats://n.city:4222", {"servers": "nats://n.city:4222"}),
        ("nats://u:p@n.city:4222", {"servers": "nats://n.city:4222", "user": "u", "password": "p"}),
        ("tls://u:se%2Fcret%40@[::1]:4222", {"servers": "tls://[::1]:4222", "user": "u", "password": "se/cret@"}),
        ("nats://to%2Fken@n.city", {"servers": "nats://n.city", "token": "to/ken"}),
    ],
)
def test_user_and_password_are_decoded(url: str, address: dict[str, str]) -> None:
    assert nats_address(url) == address
