"""Messages for bench/fuzz.py: good ones, and what becomes of them with parts or bytes changed; all from one seed."""

from __future__ import annotations

import base64
import copy
import json
import random
import struct
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

DAY_MS = 86_400_000
LARGEST = 1_000_000
MOST_IN_ONE = 20_000
ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, -0.0, 0.5, 2**31, 2**32, 2**53 + 1, 2**63, 2**64, -(2**63) - 1, 10**400, 1e308, -1e308,
    1.7e308, 5e-324, float("nan"), float("inf"), float("-inf"), "", " ", "\x00", "a\x00b", "\ud800", "NaN", "1e999",
    "站牌", "🚌" * 50, "x" * 201, "y" * 70_000, "%00", "%FF%FE", "%ED%A0%80", "mobility/stop_sign/%00/voltage",
    "mobility/stop_sign/ZP-00003/voltage", "mobility/stop_sign/" + "Z" * 50_000 + "/voltage", "////", "a/b/c/d", "//x",
    "mobility/stop_sign/ZP-00003/voltage/", "mobility/stop_sign/none/voltage", "nopack/x/1/y", "kV", "mV", "°C", "%",
    "2026-11-24T08:00:00+08:00", "2026-11-24T08:00:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00",
    "2026-W48-2T08:00:00Z", "2026-11-24T24:00:00Z", "2026-02-30T00:00:00Z", "+002026-11-24T08:00:00Z", -62135596800000,
    253402300799999, [], {}, [[]], [None], [0, 0], {"": None}, {"at": 1}, [[[[[[[[]]]]]]]], b"\xff" * 16,
)  # fmt: skip


