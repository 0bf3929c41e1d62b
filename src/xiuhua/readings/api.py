"""HTTP of this room: alarms, streams, readings, health of devices."""

from __future__ import annotations

from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router

from xiuhua.http.paging import Page, Paging
from xiuhua.http.signed_in import actor_of
from xiuhua.kernel.errors import Invalid
from xiuhua.ledger.schemas import HistoryRow, history_row
from xiuhua.readings import actions, devices, key_actions, keys, quarantine, queries, receiving
from xiuhua.readings.decode import JSON, MSGPACK
from xiuhua.readings.history.api import list_readings
from xiuhua.readings.history.schemas import SeriesView
from xiuhua.readings.measures_api import MeasuresView, StormView, alarm_measures, get_storm
from xiuhua.readings.rows import (
    alarm_features,
    alarm_rows,
    device_features,
    device_rows,
    key_rows,
    quarantine_row,
    stream_rows,
)
from xiuhua.readings.schemas import (
    AlarmCounts,
    AlarmQuestion,
    AlarmRow,
    DeviceGroup,
    DeviceGroupQuestion,
    DeviceHealth,
    DeviceQuestion,
    DeviceRow,
    Fate,
    KeyQuestion,
    KeyRow,
    MadeKey,
    NewKey,
    QuarantineKind,
    QuarantineQuestion,
    QuarantineRow,
    Reason,
    Received,
    SendAgain,
    SentAgain,
    Shelving,
    StreamRow,
    TurnedAway,
)
from xiuhua.stack.nats_server import mqtt_url

router = Router(tags=["readings"])
MOST_FEATURES = 20_000
FORMS = {"application/json": JSON, "application/msgpack": MSGPACK, "application/vnd.msgpack": MSGPACK}
_COLUMN = {"type": "array"}
SHEET = {
    "requestBody": {
        "required": True,
        "description": "docs/operate/devices.md",
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["streams", "at"],
                    "properties": {
                        "streams": {**_COLUMN, "items": {"type": "string"}},
                        "stream": {**_COLUMN, "items": {"type": "integer"}},
                        "at": {**_COLUMN, "items": {"type": "integer"}},
                        "value": {**_COLUMN, "items": {"type": "number", "nullable": True}},
                        "code": {**_COLUMN, "items": {"type": "string", "nullable": True}},
                        "quality": {**_COLUMN, "items": {"type": "integer"}},
                        "unit": {**_COLUMN, "items": {"type": "string"}},
                        "firmware": {**_COLUMN, "items": {"type": "string"}},
                    },
                }
            },
            "application/msgpack": {"schema": {"type": "string", "format": "binary"}},
        },
    }
}


@router.get("/alarms", response=Page[AlarmRow])
def list_alarms(request: HttpRequest, question: Query[AlarmQuestion]) -> Page[AlarmRow]:
    """List alarms, gravest first."""
    actor = actor_of(request)
    found = queries.alarms(actor, **question.dict(exclude={"page", "size"}))
    rows = alarm_rows(actor, found[question.window], timezone.now())
    return Page(items=rows, total=found.count(), page=question.page, size=question.size)


@router.get("/alarms/counts", response=AlarmCounts)
def count_alarms(request: HttpRequest, area: str = "") -> AlarmCounts:
    """Count standing alarms by grade, under an area if one is named."""
    grades, unacknowledged, mine = queries.alarm_counts(actor_of(request), area)
    return AlarmCounts(grades=grades, unacknowledged=unacknowledged, mine=mine)


@router.get("/alarms.geojson", response=dict[str, object])
def map_alarms(request: HttpRequest) -> dict[str, object]:
    """Give standing alarms as points."""
    return alarm_features(queries.alarms(actor_of(request))[:MOST_FEATURES])


@router.get("/alarms/{uuid:alarm_id}", response=AlarmRow)
def get_alarm(request: HttpRequest, alarm_id: UUID) -> AlarmRow:
    """Give one alarm."""
    return _row(request, alarm_id)


@router.get("/alarms/{uuid:alarm_id}/history", response=list[HistoryRow])
def alarm_history(request: HttpRequest, alarm_id: UUID) -> list[HistoryRow]:
    """Give what happened to an alarm."""
    return [history_row(row) for row in queries.alarm_history(actor_of(request), alarm_id)]


@router.post("/alarms/{uuid:alarm_id}/acknowledge", response=AlarmRow)
def acknowledge_alarm(request: HttpRequest, alarm_id: UUID) -> AlarmRow:
    """Note that the alarm was seen."""
    actions.acknowledge(actor_of(request), alarm_id, now=timezone.now())
    return _row(request, alarm_id)


