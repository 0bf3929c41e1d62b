"""Where the message server puts what is sent to it: every message into the partition of what it is about.

A device publishes to `city.<pack>.<type>.<object>.<stream>`, a gateway to `gateway.<gateway>.<form>`; over NATS the
same behind `report.`. The server keeps it under `in.<partition>.…` (MQTT) or `feed.<partition>.…` (NATS), so that one
stream is always read by one worker.
"""

from __future__ import annotations

ROOT = "city"
GATEWAY = "gateway"
# Sheets that our own processes put into the feed; no device has the right to.
OWN = "own"
REPORT = "report."
FEED = "feed."
PARTITIONS = 8


def mappings() -> dict[str, str]:
    """Return the server's mapping of subjects."""
    one = f"{{{{partition({PARTITIONS},1,2,3)}}}}.{ROOT}.{{{{wildcard(1)}}}}.{{{{wildcard(2)}}}}.{{{{wildcard(3)}}}}.>"
    many = f"{{{{partition({PARTITIONS},1)}}}}.{GATEWAY}.{{{{wildcard(1)}}}}.{{{{wildcard(2)}}}}"
    return {
        f"{ROOT}.*.*.*.>": f"in.{one}",
        f"{GATEWAY}.*.*": f"in.{many}",
        f"{REPORT}{ROOT}.*.*.*.>": f"{FEED}{one}",
        f"{REPORT}{GATEWAY}.*.*": f"{FEED}{many}",
    }
