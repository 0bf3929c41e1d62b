"""Writing an alarm's change into the history and announcing it."""

from __future__ import annotations

from xiuhua.catalog import catalogue
from xiuhua.kernel.actor import Actor, system_actor
from xiuhua.ledger.actions import Change, announce, record_many
from xiuhua.readings.models import Alarm
from xiuhua.readings.storms import hushed

INGEST = system_actor("ingest")


def tell(
    actor: Actor, action: str, alarm: Alarm, *, topic: str, why: str = "", data: dict[str, object] | None = None
) -> None:
    """Write an alarm's change into the history and announce it; in a storm, lower grades are not pushed to screens."""
    record_many(
        actor,
        [
            Change(
                action=action, entity="alarm", entity_id=str(alarm.id), area_path=alarm.area_path, why=why,
                data={"state": alarm.state, **(data or {})},
            )
        ],
    )  # fmt: skip
    announce_alarm(topic, alarm)


def announce_alarm(topic: str, alarm: Alarm) -> None:
    """Announce an alarm to the rooms above and, unless a storm holds its grade back, to screens."""
    rule = catalogue.current().rules.get(alarm.rule)
    announce(
        topic, area_path=alarm.area_path, unit_code=alarm.unit_code, id=str(alarm.id),
        opens=rule.opens if rule else "", rule=alarm.rule,
        object_id=str(alarm.object_id), case_id=str(alarm.case_id) if alarm.case_id else None,
        **({"quiet": True} if hushed(alarm.grade) else {}),
    )  # fmt: skip
