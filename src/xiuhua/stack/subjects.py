"""Where the message server puts what is sent to it: every message into the partition of what it is about.

A device publishes to `city.<pack>.<type>.<object>.<stream>`, a gateway to `gateway.<gateway>.<form>`; over NATS the
same behind `report.`. The server keeps it under `in.<partition>.…` (MQTT) or `feed.<partition>.…` (NATS), so that one
stream is always read by one worker.

Who holds a key and comes over NATS lives in an account of its own, out of which nothing leads but the feed: the subject
to which a client asks its acknowledgement is published to as it says, and must be none of ours.
"""

from __future__ import annotations

ROOT = "city"
GATEWAY = "gateway"
# Sheets that our own processes put into the feed; no device has the right to.
OWN = "own"
REPORT = "report."
FEED = "feed."
PARTITIONS = 8


# Accounts of the server: ours, in which everything is kept, and that of key holders who come over NATS.
ACCOUNT = "XIUHUA"
DEVICES_ACCOUNT = "DEVICES"

_ONE = f"{{{{partition({PARTITIONS},1,2,3)}}}}.{ROOT}.{{{{wildcard(1)}}}}.{{{{wildcard(2)}}}}.{{{{wildcard(3)}}}}.>"
_MANY = f"{{{{partition({PARTITIONS},1)}}}}.{GATEWAY}.{{{{wildcard(1)}}}}.{{{{wildcard(2)}}}}"


def mappings() -> dict[str, str]:
    """Return the mapping of subjects of our account, to which MQTT belongs."""
    return {f"{ROOT}.*.*.*.>": f"in.{_ONE}", f"{GATEWAY}.*.*": f"in.{_MANY}"}


def reports() -> dict[str, str]:
    """Return the mapping of subjects of the account of key holders over NATS."""
    return {f"{REPORT}{ROOT}.*.*.*.>": f"{FEED}{_ONE}", f"{REPORT}{GATEWAY}.*.*": f"{FEED}{_MANY}"}
