"""How a stream is named on the way in, and the subject under which the server keeps what was sent.

A stream's name is `<pack>/<type>/<object code>/<stream>`. A device publishes to the MQTT topic `city/<name>`, a gateway
to `gateway/<gateway>/json` or `gateway/<gateway>/msgpack`. A NATS client publishes to the subject that the MQTT server
would make of the topic, behind `report.`. A code may hold dots, Chinese letters and slashes; a space, "+", "#", "%" and
control characters are percent-encoded as UTF-8, for the MQTT server takes none of them as they are.

The server puts every message into one of the partitions by what it is about, so that one stream is always read by one
worker: `in.<partition>.…` for MQTT, `feed.<partition>.…` for the rest.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote
from zlib import crc32

from xiuhua.stack.subjects import FEED, OWN, PARTITIONS, ROOT

MQTT = "$MQTT.msgs."
# A code has at most 100 letters, and a letter at most twelve when it is percent-encoded.
LONGEST_NAME = 2000

# What the server takes in no topic.
_NEVER_PLAIN = frozenset(' +#%*>"') | frozenset(map(chr, range(32)))
# The server turns a topic into a subject: "." becomes "//", "/" becomes ".", and an empty level "/".
_MARK = re.compile(r"//|/\.|\.")
_TOPIC = {"//": ".", "/.": "/", ".": "/"}
_PLACE = re.compile(r"(?:\$MQTT\.msgs\.(?:in\.\d+\.)?|feed\.\d+\.)")


@dataclass(frozen=True, kw_only=True, slots=True)
class Address:
    """Which stream of which object a message is about."""

    type: str
    code: str
    stream: str


def name_of(address: Address) -> str:
    """Return the name of a stream."""
    code = quote(address.code, safe="".join(sorted(set(address.code) - set(' +#%*>/\t\r\n"'))))
    return "/".join((*address.type.split(".", 1), code, address.stream))


def spellings_of(address: Address) -> tuple[str, ...]:
    """Return the names by which devices call a stream: as we write it, and with letters and slashes as they are."""
    plain = "".join(quote(letter, safe="") if letter in _NEVER_PLAIN else letter for letter in address.code)
    return tuple(dict.fromkeys((name_of(address), "/".join((*address.type.split(".", 1), plain, address.stream)))))


def topic_of(address: Address) -> str:
    """Return the MQTT topic of a stream."""
    return f"{ROOT}/{name_of(address)}"


def object_topic_of(type_id: str, code: str) -> str:
    """Return the MQTT topic under which the streams of an object lie, without the stream."""
    return topic_of(Address(type=type_id, code=code, stream="")).removesuffix("/")


def topic_in(subject: str) -> str | None:
    """Return the MQTT topic that a kept subject stands for; None if it is none of ours."""
    place = _PLACE.match(subject)
    if place is None:
        return None
    return _MARK.sub(lambda mark: _TOPIC[mark.group()], subject[place.end() :])


def address_in(name: str) -> Address | None:
    """Return the stream that a name stands for; None if it is none."""
    levels = name.split("/")
    if len(levels) < 4 or len(name) > LONGEST_NAME:
        return None
    pack, kind, *code, stream = levels
    address = Address(type=f"{pack}.{kind}", code=unquote("/".join(code)), stream=stream)
    return address if pack and kind and address.code and stream and "\x00" not in address.code else None


def feed_subject_of(name: str) -> str:
    """Return the subject under which we ourselves put one stream's message into the feed."""
    return f"{FEED}{crc32(name.encode()) % PARTITIONS}.{ROOT}.{levels_of(name)}"


def levels_of(name: str) -> str:
    """Return a stream's name as the levels of a subject."""
    return ".".join(level.replace(".", "//") or "/" for level in name.split("/"))


def own_subject(source: str, form: str) -> str:
    """Return the subject under which we ourselves put a sheet into the feed for somebody whose rights were checked."""
    return f"{FEED}{crc32(source.encode()) % PARTITIONS}.{OWN}.{source}.{form}"
