"""One `up` a data folder, and ports that are taken."""

import os
import socket
from pathlib import Path

import pytest

from xiuhua.kernel.errors import Conflict
from xiuhua.stack.ports import any_free, require_free
from xiuhua.stack.running import Site, hold, holder, read_site, write_site


def test_a_second_holder_is_told_who_is_first(tmp_path: Path) -> None:
    with hold(tmp_path):
        assert holder(tmp_path) == os.getpid()
        with pytest.raises(Conflict) as refusal, hold(tmp_path):
            pass
        assert refusal.value.params["pid"] == str(os.getpid())
    assert holder(tmp_path) is None
    with hold(tmp_path):
        pass


def test_the_state_file_counts_only_while_somebody_holds_the_folder(tmp_path: Path) -> None:
    site = Site(
        pid=1, started=0.0, address="127.0.0.1", http_port=1, mqtt_address="127.0.0.1", mqtt_port=2, nats_port=3,
        database="",
    )  # fmt: skip
    with hold(tmp_path):
        write_site(tmp_path, site)
        assert read_site(tmp_path) == site
    assert read_site(tmp_path) is None


def test_a_busy_port_names_the_option_and_another_port() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(Conflict) as refusal:
            require_free("127.0.0.1", port, "--mqtt-port")
    assert refusal.value.params["option"] == "--mqtt-port"
    assert refusal.value.params["port"] == port
    assert refusal.value.params["next"] != port
    assert str(os.getpid()) in str(refusal.value.params["by"])


def test_a_free_port_is_free() -> None:
    require_free("127.0.0.1", any_free(), "--port")
