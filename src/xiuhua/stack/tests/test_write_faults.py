"""A message server that met a full disk is started anew once there is room, and only then."""

from __future__ import annotations

import shutil
from collections import namedtuple
from pathlib import Path

import pytest

from xiuhua.stack.write_faults import FULL_BYTES, ROOM_BYTES, WHY, WriteFaults

Usage = namedtuple("Usage", "total used free")
SAID = b"[1] [ERR] Filestore [$MQTT_msgs] Critical write error: write /x/1.blk: no space left on device\n"


@pytest.fixture
def free(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Let the disk have as much room as the list's only entry says."""
    room = [10 * ROOM_BYTES]
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: Usage(0, 0, room[0]))
    return room


def test_what_the_log_told_is_acted_on_once_there_is_room(tmp_path: Path, free: list[int]) -> None:
    log = tmp_path / "nats.log"
    log.write_bytes(SAID)
    faults = WriteFaults(log, tmp_path)
    assert faults.healed() is None, "told before we began: of a server that is gone"
    free[0] = ROOM_BYTES - 1
    with log.open("ab") as more:
        more.write(SAID)
    assert faults.healed() is None
    free[0] = ROOM_BYTES
    assert faults.healed() is WHY
    assert faults.healed() is None


def test_a_disk_that_was_full_is_enough_for_the_log_may_have_had_no_room_either(
    tmp_path: Path, free: list[int]
) -> None:
    faults = WriteFaults(tmp_path / "nats.log", tmp_path)
    for room, expected in ((FULL_BYTES - 1, None), (FULL_BYTES, None), (ROOM_BYTES, WHY), (ROOM_BYTES, None)):
        free[0] = room
        assert faults.healed() is expected