class Maker:
    """Makes messages from a seed; names are those of registered streams, times lie about now."""

    def __init__(self, draw: random.Random, names: Sequence[str], now_ms: int) -> None:
        self.draw = draw
        self._names = names
        self._now_ms = now_ms

    def name(self) -> str:
        """Return a stream's name: mostly a registered one."""
        if self.draw.random() < 0.9:
            return self.draw.choice(self._names)
        odd = self.draw.choice([one for one in ODD if isinstance(one, str) and one])
        return "".join(letter for letter in odd if letter.isprintable() and not 0xD800 <= ord(letter) < 0xE000) or "x"

    def message(self, form: str) -> bytes:
        """Return the payload of a message, of one stream ("") or a sheet (json, msgpack)."""
        kind = self.draw.random()
        if kind < 0.004:
            return self._large(form)
        if kind < 0.05:
            return odd_bytes(self.draw, 300)
        said = self._sheet() if form else self._one_stream()
        if kind < 0.6:
            for _ in range(self.draw.choice((1, 1, 1, 2, 5))):
                said = changed(self.draw, said)
        raw = written(said, form)
        return mangled(self.draw, raw) if kind > 0.85 else raw

    def observation(self, streams: Sequence[int]) -> bytes:
        """Return the body of a POST of an Observation."""
        at = self.draw.choice(("2026-11-24T08:00:00Z", "2026-11-24T08:00:00.123+08:00", None))
        said: Any = {"result": round(self.draw.uniform(180, 260), 2)}
        if at:
            said["phenomenonTime"] = at
        return self._body(said, {"Datastream": {"@iot.id": self.draw.choice(streams)}})

    def data_arrays(self, streams: Sequence[int]) -> bytes:
        """Return the body of a POST to CreateObservations."""
        groups = [
            {
                "Datastream": {"@iot.id": self.draw.choice(streams)},
                "components": ["phenomenonTime", "result"],
                "dataArray": [
                    [f"2026-11-24T08:{self.draw.randrange(60):02}:{self.draw.randrange(60):02}Z",
                     self.draw.choice((self.draw.uniform(180, 260), 220, "0", "E01"))]
                    for _ in range(self.draw.randrange(1, 6))
                ],
            }
            for _ in range(self.draw.randrange(1, 4))
        ]  # fmt: skip
        return self._body(groups, [])

    def key(self) -> bytes:
        """Return the body of a POST that makes a device's key."""
        said = {"name": f"k-{self.draw.getrandbits(60)}", "types": ["mobility.stop_sign"], "objects": [], "holder": "x"}
        return self._body(said, {"expires_at": "2030-01-01T00:00:00Z"})

    def question(self, name: str, secret: str) -> bytes:
        """Return what the message server asks about somebody who connects."""
        told: Any = {"user": name, "pass": secret}
        if self.draw.random() < 0.7:
            told = changed(self.draw, told)
        if not isinstance(told, dict):
            told = {"user": told}
        claims: Any = {
            "nats": {
                "client_info": {"host": "127.0.0.1", "type": self.draw.choice(("mqtt", "nats", "")), "kind": "Client"},
                "connect_opts": told, "server_id": {"id": "N"}, "user_nkey": "U",
            }
        }  # fmt: skip
        if self.draw.random() < 0.2:
            claims = changed(self.draw, claims)
        token = b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in (b"{}", written(claims, ""), b"s"))
        return mangled(self.draw, token) if self.draw.random() < 0.1 else token

    def file(self) -> bytes:
        """Return a CSV file of readings."""
        rows = [["stream", "at", "value", "code", "unit", "quality"][: self.draw.choice((3, 4, 5, 6))]]
        for _ in range(self.draw.randrange(1, 30)):
            one = self._reading()
            cells = [self.name(), *(one.get(name, "") for name in ("at", "value", "code", "unit", "quality"))]
            rows.append([str(cell) for cell in cells][: len(rows[0])])
        for _ in range(self.draw.choice((0, 0, 1, 3, 10))):
            row = self.draw.choice(rows)
            row[self.draw.randrange(len(row))] = str(self.draw.choice(ODD))[:500]
        text = "\n".join(",".join(f'"{cell}"' if "," in cell else cell for cell in row) for row in rows)
        raw = text.encode(self.draw.choice(("utf-8", "utf-8-sig", "gb18030", "utf-16")), errors="replace")
        return mangled(self.draw, raw) if self.draw.random() < 0.3 else raw

    def _body(self, said: Any, more: Any) -> bytes:
        kind = self.draw.random()
        if isinstance(said, dict) and kind < 0.3:
            said |= more
        if kind < 0.6:
            said = changed(self.draw, said)
        raw = written(said, "")
        return mangled(self.draw, raw) if kind > 0.9 else raw

    def _reading(self) -> dict[str, Any]:
        at: Any = self._now_ms - self.draw.randrange(3_600_000)
        if self.draw.random() < 0.2:
            at = f"2026-11-24T{self.draw.randrange(24):02}:{self.draw.randrange(60):02}:00+08:00"
        said: dict[str, Any] = {"at": at}
        if self.draw.random() < 0.7:
            said["value"] = round(self.draw.uniform(180, 260), 2)
        else:
            said["code"] = self.draw.choice(("0", "E01", "ok"))
        for name, choices in (("unit", ("V", "kV")), ("quality", (0, 1, "bad")), ("firmware", ("2.3.1",))):
            if self.draw.random() < 0.1:
                said[name] = self.draw.choice(choices)
        return said

    def _one_stream(self) -> Any:
        if self.draw.random() < 0.6:
            return self._reading()
        return [self._reading() for _ in range(self.draw.randrange(1, 8))]

    def _sheet(self) -> dict[str, Any]:
        streams = [self.name() for _ in range(self.draw.randrange(1, 6))]
        count = self.draw.randrange(1, 20)
        said: dict[str, Any] = {
            "streams": streams,
            "stream": [self.draw.randrange(len(streams)) for _ in range(count)],
            "at": [self._now_ms - self.draw.randrange(3_600_000) for _ in range(count)],
            "value": [self.draw.choice((None, round(self.draw.uniform(180, 260), 2))) for _ in range(count)],
        }
        if self.draw.random() < 0.5:
            said["code"] = [None if value is not None else "E01" for value in said["value"]]
        for name, column in (
            ("quality", [0] * count),
            ("unit", ["V"] * len(streams)),
            ("firmware", ["1"] * len(streams)),
        ):
            if self.draw.random() < 0.2:
                said[name] = column
        return said

    def _large(self, form: str) -> bytes:
        """Return a message about as large as the server takes, made to be costly."""
        name, far = self.draw.choice(self._names), "mobility/stop_sign/" + "Z" * 400_000 + "/voltage"
        count = MOST_IN_ONE
        if form:
            kinds: list[Callable[[], Any]] = [
                lambda: {"streams": [far], "stream": [0] * count, "at": [self._now_ms] * count, "value": [1] * count},
                lambda: {"streams": ["a/b/c/d"] * count, "at": [1] * count, "value": [None] * count},
                lambda: {"streams": [""] * 300_000, "at": [1], "value": [1]},
                lambda: {
                    "streams": [name] * 2000,
                    "firmware": ["9"] * 2000,
                    "at": list(range(2000)),
                    "value": [1] * 2000,
                },
                lambda: {"streams": [name], "at": [[[]] * 100_000]},
                lambda: {"streams": [f"mobility/stop_sign/{one}/voltage" for one in range(20_000)], "at": [1]},
            ]
        else:
            kinds = [
                lambda: [{"at": 10**30} for _ in range(count)],
                lambda: [{}] * (count + 1),
                lambda: [0] * (LARGEST // 3),
                lambda: [{"at": self._now_ms + one, "value": one, "unit": "furlong"} for one in range(12_000)],
                lambda: {"at": self._now_ms, "code": "z" * LARGEST},
                lambda: [{"at": self._now_ms - one, "value": 220.0} for one in range(15_000)],
            ]
        deep = (b"[" * LARGEST, b'{"at":' * (LARGEST // 6), b"\x91" * LARGEST, b'"' + b"\\u0041" * (LARGEST // 6))
        if self.draw.random() < 0.15:
            return self.draw.choice(deep)
        return written(self.draw.choice(kinds)(), form)[:LARGEST]


def changed(draw: random.Random, said: Any) -> Any:
    """Return a copy with one part replaced, left out, doubled or renamed."""
    said = copy.deepcopy(said)
    places: list[tuple[Any, Any]] = []
    waiting = [said]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict | list):
            keys = list(one) if isinstance(one, dict) else list(range(len(one)))
            places += [(one, key) for key in keys]
            waiting += [one[key] for key in keys]
    if not places or draw.random() < 0.03:
        return draw.choice(ODD)
    inside, key = draw.choice(places)
    what = draw.random()
    if what < 0.7:
        inside[key] = copy.deepcopy(draw.choice(ODD))
    elif what < 0.85:
        del inside[key]
    elif isinstance(inside, list):
        inside.insert(key, inside[key])
    else:
        inside[draw.choice(("at", "value", "code", "unit", "streams", "stream", "x\x00"))] = inside.pop(key)
    return said


def written(said: Any, form: str) -> bytes:
    """Return it in JSON, or in MessagePack with number columns packed half of the time."""
    if form != "msgpack":
        return json.dumps(said, default=lambda raw: raw.decode("latin-1")).encode(errors="surrogatepass")
    if isinstance(said, dict) and len(str(said.get("at"))) % 2:
        for name, layout in (("at", "q"), ("stream", "H"), ("value", "d")):
            try:
                column = [float("nan") if one is None else one for one in said[name]]
                said[name] = struct.pack(f"<{len(column)}{layout}", *column)
            except (KeyError, TypeError, struct.error, OverflowError):
                continue
    try:
        return msgspec.msgpack.encode(said)
    except (OverflowError, UnicodeEncodeError, TypeError, ValueError):
        return msgspec.msgpack.encode({"streams": [], "at": repr(said)[:1000].encode(errors="replace")})


def mangled(draw: random.Random, raw: bytes) -> bytes:
    """Return it with some bytes changed, taken out, put in, doubled or cut off."""
    changing = bytearray(raw)
    for _ in range(draw.choice((1, 1, 2, 8))):
        at = draw.randrange(len(changing) + 1)
        what = draw.randrange(5)
        if what == 0 and at < len(changing):
            changing[at] ^= 1 << draw.randrange(8)
        elif what == 1:
            del changing[at : at + draw.randrange(1, 9)]
        elif what == 2:
            changing[at:at] = odd_bytes(draw, 8)
        elif what == 3:
            changing[at:at] = changing[at : at + 40]
        else:
            del changing[at:]
    return bytes(changing)


def odd_bytes(draw: random.Random, most: int) -> bytes:
    """Return random bytes."""
    return draw.randbytes(draw.randrange(most + 1))


def said_in(payload: bytes, form: str) -> int:
    """Return how many readings a message holds by its documented form: 1 where it has none, 0 where nobody can tell."""
    try:
        said: Any = msgspec.msgpack.decode(payload) if form == "msgpack" else json.loads(payload.decode())
    except (ValueError, RecursionError, msgspec.MsgspecError):
        # Bytes may be broken where a reader that wants only the named parts never looks.
        return 0
    if not form:
        return len(said) if isinstance(said, list) and said else 1
    at = said.get("at") if isinstance(said, dict) else None
    if isinstance(at, bytes):
        return max(1, len(at) // 8)
    return len(at) if isinstance(at, list) and at else 1
