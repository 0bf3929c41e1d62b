"""The synthetic district into the rooms: areas, units, people, objects, datastreams."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy
import shapely
from django.db import transaction

from xiuhua.catalog.catalogue import current
from xiuhua.indicators.actions import compute
from xiuhua.kernel.actor import Actor, system_actor
from xiuhua.kernel.district import District, Made
from xiuhua.kernel.errors import Fault
from xiuhua.kernel.indicators import Subject
from xiuhua.kernel.objects import Geometry, ObjectType, Writer
from xiuhua.kernel.words import Label
from xiuhua.ledger.actions import announce
from xiuhua.objects.imports.planning import plan_import
from xiuhua.objects.imports.rows import Incoming
from xiuhua.objects.imports.writing import write
from xiuhua.people.actions.songjiang import (
    DEMO,
    areas_changed,
    draw_towns,
    make_demo_grids,
    make_demo_units,
)
from xiuhua.readings.datastreams import ensure_datastreams
from xiuhua.readings.key_actions import make_key
from xiuhua.readings.models import DeviceKey
from xiuhua.stack.console import step
from xiuhua.stack.secrets import keep_secret
from xiuhua.testbed.accounts import make_accounts
from xiuhua.testbed.beginning import begin_alarms, begin_cases
from xiuhua.testbed.devices import DEVICES_KEY
from xiuhua.testbed.past import report_past
from xiuhua.testbed.synthetic import Recipe, districts, keep_recipe

SHANGHAI = ZoneInfo("Asia/Shanghai")
SEED = 20241226
MONTHS = 12


def load(data: Path, accounts: Path) -> None:
    """Load the demonstration once; a second call adds nothing that is there already."""
    actor = system_actor("demo")
    recipe = Recipe(seed=SEED, today=datetime.now(UTC).astimezone(SHANGHAI).date())
    with step(Label(zh="生成演示区划、单位", en="making the demonstration's grids and units")):
        with transaction.atomic():
            if draw_towns():
                areas_changed()
        make_demo_units(actor)
        make_demo_grids(actor)
    made = districts(recipe)
    months = past_months(recipe.today)
    for pack_id, district in made.items():
        kinds = list(dict.fromkeys(thing.type for thing in district.things))
        title = current().packs[pack_id].manifest.title
        with step(Label(zh=f"载入演示台账：{title.zh}", en=f"loading demonstration registers: {title.en}")) as shown:
            for number, kind in enumerate(kinds):
                shown.at(number, len(kinds))
                things = [thing for thing in district.things if thing.type == kind]
                put(actor, current().object_type(f"{pack_id}.{kind}"), [as_of(thing, months[0]) for thing in things])
        with step(Label(zh=f"补上过去一年：{title.zh}", en=f"living through the past year: {title.en}")) as shown:
            live_through(actor, pack_id, district.things, months, lambda at: shown.at(at, len(months)))
    make_device_key(actor, data, made)
    keep_recipe(data, recipe)
    make_accounts(actor, accounts)
    with step(Label(zh="补上设备过去一周的读数", en="giving devices their past week")):
        report_past(made, now=datetime.now(UTC), seed=SEED)
    with step(Label(zh="立几件演示案件", en="opening a few demonstration cases")):
        begin_cases(made)
        begin_alarms(made, datetime.now(UTC))


def put(actor: Actor, declared: ObjectType, things: Sequence[Made]) -> None:
    """Bring synthetic things into their register, checked like any import; raises Fault with the first problem."""
    attributes = [one.id for one in declared.attributes if any(one.id in thing.attributes for thing in things)]
    links = [one.id for one in declared.links if any(one.id in thing.links for thing in things)]
    columns: dict[str, Sequence[object]] = {
        "code": [thing.code for thing in things],
        "name": [thing.name for thing in things],
        "unit": [thing.unit_code for thing in things],
        "valid_from": [thing.valid_from for thing in things],
        "valid_to": [thing.valid_to for thing in things],
        **{f"attr.{one}": [thing.attributes.get(one) for thing in things] for one in attributes},
        **{f"link.{one}": [";".join(thing.links.get(one, ())) for thing in things] for one in links},
    }
    if declared.geometry is Geometry.NONE:
        columns["area"] = [thing.area_path.rstrip("/").rpartition("/")[2] for thing in things]
    incoming = Incoming(
        columns=columns,
        headers={target: target for target in columns},
        numbers=range(1, len(things) + 1),
        shapes=_shapes(things),
    )
    with transaction.atomic():
        plan = plan_import(actor, declared, incoming, writers=frozenset(Writer))
        if plan.problems.total:
            raise Fault("testbed.not_taken", type=declared.id, first=next(iter(plan.problems.said())))
        now = datetime.now(UTC)
        write(actor, plan, origin=DEMO, why="", source={"origin": DEMO}, now=now)
        announce("objects.imported", id=declared.id, type=declared.id, count=len(things))
    ensure_datastreams(declared.id)


def make_device_key(actor: Actor, data: Path, made: Mapping[str, District]) -> None:
    """Make the key of the synthetic devices, which speaks for every type that reports; kept for their process."""
    if DeviceKey.objects.filter(name=DEVICES_KEY).exists():
        return
    types = {f"{pack_id}.{feed.type}" for pack_id, district in made.items() for feed in district.feeds}
    if types:
        _, secret = make_key(actor, name=DEVICES_KEY, types=sorted(types), origin=DEMO, now=datetime.now(UTC))
        keep_secret(data, DEVICES_KEY, secret)


def past_months(today: date) -> tuple[date, ...]:
    """Return the last days of the twelve months before today's, oldest first, and today."""
    month = today.year * 12 + today.month - 1
    firsts = (date((month - back) // 12, (month - back) % 12 + 1, 1) for back in range(MONTHS - 1, -1, -1))
    return (*(first - timedelta(days=1) for first in firsts), today)


def as_of(thing: Made, day: date) -> Made:
    """Return the thing as it was on that day."""
    attributes = dict(thing.attributes)
    for until, values in sorted(thing.earlier, key=lambda one: one[0], reverse=True):
        if day.isoformat() < until:
            attributes.update({name: value for name, value in values.items() if value is not None})
            for name in [name for name, value in values.items() if value is None]:
                attributes.pop(name, None)
    return replace(thing, attributes=attributes)


def live_through(
    actor: Actor, pack_id: str, things: Sequence[Made], months: Sequence[date], tell: Callable[[int], None]
) -> None:
    """Bring what changed month by month, and compute after each month the indicators of what changes."""
    changing = {thing.type for thing in things if thing.earlier}
    dated = [
        indicator.id
        for indicator in current().indicators.values()
        if indicator.subject is Subject.OBJECT and indicator.of in {f"{pack_id}.{kind}" for kind in changing}
    ]
    for number, day in enumerate(months):
        for kind in changing if number else ():
            came = [
                as_of(thing, day)
                for thing in things
                if thing.type == kind
                and any(months[number - 1].isoformat() < until <= day.isoformat() for until, _ in thing.earlier)
            ]
            if came:
                put(actor, current().object_type(f"{pack_id}.{kind}"), came)
        if day != months[-1]:
            noon = datetime(day.year, day.month, day.day, 12, tzinfo=SHANGHAI)
            for indicator in dated:
                compute(indicator, now=noon, origin=DEMO)
        tell(number)


def _came(thing: Made, after: str, until: str) -> bool:
    return any(after < day <= until for day, _ in thing.earlier)


def _shapes(things: Sequence[Made]) -> numpy.ndarray:
    shapes = numpy.full(len(things), None, dtype=object)
    for at, thing in enumerate(things):
        if thing.geometry:
            shapes[at] = shapely.geometry.shape(thing.geometry)
    return shapes
