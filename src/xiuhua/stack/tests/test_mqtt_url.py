"""Devices are told an address that they can call."""

from pathlib import Path

import pytest

from xiuhua.stack.config import read_config
from xiuhua.stack.nats_server import mqtt_url
from xiuhua.stack.ports import EVERYWHERE


@pytest.mark.parametrize(
    ("listens", "told"),
    [
        ("10.0.0.7", "mqtt://10.0.0.7:1883"),
        *((everywhere, "mqtt://xiuhua.city:1883") for everywhere in sorted(EVERYWHERE)),
        ("fd00::7", "mqtt://[fd00::7]:1883"),
    ],
)
def test_a_server_that_listens_everywhere_is_told_by_the_name_it_was_called(listens: str, told: str) -> None:
    assert mqtt_url(read_config({"XIUHUA_MQTT_ADDRESS": listens}), called_as="xiuhua.city") == told


def test_with_a_certificate_it_is_called_over_tls(tmp_path: Path) -> None:
    for name in ("certificate", "key"):
        (tmp_path / f"{name}.pem").touch()
    given = {"XIUHUA_MQTT_CERTIFICATE": f"{tmp_path}/certificate.pem", "XIUHUA_MQTT_KEY": f"{tmp_path}/key.pem"}
    assert mqtt_url(read_config(given), called_as="xiuhua.city") == "mqtts://127.0.0.1:1883"
