"""The address of a stream over MQTT: `city/<pack>/<type>/<object code>/<stream>`.

A code may hold dots, Chinese letters and slashes; a space, "+", "#", "%" and control characters are percent-encoded as
UTF-8, for the MQTT server takes none of them as they are.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote

ROOT = "city"
STORED = f"$MQTT.msgs.{ROOT}."

# The server turns a topic into a subject: "." becomes "//", "/" becomes ".", and an empty level "/".
_MARK = re.compile(r"//|/\.|\.")
_TOPIC = {"//": ".", "/.": "/", ".": "/"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Address:
    """Which stream of which object a message is about."""

    type: str
    code: str
    stream: str


def topic_of(address: Address) -> str:
    """Return the MQTT topic of a stream."""
    code = quote(address.code, safe="".join(sorted(set(address.code) - set(' +#%*>/\t\r\n"'))))
    return "/".join((ROOT, *address.type.split(".", 1), code, address.stream))


def address_of(subject: str) -> Address | None:
    """Return the address a stored subject stands for; None if it is none."""
    if not subject.startswith(STORED):
        return None
    levels = _MARK.sub(lambda mark: _TOPIC[mark.group()], subject.removeprefix(STORED)).split("/")
    if len(levels) < 4:
        return None
    pack, kind, *code, stream = levels
    address = Address(type=f"{pack}.{kind}", code=unquote("/".join(code)), stream=stream)
    return address if pack and kind and address.code and stream and "\x00" not in address.code else None
