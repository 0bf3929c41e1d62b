"""What the trial does inside a site, as a process of its own beside it."""

from __future__ import annotations

import io
import json
import struct
import sys
import zlib
from collections.abc import Callable
from typing import Any

from django.utils import timezone

from xiuhua.cases.actions import add_evidence, make_move
from xiuhua.cases.models import Case
from xiuhua.edge.handing_over import release
from xiuhua.edge.nodes import make_node
from xiuhua.edge.tests.trial import TOWN, UNIT
from xiuhua.files.keeping import fetch
from xiuhua.kernel.actor import system_actor
from xiuhua.kernel.errors import XiuhuaError
from xiuhua.objects.models import CityObject
from xiuhua.people.actions import Holding, make_user
from xiuhua.people.models import User
from xiuhua.people.queries import actor_of_user
from xiuhua.readings.datastreams import ensure_datastreams
from xiuhua.readings.key_actions import make_key


def set_up(signs: str) -> dict[str, Any]:
    """At the centre: signs, people of the town and of another, a gateway's key, the town's node."""

    root = system_actor("test")
    kind = "mobility.stop_sign"
    for area, count in ((TOWN, int(signs)), ("310117102", 3)):
        CityObject.objects.bulk_create(
            [
                CityObject(
                    type=kind, code=f"ZP-{area[6:]}-{number:04d}", name=f"站牌 {area[6:]}-{number}",
                    area_path=f"310117/{area}/", unit_code=f"town-{area}", origin="test",
                )
                for number in range(count)
            ]
        )  # fmt: skip
    ensure_datastreams(kind)
    for name, area, posts in (
        ("chen", TOWN, ("dispatcher", "handler", "town_staff")), ("zhou", "310117102", ("dispatcher",)),
    ):  # fmt: skip
        holdings = [Holding(post=post, unit=f"town-{area}", area=area) for post in posts]
        make_user(root, username=name, name=name, password="two-towns-and-a-bridge", holdings=holdings)
    _, secret = make_key(root, name="gateway-1", types=[kind], now=timezone.now())
    _, key = make_node(root, town=TOWN, now=timezone.now())
    return {"secret": secret, "key": key}


def work_cases(_: str) -> dict[str, Any]:
    """At the node, cut off: send one case on with a photo laid into it, and hand another to the centre."""

    actor = actor_of_user(User.objects.get(username="chen"))
    first, second = Case.objects.filter(kind="open").order_by("opened_at", "id")[:2]
    make_move(actor, first.id, "send", version=first.version, unit_code=UNIT)
    add_evidence(actor, first.id, io.BytesIO(picture()), name="before.png", need="photo_before")
    release(actor, second.id, why="须由区里派遣")
    return {"kept": str(first.id), "released": str(second.id)}


def try_moves(said: str) -> dict[str, Any]:
    """At the centre, afterwards: move both cases; says what came of it."""

    actor = actor_of_user(User.objects.get(username="chen"))
    found: dict[str, Any] = {}
    for name, case_id in json.loads(said).items():
        case = Case.objects.get(id=case_id)
        move = {"handle": "return", "dispatch": "send"}[case.state]
        try:
            make_move(actor, case.id, move, version=case.version, reason="试", unit_code=UNIT)
            found[name] = "moved"
        except XiuhuaError as error:
            found[name] = error.code
        found[f"{name}_files"] = [len(fetch(one.file_hash)) for one in case.evidence.all()]
    return found


def picture() -> bytes:
    """Return a small PNG."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head, rows = struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0), zlib.compress((b"\x00" + b"\x20\x80\x80" * 8) * 8)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


ACTS: dict[str, Callable[[str], dict[str, Any]]] = {
    "set_up": set_up, "work_cases": work_cases, "try_moves": try_moves,
}  # fmt: skip


def main() -> None:
    """Do the act that the command line names, and print what came of it."""
    print(json.dumps(ACTS[sys.argv[1]](sys.argv[2])))
