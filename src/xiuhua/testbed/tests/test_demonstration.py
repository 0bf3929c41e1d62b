"""The demonstration: loaded whole, marked, seen by its people each in their place, and taken out without a trace."""

from __future__ import annotations

import asyncio
import json
import threading
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import cast

import aiomqtt
import numpy
import pytest
from django.db import connection
from psycopg import sql

from xiuhua.cases.actions import open_case
from xiuhua.cases.models import Case
from xiuhua.indicators.models import IndicatorValue
from xiuhua.kernel.actor import system_actor
from xiuhua.kernel.district import Made
from xiuhua.ledger.models import History
from xiuhua.objects.actions import make_object
from xiuhua.objects.models import CityObject
from xiuhua.people.actions import ShiftWanted, add_shift, load_songjiang, remove_shift
from xiuhua.people.actions.songjiang import DEMO
from xiuhua.people.models import Area, Shift, Unit, User
from xiuhua.readings.models import Alarm, Datastream, Latest
from xiuhua.readings.silence import sweep_silence
from xiuhua.stack.config import read_config
from xiuhua.testbed.clearing import clear
from xiuhua.testbed.devices import LOOK_BACK, Sending, devices_of, send
from xiuhua.testbed.loading import as_of, load, past_months
from xiuhua.testbed.synthetic import Recipe, districts, kept_recipe


@pytest.mark.django_db(transaction=True)
def test_the_demonstration_comes_whole_and_goes_whole(tmp_path: Path) -> None:
    load_songjiang(cells=False)
    before = Area.objects.count(), Unit.objects.count()
    load(tmp_path, tmp_path / "accounts.txt")

    assert CityObject.objects.count() > 5000
    assert not CityObject.objects.exclude(origin=DEMO).exists()
    assert not Datastream.objects.exclude(origin=DEMO).exists()
    assert Case.objects.filter(origin=DEMO).count() == Case.objects.count() > 10
    assert len({state for (state,) in Case.objects.values_list("state")}) > 1
    drifting = Alarm.objects.filter(rule="mobility.stop_sign_drifts")
    recipe = kept_recipe(tmp_path)
    assert recipe is not None
    planted = [one.code for district in districts(recipe).values() for one in district.troubles if one.drifts_by]
    assert sorted(one.object_code for one in drifting) == sorted(planted) != []
    silent = Alarm.objects.exclude(rule="mobility.stop_sign_drifts").get()
    assert silent.origin == DEMO and silent.since is not None and silent.datastream_id is not None
    assert silent.raised_at - silent.since > timedelta(minutes=15)
    assert Latest.objects.get(datastream_id=silent.datastream_id).at == silent.since
    sweep_silence(now=datetime.now(UTC))
    assert Alarm.objects.count() == 1 + len(planted)
    trend = IndicatorValue.objects.filter(indicator="signs.shop_signs_approved").order_by("at")
    values = [one.value for one in trend if one.value is not None]
    assert len(values) >= 12 and values[0] < values[-1]
    accounts = (tmp_path / "accounts.txt").read_text().splitlines()
    assert len(accounts) == User.objects.filter(origin=DEMO).count() > 8
    assert (tmp_path / "accounts.txt").stat().st_mode & 0o077 == 0

    clear(system_actor("demo"), tmp_path)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.columns WHERE column_name = 'origin' AND table_schema = 'public'"
        )
        tables = [row[0] for row in cursor.fetchall()]
        left = {}
        for table in tables:
            cursor.execute(
                sql.SQL("SELECT count(*) FROM {} WHERE origin = %s").format(sql.Identifier(table)).as_string(), [DEMO]
            )
            left[table] = cursor.fetchone()[0]
    assert len(tables) >= 8
    assert {table: count for table, count in left.items() if count} == {}
    assert (Area.objects.count(), Unit.objects.count()) == before
    assert not Area.objects.filter(synthetic_geometry=True).exists()
    assert History.objects.filter(action="cleared", entity="demonstration").count() == 1
    assert kept_recipe(tmp_path) is None


