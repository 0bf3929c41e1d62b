"""Keys: what makes one, what each speaks for, and what the server's log tells of trespasses."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec
import pytest

from xiuhua.kernel.actor import system_actor
from xiuhua.kernel.errors import Conflict, Invalid, NotFound
from xiuhua.ledger.models import History, Outbox
from xiuhua.objects.models import CityObject
from xiuhua.readings.judging import Caller, Judge
from xiuhua.readings.key_actions import MOST_OBJECTS, make_key, revoke_key
from xiuhua.readings.models import DeviceKey, KeyObject, Quarantine
from xiuhua.readings.quarantine import send_again
from xiuhua.readings.tests.conftest import LAMP, NOW, Lamps, Line
from xiuhua.readings.trespass import LogReader, Trespass
from xiuhua.stack.nkeys import Issuer, claims_in

ROOT = system_actor("test")
NOW_MS = int(NOW.timestamp() * 1000)


def test_what_cannot_be_a_key_is_named_and_leaves_nothing(lamps: Lamps) -> None:
    rights: dict[str, Any] = {"objects": [lamps.east.id], "now": NOW}
    for name in ("", "a", "ab", "灯杆", "a.b", "a b", "a/b", "a*", ">", "x" * 65, "xiuhua", "xiuhua-system", "abc\n"):
        with pytest.raises(Invalid, match="key_name"):
            make_key(ROOT, name=name, **rights)
    with pytest.raises(Invalid, match="for_nothing"):
        make_key(ROOT, name="lamp-1", now=NOW)
    with pytest.raises(Invalid, match="too_wide"):
        make_key(ROOT, name="lamp-1", objects=[uuid4() for _ in range(MOST_OBJECTS + 1)], now=NOW)
    with pytest.raises(Invalid, match="no_streams"):
        make_key(ROOT, name="lamp-1", types=["lights.pole"], now=NOW)
    with pytest.raises(NotFound):
        make_key(ROOT, name="lamp-1", objects=[lamps.east.id, uuid4()], now=NOW)
    with pytest.raises(Invalid, match="key_expired"):
        make_key(ROOT, name="lamp-1", expires_at=NOW, **rights)
    assert not DeviceKey.objects.exists() and not History.objects.filter(entity="device_key").exists()


def test_a_key_is_made_and_revoked_once_and_its_name_is_not_given_again(lamps: Lamps) -> None:
    key, secret = make_key(ROOT, name="lamp-1", objects=[lamps.east.id, lamps.east.id], now=NOW)
    assert len(secret) >= 43 and secret.encode() not in bytes(key.secret_sha256)
    assert KeyObject.objects.count() == 1
    revoke_key(ROOT, key.id, why="丢失", now=NOW)
    with pytest.raises(Conflict, match="revoked_before"):
        revoke_key(ROOT, key.id, why="丢失", now=NOW)
    with pytest.raises(Conflict, match="name_taken"):
        make_key(ROOT, name="lamp-1", objects=[lamps.east.id], now=NOW)
    history = History.objects.filter(entity="device_key").order_by("id")
    assert [(row.action, row.area_path, row.why) for row in history] == [
        ("made", lamps.east.area_path, ""), ("revoked", lamps.east.area_path, "丢失"),
    ]  # fmt: skip
    assert Outbox.objects.filter(topic="device_key.changed").count() == 2


def test_the_answer_grants_what_the_key_speaks_for_until_it_expires(lamps: Lamps) -> None:
    ends = NOW + timedelta(minutes=7)
    _, secret = make_key(ROOT, name="lamp-1", objects=[lamps.east.id, lamps.west.id], expires_at=ends, now=NOW)
    issuer = Issuer("a secret")
    caller = Caller(name="lamp-1", secret=secret, host="10.0.0.9", way="mqtt", server="N1", user_nkey="U1")
    CityObject.objects.filter(id=lamps.west.id).update(code="西 9")
    ((answer, why),) = Judge(issuer).answers([caller], now=NOW)
    said = claims_in(answer.encode())
    assert (why, said["aud"], said["sub"], said["iss"]) == ("", "N1", "U1", issuer.public)
    user = claims_in(said["nats"]["jwt"].encode())
    assert (user["aud"], user["exp"], user["nats"]["sub"]) == ("XIUHUA", int(ends.timestamp()), {"deny": [">"]})
    assert sorted(user["nats"]["pub"]["allow"]) == [
        "in.*.city.lights.lamp.%E8%A5%BF%209.*",
        "in.*.city.lights.lamp.E//1.*",
        "in.*.city.lights.lamp.西%209.*",
        "in.*.gateway.lamp-1.*",
    ]
    # Its object is gone: the key grants nothing of it, and never everything.
    CityObject.objects.update(removed_at=NOW)
    ((answer, _),) = Judge(issuer).answers([caller], now=NOW)
    user = claims_in(claims_in(answer.encode())["nats"]["jwt"].encode())
    assert user["nats"]["pub"]["allow"] == ["in.*.gateway.lamp-1.*"]


def test_a_leaf_node_or_a_websocket_comes_in_with_no_key(lamps: Lamps) -> None:
    _, secret = make_key(ROOT, name="lamp-1", objects=[lamps.east.id], now=NOW)
    for way in ("", "websocket"):
        caller = Caller(name="lamp-1", secret=secret, host="h", way=way, server="N", user_nkey="U")
        ((_, why),) = Judge(Issuer("a secret")).answers([caller], now=NOW)
        assert why == "unknown"


def test_a_sheet_under_a_name_without_a_key_is_set_aside_whole(line: Line) -> None:
    sheet = {"streams": ["lights/lamp/E.1/voltage"], "at": [NOW_MS], "value": [220.0]}
    subject = "$MQTT.msgs.in.0.gateway.nobody.json"
    assert line.take(line.message(subject, msgspec.json.encode(sheet))) == {"right": 1}
    make_key(ROOT, name="nobody", types=[LAMP], now=NOW)
    assert line.take(line.message(subject, msgspec.json.encode(sheet))) == {"stored": 1}
    assert Quarantine.objects.get().area_path.startswith("310117/310117001/")


def test_what_a_gateway_may_not_say_is_not_sent_again_with_the_rest(line: Line) -> None:
    sheet = {"streams": ["lights/lamp/E.1/voltage"], "at": [NOW_MS], "value": [220.0]}
    line.take(line.message("$MQTT.msgs.in.0.gateway.nobody.json", msgspec.json.encode(sheet)))
    assert send_again(ROOT, "nats://127.0.0.1:1") == 0
    assert Quarantine.objects.count() == 1


def test_the_log_is_read_on_from_its_end_and_into_a_new_file(tmp_path: Path) -> None:
    path = tmp_path / "nats.log"
    line = (
        '[7] 2026/11/24 15:30:22.461996 [ERR] 127.0.0.1:33407 - mid:9 - "i" - Publish Violation - Subject "in.2.city.x"'
    )
    told = Trespass(connection=9, mqtt=True, subject="in.2.city.x")
    reader = LogReader(path)
    assert reader.trespasses() == []
    path.write_text(line + "\n")
    assert LogReader(path).trespasses() == []
    assert reader.trespasses() == [told] and reader.trespasses() == []
    with path.open("a") as file:
        file.write(line[:60])
    assert reader.trespasses() == []
    with path.open("a") as file:
        file.write(line[60:] + "\n" + line.replace("mid:9", "cid:10") + "\n[7] something else\n")
    assert [one.connection for one in reader.trespasses()] == [9, 10]
    os.rename(path, tmp_path / "nats.log.1")
    path.write_text(line + "\n")
    assert reader.trespasses() == [told]
