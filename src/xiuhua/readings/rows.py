"""From stored rows to the shapes of answers, many at a time."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import Count

from xiuhua.catalog import catalogue
from xiuhua.catalog.in_force import rules_in_force
from xiuhua.catalog.limits import stream_or_none
from xiuhua.http.words import label, source_note
from xiuhua.kernel.actor import Actor
from xiuhua.kernel.streams import Stream
from xiuhua.kernel.words import Label, Source
from xiuhua.people.policy import visible
from xiuhua.people.posts import post_label
from xiuhua.people.queries import area_names, unit_names
from xiuhua.readings.devices import Device
from xiuhua.readings.keys import Scope, state_of
from xiuhua.readings.models import Alarm, Datastream, DeviceKey, Latest, Quarantine
from xiuhua.readings.queries import points
from xiuhua.readings.schemas import (
    AlarmRow,
    AlarmState,
    DeviceRow,
    DutyView,
    KeyRow,
    QuarantineRow,
    SpokenFor,
    StreamRow,
)
from xiuhua.readings.topics import object_topic_of
from xiuhua.readings.wording import why

NO_SOURCE = Source(standard="", confirmed=False)


def alarm_rows(actor: Actor, alarms: Collection[Alarm], now: datetime) -> list[AlarmRow]:
    """Return the alarms as answers carry them."""
    in_force = rules_in_force()
    places = points([alarm.object_id for alarm in alarms])
    areas, units = area_names(), unit_names()
    folded = Alarm.objects.filter(visible(actor), parent_id__in=[alarm.id for alarm in alarms])
    under = dict(folded.order_by().values_list("parent_id").annotate(n=Count("id")))
    rows = []
    for alarm in alarms:
        rule = in_force.catalogue.rules.get(alarm.rule)
        lon, lat = places.get(alarm.object_id, (None, None))
        rows.append(
            AlarmRow(
                id=alarm.id, rule=alarm.rule,
                rule_label=label(rule.label if rule else Label(zh=alarm.rule, en=alarm.rule)), grade=alarm.grade,
                object_id=alarm.object_id, object_type=alarm.object_type, object_code=alarm.object_code,
                object_name=alarm.object_name, state=AlarmState(alarm.state), raised_at=alarm.raised_at,
                last_at=alarm.last_at,
                count=alarm.count, value=alarm.value, code=alarm.code, why=label(why(alarm, in_force, now)),
                area_path=alarm.area_path, area_name=areas.get(alarm.area_path, ""), unit_code=alarm.unit_code,
                unit_name=units.get(alarm.unit_code, ""), lon=lon, lat=lat, case_id=alarm.case_id, case_number=None,
                shelved_until=alarm.shelved_until, source=source_note(rule.source if rule else NO_SOURCE),
                origin=alarm.origin, times=alarm.times, members=under.get(alarm.id, 0), parent_id=alarm.parent_id,
                duty=_duty(alarm, units),
            )
        )  # fmt: skip
    return rows


def _duty(alarm: Alarm, units: Mapping[str, str]) -> DutyView | None:
    if not alarm.duty_step:
        return None
    return DutyView(
        post=alarm.duty_post, post_label=label(post_label(alarm.duty_post)), unit=alarm.duty_unit,
        unit_name=units.get(alarm.duty_unit, ""), step=alarm.duty_step,
        until=alarm.call_at if alarm.state == "raised" else None,
    )  # fmt: skip


def alarm_features(alarms: Collection[Alarm]) -> dict[str, object]:
    """Return the alarms that have a place as GeoJSON points."""
    places = points([alarm.object_id for alarm in alarms])
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "id": str(alarm.id),
                "geometry": {"type": "Point", "coordinates": places[alarm.object_id]},
                "properties": {
                    "id": str(alarm.id),
                    "rule": alarm.rule,
                    "grade": alarm.grade,
                    "state": alarm.state,
                    "object_id": str(alarm.object_id),
                    "object_type": alarm.object_type,
                    "object_code": alarm.object_code,
                    "object_name": alarm.object_name,
                },
            }
            for alarm in alarms
            if alarm.object_id in places
        ],
    }


def device_rows(devices: Collection[Device]) -> list[DeviceRow]:
    """Return devices as answers carry them."""
    areas, units = area_names(), unit_names()
    return [
        DeviceRow(
            object_id=one.object_id, type=one.type, code=one.code, name=one.name, area_path=one.area_path,
            area_name=areas.get(one.area_path, ""), unit_code=one.unit_code, unit_name=units.get(one.unit_code, ""),
            health=one.health, streams=one.streams, last_at=one.last_at, silent_since=one.silent_since,
            unusable=one.unusable, alarms=one.alarms, online=one.online, battery=one.battery,
            battery_low=battery.battery_low if (battery := _stream(one.battery_stream)) else None,
            battery_unit=_unit(battery), firmware=one.firmware, drift=one.drift,
            drift_unit=_unit(_stream(one.drift_stream)), faults=list(one.faults), case_id=one.case_id,
        )
        for one in devices
    ]  # fmt: skip


def device_features(devices: Collection[Device]) -> dict[str, object]:
    """Return the devices that have a place as GeoJSON points."""
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "id": str(one.object_id),
                "geometry": {"type": "Point", "coordinates": [one.lon, one.lat]},
                "properties": {
                    "id": str(one.object_id),
                    "type": one.type,
                    "code": one.code,
                    "name": one.name,
                    "health": one.health.value,
                    "faults": [fault.value for fault in one.faults],
                },
            }
            for one in devices
            if one.lon is not None
        ],
    }


def _unit(stream: Stream | None) -> str:
    return stream.quantity.unit if stream is not None and stream.quantity is not None else ""


def _stream(full: str) -> Stream | None:
    type_id, _, stream = full.rpartition(".")
    return stream_or_none((type_id, stream), catalogue.current()) if stream else None


def quarantine_row(row: Quarantine) -> QuarantineRow:
    """Return what was set aside as answers carry it."""
    return QuarantineRow(
        id=row.id, reason=row.reason, detail=row.detail, name=row.name,
        said=bytes(row.payload).decode(errors="replace"), again=row.whole and bool(row.name),
        received_at=row.received_at, area_path=row.area_path, unit_code=row.unit_code,
    )  # fmt: skip


def stream_rows(streams: Sequence[tuple[Datastream, Latest | None]], now: datetime) -> list[StreamRow]:
    """Return the datastreams as answers carry them; a stream whose pack is not in force is left out."""
    declared = {
        f"{type_id}.{stream.id}": stream
        for type_id, kind in catalogue.current().objects.items()
        for stream in kind.streams
    }
    return [
        StreamRow(
            id=row.id, stream=row.stream, label=label(declared[row.stream].label),
            unit=quantity.unit if (quantity := declared[row.stream].quantity) else "", object_id=row.object_id,
            at=latest.at if latest else None, value=latest.value if latest else None,
            code=latest.code if latest else "", quality=latest.quality if latest else 0,
            fresh=latest is not None and latest.silent_at > now, silent_at=latest.silent_at if latest else None,
        )
        for row, latest in streams
        if row.stream in declared
    ]  # fmt: skip


def key_rows(keys: Sequence[DeviceKey], scopes: Mapping[UUID, Scope], now: datetime) -> list[KeyRow]:
    """Return the keys as answers carry them."""
    areas = area_names()
    return [
        KeyRow(
            id=key.id, name=key.name, holder=key.holder, state=state_of(key, now), types=key.types,
            objects=[
                SpokenFor(
                    object_id=thing.id, type=thing.type, code=thing.code, name=thing.name,
                    area_name=areas.get(thing.area_path, ""), topic=object_topic_of(thing.type, thing.code),
                )
                for thing in scopes[key.id].things
            ],
            objects_total=scopes[key.id].count, made_at=key.made_at, made_by=key.made_by, expires_at=key.expires_at,
            revoked_at=key.revoked_at, last_seen_at=key.last_seen_at, refused_at=key.refused_at,
            refused_why=key.refused_why, may_revoke=key.revoked_at is None and scopes[key.id].may_revoke,
            origin=key.origin,
        )
        for key in keys
    ]  # fmt: skip