@pytest.mark.django_db(transaction=True)
def test_what_real_rows_need_of_the_demonstration_stays_and_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    load_songjiang(cells=False)
    load(tmp_path, tmp_path / "accounts.txt")
    actor = system_actor("test")
    stop = CityObject.objects.filter(type="mobility.bus_stop").order_by("code")[0]
    sign = make_object(
        actor, type_id="mobility.stop_sign", code="SG-1",
        given={
            "name": "真站牌", "unit_code": "op-busstop", "links": {"stop": [stop.code]},
            "geometry": {"type": "Point", "coordinates": [121.22, 31.03]},
        },
    )  # fmt: skip
    case = open_case(actor, "mobility.stop_sign_repair", object_id=sign.id)
    shift = ShiftWanted(
        post="dispatcher", unit="op-signs", area="310117", step=1, within_min=5, days="every", begins=time(0),
        ends=time(0),
    )  # fmt: skip
    kept = add_shift(actor, shift)

    cleared = clear(actor, tmp_path)

    sign.refresh_from_db()
    assert sign.unit_code == "op-busstop" and Unit.objects.filter(code="op-busstop").exists()
    assert [link.target_id for link in sign.links_out.all()] == [stop.id]
    assert {(one.kind, one.code) for one in cleared.kept} >= {("unit", "op-busstop"), ("unit", "op-signs")}
    assert CityObject.objects.filter(origin=DEMO).get() == stop
    assert set(Unit.objects.filter(origin=DEMO).values_list("code", flat=True)) == {"op-busstop", "op-signs"}
    assert list(Shift.objects.values_list("id", flat=True)) == [kept.id]
    remove_shift(actor, kept.id)

    case.refresh_from_db()
    assert (case.origin, case.unit_code) == ("site", "op-busstop")
    Case.objects.filter(id=case.id).update(unit_code="jtw", area_path="310117/")
    CityObject.objects.filter(id=sign.id).update(unit_code="jtw")
    Datastream.objects.filter(object_id=sign.id).update(unit_code="jtw")
    sign.links_out.all().delete()
    assert clear(actor, tmp_path).kept == ()
    assert not CityObject.objects.filter(origin=DEMO).exists() and not Unit.objects.filter(origin=DEMO).exists()


@pytest.mark.django_db
def test_devices_send_what_is_planned_and_fall_silent_as_planned() -> None:
    load_songjiang()
    made = districts(Recipe(seed=1, today=date(2026, 11, 23)))
    devices = devices_of(made)
    planned = [trouble for district in made.values() for trouble in district.troubles]
    ill = [device for device in devices if device.troubles]
    feeds = [feed for district in made.values() for feed in district.feeds]
    assert len(ill) == sum(trouble.strikes(feed) for trouble in planned for feed in feeds) > len(planned) > 0
    random = numpy.random.Generator(numpy.random.PCG64(1))
    at = datetime(2026, 11, 23, tzinfo=UTC)
    for device in ill:
        trouble = device.troubles[0]
        during = device.payload(at=at, device_s=trouble.starts_s + 1, mended=False, random=random)
        assert (during is None) == trouble.silent
        mended = device.payload(at=at, device_s=trouble.starts_s + 1, mended=True, random=random)
        assert mended is not None and json.loads(mended)["at"].startswith("2026-11-23")


@pytest.mark.django_db
def test_devices_stop_in_the_middle_of_what_they_owe(tmp_path: Path) -> None:
    load_songjiang()
    devices = devices_of(districts(Recipe(seed=1, today=date(2026, 11, 23))))
    stop, published = threading.Event(), []

    class Broker:
        async def publish(self, topic: str, payload: str, qos: int) -> None:
            published.append(topic)
            if len(published) == 40:
                stop.set()

    sending = Sending(
        devices=devices, random=numpy.random.Generator(numpy.random.PCG64(1)), mended=set(), device_s=0.0,
        at=datetime.now(UTC) - LOOK_BACK,
    )  # fmt: skip
    asyncio.run(send(read_config({"XIUHUA_DATA": str(tmp_path)}), cast(aiomqtt.Client, Broker()), sending, stop))
    assert 40 <= len(published) < 60


def test_a_thing_is_as_it_was() -> None:
    thing = Made(
        type="t",
        code="1",
        name="n",
        area_path="a/",
        unit_code="u",
        attributes={"filing": "filed", "filed_on": "2026-05-10"},
        earlier=(("2026-05-10", {"filing": "applied", "filed_on": None}),),
    )
    assert as_of(thing, date(2026, 5, 9)).attributes == {"filing": "applied"}
    assert as_of(thing, date(2026, 5, 10)).attributes == thing.attributes


def test_the_months_loaded_end_today() -> None:
    months = past_months(date(2026, 3, 5))
    assert months[0] == date(2025, 3, 31) and months[-2:] == (date(2026, 2, 28), date(2026, 3, 5))
    assert len(months) == 13