@router.post("/alarms/{uuid:alarm_id}/shelve", response=AlarmRow)
def shelve_alarm(request: HttpRequest, alarm_id: UUID, given: Shelving) -> AlarmRow:
    """Set the alarm aside for a time."""
    actions.shelve(actor_of(request), alarm_id, until=given.until, why=given.why, now=timezone.now())
    return _row(request, alarm_id)


@router.post("/alarms/{uuid:alarm_id}/close", response=AlarmRow)
def close_alarm(request: HttpRequest, alarm_id: UUID, given: Reason) -> AlarmRow:
    """Close the alarm."""
    actions.close(actor_of(request), alarm_id, why=given.why, now=timezone.now())
    return _row(request, alarm_id)


@router.get("/alarms/{uuid:alarm_id}/members", response=Page[AlarmRow])
def list_members(request: HttpRequest, alarm_id: UUID, paging: Query[Paging]) -> Page[AlarmRow]:
    """List what is folded under an alarm."""
    actor = actor_of(request)
    found = queries.members(actor, alarm_id)
    rows = alarm_rows(actor, found[paging.window], timezone.now())
    return Page(items=rows, total=found.count(), page=paging.page, size=paging.size)


@router.post("/alarms/{uuid:alarm_id}/split", response=AlarmRow)
def split_alarm(request: HttpRequest, alarm_id: UUID, given: Reason) -> AlarmRow:
    """Take an alarm out of its fold, or all members out of the fold that it leads."""
    actions.split(actor_of(request), alarm_id, why=given.why)
    return _row(request, alarm_id)


router.get("/alarms/storm", response=StormView)(get_storm)
router.get("/alarms/measures", response=MeasuresView)(alarm_measures)


@router.post("/alarms/{uuid:alarm_id}/to-case", response=AlarmRow)
def send_alarm_to_case(request: HttpRequest, alarm_id: UUID) -> AlarmRow:
    """Open a case for the alarm."""
    actions.to_case(actor_of(request), alarm_id)
    return _row(request, alarm_id)


@router.get("/objects/{uuid:object_id}/streams", response=list[StreamRow])
def object_streams(request: HttpRequest, object_id: UUID) -> list[StreamRow]:
    """List an object's streams with their latest readings."""
    return stream_rows(queries.streams(actor_of(request), object_id), timezone.now())


router.get("/readings", response=SeriesView)(list_readings)


@router.post("/readings", response={202: Received}, openapi_extra=SHEET)
def send_readings(request: HttpRequest) -> tuple[int, Received]:
    """Take a sheet of readings; kept on disk once this answers."""
    form = FORMS.get(request.content_type or "")
    if form is None:
        raise Invalid("readings.form_unknown", sent=request.content_type, forms=", ".join(FORMS))
    count = receiving.receive(actor_of(request), request.body, form, nats_url=settings.CONFIG.nats_url)
    return 202, Received(count=count)


@router.get("/devices/health", response=DeviceHealth)
def device_health(request: HttpRequest, area: str = "") -> DeviceHealth:
    """Count devices by whether they report, under an area if one is named."""
    health = queries.device_health(actor_of(request), area, now=timezone.now())
    return DeviceHealth(total=health.total, fresh=health.fresh, silent=health.silent, never=health.never)


@router.get("/devices", response=Page[DeviceRow])
def list_devices(request: HttpRequest, question: Query[DeviceQuestion]) -> Page[DeviceRow]:
    """List devices, silent ones first."""
    found, total = devices.devices(
        actor_of(request), _chosen(question), window=question.window, now=timezone.now()
    )  # fmt: skip
    return Page(items=device_rows(found), total=total, page=question.page, size=question.size)


@router.get("/devices.geojson", response=dict[str, object])
def map_devices(request: HttpRequest, question: Query[DeviceQuestion]) -> dict[str, object]:
    """Give the devices asked for as points, with how they do and what ails them."""
    found, _ = devices.devices(
        actor_of(request), _chosen(question), window=slice(0, MOST_FEATURES), now=timezone.now()
    )  # fmt: skip
    return device_features(found)


@router.get("/devices/groups", response=list[DeviceGroup])
def group_devices(request: HttpRequest, question: Query[DeviceGroupQuestion]) -> list[DeviceGroup]:
    """Count devices by type, town or firmware: how they do, what ails them, how much of the time they were online."""
    return [
        DeviceGroup(
            key=one.key, total=one.total, fresh=one.fresh, silent=one.silent, never=one.never, online=one.online,
            faults=one.faults,
        )
        for one in devices.groups(actor_of(request), _chosen(question), question.by, now=timezone.now())
    ]  # fmt: skip


