"""One `up` a data folder, and ports that are taken."""

import errno
import os
import socket
from pathlib import Path

import pytest

from xiuhua.kernel.errors import Conflict, Invalid, Refused
from xiuhua.stack.ports import Listener, any_free, require_apart, require_free
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


def test_a_port_that_only_root_may_open_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(socket.socket, "bind", refuse)
    with pytest.raises(Refused) as refusal:
        require_free("127.0.0.1", 80, "--port")
    assert refusal.value.code == "stack.port_refused" and refusal.value.params["next"] == 8080


def test_an_address_of_another_machine_is_named() -> None:
    with pytest.raises(Invalid, match=r"192\.0\.2\.1"):
        require_free("192.0.2.1", any_free(), "--port")


@pytest.mark.parametrize(
    ("first", "second", "meet"),
    [
        (("127.0.0.1", 8760), ("127.0.0.1", 8760), True),
        (("127.0.0.1", 8760), ("0.0.0.0", 8760), True),  # noqa: S104
        (("10.0.0.1", 8760), ("10.0.0.2", 8760), False),
        (("127.0.0.1", 0), ("127.0.0.1", 0), False),
    ],
)
def test_two_listeners_on_one_port_are_told_before_anything_is_done(
    first: tuple[str, int], second: tuple[str, int], meet: bool
) -> None:
    pair = [
        Listener(address=address, port=port, option=option)
        for option, (address, port) in (("--port", first), ("--mqtt-port", second))
    ]
    if not meet:
        require_apart(pair)
        return
    with pytest.raises(Conflict, match=r"--port.*--mqtt-port"):
        require_apart(pair)


def test_a_free_port_is_free() -> None:
    require_free("127.0.0.1", any_free(), "--port")
