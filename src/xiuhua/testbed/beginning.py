"""Cases under way when the demonstration opens, begun and moved by its own people through the ordinary verbs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.db import transaction

from xiuhua.cases.actions import make_move, open_case
from xiuhua.cases.models import Case
from xiuhua.cases.queries.detail import possible_moves
from xiuhua.catalog.catalogue import current
from xiuhua.kernel.actor import Actor
from xiuhua.kernel.cases import CaseType, NeedKind
from xiuhua.kernel.district import District
from xiuhua.kernel.words import Act
from xiuhua.objects.models import CityObject
from xiuhua.people.actions.songjiang import DEMO
from xiuhua.people.models import User
from xiuhua.people.policy import holds, may
from xiuhua.people.queries.users import actor_of_user
from xiuhua.readings.alarms import Raise, raise_alarms
from xiuhua.readings.models import Datastream, Latest

FURTHEST = 3


def begin_cases(made: Mapping[str, District]) -> int:
    """Open the packs' cases under way and move each on as far as no file is asked; return how many were opened."""
    people = [actor_of_user(user) for user in User.objects.filter(origin=DEMO).order_by("username")]
    opened = 0
    for pack_id, district in made.items():
        for number, begun in enumerate(district.begun):
            declared = current().case_type(f"{pack_id}.{begun.case}")
            thing = CityObject.objects.get(type=declared.on, code=begun.code)
            opener = next((one for one in people if _may_open(one, declared, thing)), None)
            if opener is None:
                continue
            case = open_case(opener, declared.id, object_id=thing.id)
            opened += 1
            for _ in range(number % FURTHEST):
                case = _moved_on(people, case)
    return opened


def begin_alarms(made: Mapping[str, District], now: datetime) -> int:
    """Lay down the silences that began before the district did: the last reading, and the alarm that has stood since
    its limit ran out; return how many. The case is opened as for any alarm, by its event.
    """
    raises: list[Raise] = []
    for pack_id, district in made.items():
        for trouble in district.troubles:
            full = f"{pack_id}.{trouble.type}"
            since = now + timedelta(seconds=trouble.starts_s)
            limit = timedelta(seconds=current().stream(f"{full}.{trouble.stream}").silent_after.seconds)
            if not trouble.silent or since + limit >= now:
                continue
            row = Datastream.objects.get(stream=f"{full}.{trouble.stream}", object_code=trouble.code)
            sound = next(one for one in district.feeds if (one.type, one.stream) == (trouble.type, trouble.stream))
            Latest.objects.get_or_create(
                datastream=row,
                defaults={
                    "at": since, "value": sound.mean, "code": sound.code, "received_at": since,
                    "silent_at": since + limit,
                },
            )  # fmt: skip
            rule = current().rules[f"{pack_id}.{trouble.truth}"]
            raises.append(Raise(rule=rule, object_id=row.object_id, datastream_id=row.id, at=now, since=since))
    with transaction.atomic():
        raise_alarms(raises, now=now)
    return len(raises)


def _may_open(actor: Actor, declared: CaseType, thing: CityObject) -> bool:
    posts = declared.opened_by
    return may(actor, Act.OPEN_CASE, area_path=thing.area_path, unit_code=thing.unit_code) and (
        not posts or any(holds(actor, post, area_path=thing.area_path, unit_code="", any_unit=True) for post in posts)
    )


def _moved_on(people: Sequence[Actor], case: Case) -> Case:
    """Return the case one move on, made by the first of the people who may; as it is, if nobody can without a file."""
    declared = current().case_type(case.type)
    for actor in people:
        for possible in possible_moves(actor, case, declared):
            asks = [need for need in possible.move.needs if need.kind is not NeedKind.REASON]
            if possible.locked or asks or possible.move.fields or declared.state(possible.move.to).kind.value != "open":
                continue
            unit = case.unit_code if possible.move.assigns else ""
            return make_move(actor, case.id, possible.move.id, version=case.version, reason="演示", unit_code=unit)
    return case
