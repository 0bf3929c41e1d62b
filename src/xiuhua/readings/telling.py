"""Open pages are told where new readings lie, so that charts move: by area and unit, never by reading."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import UTC, datetime

from nats.aio.client import Client

TOPIC = "reading.stored"


async def tell_of_readings(client: Client, places: Collection[tuple[str, str]]) -> None:
    """Publish one event for each area and unit whose streams have new latest values."""
    at = datetime.now(UTC).isoformat()
    for area_path, unit_code in sorted(places):
        said = {"topic": TOPIC, "id": "", "area_path": area_path, "unit_code": unit_code, "at": at}
        await client.publish(f"live.{TOPIC}", json.dumps(said, ensure_ascii=False).encode())