@router.get("/devices/keys", response=Page[KeyRow])
def list_keys(request: HttpRequest, question: Query[KeyQuestion]) -> Page[KeyRow]:
    """List the keys of devices and gateways, newest first."""
    actor, now = actor_of(request), timezone.now()
    found = keys.keys(actor, q=question.q, state=question.state, now=now)
    shown = list(found[question.window])
    return Page(
        items=key_rows(shown, keys.scopes(actor, shown), now), total=found.count(), page=question.page,
        size=question.size,
    )  # fmt: skip


@router.post("/devices/keys", response={201: MadeKey})
def make_key(request: HttpRequest, given: NewKey) -> tuple[int, MadeKey]:
    """Make a key; its secret is in this answer and nowhere else."""
    actor = actor_of(request)
    key, secret = key_actions.make_key(
        actor, name=given.name, types=given.types, objects=given.objects, holder=given.holder,
        expires_at=given.expires_at, now=timezone.now(),
    )  # fmt: skip
    address = mqtt_url(settings.CONFIG, called_as=urlsplit(f"//{request.get_host()}").hostname or "")
    return 201, MadeKey(key=_key_row(request, key.id), secret=secret, address=address)


@router.get("/devices/keys/{uuid:key_id}", response=KeyRow)
def get_key(request: HttpRequest, key_id: UUID) -> KeyRow:
    """Give one key with all the objects it speaks for that the reader sees."""
    return _key_row(request, key_id)


@router.post("/devices/keys/{uuid:key_id}/revoke", response=KeyRow)
def revoke_key(request: HttpRequest, key_id: UUID, given: Reason) -> KeyRow:
    """End a key for good and put out whoever is connected with it."""
    key_actions.revoke_key(actor_of(request), key_id, why=given.why, now=timezone.now())
    return _key_row(request, key_id)


@router.get("/devices/turned-away", response=list[TurnedAway])
def list_turned_away(request: HttpRequest) -> list[TurnedAway]:
    """Count who was turned away at the door since the site began."""
    found = keys.turned_away(actor_of(request))
    return [TurnedAway(why=one.why, count=one.count, last_at=one.last_at) for one in found]


@router.get("/quarantine", response=Page[QuarantineRow])
def list_quarantine(request: HttpRequest, question: Query[QuarantineQuestion]) -> Page[QuarantineRow]:
    """List readings that could not be taken, newest first."""
    found = quarantine.quarantined(actor_of(request), reason=question.reason, name=question.name)
    return Page(
        items=[quarantine_row(row) for row in found[question.window]], total=found.count(), page=question.page,
        size=question.size,
    )  # fmt: skip


@router.get("/quarantine/kinds", response=list[QuarantineKind])
def quarantine_kinds(request: HttpRequest) -> list[QuarantineKind]:
    """Count what lies in quarantine by reason."""
    return [
        QuarantineKind(reason=one.reason, count=one.count, again=one.again, last_at=one.last_at)
        for one in quarantine.kinds(actor_of(request))
    ]


@router.post("/quarantine/again", response=SentAgain)
def send_quarantine_again(request: HttpRequest, given: SendAgain) -> SentAgain:
    """Send quarantined readings once more, as if they came now."""
    count = quarantine.send_again(
        actor_of(request), settings.CONFIG.nats_url, reason=given.reason, name=given.name
    )  # fmt: skip
    return SentAgain(count=count)


@router.get("/readings/fates", response=list[Fate])
def reading_fates(request: HttpRequest) -> list[Fate]:
    """Count all readings since the site began by what became of them."""
    return [Fate(fate=fate, count=count) for fate, count in quarantine.fates(actor_of(request)).items()]


def _chosen(question: DeviceQuestion) -> devices.Chosen:
    return devices.Chosen(
        health=question.health or "", fault=question.fault or "", type=question.type, area=question.area,
        firmware=question.firmware, q=question.q, days=int(question.days),
    )  # fmt: skip


def _row(request: HttpRequest, alarm_id: UUID) -> AlarmRow:
    actor = actor_of(request)
    (row,) = alarm_rows(actor, [queries.alarm(actor, alarm_id)], timezone.now())
    return row


def _key_row(request: HttpRequest, key_id: UUID) -> KeyRow:
    actor, now = actor_of(request), timezone.now()
    key = keys.key_of(actor, key_id, now=now)
    scopes = keys.scopes(actor, [key], shown=key_actions.MOST_OBJECTS)
    return key_rows([key], scopes, now)[0]
